"""Among other widgets in JupyterLab: hidden at first, in boxes, linked, with Python's answers beside."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from hosts.jupyterlab import NOISE
from hosts.server import until
from recipes import recipe
from view import View

if TYPE_CHECKING:
    from hosts.jupyterlab import JupyterLab

HIDDEN = """\
from ipywidgets import Accordion, Label, Output, Tab, VBox
from IPython.display import display

def one():
    w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
    h = w
    for i in range(3):
        h = w + wh * h
    return GraphWidget(h, layout={"width": "700px"})

output = Output(layout={"display": "none"})
with output:
    display(one())
tab = Tab([Label("nothing here"), one()], titles=["first", "second"])
accordion = Accordion([one()], titles=["closed"])
VBox([one(), tab, accordion, output])
"""

GEOMETRY = """
root => [...root.querySelectorAll('[data-node], [data-edge] path, path[data-edge], [data-edge-grad]')].map(
  (e) => e.matches('[data-node]')
    ? [e.offsetLeft, e.offsetTop, e.offsetWidth, e.offsetHeight]
    : (e.getAttribute('d') ?? e.textContent))
"""


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    return NOISE


def test_what_is_hidden_at_first_is_drawn_right_when_shown(page: Page, jupyterlab: JupyterLab) -> None:
    notebook = jupyterlab.open(page, ["from autograd_widget import GraphWidget, Scalar", HIDDEN])
    notebook.run_all()
    panel = notebook.panel
    views = panel.locator(".autograd-widget")
    expect(views).to_have_count(4)
    expect(views.filter(visible=True)).to_have_count(1)
    expected = views.first.evaluate(GEOMETRY)
    assert len(expected) > 20

    panel.get_by_role("tab", name="second").click()
    panel.locator(
        ".jupyter-widget-Collapse-header, .lm-AccordionPanel-title", has_text="closed"
    ).first.click()
    notebook.run("output.layout.display = 'block'")
    expect(views.filter(visible=True)).to_have_count(4)
    for i in range(4):
        view = View(panel, i)
        expect(view.node(0)).to_be_visible()
        assert view.root.evaluate(GEOMETRY) == expected
        before = view.value(view.last_node())
        view.drag(1, 0.9)
        assert view.value(view.last_node()) > before


ROW = """\
from ipywidgets import FloatSlider, HBox
w = Scalar(0.3, label="w")
HBox([FloatSlider(), GraphWidget((w * 2.0).tanh())])
"""


def test_in_a_row_it_takes_what_is_left(page: Page, jupyterlab: JupyterLab) -> None:
    notebook = jupyterlab.open(page, ["from autograd_widget import GraphWidget, Scalar", ROW])
    notebook.run_all()
    view = View(notebook.panel)
    expect(view.node(0)).to_be_visible()
    beside, box, row = (
        one.bounding_box() or {"x": 0, "width": 0}
        for one in (
            notebook.panel.locator(".widget-slider"),
            view.root,
            notebook.panel.locator(".widget-hbox"),
        )
    )
    assert beside["width"] == 300
    assert box["x"] + box["width"] == pytest.approx(row["x"] + row["width"], abs=8)
    assert box["x"] == pytest.approx(beside["x"] + beside["width"], abs=12)


def test_the_recipes_move_together(page: Page, jupyterlab: JupyterLab) -> None:
    headings = [("", 0), ("Python follows", 0), ("A slider elsewhere", 0), ("`interactive_output`", 0)]
    notebook = jupyterlab.open(page, [recipe(*heading) for heading in headings])
    notebook.run_all()
    view = View(notebook.panel)
    expect(view.node(0)).to_be_visible()
    # In one move: behind a busy kernel, a slider linked in Python sends back an earlier place of a drag.
    w = 1.2
    view.box(0).fill(str(w))
    view.box(0).press("Enter")

    def agreed() -> float | None:
        known = json.loads(notebook.run("print([w.value, y.value])"))
        shown = [view.value(0), view.value(view.last_node())]
        agree = shown == pytest.approx(known, rel=1e-12) and known[0] == pytest.approx(w)
        return shown[1] if agree else None

    y = until(agreed, 20, lambda: f"the page and Python do not agree on w = {w}")
    labels = notebook.panel.locator(".widget-label, .jupyter-widgets.widget-label")
    expect(labels.filter(has_text=f"y = {y:.3f}").first).to_be_visible()
    expect(notebook.panel.get_by_text(f"y = {y:.3f}", exact=True)).to_be_visible()
    for readout in notebook.panel.locator(".widget-readout").all():
        expect(readout).to_have_text(f"{w:.2f}")


def test_a_link_in_the_browser_outlives_the_kernel(page: Page, jupyterlab: JupyterLab) -> None:
    notebook = jupyterlab.open(page, [recipe(""), recipe("Two graphs")])
    notebook.run_all()
    smooth, sharp = View(notebook.panel, 0), View(notebook.panel, 1)
    expect(sharp.node(0)).to_be_visible()
    assert top_of(smooth) == top_of(sharp)

    smooth.node(1).press("Enter")
    expect(sharp.inspector(1)).to_be_visible()
    notebook.shut_down_kernel()
    w = smooth.drag(0, 1.1)
    expect(sharp.slider(0)).to_have_value(str(w))
    assert sharp.value(3) == pytest.approx(1.5 * w, rel=1e-12)


def top_of(view: View) -> float:
    """The position of a view on the page."""
    box = view.root.bounding_box()
    assert box is not None
    return box["y"]
