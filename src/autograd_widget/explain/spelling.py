"""Digits of numbers such that products and sums hold as displayed. `spelling.ts` explains the method.

Names of ops are in `adapters.op_names`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import fsum, isfinite, prod
from typing import Final

from autograd_widget.engine.digits import shown, two_decimals

FEW: Final = 4
"""The usual number of significant digits."""
MANY: Final = 8
FEWEST: Final = 3
"""The smallest number of digits that a result keeps when it gives up some."""
NOTHING: Final = 1e-12
"""A sum that is smaller, relative to its terms, is rounding error."""
WITHIN: Final = 0.99
MOST_PARTS: Final = 40
ROUNDS: Final = 6


@dataclass(frozen=True)
class Relation:
    """A result and the parts that it is computed from."""

    parts: Sequence[float]
    result: float
    of: Callable[[Sequence[float]], float]
    """The function that computes the result from its parts; it is called with rounded parts."""
    is_sum: bool = False
    """True if parts may cancel."""


def product_of(parts: Sequence[float], result: float) -> Relation:
    """Relate a product to its factors."""
    return Relation(parts, result, prod)


def sum_of(parts: Sequence[float], result: float) -> Relation:
    """Relate a sum to its terms."""
    return Relation(parts, result, fsum, is_sum=True)


@dataclass(frozen=True)
class _Written:
    text: str
    read: float
    """The number that a reader sees."""
    digits: int
    unit: float


class Spelling:
    """The digits of all numbers that are displayed together, by magnitude: equal ones are spelled alike."""

    def __init__(self, relations: Iterable[Relation] = ()) -> None:
        self._written: dict[float, _Written] = {}
        self._lowered: set[float] = set()
        displayed = [
            relation
            for relation in relations
            if 0 < len(relation.parts) <= MOST_PARTS
            and all(map(isfinite, (relation.result, *relation.parts)))
        ]
        for each in displayed:
            if each.is_sum and 0.0 < abs(each.result) < NOTHING * max(map(abs, each.parts)):
                self._written[abs(each.result)] = _Written("0", 0.0, MANY, 1.0)
        for _ in range(ROUNDS):
            if all([self._holds(relation) for relation in displayed]):
                break

    def write(self, x: float) -> str:
        """Write a number."""
        known = self._of(x)
        return f"-{known.text}" if x < 0.0 and known.read != 0.0 else known.text

    def gradient(self, x: float) -> str:
        """Write a gradient, always with its sign but for zero."""
        text = self.write(x)
        return "0" if x == 0.0 or text == "0" else f"+{text}" if x > 0.0 else text

    def factor(self, x: float) -> str:
        """Write a factor; whole numbers without decimals, so that the others stand out."""
        return f"{x:.0f}" if abs(x) < 1000.0 and x == int(x) else self.write(x)

    def _holds(self, relation: Relation) -> bool:
        """Make a relation hold as displayed; False if digits had to change."""
        held = True
        while True:
            seen = [self._read(x) for x in relation.parts]
            computed = relation.of(seen)
            result = self._of(relation.result)
            if abs(computed - self._read(relation.result)) <= WITHIN * result.unit:
                return held
            held = False
            matters = [
                abs(relation.of([*seen[:i], x, *seen[i + 1 :]]) - computed)
                for i, x in enumerate(relation.parts)
            ]
            if self._longer(relation.parts, matters, FEW):
                continue
            size = abs(relation.result)
            if result.digits > FEWEST and size not in self._lowered and size < 10.0 ** (result.digits - 2):
                self._lowered.add(size)
                self._set(size, -1)
            elif not self._longer(relation.parts, matters, MANY):
                return True  # doubles have no more

    def _longer(self, parts: Sequence[float], matters: Sequence[float], limit: int) -> bool:
        """Give one more digit to the part whose rounding matters most, among those below the limit."""
        able = [m if self._of(x).digits < limit else 0.0 for x, m in zip(parts, matters, strict=True)]
        largest = max(able)
        if largest > 0.0:
            self._set(abs(parts[able.index(largest)]), 1)
        return largest > 0.0

    def _read(self, x: float) -> float:
        read = self._of(x).read
        return -read if x < 0.0 else read

    def _of(self, x: float) -> _Written:
        size = abs(x)
        known = self._written.get(size)
        if known is not None:
            return known
        written = _as_written(shown(size))
        return written if written.digits <= FEW else _as_written(two_decimals(size))

    def _set(self, size: float, more: int) -> None:
        digits = max(self._of(size).digits + more, 2)
        self._written[size] = _written(_to_precision(size, digits), digits)


def _to_precision(size: float, digits: int) -> str:
    """Write a number with as many significant digits, zeros at its end too."""
    if size < 1e-3 or size >= 10.0**digits:
        mantissa, exponent = f"{size:.{digits - 1}e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return f"{size:#.{digits}g}".rstrip(".")


def _as_written(text: str) -> _Written:
    return _written(text, len(text.partition("e")[0].replace(".", "").lstrip("0")))


def _written(text: str, digits: int) -> _Written:
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    return _Written(text, float(text), digits, 10.0 ** (int(exponent or 0) - decimals))
