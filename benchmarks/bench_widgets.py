"""The cost of widgets that nobody sees: 30 of a cell that was run again, under a training loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rows import Row, compare, ms, seconds

from autograd_widget import GraphWidget, Value

STEPS = 200
WIDGETS = 30


def rows() -> Iterator[Row]:
    """A loop on leaves that widgets show, against the same loop on leaves that none shows."""
    shown, plain = training(), training()
    kept = [GraphWidget(shown()) for _ in range(WIDGETS)]
    found = compare(lambda: seconds(loop(shown)), lambda: seconds(loop(plain)), 15)
    name = f"training loop of {STEPS} steps, {WIDGETS} widgets that nobody sees, against none"
    yield Row(name, ms(found.ours), ms(found.other), 1 / found.ratio, "<= 1.5")
    for widget in kept:
        widget.close()


def training() -> Callable[[], Value]:
    """The loss of three steps of a recurrence, built anew with each call."""
    w, wh = Value(0.3, label="w"), Value(0.5, label="wh")

    def loss() -> Value:
        h = w * 1.0
        for _ in range(2):
            h = w * 1.0 + wh * h
        off = h - 1.0
        return off * off

    return loss


def loop(build: Callable[[], Value]) -> Callable[[], None]:
    """A training loop in micrograd's manner."""

    def run() -> None:
        for _ in range(STEPS):
            loss = build()
            leaves = [node for node in (loss.prevs[0].prevs[0].prevs) if not node.prevs]
            loss.backward()
            for p in leaves:
                p.data -= 0.01 * p.grad
                p.grad = 0.0

    return run
