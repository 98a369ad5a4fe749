"""The widget's kernel side, without a browser: traits, names, passes, and what a page may write."""

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
import weakref
from math import inf, isnan, nan
from typing import Any

import numpy as np
import pytest
import traitlets
from ipywidgets import FloatSlider

from autograd_widget import Graph, GraphWidget, Scalar, custom_op, group
from autograd_widget.engine.lost import GraphLostWarning


def run(g: GraphWidget) -> GraphWidget:
    """The widget after one pass from each root."""
    for root in g.graph["outputs"]:
        g.backward(g._nodes[root])
    return g


def roots(g: GraphWidget) -> list[int]:
    """The nodes that the passes began at."""
    return [one["root"] for one in g.passes]


class Recurrence:
    """The seed's computation, unlabelled but for its leaves."""

    def __init__(self) -> None:
        self.w, self.wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
        self.x = [Scalar(1.0, label=f"x{i}", requires_grad=False) for i in (1, 2, 3)]
        h1 = self.w * self.x[0]
        h2 = self.w * self.x[1] + self.wh * h1
        h3 = self.w * self.x[2] + self.wh * h2
        self.h = [h1, h2, h3]


@pytest.fixture
def rnn() -> Recurrence:
    return Recurrence()


def as_from_scratch(rnn: Recurrence, roots: list[int]) -> list[float]:
    """The gradients of w and wh that building anew from the leaves' values gives."""
    anew = Recurrence()
    for old, new in zip([rnn.w, rnn.wh, *rnn.x], [anew.w, anew.wh, *anew.x], strict=True):
        new.value = old.value
    anew.h[2].forward()
    for root in roots:
        anew.h[root].backward()
    return [anew.w.grad, anew.wh.grad]


# -- passes --------------------------------------------------------------------------------------------------


def test_one_pass_from_one_root(rnn: Recurrence) -> None:
    g = run(GraphWidget(rnn.h[2]))
    assert (g.grads["w"], rnn.w.grad, g.root_value) == pytest.approx((1.75, 1.75, 0.525))
    assert len(g.passes) == 1


