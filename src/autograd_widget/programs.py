"""The graph as a program for PyTorch or for micrograd, which computes the same numbers there.

Two dialects of one generator. A node whose label is a plain ASCII identifier is a variable of that name; any
other that needs a name is `n7`, with its label in a comment, so that no label can become code. What micrograd
has no operation for is defined in the program, from the formulas of the op table. `js/src/programs.ts` is the
twin of this file: the same programs, from the page.
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from math import isfinite
from typing import Final

from .graph import CONST, CUSTOM, LEAF, Graph
from .names import SIGNS
from .ops import OPS

RESERVED: Final = re.compile(
    r"n\d+|and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if"
    r"|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|False|None|True"
    r"|Value|OPS|abs|backward|float|len|math|max|min|op|print|range|sum|sys|torch|zip"
)
"""What no variable may be called: Python's own words, and those that the programs use."""
NAME: Final = re.compile(r"[a-z]\w*", re.ASCII | re.IGNORECASE)

LONGEST_INSIDE: Final = 40
"""How long an expression may be that is written inside another one."""
DEEPEST_CALLS: Final = 200
"""From this size on micrograd, which recurses, is given more room than Python's own."""

IN_FUNCTIONAL: Final = ("leaky_relu", "elu", "softplus", "silu", "gelu")
"""What is in `torch.nn.functional`, and not in `torch` itself."""
OF_LISTS: Final = {
    "max": ("max(a)", "[(x == y) / a.count(y) for x in a]"),
    "min": ("min(a)", "[(x == y) / a.count(y) for x in a]"),
    "sum": ("sum(a)", "[1] * len(a)"),
    "mean": ("sum(a) / len(a)", "[1 / len(a)] * len(a)"),
    "prod": ("math.prod(a)", "[math.prod(a[:i] + a[i + 1 :]) for i in range(len(a))]"),
}
"""In Python: the value of an op of a list `a`, and its local derivatives."""

NOT_FINITE: Final = "micrograd computes with Python's own numbers, which stop at an infinite value or a nan"

DEFINED_OP: Final = '''

def op(name, *operands):
    """An operation that micrograd does not have."""
    value, slopes = OPS[name]
    x = [a.data for a in operands]
    y = Value(value(*x), operands)

    def send():
        for a, slope in zip(operands, slopes(y.data, *x)):
            a.grad += slope * y.grad

    y._backward = send
    return y
'''
DEFINED_BACKWARD: Final = '''

def backward(root):
    """A pass by itself, added to the earlier ones: micrograd would send on again what they left."""
    nodes = [root]
    for node in nodes:
        nodes += [a for a in node._prev if a not in nodes]
    earlier = [node.grad for node in nodes]
    for node in nodes:
        node.grad = 0.0
    root.backward()
    for node, grad in zip(nodes, earlier):
        node.grad += grad
'''


def to_pytorch(graph: Graph, passes: Iterable[int], carried: Mapping[int, float]) -> str:
    """The program for PyTorch. It prints values and gradients.

    Args:
        graph: With the values of the moment.
        passes: The nodes that backward passes start from, in order.
        carried: Per node what its `.grad` holds besides.
    """
    return PyTorch(graph, passes, carried).text()


def to_micrograd(graph: Graph, passes: Iterable[int], carried: Mapping[int, float]) -> str:
    """The program for micrograd, likewise.

    Raises:
        ValueError: A value is infinite or nan.
    """
    if not all(map(isfinite, graph.values)):
        raise ValueError(NOT_FINITE)
    return Micrograd(graph, passes, carried).text()


def number(x: float) -> str:
    """A number as Python reads it, always a float."""
    return repr(float(x)) if isfinite(x) else f'float("{x}")'


def names_in(graph: Graph) -> list[str]:
    """A variable for each node, no two the same."""
    names: dict[str, None] = {}
    for i in range(len(graph)):
        label = graph.labels.get(i, "")
        fits = NAME.fullmatch(label) and not RESERVED.fullmatch(label) and label not in names
        names[label if fits else f"n{i}"] = None
    return list(names)


