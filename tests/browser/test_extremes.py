"""Too much at once, nothing at all, and back again: floods, no connection, a thousand views, no room."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examples import assert_same, computed, node, seed, show_widget, shown
from browser.harness import messages, receive, settled
from chromium import heap_of
from hosts.server import until
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from autograd_widget import GraphWidget

FLOOD = """
([leaf, count]) => {
  const slider = document.querySelector(`input[type=range][data-leaf="${leaf}"]`);
  for (let i = 0; i <= count; i++) {
    slider.value = (1.5 * i) / count;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  }
  slider.dispatchEvent(new Event("change", { bubbles: true }));
}
"""

COME_AND_GO = """
async (count) => {
  const { model } = window;
  if (!window.program) {
    const text = await (await fetch("/widget.js")).text();
    window.program = await import(URL.createObjectURL(new Blob([text], { type: "text/javascript" })));
  }
  const el = document.body.appendChild(document.createElement("div"));
  for (let i = 0; i < count; i++) (await window.program.default.render({ model, el }))();
  el.remove();
  for (const sent of [model.messages, model.custom, model.outbox]) sent.length = 0;
  return [el.childNodes.length, model.listening];
}
"""


def wanted(widget: GraphWidget, **moved: float) -> Any:
    """The numbers with some leaves moved, by name."""
    values = {**widget.values, **{str(node(widget, name)): value for name, value in moved.items()}}
    return computed(widget.graph, values, widget.passes)


def test_a_flood_of_events_ends_with_the_last_value_in_few_messages(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    wh = node(widget, "wh")
    page.evaluate(FLOOD, [wh, 5_000])
    assert_same(shown(view), wanted(widget, wh=1.5))
    sent = [message["values"] for message in messages(page) if "values" in message]
    assert sent[-1][str(wh)] == 1.5
    assert len(sent) < 100


def test_a_flood_of_messages_ends_with_the_last_one(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    values = {**widget.values, str(node(widget, "wh")): -0.25}
    page.evaluate(
        """([values, key]) => {
          for (let i = 2000; i > 0; i--) model.receive({ values: { ...values, [key]: i } });
          model.receive({ values });
        }""",
        [values, str(node(widget, "wh"))],
    )
    assert_same(shown(view), wanted(widget, wh=-0.25))
    assert messages(page) == []


def test_what_was_moved_without_a_connection_is_sent_when_it_is_back(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    page.evaluate("model.dead = true")
    wh = view.drag(node(widget, "wh"), -1.0)
    expect(view.root).to_contain_text("Not connected")
    page.mouse.move(0, 0)
    page.evaluate("model.dead = false")
    view.root.hover()
    expect(view.root).not_to_contain_text("Not connected")
    assert page.evaluate("model.custom").pop()["state"]["values"][str(node(widget, "wh"))] == wh


def test_what_was_moved_without_a_connection_is_sent_with_the_next_act(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    page.evaluate("model.dead = true")
    wh = view.drag(node(widget, "wh"), -1.0)
    page.evaluate("model.dead = false")
    w = view.drag(node(widget, "w"), 1.0)
    assert messages(page)[-1]["values"] == {
        **widget.values,
        str(node(widget, "wh")): wh,
        str(node(widget, "w")): w,
    }
    receive(page, values={**widget.values, str(node(widget, "w")): 0.5})
    assert_same(shown(view), wanted(widget, w=0.5))


def test_a_thousand_views_come_and_go_and_leave_nothing(page: Page) -> None:
    show_widget(page, seed())
    listening = page.evaluate("model.listening")
    page.evaluate(COME_AND_GO, 200)
    before = heap_of(page)
    assert page.evaluate(COME_AND_GO, 1_000) == [0, listening]
    # What was in the last frame is freed after it.
    until(lambda: heap_of(page) - before < 1.0 or None, 10, lambda: f"{before} MB and then {heap_of(page)}")


def test_in_no_room_nothing_fails_and_what_gets_room_is_drawn(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    cell = "size => { views[0].el.parentElement.style.cssText = size; }"
    for size in ("width: 0; height: 0; overflow: hidden", "display: none", "width: 1px", "width: 960px"):
        page.evaluate(cell, size)
        receive(page, values={**widget.values, str(node(widget, "w")): 0.7})
        receive(page, values=dict(widget.values))
    settled(page)
    value = view.drag(node(widget, "wh"), 0.9)
    assert_same(shown(view), wanted(widget, wh=value))


def test_a_widget_that_begins_without_room_is_drawn_when_it_has_some(page: Page) -> None:
    widget = seed()
    show_widget(page, widget, width=0)
    page.evaluate("views[0].el.parentElement.style.width = '960px'")
    view = View(page)
    expect(view.node(node(widget, "w"))).to_be_visible()
    settled(page)
    value = view.drag(node(widget, "wh"), 0.9)
    assert_same(shown(view), wanted(widget, wh=value))


@pytest.mark.parametrize("scale", [2, 4])
def test_at_400_percent_all_controls_are_within_reach(page: Page, scale: int) -> None:
    """Zoom leaves a window fewer pixels: 1280 become 320."""
    widget = seed()
    view = show_widget(page, widget, width=1280 // scale - 40)
    page.evaluate("document.body.style.margin = '0'; views[0].el.parentElement.style.marginLeft = '0'")
    page.set_viewport_size({"width": 1280 // scale, "height": 1024 // scale})
    settled(page)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for button in view.root.get_by_role("toolbar").get_by_role("button").all():
        if button.is_visible():
            box = button.bounding_box()
            assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 1280 // scale
    view.node(node(widget, "wh")).focus()
    page.keyboard.press("Enter")
    slider = view.slider(node(widget, "wh"))
    slider.focus()
    slider.press("End")
    assert_same(shown(view), wanted(widget, wh=float(slider.input_value())))
