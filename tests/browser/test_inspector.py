"""The inspector: where a node's value and gradient come from, with numbers that add up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examples import document_of, every_op, mlp, neuron, node, seed, show_widget
from browser.harness import messages, receive, show
from view import View

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from autograd_widget import GraphWidget

FOCUSED = "root => root.getRootNode().activeElement?.closest('[data-node]')?.dataset.node ?? null"

# Each table that ends in a sum, by what it tells: the numbers above the sum in full, and the sum.
SUMS = """
inspector => Object.fromEntries([...inspector.querySelectorAll("table")].map((table) => {
  const numbers = [...table.rows].map((row) => row.cells[row.cells.length - 1].title);
  const has = (part) => table.querySelector(part) !== null;
  const what = has("[data-goto]") ? "pass" : has(".agw-key") ? "total" : "paths";
  return table.querySelector(".agw-sum") ? [what, [numbers.slice(0, -1), numbers.at(-1)]] : null;
}).filter(Boolean))
"""

# The contribution of each consumer as it is written: "0.50·1 =" and "+0.50".
PRODUCTS = """
inspector => [...inspector.querySelectorAll("table")].filter((table) => table.querySelector("[data-goto]"))
  .flatMap((table) => [...table.querySelectorAll(".agw-factors")])
  .filter((cell) => cell.textContent.includes("·"))
  .map((cell) => [cell.textContent, cell.nextElementSibling.textContent])
