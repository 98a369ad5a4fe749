"""The record that scalars and widgets share: which pass added what, what was carried over, what is frozen."""

from __future__ import annotations

import random
from math import inf, isnan, nan
from typing import Any

import pytest

from autograd_widget import Graph, GraphWidget, Scalar, Value
from autograd_widget.engine.observers import followers_of
from autograd_widget.graph.history import History
from autograd_widget.nn import Neuron
from autograd_widget.widget.widget import RECORDED


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


def added(g: GraphWidget, key: str = "w") -> list[tuple[str, float]]:
    return [(row.name, row.added[key]) for row in g.ledger]


def is_in_step(g: GraphWidget) -> bool:
    """Whether the scalars hold what the widget says, to the bit."""
    history = g._history
    return all(
        (node.grad, node.reached, node.value) == (history.grad(i), history.reached(i), g._graph.values[i])
        for i, node in enumerate(g._nodes)
    )


# -- calls in cells ------------------------------------------------------------------------------------------


def test_the_three_passes_of_the_seed(seed: Seed) -> None:
    for h in (seed.h1, seed.h2, seed.h3):
        h.backward()
    g = GraphWidget(seed.h3)
    assert added(g) == [("h1.backward()", 1.0), ("h2.backward()", 1.5), ("h3.backward()", 1.75)]
    assert added(g, "wh") == [("h1.backward()", 0.0), ("h2.backward()", 0.3), ("h3.backward()", 0.6)]
    assert (g.ledger.grads["w"], seed.w.grad, g.carried) == (4.25, 4.25, {})
    assert [row.root for row in g.ledger] == [seed.h1, seed.h2, seed.h3]
    assert g.ledger[0].reached == {"w"}
    g["wh"] = -2.0  # h1 = w, h2 = w + wh·w, h3 = w + wh·w + wh²·w
    assert [x for _, x in added(g)] == [1.0, -1.0, 3.0]
    assert seed.w.grad == 3.0


def test_calls_after_display_are_seen_at_once(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h2, seed.h3)
    seen: list[list[int]] = []
    g.observe(lambda change: seen.append(change["new"]), names="passes")
    first = list(g.passes)
    seed.h2.backward()
    assert g.passes == [*first, g._id("h2")]
    assert (added(g)[-1], g.grads["w"]) == (("h2.backward()", 1.5), 5.75)
    seed.h3.zero_grad()
    assert (g.passes, g.grads["w"], len(g.ledger)) == ([], 0.0, 0)
    seed.h3.backward()
    assert seen == [[*first, g._id("h2")], [], [g._id("h3")]]
    assert is_in_step(g)


