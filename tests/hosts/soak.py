"""A long run in a real JupyterLab: `make soak`, ten minutes, or as many as MINUTES says.

Somebody drags, runs passes and learns, widgets come and go, the kernel is slow, is restarted, and loses its
connection. After each round page and Python have the same numbers; at the end the heap has grown by no more
than what each widget that was imported and each disturbance leave in the host. `docs/hosts.md` has the
last figures.
"""

from __future__ import annotations

import json
import os
import random
import sys
from time import monotonic
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from chromium import heap_of
from hosts.jupyterlab import NOISE
from hosts.server import until
from view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from hosts.jupyterlab import JupyterLab, Notebook

MINUTES = float(os.environ.get("MINUTES", "10"))

KEPT_MB = 0.2
"""The largest growth of a page's heap per widget that was shown and closed: JupyterLab keeps its state, and
with it 0.15 MB, as of an anywidget that draws nothing."""
KEPT_BY_HOST_MB = 0.4
"""The largest growth for each restart, lost connection and slow cell: 0.2 to 0.5 for a restart, 0.1 for a
lost connection, as of an anywidget that draws nothing."""
SPARE_MB = 3.0
"""Growth that does not go on: caches of the host, acts that can be undone."""

CELLS = (
    """\
import json, time
count = 0
from IPython.display import display
from autograd_widget import GraphWidget, Scalar
w = Scalar(0.3, label='w')
wh = Scalar(0.5, label='wh')
x = [Scalar(1.0, label=f'x{i}', requires_grad=False) for i in (1, 2, 3)]
h1 = w * x[0]
h2 = w * x[1] + wh * h1
h3 = w * x[2] + wh * h2
loss = (h3 - 1.0) ** 2
loss.label = 'loss'
g = GraphWidget(loss)""",
    "g",
    """\
more = [GraphWidget(loss) for _ in range(count)]
for each in more:
    display(each)""",
    """\
for each in more:
    each.close()""",
    "time.sleep(5)",
    """\
count = 3
nodes = g._nodes
print(json.dumps({'value': [n.value for n in nodes], 'grad': [n.grad if n.reached else None for n in nodes],
  'label': g.graph['label'], 'error': g.status()['last error']}))""",
)
LINES = """
window.made = 0;
window.WebSocket = class extends WebSocket {
  constructor(...given) {
    super(...given);
    if (!given[0].includes("/channels")) return;
    window.line = this;
    window.made++;
  }
};
"""
"""Keeps the connection to the kernel, so that it can be lost."""

MORE, CLOSE, SLOW, REPORT = 2, 3, 4, 5


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    return (
        *NOISE,
        r"WebSocket",
        r"Connection lost",
        r"Kernel: connection",
        r"Canceled future for execute_request",
        # Widgets that Python frees after a connection was lost: the page has forgotten them by then.
        r"Comm not found for comm id",
    )


