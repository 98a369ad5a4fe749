"""Everyday lines around scalars, and their right values.

A row of a table is a line of Python, its value, and the gradient of `x` where it is asked for. The names that
lines have are made by `here`.
"""

from __future__ import annotations

import math
import pickle
import warnings
from collections.abc import Callable
from copy import copy, deepcopy
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd_widget
from autograd_widget import Graph, GraphWidget, Scalar, Value
from autograd_widget.engine.lost import GraphLostWarning


def here() -> dict[str, Any]:
    """Names for a line: what the package exports, and a few scalars."""
    exported = {name: getattr(autograd_widget, name) for name in ("Scalar", "Value", "Node", "where", "exp")}
    x, a, b = Value(3.0, label="x"), Value(2.5), Value(-1.25)
    arrays = {"floats": np.array([1.0, 2.0]), "o": np.array([x, 2 * x]), "e": np.array([Value(1.0), x])}
    return {**exported, **arrays, "x": x, "a": a, "b": b, "np": np, "Decimal": Decimal, "Fraction": Fraction}


def value_of(found: Any) -> Any:
    """Numbers in place of scalars, in arrays and lists too."""
    if isinstance(found, Scalar):
        return found.value
    if (isinstance(found, np.ndarray) and found.dtype == object) or isinstance(found, list):
        return [value_of(each) for each in found]
    return found.tolist() if isinstance(found, np.ndarray | np.generic) else found


def check(line: str, wanted: Any, gradient: float | None = None) -> None:
    names = here()
    found = eval(line, names)  # noqa: S307 # lines of the tables below
    assert value_of(found) == pytest.approx(wanted) if not isinstance(wanted, str) else found == wanted
    if gradient is not None:
        found.backward()
        assert names["x"].grad == pytest.approx(gradient)


COMPARISONS = [
    ("max(a, b) is a", True),
    ("min(a, b) is b", True),
    ("sorted([a, b])[0] is b", True),
    ("sorted([a, b], reverse=True)[0] is a", True),
    ("b < a", True),
    ("a <= b", False),
    ("2.5 <= a", True),
    ("2.5 < a", False),
    ("a > Decimal('2.4')", True),
    ("a >= Fraction(5, 2)", True),
    ("np.float64(2.5) >= a", True),
    ("np.array(3) > a", True),
    ("a == Value(2.5)", False),
    ("a == a", True),
    ("a < float('nan')", False),
    ("[floats < x][0]", [True, True]),
    ("a >= np.array([2, 3])", [True, False]),
    ("o > 4", [False, True]),
    ("np.max(o)", 6.0, 2.0),
    ("np.min(o)", 3.0, 1.0),
    ("o[np.argmax(o)]", 6.0, 2.0),
    ("np.maximum(o, 0).sum()", 9.0, 3.0),
    ("np.maximum(x, 3)", 3.0, 0.5),
    ("np.clip(o, 0, 4).tolist()", [3.0, 4]),
    ("np.where(o > 4, o, 0.5 * o).sum()", 7.5, 2.5),
    ("np.where(o > 4, 1, 0)", [0, 1]),
]

CONVERSIONS = [
    ("f'{Value(0.123456):.4f}'", "0.1235"),
    ("f'{a:>8.1f}|'", "     2.5|"),
    ("f'{a}'", "Value(data=2.5, grad=0.0)"),
    ("'%s' % a", "Value(data=2.5, grad=0.0)"),
    ("round(a * 1.0001, 2)", 2.5),
    ("type(round(a))", int),
    ("int(a)", 2),
    ("int(b)", -1),
    ("a.item()", 2.5),
    ("Scalar(2.0).data", 2.0),
    ("Value(2.0).value", 2.0),
    ("x.detach() * x + x", 12.0, 4.0),
    ("x.clamp(0, 3) * 2", 6.0, 2.0),
    ("x.pow(2)", 9.0, 6.0),
    ("x.requires_grad_(False) is x", True),
    ("x.requires_grad_(False).requires_grad", False),
    ("x.requires_grad_().requires_grad", True),
    ("'%.2f and %d' % (a, b)", "2.50 and -1"),
    ("'{:.1e}'.format(a)", "2.5e+00"),
    ("__import__('math').floor(b)", -2),
    ("__import__('math').ceil(b)", -1),
    ("__import__('math').trunc(b)", -1),
]