def test_one_pass_from_each_root_in_order(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    grads = [node.grad for node in (rnn.w, rnn.wh, rnn.h[0], rnn.h[1])]
    assert grads == pytest.approx([4.25, 0.90, 1.75, 1.5])
    assert roots(g) == [g._id(h) for h in rnn.h] == g.graph["outputs"]


def test_the_gradients_follow_each_change(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    for value in (0.9, -1.5, 0.0, 0.5):
        g["wh"] = value
        assert [rnn.w.grad, rnn.wh.grad] == as_from_scratch(rnn, [0, 1, 2])
        assert [g.grads["w"], g.grads[rnn.wh]] == [rnn.w.grad, rnn.wh.grad]
    assert (rnn.w.grad, rnn.wh.grad) == pytest.approx((4.25, 0.90))


def test_what_was_run_before_is_the_history(rnn: Recurrence) -> None:
    for h in rnn.h:
        h.backward()
    g = GraphWidget(rnn.h[2])
    assert (rnn.w.grad, g.grads["w"], g.is_preview) == (4.25, 4.25, False)
    assert [g._nodes[i] for i in roots(g)] == rnn.h
    g["wh"] = 0.9
    assert [rnn.w.grad, rnn.wh.grad] == as_from_scratch(rnn, [0, 1, 2])
    g["wh"] = 0.5
    assert (rnn.w.grad, g.grads["w"], len(g.passes)) == (4.25, 4.25, 3)


def test_more_passes_and_none(rnn: Recurrence) -> None:
    g = run(GraphWidget(rnn.h[2]))
    g.backward()
    assert rnn.w.grad == 3.5
    g.backward(rnn.h[0])
    assert rnn.w.grad == 4.5
    g.backward("wh")
    assert rnn.wh.grad == 2 * 0.6 + 1.0
    g.zero_grad()
    assert (g.passes, rnn.w.grad, rnn.w.reached, g.grads["w"]) == ([], 0.0, False, 1.75)
    assert "preview: w.grad = 1.75" in repr(g)
    g["w"] = 2.0
    assert (rnn.w.grad, rnn.h[2].value) == (0.0, 3.5)
    rnn.h[2].backward()
    g.zero_grad()
    assert not rnn.w.reached


def test_the_passes_of_a_preview_may_be_given(rnn: Recurrence) -> None:
    g = GraphWidget(rnn.h[2], passes=[rnn.h[0], rnn.h[2]])
    assert (g.grads["w"], rnn.w.grad, g.passes, g.graph["preview"]) == (2.75, 0.0, [], [g._id(rnn.h[0]), 11])
    none = GraphWidget(rnn.h[2], passes=[])
    assert (none.passes, none.grads["w"], "w.grad not run yet" in repr(none)) == ([], 0.0, True)
    rnn.h[2].backward()
    assert (g.grads["w"], none.grads["w"]) == (1.75, 1.75)
    with pytest.raises(KeyError, match="not in this graph"):
        GraphWidget(rnn.h[0], passes=[rnn.h[2]])


# -- leaves --------------------------------------------------------------------------------------------------


def test_moving_a_leaf_moves_everything_downstream(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    g["wh"] = 0.9
    assert (rnn.wh.value, g["wh"], g[rnn.wh]) == (0.9, 0.9, 0.9)
    assert rnn.h[2].value == g[rnn.h[2]] == g.root_value == 0.3 + 0.9 * (0.3 + 0.9 * 0.3)
    assert g.values[str(g._id("wh"))] == 0.9
    g[rnn.x[0]] = np.float32(-2)
    assert rnn.x[0].value == -2.0
    json.dumps(g.values, allow_nan=False)


@pytest.mark.parametrize(("value", "spelled"), [(nan, "nan"), (inf, "inf"), (-inf, "-inf"), ("inf", "inf")])
def test_non_finite_values_are_spelled(rnn: Recurrence, value: float | str, spelled: str) -> None:
    g = run(GraphWidget(rnn.h[2]))
    g["wh"] = value
    assert g.values[str(g._id("wh"))] == spelled
    assert str(rnn.wh.value) == spelled
    json.dumps(g.get_state(), allow_nan=False, default=str)
    g["wh"] = 0.5
    assert rnn.w.grad == 1.75


def test_non_finite_values_from_the_start() -> None:
    x = Scalar(nan)
    g = run(GraphWidget(x * 2.0))
    assert (g.values, g.graph["value"]) == ({"0": "nan"}, {"0": "nan", "1": 2.0})
    assert isnan(g.root_value)


@pytest.mark.parametrize("value", [None, "0.5", "much", [1.0], 1j])
def test_a_leaf_takes_numbers(rnn: Recurrence, value: Any) -> None:
    g = run(GraphWidget(rnn.h[2]))
    with pytest.raises(TypeError, match="number, not"):
        g["wh"] = value
    assert (g["wh"], rnn.wh.value) == (0.5, 0.5)


def test_names_that_are_not_there(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    with pytest.raises(KeyError, match="no node is labelled 'nope'; there are w, wh, x1"):
        g["nope"]
    with pytest.raises(KeyError, match="no node is labelled 'nope'"):
        g["nope"] = 1.0
    with pytest.raises(KeyError, match="not in this graph"):
        g[Scalar(1.0)]
    with pytest.raises(KeyError, match="computed, and only a leaf can be moved"):
        g[rnn.h[0]] = 1.0
    doubled = 2.0 * rnn.w
    with pytest.raises(KeyError, match="only a leaf can be moved"):
        GraphWidget(doubled)[doubled.prevs[0]] = 3.0


def test_a_variable_does_not_take_the_name_of_a_label() -> None:
    x = Scalar(2.0, label="x")
    x = x * 2.0
    assert GraphWidget(x)["x"] == 2.0


def test_what_is_in_a_widget_can_be_asked(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    assert "w" in g
    assert rnn.w in g
    assert "nobody" not in g
    with pytest.raises(TypeError, match="not iterable"):
        list(g)


def test_names_that_are_there_twice() -> None:
    a, b = Scalar(1.0, label="w"), Scalar(2.0, label="w")
    g = run(GraphWidget(a * b))
    with pytest.raises(KeyError, match="2 nodes are labelled 'w': use the Scalar itself"):
        g["w"]
    assert (g[a], g[b], g.grads[a]) == (1.0, 2.0, 2.0)
    assert dict(g.grads) == {a: 2.0, b: 1.0}
    assert repr(g) == "GraphWidget(w·w = 2.00; w.grad = 2.00, w.grad = 1.00)"


def test_gradients_are_those_of_parameters_by_label(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    assert dict(g.grads) == {"w": rnn.w.grad, "wh": rnn.wh.grad}
    assert repr(g.grads) == f"{{'w': 4.25, 'wh': {rnn.wh.grad}}}"
    assert (len(g.grads), g.grads["x1"], g.grads[rnn.h[1]]) == (2, 0.0, 1.5)


def test_values_can_be_observed(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    seen: list[tuple[float, float, float]] = []
    g.observe(lambda change: seen.append((change["new"]["1"], rnn.wh.value, rnn.w.grad)), names="values")
    g["wh"] = 0.9
    g.set_state({"values": {"1": 0.5}})
    assert g._id("wh") == 1
    assert [(new, value) for new, value, _ in seen] == [(0.9, 0.9), (0.5, 0.5)]
    assert seen[1][2] == 4.25  # the scalars are right by then


# -- what a page may write -----------------------------------------------------------------------------------


def test_a_page_moves_leaves(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    g.set_state({"values": {**g.values, "1": 0.9}})
    assert (rnn.wh.value, g["wh"]) == (0.9, 0.9)
    assert [rnn.w.grad, rnn.wh.grad] == as_from_scratch(rnn, [0, 1, 2])
    g.set_state({"values": {"0": "inf"}})  # the others stay
    assert (rnn.w.value, rnn.wh.value, rnn.h[2].value) == (inf, 0.9, inf)


def test_a_page_runs_passes_and_selects(rnn: Recurrence) -> None:
    g = run(GraphWidget(rnn.h[2]))
    g.set_state({"passes": [], "selected": 3})
    assert (rnn.w.grad, rnn.w.reached, g.selected) == (0.0, False, 3)
    g.set_state({"passes": [g._id(rnn.h[2])] * 2, "selected": None})
    assert (rnn.w.grad, g.selected) == (3.5, None)


def test_a_page_freezes_and_puts_back_what_was_set_by_hand(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    passes = g.passes
    by_hand = {"root": None, "hand": True, "added": {"1": 2}}
    g.set_state({"frozen": [0, 2, 3, 4], "passes": [by_hand, *passes]})
    assert (rnn.w.requires_grad, rnn.w.reached, rnn.wh.grad) == (False, False, 2.0 + 0.3 + 0.6)
    g.set_state({"frozen": [2, 3, 4], "passes": passes})
    assert (rnn.w.requires_grad, rnn.w.grad, rnn.wh.grad, g.passes) == (True, 4.25, 0.3 + 0.6, passes)
    g.set_state({"passes": [{**by_hand, "added": {"0": "-inf"}}]})
    assert (rnn.w.grad, rnn.h[1].reached) == (-inf, False)
    g.set_state({"passes": []})
    assert (rnn.w.reached, rnn.h[1].reached, g.grads["w"], g.is_preview) == (False, False, 4.25, True)


def test_a_page_writes_nothing_else(rnn: Recurrence) -> None:
    g = run(GraphWidget(rnn.h[2]))
    before = {key: g.get_state()[key] for key in g.get_state() if key != "values"}
    g.set_state(
        {
            "_esm": "alert(1)",
            "_css": "*{display:none}",
            "graph": {},
            "notice": "noDot",
            "read_only": True,
            "layout": None,
            "unknown": 1,
            "values": {"1": 0.9},
        }
    )
    after = g.get_state()
    assert {key: after[key] for key in before} == before
    assert rnn.wh.value == 0.9


@pytest.mark.parametrize(
    "sent",
    [
        {"values": {"1": 0.9, "2": "0.5"}},
        {"values": {"1": 0.9, "2": None}},
        {"values": {"1": 0.9, "2": True}},
        {"values": {"1": 0.9, "2": nan}},
        {"values": {"1": 0.9, "2": 10**400}},
        {"values": {"1": 0.9, "99": 1.0}},
        {"values": {"1": 0.9, "5": 1.0}},
        {"values": {"1": 0.9, "__proto__": 1.0}},
        {"values": [0.9]},
        {"values": {"1": 0.9}, "passes": [99]},
        {"values": {"1": 0.9}, "passes": [-1]},
        {"values": {"1": 0.9}, "passes": ["1"]},
        {"values": {"1": 0.9}, "passes": [True]},
        {"values": {"1": 0.9}, "passes": [8, {"root": None, "added": {"0": True}}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "added": {"0": "much"}}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "added": {"0": nan}}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "added": {"12": 1.0}}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "added": {"00": 1.0}}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "added": {"__proto__": 1.0}}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "added": {"5": 1.0}}]},
        {"values": {"1": 0.9}, "passes": [{"root": 11, "added": {}, "at": [1.0]}]},
        {"values": {"1": 0.9}, "passes": [{"root": 11, "gradient": "1"}]},
        {"values": {"1": 0.9}, "passes": [{"root": 11, "cleared": [11]}]},
        {"values": {"1": 0.9}, "passes": [{"root": 11, "cleared": 0}]},
        {"values": {"1": 0.9}, "passes": [{"root": 11, "count": 0}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "name": 3}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "live": True}]},
        {"values": {"1": 0.9}, "passes": [{"root": None, "hand": 1}]},
        {"values": {"1": 0.9}, "stale": {"leaves": [0]}},
        {"values": {"1": 0.9}, "passes": [1.0]},
        {"values": {"1": 0.9}, "frozen": [5]},
        {"values": {"1": 0.9}, "frozen": [99]},
        {"values": {"1": 0.9}, "frozen": [-1]},
        {"values": {"1": 0.9}, "frozen": ["0"]},
        {"values": {"1": 0.9}, "frozen": [False]},
        {"values": {"1": 0.9}, "frozen": {"0": 1}},
        {"values": {"1": 0.9}, "selected": 99},
        {"values": {"1": 0.9}, "selected": "1"},
    ],
)
def test_what_is_off_is_refused_whole(rnn: Recurrence, sent: dict[str, Any]) -> None:
    g = run(GraphWidget(*rnn.h))
    names = ("values", "passes", "frozen", "selected")
    before = [getattr(g, name) for name in names]
    with pytest.raises(traitlets.TraitError):
        g.set_state(sent)
    assert [getattr(g, name) for name in names] == before
    assert (rnn.wh.value, rnn.w.grad, rnn.w.requires_grad) == (0.5, 4.25, True)
    g["wh"] = 0.6  # and it goes on working
    assert rnn.wh.value == 0.6


# -- names ---------------------------------------------------------------------------------------------------

y_of_the_module = Scalar(2.0) * 3.0


def test_nodes_take_the_names_of_the_callers_variables() -> None:
    w, x = Scalar(0.5), Scalar(2.0, label="input")
    h = w * x
    layer = [Scalar(0.1), h, Scalar(0.2)]
    pair = (Scalar(0.3),)
    y = h + layer[0] + layer[2] + pair[0]
    _hidden = y
    g = run(GraphWidget(y))
    assert list(g.graph["label"].values()) == ["w", "input", "h", "layer[0]", "layer[2]", "pair[0]", "y"]
    assert (g["w"], g["input"]) == (0.5, 2.0)
    assert w.label == ""  # the scalars are left alone
    unnamed = GraphWidget(y, names=False)
    assert unnamed.graph["label"] == {"1": "input"}


def test_nodes_take_the_names_of_the_module_too() -> None:
    w = Scalar(1.0)
    g = run(GraphWidget(y_of_the_module * w))
    assert set(g.graph["label"].values()) == {"y_of_the_module", "w"}


def test_a_helper_in_a_cell_draws_a_global() -> None:
    cell = """
    from autograd_widget import GraphWidget, Scalar
    w = Scalar(0.5)
    y = w * 2.0
    def show(result):
        w2 = "no scalar"
        return GraphWidget(result)
    """
    variables: dict[str, Any] = {}
    exec(textwrap.dedent(cell), variables)  # noqa: S102 # a cell of ours
    g = variables["show"](variables["y"])
    assert g.graph["label"] == {"0": "w", "2": "result"}


class Titled(GraphWidget):
    """A widget with an `__init__` of its own."""

    def __init__(self, title: str, *roots: Scalar) -> None:
        inside = Scalar(7.0)
        self.title = title
        super().__init__(*roots, inside * 0.0)


def test_a_subclass_names_from_where_it_is_made() -> None:
    w = Scalar(0.5)
    y = w * 2.0
    g = Titled("mine", y)
    assert g.graph["label"] == {"0": "w", "2": "y"}


def test_the_widget_keeps_nothing_of_the_caller_alive() -> None:
    def draw() -> tuple[GraphWidget, weakref.ref[Scalar]]:
        aside, w = Scalar(1.0), Scalar(2.0)
        return GraphWidget(w * 3.0), weakref.ref(aside)

    g, aside = draw()
    assert g["w"] == 2.0
    assert aside() is None


@pytest.mark.parametrize(
    ("build", "text"),
    [
        (lambda w, x, b: w * x + b, "w·x + b = 3.50"),
        (lambda w, x, b: (w + x) * b, "(w + x)·b = 1.75"),
        (lambda w, x, b: w - (x - b), "w − (x − b) = 0.00"),
        (lambda w, x, b: w / (x / b) ** 2, "w/(x/b)² = 0.09"),
        (lambda w, x, b: (w * x + b).relu(), "relu(w·x + b) = 3.50"),
        (lambda w, x, b: -(w + b) * -2.0, "−(w + b)·(−2) = 4.00"),
        (lambda w, x, b: w.max(x, b), "max(w, x, b) = 2.00"),
        (lambda w, x, b: w.max(x, b, w, x), "max = 2.00"),
        (lambda w, x, b: ((w * x + b) * (w * x + b) + (w * x + b) * (w * x + b)).tanh(), "tanh = 1.00"),
        (lambda w, x, b: w, "w = 1.50"),
    ],
)
def test_a_root_without_a_name_says_what_it_computes(build: Any, text: str) -> None:
    w, x, b = Scalar(1.5, label="w"), Scalar(2.0, label="x", requires_grad=False), Scalar(0.5, label="b")
    assert repr(GraphWidget(build(w, x, b))).startswith(f"GraphWidget({text};")


def test_the_repr() -> None:
    rnn = Recurrence()
    h1, h2, h3 = rnn.h
    assert repr(run(GraphWidget(h1))) == "GraphWidget(h1 = 0.30; w.grad = 1.00)"
    h1.zero_grad()
    named = "GraphWidget(h1 = 0.30, h2 = 0.45, h3 = 0.52; preview: w.grad = 4.25, wh.grad = 0.90)"
    assert repr(GraphWidget(h1, h2, h3)) == named
    assert repr(GraphWidget(Scalar(3.0))) == "GraphWidget(leaf 0 = 3.00)"
    small = Scalar(0.004, label="w")
    assert (
        repr(GraphWidget(small * 0.001, names=False))
        == "GraphWidget(w·0.001 = 4.0e-6; preview: w.grad = 0.001)"
    )
    many = [Scalar(float(i), label=f"p{i}") for i in range(20)]
    total: Any = sum(many)
    assert repr(GraphWidget(total)).endswith("p7.grad = 1.00, …)")


# -- sliders -------------------------------------------------------------------------------------------------


def test_the_repr_of_many_results() -> None:
    w = Scalar(1.0, label="w")
    many = [w * float(i) for i in range(20)]
    assert repr(GraphWidget(*many, names=False)) == (
        "GraphWidget(w·0 = 0.00, w·1 = 1.00, w·2 = 2.00, w·3 = 3.00, w·4 = 4.00, w·5 = 5.00, w·6 = 6.00, "
        "w·7 = 7.00, …; preview: w.grad = 190.00)"
    )


def test_ranges_are_in_the_document(rnn: Recurrence) -> None:
    g = run(GraphWidget(rnn.h[2], sliders={"w": (-2, 2, 0.01), rnn.wh: (0, 1)}))
    assert g.graph["sliders"] == {"0": [-2.0, 2.0, 0.01], "1": [0.0, 1.0, 0.0025]}
    Graph.from_json(g.graph)


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        ((2, -2), "empty"),
        ((1, 1), "empty"),
        ((0, 1, 0), "step"),
        ((0, 1, -0.1), "step"),
        ((0, 1, 2), "step"),
        ((0, nan), "needs"),
        ((0, inf), "needs"),
        ((0,), "needs"),
        ((0, 1, 0.1, 3), "needs"),
        ("wide", "needs"),
        (5, "needs"),
        (None, "needs"),
        (("a", "b"), "needs"),
    ],
)
def test_a_range_that_is_off(rnn: Recurrence, bounds: Any, why: str) -> None:
    with pytest.raises(ValueError, match=f"the slider of w .*{why}"):
        GraphWidget(rnn.h[2], sliders={"w": bounds})
    with pytest.raises(ValueError, match=f"the slider of w .*{why}"):
        GraphWidget(rnn.h[2], sliders={rnn.w: bounds})


