"""Freezing a parameter on its card: `requires_grad` from the page, and from the kernel."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.by_hand import H1, H3, WH, WHH1, X1, X2, X3, W, document_of, labels, seed, view_of
from browser.harness import messages, receive

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from browser.by_hand import Document
    from view import View

DASHES = "e => getComputedStyle(e).strokeDasharray"
FOCUSED = "root => root.getRootNode().activeElement?.getAttribute('aria-label') ?? ''"


def button(view: View, leaf: int) -> Locator:
    return view.node(leaf).get_by_role("button")


def dashed(view: View) -> set[str]:
    """The edges that are drawn as not tracked."""
    found: list[str] = view.root.evaluate(
        """root => [...root.querySelectorAll("[data-edge]")]
            .filter((edge) => edge.classList.contains("agw-untracked"))
            .map((edge) => edge.dataset.edge)"""
    )
    return set(found)


def two_factors() -> Document:
    """y = a·b + c: what leads to a·b serves a and b only."""
    return document_of(2.0, 3.0, 4.0, ("*", 0, 1), ("+", 3, 2), label=labels("a", "b", "c", "", "y"))


def freeze(view: View, leaf: int) -> None:
    view.node(leaf).hover(position={"x": 4, "y": 4})
    button(view, leaf).click()


def test_a_click_freezes_and_another_unfreezes(page: Page) -> None:
    view = view_of(page, seed())
    expect(view.node(W)).to_have_attribute("data-kind", "parameter")
    expect(button(view, W)).to_have_accessible_name("Freeze w: requires_grad = False")
    freeze(view, W)
    expect(view.node(W)).to_have_attribute("data-kind", "input")
    expect(view.node(W).locator("[data-pass-grad]")).to_have_text("not tracked")
    expect(view.node(W).locator("[data-grad]")).to_be_hidden()
    expect(button(view, W)).to_have_accessible_name("Unfreeze w: requires_grad = True")
    expect(button(view, W)).to_have_attribute("aria-pressed", "true")
    assert messages(page)[-1] == {"frozen": [W, X1, X2, X3]}
    freeze(view, W)
    expect(view.node(W)).to_have_attribute("data-kind", "parameter")
    assert view.pass_grad(W) == pytest.approx(1.75)
    assert view.grad(W) == pytest.approx(4.25)
    assert messages(page)[-1] == {"frozen": [X1, X2, X3]}


def test_an_input_can_be_unfrozen(page: Page) -> None:
    view = view_of(page, seed())
    freeze(view, X1)
    expect(view.node(X1)).to_have_attribute("data-kind", "parameter")
    assert view.pass_grad(X1) == pytest.approx(0.5 * 0.5 * 0.3)
    assert messages(page)[-1] == {"frozen": [X2, X3]}


def test_its_edges_are_dashed_and_what_only_served_it_too(page: Page) -> None:
    view = view_of(page, two_factors())
    assert dashed(view) == set()
    freeze(view, 0)
    assert dashed(view) == {"3:0"}
    expect(view.node(3).locator("[data-pass-grad]")).to_have_text("+1.00")
    freeze(view, 1)
    assert dashed(view) == {"3:0", "3:1", "4:0"}
    expect(view.node(3).locator("[data-pass-grad]")).to_have_text("not tracked")
    drawn = view.root.locator(".agw-untracked > .agw-line").evaluate_all(
        "all => all.map(e => getComputedStyle(e).strokeDasharray)"
    )
    assert len(drawn) == 3 and "none" not in drawn
    whole = view.root.locator(".agw-edge:not(.agw-untracked) > .agw-line").evaluate_all(
        "all => all.map(e => getComputedStyle(e).strokeDasharray)"
    )
    assert set(whole) == {"none"}
    freeze(view, 0)
    assert dashed(view) == {"3:1"}
    assert view.pass_grad(0) == 3.0


def test_a_frozen_root_reaches_nothing(page: Page) -> None:
    view = view_of(page, two_factors())
    receive(page, frozen=[0, 1, 2])
    expect(view.root.locator(".agw-sentence")).to_contain_text("This pass reaches nothing")
    for node in range(5):
        expect(view.node(node).locator("[data-pass-grad]")).to_have_text("not tracked")


def test_the_kernel_freezes_too(page: Page) -> None:
    view = view_of(page, seed())
    receive(page, frozen=[WH, X1, X2, X3])
    expect(view.node(WH)).to_have_attribute("data-kind", "input")
    expect(view.node(WH).locator("[data-pass-grad]")).to_have_text("not tracked")
    assert view.pass_grad(W) == pytest.approx(1.75)
    receive(page, frozen=[X1, X2, X3])
    expect(view.node(WH)).to_have_attribute("data-kind", "parameter")
    assert view.pass_grad(WH) == pytest.approx(0.6)
    assert messages(page) == []


def test_a_view_may_begin_frozen(page: Page) -> None:
    view = view_of(page, seed(), frozen=[W, X1, X2, X3])
    expect(view.node(W)).to_have_attribute("data-kind", "input")
    assert f"{H1}:0" in dashed(view) and f"{WHH1}:1" in dashed(view)


@pytest.mark.parametrize("key", ["Enter", " "])
def test_it_can_be_done_by_keyboard(page: Page, key: str) -> None:
    view = view_of(page, seed())
    view.slider(W).focus()
    page.keyboard.press("Tab")
    assert "Freeze w" in view.root.evaluate(FOCUSED)
    assert button(view, W).evaluate("e => getComputedStyle(e).opacity") == "1", "what has the focus is seen"
    page.keyboard.press(key)
    expect(view.node(W)).to_have_attribute("data-kind", "input")
    expect(view.root.locator("[data-inspector]")).to_have_count(0)
    assert "Unfreeze w" in view.root.evaluate(FOCUSED), "the focus stays"
    page.keyboard.press(key)
    expect(view.node(W)).to_have_attribute("data-kind", "parameter")


def test_what_is_frozen_shows_without_pointing(page: Page) -> None:
    view = view_of(page, seed())
    assert button(view, W).evaluate("e => getComputedStyle(e).opacity") == "0"
    freeze(view, W)
    page.mouse.move(1, 1)
    assert button(view, W).evaluate("e => getComputedStyle(e).opacity") == "1"


def test_the_place_of_cards_stays(page: Page) -> None:
    view = view_of(page, seed())
    boxes = "root => [...root.querySelectorAll('[data-node]')].map((e) => e.getBoundingClientRect().x)"
    before = view.root.evaluate(boxes)
    freeze(view, W)
    freeze(view, W)
    assert view.root.evaluate(boxes) == before


def test_a_frozen_leaf_still_moves(page: Page) -> None:
    view = view_of(page, seed())
    freeze(view, W)
    moved = view.drag(W, 1.0)
    assert view.value(H3) == pytest.approx(moved * (1 + 0.5 + 0.25))
    expect(view.node(W)).to_have_attribute("data-kind", "input")


def test_a_replay_goes_on(page: Page) -> None:
    view = view_of(page, seed())
    view.node(X1).press("Home")
    view.node(X1).press("ArrowRight")
    freeze(view, W)
    expect(view.root).to_contain_text("1 / 12")  # h1, w·x2 and w·x3 have nothing to send on


def test_read_only_freezes_nothing(page: Page) -> None:
    view = view_of(page, seed(), read_only=True)
    expect(view.root.locator(".agw-freeze:visible")).to_have_count(0)


def test_in_chinese(page: Page) -> None:
    view = view_of(page, seed(), language="zh")
    expect(button(view, W)).to_have_accessible_name("冻结 w：requires_grad = False")
    freeze(view, W)
    expect(button(view, W)).to_have_accessible_name("解冻 w：requires_grad = True")
    expect(view.node(W).locator("[data-pass-grad]")).to_have_text("不跟踪梯度")
