"""Names of nodes: a label, the caller's variable that holds the scalar, or the expression it computes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import FrameType
from typing import Any, Final

from autograd_widget.engine.digits import short
from autograd_widget.engine.ops import CONST, LEAF
from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph

from .holders import scalars_within
from .messages import ENGLISH, Messages

MAX_LENGTH: Final = 24
MAX_DEPTH: Final = 5
MAX_OPERANDS: Final = 4

LEVELS: Final = (
    (">", ">=", "<", "<=", "==", "!="),
    ("+", "-"),
    ("*", "/", "%", "//"),
    ("neg",),
    ("**",),
)
"""Infix and prefix ops by precedence. The others are written as functions."""

MINUS: Final = "\N{MINUS SIGN}"
SIGNS: Final = {
    "-": MINUS,
    "neg": MINUS,
    "*": "·",
    "**": "^",
    ">=": "≥",
    "<=": "≤",
    "!=": "≠",
}
"""The signs of ops that differ from their names."""

RAISED: Final = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
ATOM: Final = len(LEVELS)


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
    """The label of a node, else its expression (`w·x + b`) if that is short, else the word for its op.

    The twin of `Names.of` in `names.ts`.
    """
    op = op_in(graph, node)
    name = _atom(graph, node, messages) or _expression(graph, node, MAX_DEPTH, messages)
    return name or messages.ops.get(op, op)


def binds_of(graph: Graph, node: int, messages: Messages = ENGLISH) -> int:
    """The precedence of a node's name in a formula."""
    if atom := _atom(graph, node, messages):
        return level("neg") if atom.startswith(MINUS) else ATOM
    op = op_in(graph, node)
    return level(op) if _expression(graph, node, MAX_DEPTH, messages) else ATOM


def level(op: str) -> int:
    """Precedence; that of a function or a name is the highest."""
    return next((i for i, ops in enumerate(LEVELS) if op in ops), ATOM)


def op_in(graph: Graph, node: int) -> str:
    """The name of a node's op, also of a custom op."""
    return graph.customs[node].name if node in graph.customs else graph.ops[node]


def kind_in(graph: Graph, node: int) -> str:
    """`"parameter"`, `"input"` (a frozen leaf), `"constant"` or `"operation"`."""
    if graph.ops[node] == LEAF:
        return "parameter" if graph.needs_grad[node] else "input"
    return "constant" if graph.ops[node] == CONST else "operation"


def _atom(graph: Graph, node: int, messages: Messages) -> str:
    """The label; the number of a constant or of a leaf that has none; empty for other operations."""
    if label := graph.labels.get(node):
        return label
    if graph.ops[node] == CONST:
        return short(graph.values[node]).replace("-", MINUS)
    return messages.leaf.format(node) if graph.ops[node] == LEAF else ""


def _expression(graph: Graph, node: int, depth: int, messages: Messages) -> str:
    """Expression in the names of leaves; empty where it is long."""
    op, operands = op_in(graph, node), graph.inputs[node]
    if len(operands) > MAX_OPERANDS:
        return ""
    parts = []
    for slot, operand in enumerate(operands):
        atom = _atom(graph, operand, messages)
        text = atom or (_expression(graph, operand, depth - 1, messages) if depth else "")
        if not text:
            return ""
        binds = level(op_in(graph, operand)) if not atom else ATOM
        if text.startswith(MINUS):
            binds = 0 if slot or op == "neg" else min(binds, level("neg"))
        parts.append(f"({text})" if binds < _least(op, slot) else text)
    text = _written(op, parts)
    return text if len(text) <= MAX_LENGTH else ""


def _least(op: str, slot: int) -> int:
    """Precedence that an operand needs to stand without brackets.

    Powers associate to the right, comparisons not at all.
    """
    own = level(op)
    if own == ATOM:
        return 0
    return own + (op not in ("+", "*", "**") if slot else own == 0 or op == "**")


def _written(op: str, parts: Sequence[str]) -> str:
    sign = SIGNS.get(op, op)
    if op == "neg":
        return sign + parts[0]
    if level(op) == ATOM or len(parts) != 2:
        return f"{op}({', '.join(parts)})"
    left, right = parts
    if op == "**" and right in RAISED:
        return left + RAISED[right]
    return sign.join(parts) if op in ("*", "/", "**") else f"{left} {sign} {right}"
