"""`explore`: a function is run again after each change, and its graph replaced where it is another one."""

from __future__ import annotations

from typing import Any

import pytest
from micrograd.engine import Value as Micrograd

from autograd_widget import Graph, GraphWidget, Scalar, explore
from autograd_widget.widget.explore import same_structure


def leaky(v: Any, slope: Any = 0.1) -> Any:
    return v * 1.0 if float_of(v) > 0 else slope * v


def float_of(v: Any) -> float:
    return float(v.value if isinstance(v, Scalar) else v.data)


def test_floats_become_leaves_with_their_names() -> None:
    g = explore(lambda a, b: a * b + a, 2.0, b=3.0)
    assert (g["a"], g["b"], g.root_value) == (2.0, 3.0, 8.0)
    g["a"] = 1.0
    assert g.root_value == 4.0
    assert g.grads["a"] == 4.0


def test_another_way_replaces_the_graph() -> None:
    g = explore(leaky, -2.0)
    assert g.root_value == pytest.approx(-0.2)
    before = g.graph
    g["v"] = -3.0
    assert g.graph == before, "the same way"
    g["v"] = 4.0
    assert g.root_value == 4.0 and g.graph["check"] == {"said": "Another way was taken"}
    assert "slope" not in g.graph["label"].values()
    assert g.grads["v"] == 1.0
    g["v"] = -1.0
    assert g.root_value == pytest.approx(-0.1) and g["slope"] == 0.1


def test_what_is_selected_stays_so() -> None:
    g = explore(leaky, -2.0)
    g.selected = next(int(i) for i, label in g.graph["label"].items() if label == "v")
    g["v"] = 4.0
    assert g.graph["label"][str(g.selected)] == "v"


def test_loops_until_convergence() -> None:
    def root(a: Any, guess: Any) -> Any:
        while abs(float_of(guess * guess - a)) > 1e-9:
            guess = (guess + a / guess) / 2
        return guess

    g = explore(root, 2.0, 1.0)
    assert g.root_value == pytest.approx(2**0.5)
    short = len(g.graph["op"])
    g["a"] = 2000.0
    assert g.root_value == pytest.approx(2000**0.5)
    assert len(g.graph["op"]) > short
    assert g.grads["a"] == pytest.approx(0.5 / 2000**0.5)


def test_constants_that_depend_on_values_replace_the_graph() -> None:
    g = explore(lambda x: x * float(round(x.value)), 1.0)
    g["x"] = 3.0
    assert g.root_value == 9.0 and g.grads["x"] == 3.0


def test_lists_dicts_and_whole_numbers() -> None:
    def network(weights: list[Any], options: dict[str, Any], times: int) -> Any:
        out = options["start"]
        for i in range(times):
            out = out * weights[i % len(weights)]
        return out

    g = explore(network, [2.0, 3.0], {"start": 1.0}, 3)
    assert (g["weights[1]"], g["options['start']"], g.root_value) == (3.0, 1.0, 12.0)


def test_an_own_engine_is_used() -> None:
    v, slope = Micrograd(-2.0), Micrograd(0.1)
    g = explore(leaky, v, slope)
    assert (g[v], g["slope"], g.root_value) == (-2.0, 0.1, -0.2)
    g["v"] = 4.0
    assert (v.data, g.root_value) == (4.0, 4.0)
    g.backward()
    assert v.grad == 1.0


def test_scalars_of_ones_own_stay_what_they_are() -> None:
    w = Scalar(2.0, label="w")
    g = explore(lambda x: x * x, w)
    g[w] = 3.0
    assert w.value == 3.0 and g["w"] == 3.0


def test_as_a_decorator_of_a_function_with_numbers() -> None:
    @explore
    def area(width: Any = 2.0, height: Any = 3.0) -> Any:
        return width * height

    assert isinstance(area, GraphWidget)
    assert (area["area"], area["width"]) == (6.0, 2.0)


def test_what_the_page_sends_runs_the_function_again() -> None:
    g = explore(leaky, -2.0)
    leaf = next(i for i, label in g.graph["label"].items() if label == "v")
    g.set_state({"values": {leaf: 5.0}})
    assert g.root_value == 5.0


def test_refusals() -> None:
    with pytest.raises(TypeError, match="takes a function first"):
        explore(3.0)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="nothing to move in leaky"):
        explore(leaky, 3, 1)
    with pytest.raises(TypeError, match="does not know how it was computed"):
        explore(lambda x: 3.0, 1.0)


def test_structure_is_ops_operands_results_and_constants() -> None:
    x = Scalar(2.0)
    graph = Graph.of(x * 3)
    assert same_structure(graph, Graph.of(Scalar(5.0) * 3))
    assert not same_structure(graph, Graph.of(x * 4))
    assert not same_structure(graph, Graph.of(x + 3))
