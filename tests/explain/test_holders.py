"""Names of scalars by where a program keeps them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from autograd_widget import GraphWidget, Value
from autograd_widget.explain.holders import MAX_ITEMS


class Neuron:
    """A neuron as people write it."""

    def __init__(self, nin: int) -> None:
        self.w = [Value(0.5) for _ in range(nin)]
        self.b = Value(0.0)
        self._hidden = Value(1.0)

    def __call__(self, x: Any) -> Any:
        return (sum((w * xi for w, xi in zip(self.w, x, strict=True)), self.b) * self._hidden).tanh()


class Network:
    """A network as people write it, with a way back to itself."""

    def __init__(self) -> None:
        self.layers = [[Neuron(2), Neuron(2)], [Neuron(2)]]
        self.itself = self

    def __call__(self, x: Any) -> Any:
        for layer in self.layers:
            x = [neuron(x) for neuron in layer]
        return x[0]


def labels(g: GraphWidget) -> list[str]:
    return list(g.graph["label"].values())


def test_attributes_of_objects_name_what_they_hold() -> None:
    n = Neuron(2)
    y = n([1.0, 2.0])
    assert labels(GraphWidget(y)) == [
        "n.w[0]",
        "n.w[1]",
        "n.b",
        "y",
    ]  # and not what begins with an underscore


class Slotted:
    """An object without a dictionary, as dataclasses may be."""

    __slots__ = ("__hidden", "b", "w")

    def __init__(self) -> None:
        self.w, self.__hidden = [Value(0.5)], Value(1.0)

    def __call__(self) -> Any:
        return (self.w[0] * self.__hidden).tanh()


def test_slots_name_what_they_hold_too() -> None:
    n = Slotted()
    y = n()
    assert labels(GraphWidget(y)) == ["n.w[0]", "y"]


def test_a_network_of_ones_own_has_names_for_all_of_its_parameters() -> None:
    model = Network()
    g = GraphWidget(model([1.0, 2.0]))
    assert labels(g)[:3] == ["model.layers[0][0].w[0]", "model.layers[0][0].w[1]", "model.layers[0][0].b"]
    assert labels(g)[-1] == "model.layers[1][0].b"
    assert len(labels(g)) == 9
    g["model.layers[1][0].b"] = 0.25
    assert model.layers[1][0].b.data == 0.25


@pytest.mark.parametrize(
    ("holder", "name"),
    [
        (lambda w: {"w": w}, 'held["w"]'),
        (lambda w: {"a": {3: [0, w]}}, 'held["a"][3][1]'),
        (lambda w: [[1.0, w]], "held[0][1]"),
        (lambda w: ((w,),), "held[0][0]"),
        (lambda w: np.array([[1.0, w]], object), "held[0,1]"),
        (lambda w: SimpleNamespace(layer={"weight": [w]}), 'held.layer["weight"][0]'),
        (lambda w: [{"w": w}, SimpleNamespace(w=w)], 'held[0]["w"]'),
    ],
)
def test_whatever_holds_a_scalar_names_it(holder: Any, name: str) -> None:
    held = holder(Value(2.0))
    assert held is not None
    g = GraphWidget(held_by(held) * 2.0)
    assert labels(g) == [name]
    assert f"{name}.grad = 2.00" in repr(g)


def held_by(holder: Any) -> Any:
    """The first scalar within something."""
    if isinstance(holder, Value):
        return holder
    within = holder.values() if isinstance(holder, dict) else getattr(holder, "__dict__", None)
    items = within.values() if isinstance(within, dict) else within if within is not None else holder
    if isinstance(items, np.ndarray):
        items = items.ravel()
    if isinstance(items, int | float | str):
        return None
    return next((found for item in items if (found := held_by(item)) is not None), None)


def test_what_is_nearer_names_first() -> None:
    w = Value(2.0)
    deep, flat, alone = [[w]], {"w": w}, w
    assert deep and flat
    assert labels(GraphWidget(alone * 3.0)) == ["w"]
    del w, alone
    assert labels(GraphWidget(flat["w"] * 3.0)) == ["deep[0][0]"]


def test_large_data_is_left_alone() -> None:
    rows = [[float(i)] * 10 for i in range(MAX_ITEMS)]
    last: dict[str, Any] = {"rows": rows, "w": Value(2.0)}
    assert labels(GraphWidget(last["w"] * 3.0)) == ['last["w"]']


def test_objects_without_attributes_and_classes_name_nothing() -> None:
    class Holder:
        w = Value(2.0)

    class Empty:
        __slots__ = ("w",)

    one, other = object(), Empty()
    y = Holder.w * 2.0
    assert labels(GraphWidget(y)) == ["y"]
    assert not hasattr(one, "w") and not hasattr(other, "w")