def test_a_range_of_no_leaf(rnn: Recurrence) -> None:
    with pytest.raises(KeyError, match="no node is labelled 'nope'"):
        GraphWidget(rnn.h[2], sliders={"nope": (0, 1)})
    with pytest.raises(KeyError, match="only a leaf can be moved"):
        GraphWidget(rnn.h[2], sliders={rnn.h[0]: (0, 1)})


def test_a_slider_is_linked_both_ways(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    slider = g.slider("wh")
    assert isinstance(slider, FloatSlider)
    assert (slider.value, slider.min, slider.max, slider.step) == (0.5, -2.0, 2.0, 0.01)
    assert slider.description == "wh"
    slider.value = 0.9
    assert (rnn.wh.value, g["wh"]) == (0.9, 0.9)
    g["wh"] = -0.7
    assert slider.value == -0.7
    g.set_state({"values": {"1": 0.25}})
    assert slider.value == 0.25


def test_a_slider_follows_beyond_its_ends_and_not_into_the_infinite(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h, sliders={"wh": (0, 1)}))
    slider = g.slider(rnn.wh)
    g["wh"] = 7.0
    assert (slider.value, slider.min, slider.max, rnn.wh.value) == (7.0, 0.0, 7.0, 7.0)
    g["wh"] = -3.0
    assert (slider.value, slider.min, rnn.wh.value) == (-3.0, -3.0, -3.0)
    for value in (nan, inf, -inf):
        g["wh"] = value
        assert (slider.value, slider.min, slider.max) == (-3.0, -3.0, 7.0)
        assert str(rnn.wh.value) == str(value)
    slider.value = -2.0
    assert rnn.wh.value == -2.0


