"""Paths: every path that a gradient takes, against paths walked one by one and numbers computed by hand."""

from __future__ import annotations

from math import inf, isfinite, isnan, nan
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autograd_widget import Graph
from autograd_widget.engine.ops import OPS
from autograd_widget.explain.paths import Path, TopPaths, top_paths
from autograd_widget.graph.number import encode_number

W, WH = 0, 1


def graph_of(*parts: Any, frozen: tuple[int, ...] = ()) -> Graph:
    """A graph after a pass from its last node: a number is a leaf, and `("*", 0, 1)` an op."""
    leaves = {i: part for i, part in enumerate(parts) if isinstance(part, (int, float))}
    graph = Graph.from_json(
        {
            "version": 1,
            "op": ["leaf" if i in leaves else part[0] for i, part in enumerate(parts)],
            "inputs": [[] if i in leaves else list(part[1:]) for i, part in enumerate(parts)],
            "value": {str(i): encode_number(x) for i, x in leaves.items()},
            "frozen": list(frozen),
            "outputs": [len(parts) - 1],
        }
    )
    graph.backward(len(graph) - 1)
    return graph


def seed() -> Graph:
    """h = w*x + wh*h, three times: w = 0.3, wh = 0.5, x = 1. The h are 5, 8 and 11."""
    h1 = [("*", 0, 2)]
    h2 = [("*", 0, 3), ("*", 1, 5), ("+", 6, 7)]
    h3 = [("*", 0, 4), ("*", 1, 8), ("+", 9, 10)]
    return graph_of(0.3, 0.5, 1, 1, 1, *h1, *h2, *h3, frozen=(2, 3, 4))


def diamond(levels: int) -> Graph:
    """`y = x`, then `y = y + y`, again and again."""
    return graph_of(1, *[("+", i, i) for i in range(levels)])


def products(found: TopPaths) -> list[float]:
    return [path.product for path in found.paths]


def test_the_seed_to_w() -> None:
    assert top_paths(seed(), 11, W) == TopPaths(
        paths=(
            Path((11, 9, 0), (12, 8), (1, 1), 1),
            Path((11, 10, 8, 6, 0), (13, 11, 6, 2), (1, 0.5, 1, 1), 0.5),
            Path((11, 10, 8, 7, 5, 0), (13, 11, 7, 5, 0), (1, 0.5, 1, 0.5, 1), 0.25),
        ),
        total=1.75,
        count=3,
        rest=0,
    )


def test_the_seed_to_wh() -> None:
    found = top_paths(seed(), 11, WH)
    assert products(found) == pytest.approx([0.45, 0.15], abs=1e-15)
    assert found.total == pytest.approx(0.6)
    assert found.count == 2


def test_too_many_are_named_by_their_number_and_sum() -> None:
    found = top_paths(seed(), 11, W, limit=1)
    assert (products(found), found.total, found.count, found.rest) == ([1], 1.75, 3, 0.75)
    assert top_paths(seed(), 11, W, limit=0) == TopPaths((), 1.75, 3, 1.75)


def test_nowhere_and_at_once() -> None:
    assert top_paths(seed(), 11, 2) == TopPaths((), 0, 0, 0)
    assert top_paths(seed(), 11, 11).paths == (Path((11,), (), (), 1),)
    graph = seed()
    graph.backward(5)
    assert top_paths(graph, 5, 11) == TopPaths((), 0, 0, 0)
    assert top_paths(graph, 5, WH).count == 0
    assert top_paths(graph, 5, W).total == 1


def test_both_operands() -> None:
    square = top_paths(graph_of(3, ("*", 0, 0)), 1, 0)
    assert square.paths == (Path((1, 0), (0,), (3,), 3), Path((1, 0), (1,), (3,), 3))
    assert square.total == 6
    nothing = top_paths(graph_of(3, ("-", 0, 0)), 1, 0)
    assert (products(nothing), nothing.total, nothing.rest) == ([1, -1], 0, 0)