def test_what_has_nothing_to_do_with_it_changes_nothing(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seen: list[Any] = []
    g.observe(seen.append)
    other = Scalar(2.0)
    y = other * other
    y.backward()
    y.zero_grad()
    assert seen == []


def test_showing_changes_no_gradient_that_is_there(seed: Seed) -> None:
    loss = (seed.h3 - 1.0) ** 2
    loss.backward()
    grads = [node.grad for node in (seed.w, seed.wh, seed.h3)]
    g = GraphWidget(seed.h3)
    assert [node.grad for node in (seed.w, seed.wh, seed.h3)] == grads
    assert (g.passes, added(g)) == ([], [("carried over", seed.w.grad)])


def test_a_gradient_from_elsewhere_does_not_stand_in_the_way(seed: Seed) -> None:
    (seed.w * 5.0).backward()
    g = GraphWidget(seed.h3)
    assert added(g) == [("carried over", 5.0), ("h3.backward()", 1.75)]
    assert seed.w.grad == 6.75
    told = GraphWidget(seed.h3, passes=[seed.h1, seed.h1])
    assert added(told) == [("carried over", 4.75), ("h1.backward()", 1.0), ("h1.backward()", 1.0)]
    assert (seed.w.grad, added(g)) == (6.75, added(told))


# -- what is carried over ------------------------------------------------------------------------------------


def test_a_gradient_set_by_hand(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.w.grad = 10.0
    g.refresh()
    assert (g.carried, g.grads["w"]) == ({"0": 8.25}, 10.0)
    assert added(g) == [("carried over", 8.25), ("h3.backward()", 1.75)]
    g["wh"] = 0.0
    assert (seed.w.grad, g.grads["w"], g.carried) == (9.25, 9.25, {"0": 8.25})
    g.backward("h1")
    assert (seed.w.grad, g.carried) == (10.25, {"0": 8.25})
    g.zero_grad()
    assert (seed.w.grad, seed.w.reached, g.carried) == (0.0, False, {})


def test_a_gradient_set_by_hand_is_noticed_by_the_next_change(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.w.grad = 10.0
    g["wh"] = 0.0
    assert (seed.w.grad, g.carried) == (9.25, {"0": 8.25})
    seed.w.grad = 1.5
    seed.h3.backward()
    assert (seed.w.grad, g.carried) == (2.5, {"0": 0.5})
    seed.w.grad = 7.0
    g.set_state({"passes": []})
    assert (seed.w.reached, g.carried) == (True, {"0": 0.5})


def test_a_gradient_set_by_hand_after_zero_grad(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    g.zero_grad()
    seed.wh.grad = 3.0
    g["w"] = 1.0
    assert (seed.wh.grad, g.carried) == (3.0, {"1": 3.0})
    g.zero_grad()
    seed.wh.grad = 3.0
    g.zero_grad()
    assert not seed.wh.reached


def test_another_seed_than_one(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.h3.backward(gradient=2.0)
    assert (g.passes, g.carried["0"], seed.w.grad) == ([g._id("h3")], 3.5, 5.25)
    g["wh"] = 0.0
    assert (seed.w.grad, seed.h3.grad) == (3.5 + 1.0, 3.0)


def test_a_root_outside_the_graph(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    y = seed.h3 * 4.0
    y.backward()
    assert (len(g.passes), g.carried["0"], g.grads["h3"]) == (1, 7.0, 5.0)
    y.zero_grad()
    assert (g.passes, g.carried) == ([], {})


def test_a_pass_at_other_values(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.wh.value = 0.0
    seed.h3.forward()
    seed.h3.backward()
    assert (seed.w.grad, g["wh"], g.grads["w"]) == (2.75, 0.0, 2.75)
    assert added(g) == [("carried over", 1.75), ("h3.backward()", 1.0)]


def test_a_loop_that_forgets_to_zero() -> None:
    a = Scalar(2.0, label="a")
    q = a * a
    for value in (2.0, 5.0):
        a.value = value
        q.forward()
        q.backward()
    g = GraphWidget(q)
    assert a.grad == 14.0
    assert added(g, "a") == [("carried over", 4.0), ("q.backward()", 10.0)]
    g["a"] = 1.0
    assert added(g, "a") == [("carried over", 4.0), ("q.backward()", 2.0)]
    assert is_in_step(g)


def test_a_pass_before_forward_is_still_a_pass(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.wh.value = 0.0
    seed.h3.backward()  # with values of before and after: what it gave is not what it will give
    assert g.passes == [g._id("h3")] * 2
    assert sum(amount for _, amount in added(g)) == seed.w.grad


def test_what_was_cleared_by_hand_stays_left_out_before_forward() -> None:
    w, x = Scalar(0.5, label="w"), Scalar(2.0, requires_grad=False)
    y = w * x
    y.backward()
    w.grad = 0.0
    w.value = 0.9
    y.backward()
    g = GraphWidget(y)
    assert added(g) == [("y.backward()", 2.0)]
    y.backward()
    assert added(g) == [("y.backward()", 2.0)] * 2


def test_nothing_says_that_no_pass_came_where_one_did() -> None:
    a = Scalar(2.0, label="a")
    q = a * 3.0
    q.backward(gradient=2.0)
    account = GraphWidget(q).explain("a")
    assert (account.grad, account.why) == (6.0, None)
    assert "No backward pass" not in str(account)


def test_a_part_that_was_zeroed(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h2, seed.h3)
    seed.h1.zero_grad()
    assert (seed.w.grad, seed.wh.grad) == (0.0, g.grads["wh"])
    assert added(g) == [("carried over", -3.25), ("h2.backward()", 1.5), ("h3.backward()", 1.75)]


def test_zeroing_as_micrograd_does_begins_anew(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    for _ in range(3):
        for p in (seed.w, seed.wh):
            p.grad = 0.0
        seed.h3.backward()
        assert (added(g), seed.w.grad) == ([("h3.backward()", 1.75)], 1.75)
    g["wh"] = 0.0
    assert (seed.w.grad, len(seed.h3._runs)) == (1.0, 1)
    for p in (seed.w, seed.wh):
        p.grad = 0.0
    g.refresh()
    assert (g.passes, g.grads["w"]) == ([], 0.0)


def test_rounding_is_not_carried_over() -> None:
    dice = random.Random(7)
    for _ in range(50):
        a, b = Scalar(dice.gauss(0, 1e3), label="a"), Scalar(dice.gauss(0, 1e-3), label="b")
        roots = [(a * b).tanh(), a * a * b, (a - b) / (a + b), a.exp().log() * b]
        g = GraphWidget(roots[0])
        g.carried = {str(g._id("a")): dice.gauss(0, 1)}
        carried = dict(g.carried)
        for _ in range(10):
            roots[0].backward()
            assert g.carried == carried
    y = Scalar(0.1) * 1.0
    g = GraphWidget(y, passes=[y] * 3)
    g.carried = {"0": 1e16}
    assert g.grads[y.prevs[0]] == y.prevs[0].grad
    y.backward()
    assert g.carried == {"0": 1e16}


def test_a_difference_that_is_more_than_rounding_is_carried_over() -> None:
    x = Scalar(1.0, label="x")
    g = GraphWidget(x * 1.0)
    x.grad += 1e-12
    g.refresh()
    assert g.carried == {"0": pytest.approx(1e-12, rel=1e-3)}


@pytest.mark.parametrize("by_hand", [nan, inf, -inf])
def test_not_a_finite_number(by_hand: float) -> None:
    x = Scalar(2.0, label="x")
    y = x * x
    g = GraphWidget(y)
    x.grad = by_hand
    g.refresh()
    assert g.carried == {"0": str(by_hand)}
    assert str(g.grads["x"]) == str(x.grad) == str(by_hand)
    g["x"] = 3.0
    assert str(x.grad) == str(by_hand)
    g.zero_grad()
    g.backward()
    assert (x.grad, g.carried) == (6.0, {})


def test_nan_in_the_middle_is_nothing_to_carry() -> None:
    x, z = Scalar(-1.0, label="x"), Scalar(2.0, label="z")
    y = x.log() * z
    y.backward()
    y.backward()
    g = GraphWidget(y)
    assert (len(g.passes), g.carried) == (2, {})
    assert isnan(z.grad)
    g["x"] = 1.0
    assert (x.grad, z.grad) == (4.0, 0.0)


# -- freezing ------------------------------------------------------------------------------------------------


def test_freezing_and_thawing(seed: Seed) -> None:
    g = GraphWidget(seed.h1, seed.h2, seed.h3)
    assert g.frozen == [2, 3, 4]
    g.freeze("w")
    assert (g.frozen, seed.w.requires_grad, seed.w.grad, seed.w.reached) == ([0, 2, 3, 4], False, 0.0, False)
    assert (seed.wh.grad, seed.h1.requires_grad, seed.h2.requires_grad) == (0.3 + 0.6, False, True)
    assert list(g.grads) == ["wh"]
    g["wh"] = 0.9
    assert seed.wh.grad == 0.3 + (0.3 + 0.9 * 0.3) + 0.9 * 0.3
    g.thaw("w", seed.x[0])
    assert (g.frozen, seed.w.requires_grad, seed.x[0].requires_grad) == ([3, 4], True, True)
    assert (seed.w.grad, seed.x[0].grad) == (5.609999999999999, 0.3 + 0.9 * 0.3 + 0.9 * 0.9 * 0.3)
    g.freeze("w", "wh", "x1")
    assert (seed.h3.requires_grad, seed.h3.reached, len(g.passes)) == (False, False, 3)
    g.thaw("wh")
    assert seed.wh.grad == 0.3 + (0.3 + 0.9 * 0.3) + 0.9 * 0.3


def test_freezing_by_hand_is_seen_by_refresh(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    seed.w.requires_grad = False
    assert g.frozen == [2, 3, 4]
    g.refresh()
    assert (g.frozen, seed.w.grad, g.carried) == ([0, 2, 3, 4], 0.0, {})


def test_only_leaves_freeze(seed: Seed) -> None:
    g = GraphWidget(seed.h3 * 2.0)
    with pytest.raises(KeyError, match="h2 is computed, and only a leaf can be frozen"):
        g.freeze("h2")
    with pytest.raises(KeyError, match="2 is a constant, and only a leaf can be thawed"):
        g.thaw(g._nodes[-2])
    with pytest.raises(KeyError, match="no node is labelled 'nope'"):
        g.freeze("w", "nope")
    assert (g.frozen, seed.w.requires_grad) == ([2, 3, 4], True)


# -- several widgets on the same scalars ---------------------------------------------------------------------


def test_widgets_on_the_same_scalars_move_together(seed: Seed) -> None:
    one, other = GraphWidget(seed.h3), GraphWidget(seed.h1, seed.h2, seed.h3)
    assert [one.passes, other.passes] == [[one._id("h3")], [other._id("h3")]]
    other.backward("h1")
    assert [len(one.passes), len(other.passes), one.carried, other.carried] == [2, 2, {}, {}]
    one["wh"] = -2.0
    assert (other["wh"], other.grads["w"], seed.w.grad) == (-2.0, 4.0, 4.0)
    other.freeze("wh")
    assert one.frozen == [1, 2, 3, 4]
    one.zero_grad()
    assert (other.passes, other.grads["w"]) == ([], 0.0)
    assert is_in_step(one)
    assert is_in_step(other)


@pytest.mark.parametrize("smaller_moves", [True, False])
def test_a_widget_on_a_part_of_the_other_s_graph(seed: Seed, smaller_moves: bool) -> None:
    loss = (seed.h3 - 1.0) ** 2
    part = GraphWidget(seed.h3)
    whole = GraphWidget(loss)
    whole.backward()
    assert (part.carried["0"], whole.carried) == (pytest.approx(-0.95 * 1.75), {})
    mover = part if smaller_moves else whole
    mover["wh"] = 0.0
    assert (loss.value, whole.root_value) == (0.48999999999999994, 0.48999999999999994)
    assert (seed.w.grad, whole.carried) == (1.0 - 1.4, {})
    assert part.grads["w"] == whole.grads["w"] == seed.w.grad
    assert part.carried["0"] == pytest.approx(-1.4)
    part.zero_grad()
    assert (whole.passes, whole.grads["w"]) == ([], 0.0)


def test_widgets_that_share_only_a_leaf(seed: Seed) -> None:
    y = seed.w * 5.0
    one = GraphWidget(seed.h3)
    y.backward()
    other = GraphWidget(y)
    assert (len(other.passes), other.carried, one.carried) == (1, {"0": 1.75}, {"0": 5.0})
    one["wh"] = 0.0
    assert (seed.w.grad, one.carried, other.carried) == (6.0, {"0": 5.0}, {"0": 1.0})
    other["w"] = 2.0
    assert (seed.h3.value, one.root_value, y.value) == (2.0, 2.0, 10.0)


def test_a_closed_widget_follows_nobody(seed: Seed) -> None:
    g = GraphWidget(seed.h3)
    g.close()
    assert followers_of([seed.w, seed.wh]) == []
    seed.h3.backward()
    assert len(g.passes) == 1


def test_nothing_echoes(seed: Seed) -> None:
    g, other = GraphWidget(seed.h3), GraphWidget(seed.h3)
    sent: list[tuple[str, str]] = []
    for name, widget in (("g", g), ("other", other)):
        widget.observe(lambda change, name=name: sent.append((name, change["name"])), names=RECORDED)
    g.set_state({"values": {"1": 0.9}})
    assert sorted(sent) == [("g", "values"), ("other", "values")]
    sent.clear()
    g.set_state({"passes": []})
    assert sorted(sent) == [("g", "passes"), ("other", "passes")]


def test_an_observer_may_move_another_leaf(seed: Seed) -> None:
    g, other = GraphWidget(seed.h3), GraphWidget(seed.h3)
    g.observe(lambda change: g.__setitem__("w", change["new"]["1"]), names="values")
    other["wh"] = 0.25
    assert (seed.w.value, g["w"], other["w"], seed.h3.value) == (0.25, 0.25, 0.25, 0.25 + 0.25 * 0.3125)


# -- the history by itself -----------------------------------------------------------------------------------


def test_a_new_pass_alone_is_run_and_not_all_again(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> None:
    seed.h1.backward()
    history = History(Graph.of(seed.h3))
    history.read()
    seed.h3.backward()
    monkeypatch.setattr(Graph, "replay", lambda *_: pytest.fail("everything was replayed"))
    history.read()
    assert [history.nodes[i] for i in history.passes] == [seed.h1, seed.h3]
    assert (history.grad(0), history.carried) == (2.75, {})


def test_passes_that_are_kept_keep_their_numbers(seed: Seed) -> None:
    y = seed.h3 * 2.0
    one, other = GraphWidget(seed.h3), GraphWidget(y, passes=[seed.h3, y])
    one.backward("h1")
    assert [other._name(i) for i in other.passes] == ["h3", "y", "h1"]


# -- what the ledger says ------------------------------------------------------------------------------------

TEXT = """\
                   w     wh
carried over       –  +0.10
h1.backward()  +1.00      –
h3.backward()  +1.75  +0.60
───────────────────────────
.grad           2.75   0.70"""

MARKDOWN = """\
|  | w | wh |
| :-- | --: | --: |
| carried over | – | +0.10 |
| h1.backward() | +1.00 | – |
| h3.backward() | +1.75 | +0.60 |
| **.grad** | **2.75** | **0.70** |"""


def test_the_ledger_as_text_and_as_markdown(seed: Seed) -> None:
    g = GraphWidget(seed.h3, passes=[seed.h1, seed.h3])
    g.carried = {"1": 0.1}
    assert str(g.ledger) == repr(g.ledger) == TEXT
    assert g.ledger._repr_markdown_() == MARKDOWN
    assert [row.name for row in g.ledger[1:]] == ["h1.backward()", "h3.backward()"]
    g.language = "zh"
    assert [row.name for row in g.ledger][:2] == ["之前留下的", "h1.backward()"]
    g.zero_grad()
    assert str(g.ledger) == "还没有运行过反向传播。"
    g.language = ""
    assert str(g.ledger) == "No backward pass has run yet."


def test_a_long_ledger_is_cut_and_still_adds_up() -> None:
    leaves = [Scalar(1.0, label=f"p{i}") for i in range(12)]
    y: Any = sum(leaves)
    g = GraphWidget(y, passes=[y] * 50)
    lines = str(g.ledger).splitlines()
    assert lines[0].split() == [*[f"p{i}" for i in range(8)], "…"]
    assert lines[1].split() == ["31", "passes", "before", *["+31.00"] * 8, "…"]
    assert len(lines) == 1 + 20 + 2
    assert len(g.ledger) == 50


def test_labels_that_are_there_twice() -> None:
    a, b = Scalar(1.0, label="w"), Scalar(2.0, label="w")
    g = GraphWidget(a * b)
    assert g.ledger[0].added == {a: 2.0, b: 1.0}
    assert str(g.ledger).splitlines()[0].split() == ["w", "w"]


def test_a_model_that_is_zeroed_keeps_the_gradients_of_its_inputs() -> None:
    x = [Value(1.0, label="x0"), Value(-2.0, label="x1")]
    model = Neuron(2, nonlin=False)
    y = model(x)
    y.label = "y"
    g = GraphWidget(y)
    model.zero_grad()
    y.backward()
    assert [each.name for each in g.explain("w[0]").ledger or ()] == ["y.backward()"]
    before = x[0].grad
    g["x0"] = 10.0
    assert (model.w[0].grad, g.grads["w[0]"]) == (10.0, 10.0)
    assert x[0].grad == before == 2.0 * model.w[0].value


def test_a_model_that_was_just_zeroed_has_no_gradients_when_an_input_moves() -> None:
    x = [Value(1.0, label="x0"), Value(-2.0, label="x1")]
    model = Neuron(2, nonlin=False)
    y = model(x)
    g = GraphWidget(y)
    model.zero_grad()
    g["x0"] = 10.0
    assert [p.grad for p in model.parameters()] == [0.0, 0.0, 0.0]
    assert g.passes == []


def test_one_gradient_that_was_set_by_hand_drops_no_pass() -> None:
    a, b = Scalar(2.0, label="a"), Scalar(3.0, label="b")
    y = a * b
    y.backward()
    a.grad = 0.0
    y.backward()
    g = GraphWidget(y)
    g["a"] = 5.0
    assert (g.passes, b.grad) == ([2, 2], 10.0)