@pytest.mark.parametrize("value", [nan, inf, 1.7e308, -1e305, 5e-324, 0.0, 12345.0])
def test_there_is_a_slider_for_any_value(value: float) -> None:
    w = Scalar(value)
    g = run(GraphWidget(w * 1.0))
    slider = g.slider("w")
    assert str(w.value) == str(value)
    json.dumps([slider.min, slider.max, slider.step, slider.value], allow_nan=False)
    if value == value and abs(value) != inf:
        assert slider.value == value


# -- the rest ------------------------------------------------------------------------------------------------


def test_refresh_takes_over_what_was_changed_by_hand(rnn: Recurrence) -> None:
    g = run(GraphWidget(rnn.h[2]))
    rnn.wh.value, rnn.w.label, rnn.w.requires_grad = 0.9, "weight", False
    g.refresh()
    assert (g["wh"], g["weight"], g.root_value) == (0.9, 0.3, rnn.h[2].value)
    assert rnn.h[2].value == 0.3 + 0.9 * (0.3 + 0.9 * 0.3)
    assert (0 in g.graph["frozen"], g.graph["value"]["1"]) == (True, 0.9)
    assert rnn.w.grad == 1.75, "PyTorch keeps it too"
    assert (g.values["1"], "weight" in g.grads) == (0.9, True)
    assert list(g.grads) == ["wh"]


