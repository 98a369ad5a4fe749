"""The whole way in a real JupyterLab: a cell makes a graph, the page moves it, the next cell sees it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hosts.jupyterlab import NOISE
from hosts.server import until
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from hosts.jupyterlab import JupyterLab, Notebook

SEED = (
    """\
import json
from autograd_widget import GraphWidget, Scalar""",
    """\
w = Scalar(0.3, label='w')
wh = Scalar(0.5, label='wh')
x1 = Scalar(1., label='x1', requires_grad=False)
x2 = Scalar(1., label='x2', requires_grad=False)
x3 = Scalar(1., label='x3', requires_grad=False)
h1 = w * x1
h2 = w * x2 + wh * h1
h3 = w * x3 + wh * h2""",
)


WATCH = """
slider => {
  window.seen = new Set();
  const look = () => { seen.add(slider.value); if (slider.value !== "0.9") requestAnimationFrame(look); };
  look();
}
"""
"""Collects the values that a slider shows until the last one has come."""


SLOW = "import time\ng.observe(lambda change: time.sleep(0.4), names='values')"
"""Makes each message of a page take long."""


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    return NOISE


def test_the_next_cell_sees_what_was_dragged(page: Page, jupyterlab: JupyterLab) -> None:
    passes = "for h in (h1, h2, h3):\n    h.backward()"
    notebook = jupyterlab.open(page, [*SEED, passes, "g = GraphWidget(h1, h2, h3)\ng"])
    notebook.run_all()
    view, ids = View(notebook.panel), ids_of(notebook)
    assert view.grad(ids["w"]) == pytest.approx(4.25)

    wh = view.drag(ids["wh"], 0.9)

    assert wh == pytest.approx(0.9, abs=0.05)
    shown = [view.value(ids["wh"]), view.value(ids["h3"]), view.grad(ids["w"])]
    said = json.loads(notebook.run("print(json.dumps([wh.value, h3.value, w.grad]))"))
    assert said == pytest.approx(shown, rel=1e-12)
    assert said == pytest.approx([wh, h3_of(wh), 1 + (1 + wh) + (1 + wh + wh**2)], rel=1e-12)


@pytest.mark.parametrize("case", ["busy", "slow"])
def test_a_cell_run_right_after_letting_go_sees_the_last_value(
    page: Page, jupyterlab: JupyterLab, case: str
) -> None:
    notebook = jupyterlab.open(page, [*SEED, "g = GraphWidget(h3)\ng"])
    notebook.run_all()
    view, ids = View(notebook.panel), ids_of(notebook)
    if case == "slow":
        notebook.run(SLOW)
        wh = view.drag(ids["wh"], 0.9)
        said = notebook.run("print(json.dumps([wh.value, h3.value]))")
    else:
        with notebook.running("import time; time.sleep(4)"):
            wh = view.drag(ids["wh"], 0.9)
            said = notebook.run("print(json.dumps([wh.value, h3.value]))")
    assert json.loads(said) == pytest.approx([wh, h3_of(wh)], rel=1e-12)


def test_cells_and_views_move_together_and_the_page_outlives_the_kernel(
    page: Page, jupyterlab: JupyterLab
) -> None:
    notebook = jupyterlab.open(
        page,
        [
            *SEED,
            "g = GraphWidget(h3)\nheard = []\ng.observe(heard.append, names='values')\ng",
            "g",
        ],
    )
    notebook.run_all()
    upper, lower = View(notebook.panel, 0), View(notebook.panel, 1)
    ids = ids_of(notebook)

    notebook.run('g["wh"] = 0.7')
    for view in (upper, lower):
        expect(view.slider(ids["wh"])).to_have_value("0.7")
        assert view.value(ids["h3"]) == pytest.approx(h3_of(0.7), rel=1e-12)
    assert notebook.run("print(len(heard), heard[-1]['name'])") == "1 values"

    wh = upper.drag(ids["wh"], -0.4)
    expect(lower.slider(ids["wh"])).to_have_value(str(wh))
    assert lower.value(ids["h3"]) == upper.value(ids["h3"]) == pytest.approx(h3_of(wh), rel=1e-12)
    assert int(notebook.run("print(len(heard))")) > 1

    notebook.shut_down_kernel()
    for view in (upper, lower):
        view.root.hover()
        expect(view.root).to_contain_text("Not connected: Python gets your moves when it is back.")
    wh = lower.drag(ids["wh"], 1.3)
    expect(upper.slider(ids["wh"])).to_have_value(str(wh))
    assert lower.value(ids["h3"]) == upper.value(ids["h3"]) == pytest.approx(h3_of(wh), rel=1e-12)


def test_a_restart_is_said_and_its_cell_connects_again(page: Page, jupyterlab: JupyterLab) -> None:
    notebook = jupyterlab.open(page, [*SEED, "g = GraphWidget(h3)\ng"])
    notebook.run_all()
    view, ids = View(notebook.panel), ids_of(notebook)
    notebook.restart()
    expect(view.root).to_contain_text("Not connected")
    view.drag(ids["wh"], 1.3)
    notebook.run_all()
    wh = view.drag(ids["wh"], -0.4)
    expect(view.root).not_to_contain_text("Not connected")
    assert float(notebook.run("print(wh.value)")) == wh


def test_what_is_done_on_the_page_and_what_is_called_in_a_cell_are_one(
    page: Page, jupyterlab: JupyterLab
) -> None:
    notebook = jupyterlab.open(page, [*SEED, "g = GraphWidget(h1, h2, h3)\ng"])
    notebook.run_all()
    view, ids = View(notebook.panel), ids_of(notebook)
    w_grad, wh_grad = (view.node(ids[name]).locator("[data-grad]") for name in ("w", "wh"))

    def press(name: str) -> None:
        view.root.get_by_role("button", name=name, exact=True).click()

    notebook.run("h3.zero_grad()")
    expect(w_grad).to_have_text("preview")
    notebook.run("h1.backward()")
    expect(w_grad).to_have_text("1.00")
    view.node(ids["w"]).locator(".agw-title").click()
    expect(view.inspector(ids["w"])).to_contain_text("h1.backward()+1.00")
    expect(view.inspector(ids["w"])).not_to_contain_text("h2.backward()")
    press("h2.backward()")
    expect(w_grad).to_have_text("2.50")
    assert notebook.run("print(w.grad, wh.grad)") == "2.5 0.3"
    press("zero_grad()")
    assert notebook.run("print(w.grad, h3.reached)") == "0.0 False"

    notebook.run("h3.backward()")
    expect(wh_grad).to_have_text("0.60")
    freeze = view.node(ids["wh"]).get_by_role("button")
    freeze.click()
    expect(freeze).to_have_attribute("aria-pressed", "true")
    assert notebook.run("print(wh.requires_grad, w.grad)") == "False 1.75"
    notebook.run("g.thaw('wh')")
    expect(freeze).to_have_attribute("aria-pressed", "false")
    expect(wh_grad).to_have_text("0.60")

    press("Learn ▾")
    press("p ← p − lr·grad")
    expect(view.node(ids["w"]).locator("[data-value]")).to_have_attribute("title", re.compile(r"^0\.12"))
    until(lambda: notebook.run("print(w.value < 0.2)") == "True" or None, 20, lambda: "w did not follow")
    said = json.loads(notebook.run("print(json.dumps([wh.value, h3.value, w.grad]))"))
    shown = [view.value(ids["wh"]), view.value(ids["h3"]), view.grad(ids["w"])]
    assert said == pytest.approx(shown, rel=1e-12)
    press("back to start")
    until(lambda: notebook.run("print(w.value)") == "0.3" or None, 20, lambda: "w did not come back")


def test_a_cell_that_runs_again_adds_up_nothing(page: Page, jupyterlab: JupyterLab) -> None:
    cells = [*SEED, "loss = (h3 - 1.0) ** 2\nloss.label = 'loss'", "g = GraphWidget(loss)\ng"]
    notebook = jupyterlab.open(page, cells)
    notebook.run_all()
    for _ in range(5):
        notebook.run_again(3)
    view, ids = View(notebook.panel), ids_of(notebook)
    expect(view.root).to_have_attribute("data-preview", "")
    assert notebook.run("print(w.grad, w.reached, len(g.passes))") == "0.0 False 0"

    view.root.get_by_role("button", name="loss.backward()", exact=True).click()
    wh = view.drag(ids["wh"], 0.9)
    said = json.loads(notebook.run("print(json.dumps([wh.value, loss.value, w.grad, w.reached]))"))
    shown = [view.value(ids["wh"]), view.value(ids["loss"]), view.grad(ids["w"]), True]
    assert said == pytest.approx(shown, rel=1e-12)
    assert said[0] == wh

    loop = """\
