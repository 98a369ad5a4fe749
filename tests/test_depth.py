"""Depth and breadth: a million nodes, at Python's own recursion limit, and freed when dropped."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import subprocess
import sys
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from autograd_widget import Graph, Scalar, Value
from autograd_widget import sum as sum_of
from autograd_widget.engine.pass_log import entries_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

MILLION = 1_000_000
LEAVES = 100_000
DIAMONDS = 60


def chain(length: int = MILLION) -> tuple[Scalar, Scalar]:
    """`length` nodes in a row."""
    x = y = Scalar(1.0, label="x")
    for _ in range((length - 1) // 2):
        y = (-y).square()
    return x, y


def tree() -> tuple[Scalar, Scalar]:
    """A balanced one; the first leaf and the sum of all."""
    first = Scalar(1.0, label="x")
    level = [first, *(Scalar(1.0) for _ in range(LEAVES - 1))]
    while len(level) > 1:
        odd = level[len(level) & ~1 :]
        level = [a + b for a, b in zip(level[::2], level[1::2], strict=False)] + odd
    return first, level[0]


def diamonds() -> tuple[Scalar, Scalar]:
    """Two paths at each node, 2^60 in all."""
    x = y = Scalar(1.0, label="x")
    for _ in range(DIAMONDS):
        y = y + y
    return x, y


SHAPES: dict[str, tuple[Callable[[], tuple[Scalar, Scalar]], float, float]] = {
    "chain": (chain, 1.0, float((-2) ** 0)),
    "tree": (tree, float(LEAVES), 1.0),
    "diamonds": (diamonds, 2.0**DIAMONDS, 2.0**DIAMONDS),
}


@contextmanager
def no_collector() -> Iterator[None]:
    """Turn the garbage collector off, so that reference counts alone free objects."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


@pytest.fixture(autouse=True)
def usual_recursion_limit() -> Iterator[None]:
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(1000)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize("shape", ["tree", "diamonds"])
def test_scalars_and_graphs_of_any_shape(shape: str) -> None:
    make, value, gradient = SHAPES[shape]
    x, y = make()
    y.backward()
    assert (y.value, x.grad) == (value, gradient)
    x.value = 0.0
    assert y.forward() < value
    graph = Graph.from_json(Graph.of(y).to_json())
    graph.set_leaf(0, 1.0)
    graph.forward()
    graph.backward(graph.outputs[0])
    assert (graph.values[-1], graph.grads[0]) == (value, gradient)


@pytest.mark.parametrize("shape", ["tree", "diamonds"])
@pytest.mark.parametrize("copied", [copy.deepcopy, lambda y: pickle.loads(pickle.dumps(y))])  # noqa: S301
def test_copies_of_any_shape(shape: str, copied: Callable[[Any], Any]) -> None:
    make, value, gradient = SHAPES[shape]
    x, y = make()
    y.backward()
    again, first = copied([y, x])
    assert (again.value, first.grad, first.label) == (value, gradient, "x")
    again.backward()
    assert (first.grad, x.grad) == (2.0 * gradient, gradient)


def test_a_chain_of_a_million() -> None:
    x, y = chain()
    y.backward()
    assert (y.value, abs(x.grad)) == (1.0, float("inf"))
    assert y.forward() == 1.0
    y.zero_grad()
    assert not x.reached
    graph = Graph.of(y)
    assert len(graph) == MILLION - 1
    text = graph.to_json()
    del graph
    again = Graph.from_json(json.loads(text))
    again.backward(again.outputs[0])
    assert again.reached[0]
    copied = copy.copy(y)
    assert copied.prevs == y.prevs
    gone = weakref.ref(y.prevs[0])
    with no_collector():
        del y, copied
        assert gone() is None


def test_a_million_are_copied_and_pickled() -> None:
    x, y = chain()
    again = copy.deepcopy({"x": x, "y": y})
    assert again["x"] is not x
    again["y"].backward(gradient=0.0)
    assert (again["x"].reached, x.reached) == (True, False)
    del again
    text = pickle.dumps((x, y))
    del x, y
    x, y = pickle.loads(text)  # noqa: S301
    y.backward(gradient=0.0)
    assert x.reached


def test_a_wide_sum_is_one_node() -> None:
    leaves = [Scalar(1.0) for _ in range(LEAVES)]
    total = sum_of(leaves)
    total.backward()
    assert (total.value, len(total.prevs), leaves[-1].grad) == (LEAVES, LEAVES, 1.0)


def test_the_collector_finds_nothing_to_collect() -> None:
    with no_collector():
        gc.collect()
        x, y = chain(1001)
        y.backward()
        y.backward(lambda root, _: root.value)
        Graph.of(y).backward(0)
        copy.deepcopy(y)
        pickle.loads(pickle.dumps(y))  # noqa: S301
        del x, y
        assert gc.collect() == 0


def test_results_in_one_pickle_keep_sharing() -> None:
    w = Scalar(0.3, label="w")
    h1 = w * 2.0
    h2 = h1 + w
    h1.backward()
    h2.backward()
    for g1, g2 in (pickle.loads(pickle.dumps([h1, h2])), copy.deepcopy([h1, h2])):  # noqa: S301
        assert g2.prevs[0] is g1
        assert g1.prevs[0] is g2.prevs[1]
        assert (g1.grad, g1.prevs[0].grad, g1.prevs[0].label) == (h1.grad, w.grad, "w")
        g2.zero_grad()
        g2.backward()
        assert g1.prevs[0].grad == 3.0
        assert w.grad == 5.0


