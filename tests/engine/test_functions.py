"""The ops as functions and methods: of scalars, of plain numbers, of lists."""

from __future__ import annotations

import builtins
import copy
import inspect
import math
import pickle
from typing import Any

import numpy as np
import pytest

import autograd_widget
from autograd_widget import Graph, Node, Scalar, clamp, greater, mean, prod, relu, tanh, where
from autograd_widget import max as largest
from autograd_widget import min as smallest
from autograd_widget import sum as total
from autograd_widget.engine import functions
from autograd_widget.engine.ops import OPS

OPERATORS = {"+", "-", "*", "/", "**", "%", "//", "neg"}
COMPARISONS = {
    "greater": ">",
    "greater_equal": ">=",
    "less": "<",
    "less_equal": "<=",
    "equal": "==",
    "not_equal": "!=",
}
BINARY = ("atan2", "hypot", "logaddexp", "xlogy", "fmod")
NARY = sorted(name for name, row in OPS.items() if row.arity is None)
UNARY = sorted(name for name, row in OPS.items() if row.arity == 1 and name not in OPERATORS)


def test_every_op_is_a_function_a_method_or_an_operator() -> None:
    defined = {name for name, _ in inspect.getmembers(functions, inspect.isfunction)} - {
        "computed",
        "operands",
    }
    named = set(OPS) - OPERATORS - set(COMPARISONS.values())
    assert {name for name in defined if not name.startswith("_")} == named | set(COMPARISONS)
    for name in named | set(COMPARISONS):
        assert getattr(autograd_widget, name) is getattr(functions, name)
    for name in named - {"where"}:
        assert callable(getattr(Scalar, name))


def test_a_star_leaves_pythons_own_functions_alone() -> None:
    assert not {name for name in autograd_widget.__all__ if hasattr(builtins, name)}
    assert all(hasattr(autograd_widget, name) for name in autograd_widget.__all__)


@pytest.mark.parametrize("name", UNARY)
def test_of_one_operand(name: str) -> None:
    function = getattr(autograd_widget, name)
    at = 1.5 if name == "acosh" else 0.4
    x = Node(at)
    y = function(x)
    assert (type(y), y.op, y.prevs) == (Node, name, (x,))
    assert y.value == getattr(x, name)().value == OPS[name].forward(at)
    for number in (at, np.float64(at)):
        plain = function(number)
        assert type(plain) is float
        assert plain == y.value


@pytest.mark.parametrize("name", NARY)
def test_of_many_operands(name: str) -> None:
    function = getattr(autograd_widget, name)
    a, b = Scalar(3.0), Scalar(-2.0)
    for y in (
        function(a, b, 2.5),
        function([a, b, 2.5]),
        function(x for x in (a, b, 2.5)),
        getattr(a, name)(b, 2.5),
    ):
        assert (y.op, len(y.prevs), y.prevs[:2], y.prevs[2].op) == (name, 3, (a, b), "const")
        assert y.value == OPS[name].forward(3.0, -2.0, 2.5)
    plain = function([3, np.float64(-2.0), 2.5])
    assert (type(plain), plain) == (float, OPS[name].forward(3.0, -2.0, 2.5))


@pytest.mark.parametrize("name", [*BINARY, *COMPARISONS])
def test_of_two_operands(name: str) -> None:
    function, op = getattr(autograd_widget, name), COMPARISONS.get(name, name)
    a = Node(0.75)
    for y in (function(a, 2), function(np.float64(2.0), a), function(a, Scalar(0.75))):
        x = [p.value for p in y.prevs]
        assert (type(y), y.op, y.value) == (Node, op, OPS[op].forward(*x))
        assert y.requires_grad == (name in BINARY)
    if name in BINARY:
        assert getattr(a, name)(2).value == function(a, 2).value
    assert type(function(1, 2)) is float


def test_a_branch_is_a_node() -> None:
    x, y = Scalar(3.0), Scalar(-2.0)
    z = where(greater(x, y), x * x, y)
    assert (z.op, z.value) == ("where", 9.0)
    z.backward()
    assert (x.grad, y.grad) == (6.0, 0.0)
    x.value = -5.0
    z.forward()
    z.zero_grad()
    z.backward()
    assert (z.value, x.grad, y.grad) == (-2.0, 0.0, 1.0)
    fixed = where(True, 1, x)
    assert (fixed.op, fixed.value, fixed.prevs[0].value) == ("where", 1.0, 1.0)
    assert where(False, 1, 2) == 2.0


