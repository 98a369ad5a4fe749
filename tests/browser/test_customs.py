"""Ops that only the kernel can compute: what is shown until it answers, and what is locked if it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar, custom_op
from browser.by_hand import learn_of
from browser.examples import node, ran, show_widget, shown
from browser.harness import messages, receive, show
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Page

LOCKED = {
    "en": "Locked: the kernel computes an op of this, and does not answer.",
    "zh": "已锁定：依赖它的运算由内核计算，而内核没有应答。",
}


@custom_op(partials=lambda y, a, b: (2 * (a - b), 2 * (b - a)))
def squared_error(a: float, b: float) -> float:
    """The square of the difference."""
    return (a - b) ** 2


@custom_op(partials=lambda y, a: (3 * a * a,))
def cube(a: float) -> float:
    """The third power."""
    return a**3


def chain() -> GraphWidget:
    """Two custom ops one upon the other, and a leaf that comes after both."""
    w, x, v = (Scalar(value, label=name) for name, value in {"w": 2.0, "x": 0.5, "v": 3.0}.items())
    error = squared_error(w * x, 3.0)
    error.label = "error"
    third = cube(error)
    third.label = "third"
    y = third * v
    y.label = "y"
    return ran(y)


def at_rest(page: Page, widget: GraphWidget) -> View:
    """The widget on a page whose clock stands still."""
    page.clock.install(time=0)
    view = show_widget(page, widget)
    page.clock.pause_at(10_000)
    return view


def answer(page: Page, widget: GraphWidget) -> None:
    """Answer the last message of the page as the kernel does."""
    widget.set_state(messages(page)[-1])
    receive(page, customs=widget.customs)


def test_the_kernel_is_asked_and_its_answer_is_taken_in(page: Page) -> None:
    widget = chain()
    view = at_rest(page, widget)
    error, y, w, v = (node(widget, name) for name in ("error", "y", "w", "v"))
    expect(view.node(error)).to_contain_text("in the kernel")
    told = "error, operation, value 4.00, gradient +144.00 (in the kernel)"
    expect(view.node(error)).to_have_attribute("aria-label", told)
    view.box(w).fill("4")
    view.box(w).press("Enter")
    expect(view.node(error)).to_contain_text("asking kernel…")
    expect(view.root.locator("[aria-busy]")).to_have_count(1)
    assert messages(page)[-1]["values"][str(w)] == 4.0
    answer(page, widget)
    expect(view.root.locator("[aria-busy]")).to_have_count(0)
    expect(view.node(error)).to_contain_text("in the kernel")
    assert [view.value(error), view.value(y), view.grad(w)] == [1.0, 3.0, widget.grads["w"]]
    assert widget.grads["w"] == 3.0 * 3.0 * -2.0 * 0.5
    view.box(v).fill("1")  # what no custom op is made of, the page computes by itself
    expect(view.node(y).locator("[data-value]")).to_have_text("1.00")
    expect(view.root.locator("[aria-busy]")).to_have_count(0)


def test_answers_may_lag_behind(page: Page) -> None:
    widget = chain()
    view = at_rest(page, widget)
    error, w = node(widget, "error"), node(widget, "w")
    view.box(w).fill("4")
    view.box(w).press("Enter")
    late = messages(page)[-1]
    view.box(w).fill("8")
    view.box(w).press("Enter")
    widget.set_state(late)
    receive(page, customs=widget.customs)
    assert view.value(error) == 1.0  # of the 4 that the kernel has seen
    expect(view.node(error)).to_contain_text("asking kernel…")
    expect(view.slider(w)).to_be_enabled()
    answer(page, widget)
    assert view.value(error) == 1.0
    expect(view.node(error)).to_contain_text("in the kernel")
    assert widget["error"] == 1.0


@pytest.mark.parametrize("dead", [True, False], ids=["sending fails", "nobody answers"])
def test_a_kernel_that_does_not_answer_locks_what_it_would_have_to_compute(page: Page, dead: bool) -> None:
    widget = chain()
    view = at_rest(page, widget)
    before = shown(view)
    w, x, v = (node(widget, name) for name in ("w", "x", "v"))
    page.evaluate("dead => { model.dead = dead }", dead)
    moved = view.drag(w, 3.0)
    page.clock.run_for(1000)
    expect(view.slider(w)).to_be_enabled()
    assert view.value(w) == moved != 2.0
    page.clock.run_for(1000)
    expect(view.slider(w)).to_be_disabled()
    assert shown(view) == before  # where every number is known
    for control in (view.slider(w), view.box(w), view.slider(x), view.box(x)):
        expect(control).to_be_disabled()
        expect(control).to_have_accessible_description(LOCKED["en"])
        expect(control).to_have_attribute("title", LOCKED["en"])
    expect(view.slider(v)).to_be_enabled()
    expect(view.root.locator("[aria-busy]")).to_have_count(0)
    # It is back.
    page.evaluate("model.dead = false")
    widget["w"] = 4.0
    receive(page, values=widget.values, customs=widget.customs)
    expect(view.slider(w)).to_be_enabled()
    expect(view.slider(w)).not_to_have_attribute("title", LOCKED["en"])
    assert view.value(node(widget, "error")) == 1.0


@pytest.mark.parametrize("language", ["en", "zh"])
def test_without_a_kernel_they_are_locked_from_the_start(page: Page, language: str) -> None:
    widget = chain()
    show(page, widget.graph, language=language)
    view = View(page)
    w, v = node(widget, "w"), node(widget, "v")
    expect(view.slider(w)).to_be_disabled()
    expect(view.box(w)).to_have_accessible_description(LOCKED[language])
    view.box(v).fill("2")
    assert view.value(node(widget, "y")) == 128.0


def test_a_recorded_op_keeps_its_numbers(page: Page) -> None:
    a, b = Scalar(1.0, label="a"), Scalar(-2.0, label="b")
    mse = Scalar(2.5, [a, b], "mse", label="loss")
    mse.grad_wrt[a], mse.grad_wrt[b] = 1.0, -2.0
    widget = ran(mse * 2.0)
    view = show_widget(page, widget)
    loss = node(widget, "loss")
    expect(view.node(loss)).to_contain_text("recorded")
    assert [view.grad(node(widget, "a")), view.grad(node(widget, "b"))] == [2.0, -4.0]
    view.box(node(widget, "a")).fill("3")
    assert view.value(loss) == 2.5
    expect(view.slider(node(widget, "a"))).to_be_enabled()
    expect(view.root.locator("[aria-busy]")).to_have_count(0)
    # The page draws no curve through an op that it can't compute.
    view.node(node(widget, "a")).click(position={"x": 8, "y": 6})
    expect(view.inspector(node(widget, "a"))).to_be_visible()
    expect(view.inspector(node(widget, "a"))).not_to_contain_text("slope")


def test_descent_waits_for_the_kernel(page: Page) -> None:
    widget = chain()
    view = at_rest(page, widget)
    w = node(widget, "w")
    step = learn_of(view).get_by_role("button", name="p ← p − lr·grad", exact=True)
    step.click()
    page.clock.run_for(100)  # it saves now and then
    moved = view.value(w)
    sent = len(messages(page))
    step.click()
    page.clock.run_for(100)
    assert (view.value(w), len(messages(page))) == (moved, sent)
    answer(page, widget)
    step.click()
    expect(view.node(w).locator("[data-value]")).not_to_have_attribute("title", str(moved))
