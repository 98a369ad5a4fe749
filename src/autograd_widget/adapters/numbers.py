"""Comparing what two engines computed."""

from __future__ import annotations

from math import isfinite
from typing import Final

TOLERANCE: Final = 1e-6
"""Relative; engines may compute in single precision, and by other formulas."""


def close(a: float, b: float, scale: float = 0.0) -> bool:
    """Test whether two numbers are equal but for rounding."""
    if a == b or (a != a and b != b):
        return True
    if not isfinite(a) or not isfinite(b):
        return False
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b), scale, 1e-9)


def error(a: float, b: float) -> float:
    """Their distance, 0 for two nan, infinite where only one is finite."""
    if a == b or (a != a and b != b):
        return 0.0
    distance = abs(a - b)
    return distance if isfinite(distance) else float("inf")


def rounded(number: float) -> list[float]:
    """A number, after those with fewer digits that rounding may have hidden."""
    if not isfinite(number):
        return [number]
    shorter = [float(f"{number:.{digits}g}") for digits in (3, 6, 9, 12)]
    return [*dict.fromkeys(x for x in shorter if close(x, number)), number]
