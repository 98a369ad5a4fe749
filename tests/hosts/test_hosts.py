"""Every host, the same story: two graphs live side by side, and page and Python hear of each other."""

from __future__ import annotations

import re
import runpy
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from hosts.hosts import HOSTS, Host, Visit
from hosts.server import until
from view import View

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

TWO_GRAPHS = Path(__file__).with_name("two_graphs.py")
APPEARS_MS = 60_000
"""The time limit until a host shows the widget."""


@pytest.fixture(
    params=[pytest.param(host, id=host.name, marks=[pytest.mark.heavy] * host.is_heavy) for host in HOSTS]
)
def host(request: pytest.FixtureRequest) -> Host:
    found: Host = request.param
    return found


@pytest.fixture
def host_noise(host: Host) -> tuple[str, ...]:
    return host.noise


@pytest.fixture
def visit(host: Host, site: Path, tmp_path: Path) -> Iterator[Visit]:
    """The host, started. Its pages close before it ends, so what asks for this asks for `page` after it."""
    with host.start(tmp_path, site, TWO_GRAPHS.read_text(), ("graph", "echo")) as visit:
        yield visit


def test_two_graphs_live_side_by_side(
    host: Host, visit: Visit, page: Page, took: list[tuple[str, float]]
) -> None:
    began = monotonic()
    visit(page)
    graph, echo = View(page.locator("body"), 0), View(page.locator("body"), 1)
    expect(echo.root.locator("[data-node]").first).to_be_visible(timeout=APPEARS_MS)
    took.append((host.name, monotonic() - began))
    expect(page.locator(".autograd-widget")).to_have_count(2)
    page.wait_for_load_state()  # style sheets that come late move the sliders

    ids = ids_by_label()
    wh = graph.drag(ids["wh"], 0.9)
    assert wh == pytest.approx(0.9, abs=0.05)
    h3 = 0.3 + wh * (0.3 + wh * 0.3)
    assert [graph.value(ids["h3"]), graph.pass_grad(ids["w"])] == pytest.approx(
        [h3, 1 + wh + wh**2], rel=1e-12
    )
    if not host.has_python:
        return

    until(
        lambda: echo.value(ids["told"]) == pytest.approx(h3, rel=1e-12) or None,
        20,
        lambda: f"Python says {echo.value(ids['told'])}, the page {h3}",
    )
    echo.box(ids["v"]).fill("0")
    echo.box(ids["v"]).press("Enter")
    expect(echo.node(ids["v"]).locator("[data-pass-grad]")).to_have_attribute("title", re.compile("inf"))
    for button in ("Learn ▾", "p ← p − lr·grad"):
        echo.root.get_by_role("button", name=button, exact=True).click()
    expect(echo.node(ids["v"]).locator("[data-value]")).to_have_attribute("title", re.compile("inf"))
    expect(graph.node(ids["w"]).locator("[data-value]")).to_have_attribute("title", re.compile("nan"))
    expect(graph.node(ids["h3"]).locator("[data-value]")).to_have_attribute("title", re.compile("nan"))
    assert graph.value(ids["wh"]) == wh


def ids_by_label() -> dict[str, int]:
    """The ids of the named nodes in both graphs."""
    made = runpy.run_path(str(TWO_GRAPHS))
    labels = [widget.graph["label"] for widget in (made["graph"], made["echo"])]
    return {label: int(node) for each in labels for node, label in each.items()}
