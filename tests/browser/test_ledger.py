"""The ledger: what each backward pass added, and why `.grad` doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.by_hand import H1, H2, H3, WH, W, part, press, seed, slope, values_of, view_of
from browser.harness import messages, receive

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from view import View

ROWS = """
root => {
  const parts = [...root.querySelectorAll(".agw-part")];
  const part = parts.find((one) => one.textContent.includes("sum of passes"));
  return [...(part?.querySelectorAll("tr") ?? [])].map((row) => [
    row.cells[0].textContent, Number(row.cells[2].title), row.cells[2].textContent,
  ]);
}
"""

# At each input event of a slider: its value, and the ledger then.
RECORD = f"""
(root, leaf) => {{
  window.recorded = [];
  root.addEventListener("input", (event) => {{
    if (event.target.dataset.leaf === String(leaf))
      window.recorded.push([Number(event.target.value), ({ROWS})(root)]);
  }});
}}
"""


def rows(view: View) -> list[tuple[str, float]]:
    """Who added what, in full; the last is the sum."""
    found: list[list[Any]] = view.root.evaluate(ROWS)
    return [(who, amount) for who, amount, _ in found]


def assert_ends(view: View, *wanted: tuple[str, float]) -> None:
    """The last rows are these."""
    found = rows(view)[-len(wanted) :]
    assert [who for who, _ in found] == [who for who, _ in wanted]
    assert [amount for _, amount in found] == pytest.approx([amount for _, amount in wanted])


def test_the_three_passes_of_the_seed(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    found = view.root.evaluate(ROWS)
    assert [(who, text) for who, _, text in found] == [
        ("h1.backward()", "+1.00"),
        ("h2.backward()", "+1.50"),
        ("h3.backward()", "+1.75"),
        ("w.grad", "4.25"),
    ]


def test_it_is_right_at_every_moment_of_a_drag(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    view.root.evaluate(RECORD, WH)
    last = view.drag(WH, -1.6)
    recorded = page.evaluate("window.recorded")
    assert len(recorded) > 5 and recorded[-1][0] == pytest.approx(last)
    for wh, found in recorded:
        values = values_of(document, {WH: wh})
        wanted = [slope(document, values, root, W) for root in (H1, H2, H3)]
        assert [amount for _, amount, _ in found] == pytest.approx([*wanted, sum(wanted)])


def test_a_button_adds_a_row_and_sends_the_pass(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    press(view, "h3.backward()")
    assert_ends(view, ("h3.backward()", 1.75), ("w.grad", 6.0))
    assert len(rows(view)) == 5
    assert messages(page)[-1] == {"passes": [H1, H2, H3, H3]}
    press(view, "h1.backward()")
    assert_ends(view, ("h1.backward()", 1.0), ("w.grad", 7.0))
    assert messages(page)[-1] == {"passes": [H1, H2, H3, H3, H1]}


def test_zero_grad_empties_it_and_is_sent(page: Page) -> None:
    view = view_of(page, seed(), selected=W, carried={str(W): 0.5})
    press(view, "zero_grad()")
    assert rows(view) == []
    expect(view.inspector(W).get_by_text("not the same as 0")).to_have_count(1)
    assert messages(page)[-1] == {"passes": [], "carried": {}}
    press(view, "h2.backward()")
    assert rows(view) == [("h2.backward()", 1.5), ("w.grad", 1.5)]
    assert messages(page)[-1] == {"passes": [H2]}


def test_passes_of_the_kernel_appear(page: Page) -> None:
    view = view_of(page, seed(), selected=W, passes=[])
    assert rows(view) == []
    receive(page, passes=[H3])
    assert rows(view) == [("h3.backward()", 1.75), ("w.grad", 1.75)]
    receive(page, passes=[H3, H2])
    assert [amount for _, amount in rows(view)] == pytest.approx([1.75, 1.5, 3.25])
    receive(page, passes=[])
    assert rows(view) == []
    assert messages(page) == []


def test_what_was_carried_over_is_a_row(page: Page) -> None:
    view = view_of(page, seed(), selected=W, carried={str(W): -0.75})
    assert rows(view)[0] == ("carried over", -0.75)
    assert_ends(view, ("w.grad", 3.5))
    assert view.grad(W) == pytest.approx(3.5)
    expect(view.root.locator(".agw-sentence")).to_contain_text("carried over, w.grad is 3.50")
    receive(page, selected=WH)
    assert "carried over" not in [who for who, _ in rows(view)]


def test_what_was_carried_over_alone_is_no_pass(page: Page) -> None:
    view = view_of(page, seed(), selected=W, passes=[])
    receive(page, carried={str(W): 2.5})
    assert rows(view) == [("carried over", 2.5), ("w.grad", 2.5)]
    expect(view.node(W).locator("[data-pass-grad]")).to_have_text("not run yet")
    assert view.grad(W) == 2.5
    expect(view.root.get_by_role("button", name="zero_grad()")).to_be_enabled()


@pytest.mark.parametrize("wire", ["nan", "inf", "-inf"])
def test_what_was_carried_over_may_be_no_finite_number(page: Page, wire: str) -> None:
    view = view_of(page, seed(), selected=W, carried={str(W): wire})
    text = wire.replace("-", "\N{MINUS SIGN}")
    expect(view.node(W).locator("[data-grad]")).to_have_text(text)
    expect(part(view, "w.grad")).to_contain_text(text)


def test_what_is_carried_for_no_node_is_ignored(page: Page) -> None:
    view = view_of(page, seed(), selected=W, carried={"99": 1.0, "__proto__": 2.0, str(W): "much"})
    assert_ends(view, ("w.grad", 4.25))
    assert len(rows(view)) == 4


@pytest.mark.parametrize(("count", "bars"), [(1, 1), (3, 3), (6, 6), (9, 6)])
def test_the_stack_has_a_bar_for_each_pass(page: Page, count: int, bars: int) -> None:
    view = view_of(page, seed(), passes=([H1, H2, H3] * 3)[:count])
    widths = (
        view.node(W)
        .locator(".agw-stack i")
        .evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    )
    assert len(widths) == bars
    if count == 3:
        assert [x / sum(widths) for x in widths] == pytest.approx(
            [1 / 4.25, 1.5 / 4.25, 1.75 / 4.25], abs=0.04
        )


def test_a_pass_that_misses_a_node_adds_nothing_to_it(page: Page) -> None:
    view = view_of(page, seed(), selected=WH, passes=[H3, H1])
    assert_ends(view, ("wh.grad", 0.6))
    assert sum(amount for _, amount in rows(view)[:-1]) == pytest.approx(0.6)


def test_the_ledger_of_an_interior_node(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=H1)
    values = values_of(document)
    wanted = [slope(document, values, root, H1) for root in (H1, H2, H3)]
    assert [amount for _, amount in rows(view)] == pytest.approx([*wanted, sum(wanted)])
