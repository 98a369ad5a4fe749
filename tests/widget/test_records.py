"""Records of a widget: it reads them off the scalars, and changes nothing until somebody acts."""

from __future__ import annotations

import contextlib
import gc
import json
import math
import weakref
from typing import Any

import pytest
import traitlets
from hypothesis import given, settings
from hypothesis import strategies as st
from ipywidgets import Tab

from autograd_widget import GraphWidget, Scalar, Value
from autograd_widget.engine.backward import upstream
from autograd_widget.engine.pass_log import entries_of
from autograd_widget.nn import Neuron


class Seed:
    """Back-propagation through time: w is used three times."""

    def __init__(self) -> None:
        self.w, self.wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
        self.x = [Scalar(1.0, label=f"x{i}", requires_grad=False) for i in (1, 2, 3)]
        self.h1 = self.w * self.x[0]
        self.h2 = self.w * self.x[1] + self.wh * self.h1
        self.h3 = self.w * self.x[2] + self.wh * self.h2
        for i, h in enumerate((self.h1, self.h2, self.h3), 1):
            h.label = f"h{i}"


@pytest.fixture
def seed() -> Seed:
    return Seed()


def roots(g: GraphWidget) -> list[str]:
    """The names of the nodes that the live passes began at."""
    return [g._name(one["root"]) for one in g.passes if one.get("live", "added" not in one)]


def is_in_step(g: GraphWidget) -> bool:
    """Test whether the scalars and the widget have the same numbers, to the bit."""
    history = g._history
    return all(
        (node.grad, node.reached, node.value) == (history.grad(i), history.reached(i), g._graph.values[i])
        for i, node in enumerate(g._nodes)
    )


# -- 8: looking changes nothing ------------------------------------------------------------------------------


def test_the_cell_may_run_many_times() -> None:
    w = Value(0.5)
    shown = [GraphWidget(w * w) for _ in range(10)]
    assert (w.grad, w.reached, [g.grads["w"] for g in shown]) == (0.0, False, [1.0] * 10)


def state_of(nodes: list[Scalar]) -> list[Any]:
    """All that passes know of scalars, to the bit."""
    return [
        (
            node._value.hex(),
            node._number,
            [(id(one), one.number, one.ran, amount.hex(), at.hex()) for one, amount, at in entries_of(node)],
            (node._extras.set_at, node._extras.fresh_at) if node._extras else (0, 0),
        )
        for node in nodes
    ]


LOOKS: list[Any] = [
    lambda roots, _: GraphWidget(*roots),
    lambda roots, _: GraphWidget(roots[0], passes=[], read_only=True),
    lambda roots, _: GraphWidget(roots[-1], passes=[roots[-1]] * 2),
    lambda _, g: g._repr_mimebundle_(),
    lambda _, g: repr(g),
    lambda _, g: (g.explain(g._nodes[0]), str(g.explain(g._nodes[-1]))),
    lambda _, g: str(g.ledger),
    lambda _, g: str(g.paths(g._nodes[0])),
    lambda _, g: dict(g.grads),
    lambda _, g: [g.to_json(), g.to_html(), g.to_pytorch(), g.to_micrograd(), g.to_dot()],
    lambda _, g: GraphWidget.from_json(g.to_json()),
    lambda _, g: g.slider(g._nodes[0]) if g._graph.ops[0] == "leaf" else None,
    lambda _, g: Tab([g, GraphWidget(*g._roots)]).close(),
    lambda _, g: g.get_state(),
    lambda _, g: g.set_state({"_view_count": 2, "selected": 0}),
    lambda _, g: g._take_message(g, {"seen": True}, []),
    lambda _, g: g._take_message(g, {"seen": False}, []),
    lambda _, g: setattr(g, "language", "zh"),
    lambda _, g: [g.values, g.passes, g.frozen, g.stale, g.root_value, g.is_preview],
]

