"""`make dev` for real: a rebuilt page reaches an open notebook while its kernel goes on."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hosts.jupyterlab import NOISE
from view import View

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from hosts.jupyterlab import JupyterLab


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    return NOISE


def test_a_rebuilt_page_is_loaded_without_a_restart_of_the_kernel(
    page: Page, jupyterlab: JupyterLab, site: Path, tmp_path: Path
) -> None:
    package = shutil.copytree(site / "autograd_widget", tmp_path / "autograd_widget")
    notebook = jupyterlab.open(
        page,
        [
            f"import os, sys; os.environ['ANYWIDGET_HMR'] = '1'; sys.path.insert(0, {str(tmp_path)!r})",
            "from autograd_widget import GraphWidget, Scalar",
            "w = Scalar(3.0, label='w'); g = GraphWidget(w * w); g",
        ],
    )
    notebook.run_all()
    view = View(notebook.panel)
    leaf = 0
    moved = view.drag(leaf, 2.0)

    bundle = package / "static" / "widget.js"
    built = bundle.read_text("utf-8")
    bundle.write_text(built.replace('"autograd-widget"', '"autograd-widget rebuilt"', 1), encoding="utf-8")

    expect(notebook.panel.locator(".rebuilt")).to_be_visible()
    assert view.value(leaf) == pytest.approx(moved)
    assert float(notebook.run("print(w.value)")) == pytest.approx(moved)
