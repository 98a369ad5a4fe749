"""The sentence above the graph: its names lead to their nodes, and it says why numbers are none, or 0."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar, log
from browser.examples import node, seed, show_widget

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from view import View


def sentence(view: View) -> Locator:
    return view.root.locator(".agw-sentence")


def test_names_in_it_lead_to_their_nodes(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    for name, text in (("h3", "h3"), ("wh", re.compile("^wh "))):
        sentence(view).get_by_role("button", name=text).first.click()
        expect(view.inspector(node(widget, name))).to_be_visible()


@pytest.mark.parametrize(
    ("name", "slope", "language", "said"),
    [
        ("L", -2.0, "en", "Raise b to lower L."),
        ("val_loss", 2.0, "en", "Lower b to lower val_loss."),
        ("h", -2.0, "en", "Raising b lowers h."),
        ("h", 2.0, "zh", "增大 b 会使 h 增大。"),
        ("loss", 2.0, "zh", "减小 b 可减小 loss。"),
    ],
)
def test_it_says_which_way_to_turn(page: Page, name: str, slope: float, language: str, said: str) -> None:
    b = Scalar(3.0, label="b")
    y = b * slope + 1.0
    y.label = name
    widget = GraphWidget(y, language=language)
    view = show_widget(page, widget)
    expect(sentence(view)).to_contain_text(said)
    sentence(view).get_by_role("button", name="b", exact=True).click()
    expect(view.inspector(node(widget, "b"))).to_be_visible()


@pytest.mark.parametrize("slope", [0.0, math.inf, math.nan])
def test_nothing_says_which_way_to_turn_where_no_slope_does(page: Page, slope: float) -> None:
    y = Scalar(3.0, label="b") * slope
    y.label = "L"
    expect(sentence(show_widget(page, GraphWidget(y)))).not_to_contain_text("to lower L")


def test_it_says_why_nothing_moves_the_result(page: Page) -> None:
    x = Scalar(-1.3, label="x")
    y = x.relu()
    y.label = "y"
    view = show_widget(page, GraphWidget(y))
    expect(sentence(view)).to_contain_text("would give 0, because y is off")


def test_it_says_where_a_number_stops_being_one(page: Page) -> None:
    p = Scalar(0.0, label="p")
    q = log(p)
    q.label = "q"
    h = -p * q
    h.label = "H"
    widget = GraphWidget(h)
    view = show_widget(page, widget)
    expect(sentence(view)).to_contain_text("would give p nan")
    expect(sentence(view)).to_contain_text("Infinite: first made at q.")
    sentence(view).get_by_role("button", name="q").first.click()
    expect(view.inspector(node(widget, "q"))).to_be_visible()
