"""Rows of ops of elements: the result for one element, operands broadcast."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from autograd_widget.engine.ops import OPS

from .nodes import constant, is_constant, op
from .tape import Call, Operand

if TYPE_CHECKING:
    from .unroll import Column, Unroller


def scaled(x: Any, alpha: float) -> Any:
    """A node times a number."""
    return x if alpha == 1 else op("*", x, float(alpha))


def _unary(name: str) -> Callable[..., Any]:
    return lambda a: op(name, a)


def _gelu(a: Any, approximate: str) -> Any:
    if approximate == "none":
        return op("gelu", a)
    inner = op("*", op("+", a, op("*", 0.044715, op("**", a, 3.0))), math.sqrt(2.0 / math.pi))
    return op("*", op("*", a, 0.5), op("+", 1.0, op("tanh", inner)))


def _leaky_relu(a: Any, slope: float) -> Any:
    if slope == 0.01:
        return op("leaky_relu", a)
    return op("-", op("relu", a), op("*", op("relu", op("neg", a)), float(slope)))


def _softplus(a: Any, beta: float, threshold: float) -> Any:
    if threshold != 20:
        return None
    return op("softplus", a) if beta == 1 else op("/", op("softplus", op("*", a, float(beta))), float(beta))


def _elu(a: Any, alpha: float, scale: float, input_scale: float) -> Any:
    if input_scale != 1 or alpha != 1:
        if "where" not in OPS:
            return None
        below = op("*", op("expm1", scaled(a, input_scale)), float(alpha))
        return scaled(op("where", op(">", a, 0.0), a, below), scale)
    return scaled(op("elu", a), scale)


def _divided(a: Any, b: Any, rounding_mode: str | None = None) -> Any:
    if rounding_mode is None:
        return op("/", a, b)
    return op("floor", op("/", a, b)) if rounding_mode == "floor" else None


def _clamped(x: Any, low: Any = None, high: Any = None) -> Any:
    if "clamp" not in OPS:
        return None
    return op("clamp", x, -math.inf if low is None else low, math.inf if high is None else high)


def _log_base(base: float) -> Callable[..., Any]:
    return lambda a: op("/", op("log", a), math.log(base))


def _needs(names: str, rows: dict[str, Callable[..., Any]]) -> dict[str, Callable[..., Any]]:
    """Rows that are there where the table has the ops that they are made of."""
    return rows if all(name in OPS for name in names.split()) else {}


SAME_NAME: Final = [
    "abs",
    "square",
    "reciprocal",
    "sqrt",
    "exp",
    "expm1",
    "log",
    "log1p",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "sigmoid",
    "relu",
    "sign",
    "floor",
    "silu",
    "ceil",
    "round",
    "trunc",
    "erf",
    "erfc",
    "asinh",
    "acosh",
    "atanh",
    "log2",
    "log10",
    "exp2",
    "rsqrt",
    "sinc",
    "frac",
    "lgamma",
    "digamma",
]
"""Ops of one operand that the table has under PyTorch's name."""

ELEMENTWISE: Final[dict[str, Callable[..., Any]]] = {
    "add": lambda a, b, alpha=1: op("+", a, scaled(b, alpha)),
    "sub": lambda a, b, alpha=1: op("-", a, scaled(b, alpha)),
    "rsub": lambda a, b, alpha=1: op("-", b, scaled(a, alpha)),
    "mul": lambda a, b: op("*", a, b),
    "div": _divided,
    "pow": lambda a, b: op("**", a, b),
    "neg": _unary("neg"),
    "maximum": lambda a, b: op("max", a, b),
    "minimum": lambda a, b: op("min", a, b),
    "rsqrt": lambda a: op("reciprocal", op("sqrt", a)),
    "log2": _log_base(2.0),
    "log10": _log_base(10.0),
    "exp2": lambda a: op("**", 2.0, a),
    "gelu": _gelu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "softplus": _softplus,
    "addcmul": lambda a, b, c, value: op("+", a, scaled(op("*", b, c), value)),
    "addcdiv": lambda a, b, c, value: op("+", a, scaled(op("/", b, c), value)),
    "mish": lambda a: op("*", a, op("tanh", op("softplus", a))),
    "xlogy": lambda a, b: constant(0.0) if is_constant(a) and float(a) == 0.0 else op("*", a, op("log", b)),
    "lerp": lambda a, b, weight: op("+", a, op("*", weight, op("-", b, a))),
    **{name: _unary(name) for name in SAME_NAME if name in OPS},
    **_needs("clamp", {"clamp": _clamped, "clamp_min": _clamped, "hardtanh": _clamped}),
    **_needs("clamp", {"clamp_max": lambda x, high: _clamped(x, None, high)}),
    **_needs("atan2", {"atan2": lambda a, b: op("atan2", a, b)}),
    **_needs("%", {"remainder": lambda a, b: op("%", a, b)}),
    **_needs("> >= ==", {
        "gt": lambda a, b: op(">", a, b),
        "ge": lambda a, b: op(">=", a, b),
        "lt": lambda a, b: op(">", b, a),
        "le": lambda a, b: op(">=", b, a),
        "eq": lambda a, b: op("==", a, b),
        "ne": lambda a, b: op("-", 1.0, op("==", a, b)),
        "logical_and": lambda a, b: op("*", a, b),
        "bitwise_and": lambda a, b: op("*", a, b),
        "logical_or": lambda a, b: op("max", a, b),
        "bitwise_or": lambda a, b: op("max", a, b),
        "logical_not": lambda a: op("-", 1.0, a),
        "bitwise_not": lambda a: op("-", 1.0, a),
    }),
    **_needs("where >", {"threshold": lambda a, bound, value: op("where", op(">", a, bound), a, value)}),
}  # fmt: skip
"""Op → its result for one element, the arguments in the order of the schema."""


def elementwise(u: Unroller, call: Call) -> list[Column] | None:
    """An op of elements, its operands broadcast."""
    shape = call.outs[0][0] if call.outs else ()
    function = ELEMENTWISE[call.name]
    declared = [a.name for a in call.func._schema.arguments]
    given = [a for a, name in zip(call.args, declared, strict=True) if name not in NOT_OF_ELEMENTS]
    columns = [u.column(a, shape) if isinstance(a, Operand) else [a] * math.prod(shape) for a in given]
    column = [function(*x) for x in zip(*columns, strict=True)]
    return None if any(node is None for node in column) else [column]


NOT_OF_ELEMENTS: Final = frozenset({"out", "dtype", "layout", "device", "pin_memory", "memory_format"})
