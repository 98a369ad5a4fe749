"""Threads may run disjoint graphs at once."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from autograd_widget import Graph, Scalar

STEPS = 300


def trained(start: float) -> list[float]:
    """A few steps of gradient descent, with new scalars in each."""
    w = loss = Scalar(start)
    for _ in range(STEPS):
        loss = ((w * 2.0 - 1.0).tanh() - 0.25) ** 2 + (w * w).relu() * 0.01
        w.grad = 0.0
        loss.backward()
        w.value -= 0.1 * w.grad
    graph = Graph.of(loss)
    graph.backward(graph.outputs[0])
    return [w.value, w.grad, graph.grads[0]]


def test_threads_do_not_disturb_each_other() -> None:
    starts = [0.1 * i for i in range(8)]
    alone = [trained(start) for start in starts]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(starts)) as threads:
            together = list(threads.map(trained, starts))
    finally:
        sys.setswitchinterval(before)
    assert together == alone