OPERANDS = [
    ("np.array(2.0) - a", -0.5),
    ("a - np.array(2.0)", 0.5),
    ("np.True_ * a", 2.5),
    ("a * np.True_", 2.5),
    ("Decimal('0.5') * a", 1.25),
    ("a / Decimal('0.5')", 5.0),
    ("Fraction(1, 2) - a", -2.0),
    ("a ** Fraction(1, 2)", 2.5**0.5),
    ("np.float32(2) * x", 6.0, 2.0),
    ("x * np.int8(2)", 6.0, 2.0),
    ("np.float64(2) ** x", 8.0, 8 * math.log(2)),
    ("np.longdouble(6) / x", 2.0, -6 / 9),
    ("np.array(x) * x", 9.0, 6.0),
    ("Value(-5.5) % 3", 0.5),
    ("Value(7.) // 2", 3.0),
    ("x % np.float64(2)", 1.0, 1.0),
    ("list(divmod(x, 2))", [1.0, 1.0]),
    ("divmod(x, 2)[1]", 1.0, 1.0),
    ("list(divmod(7, x))", [2.0, 1.0]),
    ("divmod(7, x)[1]", 1.0, -2.0),
    ("sum([x, x * 2], Decimal(1))", 10.0, 3.0),
    ("where(x > Decimal(2), x, 0)", 3.0, 1.0),
]

ARRAYS = [
    ("np.array([1., 2.]) * Value(3.)", [3.0, 6.0]),
    ("Value(3.) - np.array([1., 2.])", [2.0, 1.0]),
    ("(Value(3.) - np.array([1., 2.])).dtype == object", True),
    ("np.array([1, 2]) / a", [0.4, 0.8]),
    ("a ** np.array([1, 2])", [2.5, 6.25]),
    ("e / e.sum()", [0.25, 0.75]),
    ("(e / e.sum())[1]", 0.75, 1 / 16),
    ("(np.exp(e) / np.exp(e).sum()).sum()", 1.0, 0.0),
    ("(floats @ o)", 15.0, 5.0),
    ("np.dot(o, floats)", 15.0, 5.0),
    ("np.tanh(o @ np.array([[0.1, 0], [0, 0.1]])).tolist()", [math.tanh(0.3), math.tanh(0.6)]),
    ("np.sum(o)", 9.0, 3.0),
    ("o.mean()", 4.5, 1.5),
    ("np.var(o)", 2.25, 1.5),
    ("o.std()", 1.5, 0.5),
    ("np.prod(o)", 18.0, 12.0),
    ("np.linalg.norm(o)", math.sqrt(45), math.sqrt(5)),
    ("np.einsum('i,i', o, o)", 45.0, 30.0),
    ("np.outer(o, floats)[1, 1]", 12.0, 4.0),
    ("(o[:, None] * o[None, :])[0, 1]", 18.0, 12.0),
    ("np.tanh(b)", math.tanh(-1.25)),
    ("np.exp(x)", math.exp(3), math.exp(3)),
    ("np.log(o)[0]", math.log(3), 1 / 3),
    ("np.sqrt(x)", math.sqrt(3), 0.5 / math.sqrt(3)),
    ("np.abs(b)", 1.25),
    ("np.absolute(np.array([a, b]))", [2.5, 1.25]),
    ("np.arctan(o)[0]", math.atan(3), 0.1),
    ("np.arctan2(x, 4.0)", math.atan2(3, 4), 4 / 25),
    ("np.arctan2(o, floats)[0]", math.atan2(3, 1), 0.1),
    ("np.hypot(x, 4.0)", 5.0, 0.6),
    ("np.logaddexp(x, floats)[0]", math.log(math.exp(3) + math.exp(1)), 1 / (1 + math.exp(-2))),
    ("np.sign(x)", 1.0, 0.0),
    ("np.square(o)[1]", 36.0, 24.0),
    ("np.power(o, 2)[1]", 36.0, 24.0),
    ("np.negative(x)", -3.0, -1.0),
    ("np.clip(x, 0, 4)", 3.0, 1.0),
    ("np.isnan(a)", False),
    ("np.isfinite(a)", True),
    ("np.add.outer(x, floats)", [4.0, 5.0]),
    ("np.multiply([1, 2], x)[1]", 6.0, 2.0),
    ("np.subtract(a, (1, 2))", [1.5, 0.5]),
    ("np.maximum([a, x], b)[1]", 3.0, 1.0),
    ("1 / (1 + np.exp(-o))", [1 / (1 + math.exp(-3)), 1 / (1 + math.exp(-6))]),
    ("np.cumsum(o)[1]", 9.0, 3.0),
    ("np.average(o, weights=floats)", 5.0, 5 / 3),
    ("np.diff(o)[0]", 3.0, 1.0),
    ("np.polyval([1, 2, 3], x)", 18.0, 8.0),
    ("np.convolve(o, floats)[1]", 12.0, 4.0),
    ("(np.eye(2) * x).ravel()", [3.0, 0.0, 0.0, 3.0]),
    ("np.vectorize(lambda t: t * 2)(o)[0]", 6.0, 2.0),
    ("(np.array([[x, 2], [3, x]]) @ floats)[0]", 7.0, 1.0),
]


