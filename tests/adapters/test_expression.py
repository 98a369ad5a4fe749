"""Expressions as text: what they compute, and what is said of those that are off."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_widget import Scalar
from autograd_widget.adapters.expression import ExpressionError, graph_of, parse

VALUES = {"a": 2.0, "b": -3.0, "c": 0.5}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a + b*c", 0.5),
        ("(a + b)*c", -0.5),
        ("a - b - c", 4.5),
        ("a/b/c", 2 / -3 / 0.5),
        ("-a**2", -4.0),
        ("(-a)**2", 4.0),
        ("a**-1", 0.5),
        ("a**b**2", 512.0),
        ("a^2", 4.0),
        ("2·a × 3 ÷ c − 1", 23.0),
        ("--a", 2.0),
        ("-a*-b", -6.0),
        ("+a", 2.0),
        ("relu(b) + tanh(c)", math.tanh(0.5)),
        ("max(a, b, c)", 2.0),
        ("min(a, -1)", -1.0),
        ("exp(log(a))", 2.0),
        ("ln(a)", math.log(2)),
        ("((a))", 2.0),
        (".5*a + 1e1 + 2.", 13.0),
        ("where(a > b, a, b)", 2.0),
        ("where(a <= b, 10, a + 1)", 3.0),
        ("tanh(relu(a + 1) * (b - 1))", math.tanh(-12.0)),
    ],
)
def test_values(text: str, expected: float) -> None:
    names = {step.name for step in parse(text) if step.kind == "name"}
    root = graph_of(text, {name: x for name, x in VALUES.items() if name in names})
    assert math.isclose(root.value, expected)


def test_names_are_leaves_and_the_result_has_a_name() -> None:
    root = graph_of("relu(w1*x1 + w2*x2 + b)", {"w1": 1.0, "x1": 2.0, "w2": 0.5, "x2": -1.0, "b": 0.25})
    root.backward()
    assert (root.label, root.op, root.value) == ("y", "relu", 1.75)
    (sum_,) = root.prevs
    leaf = sum_.prevs[1]
    assert (leaf.label, leaf.grad) == ("b", 1.0)
    assert graph_of("y + 1", {}).label == "f"
    assert graph_of("权重*x", {"权重": 3.0}).value == 3.0, "a name without a value begins at 1"


OFF = [
    ("tanh(w1*x1 + w2*x2 + )", 21, 22, "a number or a name is missing before this )"),
    ("tahn(w1*x1 + b)", 0, 4, "there is no function tahn; there is tanh"),
    ("2x1 + b", 1, 3, "an operator is missing before x1: 2*x1?"),
    ("(w1*x1 + b", 0, 1, "this ( is never closed"),
    ("a * (b + tanh(c)", 4, 5, "this ( is never closed"),
    ("w1 = 3; w1*x1", 3, 4, "only an expression, no =; values are set on the cards"),
    ("a)", 1, 2, ") has no place here"),
    ("a *", 3, 3, "a number or a name is missing at the end"),
    ("a * * b", 4, 5, "a number or a name is missing before this *"),
    ("", 0, 0, "a number or a name is missing at the end"),
    ("a b", 2, 3, "an operator is missing before b: a*b?"),
    ("a(b)", 0, 1, "there is no function a; there is abs"),
    ("(a)(b)", 3, 4, "an operator is missing before (: )*(?"),
    ("a, b", 1, 2, ", has no place here"),
    ("tanh(a, b)", 0, 4, "tanh needs 1, not 2 operands"),
    ("tanh()", 5, 6, "a number or a name is missing before this )"),
    ("a $ b", 2, 3, "$ has no place here"),
    ("__import__('os')", 0, 10, "there is no function __import__; there is prod"),
    ("a.b", 1, 2, ". has no place here"),
    ("1 + 2", 0, 5, "there is no name to move"),
]


@pytest.mark.parametrize(("text", "start", "end", "says"), OFF)
def test_what_is_off_is_said_of_a_place(text: str, start: int, end: int, says: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        graph_of(text, {})
    assert (caught.value.sentence, caught.value.start, caught.value.end) == (says, start, end)
    assert str(caught.value).splitlines()[2].index("^") == start + 2


def test_in_chinese() -> None:
    with pytest.raises(ExpressionError, match="没有函数 tahn；可用 tanh"):
        graph_of("tahn(a)", {}, "zh")


def test_values_for_names_that_are_not_there() -> None:
    with pytest.raises(ValueError, match="has no w2: did you mean w1"):
        graph_of("w1*x", {"w2": 1.0})
    with pytest.raises(TypeError, match="is a text"):
        graph_of(3, {})  # type: ignore[arg-type]


@given(st.text(alphabet="ab12.+-*/()^, tanhrelu=<>$", max_size=30))
def test_any_text_is_an_expression_or_refused_at_a_place(text: str) -> None:
    try:
        root = graph_of(text, {})
    except ExpressionError as error:
        assert 0 <= error.start <= error.end <= len(text)  # noqa: PT017 # most texts are refused
        return
    assert isinstance(root, Scalar)


expressions = st.recursive(
    st.sampled_from(["a", "b", "c", "2", "0.5"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["+", "-", "*", "/"]), inner).map(lambda x: f"{x[0]} {x[1]} {x[2]}"),
        inner.map(lambda x: f"({x})"),
        inner.map(lambda x: f"-({x})"),
        inner.map(lambda x: f"({x})**2"),
    ),
    max_leaves=8,
)


@given(expressions)
def test_operators_bind_as_pythons(text: str) -> None:
    names: dict[str, Any] = {name: Scalar(x) for name, x in VALUES.items()}
    try:
        expected = eval(text, names)  # noqa: S307 # made above
    except ZeroDivisionError:
        return
    if not isinstance(expected, Scalar):
        return
    used = {step.name for step in parse(text) if step.kind == "name"}
    found = graph_of(text, {name: x for name, x in VALUES.items() if name in used})
    assert found.value == expected.value or (math.isnan(found.value) and math.isnan(expected.value))


def test_depth_is_no_limit() -> None:
    deep = "(" * 50_000 + "a" + ")" * 50_000 + "+ -" * 10_000 + "a"
    assert graph_of(deep, {}).op == "+"
