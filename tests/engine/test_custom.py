"""Ops of one's own: defined with a decorator, or recorded by hand as in the book."""

from __future__ import annotations

import copy
import json
import math
import pickle
from typing import Any

import pytest

from autograd_widget import Graph, GraphWidget, Scalar, custom_op, draw_graph


@custom_op(partials=lambda y, a, b: (2 * (a - b), 2 * (b - a)))
def squared_error(a: float, b: float) -> float:
    """The square of the difference."""
    return (a - b) ** 2


def recorded() -> tuple[Scalar, Scalar, Scalar]:
    """A mean squared error of two, made the book's way."""
    a, b = Scalar(1.0, label="a"), Scalar(-2.0, label="b")
    y = Scalar(2.5, [a, b], "mse")
    y.grad_wrt[a] = 1.0
    y.grad_wrt[b] = -2.0
    return a, b, y


def test_a_custom_op_is_called_like_any_other() -> None:
    a, b = Scalar(3.0), Scalar(1.0)
    y = squared_error(a, b) * 10.0
    y.backward()
    assert (y.value, a.grad, b.grad) == (40.0, 40.0, -40.0)
    error = y.prevs[0]
    assert (error.op, error.prevs, error.grad_wrt) == ("squared_error", (a, b), {a: 4.0, b: -4.0})
    assert squared_error([a, 1]).value == 4.0
    assert squared_error(3, 1) == 4.0
    assert squared_error.__doc__ == "The square of the difference."
    a.value = 0.0
    assert y.forward() == 10.0


def test_a_custom_op_in_a_graph_is_computed_again() -> None:
    a = Scalar(3.0, label="a")
    y = squared_error(a, 1.0) * 2.0
    graph = Graph.of(y)
    assert (graph.ops, graph.customs[2].name, graph.customs[2].live) == (
        ["leaf", "const", "custom", "const", "*"],
        "squared_error",
        True,
    )
    graph.set_leaf(0, 4.0)
    graph.replay(graph.outputs)
    assert (graph.values[2], graph.grads[0], graph.edge_grads[:2]) == (9.0, 12.0, [12.0, 0.0])
    g = GraphWidget(y)
    g["a"] = 4.0
    g.backward()
    assert (y.value, a.grad) == (18.0, 12.0)
    document = graph.to_dict()
    assert document["custom"] == {
        "2": {"name": "squared_error", "value": 9.0, "partials": [6.0, -6.0], "live": True}
    }
    again = Graph.from_json(json.dumps(document))
    again.set_leaf(0, 0.0)
    again.forward()
    assert again.values[2] == 1.0
    assert Graph.from_json(document).to_dict() == document


def test_a_live_op_that_nobody_here_knows_stays_as_it_was_recorded() -> None:
    document = Graph.of(squared_error(Scalar(3.0), 1.0)).to_dict()
    document["custom"]["2"]["name"] = "somebody else's"
    graph = Graph.from_json(document)
    graph.set_leaf(0, 100.0)
    graph.forward()
    graph.backward(2)
    assert (graph.values[2], graph.grads[0]) == (4.0, 4.0)
    assert graph.to_dict()["custom"] == document["custom"]


def test_a_recorded_op_draws_and_runs_backward() -> None:
    a, b, y = recorded()
    z = y * 3.0
    z.backward()
    assert (a.grad, b.grad) == (3.0, -6.0)
    assert "mse" in draw_graph(z, "backward").source
    a.value = 100.0
    assert z.forward() == 7.5


def test_a_recorded_op_in_a_graph_keeps_its_numbers() -> None:
    a, b, y = recorded()
    graph = Graph.of(y * 3.0)
    document = graph.to_dict()
    assert document["custom"] == {"2": {"name": "mse", "value": 2.5, "partials": [1.0, -2.0], "live": False}}
    assert Graph.from_json(document).to_dict() == document
    graph.set_leaf(0, 100.0)
    graph.replay(graph.outputs)
    assert (graph.values[-1], graph.grads[:3], graph.edge_grads[:2]) == (7.5, [3.0, -6.0, 3.0], [3.0, -6.0])
    graph.set_custom(2, 10, [0.5, math.inf])
    assert graph.edge_grads[:2] == [3.0, -6.0]  # what the last pass sent
    graph.replay(graph.outputs)
    assert (graph.values[-1], graph.grads[:2]) == (30.0, [1.5, math.inf])
    with pytest.raises(ValueError, match="has no custom op"):
        graph.set_custom(0, 1.0, [])
    with pytest.raises(ValueError, match="needs 2 local derivatives, not 1"):
        graph.set_custom(2, 1.0, [1.0])
    assert (a.grad, b.grad) == (0.0, 0.0)