@pytest.mark.parametrize("row", COMPARISONS, ids=lambda row: row[0])
def test_comparisons(row: Any) -> None:
    check(*row)


@pytest.mark.parametrize("row", CONVERSIONS, ids=lambda row: row[0])
def test_conversions(row: Any) -> None:
    check(*row)


@pytest.mark.parametrize("row", OPERANDS, ids=lambda row: row[0])
def test_operands(row: Any) -> None:
    check(*row)


@pytest.mark.parametrize("row", ARRAYS, ids=lambda row: row[0])
def test_arrays(row: Any) -> None:
    check(*row)


class Foreign:
    """A node of another engine, which wraps what it is given."""

    def __init__(self, data: Any) -> None:
        self.data, self.grad = data, 0.0

    def __rmul__(self, other: Any) -> Foreign:
        return Foreign(other)

    __rtruediv__ = __radd__ = __rsub__ = __rpow__ = __rmul__


class TakingGradients:
    """A tensor of PyTorch with requires_grad: its graph would be lost."""

    ndim, requires_grad = 0, True

    def item(self) -> float:
        return 2.0


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (lambda a: Value(a * 2), "a scalar in place of a number would lose its graph"),
        (lambda a: Value(cast("Any", "3")), "holds a real number, not '3'"),
        (lambda a: Value(cast("Any", np.array([1.0, 2.0]))), "holds one number, not an array of 2"),
        (lambda a: setattr(a, "data", a * 2), "give its number alone, as in h.value"),
        (lambda a: a * Foreign(2.0), "is a node of another engine"),
        (lambda a: a / Foreign(2.0), "is a node of another engine"),
        (lambda a: a < Foreign(2.0), "is a node of another engine"),
        (lambda a: a * TakingGradients(), "TakingGradients is a node of another engine.*x.item"),
        (lambda a: TakingGradients() - a, "TakingGradients is a node of another engine"),
        (lambda a: a < "3", "not supported between"),
        (lambda a: a + None, "unsupported operand"),
        (lambda a: np.add(np.ones(2), a, out=np.ones(2)), "can't hold scalars"),
    ],
)
def test_what_is_refused_is_refused_in_a_sentence(line: Callable[[Any], Any], sentence: str) -> None:
    with pytest.raises(TypeError, match=sentence):
        line(Value(2.5))


