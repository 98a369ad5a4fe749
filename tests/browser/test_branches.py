"""Branches: which comparison has turned round, and what was computed on the branch that was left."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar, explore
from browser.examples import node, show_widget

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page

    from view import View


def elu(v: Any) -> Any:
    return v.exp() if v <= 0 else 1 + v


def shown(page: Page, **settings: Any) -> tuple[GraphWidget, View]:
    v = Scalar(1.0, label="v")
    f = elu(v)
    f.label = "f"
    f.backward()
    widget = GraphWidget(f, **settings)
    return widget, show_widget(page, widget)


def guards_in(view: View) -> Locator:
    return view.root.locator("[data-guard]")


def move(view: View, leaf: int, value: float) -> None:
    box = view.box(leaf)
    box.fill(str(value))
    box.press("Enter")


def ink(element: Locator) -> str:
    return str(element.evaluate("node => getComputedStyle(node).color"))


def test_a_comparison_that_turns_round_is_said_and_taken_back(page: Page) -> None:
    widget, view = shown(page)
    v = node(widget, "v")
    expect(guards_in(view)).to_have_count(0)
    move(view, v, -0.4)
    expect(guards_in(view)).to_contain_text("v <= 0 was False, and is True now")
    expect(guards_in(view)).to_contain_text("f = 0.60 on the recorded way")
    expect(guards_in(view)).to_contain_text("not computed")
    move(view, v, 0.4)
    expect(guards_in(view)).to_have_count(0)


def test_it_is_said_in_chinese(page: Page) -> None:
    widget, view = shown(page, language="zh")
    move(view, node(widget, "v"), -0.4)
    expect(guards_in(view)).to_contain_text("v <= 0 原为 False，现为 True")


def test_what_belongs_to_the_branch_that_was_left_is_grey(page: Page) -> None:
    widget, view = shown(page)
    v, f = node(widget, "v"), node(widget, "f")
    card, leaf = view.node(f), view.node(v)
    coloured = ink(leaf.locator("[data-pass-grad]"))
    black = ink(card.locator("[data-value]"))
    move(view, v, -0.4)
    expect(guards_in(view)).to_have_count(1)
    grey = ink(card.locator("[data-value]"))
    assert grey not in (black, coloured)
    assert ink(leaf.locator("[data-pass-grad]")) == grey
    assert ink(leaf.locator("[data-value]")) == black  # the reader chose it
    line = view.root.locator(".agw-edges .agw-line, .agw-line").first
    assert line.evaluate("node => getComputedStyle(node).stroke") != coloured
    move(view, v, 0.4)
    assert ink(leaf.locator("[data-pass-grad]")) == coloured


def test_a_number_that_was_only_compared_with_is_no_card(page: Page) -> None:
    widget, view = shown(page)
    assert widget.graph["op"].count("const") == 2
    assert view.root.locator('[data-kind="constant"]').count() == 1


@pytest.mark.parametrize("value", [-0.4, 0.4])
def test_a_saved_document_keeps_its_guards(page: Page, tmp_path: Path, value: float) -> None:
    widget, view = shown(page)
    move(view, node(widget, "v"), value)
    with page.expect_download() as download:
        view.root.get_by_role("combobox", name="Save").select_option("JSON")
    path = tmp_path / "graph.json"
    download.value.save_as(path)
    again = GraphWidget.from_json(path)
    assert again.graph["guards"] == [["<=", 0, 3, False]]
    assert [branch.turned for branch in again.guards] == [value < 0]


def test_where_the_program_runs_again_the_page_says_that_it_waits_for_python(page: Page) -> None:
    widget = explore(elu, v=1.0)
    view = show_widget(page, widget, customs={})
    move(view, 0, -0.4)
    expect(guards_in(view)).to_contain_text("v <= 0 was False, and is True now. asking kernel…")
    widget["v"] = -0.4
    page.evaluate("graph => model.receive({graph})", widget.graph)
    expect(view.root).to_contain_text("Another way was taken")
    expect(guards_in(view)).to_have_count(0)
