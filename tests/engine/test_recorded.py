"""micrograd's protocol: steps by hand, ops whose step is a function, and attributes of a person's own."""

from __future__ import annotations

import copy
import gc
import math
import pickle
import weakref
from collections.abc import Callable
from typing import Any, cast

import pytest

from autograd_widget import Graph, GraphWidget, Node, Scalar, Value, check_engine, draw_dot, explore


def cube(x: Value, name: str = "cube") -> Value:
    """x**3 as micrograd's own ops are made."""
    out = Value(x.data**3, (x,), name)

    def step() -> None:
        x.grad += 3 * x.data**2 * out.grad

    out._backward = step
    return out


def own_tanh(x: Value) -> Value:
    """The lecture's tanh, whose step keeps a number."""
    t = (math.exp(2 * x.data) - 1) / (math.exp(2 * x.data) + 1)
    out = Value(t, (x,), "tanh")

    def step() -> None:
        x.grad += (1 - t**2) * out.grad

    out._backward = step
    return out


def backward_as_in_the_lecture(root: Value) -> None:
    """micrograd's `backward`, written outside of the class."""
    order: list[Value] = []
    visited = set()

    def visit(v: Any) -> None:
        if v not in visited:
            visited.add(v)
            for child in v._prev:
                visit(child)
            order.append(v)

    visit(root)
    root.grad = 1.0
    for v in reversed(order):
        v._backward()


# -- steps by hand ---------------------------------------------------------------------------------------


def test_steps_by_hand_send_a_gradient_one_step_on() -> None:
    x, y = Value(2.0), Value(-3.0)
    e = x * y
    loss = e + 10
    loss.grad = 1.0
    loss._backward()
    assert (e.grad, x.grad) == (1.0, 0.0)
    e._backward()
    assert (x.grad, y.grad) == (-3.0, 2.0)
    x._backward()  # a leaf has nothing to send on
    e._backward()  # steps add up
    assert (x.grad, y.grad) == (-6.0, 4.0)


@pytest.mark.parametrize(
    "result",
    [
        lambda x: (2 * x).exp() / (x - 3) + x.tanh() ** 2,
        lambda x: x * x - x,
        lambda x: (x.relu() + max(x, 0.1)) / 2,
        lambda x: cube(x) * own_tanh(x),
    ],
)
def test_the_lectures_loop_over_steps_gives_what_a_pass_gives(result: Callable[[Any], Any]) -> None:
    x, other = Value(0.7), Value(0.7)
    backward_as_in_the_lecture(result(x))
    result(other).backward()
    assert x.grad == pytest.approx(other.grad, rel=1e-14)


def test_steps_skip_what_needs_no_gradient() -> None:
    x, frozen = Value(2.0), Value(5.0, requires_grad=False)
    y = x * frozen + 1.0
    y.grad = 1.0
    y._backward()
    y.prevs[0]._backward()
    assert (x.grad, frozen.grad, y.prevs[1].grad) == (5.0, 0.0, 0.0)


def test_steps_from_a_gradient_set_by_hand_are_one_pass_in_the_ledger() -> None:
    x = Value(2.0, label="x")
    h = x * x
    y = h * 3 + x
    y.grad = 1.0
    for v in (y, *[p for p in y.prevs if p.prevs], h):
        v._backward()
    g = GraphWidget(y)
    assert not g.is_preview
    assert g.grads["x"] == 13.0 == x.grad
    (row,) = g.ledger.rows
    assert (row.name, row.live) == ("y.backward()", True)
    g["x"] = 3.0
    assert x.grad == 19.0


def test_steps_that_stop_half_way_are_no_pass_that_could_run_again() -> None:
    x = Value(2.0, label="x")
    h = x * x
    y = h * 3 + x
    y.grad = 1.0
    y._backward()
    g = GraphWidget(y)
    (row,) = g.ledger.rows
    assert (x.grad, h.reached, row.live) == (1.0, False, False)


def test_steps_of_what_no_gradient_has_reached_send_nothing() -> None:
    x = Value(2.0)
    y = x * x
    y._backward()
    assert not x.reached


# -- ops with a step of a person's own -------------------------------------------------------------------