# -- a graph is not lost in silence ----------------------------------------------------------------------


def said(line: Callable[[Any], Any]) -> list[str]:
    """The warnings of three runs of a line."""
    a = Value(0.5, label="a")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            line(a)
    return [str(one.message) for one in caught if one.category is GraphLostWarning]


@pytest.mark.parametrize(
    ("line", "method"),
    [
        (lambda a: math.exp(a) + 1, "a.exp()"),
        (lambda a: math.sqrt(1.0 + math.log(a)), "a.log()"),
        (lambda a: math.fabs(a) + 1, "a.abs()"),
        (lambda a: math.atan2(a, 1.0), "a.atan2(…)"),
        (float, "compute with a itself"),
        (lambda a: math.exp(1.0) + float(a), "compute with a itself"),
        (lambda a: np.array([a], float), "dtype=object"),
        (lambda a: np.array([a, a]).astype(float), "dtype=object"),
    ],
)
def test_a_lost_graph_is_said_once_per_place_with_what_keeps_it(
    line: Callable[[Any], Any], method: str
) -> None:
    (text,) = said(line)
    assert method in text and "a.value" in text


def test_a_function_that_did_not_lose_the_graph_is_not_blamed() -> None:
    floats = np.zeros(2)

    def put(a: Any) -> None:
        math.exp(2.0)
        floats[0] = a

    lines: list[Callable[[Any], Any]] = [
        put,
        lambda a: math.exp(1.0) * math.copysign(a, 1.0),
        lambda a: (np.array([1.0]), math.dist([a], [0.0])),
        lambda a: {"exp": math.gamma(a)},
    ]
    for line in lines:
        (text,) = said(line)
        assert "compute with a itself" in text


def test_conversions_on_purpose_are_not_warned_of() -> None:
    lines: list[Callable[[Any], Any]] = [
        lambda a: f"{a:.2f}{a}",
        lambda a: "%.2f %s" % (a, a),  # noqa: UP031 # as people write it
        lambda a: round(a, 1) + int(a) + a.item(),
        lambda a: a.detach(),
        lambda a: np.tanh(np.array([a, a])) * a,
        lambda a: GraphWidget(a * a),
    ]
    assert [said(line) for line in lines] == [[]] * len(lines)


# -- guards: comparisons on which a program has branched -------------------------------------------------


def elu(v: Any) -> Any:
    """A program with a branch."""
    return v.exp() if v <= 0 else 1 + v


def test_a_comparison_that_turns_round_is_said() -> None:
    v = Value(1.0, label="v")
    g = GraphWidget(elu(v))
    assert g.graph["guards"] == [["<=", 0, 3, False]]
    assert (g.graph["op"][3], g.graph["value"]["3"]) == ("const", 0.0)
    assert str(g.guards[0]) == "v <= 0 is False, as it was" and not g.guards[0].turned
    assert "way" not in repr(g)
    g["v"] = -2.0
    assert g.guards[0].turned
    sentence = "the program would take the other way here: v <= 0 was False, and is True now."
    assert sentence in repr(g) and sentence in str(g.explain("v"))
    g["v"] = 0.5
    assert "way" not in repr(g) and "way" not in str(g.explain("v"))


def test_guards_are_kept_by_documents_and_read_back() -> None:
    g = GraphWidget(elu(Value(1.0, label="v")))
    g["v"] = -2.0
    again = GraphWidget.from_json(g.to_json())
    assert again.graph["guards"] == g.graph["guards"]
    assert repr(again) == repr(g)
    again["v"] = 2.0
    assert "way" not in repr(again)
    assert Graph.from_json(g.to_dict()).turned() == [("<=", 0, 3, False)]


