"""The graphs that are measured: micrograd's demo, the seed's recurrence, and a mix of five ops."""

from __future__ import annotations

import random
from typing import Any

from micrograd import nn


def moons_inputs() -> tuple[list[tuple[float, float]], list[int]]:
    """100 points and their classes. Where they lie makes no difference to the time."""
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
    """The same, longer: 4 nodes a step and 3 more."""
    w, wh, h = value(0.3), value(0.5), value(0.0)
    for _ in range(steps):
        h = w * value(1.0) + wh * h
    return h


def mix(size: int) -> dict[str, Any]:
    """A document with 20% each of `+ * ** tanh relu` in random order, the exponent of `**` being 2."""
    draw = random.Random(3)  # noqa: S311 # data
    sources = 100
    ops = ["leaf"] * sources + ["const"]
    inputs: list[list[int]] = [[] for _ in ops]
    two = sources
    for i in range(len(ops), size):
        op = draw.choice(("+", "*", "**", "tanh", "relu"))
        # Of what has been squashed lately, so that numbers stay small.
        operands = [draw.randrange(max(0, i - 1000), i) for _ in range(2 if op in "+*" else 1)]
        operands = [draw.randrange(sources) if j == two else j for j in operands]
        if op in ("+", "*", "**"):
            operands[0] = draw.randrange(sources)
        ops.append(op)
        inputs.append([*operands, two] if op == "**" else operands)
    value = {str(i): draw.uniform(-1, 1) for i in range(sources)}
    return {
        "version": 1,
        "op": ops,
        "inputs": inputs,
        "value": {**value, str(two): 2.0},
        "label": {},
        "frozen": [],
        "outputs": [size - 1],
    }
