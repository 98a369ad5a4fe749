"""The page contract: what is on the cards and the edges, and that the numbers are the ones Python has."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.examples import (
    Numbers,
    assert_same,
    computed,
    document_of,
    every_op,
    mlp,
    neuron,
    node,
    seed,
    show_widget,
    shown,
)
from browser.harness import messages, receive, show
from view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from autograd_widget import GraphWidget

EXAMPLES = [seed, neuron, mlp]


def python_has(widget: GraphWidget) -> Numbers:
    return computed(widget.graph, widget.values, widget.passes)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_node_and_edge_is_there_once(page: Page, example: Callable[[], GraphWidget]) -> None:
    widget = example()
    view = show_widget(page, widget)
    document = widget.graph
    ids = view.root.locator("[data-node]").evaluate_all("all => all.map(one => Number(one.dataset.node))")
    assert sorted(ids) == list(range(len(document["op"])))
    edges = view.root.locator("[data-edge]").evaluate_all("all => all.map(one => one.dataset.edge)")
    assert sorted(edges) == sorted(
        f"{i}:{slot}" for i, inputs in enumerate(document["inputs"]) for slot in range(len(inputs))
    )


def test_the_kind_of_a_node_is_said(page: Page) -> None:
    widget = mlp()
    view = show_widget(page, widget)
    frozen = widget.graph["frozen"]
    for i, op in enumerate(widget.graph["op"]):
        kind = {"const": "constant", "leaf": "input" if i in frozen else "parameter"}.get(op, "operation")
        expect(view.node(i)).to_have_attribute("data-kind", kind)


@pytest.mark.parametrize("example", EXAMPLES)
def test_leaves_and_only_leaves_have_controls_and_a_total(
    page: Page, example: Callable[[], GraphWidget]
) -> None:
    widget = example()
    view = show_widget(page, widget)
    for i, op in enumerate(widget.graph["op"]):
        count = 1 if op == "leaf" else 0
        for control in (view.slider(i), view.box(i), view.node(i).locator("[data-grad]")):
            expect(control).to_have_count(count)
        for number in ("[data-value]", "[data-pass-grad]"):
            expect(view.node(i).locator(number)).to_have_count(1)


@pytest.mark.parametrize("width", [700, 960, 1400])
@pytest.mark.parametrize("example", EXAMPLES)
def test_titles_hold_the_full_numbers(page: Page, example: Callable[[], GraphWidget], width: int) -> None:
    widget = example()
    assert_same(shown(show_widget(page, widget, width=width)), python_has(widget))


def test_every_op_computes_what_python_computes(page: Page) -> None:
    document = every_op()
    show(page, document, opened=[0, 1, 2])
    assert_same(shown(View(page)), computed(document, {}, document["outputs"]))


def test_the_seed_after_three_passes(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w, wh, h1, h2, h3 = (node(widget, name) for name in ("w", "wh", "h1", "h2", "h3"))
    assert [view.value(i) for i in (h2, h3)] == pytest.approx([0.45, 0.525])
    assert [view.pass_grad(i) for i in (w, wh, h1, h2, h3)] == pytest.approx([1.75, 0.6, 0.25, 0.5, 1])
    assert [view.grad(i) for i in (w, wh)] == pytest.approx([4.25, 0.9])
    sent = shown(view).edges
    towards: dict[int, list[float]] = {w: [], wh: [], h1: [], h2: []}
    for i, inputs in enumerate(widget.graph["inputs"]):
        for slot, operand in enumerate(inputs):
            if operand in towards:
                number = sent[f"{i}:{slot}"]
                assert number is not None
                towards[operand].append(number)
    assert {i: sorted(numbers) for i, numbers in towards.items()} == {
        w: pytest.approx([0.25, 0.5, 1]),
        wh: pytest.approx([0.15, 0.45]),
        h1: pytest.approx([0.25]),
        h2: pytest.approx([0.5]),
    }


def test_one_pass_from_the_last_step(page: Page) -> None:
    widget = seed("h3")
    view = show_widget(page, widget)
    w = node(widget, "w")
    assert (view.pass_grad(w), view.grad(w)) == pytest.approx((1.75, 1.75))


def test_what_is_written_is_rounded_with_the_sign_as_a_word(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w, h3 = node(widget, "w"), node(widget, "h3")
    expect(view.node(w).locator("[data-value]")).to_have_text("0.30")
    expect(view.node(w).locator("[data-pass-grad]")).to_have_text("+1.75")
    expect(view.node(w).locator("[data-grad]")).to_have_text("4.25")
    expect(view.node(h3).locator("[data-value]")).to_have_text("0.525")  # 0.5249999…
    receive(page, values={**widget.values, str(w): -0.3})
    expect(view.node(h3).locator("[data-value]")).to_have_text(re.compile("^\N{MINUS SIGN}"))


def test_names_say_label_or_op_value_and_gradient(page: Page) -> None:
    widget = neuron()
    view = show_widget(page, widget)
    for name, value, gradient in (("w1", "1.00", "+2.00"), ("x1", "2.00", "+1.00"), ("y", "3.60", "+1.00")):
        label = view.node(node(widget, name)).get_attribute("aria-label") or ""
        assert name in label and f"value {value}" in label and f"gradient {gradient}" in label
    sums = [i for i, op in enumerate(widget.graph["op"]) if op == "+"]
    assert "sum" in (view.node(sums[-1]).get_attribute("aria-label") or "")


def test_inputs_are_not_tracked(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    for name in ("x1", "x2", "x3"):
        card = view.node(node(widget, name))
        expect(card.locator("[data-pass-grad]")).to_have_text("not tracked")
        expect(card.locator("[data-grad]")).to_be_hidden()
        expect(card).to_have_accessible_name(re.compile("not tracked"))


def test_not_run_yet_is_never_zero(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, passes=[])
    for name in ("w", "wh"):
        total = view.node(node(widget, name)).locator("[data-grad]")
        expect(total).to_have_text("preview")
        expect(total).to_have_attribute(
            "title", re.compile(f"Python’s {name}.grad is 0.0 until a pass is run")
        )
    expect(view.root).to_contain_text("in Python every .grad is still 0.0")


def test_what_the_last_pass_missed_is_not_zero_either(page: Page) -> None:
    widget = seed("h3", "h1")
    view = show_widget(page, widget)
    wh = node(widget, "wh")
    expect(view.node(wh).locator("[data-pass-grad]")).to_have_text("not in this pass")
    assert view.grad(wh) == pytest.approx(0.6)
    assert_same(shown(view), python_has(widget))


def test_a_dead_relu_sends_zeros(page: Page) -> None:
    widget = neuron(0.5, -0.8)
    view = show_widget(page, widget)
    for name in ("w1", "w2", "b"):
        card = view.node(node(widget, name))
        expect(card.locator("[data-pass-grad]")).to_have_text("0")
        expect(card.locator("[data-grad]")).to_have_text("0.00")


@pytest.mark.parametrize(
    ("parts", "edges", "gradient"),
    [
        ((3.0, ("-", 0, 0)), ("+1.00", "\N{MINUS SIGN}1.00"), "0"),
        ((3.0, ("*", 0, 0)), ("+3.00", "+3.00"), "+6.00"),
    ],
    ids=["x-x", "x*x"],
)
def test_an_operand_used_twice_has_two_edges(
    page: Page, parts: tuple[float | tuple[str, int, int], ...], edges: tuple[str, str], gradient: str
) -> None:
    show(page, document_of(*parts))
    view = View(page)
    for position, text in enumerate(edges):
        expect(view.edge(1, position).locator("[data-edge-grad]")).to_have_text(text)
    expect(view.node(0).locator("[data-pass-grad]")).to_have_text(gradient)


def test_a_constant_has_a_number_and_no_gradient(page: Page) -> None:
    show(page, document_of(2.0, (3.0,), ("**", 0, 1), label={"0": "a"}))
    view = View(page)
    assert view.value(1) == 3.0
    expect(view.node(1)).to_have_attribute("data-kind", "constant")
    assert shown(view).pass_grads[1] is None
    assert view.pass_grad(0) == 12.0


def test_a_frozen_leaf_can_be_moved_and_is_not_tracked(page: Page) -> None:
    document = document_of(2.0, 3.0, ("*", 0, 1), frozen=[1])
    show(page, document)
    view = View(page)
    expect(view.slider(1)).to_be_enabled()
    receive(page, values={"0": 2.0, "1": 5.0})
    assert (view.value(2), view.pass_grad(0)) == (10.0, 5.0)
    assert shown(view).pass_grads[1] is None


def test_a_division_by_zero_is_infinite(page: Page) -> None:
    document = document_of(0.0, (1.0,), ("/", 1, 0))
    show(page, document)
    view = View(page)
    expect(view.node(2).locator("[data-value]")).to_have_text("inf")
    expect(view.node(0).locator("[data-pass-grad]")).to_have_text("\N{MINUS SIGN}inf")
    assert_same(shown(view), computed(document, {}, document["outputs"]))


@pytest.mark.parametrize(("wire", "text"), [("nan", "nan"), ("inf", "inf"), ("-inf", "\N{MINUS SIGN}inf")])
def test_the_kernel_may_send_what_json_cannot_write(page: Page, wire: str, text: str) -> None:
    document = document_of(1.0, 2.0, ("*", 0, 1))
    show(page, document)
    view = View(page)
    receive(page, values={"0": wire, "1": 2.0})
    for i in (0, 2):
        expect(view.node(i).locator("[data-value]")).to_have_text(text)
    assert_same(shown(view), computed(document, {"0": float(wire)}, document["outputs"]))
    receive(page, values={"0": 0.5, "1": 2.0})
    assert (view.value(2), float(view.slider(0).input_value())) == (1.0, 0.5)


def test_a_document_may_hold_what_json_cannot_write(page: Page) -> None:
    show(page, document_of("nan", ("neg", 0)))  # type: ignore[arg-type]  # as it is on the wire
    expect(View(page).node(1).locator("[data-value]")).to_have_text("nan")


def test_minus_zero_keeps_its_sign(page: Page) -> None:
    show(page, document_of(-0.0, (1.0,), ("/", 1, 0)))
    view = View(page)
    expect(view.node(0).locator("[data-value]")).to_have_attribute("title", "-0")
    expect(view.node(2).locator("[data-value]")).to_have_text("\N{MINUS SIGN}inf")


def test_what_the_page_sends_is_spelled(page: Page) -> None:
    document = document_of("inf", 2.0, ("*", 0, 1))  # type: ignore[arg-type]
    show(page, document)
    view = View(page)
    view.box(1).fill("3")
    view.box(1).blur()
    assert messages(page)[-1] == {"values": {"0": "inf", "1": 3}}


def test_nothing_is_sent_by_looking(page: Page) -> None:
    show_widget(page, seed())
    assert messages(page) == []