class Program(ABC):
    """A program being written: one line per node that needs a name, then the passes, then what to print."""

    given: str
    """How a number is made that takes no gradient; for one that does, `parameter`."""
    parameter: str
    plain: str
    """How a variable is asked for its plain number."""

    def __init__(self, graph: Graph, passes: Iterable[int], carried: Mapping[int, float]) -> None:
        self.graph = graph
        self.names = names_in(graph)
        self.passes = [root for root in passes if graph.needs_grad[root]]
        self.carried = {i: x for i, x in carried.items() if graph.needs_grad[i]}
        self.apart = len(self.passes) + len(self.carried) > 1
        self.shown = {i for i, op in enumerate(graph.ops) if op == LEAF or i in graph.labels}
        self.shown.update(graph.outputs, self.passes, self.carried)
        self._uses = Counter(operand for operands in graph.inputs for operand in operands)
        self._written: list[str] = []
        self._signed: list[bool] = []

    def text(self) -> str:
        """All of it."""
        lines = [line for i in range(len(self.graph)) for line in self._definition(i)]
        lines += [f"{self.names[i]}.grad = {self.gradient(number(x))}" for i, x in self.carried.items()]
        lines += [self.run(self.names[root]) for root in self.passes]
        lines += [self._print(i) for i in sorted(self.shown)]
        return "\n".join([self.head(), *lines, ""])

    # -- what the dialects say -------------------------------------------------------------------------------

    @abstractmethod
    def head(self) -> str:
        """Imports and definitions, once all else is written."""

    @abstractmethod
    def function(self, i: int, op: str, operands: Sequence[int]) -> str:
        """An operation that is not written with a sign."""

    @abstractmethod
    def run(self, name: str) -> str:
        """A backward pass."""

    def gradient(self, x: str) -> str:
        """A gradient that is set by hand."""
        return x

    def operation(self, i: int, op: str, operands: Sequence[int]) -> tuple[str, bool]:
        """What computes a node, and whether that is to be put in parentheses within an expression."""
        if op == "neg":
            return f"-{self.base(operands[0])}", True
        if op not in SIGNS:
            return self.function(i, op, operands), False
        a, b = operands
        left = self.base(a) if self.is_plain(b) else self.term(a)
        return f"{left} {op} {self.term(b)}", True

    def retained(self, i: int) -> list[str]:
        """What makes a computation keep its gradient."""
        del i
        return []

    # -- operands --------------------------------------------------------------------------------------------

    def is_plain(self, i: int) -> bool:
        """Whether it is a plain number in an expression."""
        return self.graph.ops[i] == CONST and i not in self.shown

    def term(self, i: int) -> str:
        """A node within an expression."""
        return f"({self._written[i]})" if self._signed[i] else self._written[i]

    def whole(self, i: int) -> str:
        """A node by itself, and never a plain number."""
        return self.given.format(self._written[i]) if self.is_plain(i) else self._written[i]

    def base(self, i: int) -> str:
        """The same within an expression."""
        return self.whole(i) if self.is_plain(i) else self.term(i)

    def recorded(self, i: int) -> tuple[str, list[str]]:
        """The numbers of an op of which nothing else is known: its value, its local derivatives."""
        custom = self.graph.to_dict()["custom"][str(i)]
        return number(float(custom["value"])), [number(float(partial)) for partial in custom["partials"]]

    # -- lines -----------------------------------------------------------------------------------------------

    def _definition(self, i: int) -> list[str]:
        graph, name = self.graph, self.names[i]
        if graph.inputs[i]:
            text, signed = self.operation(i, graph.ops[i], graph.inputs[i])
            inside = i not in self.shown and self._uses[i] == 1 and len(text) <= LONGEST_INSIDE
        else:
            text, inside = number(graph.values[i]), self.is_plain(i)
            signed = text.startswith("-")
            if not inside:
                text = (self.parameter if graph.needs_grad[i] else self.given).format(text)
        self._written.append(text if inside else name)
        self._signed.append(inside and signed)
        if inside:
            return []
        label = graph.labels.get(i, name)
        comment = "" if label == name else f"  # {json.dumps(label, ensure_ascii=False)}"
        keeps = graph.inputs[i] and graph.needs_grad[i] and i in self.shown
        return [f"{name} = {text}{comment}", *(self.retained(i) if keeps else [])]

    def _print(self, i: int) -> str:
        name = self.names[i]
        grad = f", {name}.grad" if self.graph.needs_grad[i] else ""
        return f'print("{name}", {name}{self.plain}{grad})'


