"""The pass over scalars: its written-out loop against the op table, its windows, and passes that fail."""

from __future__ import annotations

import random
import signal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_widget import Scalar, custom_op
from autograd_widget.engine.backward import FIRST_WINDOW, upstream
from autograd_widget.engine.observers import follow, followers_of, unfollow
from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import apply

if TYPE_CHECKING:
    from collections.abc import Iterator

NUMBERS = st.floats() | st.sampled_from([0.0, -0.0, 1.0, -1.0])
WRITTEN_OUT = ("+", "*", "relu", "tanh")


@given(st.sampled_from(WRITTEN_OUT), NUMBERS, NUMBERS, NUMBERS)
def test_what_is_written_out_is_what_the_table_says(op: str, a: float, b: float, g: float) -> None:
    operator: Any = {"+": lambda x, y: x + y, "*": lambda x, y: x * y}.get(op, lambda x, _: getattr(x, op)())
    x = [Scalar(a), Scalar(b)]
    y = operator(*x)
    numbers = (a, b)[: OPS[op].arity]
    assert y.value.hex() == OPS[op].forward(*numbers).hex() == apply(op, *x[: OPS[op].arity]).value.hex()
    y.backward(gradient=g)
    sent = OPS[op].backward(g, y.value, *numbers)
    assert [leaf.grad.hex() for leaf in x[: len(sent)]] == [(s + 0.0).hex() for s in sent]


def by_the_table(root: Scalar) -> dict[Scalar, float]:
    """The gradients of a pass, plainly."""
    grads = {root: 1.0}
    for node in reversed(upstream(root)):
        if node in grads and node.prevs:
            row = OPS[node.op or ""]
            sent = row.backward(grads[node], node.value, *[p.value for p in node.prevs])
            for operand, s in zip(node.prevs, sent, strict=True):
                if operand.requires_grad:
                    grads[operand] = grads.get(operand, 0.0) + s
    return grads


def random_graphs(draw: random.Random, count: int, size: int) -> list[Scalar]:
    """Several graphs that grow by turns, so that their numbers lie far apart, on leaves of different age."""
    leaves = [Scalar(draw.uniform(-1, 1), requires_grad=draw.random() < 0.8) for _ in range(5)]
    graphs = [[*leaves] for _ in range(count)]
    for _ in range(size):
        for nodes in graphs:
            op = draw.choice(("+", "*", "tanh", "relu", "-", "sum"))
            operands = [
                draw.choice((nodes, nodes[-4:]))[-1 - draw.randrange(4)] for _ in range(OPS[op].arity or 3)
            ]
            nodes.append(apply(op, *operands))
    return [nodes[-1] for nodes in graphs]


@pytest.mark.parametrize(("count", "size"), [(1, 30), (1, 3000), (3, 200), (100, 60)])
def test_windows_change_nothing(count: int, size: int) -> None:
    for root in random_graphs(random.Random(size), count, size):
        root.zero_grad()
        root.backward()
        wanted = by_the_table(root) if root.requires_grad else {}
        assert {node: node.grad for node in upstream(root) if node.reached} == wanted


def test_a_graph_with_a_gap_as_long_as_a_window() -> None:
    for gap in (FIRST_WINDOW - 2, FIRST_WINDOW - 1, FIRST_WINDOW, 4 * FIRST_WINDOW, 100 * FIRST_WINDOW):
        x = Scalar(2.0)
        y = x * x
        for _ in range(gap):
            Scalar(0.0)
        z = y * y
        z.backward()
        assert (x.grad, y.grad) == (32.0, 8.0)