@pytest.mark.parametrize(
    "guards",
    [
        {},
        [["<=", 0, 3]],
        [["==", 0, 3, True]],
        [["<=", 0, 0.5, True]],
        [["<=", 0, 4, True]],
        [["<=", True, 3, True]],
        [[">", 0, 3, 1]],
        [[["<"], 0, 3, True]],
    ],
)
def test_guards_are_read_strictly(guards: Any) -> None:
    document = {**Graph.of(elu(Value(1.0))).to_dict(), "guards": guards}
    with pytest.raises(ValueError, match=r"not a list|which is not a comparison of two nodes"):
        Graph.from_json(document)


def test_a_graph_keeps_the_comparisons_whose_operands_it_has() -> None:
    a, b, c = Scalar(1.0), Scalar(2.0), Scalar(3.0)
    y = max(a * 2, b * 3) + b
    assert [guard.op for guard in Graph.of(y).guards] == []  # a * 2 is not in it
    z = a * b if a < b else a
    assert Graph.of(z).guards == [("<", 0, 1, True)]
    assert Graph.of(z + c).guards == [("<", 0, 1, True)]
    assert a < c
    assert Graph.of(z).guards == [("<", 0, 1, True)]  # what is asked later is of no matter to it


def test_a_result_keeps_what_came_of_a_comparison_when_it_was_computed() -> None:
    v = Value(1.0)
    first = elu(v)
    v.data = -1.0
    second = elu(v)
    assert Graph.of(first).guards[0].outcome is False
    assert Graph.of(second).guards[0].outcome is True
    assert Graph.of(abs_of := (v if v > 0 else -v)).guards[-1].op == ">" and abs_of.value == 1.0


def test_comparisons_keep_nothing_alive_and_cost_nothing_where_none_is_made() -> None:
    best = Scalar(0.0)
    for i in range(3000):
        loss = Scalar(1.0) * float(i)
        best = max(best, loss)
        assert best <= float(i)
    w = Scalar(1.0)
    for i in range(3000):
        assert w > -float(i) - 1.0
    assert len(w._extras.guards) == 1000  # type: ignore[union-attr,arg-type]
    assert (w * w)._extras is None


@pytest.mark.parametrize("copied", [deepcopy, lambda y: pickle.loads(pickle.dumps(y))])  # noqa: S301 # of our own
def test_copies_compare_as_they_are_and_keep_what_they_branched_on(copied: Callable[[Any], Any]) -> None:
    v, u = Value(1.0, label="v"), Value(3.0, label="u")
    y = elu(v) if u > v else u
    assert v < 100.0  # later, and none of its business
    again = copied(y)
    assert again.value == 2.0 and again > v
    assert Graph.of(again).guards == Graph.of(y).guards
    assert [guard.op for guard in Graph.of(y).guards] == ["<="]
    z = copied(y * u)
    assert Graph.of(z).guards == Graph.of(y * u).guards
    assert {guard.op for guard in Graph.of(z).guards} == {"<=", ">", "<"}  # all three came before
    g = GraphWidget(z)
    g["v"] = -2.0
    assert "v <= 0 was False" in repr(g)


@pytest.mark.parametrize("copied", [copy, deepcopy, lambda y: pickle.loads(pickle.dumps(y))])  # noqa: S301 # of our own
def test_copies_of_a_result_that_was_compared_itself(copied: Callable[[Any], Any]) -> None:
    y = Value(1.0, label="x") * 2
    assert y > 1
    assert [guard.op for guard in Graph.of(copied(y)).guards] == [">"]


NUMBERS = st.floats(-1e3, 1e3, allow_subnormal=False)
SIGNS: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a < b,
    lambda a, b: a <= b,
    lambda a, b: a > b,
    lambda a, b: a >= b,
]