@pytest.mark.parametrize(
    ("roots", "given"),
    [
        ((), "nothing"),
        ((3,), "int"),
        (([Scalar(1.0), 2],), "Scalar, int"),
        (([],), "nothing"),
        ((Scalar(1.0), "y"), "Scalar, str"),
    ],
)
def test_roots_are_scalars(roots: tuple[Any, ...], given: str) -> None:
    with pytest.raises(TypeError, match=f"GraphWidget draws Scalars, .* it was given {given}"):
        GraphWidget(*roots)


def test_a_plain_number_has_forgotten_its_graph() -> None:
    with pytest.warns(GraphLostWarning, match=r"\.value is the number alone"):
        number: Any = float(Scalar(1.0))
    with pytest.raises(TypeError, match=r"given float, which forgets .* `w.tanh\(\)` does not"):
        GraphWidget(number)


def test_arguments_are_spelled_as_they_are() -> None:
    with pytest.raises(TypeError, match=r"no argument 'lang': did you mean 'language'\?"):
        GraphWidget(Scalar(1.0), lang="zh")
    with pytest.raises(TypeError, match=r"no argument 'frobnicate'$"):
        GraphWidget(Scalar(1.0), frobnicate=True)


def test_the_graph_trait_is_the_document(rnn: Recurrence) -> None:
    g = run(GraphWidget(*rnn.h))
    document = dict(g.graph)
    assert document.pop("sliders") == {}
    assert document["version"] == 1
    assert Graph.from_json(document).to_dict() == document
    assert json.loads(json.dumps(g.graph, allow_nan=False)) == g.graph
    assert g.values == {key: g.graph["value"][key] for key in ("0", "1", "2", "3", "4")}


