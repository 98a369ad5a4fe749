"""The first sight of a widget: the whole answer without a click, in every width that a notebook has."""

from __future__ import annotations

from itertools import combinations, pairwise
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examples import neuron, node, show_widget
from browser.gallery import (
    cross_entropy,
    dead_relu,
    gated,
    normalised,
    parabola,
    recurrence,
    softmax,
    xor_by_hand,
)
from browser.harness import receive, settled
from browser.probe import overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from autograd_widget import GraphWidget
    from view import View

WIDTHS = [500, 600, 700, 960, 1280]
SMALL = [recurrence, neuron, dead_relu, softmax, parabola]

SEEN = """
root => {
  const box = (element) => {
    const { left, top, right, bottom, width } = element.getBoundingClientRect();
    return width > 1 && { left, top, right, bottom };
  };
  const all = (what) => [...root.querySelectorAll(what)].filter(box);
  const value = (card) => {
    const found = card.querySelector("[data-value]");
    const scale = card.getBoundingClientRect().height / card.offsetHeight;
    return found && { text: found.textContent, size: scale * parseFloat(getComputedStyle(found).fontSize) };
  };
  return {
    frame: box(root.querySelector(".agw-canvas")),
    cards: all("[data-node]").map((card) => (
      { ...box(card), id: Number(card.dataset.node), kind: card.dataset.kind, value: value(card) }
    )),
    groups: all("[data-group]").map(box),
    numbers: all("[data-edge-grad]").map(box),
    overlays: all("[data-overlay]").map(box),
  };
}
"""


def seen(view: View) -> dict[str, Any]:
    settled(view.root.page)
    found: dict[str, Any] = view.root.evaluate(SEEN)
    return found


def direction(view: View) -> str:
    return "down" if "down" in view.root.locator(".agw-legend").inner_text() else "across"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("example", SMALL)
def test_all_of_a_small_graph_is_in_view(page: Page, example: Callable[[], GraphWidget], width: int) -> None:
    widget = example()
    found = seen(show_widget(page, widget, width=width))
    cards, frame = found["cards"], found["frame"]
    drawn = {i for i, op in enumerate(widget.graph["op"]) if op != "const"}
    assert drawn <= {card["id"] for card in cards}
    for box in [*cards, *found["numbers"]]:
        assert frame["left"] <= box["left"] and box["right"] <= frame["right"]
        assert frame["top"] <= box["top"] and box["bottom"] <= frame["bottom"]
    assert found["numbers"]
    for card in cards:
        assert any(letter.isdigit() for letter in card["value"]["text"])
        assert card["value"]["size"] >= 10


@pytest.mark.parametrize("width", WIDTHS[1:])
@pytest.mark.parametrize("example", [normalised, gated, cross_entropy])
def test_of_a_larger_graph_nothing_is_cut_off(
    page: Page, example: Callable[[], GraphWidget], width: int
) -> None:
    widget = example()
    found = seen(show_widget(page, widget, width=width))
    cards, frame = found["cards"], found["frame"]
    leaves = {int(i) for i in widget.graph["label"] if widget.graph["op"][int(i)] == "leaf"}
    ids = {card["id"] for card in cards}
    assert leaves <= ids
    for box in [*cards, *found["groups"]]:
        assert frame["left"] <= box["left"] and box["right"] <= frame["right"]
        assert frame["top"] <= box["top"] and box["bottom"] <= frame["bottom"]


def test_what_is_far_from_the_result_opens_and_folds_again(page: Page) -> None:
    widget = normalised()
    view = show_widget(page, widget, width=600)
    earlier = view.root.locator("[data-group]", has_text="earlier")
    expect(earlier).to_have_count(1)
    folded = view.root.locator("[data-node]").count()
    earlier.get_by_role("button", name="open").first.click()
    settled(page)
    opened = view.root.locator("[data-node]").count()
    assert opened > folded
    view.root.get_by_role("button", name="fold").last.click()
    settled(page)
    assert view.root.locator("[data-node]").count() == folded


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("example", SMALL)
def test_nothing_lies_on_anything(page: Page, example: Callable[[], GraphWidget], width: int) -> None:
    found = seen(show_widget(page, example(), width=width))
    cards, numbers, overlays = found["cards"], found["numbers"], found["overlays"]
    assert not [pair for pair in combinations(cards, 2) if overlap(*pair, 2)]
    assert not [(one, card) for one in numbers for card in cards if overlap(one, card, 3.5)]
    assert not [(one, other) for one in overlays for other in cards + numbers if overlap(one, other, 1)]


def test_values_flow_down_where_the_width_is_short(page: Page) -> None:
    view = show_widget(page, softmax(), width=1280)
    assert direction(view) == "across"
    page.evaluate("views[0].el.parentElement.style.width = '600px'")
    expect(view.root.locator(".agw-legend")).to_contain_text("down")


def test_dragging_the_edge_of_the_window_does_not_turn_the_drawing_to_and_fro(page: Page) -> None:
    view = show_widget(page, recurrence(), width=1280)
    ways = []
    for width in [*range(1280, 500, -20), *range(500, 1280, 20)]:
        page.evaluate(f"views[0].el.parentElement.style.width = '{width}px'")
        settled(page)
        ways.append((width, direction(view)))
    turns = [(a[0], b[1]) for a, b in pairwise(ways) if a[1] != b[1]]
    assert len(turns) == 2
    there, back = turns
    assert back[0] >= there[0]


def test_a_leaf_of_one_user_becomes_a_row_where_room_is_short(page: Page) -> None:
    widget = dead_relu()
    view = show_widget(page, widget, width=700)
    w1, b = node(widget, "w1"), node(widget, "b")
    row = view.node(w1)
    expect(row).to_have_attribute("data-kind", "parameter")
    for part in ("[data-value]", "[data-pass-grad]", "[data-grad]"):
        expect(row.locator(part)).to_have_count(1)
    assert view.slider(w1).count() == view.box(w1).count() == 1
    expect(view.root.locator(f'[data-edge="{widget.graph["op"].index("*")}:0"]')).to_have_count(0)
    # One slider is open in full, and a click on another row moves it there.
    heights = [view.slider(leaf).evaluate("e => e.offsetHeight") for leaf in (w1, b)]
    receive(page, selected=b)
    settled(page)
    assert view.slider(b).evaluate("e => e.offsetHeight") == max(heights)
    assert view.slider(w1).evaluate("e => e.offsetHeight") == min(heights)


def test_with_room_for_all_each_leaf_is_a_card_with_its_edge(page: Page) -> None:
    widget = dead_relu()
    view = show_widget(page, widget, width=1280)
    assert view.root.locator("[data-edge]").count() == sum(map(len, widget.graph["inputs"]))


# The leaves whose slider is under something else, at its middle.
COVERED = """
root => [...root.querySelectorAll("input[type=range][data-leaf]")].filter((slider) => {
  const { x, y, width, height } = slider.getBoundingClientRect();
  return root.getRootNode().elementFromPoint(x + width / 2, y + height / 2) !== slider;
}).map((slider) => slider.dataset.leaf)
"""


@pytest.mark.parametrize("example", [recurrence, softmax, xor_by_hand])
def test_every_slider_can_be_taken_where_it_is_seen(page: Page, example: Callable[[], GraphWidget]) -> None:
    view = show_widget(page, example(), width=700)
    page.set_viewport_size({"width": 1020, "height": 1600})
    settled(page)
    assert view.root.evaluate(COVERED) == []
