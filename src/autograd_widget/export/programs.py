"""Programs for PyTorch and micrograd that compute the values and gradients of a graph.

One line per node. A node is a variable by its label where that is an identifier, and else `n7`, its label
in a comment: no label can become code. An operation that micrograd does not have is defined where it is used,
by its formulas in the op table; micrograd computes with Python's own numbers, so that a division by 0 or an
overflow stops the program. The page asks for them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite
from typing import Final, TypeAlias

from autograd_widget.engine.ops import CONST, CUSTOM, LEAF, OPS
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History
from autograd_widget.graph.number import decode_number

IDENTIFIER: Final = re.compile(r"[a-z]\w*", re.ASCII | re.IGNORECASE)
FREE: Final = re.compile(r"(?!(as|i[fns]|o[pr]|n\d+)$)[a-z](\w?|\w*[\d_])", re.ASCII | re.IGNORECASE)
"""Labels that are no keyword and no name of the program, which never end in a digit or underscore. Any other
label gets an underscore."""
SIGN: Final = re.compile(r"\W+")

PYTORCH: Final = "import torch\n"
MICROGRAD: Final = """\
import math
import sys

from micrograd.engine import Value

sys.setrecursionlimit(10**5)


def op(value, slopes, *x):
    y = Value(value(*[a.data for a in x]), x)

    def send():
        for a, slope in zip(x, slopes(y.data, *[a.data for a in x])):
            a.grad += slope * y.grad

    y._backward = send
    return y

