"""Numbers on the wire: finite ones as they are, nan and infinity spelled, since JSON has neither."""

from __future__ import annotations

from math import inf, isfinite, nan
from typing import Any

_SPELLED = {"nan": nan, "inf": inf, "-inf": -inf}


def encode_number(x: float) -> float | str:
    """The number itself where it is finite, else `"nan"`, `"inf"` or `"-inf"`."""
    if isfinite(x):
        return x
    return "nan" if x != x else "inf" if x > 0 else "-inf"


def decode_number(x: Any) -> float | None:
    """The number that was encoded; None where `x` is no encoded number (a bool, another string, …)."""
    if isinstance(x, str):
        return _SPELLED.get(x)
    if isinstance(x, bool) or not isinstance(x, int | float):
        return None
    try:
        return float(x) if isfinite(x) else None
    except OverflowError:  # an int beyond the range of doubles
        return None
