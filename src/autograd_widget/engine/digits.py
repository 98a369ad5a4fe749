"""Numbers as text, with as many digits as a reader needs."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from math import isfinite, nan
from typing import Final

LONGEST: Final = 8
"""The length from which a number that a person entered gets an exponent."""

FOUR_DIGITS: Final = Context(prec=4, rounding=ROUND_HALF_UP)


def two_decimals(x: float) -> str:
    """Write a number with two decimals; a small one as 0.0059 instead of 0.01, a tiny one as 1.2e-7."""
    return shown(x) if 0.0 < abs(x) < 0.01 else f"{x:.2f}"


def shown(x: float) -> str:
    """Write a number with two decimals, or all of three or four; below 0.01 two digits; else as 1.2e-7.

    Sums and products close to the last digit: 0.25 times 0.50 is 0.125, not 0.12.
    """
    short = round(x, 4) if abs(x) < 1000.0 else nan
    if abs(x - short) <= 1e-12 * abs(x) and short != round(x, 2):
        return f"{short:.4f}".rstrip("0")
    if isfinite(x) and x != 0.0 and not 0.005 <= abs(x) < 99_999.995:
        digits, exponent = f"{x:.1e}".split("e")
        return f"{digits}e{int(exponent)}"
    return f"{x:.2g}" if 0.0 < abs(x) < 0.01 else f"{x:.2f}"


def short(x: float) -> str:
    """Write a number that a person entered, such as a constant: short, integers in full. As `formatShort`."""
    if not isfinite(x):
        return f"{x:g}"
    is_plain = x.is_integer() and abs(x) < 1e6
    rounded = x if is_plain else float(FOUR_DIGITS.create_decimal(Decimal(x)))
    decimal = (Decimal(repr(rounded)) + 0).normalize()  # no minus before 0
    text = f"{decimal:f}"
    if len(text) <= LONGEST and not 0 < abs(decimal) < Decimal("1e-6"):
        return text
    digits, exponent = f"{decimal:e}".split("e")
    return f"{digits}e{int(exponent)}"