"""
"""The head of a program. micrograd recurses, and has only `+ - * / neg relu` and powers of plain numbers."""

Computed = Callable[[Graph, int, Sequence[str]], str]


Passes: TypeAlias = "Iterable[tuple[int, float]]"
"""The nodes that backward passes start from, in order, and the gradients that they start with."""


def passes_in(history: History) -> tuple[Passes, Mapping[int, float]]:
    """The displayed passes, also a preview's; and the gradient of each leaf where these don't give it."""
    live = [record for record in history.records if record.live]
    passes = [(record.root or 0, record.gradient) for record in live]
    differing = {i for record in history.records for i in (record.cleared if record.live else record.added)}
    if not live:
        passes = [(root, 1.0) for root in history.previewed]
        if not history.is_preview:
            differing.update(i for i in history.graph.leaves if history.graph.reached[i])
    return passes, {i: history.grad(i) for i in sorted(differing)}


def to_pytorch(graph: Graph, passes: Passes, totals: Mapping[int, float]) -> str:
    """Write a program for PyTorch that prints values and gradients.

    Args:
        graph: The graph, with the values of now.
        passes: The passes to run.
        totals: The `.grad` of each leaf where the passes don't give it.
    """
    names = names_in(graph)
    lines = [PYTORCH]
    for i in _written(graph):
        name = names[i]
        wanted = ", requires_grad=True" if graph.needs_grad[i] else ""
        given = f"torch.tensor({number(graph.values[i])}, dtype=torch.float64{wanted})"
        lines.append(_line(graph, i, names, given, _in_pytorch))
        if graph.inputs[i] and graph.needs_grad[i] and _is_shown(graph, i):
            lines.append(f"{name}.retain_grad()")
    for root, gradient in _roots(graph, passes, names):
        given = "" if gradient == 1.0 else f"gradient=torch.tensor({number(gradient)}, dtype=torch.float64), "
        lines.append(f"{root}.backward({given}retain_graph=True)")
    return _ended(lines, graph, totals, names, "item()")


def to_micrograd(graph: Graph, passes: Passes, totals: Mapping[int, float]) -> str:
    """Write a program for micrograd that prints values and gradients."""
    names = names_in(graph)
    written = [
        _line(graph, i, names, f"Value({number(graph.values[i])})", _in_micrograd) for i in _written(graph)
    ]
    lines = [MICROGRAD, *written]
    roots = [
        name if gradient == 1.0 else f"{name} * {number(gradient)}"
        for name, gradient in _roots(graph, passes, names)
    ]
    if roots:  # a second pass of micrograd's would send on again what the first one left
        lines.append(f"({' + '.join(roots)}).backward()")
    return _ended(lines, graph, totals, names, "data")


def names_in(graph: Graph) -> list[str]:
    """Choose a unique variable for each node."""
    names: dict[str, None] = {}
    for i in range(len(graph)):
        label = graph.labels.get(i, "")
        wanted = label if FREE.fullmatch(label) else f"{label}_"
        names[wanted if IDENTIFIER.fullmatch(label) and wanted not in names else f"n{i}"] = None
    return list(names)


def number(x: float) -> str:
    """Write a number as a float literal of Python."""
    return repr(float(x)) if isfinite(x) else f'float("{x}")'


def python(formula: str) -> str:
    """Write a formula of the op table in Python."""
    powers = formula.replace("^", "**").replace("sign(a)", "(a > 0) - (a < 0)")
    return re.sub(r"\b((?!abs|m[ai][nx]|round)[a-z]\w+\(|pi\b)", r"math.\1", powers)


def _written(graph: Graph) -> list[int]:
    """The nodes that have a line: all but constants that scalars were only compared with."""
    used = {j for operands in graph.inputs for j in operands}
    return [i for i, op in enumerate(graph.ops) if op != CONST or i in used or _is_shown(graph, i)]


def _line(graph: Graph, i: int, names: list[str], given: str, computed: Computed) -> str:
    operands = [names[j] for j in graph.inputs[i]]
    text = (_in_both(graph, i, operands) or computed(graph, i, operands)) if operands else given
    label = graph.labels.get(i, names[i])
    quoted = json.dumps(label, ensure_ascii=False).encode("utf-8", "backslashreplace").decode()
    comment = "" if label == names[i] else f"  # {quoted}"
    return f"{names[i]} = {text}{comment}"


def _in_both(graph: Graph, i: int, x: Sequence[str]) -> str:
    """Write a computation that is the same in both libraries; empty where they differ."""
    op = graph.ops[i]
    added = " + ".join(["0.0", *x])
    if op == CUSTOM:
        return _linear(graph, i, x)
    if op in ("+", "-", "*", "/"):
        return f"{x[0]} {op} {x[1]}"
    alike = {
        "neg": f"-{x[0]}",
        "sum": added,
        "mean": f"({added}) / {number(len(x))}",
        "prod": " * ".join(["1.0", *x]),
    }
    return alike.get(op, "")


def _linear(graph: Graph, i: int, x: Sequence[str]) -> str:
    """Write a linearised op: the value plus slope times change, per operand."""
    slopes = map(decode_number, graph.to_dict()["custom"][str(i)]["partials"])
    here = [graph.values[j] for j in graph.inputs[i]]
    moved = [
        f" + {number(slope or 0.0)} * ({name} - {number(value)})"
        for slope, name, value in zip(slopes, x, here, strict=True)
    ]
    return number(graph.values[i]) + "".join(moved)


def _in_pytorch(graph: Graph, i: int, x: Sequence[str]) -> str:
    op, listed = graph.ops[i], ", ".join(x)
    if op in ("**", "%"):
        return f"{x[0]} {op} {x[1]}"
    if op == "//":
        return f'torch.div({listed}, rounding_mode="floor")'
    if op == "where":
        return f"torch.where({x[0]} != 0, {x[1]}, {x[2]})"
    if SIGN.fullmatch(op):
        return f"({x[0]} {op} {x[1]}).double()"
    if OPS[op].arity is None:
        return f"torch.stack([{listed}]).{op}()"
    return f"torch.{'nn.functional.' if re.search('lu|soft|logs|hard', op) else ''}{op}({listed})"


def _in_micrograd(graph: Graph, i: int, x: Sequence[str]) -> str:
    op, listed = graph.ops[i], ", ".join(x)
    if op == "relu":
        return f"{x[0]}.relu()"
    if op == "**" and not graph.needs_grad[graph.inputs[i][1]]:
        return f"{x[0]} ** {x[1]}.data"
    row = OPS[op]
    if row.arity is None:  # the largest and the smallest: the winners share
        taken, value, slopes = "*a", f"{op}(a)", "(x == y) / a.count(y) for x in a"
    else:
        taken, value, slopes = (
            "a, b, c"[: 3 * row.arity - 2],
            python(row.formula),
            ", ".join(map(python, row.partials)),
        )
    return f"op(lambda {taken}: {value}, lambda y, {taken}: [{slopes}], {listed})"


def _roots(graph: Graph, passes: Passes, names: list[str]) -> list[tuple[str, float]]:
    return [(names[root], gradient) for root, gradient in passes if graph.needs_grad[root]]


def _ended(lines: list[str], graph: Graph, totals: Mapping[int, float], names: list[str], plain: str) -> str:
    for i, x in totals.items():
        if graph.needs_grad[i]:
            given = number(x) if plain == "data" else f"torch.tensor({number(x)}, dtype=torch.float64)"
            lines.append(f"{names[i]}.grad = {given}")
    for i, name in enumerate(names):
        if _is_shown(graph, i):
            grad = f", {name}.grad" if graph.needs_grad[i] else ""
            lines.append(f'print("{name}", {name}.{plain}{grad})')
    return "\n".join([*lines, ""])


def _is_shown(graph: Graph, i: int) -> bool:
    return bool(graph.labels.get(i)) or graph.ops[i] == LEAF or i in graph.outputs
