"""Documents that are off are refused in one sentence, and leave nothing behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examples import document_of, node, seed, show_widget
from browser.harness import receive, show
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Page

GOOD = document_of(2.0, ("relu", 0))

REFUSED: dict[str, dict[str, Any]] = {
    "unknown op": document_of(2.0, ("frobnicate", 0)),
    "an op of the language": document_of(2.0, ("__proto__", 0)),
    "forward reference": document_of(2.0, ("neg", 1)),
    "wrong arity": document_of(2.0, ("+", 0)),
    "number in a string": {**GOOD, "value": {"0": "2.0"}},
    "no value": {**GOOD, "value": {}},
    "a value of an op": {**GOOD, "value": {"0": 2.0, "1": 3.0}},
    "from the future": {**GOOD, "version": 2},
    "no version": {key: part for key, part in GOOD.items() if key != "version"},
    "columns of two lengths": {**GOOD, "inputs": [[]]},
    "output that is not there": {**GOOD, "outputs": [2]},
    "no output": {**GOOD, "outputs": []},
    "frozen op": {**GOOD, "frozen": [1]},
    "hardly anything": {"value": {}, "outputs": []},
}


@pytest.mark.parametrize("document", REFUSED.values(), ids=REFUSED.keys())
def test_a_document_that_is_off_gets_one_sentence(page: Page, document: dict[str, Any]) -> None:
    show(page, document, values={}, passes=[])
    root = View(page).root
    (sentence,) = [text for text in root.get_by_role("alert").all_inner_texts() if text]
    assert sentence.startswith("The graph cannot be drawn: ")
    assert len(sentence) < 250 and "\n" not in sentence
    assert root.inner_text().strip() == sentence
    expect(root.locator("[data-node], input, button, svg")).to_have_count(0)


def test_a_good_document_after_a_bad_one_is_drawn(page: Page) -> None:
    show(page, REFUSED["unknown op"], values={}, passes=[], views=2)
    receive(page, graph=GOOD, values={"0": 3.0}, passes=[1])
    for i in (0, 1):
        assert View(page, i).value(1) == 3.0
        expect(View(page, i).root.locator("[role=alert]:not(:empty)")).to_have_count(0)


def test_a_bad_document_after_a_good_one_takes_it_down(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, selected=node(widget, "w"))
    receive(page, graph=REFUSED["wrong arity"])
    expect(view.root.get_by_role("alert")).to_contain_text("cannot be drawn")
    expect(view.root.locator("[data-node], [data-inspector]")).to_have_count(0)
    receive(page, values={"0": 0.5}, passes=[], selected=None)  # nothing throws


def test_another_graph_replaces_the_first(page: Page) -> None:
    view = show_widget(page, seed())
    receive(page, graph=document_of(2.0, 3.0, ("*", 0, 1)), values={"0": 4.0, "1": 5.0}, passes=[2])
    expect(view.root.locator("[data-node]")).to_have_count(3)
    assert (view.value(2), view.pass_grad(0)) == (20.0, 5.0)


def test_passes_and_choices_that_are_not_there_are_ignored(page: Page) -> None:
    show(page, GOOD, passes=[99, 1], selected=99)
    view = View(page)
    assert view.pass_grad(0) == 1.0
    expect(view.root.locator("[data-inspector]")).to_have_count(0)


def test_what_a_document_carries_is_text_and_never_markup(page: Page) -> None:
    label = "<img src=x onerror=alert(1)>**"
    show(page, document_of(2.0, ("neg", 0), label={"0": label}), selected=1)
    view = View(page)
    expect(view.node(0)).to_contain_text("<img")
    expect(view.root.locator("img")).to_have_count(0)
