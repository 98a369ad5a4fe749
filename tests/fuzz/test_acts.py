"""Random acts of a person on a page: page, Python and plain arithmetic have the same numbers after each."""

from __future__ import annotations

import os
import random
import shutil
from math import inf, isnan, nan
from typing import TYPE_CHECKING, Any

import pytest

import autograd_widget
from autograd_widget import Graph, GraphWidget, Scalar
from autograd_widget.graph.number import decode_number, encode_moved
from fuzz.expected import Expected, Point
from fuzz.pages import ESBUILD, Browser, Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

CHECKS = 100_000 if os.environ.get("FUZZ") else 1_500
START = int(os.environ.get("SEED", "0"))
ACTS = 25
"""Acts on one graph."""

KINDS = (
    *("settle", "drag", "drag", "run", "run", "zero", "freeze", "freeze", "learn", "learn", "learn"),
    *("undo", "undo", "redo", "reset", "start", "forward", "select", "fold"),
)

BINARY: list[Callable[..., Any]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    autograd_widget.max,
]
UNARY: list[Callable[..., Any]] = [
    lambda a: a.relu(),
    lambda a: a.tanh(),
    lambda a: -a,
    lambda a: a**2,
    lambda a: a.exp(),
    abs,
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """The process with the pages."""
    if shutil.which("node") is None or not ESBUILD.exists():
        pytest.skip("Node.js and esbuild are not installed: run `make build`.")
    browser = Browser(tmp_path_factory.mktemp("page"))
    yield browser
    browser.close()


def program(rng: random.Random) -> list[Scalar]:
    """The scalars of a random program, its result last."""
    leaves = [
        Scalar(round(rng.uniform(-2, 2), 2), label=f"p{i}", requires_grad=rng.random() < 0.8)
        for i in range(rng.randrange(1, 4))
    ]
    nodes: list[Any] = [*leaves, Scalar(1.0) * leaves[0]]
    for _ in range(rng.randrange(1, 7)):
        near = [rng.choice(nodes), nodes[-1]] if rng.random() < 0.7 else rng.choices(nodes, k=2)
        nodes.append(rng.choice(UNARY)(near[1]) if rng.random() < 0.35 else rng.choice(BINARY)(*near))
    return nodes


def typed(rng: random.Random) -> float:
    """A number as people drag it, mostly; sometimes one as they type it."""
    if rng.random() < 0.93:
        return round(rng.uniform(-3, 3), 2)
    return rng.choice((0.0, -0.0, 1e-9, 1e6, inf, -inf, nan))


def act(rng: random.Random, g: GraphWidget, settings: dict[str, Any]) -> tuple[Any, ...]:
    """An act on a page."""
    leaf, node = rng.choice(g._graph.leaves), rng.randrange(len(g._graph))
    given: dict[str, Callable[[], tuple[Any, ...]]] = {
        "settle": lambda: (leaf, typed(rng)),
        "drag": lambda: (leaf, [round(rng.uniform(-3, 3), 2) for _ in range(rng.randrange(1, 5))]),
        "run": lambda: (rng.choice(g._graph.outputs),),
        "freeze": lambda: (leaf, rng.random() < 0.5),
        "learn": lambda: (settings,),
        "select": lambda: (node,),
        "fold": lambda: (node,),
    }
    kind = rng.choice(KINDS)
    return kind, *given.get(kind, tuple)()


def near(x: float | None, y: float | None) -> bool:
    """Test whether two numbers are the same, but for the last digits that languages differ in."""
    if x is None or y is None:
        return x is y
    return x == y or (isnan(x) and isnan(y)) or abs(x - y) <= 1e-7 * max(abs(x), abs(y), 1e-3)


class Compared:
    """Page, Python and plain arithmetic side by side.

    Args:
        g: The widget.
        shown: What its page shows.
        expected: What acts come to; None where cells have acted too.
    """

    def __init__(self, g: GraphWidget, shown: dict[str, Any], expected: Expected | None) -> None:
        self.differ: list[str] = [f"refused: {g._last_error}"] if g._last_error else []
        self._g, self._shown, self._graph = g, shown, g._graph
        self._of_nodes()
        self._of_leaves()
        if expected is not None:
            self._as_expected(expected)

    def _compare(self, what: str, *numbers: float | None) -> None:
        if not all(near(numbers[0], x) for x in numbers[1:]):
            self.differ.append(f"{what}: {numbers}")

    def _grad(self, i: int) -> float | None:
        node = self._g._nodes[i]
        return node.grad if node.reached else None

    def _of_nodes(self) -> None:
        for i, value in enumerate(self._shown["values"]):
            self._compare(f"value of {i}", self._graph.values[i], decode_number(value))
            if not self._shown["isStale"]:
                self._compare(f"value of {i} in Python", self._graph.values[i], self._g._nodes[i].value)

    def _of_leaves(self) -> None:
        shown, graph, history = self._shown, self._graph, self._g._history
        frozen = [i for i in graph.leaves if not self._g._nodes[i].requires_grad]
        if shown["frozen"] != frozen:
            self.differ.append(f"frozen: {shown['frozen']}, {frozen}")
        for i, total, rows in zip(graph.leaves, shown["totals"], shown["ledger"], strict=True):
            if i in frozen:
                continue
            self._compare(f".grad of {i}", self._grad(i), decode_number(total))
            if not shown["isPreview"]:
                here = came(decode_number(added) for _, added in rows)
                there = came(history.added(record, i) for record in history.rows())
                self._compare(f"rows of {i}", len(here), len(there))
                for x, y in zip(here, there, strict=False):
                    self._compare(f"row of {i}", x, y)

    def _as_expected(self, expected: Expected) -> None:
        graph = self._graph
        for i, gradient in enumerate(self._shown["gradients"]):
            self._compare(f"expected value of {i}", graph.values[i], expected.graph.values[i])
            self._compare(f"expected .grad of {i}", self._grad(i), expected.grad(i))
            on_canvas = expected.on_canvas.get(i) if graph.needs_grad[i] else None
            self._compare(f"expected gradient of {i}", decode_number(gradient), on_canvas)
        if sorted(expected.now.frozen) != self._shown["frozen"]:
            self.differ.append(f"expected frozen: {sorted(expected.now.frozen)}")


def came(amounts: Iterable[float | None]) -> list[float]:
    """The amounts that arrived."""
    return [x for x in amounts if x is not None]


def perform(pages: Pages, number: int, done: tuple[Any, ...]) -> None:
    """Do something on a page, and wait until it is sent."""
    kind, *given = done
    if kind == "drag":
        leaf, stops = given
        for x in stops:
            pages.act(number, "move", leaf, x)
            pages.act(number, "wait", 25)
        kind, given = "settle", [leaf, stops[-1]]
    pages.act(number, kind, *[encode_moved(x) if isinstance(x, float) else x for x in given])
    pages.act(number, "wait", 60)


def test_a_page_python_and_plain_arithmetic_agree_after_every_act(browser: Browser) -> None:
    for case in range(START, START + CHECKS // ACTS):
        rng = random.Random(case)
        nodes = program(rng)
        computed = [node for node in nodes[:-1] if node.prevs]
        roots = [nodes[-1], *rng.sample(computed, rng.randrange(2))]
        g = GraphWidget(roots[::-1], names=False)
        leaves = g._graph.leaves
        frozen = frozenset([i for i in leaves if not g._graph.needs_grad[i]])
        values = {i: g._graph.values[i] for i in leaves}
        expected = Expected(Graph.from_json(g.graph), Point(values, frozen))
        pages = Pages(browser, [g])
        settings = {
            "loss": rng.choice(g._graph.outputs),
            "rate": rng.choice((0.01, 0.1)),
            "momentum": rng.choice((0.0, 0.9)),
            "zeroes": rng.random() < 0.6,
        }
        done: list[tuple[Any, ...]] = []
        for _ in range(ACTS):
            done.append(act(rng, g, settings))
            expected.act(*done[-1])
            perform(pages, 0, done[-1])
            assert Compared(g, pages.shown[0], expected).differ == [], story(case, g, done)
        g.close()


def story(case: int, g: GraphWidget, done: list[tuple[Any, ...]]) -> str:
    """The acts that led to a failure."""
    return f"case {case}: {g.to_json()}\n" + "\n".join(map(str, done))
