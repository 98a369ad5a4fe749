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
    from collections.abc import Iterator

CHECKS = 100_000 if os.environ.get("FUZZ") else 1_500
START = int(os.environ.get("SEED", "0"))
ACTS = 25
"""Acts on one graph."""

BINARY = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: a * b,
    lambda a, b: a / b,
    lambda a, b: autograd_widget.max(a, b),
]
UNARY = [
    lambda a: a.relu(),
    lambda a: a.tanh(),
    lambda a: -a,
    lambda a: a**2,
    lambda a: a.exp(),
    lambda a: abs(a),
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
    leaves, size = g._graph.leaves, len(g._graph)
    kind = rng.choice(
        ("settle", "settle", "settle", "run", "run", "zero", "freeze", "freeze", "learn", "learn", "learn")
        + ("undo", "undo", "redo", "reset", "start", "forward", "select", "fold")
    )
    if kind == "settle":
        return kind, rng.choice(leaves), typed(rng)
    if kind == "run":
        return kind, rng.choice(g._graph.outputs)
    if kind == "freeze":
        return kind, rng.choice(leaves), rng.random() < 0.5
    if kind == "learn":
        return kind, settings
    if kind in {"select", "fold"}:
        return kind, rng.randrange(size)
    return (kind,)


def near(x: float | None, y: float | None) -> bool:
    """Test whether two numbers are the same, but for the last digits that languages differ in."""
    if x is None or y is None:
        return x is y
    return x == y or (isnan(x) and isnan(y)) or abs(x - y) <= 1e-7 * max(abs(x), abs(y), 1e-3)


def differences(g: GraphWidget, shown: dict[str, Any], expected: Expected | None) -> list[str]:
    """What page, Python and plain arithmetic don't agree in."""
    graph, nodes, found = g._graph, g._nodes, []

    def compare(what: str, *numbers: float | None) -> None:
        if not all(near(numbers[0], x) for x in numbers[1:]):
            found.append(f"{what}: {numbers}")

    tracked = [i for i in graph.leaves if graph.needs_grad[i]]
    for i, node in enumerate(nodes):
        compare(f"value of {i}", node.value, graph.values[i], decode_number(shown["values"][i]))
        grad = node.grad if node.reached else None
        if expected is not None:
            compare(f"expected value of {i}", node.value, expected.graph.values[i])
            compare(f"expected .grad of {i}", grad, expected.grad(i))
            on_canvas = expected.on_canvas.get(i) if graph.needs_grad[i] else None
            compare(f"gradient of {i}", on_canvas, decode_number(shown["gradients"][i]))
    for i, total, rows in zip(graph.leaves, shown["totals"], shown["ledger"], strict=True):
        if i in tracked:
            compare(f".grad of {i}", nodes[i].grad if nodes[i].reached else None, decode_number(total))
            amounts = [decode_number(added) for _, added in rows]
            python = [g._history.added(record, i) for record in g._history.rows()]
            if not shown["isPreview"]:
                compare(f"rows of {i}", len(_came(amounts)), len(_came(python)))
                for one, other in zip(_came(amounts), _came(python), strict=False):
                    compare(f"row of {i}", one, other)
    frozen = [i for i, node in enumerate(nodes) if i in graph.leaves and not node.requires_grad]
    if shown["frozen"] != frozen:
        found.append(f"frozen: {shown['frozen']}, {frozen}")
    if expected is not None and sorted(expected.now.frozen) != frozen:
        found.append(f"expected frozen: {sorted(expected.now.frozen)}, {frozen}")
    if g._last_error:
        found.append(f"refused: {g._last_error}")
    return found


def _came(amounts: list[float | None]) -> list[float]:
    return [x for x in amounts if x is not None]


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
            pages.act(0, *[encode_moved(x) if isinstance(x, float) else x for x in done[-1]])
            pages.act(0, "wait", 60)
            assert differences(g, pages.shown[0], expected) == [], story(case, g, done)
        g.close()


def story(case: int, g: GraphWidget, done: list[tuple[Any, ...]]) -> str:
    """How a failure came about."""
    return f"case {case}: {g.to_json()}\n" + "\n".join(map(str, done))
