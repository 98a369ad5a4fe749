"""Nothing moves that the reader has not moved: numbers get longer and shorter in their own places."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from browser.by_hand import WH, W, seed, view_of
from browser.harness import receive

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", [480, 700, 960, 1400])
def test_the_graph_stays_where_it_is_while_the_sentence_changes(
    page: Page, width: int, language: str
) -> None:
    view = view_of(page, seed(), width=width, language=language)
    tops = set()
    for passes in ([], [11], [5, 8, 11]):
        for wh in (0.0, 0.5, -1.87654, 12345.678):
            receive(page, passes=passes, values={str(W): 0.3, str(WH): wh})
            box = view.root.locator(".agw-canvas").bounding_box()
            assert box is not None
            tops.add(box["y"])
    assert len(tops) == 1
