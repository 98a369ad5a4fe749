"""The op table: for every operation its value, its gradients and how both are written down.

`OPS` maps a name to its row. The table is only mathematics: it knows no graph and no notebook, and every
function in it is total, so that a slider can be dragged across a pole. `1/0`, `log(0)`, `exp(1000)` and
`(-8)**(1/3)` give what C gives, infinity or nan, where plain Python raises or turns complex.

Gradients are PyTorch's, those of its `derivatives.yaml` in float64, at the edges too. Where the order of
factors or a mask decides whether an infinite upstream gradient turns a zero into nan, it is kept as PyTorch
has it. `js/src/engine/ops.ts` is the twin of this file, row by row, and `tests/conformance` holds both to the
same numbers.

The formulas are in a little language that the page turns into mathematics: the operands `a`, `b` and `c` (of
an op of any number of operands `a_1` to `a_n`, with `a_i` the one in question), the result `y`, numbers and
`pi`, `+ - * / ^` and unary minus, which bind as Python's do (`-a^2` is -(a^2)), parentheses, calls `f(a)`,
comparisons, and `u if a > 0 else v`. At kinks and poles `backward` decides, not the formula.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from math import copysign, inf, nan
from typing import Final, Protocol

LEAF: Final = "leaf"
CONST: Final = "const"
CUSTOM: Final = "custom"

SOURCES: Final = (LEAF, CONST)
"""The ops of nodes that are given, not computed."""


class Row(Protocol):
    """An op with a value and a gradient: one of the table, a custom op, or a linearised one."""

    @property
    def forward(self) -> Callable[..., float]:
        """`forward(a, b)`: the value."""

    @property
    def backward(self) -> Callable[..., Sequence[float]]:
        """`backward(g, y, a, b)`: the contribution to each operand, for the upstream gradient `g`."""


@dataclass(frozen=True, slots=True)
class Op:
    """One row: an operation, its derivatives, and their notation."""

    name: str
    arity: int | None
    """The number of operands; None for one or more."""
    forward: Callable[..., float]
    """`forward(a, b)`: the value. Never raises."""
    backward: Callable[..., tuple[float, ...]]
    """`backward(g, y, a, b)`: the contribution to each operand, for the gradient `g`. Never raises."""
    formula: str
    partials: tuple[str, ...]
    """The local derivative towards each operand; of an op of any arity one entry, towards `a_i`."""
    is_differentiable: bool = True
    """False for an op whose result never needs a gradient, such as a comparison."""


@dataclass(slots=True)
class LinearisedOp:
    """A constant value with constant local derivatives, for an op without functions."""

    value: float
    partials: tuple[float, ...]

    def forward(self, *_x: float) -> float:
        """The recorded value, at any operands."""
        return self.value

    def backward(self, g: float, _y: float, *_x: float) -> tuple[float, ...]:
        """The chain rule."""
        return tuple([g * partial for partial in self.partials])


def _div(a: float, b: float) -> float:
    try:
        return a / b
    except ZeroDivisionError:
        return nan if a == 0.0 or a != a else copysign(inf, a) * copysign(1.0, b)


def _div_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return _div(g, b), -g * _div(_div(a, b), b)


def _pow(a: float, b: float) -> float:
    try:
        return math.pow(a, b)
    except (ValueError, OverflowError):
        if a < 0.0 and b % 1.0 != 0.0:
            return nan
        return copysign(inf, a) if b % 2.0 == 1.0 else inf


def _pow_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    # 0**b for b >= 0 has exponent gradient 0, the limit, rather than y * log(0) = nan. The exponent's zero is
    # multiplied by g and the base's is not: so PyTorch has it.
    to_base = 0.0 if b == 0.0 else g * (b * _pow(a, b - 1.0))
    to_exponent = g * (0.0 if a == 0.0 and b >= 0.0 else y * _log(a))
    return to_base, to_exponent


def _ieee(f: Callable[[float], float], overflow: Callable[[float], float] = abs) -> Callable[[float], float]:
    """`f` of the math module as C has it: nan outside its domain, `overflow(a) * inf` where it overflows."""

    def total(a: float) -> float:
        try:
            return f(a)
        except ValueError:
            return nan
        except OverflowError:
            return overflow(a) * inf

    return total


_exp = _ieee(math.exp)
_expm1 = _ieee(math.expm1)
_sqrt = _ieee(math.sqrt)
_sin = _ieee(math.sin)
_cos = _ieee(math.cos)
_tan = _ieee(math.tan)
_asin = _ieee(math.asin)
_acos = _ieee(math.acos)
_acosh = _ieee(math.acosh)
_sinh = _ieee(math.sinh, overflow=float)
_cosh = _ieee(math.cosh)


def _log(a: float) -> float:
    return -inf if a == 0.0 else nan if a < 0.0 else math.log(a)


def _log2(a: float) -> float:
    return -inf if a == 0.0 else nan if a < 0.0 else math.log2(a)


def _log10(a: float) -> float:
    return -inf if a == 0.0 else nan if a < 0.0 else math.log10(a)


def _log1p(a: float) -> float:
    return -inf if a == -1.0 else nan if a < -1.0 else math.log1p(a)


def _rsqrt(a: float) -> float:
    return _div(1.0, _sqrt(a))


def _atanh(a: float) -> float:
    return a * inf if abs(a) == 1.0 else nan if abs(a) > 1.0 else math.atanh(a)


def _sign(a: float) -> float:
    return float((a > 0.0) - (a < 0.0))


def _whole(f: Callable[[float], int]) -> Callable[[float], float]:
    """A rounding of the math module as C has it: infinities, nan and the sign of a zero stay."""
    return lambda a: copysign(f(a), a) if math.isfinite(a) else a


_floor = _whole(math.floor)
_ceil = _whole(math.ceil)
_round = _whole(round)
_trunc = _whole(math.trunc)


def _fmod(a: float, b: float) -> float:
    return nan if b == 0.0 or math.isinf(a) else math.fmod(a, b)


def _remainder(a: float, b: float) -> float:
    rest = _fmod(a, b)
    return rest + b if rest != 0.0 and (rest < 0.0) != (b < 0.0) else rest


def _remainder_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return g, -g * _floor_divide(a, b)


def _fmod_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return g, -g * _trunc(_div(a, b))


def _hypot_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return g * _div(a, y), g * _div(b, y)


def _floor_divide(a: float, b: float) -> float:
    return a // b if b != 0.0 else _div(a, b)


def _atan2_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    squares = a * a + b * b
    share = 1.0 / squares if squares != 0.0 else 0.0  # the origin sends nothing
    return g * (b * share), g * (-a * share)


def _logaddexp(a: float, b: float) -> float:
    # Without the first case two equal infinities would give nan.
    return a + _LOG_2 if a == b else max(a, b) + math.log1p(_exp(-abs(a - b)))


def _logaddexp_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return g / (1.0 + _exp(b - a)), g / (1.0 + _exp(a - b))


def _xlogy(a: float, b: float) -> float:
    return 0.0 if a == 0.0 and b == b else a * _log(b)


def _xlogy_backward(g: float, y: float, a: float, b: float) -> tuple[float, float]:
    return 0.0 if a == 0.0 and b <= 0.0 else g * _log(b), _div(g * a, b)


def _clamp(a: float, b: float, c: float) -> float:
    if a != a or b != b or c != c:
        return nan
    raised = b if a < b else a
    return c if raised > c else raised


def _clamp_backward(g: float, y: float, a: float, b: float, c: float) -> tuple[float, float, float]:
    # A bound itself passes everything on; of crossed bounds the upper one wins.
    within, below, above = b <= a <= c, a < b < c, a > c or c < b
    return g if within else 0.0, g if below else 0.0, g if above else 0.0


def _where(a: float, b: float, c: float) -> float:
    return b if a != 0.0 else c


def _where_backward(g: float, y: float, a: float, b: float, c: float) -> tuple[float, float, float]:
    return (0.0, g, 0.0) if a != 0.0 else (0.0, 0.0, g)


def _hardtanh(a: float) -> float:
    return -1.0 if a < -1.0 else 1.0 if a > 1.0 else a


def _hardtanh_backward(g: float, y: float, a: float) -> tuple[float]:
    return (0.0 if a <= -1.0 or a >= 1.0 else g,)


def _relu6(a: float) -> float:
    return 0.0 if a < 0.0 else 6.0 if a > 6.0 else a


def _relu6_backward(g: float, y: float, a: float) -> tuple[float]:
    return (0.0 if a <= 0.0 or a >= 6.0 else g,)


def _sigmoid(a: float) -> float:
    return 1.0 / (1.0 + _exp(-a))


def _relu(a: float) -> float:
    return 0.0 if a < 0.0 else a


def _leaky_relu(a: float) -> float:
    return a if a > 0.0 else 0.01 * a


def _leaky_relu_backward(g: float, y: float, a: float) -> tuple[float]:
    return (g if a > 0.0 else g * 0.01,)


def _elu(a: float) -> float:
    return math.expm1(a) if a <= 0.0 else a


def _elu_backward(g: float, y: float, a: float) -> tuple[float]:
    return (g * math.exp(a) if a <= 0.0 else g,)


def _softplus(a: float) -> float:
    return a if a > 20.0 else math.log1p(math.exp(a))


def _softplus_backward(g: float, y: float, a: float) -> tuple[float]:
    if a > 20.0:
        return (g,)
    z = math.exp(a)
    return (g * z / (z + 1.0),)


def _silu(a: float) -> float:
    return a / (1.0 + _exp(-a))


def _silu_backward(g: float, y: float, a: float) -> tuple[float]:
    s = _sigmoid(a)
    return (g * s * (1.0 + a * (1.0 - s)),)


def _logsigmoid(a: float) -> float:
    return min(0.0, a) - math.log1p(_exp(-abs(a)))


def _logsigmoid_backward(g: float, y: float, a: float) -> tuple[float]:
    z = _exp(-abs(a))
    share = z / (1.0 + z)
    return (g * (1.0 - share if a < 0.0 else share),)


def _softsign(a: float) -> float:
    return a / (1.0 + abs(a))


def _softsign_backward(g: float, y: float, a: float) -> tuple[float]:
    below = 1.0 + abs(a)
    return (g / below - g * (y / below) * _sign(a),)


def _logit(a: float) -> float:
    return _log(_div(a, 1.0 - a))


def _logit_backward(g: float, y: float, a: float) -> tuple[float]:
    return (_div(g, abs(a * (1.0 - a))) if 0.0 <= a <= 1.0 else nan,)


_LOG_2 = math.log(2.0)
_LOG_10 = math.log(10.0)
_TWO_OVER_SQRT_PI = 2.0 / math.sqrt(math.pi)
_SQRT_HALF = math.sqrt(0.5)
_SQRT_HALF_OVER_PI = _TWO_OVER_SQRT_PI * _SQRT_HALF * 0.5


def _gauss(a: float) -> float:
    return _TWO_OVER_SQRT_PI * math.exp(-(a * a))


def _gelu(a: float) -> float:
    return 0.5 * a * (1.0 + math.erf(a * _SQRT_HALF))


def _gelu_backward(g: float, y: float, a: float) -> tuple[float]:
    cdf = 0.5 * (1.0 + math.erf(a * _SQRT_HALF))
    pdf = _SQRT_HALF_OVER_PI * math.exp(-0.5 * a * a)
    return (g * (cdf + a * pdf),)


def _sum(*x: float) -> float:
    # The built-in sum compensates rounding errors since Python 3.12; JavaScript and older Pythons don't.
    return reduce(operator.add, x, 0.0)


def _mean(*x: float) -> float:
    return _sum(*x) / len(x)


def _prod(*x: float) -> float:
    return reduce(operator.mul, x)


def _prod_backward(g: float, y: float, *x: float) -> tuple[float, ...]:
    zeros = x.count(0.0)
    if zeros == 0:
        return tuple((g * y) / a for a in x)
    if zeros > 1:
        return (0.0,) * len(x)
    # One zero: dividing by it loses its own gradient, so multiply what lies before and after each operand.
    before, after = [1.0], [1.0]
    for a, b in zip(x[:-1], x[:0:-1], strict=True):
        before.append(before[-1] * a)
        after.append(after[-1] * b)
    return tuple(g * (left * right) for left, right in zip(before, reversed(after), strict=True))


def _max(*x: float) -> float:
    return reduce(lambda a, b: b if a < b or b != b else a, x)


def _min(*x: float) -> float:
    return reduce(lambda a, b: b if a > b or b != b else a, x)


def _max_backward(g: float, y: float, *x: float) -> tuple[float, ...]:
    # torch.maximum compares its two operands: with a nan among them neither is smaller, so both get all of g.
    if len(x) == 2:
        a, b = x
        share = g / 2.0 if a == b else g
        return (0.0 if a < b else share), (0.0 if a > b else share)
    return _shared_by_winners(g, y, x)


def _min_backward(g: float, y: float, *x: float) -> tuple[float, ...]:
    if len(x) == 2:
        a, b = x
        share = g / 2.0 if a == b else g
        return (0.0 if a > b else share), (0.0 if a < b else share)
    return _shared_by_winners(g, y, x)


def _shared_by_winners(g: float, y: float, x: tuple[float, ...]) -> tuple[float, ...]:
    # torch.max of a whole tensor: the winners share evenly, and a nan wins. (torch.amax gives nan to all.)
    wins = [a != a if y != y else a == y for a in x]
    share = _div(g, sum(wins))
    return tuple(share if won else 0.0 for won in wins)


_LEAKY_RELU_SLOPE = "1 if a > 0 else 0.01"
_SOFTPLUS_SLOPE = "1 if a > 20 else 1 / (1 + exp(-a))"
_SILU_SLOPE = "(1 + a * (1 - 1 / (1 + exp(-a)))) / (1 + exp(-a))"
_GAUSS = "2 * exp(-a^2) / sqrt(pi)"
_CLAMP_SLOPES = ("1 if a == y else 0", "1 if a < b else 0", "1 if a > c else 0")
_RELU6_SLOPE = "0 if a < 0 else 1 if a < 6 else 0"
_HARDTANH_SLOPE = "0 if a < -1 else 1 if a < 1 else 0"
_GELU_SLOPE = "(1 + erf(a / sqrt(2))) / 2 + a * exp(-a^2 / 2) / sqrt(2 * pi)"


def _comparison(sign: str, compare: Callable[[float, float], bool]) -> Op:
    """A row of 1 or 0."""
    return Op(
        sign,
        2,
        lambda a, b: float(compare(a, b)),
        lambda g, y, a, b: (0.0, 0.0),
        f"1 if a {sign} b else 0",
        ("0", "0"),
        is_differentiable=False,
    )


_ROWS = (
    Op("+", 2, lambda a, b: a + b, lambda g, y, a, b: (g, g), "a + b", ("1", "1")),
    Op("-", 2, lambda a, b: a - b, lambda g, y, a, b: (g, -g), "a - b", ("1", "-1")),
    Op("*", 2, lambda a, b: a * b, lambda g, y, a, b: (g * b, g * a), "a * b", ("b", "a")),
    Op("/", 2, _div, _div_backward, "a / b", ("1 / b", "-a / b^2")),
    Op("**", 2, _pow, _pow_backward, "a^b", ("b * a^(b - 1)", "y * log(a)")),
    # Python's own and torch.remainder: the sign is that of b.
    Op("%", 2, _remainder, _remainder_backward, "a - b * floor(a / b)", ("1", "-floor(a / b)")),
    Op("//", 2, _floor_divide, lambda g, y, a, b: (0.0, 0.0), "floor(a / b)", ("0", "0")),
    # C's: the sign is that of a.
    Op("fmod", 2, _fmod, _fmod_backward, "a - b * trunc(a / b)", ("1", "-trunc(a / b)")),
    Op("neg", 1, lambda a: -a, lambda g, y, a: (-g,), "-a", ("-1",)),
    Op("abs", 1, abs, lambda g, y, a: (g * _sign(a),), "abs(a)", ("sign(a)",)),  # nan has the sign 0
    Op("square", 1, lambda a: a * a, lambda g, y, a: (g * (2.0 * a),), "a^2", ("2 * a",)),
    Op("reciprocal", 1, lambda a: _div(1.0, a), lambda g, y, a: (-g * (y * y),), "1 / a", ("-y^2",)),
    Op("sqrt", 1, _sqrt, lambda g, y, a: (_div(g, 2.0 * y),), "sqrt(a)", ("1 / (2 * y)",)),
    Op("rsqrt", 1, _rsqrt, lambda g, y, a: (-0.5 * g * (y * y * y),), "1 / sqrt(a)", ("-y^3 / 2",)),
    Op("hypot", 2, math.hypot, _hypot_backward, "sqrt(a^2 + b^2)", ("a / y", "b / y")),
    Op("exp", 1, _exp, lambda g, y, a: (g * y,), "exp(a)", ("y",)),
    Op("expm1", 1, _expm1, lambda g, y, a: (g * (y + 1.0),), "exp(a) - 1", ("y + 1",)),
    Op("exp2", 1, lambda a: _pow(2.0, a), lambda g, y, a: (g * y * _LOG_2,), "2^a", ("y * log(2)",)),
    Op("log", 1, _log, lambda g, y, a: (_div(g, a),), "log(a)", ("1 / a",)),
    Op("log1p", 1, _log1p, lambda g, y, a: (_div(g, a + 1.0),), "log(1 + a)", ("1 / (1 + a)",)),
    Op("log2", 1, _log2, lambda g, y, a: (_div(g, a * _LOG_2),), "log2(a)", ("1 / (a * log(2))",)),
    Op("log10", 1, _log10, lambda g, y, a: (_div(g, a * _LOG_10),), "log10(a)", ("1 / (a * log(10))",)),
    Op("logaddexp", 2, _logaddexp, _logaddexp_backward, "log(exp(a) + exp(b))", ("exp(a - y)", "exp(b - y)")),
    # 0 where a is 0, also where log(b) is not finite.
    Op("xlogy", 2, _xlogy, _xlogy_backward, "a * log(b)", ("log(b)", "a / b")),
    Op("sin", 1, _sin, lambda g, y, a: (g * _cos(a),), "sin(a)", ("cos(a)",)),
    Op("cos", 1, _cos, lambda g, y, a: (g * -_sin(a),), "cos(a)", ("-sin(a)",)),
    Op("tan", 1, _tan, lambda g, y, a: (g * (1.0 + y * y),), "tan(a)", ("1 + y^2",)),
    Op("asin", 1, _asin, lambda g, y, a: (g * _rsqrt(1.0 - a * a),), "asin(a)", ("1 / sqrt(1 - a^2)",)),
    Op("acos", 1, _acos, lambda g, y, a: (g * -_rsqrt(1.0 - a * a),), "acos(a)", ("-1 / sqrt(1 - a^2)",)),
    Op("atan", 1, math.atan, lambda g, y, a: (g / (a * a + 1.0),), "atan(a)", ("1 / (1 + a^2)",)),
    Op("atan2", 2, math.atan2, _atan2_backward, "atan2(a, b)", ("b / (a^2 + b^2)", "-a / (a^2 + b^2)")),
    Op("sinh", 1, _sinh, lambda g, y, a: (g * _cosh(a),), "sinh(a)", ("cosh(a)",)),
    Op("cosh", 1, _cosh, lambda g, y, a: (g * _sinh(a),), "cosh(a)", ("sinh(a)",)),
    Op("tanh", 1, math.tanh, lambda g, y, a: (g * (1.0 - y * y),), "tanh(a)", ("1 - y^2",)),
    Op(
        "asinh", 1, math.asinh, lambda g, y, a: (g * _rsqrt(1.0 + a * a),), "asinh(a)", ("1 / sqrt(1 + a^2)",)
    ),
    Op("acosh", 1, _acosh, lambda g, y, a: (g * _rsqrt(a * a - 1.0),), "acosh(a)", ("1 / sqrt(a^2 - 1)",)),
    Op("atanh", 1, _atanh, lambda g, y, a: (_div(g, 1.0 - a * a),), "atanh(a)", ("1 / (1 - a^2)",)),
    Op("erf", 1, math.erf, lambda g, y, a: (g * _gauss(a),), "erf(a)", (_GAUSS,)),
    Op("erfc", 1, math.erfc, lambda g, y, a: (-g * _gauss(a),), "erfc(a)", (f"-{_GAUSS}",)),
    Op("sigmoid", 1, _sigmoid, lambda g, y, a: (g * (1.0 - y) * y,), "1 / (1 + exp(-a))", ("y * (1 - y)",)),
    Op("logsigmoid", 1, _logsigmoid, _logsigmoid_backward, "-log(1 + exp(-a))", ("1 / (1 + exp(a))",)),
    Op("logit", 1, _logit, _logit_backward, "log(a / (1 - a))", ("1 / (a * (1 - a))",)),
    Op("softsign", 1, _softsign, _softsign_backward, "a / (1 + abs(a))", ("1 / (1 + abs(a))^2",)),
    # At the kink 0. It masks: where relu is 0, an infinite upstream gradient contributes 0 too, and not nan.
    Op("relu", 1, _relu, lambda g, y, a: (0.0 if y <= 0.0 else g,), "max(0, a)", ("1 if a > 0 else 0",)),
    # At both kinks 0, unlike `clamp`.
    Op("relu6", 1, _relu6, _relu6_backward, "min(max(0, a), 6)", (_RELU6_SLOPE,)),
    Op("hardtanh", 1, _hardtanh, _hardtanh_backward, "min(max(-1, a), 1)", (_HARDTANH_SLOPE,)),
    # At the kink the left derivative.
    Op("leaky_relu", 1, _leaky_relu, _leaky_relu_backward, "a if a > 0 else 0.01 * a", (_LEAKY_RELU_SLOPE,)),
    Op("elu", 1, _elu, _elu_backward, "a if a > 0 else exp(a) - 1", ("1 if a > 0 else exp(a)",)),
    # beta=1, threshold=20, as torch.nn.functional.softplus: past the threshold it is the identity.
    Op("softplus", 1, _softplus, _softplus_backward, "a if a > 20 else log(1 + exp(a))", (_SOFTPLUS_SLOPE,)),
    Op("silu", 1, _silu, _silu_backward, "a / (1 + exp(-a))", (_SILU_SLOPE,)),
    # The exact one, by erf, and not its approximation by tanh.
    Op("gelu", 1, _gelu, _gelu_backward, "a * (1 + erf(a / sqrt(2))) / 2", (_GELU_SLOPE,)),
    # Piecewise constant: 0 whatever g is, at the jumps too. sign(nan) is 0, as torch.sign has it.
    Op("sign", 1, _sign, lambda g, y, a: (0.0,), "sign(a)", ("0",)),
    Op("floor", 1, _floor, lambda g, y, a: (0.0,), "floor(a)", ("0",)),
    Op("ceil", 1, _ceil, lambda g, y, a: (0.0,), "ceil(a)", ("0",)),
    Op("round", 1, _round, lambda g, y, a: (0.0,), "round(a)", ("0",)),  # a half to the even neighbour
    Op("trunc", 1, _trunc, lambda g, y, a: (0.0,), "trunc(a)", ("0",)),
    Op("frac", 1, lambda a: a - _trunc(a), lambda g, y, a: (g,), "a - trunc(a)", ("1",)),
    # As torch.clamp: a bound itself has the whole gradient, and nan wins.
    Op("clamp", 3, _clamp, _clamp_backward, "min(max(a, b), c)", _CLAMP_SLOPES),
    # Masks: the branch not taken gets 0, whatever the upstream gradient is.
    Op("where", 3, _where, _where_backward, "b if a else c", ("0", "1 if a else 0", "0 if a else 1")),
    _comparison(">", operator.gt),
    _comparison(">=", operator.ge),
    _comparison("<", operator.lt),
    _comparison("<=", operator.le),
    _comparison("==", operator.eq),
    _comparison("!=", operator.ne),
    Op("detach", 1, lambda a: a, lambda g, y, a: (0.0,), "a", ("0",), is_differentiable=False),
    # Ties share: two operands as torch.maximum and torch.minimum, any other number as torch.max of a tensor.
    # The first of 0 and -0 is the value.
    Op("max", None, _max, _max_backward, "max(a_1, …, a_n)", ("1 if a_i == y else 0",)),
    Op("min", None, _min, _min_backward, "min(a_1, …, a_n)", ("1 if a_i == y else 0",)),
    Op("sum", None, _sum, lambda g, y, *x: (g,) * len(x), "a_1 + … + a_n", ("1",)),
    Op("mean", None, _mean, lambda g, y, *x: (g / len(x),) * len(x), "(a_1 + … + a_n) / n", ("1 / n",)),
    Op("prod", None, _prod, _prod_backward, "a_1 * … * a_n", ("y / a_i",)),
)

OPS: dict[str, Op] = {row.name: row for row in _ROWS}
"""The table: name -> row."""

UNTRACKED = frozenset(row.name for row in _ROWS if not row.is_differentiable)
"""The ops whose result needs no gradient, whatever their operands need."""