for _ in range(60):
    loss.forward()
    loss.backward()
    w.value -= 0.01 * w.grad
loss.forward()"""
    notebook.run(loop)
    ledger = "print(json.dumps([w.grad, w.value, len(g.ledger), [row.added['w'] for row in g.ledger]]))"
    grad, value, count, added = json.loads(notebook.run(ledger))
    assert (count, sum(added)) == (51, pytest.approx(grad))
    expect(view.box(ids["w"])).to_have_value(re.compile(rf"^{re.escape(f'{value:.3f}'[:-1])}"))
    assert [view.value(ids["w"]), view.grad(ids["w"])] == pytest.approx([value, grad], rel=1e-12)
    view.node(ids["w"]).locator(".agw-title").click()
    expect(view.inspector(ids["w"])).to_contain_text("earlier passes, together")

    notebook.run("w.value = 0.5")
    expect(view.root).to_contain_text("w was set after loss was computed")
    view.root.get_by_role("button", name="loss.forward()", exact=True).click()
    until(lambda: notebook.run("print(g.stale)") == "{}" or None, 20, lambda: "Python did not come along")
    assert json.loads(notebook.run("print(loss.value)")) == pytest.approx(view.value(ids["loss"]), rel=1e-12)


def test_a_loop_moves_a_graph_above_it_while_it_runs(page: Page, jupyterlab: JupyterLab) -> None:
    notebook = jupyterlab.open(page, [*SEED, "h3.backward()\ng = GraphWidget(h3)\ng"])
    notebook.run_all()
    view, ids = View(notebook.panel), ids_of(notebook)
    expect(view.slider(ids["w"])).to_have_value("0.3")
    loop = """\
