"""The bar: one more pass, none, and the values that there were at first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from autograd_widget import Scalar
from browser.examples import assert_same, computed, node, ran, seed, show_widget, shown
from browser.harness import messages

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_one_more_pass_adds_to_grad(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w, h3 = node(widget, "w"), node(widget, "h3")
    view.root.get_by_role("button", name="h3.backward()").click()
    assert (view.grad(w), view.pass_grad(w)) == pytest.approx((6.0, 1.75))
    assert messages(page)[-1] == {"passes": [*widget.passes, {"root": h3}]}
    assert_same(shown(view), computed(widget.graph, widget.values, [*widget.passes, h3]))


def test_each_root_has_its_button(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    for name in ("h1", "h2", "h3"):
        view.root.get_by_role("button", name=f"{name}.backward()").click()
    assert view.grad(node(widget, "w")) == pytest.approx(8.5)
    view.root.get_by_role("button", name="h1.backward()").click()
    assert view.pass_grad(node(widget, "w")) == 1.0


def test_zero_grad_forgets_the_passes_and_keeps_the_values(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    value = view.drag(w, 1.0)
    view.root.get_by_role("button", name="zero_grad()").click()
    expect(view.node(w).locator("[data-grad]")).to_have_text("preview")
    expect(view.root).to_have_attribute("data-preview", "")
    assert messages(page)[-1]["passes"] == []
    assert view.value(w) == value
    view.root.get_by_role("button", name="h2.backward()").click()
    assert view.grad(w) == pytest.approx(1.5)


def test_values_go_back_to_the_first_and_the_passes_stay(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w, wh = node(widget, "w"), node(widget, "wh")
    reset = view.root.get_by_role("button", name=re.compile("^reset$"))
    expect(reset).to_be_disabled()
    view.drag(w, 1.0)
    view.drag(wh, -1.0)
    expect(reset).to_be_enabled()
    reset.click()
    assert_same(shown(view), computed(widget.graph, widget.values, widget.passes))
    assert messages(page)[-1] == {"values": widget.values}
    assert view.slider(w).input_value() == "0.3"
    expect(reset).to_be_disabled()


def test_a_button_that_turns_itself_off_keeps_the_focus_in_the_view(page: Page) -> None:
    view = show_widget(page, seed())
    zero = view.root.get_by_role("button", name="zero_grad()")
    zero.focus()
    page.keyboard.press("Enter")
    assert view.root.evaluate("root => root.contains(root.getRootNode().activeElement)")


def test_the_sentence_tells_the_root_the_pass_and_the_sum(page: Page) -> None:
    view = show_widget(page, seed())
    expect(view.root).to_contain_text(
        "h3 = 0.525. This pass gives w +1.75 and wh +0.60; with the 2 passes before it, w.grad is 4.25. "
        "Raising w raises h3."
    )


def test_read_only_leaves_nothing_to_change(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, read_only=True)
    controls = view.root.locator("input[data-leaf]")
    expect(controls).to_have_count(2 * len(widget.values))
    for control in controls.all():
        expect(control).to_be_disabled()
    changes = view.root.get_by_role("button", name=re.compile(r"\.backward\(\)|zero_grad|^values$"))
    assert [button for button in changes.all() if button.is_enabled()] == []
    view.node(node(widget, "h2")).click()  # looking is free
    expect(view.inspector(node(widget, "h2"))).to_be_visible()


@pytest.mark.parametrize("name", ["x**2", "h[t−1]", "<b>", "−"])
def test_the_sentence_has_names_as_they_are_and_the_hue_of_the_sign(page: Page, name: str) -> None:
    a, b = Scalar(2.0, label=name), Scalar(-3.0, label="b")
    y = ((a - b) * 2.0).tanh()  # its slope is 1.6e-8
    y.label = f"{name} − b"
    view = show_widget(page, ran(y))
    sentence = view.root.locator(".agw-sentence")
    gives = f"{name} − b = 1.00. This pass gives {name} +1.6e−8 and b −1.6e−8."
    expect(sentence).to_have_text(f"{gives} Raising {name} raises {name} − b.")
    plus, minus = sentence.locator(".agw-grad").all()
    assert (plus.inner_text(), minus.inner_text()) == (f"{name} +1.6e−8", "b −1.6e−8")
    expect(plus).not_to_have_class(re.compile("negative"))
    expect(minus).to_have_class(re.compile("negative"))


def test_without_graphviz_one_sentence_says_so(page: Page) -> None:
    view = show_widget(page, seed(), read_only=True, notice="noDot")
    expect(view.root).to_contain_text("Graphviz’s dot is not installed")
