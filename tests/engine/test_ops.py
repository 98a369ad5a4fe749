"""Every row of the op table against finite differences, away from kinks and poles, and total everywhere."""

from __future__ import annotations

from itertools import product
from math import isfinite
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_widget.engine.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Callable

STEP = 1e-5

SMOOTH = {
    "asin": (-0.9, 0.9),
    "acos": (-0.9, 0.9),
    "log": (0.1, 5.0),
    "log1p": (-0.9, 5.0),
    "sqrt": (0.1, 5.0),
    "tan": (-1.2, 1.2),
    "reciprocal": (0.2, 5.0),
    "rsqrt": (0.2, 5.0),
    "log2": (0.1, 5.0),
    "log10": (0.1, 5.0),
    "acosh": (1.1, 5.0),
    "atanh": (-0.9, 0.9),
    "logit": (0.1, 0.9),
}
"""The interval in which a unary op is smooth; by default -3 to 3, except near whole numbers and 0."""

SMOOTH_PAIRS: dict[str, Callable[[float, float], bool]] = {
    "**": lambda a, b: a > 0.0,
    "xlogy": lambda a, b: b > 0.0,
    **dict.fromkeys(("%", "//", "fmod"), lambda a, b: abs(a / b - round(a / b)) > 0.01),
}
"""A test for pairs at which a binary op is smooth; by default, all pairs of different numbers."""

POINTS = (-2.6, -1.3, -0.4, 0.3, 0.7, 1.6, 2.4)
WORST = (0.0, -0.0, 1.0, -1.0, 0.5, -8.0, 1e308, -1e308, 5e-324, float("inf"), float("-inf"), float("nan"))


def points_of(op: str) -> list[tuple[float, ...]]:
    arity = OPS[op].arity
    if arity == 1:
        low, high = SMOOTH.get(op, (-3.0, 3.0))
        return [(x,) for x in (*POINTS, 0.25, 4.5) if low <= x <= high]
    pairs = [p for p in product(POINTS, repeat=2) if p[0] != p[1]]
    if arity == 2:
        is_smooth = SMOOTH_PAIRS.get(op)
        return [(a, b) for a, b in pairs if is_smooth is None or is_smooth(a, b)]
    if arity == 3:
        return [(x, low, high) for x in POINTS for low, high in ((-1.0, 1.0), (-2.0, 0.0), (0.5, 2.0))]
    return [*[(x,) for x in POINTS], *pairs, (1.6, -0.4, 0.7), (0.3, 2.4, -1.3, 0.7, -2.6)]


@pytest.mark.parametrize("op", OPS)
def test_gradients_are_finite_differences(op: str) -> None:
    row = OPS[op]
    points = points_of(op)
    assert points
    for x in points:
        gradients = row.backward(1.0, row.forward(*x), *x)
        assert len(gradients) == len(x)
        for i, gradient in enumerate(gradients):
            above, below = ([*x[:i], x[i] + side, *x[i + 1 :]] for side in (STEP, -STEP))
            slope = (
                (row.forward(*above) - row.forward(*below)) / (2.0 * STEP) if row.is_differentiable else 0.0
            )
            assert gradient == pytest.approx(slope, rel=1e-6, abs=1e-8), (op, x, i)


@pytest.mark.parametrize("op", OPS)
def test_the_upstream_gradient_is_a_factor(op: str) -> None:
    row = OPS[op]
    for x in points_of(op):
        y = row.forward(*x)
        one, other = row.backward(1.0, y, *x), row.backward(-2.5, y, *x)
        assert other == pytest.approx([-2.5 * g for g in one], rel=1e-12)


@pytest.mark.parametrize("op", OPS)
def test_nothing_raises_and_everything_is_a_float(op: str) -> None:
    row = OPS[op]
    for arity in [row.arity] if row.arity else [1, 2, 3]:
        for x in product(WORST, repeat=arity):
            y = row.forward(*x)
            assert type(y) is float, (op, x)
            for g in (1.0, 0.0, float("inf"), float("nan")):
                assert all(type(sent) is float for sent in row.backward(g, y, *x)), (op, x, g)


@given(st.sampled_from(sorted(OPS)), st.data())
def test_every_double_is_taken(op: str, data: st.DataObject) -> None:
    row = OPS[op]
    arity = row.arity or data.draw(st.integers(1, 4))
    x = data.draw(st.lists(st.floats(), min_size=arity, max_size=arity))
    row.backward(data.draw(st.floats()), row.forward(*x), *x)


@pytest.mark.parametrize("op", OPS)
def test_the_notation_is_there(op: str) -> None:
    row = OPS[op]
    assert row.name == op
    assert row.formula
    assert len(row.partials) == (row.arity or 1)
    assert all(row.partials)


def test_the_ops_of_the_document_are_in_the_table() -> None:
    promised = {
        "+",
        "-",
        "*",
        "/",
        "**",
        "neg",
        "relu",
        "tanh",
        "sigmoid",
        "exp",
        "log",
        "sqrt",
        "sin",
        "cos",
    }
    assert promised | {"abs", "max", "min"} <= set(OPS)
    assert {"where", ">", ">=", "==", "clamp", "detach", "%", "//", "atan2", "erf"} <= set(OPS)
    assert not {"leaf", "const", "__proto__"} & set(OPS)
    assert isfinite(OPS["softplus"].forward(1e6))
