"""`autograd_widget.nn`: micrograd's networks, number for number, in groups."""

from __future__ import annotations

import random
from math import cos, sin
from typing import Any

import micrograd.engine
import micrograd.nn
import pytest

from autograd_widget import Graph, GraphWidget, Scalar, Value, nn
from autograd_widget.engine.groups import Group

POINTS = [
    ([cos(t) + side * 0.97, (1 - 2 * side) * sin(t) + side * 0.43], 1 - 2 * side)
    for side in (0, 1)
    for t in (0.1, 0.45, 0.83, 1.21, 1.57, 1.9, 2.31, 2.64, 2.98)
]
"""Two moons, each a half circle."""


def demo(value: Any, mlp: Any) -> tuple[list[float], list[float], str]:
    """micrograd's moons demo, shortened: the losses, the parameters at the end, and the model's repr."""
    random.seed(1337)
    model = mlp(2, [16, 16, 1])
    losses = []
    for k in range(4):
        inputs = [list(map(value, xrow)) for xrow, _ in POINTS]
        scores = list(map(model, inputs))
        hinges = [(1 + -yi * scorei).relu() for (_, yi), scorei in zip(POINTS, scores, strict=True)]
        data_loss = sum(hinges) * (1.0 / len(hinges))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        total_loss = data_loss + reg_loss
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        losses.append(total_loss.data)
    return losses, [p.data for p in model.parameters()], repr(model)


def test_the_moons_demo_runs_with_other_imports_and_has_the_same_numbers() -> None:
    losses, parameters, text = demo(Value, nn.MLP)
    theirs, their_parameters, their_text = demo(micrograd.engine.Value, micrograd.nn.MLP)
    assert losses == pytest.approx(theirs, rel=1e-12)
    assert parameters == pytest.approx(their_parameters, rel=1e-9, abs=1e-12)
    assert text == their_text
    assert len(parameters) == 337


def many(out: Any) -> list[Any]:
    return out if isinstance(out, list) else [out]


@pytest.mark.parametrize("name", ["Neuron", "Layer", "MLP"])
def test_reprs_parameters_and_outputs_are_micrograds(name: str) -> None:
    arguments: dict[str, list[tuple[Any, ...]]] = {
        "Neuron": [(3,), (3, False)],
        "Layer": [(3, 2), (3, 1)],
        "MLP": [(3, [2, 2, 1]), (3, [4, 2])],
    }
    for given in arguments[name]:
        random.seed(7)
        ours = getattr(nn, name)(*given)
        random.seed(7)
        theirs = getattr(micrograd.nn, name)(*given)
        assert repr(ours) == repr(theirs)
        assert [p.data for p in ours.parameters()] == [p.data for p in theirs.parameters()]
        out, their_out = ours([1.0, -2.0, 3.0]), theirs([1.0, -2.0, 3.0])
        assert isinstance(out, list) == isinstance(their_out, list)
        assert [y.data for y in many(out)] == [y.data for y in many(their_out)]


def test_a_layer_takes_nonlin_as_micrograds_does() -> None:
    assert repr(nn.Layer(2, 1, nonlin=False)) == repr(micrograd.nn.Layer(2, 1, nonlin=False))


def nodes(group: Group) -> list[int]:
    runs = iter(group.runs)
    return [i for first, last in zip(runs, runs, strict=True) for i in range(first, last + 1)]


def test_layers_and_neurons_are_groups() -> None:
    model = nn.MLP(2, [2, 1])
    out = model([1.0, 2.0])
    assert isinstance(out, Value)
    graph = Graph.of(out)
    within = [("layers[0]", 0), ("neurons[0]", 1), ("neurons[1]", 1), ("layers[1]", 0), ("neurons[0]", 4)]
    parameters, call = graph.groups[:6], graph.groups[6:]
    assert [(name, parent) for name, parent, _ in parameters] == [("parameters", -1), *within]
    assert [(name, parent - 6) for name, parent, _ in call[1:]] == within
    assert call[0][:2] == ("MLP", -1)
    for runs in (group.runs for group in call):
        assert len(runs) == 2, "what is made in one go is one run"
    named = [[graph.labels[i] for i in nodes(group)] for group in parameters]
    assert [len(labels) for labels in named] == [9, 6, 3, 3, 3, 3]
    assert set(named[3]) == {"w0[1,0]", "w0[1,1]", "b0[1]"}
    neuron = nn.Neuron(2)
    assert [name for name, *_ in Graph.of(neuron([1.0, 2.0])).groups] == ["Neuron"]
    outputs = nn.Layer(1, 2)([1.0])
    assert isinstance(outputs, list)
    assert [group.name for group in Graph.of(*outputs).groups if group.parent < 0] == [
        "neurons[0]",
        "neurons[1]",
        "Layer",
    ]


def test_parameters_have_labels_of_their_own() -> None:
    model = nn.MLP(2, [3, 1])
    assert model.layers[0].neurons[2].w[1].label == "w0[2,1]"
    assert model.layers[1].neurons[0].b.label == "b1[0]"
    labels = [p.label for p in model.parameters()]
    assert len(set(labels)) == len(labels) == 13
    assert [p.label for p in nn.Layer(1, 2).parameters()] == ["w[0,0]", "b[0]", "w[1,0]", "b[1]"]
    assert [p.label for p in nn.Neuron(2).parameters()] == ["w[0]", "w[1]", "b"]
    widget = GraphWidget(model([0.5, -0.5]))
    widget["w0[2,1]"] = 0.25
    assert model.layers[0].neurons[2].w[1].data == 0.25


def test_zero_grad_forgets_and_tells_those_who_watch() -> None:
    model = nn.Neuron(2, nonlin=False)
    y = model([1.0, 2.0])
    widget = GraphWidget(y)
    y.backward()
    assert (widget.grads["w[1]"], widget.is_preview) == (2.0, False)
    model.zero_grad()
    assert [p.grad for p in model.parameters()] == [0.0, 0.0, 0.0]
    assert not any(p.reached for p in model.parameters())
    assert widget.is_preview
    nn.Module().zero_grad()
    assert nn.Module().parameters() == []


def test_a_module_of_ones_own_is_micrograds_too() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Neuron(1)

        def __call__(self, x: Scalar) -> Scalar:
            return self.inner([self.inner([x])])

        def parameters(self) -> list[Value]:
            return self.inner.parameters()

    twice = Twice()
    graph = Graph.of(twice(Scalar(0.5)))
    assert [(name, parent) for name, parent, _ in graph.groups] == [("Neuron", -1), ("Neuron", -1)]
    twice.zero_grad()


@pytest.mark.parametrize("count", [1, 3])
def test_a_network_takes_as_many_numbers_as_it_has_inputs(count: int) -> None:
    with pytest.raises(ValueError, match=rf"takes 2 inputs, and {count} were given"):
        nn.MLP(2, [3, 1])([1.0] * count)