def test_a_pass_that_fails_changes_nothing() -> None:
    w, x, odd = Scalar(2.0), Scalar(3.0), Scalar(1.0)
    y = w * x
    z = (y + odd * 1.0) * 2.0 + y
    z.backward()
    w.grad = 5.0
    before = {node: (node.grad, node.reached, node._pass) for node in upstream(z)}
    fresh = z + 1.0
    unknown = Scalar(1.0, (w,), "frobnicate")
    root = fresh + unknown
    for _ in range(2):
        with pytest.raises(ValueError, match="'frobnicate' is not in the table"):
            root.backward()
        assert {node: (node.grad, node.reached, node._pass) for node in upstream(z)} == before
        assert not (root.reached or fresh.reached or unknown.reached)

    @custom_op(partials=lambda _y, _x: interrupted())
    def same(x: float) -> float:
        return x

    def interrupted() -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        (fresh + same(y) * 2.0).backward()
    assert {node: (node.grad, node.reached, node._pass) for node in upstream(z)} == before


class Falsy(Scalar):
    """It is false where its value is 0, as numbers are."""

    def __bool__(self) -> bool:
        return self.value != 0.0


def test_a_scalar_may_be_false() -> None:
    x = Falsy(0.0)
    y = x * 3.0
    z = (y + y * y) * 2.0
    z.backward()
    assert (x.grad, y.grad) == (6.0, 2.0)


@pytest.fixture
def interrupts() -> Iterator[None]:
    """An alarm interrupts, as Ctrl-C does."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("interrupts")
def test_an_interrupt_finds_a_pass_whole_or_not_there() -> None:
    x = Scalar(1.0)
    y = x
    for _ in range(200_000):
        y = y * 1.0
    for share in range(20):
        y.zero_grad()
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.001 + 0.005 * share)
            y.backward()
            while True:
                pass
        except KeyboardInterrupt:
            assert (x.grad, len(y._runs)) in {(0.0, 0), (1.0, 1)}


@pytest.mark.parametrize("op", ["+", "*", "relu", "tanh"])
def test_a_scalar_that_is_broken_by_hand_gives_an_exception(op: str) -> None:
    w = Scalar(2.0)
    w.op = op
    with pytest.raises(AttributeError):
        (w * 3.0).backward()
    assert not w.reached


def test_a_gradient_set_by_hand_is_added_to() -> None:
    w = Scalar(2.0)
    y = w * w
    y.backward()
    w.grad = 1.0
    y.backward()
    assert (w.grad, y.grad) == (5.0, 2.0)


class Follower:
    """Remembers who has changed."""

    def __init__(self) -> None:
        self.roots: list[Scalar] = []

    def passes_changed(self, root: Scalar) -> None:
        self.roots.append(root)


@pytest.mark.parametrize("gap", [0, 2 * FIRST_WINDOW], ids=["near", "far"])
def test_followers_are_told_of_passes_that_come_to_their_leaves(gap: int) -> None:
    follower, other = Follower(), Follower()
    w, x, frozen, elsewhere = Scalar(2.0), Scalar(3.0), Scalar(1.0, requires_grad=False), Scalar(2.0)
    follow(follower, [w, x])
    follow(other, [frozen, elsewhere])
    for _ in range(gap):
        Scalar(0.0)
    y = w * x * frozen
    z = w * 2.0
    y.backward()
    z.backward()
    y.backward(gradient=2.0)
    assert (follower.roots, other.roots) == ([y, z, y], [])
    assert (len(y._runs), len(z._runs)) == (1, 1)
    y.zero_grad()
    assert (follower.roots, other.roots) == ([y, z, y, y], [y])
    unfollow(follower, [w, x])
    y.backward()
    assert len(follower.roots) == 4


def test_following_keeps_nobody_alive() -> None:
    w = Scalar(2.0)
    followers = [Follower(), Follower()]
    for follower in followers:
        follow(follower, [w])
    del follower
    followers.pop(0)
    assert followers_of([w]) == followers
    w.backward()
    assert followers[0].roots == [w]
    followers.clear()
    assert followers_of([w]) == []


def test_a_pass_that_fails_tells_nobody() -> None:
    follower, w = Follower(), Scalar(2.0)
    follow(follower, [w])
    with pytest.raises(ValueError, match="frobnicate"):
        (w * 2.0 + Scalar(1.0, (w,), "frobnicate")).backward()
    assert follower.roots == []
