"""A notebook that was saved and is opened again: alive without its kernel, or else readable."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from ipywidgets import Widget
from playwright.sync_api import Browser, Locator, Page, expect

from autograd_widget import GraphWidget, Scalar
from autograd_widget.graph.document import MIME
from chromium import new_context
from hosts.jupyterlab import NOISE
from hosts.server import until
from view import View

if TYPE_CHECKING:
    from hosts.jupyterlab import JupyterLab

CELLS = (
    """\
from autograd_widget import GraphWidget, Scalar, group
w, wh = Scalar(0.3, label='w'), Scalar(0.5, label='wh')
with group('t=1'):
    h1 = w * 1.0
h2 = w + wh * h1
g = GraphWidget(h1, h2)
g.backward(h2)""",
    "g",
)
STATE = "application/vnd.jupyter.widget-state+json"
MOST_BYTES = 1_200_000
"""The limit of bytes that ten widgets add to a notebook."""
FOLDED = '[data-group="0"]'
H2 = 5
SAID = re.compile(r"^GraphWidget\(h1 = 0\.30, h2 = ")


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    # Its renderer of widgets reports each one that it looks for in vain.
    return (*NOISE, r"^console: Error: widget model not found")


@pytest.fixture(scope="module")
def left(browser: Browser, jupyterlab: JupyterLab) -> Left:
    """A notebook as someone left it, with its widget's state, and its kernel gone."""
    with new_context(browser) as context:
        notebook = jupyterlab.open(context.new_page(), CELLS)
        notebook.run_all()
        view = View(notebook.panel)
        view.drag(1, 0.9)
        view.node(1).press("Enter")
        expect(view.inspector(1)).to_be_visible()
        view.root.locator("[data-open-group]").click()
        expect(view.root.locator(FOLDED)).to_be_visible()
        shown = numbers(view)
        until(
            lambda: notebook.run("print(g.selected, g.opened)") == "1 []" or None,
            20,
            lambda: "Python has not heard of it",
        )
        notebook.save()
        content = json.loads((jupyterlab.notebooks / notebook.path).read_text())
        notebook.shut_down_kernel()
        return Left(notebook.path, content, shown)


class Left(NamedTuple):
    """A saved notebook: its path, the content of its file, and the numbers that it showed."""

    path: str
    content: dict[str, Any]
    shown: list[str]


def test_with_its_state_it_reopens_alive_as_it_was_left(
    left: Left, page: Page, jupyterlab: JupyterLab
) -> None:
    assert STATE in left.content["metadata"]["widgets"]
    notebook = jupyterlab.open_file(page, left.path)
    view = View(notebook.panel)
    expect(view.inspector(1)).to_be_visible()
    expect(view.root.locator(FOLDED)).to_be_visible()
    assert numbers(view) == left.shown
    assert view.root.get_by_text("h2.backward()").count() >= 2  # a button, and a row of the ledger
    assert notebook.run("print('g' in globals())") == "False"
    wh = view.drag(1, -0.5)
    assert view.value(H2) == pytest.approx(0.3 + wh * 0.3)


@pytest.mark.parametrize("is_trusted", [True, False])
def test_without_its_state_it_is_alive_as_it_was_first_shown(
    left: Left, page: Page, jupyterlab: JupyterLab, is_trusted: bool
) -> None:
    name = f"stateless-{is_trusted}.ipynb"
    # A signature is one of the content, wherever it is: each of the two has its own.
    own = {
        "cells": edited(left, f"trusted: {is_trusted}"),
        "metadata": without(left.content["metadata"], "widgets"),
    }
    (jupyterlab.notebooks / name).write_text(json.dumps({**left.content, **own}))
    if is_trusted:
        jupyterlab.trust(name)
    notebook = jupyterlab.open_file(page, name)
    view = View(notebook.panel)
    expect(view.root).to_be_visible()
    if is_trusted:  # only then is a widget looked for, in vain, which must not be seen
        expect(notebook.panel.get_by_text("model not found")).to_be_attached()
    expect(notebook.panel.get_by_text("model not found")).to_be_hidden()
    wh = view.drag(1, -0.5)
    assert view.value(H2) == pytest.approx(0.3 + wh * 0.3)
    expect(notebook.panel.locator(".autograd-widget")).to_have_count(1)
    cells = notebook.panel.locator(".jp-Cell").count()
    view.node(H2).click()
    page.keyboard.press("b")  # which would add a cell
    expect(notebook.panel.locator(".jp-Cell")).to_have_count(cells)
    notebook.run_all()
    expect(notebook.panel.locator(".autograd-widget")).to_have_count(1)
    wh = view.drag(1, 0.7)
    until(
        lambda: notebook.run("print(round(wh.value, 6))") == str(round(wh, 6)) or None,
        20,
        lambda: "Python has not heard of it",
    )
    notebook.run("g.close()")
    expect(notebook.panel.locator(".autograd-widget")).to_have_count(0)


def test_where_it_may_not_be_alive_it_is_a_picture_or_a_text(
    left: Left, page: Page, jupyterlab: JupyterLab
) -> None:
    first, shown, *others = left.content["cells"]
    unsigned, *_ = edited(left, "edited elsewhere, so that no signature fits")
    (output,) = shown["outputs"]
    # As if the package were not installed, or the graph too large for an output.
    output = {**output, "data": without(output["data"], MIME)}
    shown = {**shown, "outputs": [output]}
    no_picture = without(output["data"], "image/png")
    only_text = {**shown, "outputs": [{**output, "data": no_picture}]}

    def opened(**changed: Any) -> Locator:
        (jupyterlab.notebooks / "unsigned.ipynb").write_text(json.dumps({**left.content, **changed}))
        return jupyterlab.open_file(page, "unsigned.ipynb").panel

    stateless = without(left.content["metadata"], "widgets")
    text = opened(cells=[first, only_text, *others], metadata=stateless).get_by_text(SAID)
    expect(text).to_be_visible()
    with_state = opened(cells=[unsigned, shown, *others])
    # There is a picture where Graphviz's program was there.
    expect(with_state.locator("img") if "image/png" in output["data"] else text).to_be_visible()
    expect(with_state.locator(".autograd-widget")).to_have_count(0)


def edited(left: Left, words: str) -> list[dict[str, Any]]:
    """Its cells, with a comment in the first."""
    first, *others = left.content["cells"]
    return [{**first, "source": [f"# {words}\n", *first["source"]]}, *others]


def without(those: dict[str, Any], key: str) -> dict[str, Any]:
    return {each: value for each, value in those.items() if each != key}


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
    state = Widget.get_manager_state(widgets=[each for graph in graphs for each in (graph, graph.layout)])
    outputs = [graph._repr_mimebundle_() for graph in graphs]  # with a picture, where `dot` is installed
    written = json.dumps([state, outputs], ensure_ascii=False, indent=1)
    assert len(written.encode()) < MOST_BYTES
