"""The pass over scalars: its written-out loop against the op table, its windows, and passes that fail."""

from __future__ import annotations

import math
import random
import signal
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_widget import Scalar, custom_op
from autograd_widget.engine.backward import FIRST_WINDOW, plain_pass, upstream
from autograd_widget.engine.observers import observe, unobserve
from autograd_widget.engine.ops import OPS
from autograd_widget.engine.pass_log import entries_of
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
        wanted = plain_pass(root) if root.requires_grad else {}
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
            assert (x.grad, len(entries_of(y))) in {(0.0, 0), (1.0, 1)}


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


class Watcher:
    """Counts how often it was told, and observes again if it is to."""

    def __init__(self) -> None:
        self.told = 0

    def mark(self) -> None:
        self.told += 1


@pytest.mark.parametrize("gap", [0, 2 * FIRST_WINDOW], ids=["near", "far"])
def test_observers_are_told_once_until_they_observe_again(gap: int) -> None:
    watcher, other = Watcher(), Watcher()
    w, x, frozen, elsewhere = Scalar(2.0), Scalar(3.0), Scalar(1.0, requires_grad=False), Scalar(2.0)
    observe(watcher, [w])
    observe(other, [elsewhere])
    for _ in range(gap):
        Scalar(0.0)
    y = w * x * frozen
    for told in (1, 1):
        y.backward()
        assert (watcher.told, other.told) == (told, 0)
    observe(watcher, [w])
    (w * 2.0).backward(gradient=2.0)
    assert watcher.told == 2
    observe(watcher, [w])
    y.zero_grad()
    assert watcher.told == 3
    observe(watcher, [w])
    unobserve(watcher, [w, x])
    y.backward()
    assert (watcher.told, other.told) == (3, 0)


@pytest.mark.parametrize(
    "change",
    [
        lambda w: setattr(w, "value", 5.0),
        lambda w: setattr(w, "grad", 5.0),
        lambda w: setattr(w, "grad", None),
        lambda w: setattr(w, "requires_grad", False),
    ],
    ids=["value", "grad", "cleared", "frozen"],
)
def test_observers_are_told_of_what_is_set_by_hand(change: Any) -> None:
    watcher, w = Watcher(), Scalar(2.0)
    observe(watcher, [w])
    change(w)
    assert watcher.told == 1


def test_observing_keeps_nobody_alive() -> None:
    w = Scalar(2.0)
    watchers = [Watcher(), Watcher()]
    for watcher in watchers:
        observe(watcher, [w])
    del watcher
    watchers.pop(0)
    assert w._extras is not None
    assert [known() for known in w._extras.observers] == [None, *watchers]
    w.backward()
    assert watchers[0].told == 1


def test_a_pass_that_fails_tells_nobody() -> None:
    watcher, w = Watcher(), Scalar(2.0)
    observe(watcher, [w])
    with pytest.raises(ValueError, match="frobnicate"):
        (w * 2.0 + Scalar(1.0, (w,), "frobnicate")).backward()
    assert watcher.told == 0


# -- what passes leave, and stale numbers --------------------------------------------------------------------


def test_each_pass_is_an_entry_with_the_value_then() -> None:
    w = Scalar(2.0, label="w")
    y = w * w
    y.backward()
    w.value = 3.0
    y.forward()
    y.backward(gradient=2.0)
    assert [(amount, at) for _, amount, at in entries_of(w)] == [(4.0, 2.0), (12.0, 3.0)]
    assert [one.gradient for one, _, _ in entries_of(w)] == [1.0, 2.0]
    assert [one.root for one, _, _ in entries_of(y)] == [y, y]
    w.value = 5.0
    w.value = 6.0
    assert entries_of(w)[-1][2] == 3.0


def test_a_gradient_set_by_hand_is_the_one_entry_and_zero_is_none() -> None:
    w = Scalar(2.0)
    y = w * w
    y.backward()
    w.grad = 7.0
    assert [(one.count, amount) for one, amount, _ in entries_of(w)] == [(0, 7.0)]
    for nothing in (0.0, -0.0, None):
        w.grad = 7.0
        w.grad = nothing
        assert (entries_of(w), w.reached, w.grad) == ([], False, 0.0)
    assert y.reached


