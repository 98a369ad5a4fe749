"""Chinese and English: the widget's word, else the reader's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.examples import neuron, node, seed, show_widget
from browser.harness import receive
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# Visible texts, and what is only heard or pointed at.
TEXTS = """
(root) => {
  const heard = ["title", "aria-label"].flatMap((name) =>
    [...root.querySelectorAll(`[${name}]`)].map((element) => element.getAttribute(name)));
  const drawn = [...root.querySelectorAll("text")].map((text) => text.textContent);
  return [...root.innerText.split("\\n"), ...heard, ...drawn];
}
"""

# Texts that are equal in every language: code, keys, names of the graphs below, numbers.
CODE = re.compile(
    r"\w+\.backward\(\)|zero_grad\(\)|\w*\.grad\b|requires_grad ?= ?(?:False|True)|\(Esc\)|Graphviz|\bdot\b"
    r"|Ctrl|Python"
    r"|\b(?:grad|max|relu|tanh)\b|\b(?:Enter|Shift)\b|\bvalue < 0"
    r"|\b(?:SVG|PNG|DOT|JSON|HTML|PyTorch|micrograd)\b"
    r"|\bstep\d\b|\b(?:inf|nan|lr)\b|\b(?:wh|mul\d|add\d|[wxhby]\d?)\b|\d(?:\.\d+)?e[−-]?\d+"
)
WORD = re.compile(r"[A-Za-z]{2,}")


def english(view: View) -> set[str]:
    texts: list[str] = view.root.evaluate(TEXTS)
    return {word for text in texts for word in WORD.findall(CODE.sub("", text))}


def test_the_widget_s_language_counts(page: Page) -> None:
    view = show_widget(page, seed(), language="zh")
    expect(view.root).to_contain_text("本次反向传播给出")
    expect(view.root.locator("[lang]").first).to_have_attribute("lang", re.compile("^zh"))
    receive(page, language="en")
    expect(view.root).to_contain_text("This pass gives")


def test_the_reader_s_language_counts_where_the_widget_has_none(browser: Browser, site: str) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    page.goto(site)
    expect(show_widget(page, seed()).root).to_contain_text("本次反向传播给出")
    expect(show_widget(page, seed(), language="en").root).to_contain_text("This pass gives")
    context.close()


@pytest.mark.parametrize("traits", [{}, {"passes": []}, {"read_only": True, "notice": "noDot"}], ids=str)
@pytest.mark.parametrize("width", [700, 1400])
def test_no_english_is_left(page: Page, width: int, traits: dict[str, Any]) -> None:
    widget = seed()
    view = show_widget(page, widget, width=width, language="zh", **traits)
    for i in range(len(widget.graph["op"])):
        receive(page, selected=i)
        assert english(view) == set()


def test_no_english_is_left_where_a_pass_missed_a_node(page: Page) -> None:
    widget = seed("h1")
    view = show_widget(page, widget, language="zh", selected=node(widget, "wh"))
    assert english(view) == set()


def test_no_english_is_left_on_a_neuron(page: Page) -> None:
    widget = neuron()
    view = show_widget(page, widget, language="zh")
    for i in range(len(widget.graph["op"])):
        receive(page, selected=i)
        assert english(view) == set()


def test_the_complaint_is_in_the_language(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, language="zh")
    box = view.box(node(widget, "w"))
    box.focus()
    box.press("ControlOrMeta+a")
    box.press_sequentially("e")
    box.press("Enter")
    expect(view.root.get_by_role("alert")).to_contain_text("请输入数字")
