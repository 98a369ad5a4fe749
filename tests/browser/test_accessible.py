"""Findings of axe on a page: nothing that keeps somebody from it, in a narrow cell and in the dark too."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from browser.examples import node, show_widget
from browser.gallery import recurrence, softmax, xor_by_hand
from browser.harness import settled

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from autograd_widget import GraphWidget

AXE = Path(__file__).parents[2] / "js/node_modules/axe-core/axe.min.js"
FOUND = """
async (within) => (await axe.run(within)).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => [id, nodes.map(({ html }) => html.slice(0, 200))])
"""


def found(page: Page, within: str) -> list[tuple[str, list[str]]]:
    """The rules that are broken, each with the elements that break it."""
    page.evaluate(AXE.read_text("utf-8"))
    broken: list[tuple[str, list[str]]] = page.evaluate(FOUND, within)
    return broken


@pytest.mark.parametrize("width", [320, 960])
@pytest.mark.parametrize(
    ("example", "leaf", "dark"),
    [(recurrence, "w", True), (softmax, "z1", False), (xor_by_hand, "W1[0][0]", False)],
)
def test_nothing_serious(
    page: Page, example: Callable[[], GraphWidget], leaf: str, dark: bool, width: int
) -> None:
    widget = example()
    view = show_widget(page, widget, width=width, dark=dark, selected=node(widget, leaf))
    view.root.get_by_role("button", name="Learn").click()
    settled(page)
    assert found(page, ".autograd-widget") == []


def test_a_saved_page_has_a_landmark_and_a_heading(page: Page, tmp_path: Path) -> None:
    page.goto(recurrence().save_html(tmp_path / "page.html").as_uri())
    page.locator("[data-node]").first.wait_for()
    assert found(page, "html") == []
    assert page.locator("main > autograd-graph").count() == 1
    assert page.get_by_role("heading", level=1).inner_text() == "h3 = 0.6375"
