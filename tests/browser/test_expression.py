"""The field in which the graph of an expression is written anew, on the page alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from autograd_widget import GraphWidget
from browser import harness
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page


def opened(page: Page, text: str = "tanh(w1*x1 + b)", **given: Any) -> tuple[View, Locator]:
    """A view of an expression's graph, with the field open."""
    document = GraphWidget.from_expression(text, **given).to_dict()
    view = View(harness.show(page, document, expression=text))
    view.root.get_by_role("button", name="f(x)").click()
    field = view.root.get_by_role("textbox", name="expression")
    expect(field).to_be_focused()
    expect(field).to_have_value(text)
    return view, field


def write(field: Locator, text: str) -> None:
    field.fill(text)
    field.press("Enter")


def test_a_new_graph_is_drawn_and_names_that_stay_keep_their_values(page: Page) -> None:
    view, field = opened(page, w1=0.5, x1=2.0, sliders={"x1": (-7, 7)})
    view.drag(0, 0.75)
    kept = view.value(0)
    write(field, "relu(w1*x1) + c**2")
    expect(view.node(6)).to_be_visible()
    expect(field).to_be_focused()
    expect(view.root.get_by_role("button", name="y.backward()")).to_be_visible()
    assert view.value(0) == kept
    assert view.value(7) == kept * 2 + 1
    assert view.slider(1).get_attribute("max") == "7"
    moved = view.drag(2, -1.5)
    assert view.value(7) == kept * 2 + moved**2, "it is live"


def test_what_is_off_is_said_at_its_place_and_takes_nothing_away(page: Page) -> None:
    view, field = opened(page)
    write(field, "tanh(w1*x1 + )")
    said = view.root.get_by_role("alert").filter(has_text="▲")
    expect(said).to_have_text("▲ a number or a name is missing before this )")
    place = field.evaluate("field => [field.selectionStart, field.selectionEnd]")
    assert place == [13, 14]
    under = said.evaluate(
        "said => { const range = document.createRange(); range.selectNodeContents(said);"
        " return range.getBoundingClientRect().left; }"
    )
    box = field.bounding_box()
    assert box is not None
    letter = field.evaluate(
        "field => { const context = document.createElement('canvas').getContext('2d');"
        " context.font = getComputedStyle(field).font; return context.measureText('0').width; }"
    )
    assert abs(under - (box["x"] + 8 + 13 * letter)) < letter
    expect(view.node(5)).to_be_visible()
    write(field, "tahn(w1)")
    expect(said).to_have_text("▲ there is no function tahn; there is tanh")
    write(field, "tanh(w1)")
    expect(view.root.get_by_role("alert").filter(has_text="▲")).to_have_count(0)
    expect(view.node(1)).to_be_visible()


def test_it_is_in_the_document_that_the_page_saves(page: Page) -> None:
    view, field = opened(page)
    write(field, "w*x")
    expect(view.node(2)).to_be_visible()
    assert page.evaluate("model.get('expression')") == "w*x"
    assert page.evaluate("model.get('graph').op") == ["leaf", "leaf", "*"]


def test_other_graphs_have_no_such_button(page: Page) -> None:
    view = View(harness.show(page, GraphWidget.from_expression("w*x").to_dict()))
    expect(view.root.get_by_role("button", name="f(x)")).to_have_count(0)
    view = View(
        harness.show(page, GraphWidget.from_expression("w*x").to_dict(), expression="w*x", read_only=True)
    )
    expect(view.root.get_by_role("button", name="f(x)")).to_have_count(0)
