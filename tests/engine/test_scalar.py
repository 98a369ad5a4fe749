"""The engine as people type it: operators, passes, accumulation, freezing, depth, and micrograd's words."""

from __future__ import annotations

import gc
import math
import pickle
import warnings
import weakref
from fractions import Fraction
from math import inf, isnan, nan
from operator import add, mul, sub, truediv
from typing import Any

import numpy as np
import pytest

from autograd_widget import GraphWidget, Node, Scalar, Value


def test_a_scalar_has_what_it_was_given() -> None:
    w = Scalar(0.3, label="w")
    assert (w.value, w.grad, w.label, w.op, w.prevs, w.requires_grad) == (0.3, 0.0, "w", None, (), True)
    assert repr(w) == "Scalar(value=0.30, grad=0.00)"
    assert w.item() == 0.3
    assert +w is w


def test_a_result_knows_its_op_and_its_operands_in_order() -> None:
    a, b = Scalar(2.0), Scalar(3.0)
    y = a - b
    assert (y.value, y.op, y.prevs) == (-1.0, "-", (a, b))


def test_passes_accumulate_and_are_not_counted_through_the_interior() -> None:
    a = Scalar(2.0)
    y = 3.0 * a**2
    for grad in (12.0, 24.0, 36.0):
        y.backward()
        assert a.grad == grad
    assert y.grad == 3.0


def test_passes_from_different_roots_accumulate() -> None:
    a = Scalar(3.0)
    b = a * a
    c = b * 2.0
    b.backward()
    c.backward()
    assert (a.grad, b.grad, c.grad) == (6.0 + 12.0, 1.0 + 2.0, 1.0)


@pytest.mark.parametrize(
    ("result", "gradient"),
    [
        (lambda x: x - x, 0.0),
        (lambda x: x * x, 6.0),
        (lambda x: x + x, 2.0),
        (lambda x: x / x, 0.0),
        (lambda x: (x * 2.0) * (x + 1.0), 2.0 * (3.0 + 1.0) + 3.0 * 2.0),
        (lambda x: x.max(x), 1.0),
        (lambda x: x.min(x, x), 1.0),
    ],
)
def test_an_operand_that_is_used_twice_counts_twice(result: Any, gradient: float) -> None:
    x = Scalar(3.0)
    result(x).backward()
    assert x.grad == pytest.approx(gradient, abs=1e-15)


def test_what_is_given_in_the_wrong_place_is_refused() -> None:
    x = Scalar(2.0)
    with pytest.raises(TypeError, match="holds a real number, not 'w'"):
        (x * x).backward("w")  # type: ignore[call-overload]
    with pytest.raises(TypeError, match="a label is a text, which 5 is not"):
        Scalar(1.0, label=5)  # type: ignore[arg-type]
    assert (x.grad, x.label) == (0.0, "")


def test_a_pass_may_start_with_another_gradient() -> None:
    x = Scalar(3.0)
    y = x * x
    y.backward(gradient=-0.5)
    assert (x.grad, y.grad) == (-3.0, -0.5)
    y.zero_grad()
    y.backward(-0.5)
    assert (x.grad, y.grad) == (-3.0, -0.5)


@pytest.mark.parametrize("number", [2, 2.0, True + 1, Fraction(2), np.float64(2), np.float32(2), np.int64(2)])
def test_plain_numbers_on_both_sides(number: Any) -> None:
    x = Scalar(3.0)
    results = [x + number, number + x, x - number, number - x, x * number, number * x]
    results += [x / number, number / x, x**number, number**x]
    assert all(type(y) is Scalar for y in results)
    assert [y.value for y in results] == [5.0, 5.0, 1.0, -1.0, 6.0, 6.0, 1.5, 2.0 / 3.0, 9.0, 8.0]
    assert all(type(y.value) is float for y in results)
    gradients = []
    for y in results:
        x.zero_grad()
        y.backward()
        gradients.append(x.grad)
        (constant,) = (p for p in y.prevs if p is not x)
        assert (constant.op, constant.value, constant.requires_grad, constant.reached) == (
            "const",
            2.0,
            False,
            False,
        )
    assert gradients == pytest.approx([1, 1, 1, -1, 2, 2, 0.5, -2 / 9, 6, 8 * math.log(2)])


