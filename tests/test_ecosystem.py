"""The widget among other widgets, in the kernel: the recipes of the documentation, and what they promise."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ipywidgets import Accordion, FloatSlider, HBox, Layout, Tab, VBox, interact
from ipywidgets.embed import embed_data

from autograd_widget import GraphWidget, Scalar
from recipes import recipe


def cooked(heading: str, nth: int = 0) -> dict[str, Any]:
    """Run a recipe, and return its variables."""
    names: dict[str, Any] = {"__name__": "__main__"}
    exec(recipe(""), names)  # noqa: S102 (our own documentation)
    exec(recipe(heading, nth), names)  # noqa: S102
    return names


def from_the_page(graph: GraphWidget, **state: Any) -> None:
    """Have a page send something."""
    graph.set_state(json.loads(json.dumps(state)))


def test_observe() -> None:
    names = cooked("Python follows")
    assert names["told"].value == "y = -0.462, w.grad = -1.180"
    from_the_page(names["graph"], values={"0": 1.0})
    assert names["told"].value == "y = -0.848, w.grad = -0.421"


def test_a_slider_in_boxes() -> None:
    names = cooked("A slider elsewhere")
    names["slider"].value = -1.0
    assert names["w"].value == names["graph"]["w"] == -1.0
    from_the_page(names["graph"], values={"0": 1.5})
    assert names["slider"].value == 1.5
    box = VBox([HBox([names["slider"]]), names["graph"]])
    assert box.children[1] is names["graph"]


def test_interactive_output() -> None:
    names = cooked("`interactive_output`")
    seen: list[float] = []
    slider = names["graph"].slider("w")
    interact(lambda w: seen.append(names["y"].value), w=slider)
    slider.value = -1.0
    assert seen == pytest.approx([-0.46211715726, 0.94137553849])


def test_interact() -> None:
    names = cooked("`interactive_output`", 1)
    slider = names["descend"].widget.children[0]
    before = names["y"].value
    slider.value = 3
    assert names["y"].value != before
    w = 0.5
    for _ in range(3):
        step = Scalar(w)
        root = (step * -1.5 + 0.25).tanh()
        root.backward()
        w -= 0.5 * step.grad
    assert names["w"].value == pytest.approx(w, rel=1e-12)


def test_link() -> None:
    names = cooked("Two graphs")
    smooth, sharp = names["smooth"], names["sharp"]
    from_the_page(smooth, selected=1)
    assert sharp.selected == 1
    sharp.selected = None
    assert smooth.selected is None


def test_layout_and_containers() -> None:
    names = cooked("Size and place")
    graph = names["graph"]
    assert (graph.layout.width, names["folded"].children) == ("640px", (graph,))
    assert isinstance(names["folded"], Accordion)
    assert GraphWidget(names["y"], layout=Layout(width="50%")).layout.width == "50%"
    assert Tab([graph]).children == (graph,)


def test_graphs_of_the_same_scalars_follow_each_other() -> None:
    w, x = Scalar(0.5, label="w"), Scalar(2.0, label="x")
    product, total = w * x, w + x
    first, second, third = GraphWidget(product), GraphWidget(product), GraphWidget(total)
    from_the_page(first, values={"0": 3.0})
    assert [graph["w"] for graph in (first, second, third)] == [3.0, 3.0, 3.0]
    assert [first.root_value, second.root_value, third.root_value] == [6.0, 6.0, 5.0]
    third["x"] = 1.0
    assert [first.values, second.values, third.values] == [{"0": 3.0, "1": 1.0}] * 3
    from_the_page(second, frozen=[0])
    assert first.frozen == third.frozen == [0]


def test_a_slider_of_a_closed_graph_is_only_a_slider() -> None:
    w = Scalar(0.5, label="w")
    graph = GraphWidget(w * 2.0)
    slider = graph.slider("w")
    assert isinstance(slider, FloatSlider)
    graph.close()
    slider.value = 1.0
    assert w.value == 1.0


def test_a_page_that_ipywidgets_makes_has_the_bundle() -> None:
    w = Scalar(float("nan"), label="w")
    graph = GraphWidget(w * 2.0)
    state = embed_data([graph])["manager_state"]["state"][graph.model_id]["state"]
    assert state["_esm"] == graph._esm
    assert state["values"] == {"0": "nan"}
    json.dumps(state, allow_nan=False)


def test_what_hosts_keep_on_a_widget_is_theirs() -> None:
    assert not hasattr(GraphWidget, "_document")  # Panel: the Bokeh document that shows it
