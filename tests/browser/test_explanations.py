"""Explanations of a gradient: every path from the root, and the nodes on each."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.by_hand import (
    H1,
    H2,
    H3,
    WH,
    WHH1,
    WHH2,
    WX2,
    WX3,
    X1,
    W,
    compact,
    document_of,
    labels,
    locals_of,
    number,
    part,
    press,
    seed,
    slope,
    values_of,
    view_of,
)
from browser.harness import receive

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from browser.by_hand import Document
    from view import View

PATHS = [[H3, WX3, W], [H3, WHH2, H2, WX2, W], [H3, WHH2, H2, WHH1, H1, W]]
"""From h3 to w, the largest first."""


def edges_of(document: Document, path: list[int]) -> set[str]:
    return {f"{a}:{document['inputs'][a].index(b)}" for a, b in pairwise(path)}


def lit(view: View) -> set[str]:
    found: list[str] = view.root.locator("[data-edge].agw-lit").evaluate_all(
        "all => all.map(e => e.dataset.edge)"
    )
    return set(found)


def dimmed(view: View) -> int:
    return view.root.locator("[data-edge].agw-dim").count()


def path_rows(view: View) -> Locator:
    return view.root.locator(".agw-path")


def products(view: View) -> list[float]:
    cells = path_rows(view).locator("td:last-child")
    return [number(text) for text in cells.evaluate_all("all => all.map(e => e.title)")]


def test_the_three_paths_of_the_seed(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    values = values_of(document)
    wanted = []
    for path in PATHS:
        product = 1.0
        for a, b in pairwise(path):
            product *= locals_of(document, values, a)[document["inputs"][a].index(b)]
        wanted.append(product)
    assert wanted == pytest.approx([1, 0.5, 0.25])
    assert products(view) == pytest.approx(wanted)
    expect(path_rows(view).locator("td:last-child")).to_have_text(["+1.00", "+0.50", "+0.25"])
    names = [text.split(" → ") for text in path_rows(view).locator("td:first-child").all_text_contents()]
    assert [(name[0], len(name), name[-1]) for name in names] == [("h3", len(path), "w") for path in PATHS]
    assert names[0] == ["h3", "w·x3", "w"]
    total = part(view, "Paths").locator(".agw-sum td:last-child")
    expect(total).to_have_text("+1.75")
    expect(part(view, "Paths")).not_to_contain_text("more, together")


def test_each_path_has_its_share_in_its_title(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    titles = path_rows(view).evaluate_all("all => all.map(e => e.title)")
    shares = [number(re.sub(r" ?%$", "", title)) for title in titles]
    assert shares == pytest.approx([100 / 1.75, 50 / 1.75, 25 / 1.75], rel=1e-3)
    assert sum(shares) == pytest.approx(100, rel=1e-3)


def test_the_factors_of_a_path_are_its_local_derivatives(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W, values={str(WH): -0.4})
    values = values_of(document, {WH: -0.4})
    by_length = {len(path): path for path in PATHS}
    for row in path_rows(view).all():
        stops = (row.locator("td").first.text_content() or "").split(" → ")
        path = by_length[len(stops)]
        locals_ = [locals_of(document, values, a)[document["inputs"][a].index(b)] for a, b in pairwise(path)]
        text = row.locator(".agw-factors").text_content() or ""
        assert [number(one) for one in text.strip(" =").split("·")] == pytest.approx(locals_, abs=0.0051)


def test_the_paths_add_up_under_a_dragged_slider(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    moved = view.drag(WH, -1.3)
    values = values_of(document, {WH: moved})
    assert sorted(products(view)) == pytest.approx(sorted([1, moved, moved**2]))
    assert sum(products(view)) == pytest.approx(slope(document, values, H3, W))
    sizes = [abs(product) for product in products(view)]
    assert sizes == sorted(sizes, reverse=True), "the largest first"


@pytest.mark.parametrize("how", ["pointer", "keyboard"])
def test_pointing_at_a_path_lights_exactly_its_edges(page: Page, how: str) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    before = lit(view)
    for row, path in zip(path_rows(view).all(), PATHS, strict=True):
        if how == "pointer":
            row.hover()
        else:
            row.focus()
        assert lit(view) == edges_of(document, path)
        assert dimmed(view) == len([j for inputs in document["inputs"] for j in inputs]) - len(lit(view))
    if how == "pointer":
        page.mouse.move(1, 1)
    else:
        view.root.get_by_role("button", name="zero_grad()").focus()
    assert lit(view) == before


def test_paths_are_reached_by_tab(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    path_rows(view).first.focus()
    page.keyboard.press("Tab")
    assert lit(view) == edges_of(document, PATHS[1])


def test_a_path_stays_lit_while_numbers_come_in(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    path_rows(view).nth(1).focus()
    for wh in (0.6, 0.7):
        receive(page, values={str(WH): wh})
        assert lit(view) == edges_of(document, PATHS[1])
    page.keyboard.press("Tab")
    assert lit(view) == edges_of(document, PATHS[2])


@pytest.mark.parametrize("how", ["pointer", "keyboard"])
def test_no_path_stays_lit_when_the_inspector_closes(page: Page, how: str) -> None:
    view = view_of(page, seed(), selected=W)
    if how == "pointer":
        path_rows(view).first.hover()
        receive(page, selected=None)
        page.mouse.move(1, 1)
    else:
        path_rows(view).first.focus()
        page.keyboard.press("Escape")
    expect(view.root.locator("[data-inspector]")).to_have_count(0)
    assert (lit(view), dimmed(view)) == (set(), 0)


def test_two_to_the_sixtieth_paths_are_told(page: Page) -> None:
    levels = 60
    view = view_of(page, document_of(1.5, *(("+", i, i) for i in range(levels)), label=labels("x")))
    receive(page, selected=0)
    assert products(view) == [1.0] * 6
    more = part(view, "Paths").locator("tr", has_text="more, together")
    expect(more).to_contain_text(re.compile(r"and ≈ 1\.2e18 more, together"))
    rest = float(more.locator("td").last.get_attribute("title") or "nan")
    total = float(part(view, "Paths").locator(".agw-sum td").last.get_attribute("title") or "nan")
    assert total == 2.0**levels == view.pass_grad(0)
    assert 6 + rest == pytest.approx(total, rel=1e-14)


def test_a_few_more_paths_are_counted(page: Page) -> None:
    view = view_of(page, document_of(1.5, *(("+", i, i) for i in range(3)), selected=0), selected=0)
    more = part(view, "Paths").locator("tr", has_text="more, together")
    expect(more).to_contain_text("and 2 more, together")
    expect(more.locator("td").last).to_have_text("+2.00")
    expect(part(view, "Paths").locator(".agw-sum td").last).to_have_text("+8.00")


def test_an_operand_used_twice_has_two_paths(page: Page) -> None:
    view = view_of(page, document_of(3.0, ("-", 0, 0)), selected=0)
    assert sorted(products(view)) == [-1, 1]
    expect(part(view, "Paths").locator(".agw-sum td").last).to_have_text("0")
    titles = path_rows(view).evaluate_all("all => all.map(e => e.title)")
    assert not any(re.search("inf|nan|Infinity|NaN", title) for title in titles), "no share of 0"


def test_there_are_no_paths_where_no_gradient_comes(page: Page) -> None:
    view = view_of(page, seed(), selected=X1)
    expect(path_rows(view)).to_have_count(0)
    receive(page, selected=H3)
    expect(path_rows(view)).to_have_count(0)


def test_pointing_at_a_node_lights_what_it_has_to_do_with(page: Page) -> None:
    document = seed()
    view = view_of(page, document)
    view.node(H2).hover()
    below = {f"{i}:{slot}" for i in (H2, WX2, WHH1, H1) for slot in (0, 1)}
    assert lit(view) == below | {f"{WHH2}:1", f"{H3}:1"}
    page.mouse.move(1, 1)
    assert (lit(view), dimmed(view)) == (set(), 0)
    view.node(WH).hover()
    assert lit(view) == {f"{WHH1}:0", f"{WHH2}:0", f"{H2}:1", f"{WHH2}:1", f"{H3}:1"}


def test_pointing_comes_before_choosing(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    chosen = lit(view)
    view.node(X1).hover()
    assert f"{H1}:1" in lit(view)
    assert lit(view) != chosen
    page.mouse.move(1, 1)
    assert lit(view) == chosen


def test_a_second_pass_from_another_root_has_other_paths(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    press(view, "h2.backward()")
    assert products(view) == pytest.approx([1, 0.5])


NEGATIVE = document_of(3.0, ("neg", 0), 2.0, ("*", 1, 2), ("-", 2, 3), label=labels("a", "", "b", "p", "y"))
"""y = b − (−a)·b."""
MASKED = document_of(3.0, ("relu", 0), 2.0, ("*", 1, 2), label=labels("a", "r", "b", "y"))


@pytest.mark.parametrize(
    ("document", "node", "written"),
    [
        (seed(), W, "∂h3/∂w=x3+wh·x2+wh·wh·x1"),
        (seed(), WH, "∂h3/∂wh=h2+wh·h1"),
        (seed(), H1, "∂h3/∂h1=wh·wh"),
        (document_of(3.0, ("*", 0, 0), label=labels("x", "y")), 0, "∂y/∂x=x+x"),
        (document_of(3.0, ("-", 0, 0), label=labels("x", "y")), 0, "∂y/∂x=1−1"),
        (NEGATIVE, 0, "∂y/∂a=b"),
        (NEGATIVE, 2, "∂y/∂b=−(−a)+1"),
        (MASKED, 0, "∂y/∂a=b·∂r/∂a"),
        (document_of(3.0, (2.0,), ("**", 0, 1), label=labels("x", "", "y")), 0, "∂y/∂x=2·x"),
        (document_of(3.0, (3.0,), ("**", 0, 1), label=labels("x", "", "y")), 0, "∂y/∂x=3·x2"),
        (document_of(3.0, (-1.0,), ("**", 0, 1), label=labels("x", "", "y")), 0, "∂y/∂x=(−1)·x−2"),
        (document_of(3.0, 2.0, ("**", 0, 1), label=labels("x", "n", "y")), 0, "∂y/∂x=n·xn−1"),
    ],
)
def test_the_gradient_is_written_as_a_sum_over_paths(
    page: Page, document: Document, node: int, written: str
) -> None:
    view = view_of(page, document, selected=node)
    sums = part(view, "Paths").locator(".agw-equation")
    assert sorted(compact(sums).split("=")[1].split("+")) == sorted(written.split("=")[1].split("+"))
    assert compact(sums).split("=")[0] == written.split("=", maxsplit=1)[0]


def test_a_sum_over_many_paths_is_not_written_out(page: Page) -> None:
    doubled = ("+", 0, 0)
    view = view_of(page, document_of(1.5, doubled, ("+", 1, 1), ("+", 2, 2)), selected=0)
    expect(part(view, "Paths").locator("tr")).to_have_count(8)
    expect(part(view, "Paths").locator(".agw-equation")).to_have_count(0)


def test_the_chain_rule_has_a_term_for_each_use(page: Page) -> None:
    view = view_of(page, seed(), selected=WH)
    rule = part(view, "This pass").locator(".agw-equation")
    assert compact(rule) == "∂h3/∂wh=∂h3/∂(wh·h1)·∂(wh·h1)/∂wh+∂h3/∂(wh·h2)·∂(wh·h2)/∂wh"


def test_what_only_the_root_uses_needs_no_chain_rule(page: Page) -> None:
    view = view_of(page, document_of(3.0, ("*", 0, 0), label=labels("x", "y")), selected=0)
    lines = (
        part(view, "This pass")
        .locator(".agw-equation")
        .evaluate_all("all => all.filter((e) => !e.closest('tr')).length")
    )
    assert lines == 0


def test_two_uses_by_one_node_are_told_apart(page: Page) -> None:
    view = view_of(page, document_of(3.0, ("*", 0, 0), label=labels("x", "y")), selected=0)
    rows = part(view, "This pass").locator("tr")
    assert [compact(rows.nth(i)) for i in (0, 1)] == ["y∂y/∂x₁=x₂1·3=+3.00", "y∂y/∂x₂=x₁1·3=+3.00"]


def test_every_operand_has_its_local_derivative(page: Page) -> None:
    view = view_of(page, seed(), selected=H1)
    rows = part(view, "Sends on").locator("tr")
    assert [compact(row) for row in rows.all()] == ["w∂h1/∂w=x10.25·1=+0.25", "x1∂h1/∂x1=w=0.30nottracked"]