def test_nothing_goes_through_detach_or_a_comparison() -> None:
    x = Scalar(3.0, label="x")
    kept = x.detach()
    y = kept * x + x
    y.backward()
    assert (y.value, x.grad, kept.grad, kept.reached, kept.requires_grad) == (12.0, 4.0, 0.0, False, False)
    graph = Graph.of(y)
    graph.backward(graph.outputs[0])
    assert graph.grads[0] == 4.0
    x.requires_grad = False
    x.requires_grad = True
    assert not kept.requires_grad and y.requires_grad
    for copied in (copy.deepcopy(y), pickle.loads(pickle.dumps(y))):  # noqa: S301 # ours
        copied.zero_grad()
        copied.backward()
        assert copied.prevs[1].grad == 4.0
    assert not Scalar(3.0, (x,), "detach").requires_grad
    assert not (greater(x, 1) + 1).requires_grad


def test_clamp_has_bounds() -> None:
    for at, gradients in ((1.0, (1.0, 0.0, 0.0)), (2.0, (0.0, 0.0, 1.0)), (-1.0, (0.0, 1.0, 0.0))):
        x, low, high = Scalar(at), Scalar(0.0), Scalar(1.0)
        y = x.clamp(low, high)
        y.backward()
        assert (x.grad, low.grad, high.grad) == gradients
    assert [clamp(2.5, 3), clamp(2.5, max=2), clamp(2.5, 0, 1)] == [3.0, 2.0, 1.0]
    z = Scalar(2.5)
    assert z.clamp(max=-2).value == -2.0
    for call in (lambda: clamp(1.0), z.clamp):
        with pytest.raises(ValueError, match="needs a bound"):
            call()


def test_remainders_are_pythons() -> None:
    for a, b in ((-5.5, 3.0), (5.5, -3.0), (7.0, 2.0), (-1.0, 0.1)):
        x, y = Scalar(a), Scalar(b)
        for rest, quotient in ((x % y, x // y), (x % b, x // b), (a % y, a // y)):
            assert (rest.value, quotient.value) == (a % b, a // b)
    x = Scalar(-5.5)
    (x % 3).backward()
    assert x.grad == 1.0
    x.zero_grad()
    (x // 2).backward()
    assert x.grad == 0.0 and x.reached
    assert x.pow(3).value == -166.375


def test_the_sum_starts_as_pythons_own_does() -> None:
    a, b = Scalar(3.0), Scalar(-2.0)
    y = total([a, a], b)
    assert (y.value, y.prevs) == (4.0, (b, a, a))
    assert total([a], start=0).prevs == (a,)
    assert total([1, 2], 3) == 6.0


def test_of_nothing() -> None:
    assert total([]) == total() == 0.0
    for function in (prod, mean, largest, smallest):
        with pytest.raises(ValueError, match="needs at least one operand"):
            function([])


@pytest.mark.parametrize("bad", ["1", None, 1j, [1.0]])
def test_what_is_no_number(bad: Any) -> None:
    with pytest.raises(TypeError, match="a real number"):
        relu(bad)
    with pytest.raises(TypeError, match="a real number"):
        mean(1.0, bad)


def test_functions_of_plain_numbers_never_raise() -> None:
    assert autograd_widget.log(0) == -math.inf
    assert autograd_widget.exp(1000) == math.inf
    assert math.isnan(autograd_widget.sqrt(-1))
    assert tanh(math.inf) == 1.0


def test_gradients_through_one_node() -> None:
    a, b, c = Scalar(2.0), Scalar(3.0), Scalar(4.0)
    y = prod([a, b, c]) + mean(a, b) + largest(a, b, c) - smallest([a, a])
    y.backward()
    assert (a.grad, b.grad, c.grad) == (12.0 + 0.5 - 1.0, 8.0 + 0.5, 6.0 + 1.0)
