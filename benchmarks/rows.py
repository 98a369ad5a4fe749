"""Rows of the table of results. A subject is a file `bench_*.py` with a function `rows()`."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from typing import NamedTuple


class Row(NamedTuple):
    """One comparison."""

    what: str
    ours: str
    other: str
    result: float
    """A ratio, or the quantity in `wanted`."""
    wanted: str
    """`>= 6`, `<= 25`, …; empty for a figure that nobody asked for."""
    unit: str = "times"

    @property
    def holds(self) -> bool | None:
        """True if the result is as wanted; None if nothing is wanted."""
        if not self.wanted:
            return None
        sign, number = self.wanted.split()[:2]
        return self.result >= float(number) if sign == ">=" else self.result <= float(number)


def seconds(task: Callable[[], object], repeat: int = 1) -> float:
    """Measure the time of one call, over several in a row.

    It is the processor's time, which other processes disturb less than the clock's. Garbage is collected
    first, so that an engine does not pay for that of another one.
    """
    gc.collect()
    start = time.process_time()
    for _ in range(repeat):
        task()
    return (time.process_time() - start) / repeat


class Comparison(NamedTuple):
    """Medians over rounds; in each round both were timed."""

    ours: float
    other: float
    ratio: float
    """The ratio of the other's time to ours: the median over rounds."""


def compare(ours: Callable[[], float], other: Callable[[], float], rounds: int = 7) -> Comparison:
    """Time both by turns, so that a machine that others use too slows both."""
    pairs = [(ours(), other()) for _ in range(rounds)]
    return Comparison(
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
        statistics.median(b / a for a, b in pairs),
    )


class Collector:
    """A context with the garbage collector on or off."""

    def __init__(self, on: bool) -> None:
        self.on = on

    def __enter__(self) -> None:
        (gc.enable if self.on else gc.disable)()

    def __exit__(self, *_: object) -> None:
        gc.enable()


def ms(seconds_: float) -> str:
    """A time, for the table."""
    return f"{seconds_ * 1e3:.3g} ms"