def test_two_widgets_on_one_computation(rnn: Recurrence) -> None:
    one, other = GraphWidget(rnn.h[2]), GraphWidget(*rnn.h)
    one["wh"] = 0.9
    assert (rnn.wh.value, other["wh"]) == (0.9, 0.9)


def test_a_deep_graph_has_a_widget() -> None:
    y = x = Scalar(0.5, label="x")
    for _ in range(20_000):
        y = y + x
    g = run(GraphWidget(y))
    g["x"] = 1.0
    assert (y.value, x.grad) == (20_001.0, 20_001.0)
    assert repr(g) == "GraphWidget(y = 20001.00; x.grad = 20001.00)"


def test_the_engine_alone_imports_nothing_of_a_notebook() -> None:
    program = """
    import sys
    import autograd_widget
    y = autograd_widget.Scalar(2.0) * 3.0
    y.backward()
    autograd_widget.Graph.of(y).to_json()
    print(sorted({"ipywidgets", "anywidget", "traitlets", "graphviz", "IPython", "numpy"} & set(sys.modules)))
    """
    run = [sys.executable, "-c", textwrap.dedent(program)]
    assert subprocess.run(run, check=True, capture_output=True, text=True).stdout == "[]\n"


def test_every_public_name_is_there() -> None:
    import autograd_widget  # noqa: PLC0415

    for name in autograd_widget.__all__:
        assert getattr(autograd_widget, name)
    with pytest.raises(AttributeError, match="nope"):
        autograd_widget.nope  # noqa: B018