def test_of_many_passes_the_first_ones_are_added_up() -> None:
    w = Scalar(1.0)
    y = w * 2.0
    for i in range(1000):
        y.backward(gradient=float(i))
    assert w.grad == float(2 * sum(range(1000)))
    assert [one.count for one, _, _ in entries_of(w)] == [950] + [1] * 50


def test_entries_keep_no_result_alive() -> None:
    w = Scalar(1.0)
    for _ in range(2):
        y = w * 2.0
        y.backward()
        gone = weakref.ref(y)
        del y
        assert gone() is None
    assert [(one.root, amount) for one, amount, _ in entries_of(w)] == [(None, 2.0)] * 2


def test_a_pass_over_stale_numbers_is_refused_and_changes_nothing() -> None:
    w, x = Scalar(2.0, label="w"), Scalar(1.0)
    y = w * w + w.exp() * x
    w.value = 3.0
    with pytest.raises(
        RuntimeError, match=r"^w was set after y was computed: call y\.forward\(\), or compute y"
    ):
        y.backward()
    assert not any(node.reached for node in upstream(y))
    y.forward()
    y.backward()
    assert w.grad == pytest.approx(26.0855, abs=1e-4)
    x.value = 4.0
    with pytest.raises(RuntimeError, match=r"^x was set after y was computed"):
        y.backward()
    assert w.grad == pytest.approx(26.0855, abs=1e-4)


@pytest.mark.parametrize("frozen", [False, True])
@pytest.mark.parametrize("between", [lambda x: x, lambda x: x * x, lambda x: x.detach() * 2.0])
def test_what_a_pass_does_not_come_to_may_be_stale_too(frozen: bool, between: Any) -> None:
    w, x = Scalar(2.0, label="w"), Scalar(3.0, label="x", requires_grad=not frozen)
    y = between(x) * w
    x.value = 4.0
    with pytest.raises(RuntimeError, match=r"^x was set after y was computed"):
        y.backward()
    y.forward()
    y.backward()
    assert w.grad == between(Scalar(4.0)).value


def test_what_is_as_it_would_be_is_not_stale() -> None:
    w, x = Scalar(2.0), Scalar(3.0)
    y = w * x
    w.value = 5.0
    w.value = 2.0
    y.backward()
    assert w.grad == 3.0
    x.value = 4.0
    z = w * 2.0  # does not depend on x
    z.backward()
    assert w.grad == 5.0
    n = Scalar(math.nan)
    m = n * 1.0
    n.value = math.nan
    m.backward()
    assert n.grad == 1.0


def test_a_result_of_a_stale_one_is_stale() -> None:
    w = Scalar(2.0)
    h = w * w
    w.value = 3.0
    y = h * 1.0
    with pytest.raises(RuntimeError, match=r"^w was set after y was computed"):
        y.backward()
    h.forward()
    with pytest.raises(RuntimeError, match=r"^w was set after y was computed"):
        y.backward()


def test_recorded_numbers_are_stale_until_forward() -> None:
    w = Scalar(2.0)
    y = Scalar(8.0, (w,), "cube")
    y.grad_wrt = {w: 12.0}
    w.value = 3.0
    with pytest.raises(RuntimeError, match=r"^w was set after y was computed"):
        y.backward()
    y.forward()
    y.backward()
    assert w.grad == 12.0


def test_only_the_value_of_a_leaf_can_be_set() -> None:
    w = Scalar(2.0, label="w")
    y = w * 3.0
    with pytest.raises(
        ValueError, match="is computed: set a leaf that it comes from, such as w, and call forward"
    ):
        y.value = 5.0
    with pytest.raises(ValueError, match="the constant 3 can't be set"):
        y.prevs[1].value = 5.0
    assert (y.value, y.prevs[1].value) == (6.0, 3.0)