class PyTorch(Program):
    """Tensors of one float64 each."""

    given = "torch.tensor({}, dtype=torch.float64)"
    parameter = "torch.tensor({}, dtype=torch.float64, requires_grad=True)"
    plain = ".item()"

    def head(self) -> str:
        """Only the import."""
        return "import torch\n"

    def function(self, i: int, op: str, operands: Sequence[int]) -> str:
        """All ops of the table are there, in three places."""
        listed = ", ".join(map(self.whole, operands))
        if op == CUSTOM:
            # A line through the value with the slopes as recorded.
            value, slopes = self.recorded(i)
            moved = zip(slopes, map(self.base, operands), strict=True)
            parts = [self.given.format(value), *[f"{slope} * ({x} - {x}.detach())" for slope, x in moved]]
            return f"({' + '.join(parts)})"
        if OPS[op].arity:
            return f"torch.{'nn.functional.' if op in IN_FUNCTIONAL else ''}{op}({listed})"
        if op in ("max", "min") and len(operands) == 2:
            return f"torch.{op}imum({listed})"
        return f"torch.stack([{listed}]).{op}()"

    def run(self, name: str) -> str:
        """With the graph kept for the passes to come."""
        return f"{name}.backward(retain_graph=True)"

    def gradient(self, x: str) -> str:
        """A tensor as well."""
        return self.given.format(x)

    def retained(self, i: int) -> list[str]:
        """PyTorch's only keep it if asked."""
        return [f"{self.names[i]}.retain_grad()"]


class Micrograd(Program):
    """micrograd's values: the four operations, powers, relu, and what is defined at the top."""

    given = parameter = "Value({})"
    plain = ".data"

    def __init__(self, graph: Graph, passes: Iterable[int], carried: Mapping[int, float]) -> None:
        super().__init__(graph, passes, carried)
        self._ops: dict[str, str] = {}

    def head(self) -> str:
        """The imports, and what is used of what micrograd lacks."""
        size = len(self.graph)
        deep = size > DEEPEST_CALLS
        parts = ["import math\n", "import sys\n" * deep, "\nfrom micrograd.engine import Value\n"]
        parts.append(f"\nsys.setrecursionlimit({10 * size})\n" * deep)
        if self._ops:
            parts += ["\nOPS = {  # value, local derivatives\n", *self._ops.values(), "}\n", DEFINED_OP]
        if self.apart:
            parts.append(DEFINED_BACKWARD)
        return "".join([*parts, "\n" * (self.apart or bool(self._ops))])

    def operation(self, i: int, op: str, operands: Sequence[int]) -> tuple[str, bool]:
        """Powers are of a plain exponent."""
        if op != "**":
            return super().operation(i, op, operands)
        a, b = operands
        if self.graph.needs_grad[b]:
            return self.function(i, op, operands), False
        return f"{self.base(a)} ** {self.term(b)}{'' if self.is_plain(b) else '.data'}", True

    def function(self, i: int, op: str, operands: Sequence[int]) -> str:
        """What micrograd lacks is made from the formulas of the table."""
        if op == "relu":
            return f"{self.base(operands[0])}.relu()"
        key, x = op, "a, b"[: 3 * len(operands) - 2]
        if op == CUSTOM:
            key, x = f"custom {i}", "*a"
            value, slopes = self.recorded(i)
            slope = f"[{', '.join(slopes)}]"
        elif op in OF_LISTS:
            x, (value, slope) = "*a", OF_LISTS[op]
        else:
            value, slope = _python(OPS[op].formula), f"[{', '.join(map(_python, OPS[op].partials))}]"
        self._ops[key] = f'    "{key}": (lambda {x}: {value}, lambda y, {x}: {slope}),\n'
        return f'op("{key}", {", ".join(map(self.whole, operands))})'

    def run(self, name: str) -> str:
        """By the helper where passes add up."""
        return f"backward({name})" if self.apart else f"{name}.backward()"


def _python(formula: str) -> str:
    """A formula of the table as Python reads it."""
    powers = formula.replace("^", "**").replace("sign(a)", "(a > 0) - (a < 0)")
    return re.sub(r"(?!abs)[a-z]\w+\(", r"math.\g<0>", powers)
