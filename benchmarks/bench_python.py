"""The Python engine against micrograd from PyPI, and the size of the document."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

import examples
from micrograd.engine import Value as Micrograd
from rows import Collector, Row, compare, ms, seconds

from autograd_widget import Graph, Scalar, Value

DEEP = 100_000  # micrograd recurses


def rows() -> Iterator[Row]:
    """Build and backward, replay, and bytes a node."""
    sys.setrecursionlimit(DEEP)
    for on, wanted in ((False, ">= 6"), (True, ">= 12")):
        collector = f"collector {'on' if on else 'off'}"
        with Collector(on):
            found = compare(lambda: moons(Value), lambda: moons(Micrograd))
            name = f"build + backward, moons graph, {collector}, against micrograd"
            yield Row(name, ms(found.ours), ms(found.other), found.ratio, wanted)
            found = compare(lambda: small(Value), lambda: small(Micrograd), 15)
            name = f"build + backward, 15-node seed graph, {collector}, against micrograd"
            yield Row(name, ms(found.ours), ms(found.other), found.ratio, ">= 2.5")
            for steps in (10, 1000):
                yield replay(steps, collector)
    graph = Graph.of(examples.moons_loss(Scalar, examples.network(Scalar)))
    size = len(graph.to_json().encode()) / len(graph)
    yield Row("document of the moons graph, bytes a node", f"{len(graph)} nodes", "", size, "<= 25", "bytes")


def moons(value: type[Any]) -> float:
    """Building the loss and running backward; freeing it is not counted."""
    model = examples.network(value)
    kept: list[Any] = []

    def run() -> None:
        loss = examples.moons_loss(value, model)
        loss.backward()
        kept.append(loss)

    return seconds(run)


def small(value: type[Any]) -> float:
    """The seed graph, many times."""
    return seconds(lambda: examples.seed(value).backward(), 500)


def replay(steps: int, collector: str) -> Row:
    """A leaf is moved, and everything follows; micrograd builds everything again."""
    graph = Graph.of(examples.recurrence(Scalar, steps))
    root = graph.outputs[0]

    def moved() -> None:
        graph.set_leaf(0, 0.4)
        graph.forward()
        graph.zero_grad()
        graph.backward(root)

    repeat = max(1, 2000 // steps)
    rebuilt: Callable[[], None] = lambda: examples.recurrence(Micrograd, steps).backward()  # noqa: E731
    found = compare(lambda: seconds(moved, repeat), lambda: seconds(rebuilt, repeat), 9)
    name = f"replay, {len(graph)} nodes, {collector}, against micrograd's rebuild"
    return Row(name, ms(found.ours), ms(found.other), found.ratio, ">= 15")