import time
start = time.time()
steps = 0
while time.time() < start + 4.0:
    h3.zero_grad()
    h3.backward()
    w.value = 0.3 + (time.time() - start) / 10
    h3.forward()
    steps += 1
w.value = 0.9
h3.forward()
print(steps)"""
    view.slider(ids["w"]).evaluate(WATCH)
    with notebook.running(loop):
        expect(view.slider(ids["w"])).to_have_value("0.9", timeout=20_000)
    assert page.evaluate("seen.size") > 10


def test_an_op_of_ones_own_is_computed_in_the_kernel(page: Page, jupyterlab: JupyterLab) -> None:
    define = """\
import json
from autograd_widget import GraphWidget, Scalar, custom_op
@custom_op(partials=lambda y, a: (3 * a * a,))
def cube(a):
    return a**3
w = Scalar(0.5, label='w')
y = cube(cube(w) + 1.0) * 2.0
y.label = 'y'"""
    notebook = jupyterlab.open(page, [define, "y.backward()\ng = GraphWidget(y)\ng"])
    notebook.run_all()
    view, ids = View(notebook.panel), ids_of(notebook)
    w = view.drag(ids["w"], 0.9)
    expect(view.root.locator("[aria-busy]")).to_have_count(0)
    shown = [view.value(ids["y"]), view.grad(ids["w"])]
    assert shown == pytest.approx([2 * (w**3 + 1) ** 3, 18 * (w**3 + 1) ** 2 * w**2], rel=1e-12)
    assert json.loads(notebook.run("print([y.value, w.grad])")) == pytest.approx(shown, rel=1e-12)

    notebook.shut_down_kernel()
    view.drag(ids["w"], 0.2)
    expect(view.slider(ids["w"])).to_be_disabled()
    assert [view.value(ids["y"]), view.grad(ids["w"])] == shown


def h3_of(wh: float, w: float = 0.3) -> float:
    """The seed's result, by hand."""
    return w + wh * (w + wh * w)


def ids_of(notebook: Notebook) -> dict[str, int]:
    """The ids of the nodes of `g` that have a name."""
    labels = json.loads(notebook.run("print(json.dumps(g.graph['label']))"))
    return {label: int(node) for node, label in labels.items()}


def test_an_expression_that_is_written_on_the_page_is_python_s_too(
    page: Page, jupyterlab: JupyterLab
) -> None:
    made = 'g = GraphWidget.from_expression("tanh(w*x)", w=0.5, x=2.0)\ng'
    notebook = jupyterlab.open(page, [SEED[0], made])
    notebook.run_all()
    view = View(notebook.panel)
    view.root.get_by_role("button", name="f(x)").click()
    field = view.root.get_by_role("textbox", name="expression")
    field.fill("w*x + c")
    field.press("Enter")
    expect(view.node(4)).to_be_visible()
    moved = view.drag(2, -1.0)
    until(
        lambda: (
            notebook.run("print(g.expression, g['w'], round(g['c'], 6))").endswith(str(round(moved, 6)))
            or None
        ),
        20,
        lambda: "Python has not heard of it",
    )
    assert notebook.run("print(g.expression, g['w'])") == "w*x + c 0.5"
    assert view.value(4) == 1 + moved
