"""The ops as functions and methods: of scalars, of plain numbers, of lists."""

from __future__ import annotations

import builtins
import inspect
import math
from typing import Any

import numpy as np
import pytest

import autograd_widget
from autograd_widget import Node, Scalar, mean, prod, relu, tanh
from autograd_widget import max as largest
from autograd_widget import min as smallest
from autograd_widget import sum as total
from autograd_widget.engine import functions
from autograd_widget.engine.ops import OPS

OPERATORS = {"+", "-", "*", "/", "**", "neg"}
NARY = sorted(name for name, row in OPS.items() if row.arity is None)
UNARY = sorted(name for name, row in OPS.items() if row.arity == 1 and name not in OPERATORS)


def test_every_op_is_a_function_a_method_or_an_operator() -> None:
    defined = {name for name, _ in inspect.getmembers(functions, inspect.isfunction)} - {
        "computed",
        "operands",
    }
    assert {name for name in defined if not name.startswith("_")} == set(OPS) - OPERATORS
    for name in set(OPS) - OPERATORS:
        assert getattr(autograd_widget, name) is getattr(functions, name)
        assert callable(getattr(Scalar, name))


def test_a_star_leaves_pythons_own_functions_alone() -> None:
    assert not {name for name in autograd_widget.__all__ if hasattr(builtins, name)}
    assert all(hasattr(autograd_widget, name) for name in autograd_widget.__all__)


@pytest.mark.parametrize("name", UNARY)
def test_of_one_operand(name: str) -> None:
    function = getattr(autograd_widget, name)
    x = Node(0.4)
    y = function(x)
    assert (type(y), y.op, y.prevs) == (Node, name, (x,))
    assert y.value == getattr(x, name)().value == OPS[name].forward(0.4)
    for number in (0.4, np.float64(0.4)):
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