def test_what_is_unfolded_is_kept_and_checked() -> None:
    x = Scalar(0.5)
    for t in range(2):
        with group(f"t={t}"):
            x = x.tanh()
    g = run(GraphWidget(x))
    assert g.opened is None, "the page opens what fits"
    g.set_state({"opened": [1, 0, 1]})
    assert g.opened == [0, 1]
    for wrong in ([-1], ["0"], [0.5], [True], 3):
        with pytest.raises(traitlets.TraitError):
            g.opened = wrong
    assert g.opened == [0, 1]
    g.opened = None
    assert g.graph["groups"] == [["t=0", -1, [1, 1]], ["t=1", -1, [2, 2]]]


WRITES: list[tuple[str, Any]] = [
    ("a move", lambda g, _: g.__setitem__("b", 1.0)),
    ("a slider", lambda g, _: setattr(g.slider("b"), "value", 0.5)),
    ("a pass", lambda g, _: g.backward()),
    ("zero_grad", lambda g, _: g.zero_grad()),
    ("freezing", lambda g, _: g.freeze("b")),
    ("the page", lambda g, _: g.set_state({"values": {"0": 2.0, "1": 1.0}})),
    ("a widget that shares a leaf", lambda _, other: other.__setitem__("b", 0.25)),
]


@pytest.mark.parametrize("write", [write for _, write in WRITES], ids=[name for name, _ in WRITES])
def test_what_was_set_by_hand_is_taken_over_by_each_write(write: Any) -> None:
    a, b = Scalar(2.0, label="a"), Scalar(3.0, label="b")
    y, z = a * b, b * 2.0
    g, other = run(GraphWidget(y)), run(GraphWidget(z))
    a.value = 7.0
    write(g, other)
    assert (a.value, g["a"], g.values["0"]) == (7.0, 7.0, 7.0)
    assert y.value == g.root_value == 7.0 * b.value
    if "b" in g.grads and not g.is_preview:
        assert g.grads["b"] == b.grad


def test_what_was_frozen_by_hand_is_taken_over_by_each_write() -> None:
    a, b = Scalar(2.0, label="a"), Scalar(3.0, label="b")
    g = run(GraphWidget(a * b))
    a.requires_grad = False
    g["b"] = 1.0
    assert not a.requires_grad
    assert g.frozen == [0]
    a.requires_grad = True
    g.freeze("a")  # as it is on the page, and not as it is in the scalar
    assert not a.requires_grad


