"""The two loops that compute a flat graph, over a list of steps. They are what a slider waits for.

The commonest ops are written out; they give what the op table gives, to the bit (`test_graph` compares).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import tanh
from typing import Any, Final, TypeAlias

from .ops import OPS, Row

Step: TypeAlias = tuple[int, int, Any, Any]
"""A node, how to compute it, and its two operands; or its one and None; or all of them in a tuple, and its
row."""

ADD: Final = 0
MULTIPLY: Final = 1
TANH: Final = 2
RELU: Final = 3
SUBTRACT: Final = 4
ANY: Final = 5

CODES: Final = {"+": ADD, "*": MULTIPLY, "tanh": TANH, "relu": RELU, "-": SUBTRACT}


def step(node: int, op: str, operands: Sequence[int], row: Row | None = None) -> Step:
    """The step that computes a node: by its row, if its op has one of its own, else by the op table."""
    code = ANY if row else CODES.get(op, ANY)
    if code == ANY:
        return node, ANY, tuple(operands), row or OPS[op]
    return node, code, operands[0], operands[1] if len(operands) > 1 else None


def forward(steps: Iterable[Step], v: list[float]) -> None:
    """Compute the values of the steps, in order, into `v`."""
    for i, code, a, b in steps:
        if code == 0:
            v[i] = v[a] + v[b]
        elif code == 1:
            v[i] = v[a] * v[b]
        elif code == 2:
            v[i] = tanh(v[a])
        elif code == 3:
            v[i] = 0.0 if v[a] < 0.0 else v[a]
        elif code == 4:
            v[i] = v[a] - v[b]
        else:
            v[i] = b.forward(*[v[j] for j in a])


def backward(steps: Iterable[Step], v: Sequence[float], d: list[float]) -> None:
    """Send the gradients in `d` on, from results to operands, which is the order of the steps here."""
    for i, code, a, b in steps:
        g = d[i]
        if code == 0:
            d[a] += g
            d[b] += g
        elif code == 1:
            d[a] += g * v[b]
            d[b] += g * v[a]
        elif code == 2:
            y = v[i]
            d[a] += g * (1.0 - y * y)
        elif code == 3:
            d[a] += 0.0 if v[i] <= 0.0 else g
        elif code == 4:
            d[a] += g
            d[b] -= g
        else:
            for j, sent in zip(a, b.backward(g, v[i], *[v[j] for j in a]), strict=True):
                d[j] += sent