"""

Sum = tuple[list[float], float]


def sums(inspector: Locator) -> dict[str, Sum]:
    found = inspector.evaluate(SUMS).items()
    return {what: ([float(part) for part in parts if part], float(total)) for what, (parts, total) in found}


def written(text: str) -> float:
    return float(text.strip(" =()").replace("\N{MINUS SIGN}", "-"))


@pytest.fixture
def seed_view(page: Page) -> tuple[GraphWidget, View]:
    widget = seed()
    return widget, show_widget(page, widget)


SeedView = tuple["GraphWidget", View]


@pytest.mark.parametrize("width", [480, 960])
def test_the_middle_of_a_card_is_for_the_inspector(page: Page, width: int) -> None:
    widget = seed()
    view = View(show(page, widget.graph, width, passes=widget.passes).locator("body"))
    for label in ("w", "h2", "wh", "h3"):
        view.node(node(widget, label)).click()
        expect(view.inspector(node(widget, label))).to_be_visible()
    assert all(set(message) == {"selected"} for message in messages(page))


def test_a_click_opens_and_a_second_one_closes(page: Page, seed_view: SeedView) -> None:
    widget, view = seed_view
    h2 = node(widget, "h2")
    view.node(h2).click()
    expect(view.inspector(h2)).to_be_visible()
    assert messages(page)[-1] == {"selected": h2}
    view.node(h2).click()
    expect(view.inspector(h2)).to_have_count(0)
    assert messages(page)[-1] == {"selected": None}


def test_enter_opens_and_escape_closes_without_losing_the_focus(page: Page, seed_view: SeedView) -> None:
    widget, view = seed_view
    h2 = node(widget, "h2")
    view.node(h2).press("Enter")
    expect(view.inspector(h2)).to_be_visible()
    page.keyboard.press("Escape")
    expect(view.inspector(h2)).to_have_count(0)
    assert view.root.evaluate(FOCUSED) == str(h2)
    assert messages(page)[-1] == {"selected": None}


@pytest.mark.parametrize("how", ["Escape", "Enter"])
def test_closing_from_inside_gives_the_focus_back(page: Page, seed_view: SeedView, how: str) -> None:
    widget, view = seed_view
    h2 = node(widget, "h2")
    view.node(h2).click()
    close = view.inspector(h2).get_by_role("button", name="Close")
    close.focus()
    page.keyboard.press(how)
    expect(view.inspector(h2)).to_have_count(0)
    assert view.root.evaluate(FOCUSED) == str(h2)


def test_a_link_goes_to_the_other_node_and_keeps_the_focus(seed_view: SeedView) -> None:
    widget, view = seed_view
    h1, h2 = node(widget, "h1"), node(widget, "h2")
    view.node(h2).click()
    link = view.inspector(h2).get_by_role("button", name=re.compile("wh·h2")).first
    link.press("Enter")
    consumer = int(view.root.locator("[data-inspector]").get_attribute("data-inspector") or -1)
    assert widget.graph["inputs"][consumer][1] == h2
    assert view.root.evaluate("root => root.contains(root.getRootNode().activeElement)")
    view.node(h1).press("Enter")
    expect(view.inspector(h1)).to_be_visible()


def test_a_click_on_a_number_explains_that_product(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    explained = view.root.locator(".agw-explained")
    consumers = [i for i, operands in enumerate(widget.graph["inputs"]) if w in operands]
    numbers = [view.edge(i, 0).locator("[data-edge-grad]") for i in consumers]
    for i, shown in zip(consumers, numbers, strict=True):
        shown.click()
        expect(view.inspector(w)).to_be_visible()
        expect(explained).to_have_count(1)
        expect(explained.locator("td").last).to_have_text(shown.text_content() or "")
        expect(explained.locator("[data-goto]")).to_have_attribute("data-goto", str(i))
    numbers[-1].click()
    expect(view.inspector(w)).to_be_hidden()
    view.node(w).locator(".agw-name").click()
    expect(view.inspector(w)).to_be_visible()
    expect(explained).to_have_count(0)


def test_escape_is_the_host_s_when_nothing_is_open(page: Page, seed_view: SeedView) -> None:
    widget, view = seed_view
    page.evaluate("document.addEventListener('keydown', (event) => { window.heard = event.key })")
    view.node(node(widget, "w")).press("Escape")
    assert page.evaluate("window.heard") == "Escape"


def test_the_kernel_may_choose(page: Page, seed_view: SeedView) -> None:
    widget, view = seed_view
    receive(page, selected=node(widget, "w"))
    expect(view.inspector(node(widget, "w"))).to_be_visible()
    receive(page, selected=node(widget, "h3"))
    expect(view.inspector(node(widget, "h3"))).to_be_visible()
    expect(view.root.locator("[data-inspector]")).to_have_count(1)
    receive(page, selected=None)
    expect(view.root.locator("[data-inspector]")).to_have_count(0)
    assert messages(page) == []


@pytest.mark.parametrize("example", [seed, neuron, mlp])
def test_the_paths_add_up_to_the_gradient(page: Page, example: Callable[[], GraphWidget]) -> None:
    widget = example()
    view = show_widget(page, widget)
    for i, op in enumerate(widget.graph["op"]):
        receive(page, selected=i)
        found = sums(view.inspector(i))
        for parts, total in found.values():
            assert sum(parts) == pytest.approx(total, rel=1e-12)
        tracked = op != "const" and i not in widget.graph["frozen"]
        if tracked and i not in widget.graph["outputs"]:
            assert found["pass"][1] == pytest.approx(view.pass_grad(i))
        if tracked and op == "leaf":
            assert found["total"][1] == pytest.approx(view.grad(i))
            came = [widget._key(i) in row.reached for row in widget.ledger]
            assert len(found["total"][0]) == came.count(True)


def test_a_root_in_the_middle_adds_up_too(page: Page) -> None:
    widget = seed("h3", "h2")
    view = show_widget(page, widget)
    for name in ("w", "wh", "h1"):
        receive(page, selected=node(widget, name))
        parts, total = sums(view.inspector(node(widget, name)))["pass"]
        assert sum(parts) == pytest.approx(total) == pytest.approx(view.pass_grad(node(widget, name)))


@pytest.mark.parametrize("name", ["w", "wh", "h1", "h2"])
def test_upstream_times_local_is_the_contribution(page: Page, seed_view: SeedView, name: str) -> None:
    widget, view = seed_view
    receive(page, selected=node(widget, name))
    products = view.inspector(node(widget, name)).evaluate(PRODUCTS)
    assert products
    for factors, contribution in products:
        upstream, local = map(written, factors.split("·"))
        assert upstream * local == pytest.approx(written(contribution), abs=0.006)


def test_the_formula_is_mathematics_with_names_and_with_numbers(page: Page, seed_view: SeedView) -> None:
    widget, view = seed_view
    product = widget.graph["inputs"][node(widget, "h2")][1]
    receive(page, selected=product)
    inspector = view.inspector(product)
    texts = [text.replace(" ", "") for text in inspector.locator("math").all_text_contents()]
    assert any("wh·h1" in text for text in texts)
    assert any(text.endswith("0.50·0.30=0.15") for text in texts)
    assert inspector.evaluate("e => e.querySelector('math').namespaceURI.endsWith('MathML')")


def test_the_numbers_follow_a_drag(seed_view: SeedView) -> None:
    widget, view = seed_view
    w, wh = node(widget, "w"), node(widget, "wh")
    view.node(w).locator(".agw-title").click()
    view.drag(wh, -1.0)
    for parts, total in sums(view.inspector(w)).values():
        assert sum(parts) == pytest.approx(total)
    assert sums(view.inspector(w))["pass"][1] == pytest.approx(view.pass_grad(w))


@pytest.mark.parametrize(
    ("passes", "name", "words"),
    [
        (None, "x1", "requires_grad=False"),
        (["h1"], "wh", "does not depend on"),
        (None, "h3", "Backward starts at h3"),
    ],
)
def test_it_says_why_there_is_no_sum(page: Page, passes: list[str] | None, name: str, words: str) -> None:
    widget = seed(*(passes or []))
    traits: dict[str, Any] = {"passes": []} if passes == [] else {}
    view = show_widget(page, widget, selected=node(widget, name), **traits)
    expect(view.inspector(node(widget, name))).to_contain_text(words)


def test_every_op_can_be_inspected(page: Page) -> None:
    document = every_op()
    show(page, document, width=1400)
    view = View(page)
    for i, op in enumerate(document["op"]):
        receive(page, selected=i)
        inspector = view.inspector(i)
        expect(inspector).to_be_visible()
        assert inspector.locator("math").count() > 0, op
        for parts, total in sums(inspector).values():
            assert sum(parts) == pytest.approx(total, rel=1e-12), op
        assert "undefined" not in inspector.inner_text() and "NaN" not in inspector.inner_text(), op


def test_numbers_that_are_not_finite_can_be_inspected(page: Page) -> None:
    show(page, document_of(0.0, (1.0,), ("/", 1, 0), ("log", 0), ("+", 2, 3)))
    view = View(page)
    for i in range(5):
        receive(page, selected=i)
        expect(view.inspector(i)).to_be_visible()
