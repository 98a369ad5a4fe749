"""Random messages of a page: each is done whole or not at all, and the numbers are always right."""

from __future__ import annotations

import os
import random
from typing import Any

import pytest
import traitlets

from autograd_widget import Graph, GraphWidget, Scalar
from autograd_widget.engine.pass_log import entries_of

MESSAGES = 20_000 if os.environ.get("FUZZ") else 400

ODD: list[Any] = [
    None,
    True,
    -1,
    0.5,
    99,
    "x",
    "nan",
    "-0",
    "inf",
    [],
    {},
    [0],
    {"0": 1},
    10**400,
    "\ud800",
    1e308,
]


def seed() -> tuple[list[Scalar], list[Scalar]]:
    """Two results of the same leaves."""
    w, x, b = Scalar(0.5, label="w"), Scalar(-1.5, label="x"), Scalar(2.0, label="b")
    h = (w * x + b).tanh()
    return [w, x, b], [h * w, h / (x * x + 1.0)]


def number(rng: random.Random) -> Any:
    return rng.choice((rng.uniform(-3.0, 3.0), rng.uniform(-3.0, 3.0), 0.0, "-0", "inf", "nan", 1e308, -1))


def record(rng: random.Random, size: int) -> Any:
    root = rng.randrange(size)
    return rng.choice(
        (
            root,
            {"root": root},
            {"root": root, "gradient": number(rng)},
            {"root": None, "hand": True, "added": {"0": rng.uniform(-1.0, 1.0)}},
            {"root": root, "added": {"1": rng.uniform(-1.0, 1.0)}, "at": {"1": 1.0}},
            rng.choice(ODD),
        )
    )


def message(rng: random.Random, g: GraphWidget) -> dict[str, Any]:
    """Messages of a page, some of them nonsense."""
    size, leaves = len(g._graph), g._graph.leaves
    kinds: dict[str, Any] = {
        "values": lambda: {str(rng.choice(leaves)): number(rng) for _ in range(rng.randrange(3))},
        "passes": lambda: [
            *g.passes[: rng.randrange(4)],
            *[record(rng, size) for _ in range(rng.randrange(3))],
        ],
        "frozen": lambda: rng.sample(leaves, rng.randrange(len(leaves) + 1)),
        "selected": lambda: rng.choice((None, rng.randrange(size))),
        "opened": lambda: rng.sample(range(5), 2),
        "stale": dict,
        "_esm": lambda: "alert(1)",
        "graph": lambda: {"version": 2},
    }
    names = rng.sample(sorted(kinds), rng.choice((1, 1, 1, 2, 3)))
    return {name: rng.choice(ODD) if rng.random() < 0.1 else kinds[name]() for name in names}


def same(x: float, y: float) -> bool:
    return x == y or (x != x and y != y) or abs(x - y) <= 1e-9 * max(abs(x), abs(y))


def held(nodes: list[Scalar], widgets: list[GraphWidget]) -> str:
    scalars = [(node.value, node.grad, node.requires_grad, node.reached) for node in nodes]
    traits = [
        [getattr(g, name) for name in ("values", "passes", "frozen", "stale", "selected")] for g in widgets
    ]
    return repr((scalars, traits))


def check(leaves: list[Scalar], roots: list[Scalar], widgets: list[GraphWidget]) -> None:
    """Values are those for the leaves, gradients the sums of what passes brought, as pages are told."""
    whole = Graph.of(*roots)
    whole.forward()
    for node, x in zip(whole.nodes or (), whole.values, strict=True):
        assert same(node.value, x)
        assert same(node.grad, sum(amount for _, amount, _ in entries_of(node)))
    for g in widgets:
        for i in g._graph.leaves:
            leaf = g._nodes[i]
            assert same(float(g.values[str(i)]), leaf.value)
            assert (i in g.frozen) == (not leaf.requires_grad)
    live = [r for g in widgets[:1] for r in g._history.records if r.live and not r.cleared]
    if live and len(live) == len(widgets[0]._history.records):
        graph = Graph.of(*widgets[0]._roots)
        for r in live:
            graph.backward(r.root or 0, r.gradient)
        for node, x in zip(graph.nodes or (), graph.grads, strict=True):
            if node in leaves and not any(entry[0].count == 0 for entry in entries_of(node)):
                assert same(node.grad, x)


def test_messages_are_done_whole_or_not_at_all() -> None:
    done = refused = 0
    program = GraphWidget(Scalar(1.0) * 2.0)._esm
    for start in range(0, MESSAGES, 25):
        rng = random.Random(start)
        leaves, roots = seed()
        widgets = [GraphWidget(root) for root in roots]
        nodes = Graph.of(*roots).nodes or []
        for _ in range(25):
            g = rng.choice(widgets)
            before, sent = held(nodes, widgets), message(rng, g)
            try:
                g.set_state(sent)
                done += 1
            except traitlets.TraitError:
                refused += 1
                assert held(nodes, widgets) == before, sent
            check(leaves, roots, widgets)
            assert g._esm == program
        for g in widgets:
            g.close()
    assert min(done, refused) > MESSAGES // 20
    with pytest.raises(traitlets.TraitError):
        GraphWidget(Scalar(1.0) * 2.0).set_state({"values": {"0": "x"}})