def test_a_leaf_takes_the_value_that_it_has_on_the_page() -> None:
    a = Scalar(2.0, label="a")
    y = a * a
    g = run(GraphWidget(y))
    a.value = 7.0
    g["a"] = 2.0
    assert (a.value, y.value, g["a"]) == (2.0, 4.0, 2.0)


def test_a_training_loop_on_a_widget_trains() -> None:
    a = Scalar(5.0, label="a")
    y = (a - 1.0) ** 2
    g = run(GraphWidget(y))
    for _ in range(20):
        g.zero_grad()
        g.backward()
        a.value -= 0.1 * a.grad
        y.forward()
    assert a.value == pytest.approx(1.0 + 4.0 * 0.8**20)


@pytest.mark.parametrize("refreshed", [False, True])
def test_a_gradient_that_was_cleared_by_hand_stays_cleared(refreshed: bool) -> None:
    a = Scalar(2.0, label="a")
    g = run(GraphWidget(a * a))
    a.grad = 0.0
    if refreshed:
        g.refresh()
    g["a"] = 3.0
    assert (a.grad, g.grads["a"], g.passes, g.is_preview) == (0.0, 6.0, [], True)
    g.backward()
    assert (a.grad, g.grads["a"], g.passes) == (6.0, 6.0, [{"root": 1}])


def test_a_custom_op_that_fails_moves_nothing() -> None:
    @custom_op(partials=lambda _y, _x: 1.0)
    def brittle(x: float) -> float:
        if x > 3.0:
            raise KeyError("boom")
        return x

    a = Scalar(1.0, label="a")
    y = brittle(a) * 2.0
    g = run(GraphWidget(y))
    with pytest.raises(KeyError, match="boom"):
        g["a"] = 5.0
    assert (a.value, y.value, g["a"], g.values, g.root_value) == (1.0, 2.0, 1.0, {"0": 1.0}, 2.0)
    g["a"] = 2.0
    assert (a.value, y.value, g.root_value, a.grad) == (2.0, 4.0, 4.0, 2.0)


def test_a_root_that_is_given_twice_is_one() -> None:
    a = Scalar(2.0, label="a")
    y = a * 3.0
    g = run(GraphWidget(y, y))
    assert (roots(g), a.grad) == ([2], 3.0)


def test_the_page_chooses_the_direction_unless_it_is_told() -> None:
    x = Scalar(1.0, label="x")
    assert GraphWidget(x.tanh()).rankdir == "auto"
    assert GraphWidget(x.tanh(), rankdir="LR").rankdir == "LR"


@pytest.mark.parametrize(
    "state",
    [
        {"values": {"0": "x" * 10_000_000}},
        {"values": {"x" * 10_000_000: 1.0}},
        {"values": "x" * 10_000_000},
        {"values": {"0": 10**5_000}},
        {"frozen": ["x" * 10_000_000]},
        {"passes": ["x" * 10_000_000]},
        {"stale": {"leaves": ["x" * 10_000_000]}},
        {"opened": [-1] * 100_000},
        {"selected": 10**5_000},
        {"selected": 1, "values": {"9": 1.0}},
        ["values"],
    ],
    ids=range(11),
)
def test_a_refused_message_is_one_short_sentence_in_the_log(state: Any, caplog: Any) -> None:
    w = Scalar(0.5, label="w")
    g = GraphWidget(w * 2.0)
    before = g.get_state()
    data = {"method": "update", "state": state, "buffer_paths": []}
    g._handle_msg({"content": {"data": data}, "buffers": []})
    (record,) = caplog.records
    assert record.getMessage().startswith("a message of the page was refused: ")
    assert len(record.getMessage()) < 400
    assert record.exc_info is None
    assert (w.value, g.selected, g.get_state()) == (0.5, None, before)


def test_the_sign_of_a_zero_comes_from_the_page_and_goes_there() -> None:
    w = Scalar(0.5, label="w")
    g = GraphWidget(1.0 / w)
    leaf = str(g._id("w"))
    g.set_state({"values": {leaf: "-0"}})
    assert str(w.value) == "-0.0"
    assert g.root_value == -inf
    assert g.values[leaf] == "-0"
    g.set_state({"values": {leaf: 0.0}})
    assert (str(w.value), g.root_value) == ("0.0", inf)