@pytest.mark.parametrize("name", ["cube", "**", "tanh", "relu", "*", "sum", "detach"])
def test_a_step_runs_in_the_pass_whatever_the_ops_name_is(name: str) -> None:
    x = Value(2.0)
    c = cube(x, name)
    y = c * 2
    assert c._op == name
    y.backward()
    assert (x.grad, c.grad) == (24.0, 2.0)
    y.backward()
    assert (x.grad, c.grad) == (48.0, 4.0)  # and not through the interior, as micrograd's second pass


def test_an_op_without_a_name_runs_its_step_too() -> None:
    x = Value(2.0, label="x")
    out = cube(x, "")
    assert (out._op, out._prev) == ("", {x})
    y = out * 2
    y.backward()
    assert x.grad == 24.0
    g = GraphWidget(y)
    assert g.graph["custom"]["1"]["partials"] == [12.0]
    assert repr(GraphWidget.from_json(g.to_json())) == repr(g)
    with pytest.raises(ValueError, match="nobody said its local derivatives"):
        Value(8.0, (x,)).backward()


def test_a_step_that_is_replaced_is_forgotten() -> None:
    x = Value(2.0)
    c = cube(x)
    first = c._backward

    def step() -> None:
        x.grad += 100.0 * c.grad

    c._backward = step
    assert c._backward is step is not first
    c.backward()
    assert x.grad == 100.0


def test_a_step_sees_the_gradient_of_its_pass_alone() -> None:
    x = Value(2.0)
    c = cube(x)
    y = c * 2 + c * c
    x.grad, c.grad = 1000.0, 1000.0
    y.backward(0.5)
    assert x.grad == 1000.0 + 12 * (2 + 16) / 2
    assert c.grad == 1000.0 + 9.0


def test_a_step_with_an_operand_twice_counts_it_once() -> None:
    x = Value(3.0)
    out = Value(x.data * x.data, (x, x), "*")

    def step() -> None:
        x.grad += 2 * x.data * out.grad

    out._backward = step
    out.backward()
    assert x.grad == 6.0
    document = Graph.of(out)
    document.backward(1)
    assert document.grads[0] == 6.0


def test_a_step_that_fails_takes_the_pass_back() -> None:
    x = Value(2.0)
    c = cube(x)
    (c * 2).backward()

    def broken() -> None:
        x.grad += 1.0
        raise ZeroDivisionError

    c._backward = broken
    with pytest.raises(ZeroDivisionError):
        (c * 2).backward()
    assert (x.grad, c.grad) == (24.0, 2.0)


def test_looking_at_a_step_leaves_no_trace() -> None:
    x = Value(2.0, label="x")
    y = cube(x) * 2
    g = GraphWidget(y)
    assert g.is_preview and g.grads["x"] == 24.0
    draw_dot(y)
    assert (x.grad, x.reached, y.reached) == (0.0, False, False)
    y.backward()
    assert (g.is_preview, g.grads["x"], x.grad) == (False, 24.0, 24.0)


def test_a_step_of_an_op_that_is_what_its_name_says_stays_live() -> None:
    x = Value(0.5, label="x")
    y = own_tanh(x) * 2
    graph = Graph.of(y)
    assert graph.ops == ["leaf", "tanh", "const", "*"]
    g = GraphWidget(y)
    g["x"] = 1.0
    assert y.value == pytest.approx(2 * math.tanh(1.0))


def test_a_step_that_disagrees_with_the_ops_name_is_recorded() -> None:
    x = Value(2.0, label="x")
    graph = Graph.of(cube(x, "relu"))
    assert (graph.ops, graph.customs[1].name, graph.customs[1].live) == (
        ["leaf", "custom"],
        "own relu",
        False,
    )
    graph.backward(1)
    assert graph.grads[0] == 12.0
    assert repr(GraphWidget(cube(x, "**"))).startswith("GraphWidget(own **(x) = 8.00")


def test_a_function_with_a_step_of_its_own_is_explored() -> None:
    g = explore(lambda x: cube(x) * 2, x=2.0)
    assert (g.root_value, g.grads["x"]) == (16.0, 24.0)
    g["x"] = 3.0
    assert (g.root_value, g.grads["x"]) == (54.0, 54.0)


def test_a_leaf_has_no_local_derivatives() -> None:
    assert Value(2.0).grad_wrt == {} == (Value(2.0) * 3).prevs[1].grad_wrt
    assert check_engine(Value).ok


