"""Formulas of the op table as text, with names or numbers: `a * b` as `wh·h1` or `0.50·0.30`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from autograd_widget.engine.ops import CONST, OPS
from autograd_widget.graph.graph import Graph

from .messages import ENGLISH, Messages
from .names import ATOM, MINUS, RAISED, binds_of, level, name_of, op_in

TOKEN: Final = re.compile(r"\d+(?:\.\d+)?|[a-z][a-z0-9]*(?:_[a-z0-9]+)?|[<>=!]=|[^\s]")
SYMBOL: Final = re.compile(r"a|b|c|y|n|a_i|a_\d+")

BINDS: Final = {sign: level(sign) for sign in "+-*/"} | {"^": level("**")}
SIGNS: Final = {
    "*": "·",
    "/": "/",
    "-": MINUS,
    "==": " = ",
    "!=": " ≠ ",
    ">=": " ≥ ",
    "<=": " ≤ ",
    ",": ", ",
    "pi": "π",
}
WORDS: Final = ("+", "-", ">", "<", "if", "else")
COMPARED: Final = (">", "<", ">=", "<=", "==", "!=")
BEFORE_MINUS: Final = ("", "(", ",", "if", "else", *COMPARED)
"""A minus sign after one of these has no operand before it."""
MAX_SPELLED_OUT: Final = 4

Term = Callable[[int], tuple[str, int]]
"""The text for a node, and its precedence."""


def with_names(graph: Graph, messages: Messages = ENGLISH) -> Term:
    """Write operands as names."""
    return lambda node: (name_of(graph, node, messages), binds_of(graph, node, messages))


def with_numbers(graph: Graph, write: Callable[[float], str]) -> Term:
    """Write operands as values."""

    def term(node: int) -> tuple[str, int]:
        text = write(graph.values[node])
        return text, level("neg") if text.startswith("-") else ATOM

    return term


def value_formula(graph: Graph, node: int, term: Term) -> str:
    """The formula by which a node is computed."""
    op, operands = op_in(graph, node), graph.inputs[node]
    if node in graph.customs:
        return f"{op}({', '.join(term(operand)[0] for operand in operands)})"
    return _written(_spelled_out(OPS[op].formula, len(operands)), graph, node, term)


def partial_formula(graph: Graph, node: int, position: int, term: Term) -> str:
    """The local derivative of a computed node towards one of its operands.

    Empty for a custom op, and where its number differs from the formula's.
    """
    if node in graph.customs or not _holds(graph, node, position):
        return ""
    partials = OPS[graph.ops[node]].partials
    formula = partials[position] if position < len(partials) else partials[0]
    last = graph.inputs[node][-1]
    less = graph.values[last] - 1.0
    if graph.ops[last] == CONST and less.is_integer():  # x**3 has the slope 3·x**2, and not 3·x**(3 - 1)
        power = f"^{less:.0f}" if less >= 0.0 else f"^({less:.0f})"
        formula = formula.replace("^(b - 1)", power if less != 1.0 else "")
    return _written(formula, graph, node, term, position)


def _holds(graph: Graph, node: int, position: int) -> bool:
    """Compare a slope with its formula, which leaves out ties, 0**b, crossed bounds and a 0 in a product."""
    op, y = graph.ops[node], graph.values[node]
    if op not in ("max", "min", "prod", "**", "clamp"):
        return True
    x = [graph.values[i] for i in graph.inputs[node]]
    if op == "prod":
        return x[position] != 0.0
    if op == "clamp":
        return x[1] <= x[2]
    if op == "**":
        return x[0] != 0.0 or x[1] < 0.0 or (position == 0 and x[1] != 0.0)
    return OPS[op].backward(1.0, y, *x)[position] == float(x[position] == y)


def path_formula(
    graph: Graph, nodes: Sequence[int], slots: Sequence[int], messages: Messages = ENGLISH
) -> str:
    """The product of the local derivatives along a path: `wh·wh·x1`, `−b`; `1` where all of them are 1.

    A choice between cases is no factor: `∂r/∂z` stands for it, as for a custom op, which has no formula.
    """
    sign, factors = "", []
    for node, operand, slot in zip(nodes[:-1], nodes[1:], slots, strict=True):
        formula = partial_formula(graph, node, slot - graph.offsets[node], with_names(graph, messages))
        if formula.startswith(MINUS) and not _is_sum(formula):
            sign, formula = "" if sign else MINUS, formula[1:]
        if not formula or " if " in formula:
            factors.append(derivative(name_of(graph, node, messages), name_of(graph, operand, messages)))
        elif formula != "1":
            factors.append(f"({formula})" if _is_sum(formula) else formula)
    return sign + ("·".join(factors) or "1")


def derivative(of: str, by: str) -> str:
    """A derivative in Leibniz's notation: `∂h3/∂w`, `∂(w·x1)/∂w`."""
    return f"∂{as_part(of)}/∂{as_part(by)}"


def as_part(name: str) -> str:
    """A name as a part of a larger one, in brackets where it is a formula."""
    return f"({name})" if any(sign in name for sign in f" ·/+^{MINUS}") else name


def _is_sum(formula: str) -> bool:
    flat = formula
    while (inner := re.sub(r"\([^()]*\)", "", flat)) != flat:
        flat = inner
    return " + " in flat or f" {MINUS} " in flat


def _spelled_out(formula: str, count: int) -> str:
    """Write `a_1 + … + a_n` out as `a_1 + a_2 + a_3`."""
    listed = [f"a_{i + 1}" for i in range(count)]
    if count > MAX_SPELLED_OUT:
        listed = ["a_1", "a_2", "…", f"a_{count}"]
    return re.sub(r"a_1(\s*[-+*,]\s*)…\1a_n", lambda match: match[1].join(listed), formula)


def _written(formula: str, graph: Graph, node: int, term: Term, position: int = 0) -> str:
    parts = ["", *TOKEN.findall(formula), ""]
    written = ""
    for before, part, after in zip(parts, parts[1:], parts[2:], strict=False):
        if SYMBOL.fullmatch(part):
            text, binds = _meant(part, graph, node, term, position)
            loose = binds < _wanted(before, after) or (text.startswith(("-", MINUS)) and before in BINDS)
            written += f"({text})" if loose else text
        elif part in WORDS and (part != "-" or before not in BEFORE_MINUS):
            written += f" {SIGNS.get(part, part)} "
        else:
            written += SIGNS.get(part, part)
    return re.sub(r"\^([0-9])(?![\w.])", lambda match: RAISED[match[1]], written)


def _meant(symbol: str, graph: Graph, node: int, term: Term, position: int) -> tuple[str, int]:
    operands = graph.inputs[node]
    if symbol == "n":
        return str(len(operands)), ATOM
    if symbol == "y":
        return term(node)
    places = {"a": 0, "b": 1, "c": 2, "a_i": position}
    return term(operands[places[symbol] if symbol in places else int(symbol[2:]) - 1])


def _wanted(before: str, after: str) -> int:
    """The precedence that a term needs between two signs. Powers associate to the right."""
    as_right = BINDS.get(before, int(before in COMPARED)) + (before in ("-", "/"))
    as_left = BINDS.get(after, int(after in COMPARED)) + (after == "^")
    return max(as_right, as_left)