def test_the_books_way_of_saying_what_needs_gradients() -> None:
    a = Scalar(1.0)
    y = Scalar(2.0, [a, a], "mse")
    y.requires_grad = True
    y.grad_wrt = {a: 0.5}
    y.backward()
    assert a.grad == 1.0  # each of the two operands takes it


def test_local_derivatives_that_are_missing_or_known() -> None:
    a, b = Scalar(1.0), Scalar(2.0)
    y = Scalar(2.0, [a, b], "mse")
    y.grad_wrt[a] = 1.0
    for run in (y.backward, y.forward, lambda: Graph.of(y)):
        with pytest.raises(ValueError, match="the grad_wrt of 'mse' lacks one of its operands"):
            run()
    assert not y.reached
    assert (a * a).grad_wrt == {a: 2.0}
    with pytest.raises(ValueError, match="are known, and can't be set"):
        (a * b).grad_wrt = {a: 1.0}


def test_a_function_that_fails_gives_nan_and_one_that_is_wrong_says_so() -> None:
    @custom_op(partials=lambda y, a: (1 / a,), name="ln")
    def logarithm(a: float) -> float:
        return math.log(a)

    x = Scalar(0.0)
    y = logarithm(x)
    y.backward()
    assert math.isnan(y.value)
    assert math.isnan(x.grad)

    @custom_op(partials=lambda y, a: (1.0, 2.0))
    def one_too_many(a: float) -> float:
        return a

    x = Scalar(1.0)
    with pytest.raises(ValueError, match="'one_too_many' gives 2 local derivatives for 1 operand"):
        one_too_many(x).backward()
    assert not x.reached
    with pytest.raises(ValueError, match="at least one operand"):
        one_too_many([])


@pytest.mark.parametrize("name", ["relu", "leaf", "const", "custom"])
def test_a_custom_op_has_a_name_of_its_own(name: str) -> None:
    with pytest.raises(ValueError, match="is an op already"):
        custom_op(partials=lambda y, a: (1.0,), name=name)(lambda a: a)


def test_copies_and_pickles() -> None:
    a, _, y = recorded()
    z = y + squared_error(a, 1.0)
    copies: list[Any] = [copy.deepcopy(z), pickle.loads(pickle.dumps(z))]  # noqa: S301
    for again in copies:
        again.backward()
        mse, error = again.prevs
        assert (mse.prevs[0].grad, mse.prevs[1].grad) == (1.0, -2.0)
        mse.prevs[0].value = 4.0
        assert again.forward() == 2.5 + 9.0
        assert error.op == "squared_error"
    assert not a.reached


def test_a_widget_computes_for_its_page_what_that_cannot() -> None:
    a, b, c = Scalar(3.0, label="a"), Scalar(1.0, label="b"), Scalar(2.0, label="c")
    first = squared_error(a, b)
    second = squared_error(first, 0.0)
    g = GraphWidget(second * c)
    ids = [str(g._id(node)) for node in (a, b, first, second)]
    assert g.customs == {
        "at": {ids[0]: 3.0, ids[1]: 1.0},
        "nodes": {ids[2]: [4.0, 4.0, -4.0], ids[3]: [16.0, 8.0, -8.0]},
    }
    sent: list[Any] = []
    g.observe(sent.append, names="customs")
    g.set_state({"values": {ids[0]: 2.0}})
    assert g.customs == {
        "at": {ids[0]: 2.0, ids[1]: 1.0},
        "nodes": {ids[2]: [1.0, 2.0, -2.0], ids[3]: [1.0, 2.0, -2.0]},
    }
    g["a"] = math.inf
    assert g.customs["at"][ids[0]] == "inf"
    assert g.customs["nodes"][ids[2]] == ["inf", "inf", "-inf"]
    g["c"] = 5.0
    assert len(sent) == 2
    b.value = a.value = 1.0
    g.refresh()
    assert g.customs["nodes"][ids[2]] == [0.0, 0.0, 0.0]
    before = g.customs
    g.set_state({"customs": {}})
    assert g.customs == before  # a page may not write it


def test_a_page_is_told_nothing_of_what_it_knows() -> None:
    a, b, y = recorded()
    g = GraphWidget(y * a)
    g.backward()
    assert g.customs == {}
    g["a"] = 4.0
    assert (g.customs, g.root_value, b.grad) == ({}, 10.0, -8.0)


def test_one_local_derivative_may_be_a_plain_number() -> None:
    @custom_op(partials=lambda _, a: 2.0 * a)
    def squared(a: float) -> float:
        return a * a

    x = Scalar(3.0)
    squared(x).backward()
    assert x.grad == 6.0
