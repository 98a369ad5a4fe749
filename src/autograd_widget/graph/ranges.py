"""Ranges of sliders: chosen from the value, or given by the user.

`js/src/session/ranges.ts` chooses the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, isfinite, log10
from typing import TypeAlias

from .json_text import shown

Range: TypeAlias = tuple[float, float, float]
"""The lowest and the highest value, and the step."""

STEPS = 400
"""The number of steps of a chosen range: a slider of 130 pixels can't show more."""

SMALLEST, LARGEST = 1e-300, 1e300
"""The sizes between which powers of ten stay in the range of doubles."""


def chosen_range(value: float) -> Range:
    """Choose a range symmetric about 0, with a round bound of at least 1.5 times the value.

    A round bound is 1, 2 or 5 times a power of ten. Values from 0.05 to 1.33 get [-2, 2], so that the sliders
    of a small network can be compared by eye.
    """
    size = abs(value)
    usual = 0.05 <= size <= 2.0 / 1.5 or not SMALLEST <= size <= LARGEST
    bound = 2.0 if usual else _round_up(1.5 * size)
    return (-bound, bound, 2.0 * bound / STEPS)


def _round_up(x: float) -> float:
    exponent = floor(log10(x))
    # Read as decimals, since 0.2 is not 2 times 0.1 everywhere.
    bounds = (float(f"{digit}e{exponent}") for digit in (1, 2, 5, 10))
    return next((bound for bound in bounds if bound >= x), x)


def checked_range(name: str, given: Sequence[float]) -> Range:
    """Check the range that a user gave for a leaf, and choose a step where there is none.

    Raises:
        ValueError: It is not two or three finite numbers, is empty or upside down, or its step is too long.
    """
    try:
        numbers = [float(x) for x in given]
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if len(numbers) not in (2, 3) or not all(map(isfinite, numbers)):
        raise ValueError(
            f"the slider of {name} needs (lowest, highest) or (lowest, highest, step), not {shown(given)}"
        )
    low, high = numbers[:2]
    if not low < high:
        raise ValueError(
            f"the slider of {name} is empty: its lowest value {low:g} is not below its highest {high:g}"
        )
    step = numbers[2] if len(numbers) == 3 else (high - low) / STEPS
    if not 0.0 < step <= high - low:
        raise ValueError(f"the slider of {name} needs a step between 0 and {high - low:g}, not {step:g}")
    return (low, high, step)
