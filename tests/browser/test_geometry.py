"""Nothing lies over anything else, at the widths of notebooks."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.examples import mlp, neuron, seed, show_widget
from browser.harness import receive
from browser.probe import Probe, overlap

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from autograd_widget import GraphWidget
    from browser.probe import Box, Point

WIDTHS = [700, 960, 1400]
EXAMPLES = [seed, neuron, mlp]

RIM = 3.5
"""The pixels by which a number may reach into the padding of a card."""


def inside(point: Point, box: Box) -> bool:
    return box["left"] + 1 < point["x"] < box["right"] - 1 and box["top"] + 1 < point["y"] < box["bottom"] - 1


def collisions(probe: Probe) -> list[str]:
    """List the pairs of elements that overlap."""
    cards = list(probe.cards().items())
    pills = [(edge["id"], edge["pill"]) for edge in probe.edges() if edge["pill"]]
    found = [f"card {i} over card {j}" for (i, a), (j, b) in combinations(cards, 2) if overlap(a, b)]
    found += [f"pill {i} over pill {j}" for (i, a), (j, b) in combinations(pills, 2) if overlap(a, b)]
    found += [f"pill {i} over card {j}" for i, a in pills for j, b in cards if overlap(a, b, RIM)]
    return found


def through(probe: Probe, widget: GraphWidget) -> list[str]:
    """Edges that run through a card that is not at one of their ends."""
    found, cards = [], probe.cards()
    for edge in probe.edges():
        consumer, position = map(int, edge["id"].split(":"))
        ends = {consumer, widget.graph["inputs"][consumer][position]}
        found += [
            f"edge {edge['id']} through card {i}"
            for i, box in cards.items()
            if int(i) not in ends and any(inside(point, box) for point in edge["points"])
        ]
    return found


def astray(probe: Probe, widget: GraphWidget, down: bool) -> list[str]:
    """Edges that do not run from their producer to their consumer."""
    found, cards = [], probe.holders()
    for edge in probe.edges():
        consumer, position = map(int, edge["id"].split(":"))
        producer = widget.graph["inputs"][consumer][position]
        first, last = edge["points"][0], edge["points"][-1]
        start, end = cards[str(producer)], cards[str(consumer)]
        if down:
            leaves = abs(first["y"] - start["bottom"]) < 6 and start["left"] < first["x"] < start["right"]
            arrives = abs(last["y"] - end["top"]) < 6 and end["left"] < last["x"] < end["right"]
        else:
            leaves = abs(first["x"] - start["right"]) < 6 and start["top"] < first["y"] < start["bottom"]
            arrives = abs(last["x"] - end["left"]) < 6 and end["top"] < last["y"] < end["bottom"]
        if not (leaves and arrives):
            found.append(edge["id"])
    return found


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_nothing_lies_over_anything(page: Page, example: Callable[[], GraphWidget], width: int) -> None:
    widget = example()
    view = show_widget(page, widget, width=width)
    probe = Probe(view)
    assert collisions(probe) == []
    assert through(probe, widget) == []
    down = "down" in view.root.locator(".agw-legend").inner_text()
    assert astray(probe, widget, down) == []


@pytest.mark.parametrize(("example", "width"), [(seed, 960), *((example, 700) for example in EXAMPLES)])
def test_nor_with_a_node_chosen(page: Page, example: Callable[[], GraphWidget], width: int) -> None:
    widget = example()
    view = show_widget(page, widget, width=width)
    for i in range(len(widget.graph["op"])):
        receive(page, selected=i)
        assert collisions(Probe(view)) == [], f"with {i} chosen"


@pytest.mark.parametrize("width", [960, 1400])
def test_every_number_of_the_seed_is_on_its_edge(page: Page, width: int) -> None:
    probe = Probe(show_widget(page, seed(), width=width))
    tracked = 7
    assert sum(edge["pill"] is not None for edge in probe.edges()) >= tracked


@pytest.mark.parametrize("width", WIDTHS)
def test_the_seed_fits_without_scrolling(page: Page, width: int) -> None:
    view = show_widget(page, seed(), width=width)
    probe = Probe(view)
    assert probe.scrolls() == 0
    frame = view.root.bounding_box()
    assert frame is not None and frame["width"] <= width
    for box in [*probe.cards().values(), *(edge["pill"] for edge in probe.edges() if edge["pill"])]:
        assert frame["x"] <= box["left"] and box["right"] <= frame["x"] + frame["width"]
        assert frame["y"] <= box["top"] and box["bottom"] <= frame["y"] + frame["height"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("passes", [None, []], ids=["run", "not run"])
def test_no_text_on_a_card_of_the_seed_is_cut_off(page: Page, width: int, passes: list[int] | None) -> None:
    traits = {} if passes is None else {"passes": passes}
    assert Probe(show_widget(page, seed(), width=width, **traits)).clipped() == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nor_on_a_card_of_the_neuron(page: Page, width: int) -> None:
    assert Probe(show_widget(page, neuron(), width=width)).clipped() == []


def test_numbers_do_not_move_cards(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    before = Probe(view).cards()
    receive(page, values=dict.fromkeys(widget.values, -123.456))
    assert Probe(view).cards() == before


def test_a_view_that_grows_is_laid_out_anew(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, width=700)
    page.evaluate("views[0].el.parentElement.style.width = '1400px'")
    probe = Probe(view)
    expect(view.root.locator("[data-edge] rect").first).to_be_visible()
    assert collisions(probe) == []
    assert probe.scrolls() == 0
