"""Groups: what a `with` block names, in one thread and in several, and what is left of it."""

from __future__ import annotations

import asyncio
import gc
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from copy import deepcopy
from itertools import pairwise
from threading import Event
from typing import TYPE_CHECKING, Any
from weakref import ref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_widget import Graph, Scalar, group
from autograd_widget.engine import groups
from autograd_widget.engine.groups import DEEPEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from autograd_widget.engine.groups import Group


def members(graph: Graph) -> list[tuple[str, int, list[int]]]:
    """Each group's name, parent and nodes."""
    return [(name, parent, nodes_of(runs)) for name, parent, runs in graph.groups]


def nodes_of(runs: list[int]) -> list[int]:
    return [i for a, b in zip(runs[::2], runs[1::2], strict=True) for i in range(a, b + 1)]


def recurrence(steps: int) -> Scalar:
    w, wh, h = Scalar(0.5, label="w"), Scalar(-0.4, label="wh"), Scalar(0.0, label="h0")
    for t in range(1, steps + 1):
        with group(f"t={t}"):
            x = Scalar(0.1 * t, label=f"x{t}")
            h = w * x + wh * h
    return h


def test_a_group_has_what_was_made_inside_leaves_too() -> None:
    graph = Graph.of(recurrence(2))
    assert members(graph) == [("t=1", -1, [3, 4, 5, 6]), ("t=2", -1, [7, 8, 9, 10])]
    assert graph.labels[3] == "x1"


def test_groups_nest_and_each_run_through_a_block_is_its_own() -> None:
    x = Scalar(1.0)
    for _ in range(2):
        with group("layer"):
            x = x * 2.0
            with group("neuron"):
                x = x.tanh()
            x = x + 1.0
    assert members(Graph.of(x)) == [
        ("layer", -1, [1, 2, 3, 4, 5]),
        ("neuron", 0, [3]),
        ("layer", -1, [6, 7, 8, 9, 10]),
        ("neuron", 2, [8]),
    ]


def test_what_is_made_between_two_parts_of_a_graph_is_left_out() -> None:
    with group("all"):
        a = Scalar(1.0)
        with group("elsewhere"):
            Scalar(2.0) * 3.0
        b = a * a
    with group("nothing"):
        pass
    assert members(Graph.of(b + 1.0)) == [("all", -1, [0, 1])]


def test_a_graph_taken_inside_a_group_has_it_already() -> None:
    with group("open"):
        y = Scalar(1.0) * 2.0
        assert members(Graph.of(y)) == [("open", -1, [0, 1, 2])]


def test_a_block_that_fails_ends() -> None:
    x = Scalar(1.0)
    with suppress(ZeroDivisionError), group("fails"):
        x = x * 1.0
        x = x * (1 / int(x.value - 1.0))
    assert members(Graph.of(x.tanh())) == [("fails", -1, [1, 2])]


def test_each_call_of_a_decorated_function_is_a_group() -> None:
    @group("cell")
    def cell(x: Scalar, depth: int) -> Scalar:
        return x.tanh() if depth == 0 else cell(x.exp(), depth - 1).sin()

    assert members(Graph.of(cell(Scalar(1.0), 1))) == [("cell", -1, [1, 2, 3]), ("cell", 0, [2])]


def test_generators_may_leave_in_another_order_than_they_came() -> None:
    def inside(name: str) -> Iterator[None]:
        with group(name):
            yield

    first, second = inside("first"), inside("second")
    next(first)
    next(second)
    list(first)
    x = Scalar(1.0)
    list(second)
    y = x.tanh()
    assert [(name, nodes) for name, _, nodes in members(Graph.of(y))] == [("first", [0]), ("second", [0])]
    assert groups._open == 0
    assert Graph.of(Scalar(1.0)).groups == []


def test_a_name_is_a_string() -> None:
    with pytest.raises(TypeError, match="the name of a group is a string, not int"):
        group(3)  # type: ignore[arg-type]


def test_copies_are_in_the_groups_that_they_were_made_in() -> None:
    y = recurrence(3)
    assert Graph.of(deepcopy(y)).groups == []
    with group("copies"):
        copied = deepcopy(y)
    assert [name for name, *_ in Graph.of(copied).groups] == ["copies"]
    assert len(Graph.of(y).groups) == 3


def test_freezing_takes_nothing_out_of_a_group() -> None:
    with group("all"):
        x = Scalar(1.0)
        y = x.tanh()
    x.requires_grad = False
    assert members(Graph.of(y)) == [("all", -1, [0, 1])]


# -- garbage -------------------------------------------------------------------------------------------------


def test_a_group_keeps_no_scalar_alive() -> None:
    y = recurrence(5)
    gone = [ref(node) for node in Graph.of(y).nodes or []]
    del y
    gc.collect()
    assert not any(node() for node in gone)


def test_groups_live_as_long_as_their_scalars() -> None:
    def blocks() -> int:
        gc.collect()
        return sum(type(thing) is groups.Block for thing in gc.get_objects())

    before = blocks()
    kept = recurrence(30)
    with group("outer"):  # open all the while
        for _ in range(50):
            recurrence(100)
        late = kept.tanh()
    assert blocks() == before + 31
    names = [name for name, *_ in Graph.of(late).groups]
    assert names == [f"t={t}" for t in range(1, 31)] + ["outer"]


