"""Threads may run disjoint graphs at once, and one graph in turns."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from autograd_widget import Graph, GraphWidget, Scalar
from autograd_widget.engine.scalar import apply

if TYPE_CHECKING:
    from collections.abc import Callable

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


THREADS = 4
PASSES = 100


def at_once(*acts: Callable[[], object]) -> None:
    """Run each act many times in a thread of its own, with threads that change as often as they can."""

    def many(act: Callable[[], object]) -> None:
        for _ in range(PASSES):
            act()

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(len(acts)) as threads:
            for done in [threads.submit(many, act) for act in acts]:
                done.result()
    finally:
        sys.setswitchinterval(before)


def test_every_pass_of_several_threads_over_one_graph_counts() -> None:
    w, x = Scalar(1.0), Scalar(2.0)
    y = w * x
    for _ in range(20):
        y = y + w * x
    at_once(*[y.backward] * THREADS)
    assert w.grad == THREADS * PASSES * 21 * 2.0
    assert y.grad == THREADS * PASSES


def test_a_pass_sees_a_leaf_before_or_after_another_thread_sets_it() -> None:
    w = Scalar(1.0)
    terms = [w * w for _ in range(20)]
    y = apply("sum", *terms)

    def move() -> None:
        w.value = 3.0 if w.value == 1.0 else 1.0

    def run() -> None:
        y.forward()
        try:
            y.backward()
        except RuntimeError:  # set in between: refused in a sentence
            return
        grad = terms[0].grad
        assert grad == terms[-1].grad
        y.zero_grad()

    at_once(run, move)


def test_every_act_of_several_threads_in_one_widget_counts() -> None:
    w, x = Scalar(1.0, label="w"), Scalar(2.0, label="x")
    y = w * x + w
    g = GraphWidget(y)

    def move_w() -> None:
        g["w"] = g["w"] + 1.0

    def move_x() -> None:
        g["x"] = g["x"] + 1.0

    at_once(move_w, move_x)
    assert (w.value, x.value, y.value) == (1.0 + PASSES, 2.0 + PASSES, (1.0 + PASSES) * (3.0 + PASSES))
    assert g.root_value == y.value
    at_once(g.backward, g.backward)
    assert x.grad == 2 * PASSES * w.value


def test_every_value_of_several_threads_that_set_the_trait_counts() -> None:
    w, x = Scalar(1.0, label="w"), Scalar(2.0, label="x")
    g = GraphWidget(w * x)
    place = {"w": "0", "x": "1"}
    at_once(
        lambda: setattr(g, "values", {place["w"]: g["w"] + 1.0}),
        lambda: setattr(g, "values", {place["x"]: g["x"] + 1.0}),
        lambda: g.set_state({"selected": 1}),
    )
    assert (w.value, x.value) == (1.0 + PASSES, 2.0 + PASSES)