def test_a_diamond_of_2_to_the_60() -> None:
    graph = diamond(60)
    found = top_paths(graph, 60, 0)
    assert products(found) == [1] * 10
    assert len({path.slots for path in found.paths}) == 10
    assert (found.total, found.count) == (2.0**60, 2**60)
    assert found.rest == pytest.approx(2.0**60)
    assert top_paths(diamond(2000), 2000, 0).count == 2**2000


def test_a_hundred_steps() -> None:
    parts: list[Any] = [0.3, 0.5, 1, ("*", 0, 2)]
    for _ in range(99):
        n = len(parts)
        parts += [("*", 0, 2), ("*", 1, n - 1), ("+", n, n + 1)]
    graph = graph_of(*parts, frozen=(2,))
    to_w = top_paths(graph, len(graph) - 1, W)
    assert products(to_w) == [0.5**k for k in range(10)]
    assert to_w.total == pytest.approx(2)
    assert to_w.rest == pytest.approx(2**-9)
    assert to_w.count == 100
    to_wh = top_paths(graph, len(graph) - 1, WH)
    assert products(to_wh)[0] == pytest.approx(0.6)
    assert to_wh.total == pytest.approx(1.2)
    assert to_wh.count == 99


def test_zeros_count_and_come_last() -> None:
    found = top_paths(graph_of(-1, ("relu", 0), ("+", 1, 0)), 2, 0)
    assert (products(found), found.count) == ([1, 0], 2)
    dead = top_paths(graph_of(-1, ("relu", 0), ("+", 1, 1), ("+", 2, 2), ("+", 3, 0)), 4, 0, limit=2)
    assert (products(dead), dead.count, dead.rest) == ([1, 0], 5, 0)


def test_a_frozen_half() -> None:
    found = top_paths(graph_of(2, 5, ("*", 0, 1), ("*", 2, 1), frozen=(1,)), 3, 0)
    assert (products(found), found.count) == ([25], 1)


def test_none_goes_through_a_detach_or_a_comparison() -> None:
    graph = graph_of(3, ("detach", 0), ("*", 1, 0), 2, (">", 0, 3), ("*", 4, 2), ("+", 5, 0), frozen=(3,))
    found = top_paths(graph, 6, 0)
    assert [path.nodes for path in found.paths] == [(6, 5, 2, 0), (6, 0)]
    assert (found.count, found.total) == (2, 4.0)


def test_not_finite() -> None:
    found = top_paths(graph_of(-1, ("sqrt", 0), ("neg", 0), ("+", 1, 2), ("+", 3, 0)), 4, 0, limit=1)
    assert isnan(found.paths[0].product)
    assert isnan(found.total)
    assert (found.count, found.rest) == (3, 0)
    found = top_paths(graph_of(0, ("log", 0), ("neg", 0), ("+", 1, 2), ("+", 3, 0)), 4, 0)
    assert products(found) == [inf, 1, -1]
    # A dead ReLU stops even what is infinite, as in the pass: log(relu(-1)).
    found = top_paths(graph_of(-1, ("relu", 0), ("log", 1)), 2, 0)
    assert (found.paths[0].factors, found.paths[0].product, found.total) == ((inf, 0), 0, 0)


def test_underflow_where_the_pass_does() -> None:
    parts = (1, 1e300, 1e-200, ("*", 0, 1), ("*", 3, 2), ("*", 4, 2), ("+", 5, 0))
    found = top_paths(graph_of(*parts, frozen=(1, 2)), 6, 0)
    assert (products(found), found.total) == ([1, 0], 1)


def test_of_equal_size_the_shorter_first() -> None:
    found = top_paths(graph_of(1, ("neg", 0), ("neg", 0), ("sum", 2, 1, 0)), 3, 0)
    assert [path.nodes for path in found.paths] == [(3, 0), (3, 1, 0), (3, 2, 0)]


