"""The recipes of `docs/ecosystem.md` for hosts other than Jupyter, as they stand there."""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hosts.hosts import PANEL_NOISE, Visit, marimo, marimo_app, panel, solara
from recipes import recipe
from view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def in_marimo(folder: Path, site: Path) -> AbstractContextManager[Visit]:
    return marimo("run", folder, site, marimo_app(recipe(""), recipe("marimo"), recipe("marimo", 1)))


def in_solara(folder: Path, site: Path) -> AbstractContextManager[Visit]:
    return solara(folder, site, recipe("") + recipe("Solara"))


def in_panel(folder: Path, site: Path) -> AbstractContextManager[Visit]:
    return panel(folder, site, recipe("") + recipe("Panel"))


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    return PANEL_NOISE


@pytest.fixture(
    params=[
        in_marimo,
        pytest.param(in_solara, marks=pytest.mark.heavy),
        pytest.param(in_panel, marks=pytest.mark.heavy),
    ]
)
def visit(request: pytest.FixtureRequest, site: Path, tmp_path: Path) -> Iterator[Visit]:
    with request.param(tmp_path, site) as visit:
        yield visit


def test_python_says_beside_the_graph_what_was_moved(visit: Visit, page: Page) -> None:
    visit(page)
    view = View(page.locator("body"))
    expect(view.node(0)).to_be_visible(timeout=60_000)
    w = view.drag(0, 1.2)
    y = math.tanh(-1.5 * w + 0.25)
    assert view.value(view.last_node()) == pytest.approx(y)
    expect(page.get_by_text(f"y = {y:.3f}").first).to_be_visible()
