"""Numbers in JSON: finite ones as they are, nan and infinity as strings."""

from __future__ import annotations

from math import copysign, inf, isfinite, nan
from typing import Any

_SPELLED = {"nan": nan, "inf": inf, "-inf": -inf, "-0": -0.0}


def encode_number(x: float) -> float | str:
    """Encode a number: as it is if finite, else as `"nan"`, `"inf"` or `"-inf"`."""
    if isfinite(x):
        return x
    return "nan" if x != x else "inf" if x > 0 else "-inf"


def encode_moved(x: float) -> float | str:
    """Encode a number for a message: a page loses the sign of a zero that is not spelled, `"-0"`."""
    return "-0" if x == 0.0 and copysign(1.0, x) < 0.0 else encode_number(x)


def decode_number(x: Any) -> float | None:
    """Decode a number; None for anything else, such as a bool or another string."""
    if isinstance(x, str):
        return _SPELLED.get(x)
    if isinstance(x, bool) or not isinstance(x, int | float):
        return None
    try:
        return float(x) if isfinite(x) else None
    except OverflowError:  # an int beyond the range of doubles
        return None
