"""Names of nodes: a label, the caller's variable that holds the scalar, or the expression it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import FrameType
from typing import Any, Final

from autograd_widget.engine.ops import CONST, LEAF
from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph

from .holders import scalars_within
from .messages import ENGLISH, Messages

MAX_LENGTH: Final = 32
MAX_DEPTH: Final = 5
MAX_OPERANDS: Final = 4

SIGNS: Final = {
    ">": (" > ", 0),
    ">=": (" ≥ ", 0),
    "<": (" < ", 0),
    "<=": (" ≤ ", 0),
    "==": (" == ", 0),
    "!=": (" ≠ ", 0),
    "+": (" + ", 1),
    "-": (" - ", 1),
    "*": ("·", 2),
    "/": ("/", 2),
    "%": (" % ", 2),
    "//": (" // ", 2),
    "**": ("**", 4),
}
"""Infix ops: the sign and its precedence. The others are written as functions."""

NEG_BINDS: Final = 3
ATOM_BINDS: Final = 5


def callers_frame(made: object, frame: FrameType) -> FrameType:
    """Find the frame that makes an object, beyond its own methods such as the `__init__` of a subclass."""
    while frame.f_back is not None and _is_method(frame, made):
        frame = frame.f_back
    return frame


def _is_method(frame: FrameType, of: object) -> bool:
    code = frame.f_code
    return code.co_argcount > 0 and frame.f_locals.get(code.co_varnames[0]) is of


def _itself(held: Any) -> Scalar | None:
    return held if isinstance(held, Scalar) else None


def variable_names(
    frame: FrameType, scalar_of: Callable[[Any], Scalar | None] = _itself
) -> dict[Scalar, str]:
    """Name the scalars in the variables of a frame, or in the objects that these hold: `w`, `n.layers[2].b`.

    The frame's own variables come before its module's, and a variable before a place in a list, and that
    before what lies deeper; else the first that holds a scalar names it. Variables that begin with an
    underscore name nothing: notebooks keep their outputs there.

    Args:
        frame: Whose variables count.
        scalar_of: The scalar that a value is, or stands for.
    """
    scopes = [frame.f_locals] if frame.f_locals is frame.f_globals else [frame.f_locals, frame.f_globals]
    held = [(name, value) for scope in scopes for name, value in _named(scope)]
    names: dict[Scalar, str] = {}
    for name, value in held:
        if (scalar := scalar_of(value)) is not None:
            names.setdefault(scalar, name)
    for name, value in held:
        if isinstance(value, list | tuple):
            for i, item in enumerate(value):
                if (scalar := scalar_of(item)) is not None:
                    names.setdefault(scalar, f"{name}[{i}]")
    for name, scalar in scalars_within(held, scalar_of):
        names.setdefault(scalar, name)
    return names


def _named(scope: Mapping[str, Any]) -> list[tuple[str, Any]]:
    # A copy first: in a notebook another thread may be adding variables. Only identifiers count: frames also
    # have variables such as `.0`.
    return [(name, held) for name, held in dict(scope).items() if name.isidentifier() and name[0] != "_"]


def labels_of(nodes: Iterable[Scalar], variables: Mapping[Scalar, str]) -> dict[int, str]:
    """Per position the label of a scalar, else its variable's name, unless some label is that already."""
    pairs = [(node.label, variables.get(node, "")) for node in nodes]
    labels = {label for label, _ in pairs}
    found = (label or ("" if variable in labels else variable) for label, variable in pairs)
    return {i: name for i, name in enumerate(found) if name}


def name_of(graph: Graph, node: int, messages: Messages = ENGLISH) -> str:
    """The label of a node, else its expression (`w·x + b`) if that is short, else the word for its op."""
    if label := graph.labels.get(node):
        return label
    op = op_in(graph, node)
    if op == LEAF:
        return messages.leaf.format(node)
    text, _ = expression(graph, node)
    return text if 0 < len(text) <= MAX_LENGTH else messages.ops.get(op, op)


def op_in(graph: Graph, node: int) -> str:
    """The name of a node's op, also of a custom op."""
    return graph.customs[node].name if node in graph.customs else graph.ops[node]


def kind_in(graph: Graph, node: int) -> str:
    """`"parameter"`, `"input"` (a frozen leaf), `"constant"` or `"operation"`."""
    if graph.ops[node] == LEAF:
        return "parameter" if graph.needs_grad[node] else "input"
    return "constant" if graph.ops[node] == CONST else "operation"


def expression(graph: Graph, node: int) -> tuple[str, int]:
    """The label of a node or the expression that it computes, with its precedence; empty where it is long."""
    return _expression(graph, node, MAX_DEPTH)


def _expression(graph: Graph, node: int, depth: int) -> tuple[str, int]:
    """The text and its precedence; an empty text where it is long."""
    op, operands = op_in(graph, node), graph.inputs[node]
    if label := graph.labels.get(node):
        return label, ATOM_BINDS
    if op in (LEAF, CONST):
        value = graph.values[node]
        return f"{value:g}", ATOM_BINDS if value >= 0.0 else NEG_BINDS
    short = depth > 0 and len(operands) <= MAX_OPERANDS
    parts = [_expression(graph, operand, depth - 1) for operand in operands] if short else []
    return _written(op, parts) if parts and all(text for text, _ in parts) else ("", ATOM_BINDS)


def _written(op: str, parts: list[tuple[str, int]]) -> tuple[str, int]:
    if op == "neg":
        return f"-{_bound(*parts[0], NEG_BINDS)}", NEG_BINDS
    if op not in SIGNS:
        return f"{op}({', '.join(text for text, _ in parts)})", ATOM_BINDS
    sign, binds = SIGNS[op]
    # Operators of equal precedence associate to the left, but powers to the right. Comparisons in a
    # row would mean something else.
    left = _bound(*parts[0], binds + (op == "**" or binds == 0))
    right = _bound(*parts[1], binds + (op not in ("+", "*", "**")))
    return f"{left}{sign}{right}", binds


def _bound(text: str, binds: int, at_least: int) -> str:
    return text if binds >= at_least else f"({text})"