CALLS: list[Any] = [
    lambda nodes, i: nodes[-1].backward(),
    lambda nodes, i: nodes[i % len(nodes)].backward(gradient=0.5),
    lambda nodes, i: nodes[-1].forward(),
    lambda nodes, i: nodes[-1].zero_grad(),
    lambda nodes, i: setattr(nodes[i % 3], "value", i / 7.0),
    lambda nodes, i: setattr(nodes[i % len(nodes)], "grad", i / 3.0),
    lambda nodes, i: setattr(nodes[i % 3], "grad", 0.0),
    lambda nodes, i: setattr(nodes[i % 3], "requires_grad", bool(i % 2)),
    lambda nodes, i: nodes.append(nodes[i % len(nodes)] * nodes[-1] + nodes[i % 3]),
    lambda nodes, i: nodes.append((nodes[i % len(nodes)] - nodes[0]).tanh()),
]


@settings(max_examples=60)
@given(st.data())
def test_looking_changes_nothing(data: Any) -> None:
    nodes = [Scalar(0.5, label="a"), Scalar(-1.25), Scalar(2.0, label="x", requires_grad=False)]
    nodes.append(nodes[0] * nodes[1] + nodes[2])
    shown: list[GraphWidget] = []
    for _ in range(data.draw(st.integers(1, 12))):
        if data.draw(st.booleans()):
            with contextlib.suppress(RuntimeError):  # of what is stale
                data.draw(st.sampled_from(CALLS))(nodes, data.draw(st.integers(0, 20)))
        before = state_of(upstream(*nodes))
        picked = [nodes[-1], data.draw(st.sampled_from(nodes))]
        if not shown:
            shown.append(GraphWidget(*picked))
        widget = data.draw(st.sampled_from(shown))
        made = data.draw(st.sampled_from(LOOKS))(picked, widget)
        if isinstance(made, GraphWidget) and made._nodes[0] in nodes:
            shown.append(made)
        assert state_of(upstream(*nodes)) == before
    for widget in shown:
        widget.close()


# -- 9: preview ----------------------------------------------------------------------------------------------


def test_a_preview_is_what_one_pass_from_each_root_would_give(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h2, seed.h3)
    assert (g.is_preview, g.passes, g.grads["w"], seed.w.grad) == (True, [], 4.25, 0.0)
    assert repr(g.grads) == f"{{'w': 4.25, 'wh': {g.grads['wh']}}} (preview)"
    g["wh"] = -2.0
    assert (g.grads["w"], seed.w.grad, seed.h3.value, g.is_preview) == (3.0, 0.0, seed.h3.value, True)
    for h in (seed.h1, seed.h2, seed.h3):
        h.backward()
    assert (g.is_preview, g.grads["w"], seed.w.grad, len(g.passes)) == (False, 3.0, 3.0, 3)
    assert is_in_step(g)


def test_a_widget_over_a_part_does_not_decide_what_another_one_shows() -> None:
    u = Value(0.5)
    h = u * 2
    loss = (h - 3) ** 2
    part, g = GraphWidget(h), GraphWidget(loss)
    assert (g.grads[u], part.grads[u], u.grad) == (-8.0, 2.0, 0.0)
    loss.backward()
    assert (u.grad, g.grads[u], part.grads[u]) == (-8.0, -8.0, -8.0)
    assert (roots(g), part.passes) == (
        ["loss"],
        [{"root": None, "name": "loss", "added": {"0": -8.0}, "at": {"0": 0.5}}],
    )


def test_what_is_set_by_hand_is_no_pass() -> None:
    w = Value(2.0)
    y = w * w
    w.grad = 3.0
    g = GraphWidget(y)
    assert (g.is_preview, g.grads["w"]) == (True, 7.0)
    assert g.passes == [{"root": None, "added": {"0": 3.0}, "hand": True}]


def test_a_model_zeroed_in_micrograds_manner_is_a_preview_again() -> None:
    model = Neuron(2, nonlin=False)
    y = model([1.0, -2.0])
    g = GraphWidget(y)
    y.backward()
    for p in model.parameters():
        p.grad = 0.0
    assert (g.is_preview, g.passes) == (True, [])
    y.backward()
    assert (g.is_preview, len(g.passes), model.b.grad) == (False, 1, 1.0)


# -- 10: records ---------------------------------------------------------------------------------------------


