"""Fingers: one is the page's when it goes up or down and moves the graph sideways, two zoom the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar
from browser.examples import seed, show_widget

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import CDPSession, Page

# The scale, how far it is scrolled sideways, and where the fourth card is.
SEEN = """
root => {
  const board = root.querySelector(".agw-board");
  const scale = Number(/scale\\(([\\d.]+)\\)/.exec(board.style.transform)[1]);
  const { x, y, width, height } = root.querySelector("[data-node='3']").getBoundingClientRect();
  return { scale, left: root.querySelector(".agw-camera").scrollLeft, x: x + width / 2, y: y + height / 2 };
}
"""


def fingers(page: Page) -> CDPSession:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})
    return session


def long_chain() -> GraphWidget:
    """Wider than its place, with much air above and below."""
    y = Scalar(0.5, label="x")
    for _ in range(14):
        y = y.tanh()
    return GraphWidget(y)


@pytest.mark.parametrize("widget", [long_chain, seed])
def test_two_fingers_zoom_around_what_is_between_them(page: Page, widget: Callable[[], GraphWidget]) -> None:
    view = show_widget(page, widget())
    before = view.root.evaluate(SEEN)
    pinch = {"x": before["x"], "y": before["y"], "scaleFactor": 1.5, "gestureSourceType": "touch"}
    fingers(page).send("Input.synthesizePinchGesture", pinch)
    after = view.root.evaluate(SEEN)
    assert after["scale"] > 1.2 * before["scale"]
    assert after["x"] == pytest.approx(before["x"], abs=25)
    assert page.evaluate("visualViewport.scale") == 1, "the page was zoomed"
    expect(view.root.locator("[data-inspector]")).to_have_count(0)


def test_one_finger_moves_the_graph_sideways_and_the_page_keeps_up_and_down(page: Page) -> None:
    view = show_widget(page, long_chain(), rankdir="LR")
    before = view.root.evaluate(SEEN)
    assert view.root.locator(".agw-camera").evaluate("e => getComputedStyle(e).touchAction") == "pan-y"
    page.evaluate("addEventListener('touchmove', (e) => { window.taken = e.defaultPrevented; })")
    at = {"x": before["x"] + 60, "y": before["y"] + 40, "gestureSourceType": "touch", "speed": 2000}
    fingers(page).send("Input.synthesizeScrollGesture", {**at, "xDistance": -200})
    after = view.root.evaluate(SEEN)
    assert after["left"] - before["left"] == pytest.approx(200, abs=60)
    assert after["scale"] == before["scale"]
    assert page.evaluate("window.taken") is not True