def test_a_long_path_and_a_wide_one() -> None:
    steps = 100_000
    found = top_paths(graph_of(1, *[("neg", i) for i in range(steps)]), steps, 0)
    assert (len(found.paths[0].nodes), found.paths[0].product, found.count) == (steps + 1, 1, 1)
    wide = top_paths(graph_of(1, ("sum", *[0] * steps)), 1, 0)
    assert (wide.total, wide.count, wide.rest) == (steps, steps, steps - 10)


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Small ones, of a few leaves and any ops on what came before."""
    quarters = st.integers(-8, 8).map(lambda n: n / 4)
    parts: list[Any] = draw(st.lists(quarters, min_size=1, max_size=3))
    leaves = len(parts)
    ops = st.sampled_from(
        [
            "+",
            "-",
            "*",
            "/",
            "neg",
            "relu",
            "tanh",
            "log",
            "abs",
            "max",
            "prod",
            "sum",
            "clamp",
            "where",
            "detach",
            ">",
        ]
    )
    for op in draw(st.lists(ops, min_size=1, max_size=7)):
        others = [draw(st.integers(0, len(parts) - 1)) for _ in range((OPS[op].arity or 3) - 1)]
        # The newest node is always an operand, so that paths grow long.
        parts.append((op, len(parts) - 1, *others))
    return graph_of(*parts, frozen=(0,) if leaves > 1 and draw(st.booleans()) else ())


def every_path(
    graph: Graph, i: int, target: int, product: float = 1.0
) -> list[tuple[tuple[int, ...], float]]:
    """The slots and the product of every path, one by one."""
    if not graph.needs_grad[i]:
        return []
    if i == target:
        return [((), product)]
    if not graph.inputs[i]:
        return []
    sent = OPS[graph.ops[i]].backward(product, graph.values[i], *[graph.values[j] for j in graph.inputs[i]])
    return [
        ((slot, *slots), arrived)
        for slot, (j, number) in enumerate(zip(graph.inputs[i], sent, strict=True), graph.offsets[i])
        for slots, arrived in every_path(graph, j, target, number)
    ]


def size(x: float) -> float:
    return inf if isnan(x) else abs(x)


def same(x: float) -> Any:
    return pytest.approx(x, rel=0, abs=0, nan_ok=True)


@given(graphs(), st.integers(0, 9))
@settings(max_examples=200)
def test_all_paths_are_those_walked_one_by_one(graph: Graph, pick: int) -> None:
    root, target = len(graph) - 1, pick % len(graph)
    walked = sorted(every_path(graph, root, target), key=lambda path: path[0])
    found = top_paths(graph, root, target, limit=10**6)
    assert (found.count, found.rest) == (len(walked), 0)
    listed = sorted(found.paths, key=lambda path: path.slots)
    assert [path.slots for path in listed] == [slots for slots, _ in walked]
    assert [path.product for path in listed] == [same(product) for _, product in walked]
    sizes = [size(product) for product in products(found)]
    assert sizes == sorted(sizes, reverse=True)
    if isfinite(sum(sizes)):
        assert abs(sum(products(found)) - found.total) <= 1e-9 * sum(sizes)
    for path in found.paths:
        assert (path.nodes[0], path.nodes[-1]) == (root, target)
        assert len(path.nodes) - 1 == len(path.slots) == len(path.factors)
        exact = 1.0
        for factor in path.factors:
            exact *= factor
        if isfinite(exact):
            assert abs(path.product - exact) <= 1e-12 * abs(exact)


@given(graphs())
@settings(max_examples=200)
def test_the_three_largest_and_what_the_others_bring(graph: Graph) -> None:
    root = len(graph) - 1
    sizes = sorted([size(product) for _, product in every_path(graph, root, 0)], reverse=True)
    found = top_paths(graph, root, 0, limit=3)
    assert [size(product) for product in products(found)] == sizes[:3]
    if isfinite(sum(sizes)):
        assert abs(sum(products(found)) + found.rest - found.total) <= 1e-9 * sum(sizes)


def test_a_nan_is_like_an_infinity() -> None:
    found = top_paths(graph_of(nan, 1, ("*", 0, 1), ("+", 2, 1)), 3, 1)
    assert products(found) == [same(nan), 1]