def test_tasks_have_groups_of_their_own() -> None:
    async def steps(name: str) -> Scalar:
        x = Scalar(1.0)
        with group(name):
            for _ in range(3):
                x = x.tanh()
                await asyncio.sleep(0)
        return x

    async def both() -> list[Scalar]:
        return list(await asyncio.gather(steps("a"), steps("b")))

    with ThreadPoolExecutor(1) as threads:  # where no event loop is running
        found = threads.submit(asyncio.run, both()).result()
    assert [members(Graph.of(x)) for x in found] == [[(name, -1, [1, 2, 3])] for name in "ab"]
    assert groups._open == 0


# -- threads -------------------------------------------------------------------------------------------------


def chain(name: str) -> list[Group]:
    x = Scalar(0.5)
    with group(name):
        for t in range(60):
            with group(f"{name} {t}"):
                x = (x * 0.9).tanh()
            x = x + 0.1
    return Graph.of(x).groups


def test_groups_of_several_threads_are_told_apart() -> None:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(6) as threads:
            found = list(threads.map(chain, [f"thread {i}" for i in range(12)]))
    finally:
        sys.setswitchinterval(before)
    for i, its_groups in enumerate(found):
        name = f"thread {i}"
        assert [one.name for one in its_groups] == [name, *[f"{name} {t}" for t in range(60)]]
        assert nodes_of(its_groups[0].runs) == list(range(1, 1 + 60 * 5))
        assert [nodes_of(one.runs) for one in its_groups[1:]] == [
            [5 * t + 1, 5 * t + 2, 5 * t + 3] for t in range(60)
        ]
    assert groups._open == 0


def test_a_block_goes_on_where_another_thread_is_inside_one_for_a_while() -> None:
    entered, leave = Event(), Event()

    def other() -> Scalar:
        with group("other"):
            y = Scalar(2.0) * 3.0
            entered.set()
            assert leave.wait(10)
            return y.tanh()

    with ThreadPoolExecutor(1) as threads, group("ours"):
        x = Scalar(1.0)
        theirs = threads.submit(other)
        assert entered.wait(10)
        x = x * 2.0
        with group("within"):
            x = x.tanh()
        leave.set()
        y = theirs.result()
        x = x.exp()
    assert members(Graph.of(y)) == [("other", -1, [0, 1, 2, 3])]
    assert members(Graph.of(x)) == [("ours", -1, [0, 1, 2, 3, 4]), ("within", 0, [3])]
    both = members(Graph.of(x + y))
    assert sorted(name for name, *_ in both) == ["other", "ours", "within"]


# -- the document --------------------------------------------------------------------------------------------


def test_groups_go_into_the_document_and_come_back() -> None:
    graph = Graph.of(recurrence(3))
    document = graph.to_dict()
    assert document["groups"] == [["t=1", -1, [3, 6]], ["t=2", -1, [7, 10]], ["t=3", -1, [11, 14]]]
    again = Graph.from_json(graph.to_json())
    assert again.groups == graph.groups
    assert again.to_dict() == document
    assert "groups" not in Graph.of(Scalar(1.0) * 2.0).to_dict()


SHAPES = st.recursive(st.just(None), lambda inner: st.lists(inner, max_size=4), max_leaves=25)


@given(SHAPES)
def test_any_nesting_comes_back(shape: Any) -> None:
    made: list[Scalar] = []

    def make(part: Any) -> None:
        if part is None:
            made.append(Scalar(1.0))
            return
        with group("g"):
            for inner in part:
                make(inner)

    make(shape)
    if not made:
        return
    graph = Graph.of(*made)
    assert Graph.from_json(graph.to_dict()).groups == graph.groups
    for _, parent, runs in graph.groups:
        assert all(a <= b for a, b in pairwise(runs))
        if parent >= 0:
            assert set(nodes_of(runs)) <= set(nodes_of(graph.groups[parent].runs))


SOUND = {
    "version": 1,
    "op": ["leaf", "tanh", "exp"],
    "inputs": [[], [0], [1]],
    "value": {"0": 1},
    "outputs": [2],
}


@pytest.mark.parametrize(
    "listed",
    [
        {},
        "t=1",
        [["t=1", -1]],
        [[1, -1, [0, 0]]],
        [["t=1", 0, [0, 0]]],  # in itself
        [["t=1", True, [0, 0]]],
        [["t=1", -2, [0, 0]]],
        [["t=1", -1, []]],
        [["t=1", -1, [0]]],
        [["t=1", -1, [0, 3]]],
        [["t=1", -1, [-1, 1]]],
        [["t=1", -1, [1, 0]]],
        [["t=1", -1, [1, 1, 1, 2]]],
        [["t=1", -1, [0, 1.0]]],
        [["t=1", -1, [0, 1]], ["t=2", -1, [1, 2]]],  # two at once
        [["t=1", -1, [0, 1]], ["inner", 0, [1, 2]]],  # beyond what it is in
        [["t=1", -1, [0, 1]], ["inner", 0, [0, 1]], ["late", 0, [0, 0]]],
    ],
)
def test_groups_that_make_no_sense_are_refused(listed: Any) -> None:
    with pytest.raises(ValueError, match=r'^graph document: "groups" (names|is) '):
        Graph.from_json({**SOUND, "groups": listed})
    assert Graph.from_json({**SOUND, "groups": [["t=1", -1, [0, 1]]]}).groups


def test_groups_that_are_too_deep_are_a_part_of_theirs() -> None:
    h = Scalar(1.0)
    with ExitStack() as blocks:
        for i in range(2_000):
            blocks.enter_context(group(f"g{i}"))
            h = h.tanh()
    graph = Graph.of(h)
    assert [each.name for each in graph.groups] == [f"g{i}" for i in range(DEEPEST)]
    assert graph.groups[-1].runs == [DEEPEST, 2_000]
    assert Graph.from_json(graph.to_json()).groups == graph.groups