@given(st.floats(), st.floats())
def test_scalars_compare_as_floats_do(x: float, y: float) -> None:
    for sign in SIGNS:
        wanted = sign(x, y)
        pairs: list[tuple[Any, Any]] = [
            (Scalar(x), Scalar(y)),
            (Scalar(x), y),
            (x, Scalar(y)),
            (Scalar(x), np.float64(y)),
            (np.float64(x), Scalar(y)),
            (np.array(x), Scalar(y)),
        ]
        assert [bool(sign(a, b)) for a, b in pairs] == [wanted] * len(pairs)


BROADCAST: list[Callable[[Any, Any], Any]] = [
    lambda a, b: a + b,
    lambda a, b: a - b,
    lambda a, b: a * b,
    lambda a, b: b - a,
    np.maximum,
    lambda a, b: np.tanh(a * b),
    lambda a, b: a > b,
]
SHAPES: list[tuple[tuple[int, ...], tuple[int, ...]]] = [
    ((), (3,)),
    ((3,), ()),
    ((2, 1), (3,)),
    ((2, 3), (2, 3)),
    ((), (2, 2)),
    ((), ()),
]


@given(st.sampled_from(BROADCAST), st.sampled_from(SHAPES), st.data())
def test_arrays_of_scalars_broadcast_as_arrays_of_floats_do(
    line: Callable[[Any, Any], Any], shapes: tuple[tuple[int, ...], tuple[int, ...]], data: st.DataObject
) -> None:
    a, b = (np.array(data.draw(st.lists(NUMBERS, min_size=n, max_size=n))).reshape(shape)
            for shape in shapes for n in [math.prod(shape)])  # fmt: skip
    wanted = line(a, b)
    for left, right in ((scalars(a), b), (a, scalars(b)), (scalars(a), scalars(b))):
        found = line(left, right)
        assert np.shape(found) == np.shape(wanted)
        numbers = np.vectorize(lambda x: x.value if isinstance(x, Scalar) else x, otypes=[float])(found)
        np.testing.assert_allclose(numbers, np.asarray(wanted, float), rtol=1e-12)


FUNCTIONS: list[Callable[[Any], Any]] = [
    *(np.exp, np.expm1, np.log1p, np.sqrt, np.square, np.abs, np.sin, np.cos, np.tanh, np.arctan, np.arcsinh),
    *(np.negative, np.positive, np.floor, np.ceil, np.trunc, np.rint, np.sign),
]
REDUCTIONS: list[Callable[[Any], Any]] = [
    *(np.sum, np.mean, np.prod, np.var, np.std, np.max, np.min, np.cumsum, np.diff, np.linalg.norm),
    *(lambda a: a @ a, lambda a: np.outer(a, a), lambda a: a / (1.0 + a.sum()), lambda a: np.dot(a, a[::-1])),
]
LISTS = st.lists(st.floats(0, 10, allow_subnormal=False), min_size=2, max_size=5)


def numbers_in(found: Any) -> Any:
    return np.vectorize(lambda x: x.value if isinstance(x, Scalar) else x, otypes=[float])(found)


@given(st.sampled_from(FUNCTIONS), LISTS)
def test_functions_of_numpy_give_what_floats_give(function: Callable[[Any], Any], xs: list[float]) -> None:
    wanted = function(np.array(xs))
    np.testing.assert_allclose(numbers_in(function(scalars(np.array(xs)))), wanted, rtol=1e-12)
    alone = [function(Scalar(x)) for x in xs]
    assert all(isinstance(one, Scalar) for one in alone)
    np.testing.assert_allclose([one.value for one in alone], wanted, rtol=1e-12)


@given(st.sampled_from(REDUCTIONS), LISTS)
def test_reductions_of_numpy_give_what_floats_give(function: Callable[[Any], Any], xs: list[float]) -> None:
    found = function(scalars(np.array(xs)))
    np.testing.assert_allclose(numbers_in(found), function(np.array(xs)), rtol=1e-9, atol=1e-12)


def scalars(of: Any) -> Any:
    """An array of scalars; of one number a scalar."""
    if of.ndim == 0:
        return Scalar(of.item())
    return np.vectorize(partial(Scalar), otypes=[object])(of)