def test_pythons_own_functions_and_signs() -> None:
    a, b = Scalar(-3.0), Scalar(2.0)
    terms: list[Any] = [a, b, 4.0]
    y = sum(terms) + abs(a) * -b - +a
    y.backward()
    assert (y.value, y.op) == (0.0, "-")
    assert (a.grad, b.grad) == (1.0 + 2.0 - 1.0, 1.0 - 3.0)
    assert a.item() == -3.0
    power = b**a
    power.backward()
    assert (power.value, a.grad, b.grad) == (0.125, 2.0 + 0.125 * math.log(2.0), -2.0 - 3.0 / 16.0)


def test_node_and_value_are_one_kind() -> None:
    y = Node(1.0) + Node(2.0) * Value(3.0)
    assert isinstance(y, Value)
    assert isinstance(y, Scalar)
    assert (repr(y), repr(Value(0.5))) == ("Node(data=7.0, grad=0.0)", "Value(data=0.5, grad=0.0)")


@pytest.mark.parametrize("other", ["2", None, [1.0], {}, 1j])
def test_what_is_no_number_is_refused_by_python_itself(other: Any) -> None:
    x = Scalar(3.0)
    for operation in (add, sub, mul, truediv, pow):
        with pytest.raises(TypeError):
            operation(x, other)
        with pytest.raises(TypeError):
            operation(other, x)


@pytest.mark.parametrize("value", ["2", b"2", None, [1.0], 1j, "nan"])
def test_a_value_that_is_no_number(value: Any) -> None:
    with pytest.raises(TypeError, match="a Scalar holds a real number, not"):
        Scalar(value)
    with pytest.raises(TypeError, match="a Scalar holds a real number, not"):
        Scalar(1.0).max(value)


@pytest.mark.parametrize("value", ["2", None, [1.0], 1j])
def test_a_value_that_is_set_is_a_number(value: Any) -> None:
    w = Value(2.0)
    with pytest.raises(TypeError, match="a Scalar holds a real number, not"):
        w.data = value
    assert w.data == 2.0


