"""A graph of somebody's own engine on the page: theirs beside the chain rule, until something moves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

from adapters.mistakes import engine
from autograd_widget import GraphWidget, Scalar
from browser.by_hand import view_of

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_the_first_node_that_is_off_is_marked_and_hints_open_one_by_one(page: Page) -> None:
    value = engine("assigns")
    a, b = value(2.0), value(-3.0)
    y = (a + b) * a
    g = GraphWidget(y)
    assert not g.check()
    first = g.graph["check"]["first"]
    view = view_of(page, dict(g.graph), selected=first)
    expect(view.root.locator(".agw-sentence")).to_contain_text("Your pass is right until a: yours is 2.00")
    expect(view.root.locator(".agw-wrong")).to_have_attribute("data-node", str(first))
    expect(view.root.locator(".agw-python:visible")).to_have_count(4)
    inspector = view.root.locator("[data-inspector]")
    expect(inspector).to_contain_text("yours 2.00 ≠ the chain rule 1.00")
    answer = inspector.get_by_text("adds to it")
    expect(answer).to_be_hidden()
    inspector.locator("summary").first.click()
    expect(answer).to_be_hidden()
    inspector.locator("summary").nth(1).click()
    expect(answer).to_be_visible()
    box = view.root.locator(f'input[type="number"][data-leaf="{first}"]')
    box.fill("1")
    box.press("Enter")
    expect(view.root.locator(".agw-wrong")).to_have_count(0)
    expect(view.root.locator(".agw-sentence")).not_to_contain_text("Your pass")


def test_a_check_that_makes_no_sense_is_none(page: Page) -> None:
    document = GraphWidget(Scalar(2.0, label="w") * 3).graph
    view = view_of(page, {**document, "check": 5})
    expect(view.root.locator("[data-node]").first).to_be_visible()
    expect(view.root.locator(".agw-wrong")).to_have_count(0)
