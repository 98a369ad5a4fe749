"""A notebook that was saved and is opened again: alive without its kernel, or readable where that can't be."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest
from ipywidgets import Widget
from playwright.sync_api import Page, expect

from autograd_widget import GraphWidget, Scalar
from hosts.jupyterlab import NOISE, Notebook
from hosts.server import until
from view import View

if TYPE_CHECKING:
    from hosts.jupyterlab import JupyterLab

CELLS = (
    """\
from autograd_widget import GraphWidget, Scalar
w, wh = Scalar(0.3, label='w'), Scalar(0.5, label='wh')
h1 = w * 1.0
h2 = w + wh * h1
g = GraphWidget(h1, h2)
g.backward(h2)""",
    "g",
)
STATE = "application/vnd.jupyter.widget-state+json"
MOST_BYTES = 1_200_000
"""What ten widgets may add to a notebook."""


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    return tuple(NOISE)


@pytest.fixture(scope="module")
def saved(jupyterlab: JupyterLab, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    raise NotImplementedError


def test_it_reopens_as_it_was_left(page: Page, jupyterlab: JupyterLab) -> None:
    notebook = jupyterlab.open(page, CELLS)
    notebook.run_all()
    view = View(notebook.panel)
    wh = view.drag(1, 0.9)
    view.node(1).press("Enter")
    expect(view.inspector(1)).to_be_visible()
    shown = numbers(view)
    until(lambda: notebook.run("print(g.selected)") == "1" or None, 20, lambda: "Python has not heard of it")
    notebook.save()
    content = read(jupyterlab, notebook)
    assert "g.selected" in "".join(content["cells"][-1]["source"])
    assert STATE in content["metadata"]["widgets"]

    notebook.shut_down_kernel()
    again = jupyterlab.open_file(page, notebook.path)
    view = View(again.panel)
    expect(view.inspector(1)).to_be_visible()
    assert (view.value(1), numbers(view)) == (wh, shown)
    assert again.run("print('g' in globals())") == "False"
    moved = view.drag(1, -0.5)
    assert view.value(view.last_node()) == pytest.approx(0.3 + moved * 0.3)

    for name, change in {"stateless": forget_state, "untrusted": edit_outside}.items():
        other = json.loads(json.dumps(content))
        change(other)
        path = f"{name}.ipynb"
        (jupyterlab.notebooks / path).write_text(json.dumps(other))
        if name == "stateless":
            jupyterlab.trust(path)
        opened = jupyterlab.open_file(page, path)
        page.wait_for_timeout(3000)
        print(name, opened.panel.inner_text())
        page.screenshot(path=f"/tmp/hosts/{name}.png")


def forget_state(content: dict[str, Any]) -> None:
    del content["metadata"]["widgets"]


def read(jupyterlab: JupyterLab, notebook: Notebook) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((jupyterlab.notebooks / notebook.path).read_text())
    return found


def numbers(view: View) -> list[str]:
    """Every number that a view shows, in full."""
    shown: list[str] = view.root.evaluate(
        "root => [...root.querySelectorAll('[data-node] [title]')].map(e => e.title)"
    )
    return shown


def test_ten_widgets_in_a_notebook_add_little() -> None:
    def one() -> GraphWidget:
        w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
        h = w * 1.0
        for _ in range(3):
            h = w + wh * h
        return GraphWidget(h)

    graphs = [one() for _ in range(10)]
    belonging = [each for graph in graphs for each in (graph, graph.layout)]
    state = Widget.get_manager_state(widgets=belonging)
    written = json.dumps(state, ensure_ascii=False, indent=1)
    assert len(written.encode()) < MOST_BYTES


def edit_outside(content: dict[str, Any]) -> None:
    """What was signed is no longer what is there."""
    content["cells"][0]["source"] = ["# edited elsewhere\n", *content["cells"][0]["source"]]
