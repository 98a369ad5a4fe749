"""Graphs that people really draw, for what a reader sees of them first."""

from __future__ import annotations

import math

from autograd_widget import GraphWidget, Scalar, exp, log
from autograd_widget.nn import MLP


def recurrence() -> GraphWidget:
    w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
    xs = [Scalar(v, label=f"x{i}", requires_grad=False) for i, v in enumerate((0.5, -2.0, 3.0), 1)]
    h1 = w * xs[0]
    h2 = w * xs[1] + wh * h1
    h3 = w * xs[2] + wh * h2
    return GraphWidget(h3, passes=[h1, h2, h3])


def dead_relu() -> GraphWidget:
    x1, x2 = Scalar(2.0, label="x1"), Scalar(3.0, label="x2")
    w1, w2, b = Scalar(0.5, label="w1"), Scalar(-0.8, label="w2"), Scalar(0.1, label="b")
    y = (w1 * x1 + w2 * x2 + b).relu()
    return GraphWidget(y)


def softmax() -> GraphWidget:
    z = [Scalar(v, label=f"z{i}") for i, v in enumerate((2.0, 1.0, -0.5), 1)]
    e = [exp(x) for x in z]
    s = e[0] + e[1] + e[2]
    p2 = e[1] / s
    loss = -log(p2)
    return GraphWidget(loss)


def parabola() -> GraphWidget:
    x = Scalar(2.0, label="x")
    f = 3 * x**2 - 4 * x + 5
    return GraphWidget(f)


def network() -> GraphWidget:
    net = MLP(2, [4, 4, 1])
    for i, p in enumerate(net.parameters()):
        p.value = math.sin(3.7 * i + 1)
    x1, x2 = (Scalar(v, label=n, requires_grad=False) for v, n in ((0.0, "x1"), (1.0, "x2")))
    out = net([x1, x2])
    assert isinstance(out, Scalar)
    loss = (out - 1.0) ** 2
    return GraphWidget(loss)


def xor_by_hand() -> GraphWidget:
    """The network that a teacher writes from lists, over four samples."""
    v = iter([math.sin(2.3 * i + 0.5) for i in range(17)])
    first = [[Scalar(next(v), label=f"W1[{i}][{j}]") for j in range(2)] for i in range(4)]
    bias = [Scalar(next(v), label=f"b1[{i}]") for i in range(4)]
    second = [Scalar(next(v), label=f"W2[{i}]") for i in range(4)]
    last = Scalar(next(v), label="b2")
    loss: Scalar | float = 0.0
    for (x0, x1), y in (((0, 0), 0), ((0, 1), 1), ((1, 0), 1), ((1, 1), 0)):
        hidden = [(first[i][0] * x0 + first[i][1] * x1 + bias[i]).tanh() for i in range(4)]
        out = last
        for weight, unit in zip(second, hidden, strict=True):
            out = out + weight * unit
        loss = loss + (out - y) ** 2
    assert isinstance(loss, Scalar)
    return GraphWidget(loss)


def normalised() -> GraphWidget:
    """Batch normalisation by hand, in which nothing repeats at the width of a page."""
    x = [Scalar(v, label=f"x{i}") for i, v in enumerate((1.45, 1.12, -0.63, 1.38), 1)]
    gamma, beta = Scalar(1.2, label="gamma"), Scalar(0.1, label="beta")
    mean = sum(x, start=Scalar(0.0)) / 4
    variance = sum(((a - mean) ** 2 for a in x), start=Scalar(0.0)) / 4
    y = [gamma * (a - mean) / (variance + 1e-5) ** 0.5 + beta for a in x]
    return GraphWidget(sum((a**3 for a in y), start=Scalar(0.0)))


def gated(steps: int = 3) -> GraphWidget:
    """A GRU by hand."""
    wz, uz, wr, ur, wh, uh = (
        Scalar(v, label=f"g{i}") for i, v in enumerate((1.2, 0.8, -1.0, 0.9, -1.1, 0.3))
    )
    h = Scalar(0.0, requires_grad=False)
    for x in (0.5, -1.0, 0.8)[:steps]:
        z = (wz * x + uz * h).sigmoid()
        r = (wr * x + ur * h).sigmoid()
        h = (1 - z) * (wh * x + uh * (r * h)).tanh() + z * h
    return GraphWidget(h)


def cross_entropy() -> GraphWidget:
    """A logistic regression on three samples, whose terms are taken away."""
    w1, w2, b = Scalar(-1.1, label="w1"), Scalar(-1.5, label="w2"), Scalar(0.1, label="b")
    loss: Scalar | float = 0.0
    for x1, x2, t in ((1, 2, 1), (-1, 0.5, 0), (0.3, -2, 1)):
        p = (w1 * x1 + w2 * x2 + b).sigmoid()
        loss = loss - (t * log(p) + (1 - t) * log(1 - p))
    assert isinstance(loss, Scalar)
    return GraphWidget(loss / 3)


def long_recurrence(steps: int = 10) -> GraphWidget:
    wx, wh = Scalar(0.8, label="wx"), Scalar(0.5, label="wh")
    h: Scalar | float = 0.0
    for t in range(1, steps + 1):
        x = Scalar(math.cos(2.0 * t), label=f"x{t}")
        h = (wx * x + wh * h).tanh()
        h.label = f"h{t}"
    assert isinstance(h, Scalar)
    return GraphWidget(h)
