"""The warning where a scalar silently becomes a plain number, and nothing flows back from there."""

from __future__ import annotations

import dis
import warnings
from types import CodeType, FrameType
from typing import Any, Final

METHODS: Final = {
    **{
        name: name
        for name in [
            "acos",
            "acosh",
            "asin",
            "asinh",
            "atan",
            "atanh",
            "ceil",
            "cos",
            "cosh",
            "erf",
            "erfc",
            "exp",
            "exp2",
            "expm1",
            "floor",
            "log",
            "log10",
            "log1p",
            "log2",
            "sin",
            "sinh",
            "sqrt",
            "tan",
            "tanh",
            "trunc",
        ]
    },
    **{name: f"{name}(…)" for name in ("atan2", "fmod", "hypot", "pow")},
    "fabs": "abs",
}
"""Functions of the math module, with the name of the method of scalars."""

ARRAYS: Final = ("array", "asarray", "asanyarray", "astype", "full", "fromiter")

_places: dict[CodeType, dict[Any, Any]] = {}
"""The warnings given so far, by place. Cells share line numbers, but no code objects."""


class GraphLostWarning(UserWarning):
    """A scalar was used as a plain number, so gradients end there."""


def warn_lost(node: Any, frame: FrameType) -> None:
    """Warn, once per place, that a scalar becomes a plain number there, and say what keeps the graph."""
    place = _places.setdefault(frame.f_code, {})
    key = "called", frame.f_lasti
    if key not in place:
        place[key] = _called(frame)
    if place[key] is None:
        return
    name = name_in(frame, node) or "x"
    warnings.warn_explicit(
        f"{_what_happens(place[key], name)}; {name}.value is the number alone, without this warning",
        GraphLostWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", ""),
        registry=place,
        source=None,
    )


def name_in(frame: FrameType, node: Any) -> str:
    """The label of a scalar, else the variable that holds it; empty for none."""
    if node.label:
        return str(node.label)
    variables = {**frame.f_globals, **frame.f_locals}
    return next((key for key, held in variables.items() if held is node and key[:1] != "_"), "")


def _what_happens(called: str, name: str) -> str:
    if called in METHODS:
        method = METHODS[called]
        call = method if method.endswith(")") else f"{method}()"
        return f"{called}() makes a plain number of {name}, so no gradient flows back: {name}.{call} keeps it"
    if called in ARRAYS:
        return f"an array of floats loses the graph of {name}: leave the dtype out, or say dtype=object"
    return (
        f"a plain number is made of {name}, so no gradient flows back: compute with {name} itself to keep it"
    )


def _called(frame: FrameType) -> str | None:
    """The name of the function that a frame is calling, among those known here; empty for another.

    None for no function, but the formatting of a text: `"%.2f" % w`.
    """
    steps = [step for step in dis.get_instructions(frame.f_code) if step.offset <= frame.f_lasti]
    if steps and (steps[-1].opname == "BINARY_MODULO" or steps[-1].argrepr == "%"):
        return None
    loads = [step for step in steps[:-1] if step.opname.startswith("LOAD_") and step.opname != "LOAD_CONST"]
    names = [str(step.argval) for step in loads if _start_of(step) == _start_of(steps[-1])]
    if names[-1:] == ["float"]:  # the last thing loaded is an argument: `np.array([w], float)`
        names.pop()
    last = [name for name in names[-12:] if name in METHODS or name in ARRAYS or name == "float"]
    return last[-1] if last else ""


def _start_of(step: dis.Instruction) -> tuple[Any, ...]:
    """The place in the source where an instruction's expression begins: a call begins as its function does.

    Python 3.10 keeps no such places, so there any function that is loaded before counts.
    """
    positions = getattr(step, "positions", None)
    return (positions.lineno, positions.col_offset) if positions else ()