def test_a_drag_runs_again_what_was_run_at_the_values_there_are() -> None:
    w = Value(1.0)
    y = w * w
    w.grad = 2.0
    y.backward()
    w.data = 3.0
    y.forward()
    y.backward()
    g = GraphWidget(y)
    assert g.passes == [
        {"root": None, "added": {"0": 2.0}, "hand": True},
        {"root": 1, "added": {"0": 2.0}, "at": {"0": 1.0}},
        {"root": 1},
    ]
    before = g.passes[:2]
    g["w"] = 5.0
    assert (w.grad, g.passes, y.grad) == (2.0 + 2.0 + 10.0, [*before, {"root": 1}], 2.0)
    assert is_in_step(g)
    g["w"] = 3.0
    assert (w.grad, g.passes) == (2.0 + 2.0 + 6.0, [*before, {"root": 1}])


def test_what_was_cleared_by_hand_stays_cleared_under_a_drag() -> None:
    a, b = Value(2.0), Value(3.0)
    y = a * b
    y.backward()
    a.grad = 0.0
    y.backward()
    g = GraphWidget(y)
    assert g.passes == [{"root": 2, "cleared": [0]}, {"root": 2}]
    g["a"] = 5.0
    assert (a.grad, b.grad, y.grad) == (3.0, 10.0, 2.0)
    assert is_in_step(g)


