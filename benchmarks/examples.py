"""The graphs that are measured: micrograd's demo, the seed's recurrence, and a mix of five ops."""

from __future__ import annotations

import random
from typing import Any

from micrograd import nn


def moons_inputs() -> tuple[list[tuple[float, float]], list[int]]:
    """Make 100 points and their classes. Their positions make no difference to the time."""
    draw = random.Random(2)  # noqa: S311 # data
    return [(draw.uniform(-1, 1), draw.uniform(-1, 1)) for _ in range(100)], [
        draw.choice((-1, 1)) for _ in range(100)
    ]


def network(value: type[Any]) -> nn.MLP:
    """micrograd's own network class, over either engine's values."""
    nn.Value = value
    random.seed(1)
    return nn.MLP(2, [16, 16, 1])


def moons_loss(value: type[Any], model: nn.MLP) -> Any:
    """The loss of micrograd's demo, line by line."""
    xs, ys = moons_inputs()
    scores = [model([value(x) for x in point]) for point in xs]
    losses = [(1 + -y * score).relu() for y, score in zip(ys, scores, strict=True)]
    data_loss = sum(losses) * (1.0 / len(losses))
    reg_loss = 1e-4 * sum(p * p for p in model.parameters())
    return data_loss + reg_loss


def seed(value: type[Any]) -> Any:
    """Three steps of a recurrence, in 12 nodes, and three more to make a loss."""
    w, wh = value(0.3), value(0.5)
    x1, x2, x3 = value(1.0), value(1.0), value(1.0)
    h1 = w * x1
    h2 = w * x2 + wh * h1
    h3 = w * x3 + wh * h2
    return (h3 * x3 + w) * wh


def recurrence(value: type[Any], steps: int) -> Any:
    """Build a longer recurrence: 4 nodes a step and 3 more."""
    w, wh, h = value(0.3), value(0.5), value(0.0)
    for _ in range(steps):
        h = w * value(1.0) + wh * h
    return h


def mix(size: int) -> dict[str, Any]:
    """A document with 20% each of `+ * ** tanh relu` in random order, the exponent of `**` being 2.

    The root is made of every node, so that everybody's pass comes everywhere. Each column goes through the
    five ops in ever new order, so that it is squashed again before its numbers grow large.
    """
    draw = random.Random(3)  # noqa: S311 # data
    sources, width = 100, 1000
    ops = ["leaf"] * sources + ["const"]
    inputs: list[list[int]] = [[] for _ in ops]
    two = sources
    ends = [draw.randrange(sources) for _ in range(width)]
    turns: list[list[str]] = [[] for _ in ends]
    while len(ops) < size - width:
        for column in range(width):
            turns[column] = turns[column] or draw.sample(["+", "*", "**", "tanh", "relu"], 5)
            op = turns[column].pop()
            second = {"+": [draw.randrange(sources)], "*": [draw.randrange(sources)], "**": [two]}.get(op, [])
            ops.append(op)
            inputs.append([ends[column], *second])
            ends[column] = len(ops) - 1
    total = ends[0]
    for end in ends[1:]:
        ops.append("+")
        inputs.append([total, end])
        total = len(ops) - 1
    value = {str(i): draw.uniform(-1, 1) for i in range(sources)}
    return {
        "version": 1,
        "op": ops,
        "inputs": inputs,
        "value": {**value, str(two): 2.0},
        "label": {},
        "frozen": [],
        "outputs": [total],
    }
