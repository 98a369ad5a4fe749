"""Watching a class's methods: exact graphs, whatever the class keeps."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

import pytest
from micrograd.engine import Value as Micrograd

from adapters.engines import ENGINES, Bare, Slotted
from adapters.test_foreign import PROGRAMS, same
from autograd_widget import Scalar
from autograd_widget.adapters import read, record

ALL = {**ENGINES, "micrograd": Micrograd, "bare": Bare}


@pytest.mark.parametrize("engine", ALL.values(), ids=ALL)
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_values_and_gradients_are_ours_before_and_after_moves(engine: Any, program: Any) -> None:
    a, b = engine(0.0), engine(-1.3)  # at 0 much looks alike
    try:
        with record(engine):
            theirs = program(a, b)
    except ZeroDivisionError:
        pytest.skip("divides by 0")
    x, y = Scalar(0.0), Scalar(-1.3)
    ours = program(x, y)
    mirror = read(theirs)
    (root,) = mirror.roots
    p, q = mirror.scalar_of(a), mirror.scalar_of(b)
    assert p is not None and q is not None
    for u, v in ((0.0, -1.3), (1.9, 0.4), (-0.6, 2.2)):
        for scalar, value in ((x, u), (y, v), (p, u), (q, v)):
            scalar.value = value
        for result in (ours, root):
            result.forward()
            result.zero_grad()
            result.backward()
        assert same(root.value, ours.value)
        assert same(p.grad, x.grad) and same(q.grad, y.grad)
    assert set(mirror.how.values()) <= {"exact"}


def test_what_looks_alike_at_0_is_told_apart() -> None:
    x = Slotted(0.0)
    with record(Slotted):
        third, fourth, rectified = x**3, x**4, x.relu()
    made = [s for y in (third, fourth, rectified) for s in read(y).scalars if s.prevs]
    ops = [(s.op, [p.value for p in s.prevs]) for s in made]
    assert ops == [("**", [0.0, 3.0]), ("**", [0.0, 4.0]), ("relu", [0.0])]


def test_own_methods_stay_live_with_their_arguments() -> None:
    x = Bare(1.5)
    with record(Bare):
        y = x.scaled(by=3.0) + 1
    mirror = read(y)
    leaf, (root,) = mirror.scalar_of(x), mirror.roots
    assert leaf is not None and set(mirror.how.values()) == {"exact", "live"}
    leaf.value = 2.0
    assert root.forward() == 13.0


def test_the_class_is_as_before_afterwards_also_after_an_error() -> None:
    before = dict(vars(Micrograd))
    with pytest.raises(RuntimeError), record(Micrograd):
        raise RuntimeError
    assert dict(vars(Micrograd)) == before


def test_the_computation_is_not_changed() -> None:
    def compute() -> tuple[float, float]:
        a = Micrograd(2.0)
        y = (a * a - 1) ** 2 / a
        y.backward()
        return y.data, a.grad

    plain = compute()
    with record(Micrograd):
        assert compute() == plain


def test_errors_of_the_computation_stay_its_own() -> None:
    with record(Micrograd), pytest.raises(AssertionError, match="int/float powers"):
        Micrograd(2.0) ** "3"


def test_names() -> None:
    a, b = Micrograd(2.0), Micrograd(3.0)
    with record(Micrograd, names={a: "width", b: "height"}):
        area = a * b
    assert [s.label for s in read(area).scalars] == ["width", "height", ""]


def test_nodes_are_freed() -> None:
    a = Micrograd(2.0)
    with record(Micrograd):
        y = a * 3
    gone = weakref.ref(y)
    del y
    gc.collect()
    assert gone() is None


def test_constants_stay_constants() -> None:
    w = Micrograd(2.0)
    with record(Micrograd):
        y = (w * 3 + 1) * w
    mirror = read(y)
    assert [s.value for s in mirror.scalars if s.op is None and not s.prevs] == [2.0]


def test_more_than_the_limit_is_read_as_without_watching() -> None:
    a = Micrograd(0.5)
    with record(Micrograd, limit=3):
        y = a
        for _ in range(10):
            y = y * a
    (root,) = read(y).roots
    assert math.isclose(root.value, 0.5**11)


def test_what_is_no_class_is_refused() -> None:
    with pytest.raises(TypeError, match="takes classes"):
        record(Micrograd(1.0))
