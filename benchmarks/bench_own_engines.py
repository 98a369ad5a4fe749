"""Reading the graph of another engine, micrograd's, against one pass of its own."""

from __future__ import annotations

from collections.abc import Iterator

from micrograd.engine import Value
from rows import Row, compare, ms, seconds

from autograd_widget.adapters import read

NODES = 7_000


def rows() -> Iterator[Row]:
    """A graph of some 7,000 objects."""
    out = value_of(NODES)
    found = compare(lambda: seconds(lambda: read(out)), lambda: seconds(out.backward), 7)
    yield Row(
        f"a micrograd graph of {NODES:,} values read, in s", ms(found.ours), "-", found.ours, "<= 0.3", "s"
    )
    yield Row("the same against micrograd's own pass", ms(found.ours), ms(found.other), found.ratio, "")


def value_of(nodes: int) -> Value:
    """A balanced sum of products: micrograd's pass recurses."""
    level = [Value(0.01 * i) * 0.9 for i in range(nodes // 4)]
    while len(level) > 1:
        level = [
            a + b for a, b in zip(level[::2], [*level[1::2], *[Value(0.0)] * (len(level) % 2)], strict=True)
        ]
    return level[0]
