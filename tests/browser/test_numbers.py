"""Displayed numbers: products and sums hold for the displayed digits, and a number has one spelling."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import pytest

from autograd_widget import GraphWidget, Scalar, exp, log
from browser.examples import mlp, neuron, node, seed, show_widget
from browser.harness import receive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Page

ROWS = """
(inspector) => [...inspector.querySelectorAll("table")].map((table) => [...table.rows].map((row) => {
  const before = [...row.querySelectorAll("math")].find((math) => /=/.test(math.nextSibling?.textContent));
  const last = row.cells[row.cells.length - 1].textContent;
  return { factors: before?.textContent ?? "", amount: last, total: row.dataset.total !== undefined };
}))
"""
NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e-?\d+)?")


def softmax() -> GraphWidget:
    z = [Scalar(value, label=f"z{i}") for i, value in enumerate((2.0, 1.0, -0.5), 1)]
    e = [exp(x) for x in z]
    return GraphWidget(-log(e[1] / (e[0] + e[1] + e[2])))


def recurrence() -> GraphWidget:
    wx, wh = Scalar(0.8, label="wx"), Scalar(0.5, label="wh")
    h: Scalar | float = 0.0
    for t in range(1, 7):
        h = (wx * math.cos(2.0 * t) + wh * h).tanh()
    assert isinstance(h, Scalar)
    return GraphWidget(h)


def number(text: str) -> tuple[float, float] | None:
    """A shown number and one unit of its last digit; None for words."""
    plain = text.strip(" ()").replace("\N{MINUS SIGN}", "-")
    if not NUMBER.fullmatch(plain):
        return None
    mantissa, _, exponent = plain.partition("e")
    decimals = len(mantissa.partition(".")[2])
    is_exact = not decimals and not exponent and abs(float(mantissa)) < 1000
    return float(plain), 0.0 if is_exact else 10.0 ** (int(exponent or 0) - decimals)


def wrong(table: list[dict[str, Any]]) -> Iterator[str]:
    """The rows that do not hold on a calculator."""
    above: list[float | None] = []
    for row in table:
        amount = number(row["amount"])
        if amount is None:
            above.append(None)
            continue
        value, unit = amount
        factors = [number(one) for one in re.split("·", row["factors"])] if row["factors"] else []
        if factors and all(factors):
            product = math.prod(factor[0] for factor in factors if factor)
            if abs(product - value) > max(unit, 1e-9) * 1.0000001:
                yield f"{row['factors']} = {row['amount']}, and on a calculator {product}"
        parts = [x for x in above if x is not None]
        is_sum = row["total"] and len(parts) == len(above) > 1
        if is_sum and abs(sum(parts) - value) > max(unit, 1e-9) * 1.0000001:
            yield f"{parts} = {row['amount']}, and on a calculator {sum(parts)}"
        above.append(value)


@pytest.mark.parametrize("example", [softmax, recurrence, mlp, neuron, seed])
def test_products_and_sums_hold_on_a_calculator(page: Page, example: Callable[[], GraphWidget]) -> None:
    widget = example()
    view = show_widget(page, widget)
    products = 0
    for i in range(len(widget.graph["op"])):
        receive(page, selected=i)
        for table in view.inspector(i).evaluate(ROWS):
            assert list(wrong(table)) == []
            products += sum(bool(row["factors"]) for row in table)
    assert products > 8


def test_the_measure_finds_what_does_not_hold() -> None:
    row = {"factors": "−1·3.94·(−0.02)·2.72", "amount": "+0.25", "total": False}
    assert len(list(wrong([row]))) == 1
    rows = [
        {"factors": "", "amount": text, "total": i == 2} for i, text in enumerate(("0.10", "0.20", "0.33"))
    ]
    assert len(list(wrong(rows))) == 1


def test_a_number_has_one_spelling_on_card_sentence_and_inspector(page: Page) -> None:
    widget = softmax()
    view = show_widget(page, widget)
    for name in ("z1", "z2", "z3"):
        leaf = node(widget, name)
        receive(page, selected=leaf)
        on_card = view.node(leaf).locator("[data-pass-grad]").inner_text()
        assert f"{name} {on_card}" in view.root.inner_text()
        total = view.inspector(leaf).locator("[data-total]").last.locator("td").last
        assert total.inner_text() == on_card


def test_what_is_only_rounding_error_is_nothing(page: Page) -> None:
    x = Scalar(1.0, label="x")
    y = x * 0.1 + x * 0.2 - x * 0.3
    widget = GraphWidget(y)
    view = show_widget(page, widget, selected=0)
    assert view.pass_grad(0) != 0.0
    total = view.inspector(0).locator("[data-total]").first.locator("td").last
    assert total.inner_text() == "0"
    assert view.node(0).locator("[data-pass-grad]").inner_text() == "0"
    assert float(total.get_attribute("title") or 0) == view.pass_grad(0)


def test_every_factor_of_a_path_is_there(page: Page) -> None:
    widget = recurrence()
    view = show_widget(page, widget, width=700, selected=node(widget, "wh"))
    paths = view.root.locator(".agw-path .agw-factors")
    assert not any("…" in text for text in paths.all_text_contents())
    right = "e => e.getBoundingClientRect().right"
    edge = view.inspector(node(widget, "wh")).evaluate(right)
    assert max(path.evaluate(right) for path in paths.all()) <= edge