def test_a_value_that_was_recorded_is_stale_once_its_leaf_is_set() -> None:
    x = Value(2.0)
    c, t = cube(x), own_tanh(x)
    x.data = 3.0
    with pytest.raises(RuntimeError, match="x was set after c was computed"):
        c.backward()
    assert t.forward() == pytest.approx(math.tanh(3.0))  # by its name
    t.backward()
    assert x.grad == pytest.approx(1 - math.tanh(2.0) ** 2)  # by its step, which kept a number


def test_copies_and_pickles_of_steps_keep_their_numbers() -> None:
    y = cube(Value(2.0)) * 2
    for copied in (copy.deepcopy(y), pickle.loads(pickle.dumps(copy.deepcopy(y)))):  # noqa: S301 # of our own
        copied.backward()
        (c,) = [p for p in copied.prevs if p.prevs]
        assert (c._op, c.prevs[0].grad) == ("cube", 24.0)


def test_a_subclass_with_operators_of_its_own_runs() -> None:
    class Own(Value):
        def __mul__(self, other: Any) -> Any:
            other = other if isinstance(other, Value) else Own(other)
            out = Own(self.data * other.data, (self, other), "*")

            def step() -> None:
                self.grad += other.data * out.grad
                other.grad += self.data * out.grad

            out._backward = step
            return out

    a, b = Own(2.0), Own(5.0)
    y = a * b * a
    y.backward()
    assert (a.grad, b.grad, type(y)) == (20.0, 4.0, Own)
    assert Graph.of(y).ops == ["leaf", "leaf", "*", "*"]


@pytest.mark.parametrize("ask", [Value.backward, Value.forward, Graph.of, lambda y: (y * 2).backward()])
def test_an_unknown_op_names_the_ways_out(ask: Callable[[Any], Any]) -> None:
    x = Value(2.0)
    with pytest.raises(ValueError, match=r"'frob' is not in the table.*custom_op.*grad_wrt.*_backward"):
        ask(Value(1.0, (x,), "frob"))


@pytest.mark.parametrize("cls", [Scalar, Value, Node])
def test_a_name_that_is_none_is_refused_at_once(cls: type[Any]) -> None:
    a = cls(2.0)
    for given in ((2.0,), [2.0], 3.0):
        with pytest.raises(TypeError, match=r"the op of a .* is a name, and .*grad_wrt"):
            cls(1.0, (a,), given)
    with pytest.raises(TypeError, match="_backward is a function"):
        cls(1.0, (a,), "op")._backward = cast("Any", 3.0)


# -- attributes ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [Scalar, Value, lambda x: Value(x) * 2, lambda x: Value(x).tanh() + 1])
def test_any_attribute_may_be_set(make: Callable[[float], Any]) -> None:
    p = make(1.0)
    p.m = p.v = 0.0
    p.m += 0.5
    p.color = "green"
    assert (p.m, p.v, p.color) == (0.5, 0.0, "green")
    with pytest.raises(AttributeError, match="moment"):
        _ = p.moment
    for copied in (copy.copy(p), copy.deepcopy(p), pickle.loads(pickle.dumps(p))):  # noqa: S301 # of our own
        assert (copied.m, copied.color) == (0.5, "green")


def test_adam_as_it_is_written_around_scalars() -> None:
    w = Value(3.0)
    w.m = w.v = 0.0  # type: ignore[attr-defined]
    p: Any = w
    for t in range(1, 101):
        loss = (p - 1.0) ** 2
        loss.backward()
        p.m = 0.9 * p.m + 0.1 * p.grad
        p.v = 0.95 * p.v + 0.05 * p.grad**2
        p.data -= 0.1 * (p.m / (1 - 0.9**t)) / ((p.v / (1 - 0.95**t)) ** 0.5 + 1e-8)
        p.grad = 0
    assert p.data == pytest.approx(1.0, abs=0.1)


def test_attributes_keep_nobody_alive() -> None:
    p: Any = Value(1.0)
    p.friend = Value(2.0)
    friend = weakref.ref(p.friend)
    del p
    gc.collect()
    assert friend() is None


def test_the_dialect_takes_requires_grad() -> None:
    a = Value(2.0, requires_grad=False)
    b = Node(3.0, (), "", "b", False)
    assert not a.requires_grad and not b.requires_grad and b.label == "b"
    assert not (a * b).requires_grad