class Soak:
    """A notebook that goes on for long.

    Args:
        page: The browser's page.
        notebook: The notebook, which has run once.
    """

    def __init__(self, page: Page, notebook: Notebook) -> None:
        self._page, self._notebook = page, notebook
        self._rng = random.Random(23)
        self.counts: dict[str, int] = {}
        self.widgets = 0
        self._find()

    def _find(self) -> None:
        self._view = View(self._notebook.panel)
        self._ids: dict[str, int] = {label: int(i) for i, label in self._report()["label"].items()}

    def round(self, number: int) -> None:
        """Do a few things, and compare."""
        acts: list[Callable[[], None]] = [self._drag, self._press, self._freeze]
        for act in self._rng.choices(acts, k=6):
            self._count(act.__name__, act)
        if number % 2 == 0:
            self._count("widgets opened and closed", self._open_and_close)
        if number % 3 == 1:
            self._count("slow kernel", self._slow)
        if number % 4 == 2:
            self._count("connection lost", self._lose)
        if number % 5 == 4:
            self._count("kernel restarted", self._restart)
        self._count("compared", self.compare)

    def _count(self, name: str, act: Callable[[], None]) -> None:
        act()
        self.counts[name] = self.counts.get(name, 0) + 1

    # -- what happens ----------------------------------------------------------------------------------------

    def _drag(self) -> None:
        leaf = self._ids[self._rng.choice(("w", "wh"))]
        self._view.drag(leaf, self._rng.uniform(-1.5, 1.5))

    def _press(self) -> None:
        name = self._rng.choice(("loss.backward()", "loss.backward()", "zero_grad()", "↶", "p ← p − lr·grad"))
        root = self._view.root
        if name.startswith("p") and not root.get_by_role("button", name=name).is_visible():
            root.get_by_role("button", name="Learn ▾").click()
        button = root.get_by_role("button", name=name, exact=True)
        if name == "↶":
            self._view.node(self._ids["w"]).focus()
            self._page.keyboard.press("Control+z")
        elif button.is_enabled():
            button.click()

    def _freeze(self) -> None:
        self._view.node(self._ids["wh"]).get_by_role("button").first.click()

    def _open_and_close(self) -> None:
        views = self._notebook.panel.locator(".autograd-widget")
        self._notebook.run_again(MORE)
        expect(views).to_have_count(4)
        View(self._notebook.panel, 2).drag(self._ids["w"], self._rng.uniform(-1.0, 1.0))
        self._notebook.run_again(CLOSE)
        expect(views).to_have_count(1)
        self.widgets += 3

    def _slow(self) -> None:
        with self._notebook.running_again(SLOW):
            for _ in range(4):
                self._drag()

    def _lose(self) -> None:
        """Close the connection, go on, and wait for the next one."""
        known = self._page.evaluate("() => { line.close(); return made; }")
        self._drag()
        self._page.wait_for_function("known => made > known && line.readyState === WebSocket.OPEN", arg=known)

    def _restart(self) -> None:
        self._drag()
        self._notebook.restart_and_run_all()
        self.widgets += 1
        self._find()

    # -- what must hold --------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Page and Python have the same numbers, at the latest after a moment."""
        until(lambda: self._same() or None, 30, lambda: f"{self._python}\n{self._shown}")

    def _same(self) -> bool:
        self._python, self._shown = self._report(), self._read()
        assert self._python["error"] == "none"
        return all(
            self._python[kind][i] == (None if x is None else pytest.approx(x, rel=1e-12))
            for kind in ("value", "grad")
            for i, x in self._shown[kind].items()
        )

    def _report(self) -> dict[str, Any]:
        """Numbers in Python."""
        self._notebook.run_again(REPORT)
        cell = self._notebook.panel.locator(".jp-CodeCell").nth(REPORT)
        found: dict[str, Any] = json.loads(cell.locator(".jp-OutputArea-output pre").inner_text())
        return found

    def _read(self) -> dict[str, dict[int, float | None]]:
        """Numbers on the page: the values of all nodes with a name, and `.grad` of the leaves."""
        view, ids = self._view, self._ids
        leaves = [ids[name] for name in ("w", "wh")]
        shown = {i: view.node(i).locator("[data-grad]").first for i in leaves}
        return {
            "value": {ids[name]: view.value(ids[name]) for name in ("w", "wh", "h1", "h2", "h3", "loss")},
            "grad": {i: number_in(one) for i, one in shown.items() if one.is_visible()},
        }


def number_in(shown: Locator) -> float | None:
    """The number in a title; None where a sentence is in its place."""
    try:
        return float((shown.get_attribute("title") or "").replace("\N{MINUS SIGN}", "-"))
    except ValueError:
        return None


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def test_soak(page: Page, jupyterlab: JupyterLab) -> None:
    page.add_init_script(LINES)
    notebook = jupyterlab.open(page, CELLS)
    notebook.run_all()
    soak = Soak(page, notebook)
    for number in range(5):  # everything has happened once, and is in the heap
        soak.round(number)
    first = last = heap_of(page)
    soak.widgets = 0
    begin = minute = monotonic()
    say(f"\n 0 min: {first:.2f} MB")
    number = 5
    while monotonic() < begin + 60 * MINUTES:
        soak.round(number)
        number += 1
        if monotonic() > minute + 60:
            minute += 60
            last = heap_of(page)
            say(f"{(minute - begin) / 60:2.0f} min: {last:.2f} MB, {number} rounds, {soak.widgets} widgets")
    last = heap_of(page)
    say(f"end: {last:.2f} MB, {number} rounds, {soak.counts}, {soak.widgets} widgets")
    disturbed = sum(
        soak.counts.get(name, 0) for name in ("slow kernel", "connection lost", "kernel restarted")
    )
    assert last - first < KEPT_MB * soak.widgets + KEPT_BY_HOST_MB * disturbed + SPARE_MB