@pytest.mark.parametrize("number", [3, True, np.float64(3.0), np.float32(3.0), np.int64(3), Fraction(3)])
def test_a_value_that_is_set_is_a_double(number: Any) -> None:
    w = Value(2.0)
    w.data += number
    assert type(w.data) is type((w * w).data) is float
    w.data -= w.data * np.float64(1.0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (1 / w).data == inf
        assert isnan((w / w).data)
    w.value = 10**400
    assert w.value == inf


def test_operands_are_scalars() -> None:
    with pytest.raises(TypeError, match="the operands of a Scalar are Scalars, not float"):
        Scalar(4.0, [3.0], "mse")  # type: ignore[list-item]
    with pytest.raises(TypeError, match="are Scalars, not str: a name goes in as label='w'"):
        Scalar(4.0, "w")  # type: ignore[arg-type]


def test_a_huge_int_is_infinite() -> None:
    assert Scalar(10**400).value == inf
    assert (Scalar(1.0) * -(10**400)).value == -inf


def test_operands_and_op_come_together() -> None:
    a = Scalar(1.0)
    with pytest.raises(ValueError, match="operands"):
        Scalar(1.0, (a,))
    with pytest.raises(ValueError, match="operands"):
        Scalar(1.0, op="+")
    y = Scalar(2.0, [a, a], "+", "y")
    y.backward()
    assert (a.grad, y.label, y.prevs) == (2.0, "y", (a, a))


def test_an_unknown_op_is_one_sentence() -> None:
    a = Scalar(1.0)
    y = Scalar(2.0, (a,), "frobnicate")
    with pytest.raises(ValueError, match="'frobnicate' is not in the table"):
        y.backward()
    with pytest.raises(ValueError, match="'frobnicate' is not in the table"):
        y.forward()
    assert a.grad == 0.0


def test_nothing_raises_at_poles_and_overflows() -> None:
    zero, big, negative = Scalar(0.0), Scalar(1000.0), Scalar(-8.0)
    assert (1.0 / zero).value == inf
    assert (-1.0 / zero).value == -inf
    assert isnan((zero / zero).value)
    assert zero.log().value == -inf
    assert isnan(negative.log().value)
    assert big.exp().value == inf
    assert isnan((negative ** (1 / 3)).value)
    assert isnan(negative.sqrt().value)
    assert (Scalar(10.0) ** 400).value == inf
    assert (Scalar(1.0) ** nan).value == 1.0
    assert (zero**-1.0).value == inf
    for y in (1.0 / zero, zero.log(), big.exp(), negative**0.5, zero**0.5, Scalar(inf).sin(), zero / zero):
        y.backward()


def test_gradients_at_the_edges_are_pytorchs() -> None:
    def gradients(op: Any, *values: float) -> list[float]:
        leaves = [Scalar(v) for v in values]
        op(*leaves).backward()
        return [leaf.grad for leaf in leaves]

    assert gradients(lambda a: a.relu(), 0.0) == [0.0]
    assert gradients(abs, 0.0) == [0.0]
    assert gradients(lambda a, b: a.max(b), 2.0, 2.0) == [0.5, 0.5]
    assert gradients(lambda a, b: a.min(b), 2.0, 2.0) == [0.5, 0.5]
    assert gradients(lambda a, b: a**b, 0.0, 0.0) == [0.0, 0.0]
    assert gradients(lambda a: a.sqrt(), 0.0) == [inf]


def test_not_run_yet_is_not_a_gradient_of_zero() -> None:
    x, aside = Scalar(-1.0), Scalar(1.0)
    y = x.relu()
    assert not x.reached
    assert not y.reached
    y.backward()
    assert (x.grad, x.reached, y.reached, aside.reached) == (0.0, True, True, False)
    y.zero_grad()
    assert (y.grad, x.reached, y.reached) == (0.0, False, False)


def test_zero_grad_goes_all_the_way_up_and_no_further() -> None:
    w, x = Scalar(2.0), Scalar(3.0)
    y = w * x
    z = y * 2.0
    z.backward()
    y.zero_grad()
    assert (w.grad, x.grad, y.grad, z.grad) == (0.0, 0.0, 0.0, 1.0)


def test_a_gradient_may_be_set_by_hand() -> None:
    w = Scalar(2.0)
    (w * 3.0).backward()
    w.grad = 0
    assert w.grad == 0.0
    w.grad = None  # as in PyTorch
    assert (w.grad, w.reached) == (0.0, False)
    with pytest.raises(TypeError):
        w.grad = "1"  # type: ignore[assignment]


def test_forward_follows_changed_leaves() -> None:
    w, x = Scalar(2.0), Scalar(3.0)
    square = (w * x).square()
    y = square + w
    w.value = 0.5
    assert y.forward() == 2.75
    assert (y.value, square.value) == (2.75, 2.25)
    y.backward()
    assert w.grad == 2 * 1.5 * 3.0 + 1.0


def test_a_frozen_leaf_gets_nothing_and_passes_nothing_on() -> None:
    w, x = Scalar(2.0), Scalar(3.0, requires_grad=False)
    shifted = x + 1.0
    y = w * shifted
    assert (x.requires_grad, shifted.requires_grad, y.requires_grad) == (False, False, True)
    y.backward()
    assert (w.grad, x.grad, shifted.grad) == (4.0, 0.0, 0.0)
    assert (x.reached, shifted.reached) == (False, False)


def test_freezing_and_thawing_after_the_graph_was_built() -> None:
    w, x = Scalar(2.0), Scalar(3.0)
    product = w * x
    y = product + 1.0
    w.requires_grad = x.requires_grad = False
    assert not y.requires_grad
    y.backward()
    assert (w.reached, y.reached) == (False, False)
    w.requires_grad = True
    assert (product.requires_grad, y.requires_grad) == (True, True)
    y.backward()
    assert (w.grad, x.grad, x.reached) == (3.0, 0.0, False)
    x.requires_grad = True
    y.backward()
    assert (w.grad, x.grad) == (6.0, 2.0)


def test_freezing_needs_nobody_to_ask() -> None:
    w, x = Scalar(2.0), Scalar(3.0)
    y = (w * 2.0) * x
    w.requires_grad = False
    y.backward()
    assert (y.prevs[0].reached, w.reached, x.grad) == (False, False, 4.0)


def test_only_a_leaf_is_frozen() -> None:
    x = Scalar(3.0)
    y = 2.0 * x
    for node in (y, y.prevs[0]):
        with pytest.raises(ValueError, match="only a leaf can be frozen or thawed"):
            node.requires_grad = not node.requires_grad
        node.requires_grad = node.requires_grad  # what it is already can be said


def test_backward_returns_what_draw_returned_once_per_step() -> None:
    w, x = Scalar(2.0), Scalar(3.0, requires_grad=False)
    y = (w * x).tanh() * 2.0
    seen = []

    def draw(root: Scalar, direction: str) -> str:
        assert (root, direction) == (y, "backward")
        seen.append(w.grad)
        return f"picture {len(seen)}"

    assert y.backward(draw) == ["picture 1", "picture 2", "picture 3"]
    assert seen == [0.0, 0.0, w.grad]
    assert x.backward(draw) == []


def test_a_pass_whose_draw_fails_changes_nothing() -> None:
    w = Scalar(2.0, label="w")
    y = w * w * w
    g = GraphWidget(y)
    y.backward()

    def fail(root: Scalar, direction: str) -> None:
        raise RuntimeError(root, direction)

    with pytest.raises(RuntimeError):
        y.backward(fail)
    assert (w.grad, y.grad, g.grads["w"], g.passes) == (12.0, 1.0, 12.0, [{"root": 2}])
    y.backward()
    assert (w.grad, y.grad, g.grads["w"], g.passes) == (24.0, 2.0, 24.0, [{"root": 2}] * 2)


DEPTH = 100_000


def chain(x: Scalar) -> Scalar:
    y = x
    for _ in range(DEPTH):
        y = y + 1.0
    return y


def test_depth_is_no_limit() -> None:
    x = Scalar(0.0)
    y = chain(x)
    y.backward()
    assert (y.value, x.grad) == (DEPTH, 1.0)
    x.value = 5.0
    assert y.forward() == DEPTH + 5.0
    y.zero_grad()
    assert not x.reached
    del y  # frees the whole chain, without recursion


def test_width_is_no_limit() -> None:
    x = Scalar(1.0)
    total: Any = sum(x * float(i) for i in range(1000))
    total.backward()
    assert x.grad == 499_500.0


def test_a_graph_is_freed_by_reference_counts_alone() -> None:
    gc.disable()
    try:
        x = Scalar(1.0)
        y = (x * x).tanh() + x
        y.backward()
        inner = weakref.ref(y.prevs[0])
        del y
        assert inner() is None
        assert x.grad != 0.0
    finally:
        gc.enable()


def test_a_small_graph_can_be_pickled() -> None:
    x = Scalar(2.0, label="x")
    y = x * x
    y.backward()
    again = pickle.loads(pickle.dumps(y))  # noqa: S301
    assert (again.value, again.op, again.prevs[0].grad, again.prevs[0].label) == (4.0, "*", 4.0, "x")
    assert again.prevs[0] is again.prevs[1]


# -- micrograd's words ---------------------------------------------------------------------------------------


def test_values_and_nodes_show_themselves_as_micrograd_does() -> None:
    assert repr(Value(2.0)) == "Value(data=2.0, grad=0.0)"
    assert repr(Node(-0.8, _op="w2")) == "Node(data=-0.8, grad=0.0)"
    assert issubclass(Node, Value)


def test_the_dialect() -> None:
    x, w = Node(2.0, _op="x"), Node(3.0, label="w")
    y = x * w + 1
    product, one = y.prevs
    assert type(y) is Node
    assert (x._op, x.label, w._op, y._op, product._op) == ("x", "x", "w", "+", "*")
    assert one._op == ""
    assert (y._prev, product._prev, x._prev) == ({product, one}, {x, w}, set())
    assert (y.data, y.value) == (7.0, 7.0)
    assert (x * x)._prev == {x}
    built = Value(5.0, (x, w), "+", "sum")
    assert (built.data, built._op, built.label, built._prev) == (5.0, "+", "sum", {x, w})


def test_a_step_of_gradient_descent_in_micrograds_words() -> None:
    parameters = [Value(1.0), Value(-2.0)]

    def loss() -> Value:
        a, b = parameters
        return (a - 3.0) ** 2 + (b + 1.0) ** 2

    for _ in range(100):
        current = loss()
        for p in parameters:
            p.grad = 0
        current.backward()
        for p in parameters:
            p.data -= 0.1 * p.grad
    assert [p.data for p in parameters] == pytest.approx([3.0, -1.0])
    assert loss().data == pytest.approx(0.0, abs=1e-12)


def test_micrograds_first_scenario() -> None:
    x = Value(-4.0)
    z = 2 * x + 2 + x  # -10, so relu stops here, and not after squaring
    q = z.relu() + z * x
    y = (z * z).relu() + q + q * x
    y.backward()
    # By hand: y' = 2 z z' + q' (1 + x) + q, with z' = 3 and q' = 3 x + z.
    assert (y.data, x.grad) == (-20.0, 46.0)


def test_micrograds_second_scenario() -> None:
    a, b = Value(-4.0), Value(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    # PyTorch computes these for the same lines, and micrograd's README prints them.
    assert g.data == pytest.approx(24.70408163265306, rel=1e-15)
    assert a.grad == pytest.approx(138.83381924198252, rel=1e-15)
    assert b.grad == pytest.approx(645.5772594752186, rel=1e-15)


def test_what_is_falsy_freezes() -> None:
    leaf = Scalar(1.0, requires_grad=False)
    leaf.requires_grad = None  # type: ignore[assignment]
    assert not leaf.requires_grad
