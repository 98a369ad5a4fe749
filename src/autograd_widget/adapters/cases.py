"""Test cases for engines: expressions, numbers that tell right from wrong, and the usual mistakes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

NAMES: Final = ("a", "b", "c")

SIGNS: Final = {"+": "+", "-": "-", "*": "*", "/": "/", "**": "**"}
BINARY: Final = ("+", "-", "*", "/")
AT_TWO: Final = ((2.0, -3.0), (0.5, 4.0), (3.0, 2.0), (-1.5, 0.75))
AT_ONE: Final = (0.5, 2.0, -1.5, 3.0)
EXPONENTS: Final = ((2.0, 3.0), (3.0, 2.0), (0.5, -1.0), (4.0, 0.5), (-1.5, 2.0))


@dataclass(frozen=True)
class Case:
    """One expression, in Python's words, and how to compute it of any engine's nodes."""

    text: str
    at: tuple[float, ...]
    compute: Callable[..., Any]
    ours: Callable[..., Any] | None = None
    """The reference for our nodes, if it differs from `compute`: an engine may name the op otherwise."""
    numbers: tuple[float, ...] = ()
    """The operands of the op, plain numbers included."""

    @property
    def place(self) -> str:
        """The numbers, as `a = 2, b = -3`."""
        return ", ".join(f"{name} = {x:g}" for name, x in zip(NAMES, self.at, strict=False))

    def __str__(self) -> str:
        return f"{self.text} at {self.place}"


def _operator(sign: str) -> Callable[[Any, Any], Any]:
    operators: dict[str, Callable[[Any, Any], Any]] = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
        "**": lambda a, b: a**b,
    }
    return operators[sign]


def single(row: str, method: str) -> list[Case]:
    """An op by itself, at several places."""
    if row in BINARY:
        return [Case(f"a {row} b", at, _operator(row), numbers=at) for at in AT_TWO]
    if row == "**":
        return [_power(x, n) for x, n in EXPONENTS]
    if row == "neg":
        return [Case("-a", (x,), lambda a: -a, numbers=(x,)) for x in AT_ONE]
    if row == "abs":
        return [Case("abs(a)", (x,), abs, numbers=(x,)) for x in AT_ONE]
    return [Case(f"a.{method}()", (x,), _method(method), _method(row), (x,)) for x in AT_ONE]


def twice(row: str) -> list[Case]:
    """An op of two whose operands are the same node."""
    if row not in BINARY:
        return []
    return [Case(f"a {row} a", (x,), lambda a: _operator(row)(a, a)) for x in (2.0, 3.0)]


def numbers_right(row: str) -> list[Case]:
    """A plain number on the right."""
    return (
        [Case(f"a {row} 2", (x,), lambda a: _operator(row)(a, 2)) for x in (3.0, -0.5)]
        if row in BINARY
        else []
    )


def numbers_left(row: str) -> list[Case]:
    """A plain number on the left: the reflected operators."""
    return (
        [Case(f"2 {row} a", (x,), lambda a: _operator(row)(2, a)) for x in (3.0, -0.5)]
        if row in BINARY
        else []
    )


def passes(rows: Sequence[str]) -> list[Case]:
    """Expressions in which the order of the pass matters, of ops that the engine has."""
    found: list[Case] = []
    at = (2.0, -3.0)
    if "+" in rows and "*" in rows:
        found += [
            Case("(a + b) * a", at, lambda a, b: (a + b) * a),
            Case("c = a * b; d = c + a; d * c", at, _diamond("*", "+", "*")),
            Case("c = a + b; d = c * a; d + c", at, _diamond("+", "*", "+")),
            Case("c = a * b; (c + a) + (c * c) * b", at, _deep),
        ]
    for row in ("*", "+", "-"):
        if row in rows:
            found.append(Case(f"c = a {row} b; d = c {row} a; d {row} c", at, _diamond(row, row, row)))
            found.append(Case(f"c = a {row} b; d = c {row} a; c {row} d", at, _mirrored(row)))
    return found


def _diamond(first: str, second: str, third: str) -> Callable[[Any, Any], Any]:
    def compute(a: Any, b: Any) -> Any:
        c = _operator(first)(a, b)
        d = _operator(second)(c, a)
        return _operator(third)(d, c)

    return compute


def _mirrored(row: str) -> Callable[[Any, Any], Any]:
    def compute(a: Any, b: Any) -> Any:
        c = _operator(row)(a, b)
        return _operator(row)(c, _operator(row)(c, a))

    return compute


def _deep(a: Any, b: Any) -> Any:
    c = a * b
    return (c + a) + (c * c) * b


def _power(x: float, n: float) -> Case:
    exponent = _whole(n)
    return Case(f"a**{n:g}", (x,), lambda a: a**exponent, numbers=(x, n))


def powers_of_nodes() -> list[Case]:
    """Powers whose exponent is a node, for engines that take one."""
    return [Case("a ** b", at, _operator("**"), numbers=at) for at in ((2.0, 3.0), (0.5, 2.0))]


def _method(name: str) -> Callable[[Any], Any]:
    return lambda a: getattr(a, name)()


def _whole(n: float) -> float:
    return int(n) if n.is_integer() else n


def _of(f: Callable[[float], float]) -> Callable[..., tuple[float, ...]]:
    return lambda *x: (f(x[0]),)


MISTAKES: Final[dict[str, dict[str, Callable[..., tuple[float, ...]]]]] = {
    "tanh": {
        "no square": _of(lambda x: 1 - math.tanh(x)),
        "of the operand": _of(lambda x: 1 - x * x),
    },
    "exp": {"operand": _of(lambda x: x), "as a power": _of(lambda x: x * math.exp(x - 1))},
    "relu": {"no mask": _of(lambda x: 1.0), "mask turned round": _of(lambda x: float(x <= 0))},
    "log": {"itself": _of(math.log), "operand": _of(lambda x: x)},
    "sigmoid": {
        "no square": _of(lambda x: 1 - 1 / (1 + math.exp(-x))),
        "of the operand": _of(lambda x: x * (1 - x)),
    },
    "**": {
        "exponent kept": lambda x, n: (n * x**n,),
        "no factor": lambda x, n: (x ** (n - 1),),
        "factor less one": lambda x, n: ((n - 1) * x ** (n - 1),),
        "base": lambda x, n: (n * x,),
    },
    "*": {"swapped": lambda a, b: (a, b), "as a sum": lambda a, b: (1.0, 1.0)},
    "-": {"sign": lambda a, b: (1.0, 1.0), "swapped": lambda a, b: (-1.0, 1.0)},
    "/": {
        "sign": lambda a, b: (1 / b, a / b**2),
        "swapped": lambda a, b: (-a / b**2, 1 / b),
        "no square": lambda a, b: (1 / b, -a / b),
        "as a product": lambda a, b: (b, a),
    },
    "neg": {"sign": _of(lambda x: 1.0)},
}
"""Wrong local derivatives that learners write, by row of the op table."""


def mistake_in(
    row: str, at: Sequence[float], yours: Sequence[float], close: Callable[[float, float], bool]
) -> str:
    """The name of the known mistake that gives these derivatives; empty for any other."""
    for name, wrong in MISTAKES.get(row, {}).items():
        try:
            given = wrong(*at)
        except (ArithmeticError, ValueError, TypeError):
            continue
        if len(given) == len(yours) and all(close(p, q) for p, q in zip(given, yours, strict=True)):
            return name
    return ""