def test_another_gradient_than_one_is_run_again_too(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.h3.backward(gradient=2.0)
    assert (g.passes, seed.w.grad) == ([{"root": g._id("h3"), "gradient": 2.0}], 3.5)
    g["wh"] = 0.0
    assert (seed.w.grad, seed.h3.grad, is_in_step(g)) == (2.0, 2.0, True)


def test_a_pass_from_elsewhere_stays_unless_somebody_shows_its_root(seed: Seed) -> None:
    loss = (seed.h3 - 1.0) ** 2
    loss.backward()
    part = GraphWidget(seed.h3)
    part["wh"] = 0.0
    assert [seed.w.grad, loss.value] == pytest.approx([-0.95 * 1.75, 0.475**2])
    part["wh"] = 0.5
    whole = GraphWidget(loss)
    loss.forward()
    loss.zero_grad()
    loss.backward()
    part["wh"] = 0.0
    assert [loss.value, seed.w.grad] == pytest.approx([0.49, -1.4])
    assert (whole.root_value, whole.grads["w"], part.grads["w"]) == (loss.value, seed.w.grad, seed.w.grad)
    part.zero_grad()
    assert (whole.passes, seed.w.grad) == ([], 0.0)


def test_undo_is_writing_an_earlier_state() -> None:
    w, b = Value(1.0), Value(0.25)
    y = (w * w + b).tanh()
    w.grad = 0.1
    y.backward()
    w.data = 0.75
    y.forward()
    y.backward(gradient=0.3)
    g = GraphWidget(y)
    g.backward()
    names = ("values", "passes", "frozen")
    states = [{name: getattr(g, name) for name in names}]
    nodes = upstream(y)
    held = [[(node.value, node.grad) for node in nodes]]
    acts: list[Any] = [
        lambda: g.__setitem__("w", 0.1),
        lambda: g.freeze("b"),
        g.zero_grad,
        g.backward,
        lambda: g.unfreeze("b"),
        lambda: g.__setitem__("b", -0.5),
    ]
    for act in acts:
        act()
        states.append({name: getattr(g, name) for name in names})
        held.append([(node.value, node.grad) for node in nodes])
    for i in [*range(len(states) - 2, -1, -1), *range(1, len(states)), 0]:
        g.set_state(json.loads(json.dumps(states[i])))
        assert [(node.value, node.grad) for node in nodes] == held[i]
        assert {name: getattr(g, name) for name in names} == states[i]


def test_a_pass_that_comes_back_is_not_one_that_is_run() -> None:
    """Undo also restores gradients that no record has: those set by hand on the way to the result."""
    w, b = Value(1.0), Value(0.25)
    square = w * w
    y = square + b
    square.grad = 0.7
    y.backward()
    g = GraphWidget(y)
    ran = g.passes

    def back_to(passes: list[Any]) -> float:
        g._handle_custom_msg({"restores": True}, [])
        g.set_state({"passes": passes})
        return square.grad

    def do(passes: list[Any]) -> float:
        g.set_state({"passes": passes})
        return square.grad

    first = [node.grad for node in upstream(y)]
    assert [do([]), do(ran), do([]), do(ran)] == [0.0, 1.0, 0.0, 1.0]
    assert [back_to([]), back_to(ran), back_to([]), back_to(ran)] == [0.0, 1.0, 0.0, 1.7]
    assert [node.grad for node in upstream(y)] == first
    assert [do([]), do(ran), back_to([]), back_to(ran)] == [0.0, 1.0, 0.0, 1.7], "again, and back again"


def test_an_answer_is_what_was_sent(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    sent: list[Any] = []
    g.observe(
        lambda change: sent.append((change["name"], change["new"])), names=["values", "passes", "stale"]
    )
    g.set_state({"passes": [{"root": 11}]})
    g.set_state({"values": {**g.values, "1": 0.25}, "passes": [{"root": 11}]})
    assert [name for name, _ in sent] == ["passes", "values"]


def test_two_widgets_show_the_same(seed: Seed) -> None:
    one, other = GraphWidget(seed.h3), GraphWidget(seed.h1, seed.h2, seed.h3)
    other.backward("h1")
    assert (roots(one), roots(other)) == (["h1"], ["h1"])
    one["wh"] = -2.0
    assert (other["wh"], seed.w.grad) == (-2.0, 1.0)
    other.freeze("wh")
    assert one.frozen == [1, 2, 3, 4]
    one.zero_grad()
    assert (other.passes, other.is_preview) == ([], True)


def test_freezing_and_unfreezing(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h2, seed.h3)
    for h in (seed.h1, seed.h2, seed.h3):
        h.backward()
    g.freeze("w")
    assert (g.frozen, seed.w.requires_grad, seed.w.grad, seed.w.reached) == ([0, 2, 3, 4], False, 0.0, False)
    assert (seed.wh.grad, seed.h1.requires_grad, seed.h2.requires_grad) == (0.3 + 0.6, False, True)
    g["wh"] = 0.9
    assert seed.wh.grad == 0.3 + (0.3 + 0.9 * 0.3) + 0.9 * 0.3
    g.unfreeze("w", seed.x[0])
    assert (g.frozen, seed.w.requires_grad, seed.x[0].requires_grad) == ([3, 4], True, True)
    assert (seed.w.grad, seed.x[0].grad) == (5.609999999999999, 0.3 + 0.9 * 0.3 + 0.9 * 0.9 * 0.3)
    g.freeze("w", "wh", "x1")
    assert (seed.h3.requires_grad, seed.h3.reached) == (False, False)


def test_a_pass_that_comes_nowhere_while_all_is_frozen_goes_on_in_a_document(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    g.backward()
    g.freeze("w", "wh")
    again = GraphWidget.from_json(g.to_json())
    assert (again.passes, dict(again.grads)) == (g.passes, {})
    again.unfreeze("w", "wh")
    assert dict(again.grads) == {"w": 1.75, "wh": 0.6}


def test_only_leaves_freeze(seed: Seed) -> None:
    g = GraphWidget(seed.h3 * 2.0)
    with pytest.raises(KeyError, match="h2 is computed, and only a leaf can be frozen"):
        g.freeze("h2")
    with pytest.raises(KeyError, match="2 is a constant, and only a leaf can be unfrozen"):
        g.unfreeze(g._nodes[-2])
    with pytest.raises(KeyError, match="no node is labelled 'nope'"):
        g.freeze("w", "nope")
    assert (g.frozen, seed.w.requires_grad) == ([2, 3, 4], True)


@pytest.mark.parametrize("by_hand", [math.nan, math.inf, -math.inf])
def test_numbers_beyond_numbers_by_hand(by_hand: float) -> None:
    x = Scalar(2.0, label="x")
    y = x * x
    y.backward()
    x.grad = by_hand
    g = GraphWidget(y)
    assert g.passes == [{"root": None, "added": {"0": str(by_hand)}, "hand": True}]
    g["x"] = 3.0
    assert str(x.grad) == str(by_hand)
    g.zero_grad()
    g.backward()
    assert x.grad == 6.0


def test_nan_in_the_middle_is_no_reason_not_to_run_again() -> None:
    x, z = Scalar(-1.0, label="x"), Scalar(2.0, label="z")
    y = x.log() * z
    y.backward()
    y.backward()
    g = GraphWidget(y)
    assert (roots(g), math.isnan(z.grad)) == (["y", "y"], True)
    g["x"] = 1.0
    assert (x.grad, z.grad) == (4.0, 0.0)


def test_old_documents_are_read(seed: Seed) -> None:
    document = GraphWidget(seed.h3).to_dict()
    g = GraphWidget.from_json({**document, "passes": [11, 5], "carried": {"0": 2.0, "11": 1.0}})
    assert g.passes == [{"root": None, "added": {"0": 2.0}, "hand": True}, {"root": 11}, {"root": 5}]
    assert g._nodes[0].grad == 2.0 + 1.75 + 1.0
    again = GraphWidget.from_json(g.to_json())
    assert (again.passes, again._nodes[0].grad) == (g.passes, g._nodes[0].grad)


# -- 11: stale -----------------------------------------------------------------------------------------------


def test_a_widget_over_stale_results_says_so_and_writes_nothing() -> None:
    w = Value(0.3, label="w")
    loss = (w * 2.0 - 1.0) ** 2
    g = GraphWidget(loss)
    held = loss.value
    w.data = 0.8
    assert g.stale == {"leaves": [0], "values": {str(g._id(loss)): held}}
    assert g.root_value == pytest.approx(0.36)
    assert (g["w"], loss.value, g.values["0"]) == (0.8, held, 0.8)
    assert GraphWidget(loss).stale == g.stale
    with pytest.raises(RuntimeError, match="w was set after loss was computed"):
        loss.backward()


@pytest.mark.parametrize(
    "act",
    [
        lambda g: g.refresh(),
        lambda g: g.backward(),
        lambda g: g.__setitem__("w", 0.8),
        lambda g: g.set_state({"stale": {}}),
        lambda g: g.set_state({"stale": {}, "passes": [*g.passes, {"root": 6}]}),
        lambda g: g.freeze("w"),
    ],
)
def test_any_act_brings_python_along(act: Any) -> None:
    w = Value(0.3, label="w")
    loss = (w * 2.0 - 1.0) ** 2
    loss.backward()
    g = GraphWidget(loss)
    w.data = 0.8
    assert g.passes == [{"root": 6, "added": {"0": pytest.approx(-1.6)}, "at": {"0": 0.3}}]
    act(g)
    ran = g.passes[1:] == [{"root": 6}]
    assert g.stale == {}
    assert [loss.value, loss.grad, w.grad] == pytest.approx([0.36, 2.0, 0.8] if ran else [0.36, 1.0, -1.6])


def test_a_page_can_only_empty_what_is_stale(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    with pytest.raises(traitlets.TraitError, match="can only be emptied"):
        g.set_state({"stale": {"leaves": [0]}})


def test_records_go_back_to_the_page_as_they_came() -> None:
    w = Scalar(1.0, label="w")
    g = GraphWidget(w * w)
    sent = [{"root": 1, "gradient": 2.0, "added": {"0": 4.0}, "at": {"0": 1.0}}, {"root": 1}]
    g.set_state({"values": {"0": 0.5}, "passes": sent})
    assert json.dumps(g.passes) == json.dumps(sent), "else the page takes them for somebody else's"


def test_a_settled_pass_adds_to_computed_nodes_where_gradients_are_nan() -> None:
    w = Scalar(1.0, label="w")
    h = (w - w) / (w - w)
    y = h * 2.0
    g = GraphWidget(y)
    passes = [{"root": 5, "added": {"0": "nan"}, "at": {"0": 1.0}}, {"root": 5}]
    g.set_state({"values": {"0": 2.0}, "passes": passes})
    assert (y.grad, h.grad) == (2.0, 4.0)


def test_a_pass_that_reached_nothing_does_not_come_back_once_it_is_gone(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h3)
    seed.w.requires_grad = False
    g.backward("h1")
    (known,) = g.passes
    g.set_state({"passes": [{"root": g._id("h3")}]})
    g.unfreeze("w")
    assert known["root"] == g._id("h1")
    assert [roots(g), seed.h1.grad] == [["h3"], seed.wh.value**2]


def test_a_pass_that_settles_keeps_what_it_added_to_computed_nodes() -> None:
    w, x = Scalar(1.0, label="w"), Scalar(3.0, label="x", requires_grad=False)
    h = w - w
    y = h * x
    g = GraphWidget(y)
    settled = {"root": 3, "added": {"0": 0.0}, "at": {"0": 1.0}}
    for value, passes in ((3.0, [settled, {"root": 3}]), (5.0, []), (5.0, [settled, {"root": 3}])):
        g.set_state({"values": {"1": value}})
        g.set_state({"passes": passes})
    assert h.grad == 5.0 + 5.0, "and not what an equal record of earlier added"


# -- many widgets cost little --------------------------------------------------------------------------------


def reads(monkeypatch: pytest.MonkeyPatch) -> list[GraphWidget]:
    """The widgets that were brought up to date since."""
    found: list[GraphWidget] = []
    take_over = GraphWidget._take_over

    def noted(self: GraphWidget) -> None:
        found.append(self)
        take_over(self)

    monkeypatch.setattr(GraphWidget, "_take_over", noted)
    return found


def test_what_nobody_sees_is_read_when_it_is_asked_or_seen(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    g, other = GraphWidget(seed.h3), GraphWidget(seed.h3)
    found = reads(monkeypatch)
    for _ in range(100):
        seed.h3.backward()
    assert found == []
    assert seed.w._extras is not None
    assert seed.w._extras.observers == (), "a widget that was told is not told again"
    assert len(g.passes) == 51
    assert found == [g]
    other.set_state({"_view_count": 1})
    assert found == [g, other]
    seed.h3.zero_grad()
    assert found == [g, other, other], "this one is seen"
    assert g.is_preview


def test_views_that_tell_whether_they_are_in_sight_decide(
    seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    g = GraphWidget(seed.h3)
    found = reads(monkeypatch)
    g.set_state({"_view_count": 1})
    for message in ({"seen": True}, {"seen": False}, {"seen": False}, {"seen": 3}, "seen", None):
        g._handle_custom_msg(message, [])
    seed.h3.backward()
    assert found == []
    g._handle_custom_msg({"seen": True}, [])
    assert found == [g]


def test_a_closed_widget_can_be_freed_and_acts_no_more(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    g.close()
    acts: dict[str, Any] = {"backward": [], "zero_grad": [], "refresh": [], "freeze": ["w"]}
    for name, arguments in {**acts, "__setitem__": ["w", 1.0]}.items():
        with pytest.raises(RuntimeError, match="this widget was closed"):
            getattr(g, name)(*arguments)
    seed.h3.backward()
    assert (seed.w.grad, g.passes) == (1.75, [])
    gone = weakref.ref(g)
    del g
    gc.collect()
    assert gone() is None


def test_a_closed_widget_frees_its_graph_and_leaves_what_others_refer_to() -> None:
    w = Value(0.5, label="w")

    def cell() -> weakref.ref[Any]:
        loss = (w * w).tanh()
        g = GraphWidget(loss)
        g["w"] = 0.25
        g.slider("w").value = 0.75
        g.close()
        return weakref.ref(loss)

    gone = [cell() for _ in range(5)]
    gc.collect()
    assert [loss() for loss in gone] == [None] * 5
    assert w.value == 0.75


# -- bad moves get one sentence ------------------------------------------------------------------------------


def test_values_can_be_read_and_not_written_one_by_one(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    for change in (
        lambda: g.values.__setitem__("0", 3.0),
        lambda: g.values.update({"0": 3.0}),
        lambda: g.values.pop("0"),
        lambda: g.values.setdefault("9", 1.0),
    ):
        with pytest.raises(TypeError, match=r'move a leaf with g\["w"\] = 3.0'):
            change()
    g.values = {"0": 3.0}
    assert (seed.w.value, seed.h3.value) == (3.0, 5.25)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("direction", "rankdir"),
        ("lang", "language"),
        ("readonly", "read_only"),
        ("ranges", "sliders"),
        ("name", "names"),
    ],
)
def test_arguments_that_are_called_otherwise_elsewhere(seed: Seed, given: str, meant: str) -> None:
    with pytest.raises(TypeError, match=f"no argument '{given}': did you mean '{meant}'"):
        GraphWidget(seed.h3, **{given: 1})  # type: ignore[arg-type] # which is what it is about


def test_a_list_of_roots_is_taken_as_roots(seed: Seed) -> None:
    g = GraphWidget([seed.h1, seed.h3])
    assert g.graph["outputs"] == [g._id("h1"), g._id("h3")]
    assert g.graph["label"]["0"] == "w"