def test_a_pickle_that_fails_leaves_no_trace() -> None:
    x, y = chain(2001)
    with pytest.raises((AttributeError, pickle.PicklingError)):
        pickle.dumps([y, lambda: None])
    again = pickle.loads(pickle.dumps(y))  # noqa: S301
    assert again.value == y.value
    assert x.value == 1.0


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_every_protocol_and_pythons_own_pickler(protocol: int) -> None:
    _, y = chain(2001)
    for dumps in (pickle.dumps, pickle._dumps):  # type: ignore[attr-defined]
        again = pickle.loads(dumps(y, protocol))  # noqa: S301
        assert len(Graph.of(again)) == 2001


class Named(Scalar):
    """A subclass with an attribute and a constructor of its own."""

    def __init__(self, name: str) -> None:
        super().__init__(1.0)
        self.name = name


def test_subclasses_keep_what_is_theirs() -> None:
    named = Named("n")
    for again in (copy.copy(named), copy.deepcopy(named), pickle.loads(pickle.dumps(named))):  # noqa: S301
        assert (type(again), again.name, again.value) == (Named, "n", 1.0)


def test_frozen_leaves_constants_and_notes_survive() -> None:
    w, x = Scalar(2.0), Scalar(3.0, label="x", requires_grad=False)
    y = w * x + 1.0
    y.backward()
    w.grad = 7.0
    for again in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):  # noqa: S301
        product, one = again.prevs
        assert (one.op, one.value, one.requires_grad) == ("const", 1.0, False)
        assert (product.prevs[1].label, product.prevs[1].requires_grad) == ("x", False)
        assert (product.prevs[0].grad, again.grad) == (7.0, 1.0)
        assert [one.root for one, _, _ in entries_of(again)] == [again]
        assert Graph.of(again).to_dict() == Graph.of(y).to_dict()


def test_a_copy_is_of_the_same_operands_and_of_nobody_elses_gradient() -> None:
    a, b = Scalar(2.0), Scalar(3.0)
    y = a * b
    other = copy.copy(y)
    (y + other).backward()
    assert (other.prevs, a.grad, other.grad, y.grad) == ((a, b), 6.0, 1.0, 1.0)


def loaded(script: str, folder: Path) -> str:
    """Run a script in a new process, and return its output; in this one, leaves have been frozen already."""
    done = subprocess.run(
        [sys.executable, "-c", f"import pickle\nfrom autograd_widget import *\n{script}"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_what_was_frozen_and_thawed_is_so_after_loading(tmp_path: Path) -> None:
    w, v = Scalar(3.0, requires_grad=False), Scalar(3.0)
    y, z = w * 2.0, v * 2.0
    w.requires_grad, v.requires_grad = True, False
    (tmp_path / "p").write_bytes(pickle.dumps((w, y, v, z)))
    script = """
w, y, v, z = pickle.load(open('p', 'rb'))
y.backward(), z.backward()
print(w.grad, y.grad, z.grad, y.requires_grad, z.requires_grad)"""
    assert loaded(script, tmp_path) == "2.0 1.0 0.0 True False"


def test_passes_keep_their_order_when_they_are_loaded_again(tmp_path: Path) -> None:
    w = Scalar(3.0, label="w")
    y1, y2 = w * 2.0, w * w
    y1.label, y2.label = "y1", "y2"
    y1.backward()
    (tmp_path / "p").write_bytes(pickle.dumps((w, y1, y2)))
    script = """
w, y1, y2 = pickle.load(open('p', 'rb'))
y2.backward()
pickle.dump((w, y1, y2), open('p', 'wb'))"""
    loaded(script, tmp_path)
    script = """
_, y1, y2 = pickle.load(open('p', 'rb'))
print([row.name for row in GraphWidget(y1, y2).ledger])"""
    assert loaded(script, tmp_path) == "['y1.backward()', 'y2.backward()']"


class Slotted(Named):
    """A subclass with a slot and attributes."""

    __slots__ = ("tag",)
    tag: str


class OnlySlots(Value):
    """A subclass with nothing but a slot."""

    __slots__ = "tag"  # noqa: PLC0205 # Python takes it
    tag: str


class Private(Value):
    """A subclass with a slot of its own alone."""

    __slots__ = ("__secret",)

    def __init__(self, secret: str) -> None:
        super().__init__(1.0)
        self.__secret = secret

    def told(self) -> str:
        return self.__secret


def test_private_slots_are_copied_too() -> None:
    assert copy.copy(Private("s")).told() == "s"
    assert pickle.loads(pickle.dumps(Private("s"))).told() == "s"  # noqa: S301


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))])  # noqa: S301
def test_slots_of_a_subclass_are_copied_too(again: Any) -> None:
    for one in (Slotted("name"), OnlySlots(1.0)):
        one.tag = "t"
        assert again(one).tag == "t"
        assert getattr(again(one), "name", None) == getattr(one, "name", None)
