"""Rows of ops of elements: the result for one element, operands broadcast."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Final

from .context import Column, Context
from .nodes import op
from .tape import Call, Operand


def scaled(x: Any, alpha: float) -> Any:
    """A node times a number."""
    return x if alpha == 1 else op("*", x, float(alpha))


def _named(name: str) -> Callable[..., Any]:
    return lambda *x: op(name, *x)


def _gelu(a: Any, approximate: str) -> Any:
    if approximate == "none":
        return op("gelu", a)
    inner = op("*", op("+", a, op("*", 0.044715, op("**", a, 3.0))), math.sqrt(2.0 / math.pi))
    return op("*", op("*", a, 0.5), op("+", 1.0, op("tanh", inner)))


def _leaky_relu(a: Any, slope: float) -> Any:
    if slope == 0.01:
        return op("leaky_relu", a)
    return op("where", op(">", a, 0.0), a, op("*", a, float(slope)))


def _softplus(a: Any, beta: float, threshold: float) -> Any:
    if threshold != 20:
        return None
    return op("softplus", a) if beta == 1 else op("/", op("softplus", op("*", a, float(beta))), float(beta))


def _elu(a: Any, alpha: float = 1, scale: float = 1, input_scale: float = 1) -> Any:
    if input_scale == alpha == 1:
        return scaled(op("elu", a), scale)
    below = scaled(op("expm1", scaled(a, input_scale)), alpha)
    return scaled(op("where", op(">", a, 0.0), a, below), scale)


def _celu(a: Any, alpha: float) -> Any:
    return _elu(a, alpha, 1, 1.0 / alpha)


def _divided(a: Any, b: Any, rounding_mode: str | None = None) -> Any:
    if rounding_mode is None:
        return op("/", a, b)
    return op("//", a, b) if rounding_mode == "floor" else op("trunc", op("/", a, b))


def _clamped(x: Any, low: Any = None, high: Any = None) -> Any:
    return op("clamp", x, -math.inf if low is None else low, math.inf if high is None else high)


def _hardtanh(x: Any, low: float, high: float) -> Any:
    """Unlike `clamp`, without a gradient at its bounds."""
    if (low, high) == (-1, 1):
        return op("hardtanh", x)
    if (low, high) == (0, 6):
        return op("relu6", x)
    inside = op("*", op(">", x, float(low)), op(">", float(high), x))
    return op("where", inside, x, op("where", op(">", x, float(low)), float(high), float(low)))


def _hardswish(x: Any) -> Any:
    between = op("/", op("*", x, op("+", x, 3.0)), 6.0)
    return op("where", op(">", x, -3.0), op("where", op(">", 3.0, x), between, x), op("*", x, 0.0))


def _hardshrink(x: Any, size: float) -> Any:
    outside = op("max", op(">", x, float(size)), op(">", -float(size), x))
    return op("where", outside, x, op("*", x, 0.0))


def _softshrink(a: Any, size: float) -> Any:
    below = op("where", op(">", -size, a), op("+", a, float(size)), op("*", a, 0.0))
    return op("where", op(">", a, float(size)), op("-", a, float(size)), below)


SAME_NAME: Final = (
    "abs square reciprocal sqrt rsqrt exp expm1 exp2 log log1p log2 log10 sin cos tan asin acos atan sinh "
    "cosh tanh asinh acosh atanh erf erfc sigmoid relu silu sign floor ceil trunc frac neg atan2 hypot "
    "logaddexp xlogy fmod"
)
"""Ops that the table has under PyTorch's name, with its operands."""

ELEMENTWISE: Final[dict[str, Callable[..., Any]]] = {
    **{name: _named(name) for name in SAME_NAME.split()},
    "add": lambda a, b, alpha=1: op("+", a, scaled(b, alpha)),
    "sub": lambda a, b, alpha=1: op("-", a, scaled(b, alpha)),
    "rsub": lambda a, b, alpha=1: op("-", b, scaled(a, alpha)),
    "mul": _named("*"),
    "div": _divided,
    "floor_divide": _named("//"),
    "remainder": _named("%"),
    "pow": _named("**"),
    "maximum": _named("max"),
    "minimum": _named("min"),
    "round": lambda a, decimals=0: op("round", a) if decimals == 0 else None,
    "logit": lambda a, eps: op("logit", a if eps is None else _clamped(a, eps, 1.0 - eps)),
    "deg2rad": lambda a: op("*", a, math.pi / 180.0),
    "rad2deg": lambda a: op("*", a, 180.0 / math.pi),
    "gelu": _gelu,
    "leaky_relu": _leaky_relu,
    "elu": _elu,
    "celu": _celu,
    "softplus": _softplus,
    "mish": lambda a: op("*", a, op("tanh", op("softplus", a))),
    "hardtanh": _hardtanh,
    "hardswish": _hardswish,
    "hardshrink": _hardshrink,
    "softshrink": _softshrink,
    "_prelu_kernel": lambda a, slope: op("where", op(">", a, 0.0), a, op("*", a, slope)),
    "threshold": lambda a, bound, value: op("where", op(">", a, float(bound)), a, float(value)),
    "clamp": _clamped,
    "clamp_min": _clamped,
    "clamp_max": lambda x, high: _clamped(x, None, high),
    "addcmul": lambda a, b, c, value: op("+", a, scaled(op("*", b, c), value)),
    "addcdiv": lambda a, b, c, value: op("+", a, scaled(op("/", b, c), value)),
    "lerp": lambda a, b, weight: op("+", a, op("*", weight, op("-", b, a))),
    "gt": _named(">"),
    "ge": _named(">="),
    "lt": lambda a, b: op(">", b, a),
    "le": lambda a, b: op(">=", b, a),
    "eq": _named("=="),
    "ne": lambda a, b: op("-", 1.0, op("==", a, b)),
    "logical_and": _named("*"),
    "bitwise_and": _named("*"),
    "logical_or": _named("max"),
    "bitwise_or": _named("max"),
    "logical_not": lambda a: op("-", 1.0, a),
    "bitwise_not": lambda a: op("-", 1.0, a),
}
"""Op → its result for one element, the arguments in the order of the schema; None where they are unusual."""


def elementwise(u: Context, call: Call) -> list[Column] | None:
    """An op of elements, its operands broadcast."""
    shape = call.outs[0][0] if call.outs else ()
    function = ELEMENTWISE[call.name]
    declared = [a.name for a in call.func._schema.arguments]
    given = [a for a, name in zip(call.args, declared, strict=True) if name not in NOT_OF_ELEMENTS]
    columns = [u.column(a, shape) if isinstance(a, Operand) else [a] * math.prod(shape) for a in given]
    column = [function(*x) for x in zip(*columns, strict=True)]
    return None if any(node is None for node in column) else [column]


NOT_OF_ELEMENTS: Final = frozenset({"out", "dtype", "layout", "device", "pin_memory", "memory_format"})
