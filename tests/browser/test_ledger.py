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
  return [...(part?.querySelectorAll("tr") ?? [])].filter((row) => row.cells.length > 1).map((row) => [
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
    """Read the rows of the ledger, pass and amount in full; the last row is the sum."""
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
    assert messages(page)[-1] == {"passes": [H1, H2, H3, {"root": H3}]}
    press(view, "h1.backward()")
    assert_ends(view, ("h1.backward()", 1.0), ("w.grad", 7.0))
    assert messages(page)[-1] == {"passes": [H1, H2, H3, {"root": H3}, {"root": H1}]}


def test_zero_grad_leaves_a_preview_and_is_sent(page: Page) -> None:
    view = view_of(page, seed(), selected=W, passes=[{"hand": True, "added": {str(W): 0.5}}, H3])
    assert [who for who, _ in rows(view)] == ["set by hand", "h3.backward()", "w.grad"]
    press(view, "zero_grad()")
    names = [f"{root}.backward() preview" for root in ("h1", "h2", "h3")]
    assert [who for who, _ in rows(view)] == [*names, "w.grad not run yet"]
    assert rows(view)[-1] == ("w.grad not run yet", 0.0)
    assert messages(page)[-1] == {"passes": []}
    press(view, "h2.backward()")
    assert rows(view) == [("h2.backward()", 1.5), ("w.grad", 1.5)]
    assert messages(page)[-1] == {"passes": [{"root": H2}]}


def test_a_preview_is_marked_wherever_it_stands(page: Page) -> None:
    view = view_of(page, seed(), selected=W, passes=[])
    root, total = view.root, view.node(W).locator("[data-grad]")
    sentence = root.locator(".agw-sentence")
    expect(root).to_have_attribute("data-preview", "")
    expect(sentence).to_contain_text(
        "Preview: h1.backward(), h2.backward(), h3.backward() would give w +1.75"
    )
    expect(sentence).to_contain_text("in Python every .grad is still 0.0")
    expect(total).to_have_text("preview")
    expect(total).to_have_attribute("title", "Python’s w.grad is 0.0 until a pass is run")
    expect(root.locator(".agw-legend")).to_contain_text("gradients would flow left")
    expect(part(view, "w.grad")).to_contain_text("w.grad is 0.0 until a pass is run")
    assert view.pass_grad(W) == 1.75
    assert messages(page) == [], "looking writes nothing"
    view.drag(WH, 1.0)
    assert "passes" not in {key for message in messages(page) for key in message}
    expect(root).to_have_attribute("data-preview", "")
    press(view, "h3.backward()")
    expect(root).not_to_have_attribute("data-preview", "")
    expect(sentence).to_contain_text("and added them: w.grad was 0.0, now")
    expect(root.locator(".agw-legend")).to_contain_text("gradients flow left")
    assert view.grad(W) == view.pass_grad(W)


def test_passes_of_the_kernel_appear(page: Page) -> None:
    view = view_of(page, seed(), selected=W, passes=[])
    receive(page, passes=[{"root": H3}])
    assert rows(view) == [("h3.backward()", 1.75), ("w.grad", 1.75)]
    receive(page, passes=[{"root": H3}, {"root": H2}])
    assert [amount for _, amount in rows(view)] == pytest.approx([1.75, 1.5, 3.25])
    assert messages(page) == []


FIVE = [
    {"root": H3, "added": {str(W): amount}, "at": {str(W): at}}
    for amount, at in [(5.6, 1.2), (-0.48, 0.44), (-6.176, -0.272), (-6.931, -0.3664), (-2.141, 0.2323)]
]


def test_passes_at_other_values_stay_when_a_slider_moves(page: Page) -> None:
    by_hand = {"hand": True, "added": {str(W): 2.0}}
    view = view_of(page, seed(), selected=W, passes=[by_hand, *FIVE, {"root": H3}])
    before = rows(view)
    amounts = [2.0, 5.6, -0.48, -6.176, -6.931, -2.141, 1.75]
    assert [amount for _, amount in before] == pytest.approx([*amounts, sum(amounts)])
    ledger = part(view, "w.grad")
    expect(ledger).to_contain_text("stay: set by hand, or run at other values")
    expect(ledger).to_contain_text("at w = 1.20")
    sentence = view.root.locator(".agw-sentence")
    expect(sentence).to_contain_text("with 5 passes at other values and 2.00 set by hand, w.grad is")
    view.drag(WH, -1.0)
    after = rows(view)
    assert [one == other for one, other in zip(before, after, strict=True)].count(False) == 2
    assert after[-2][1] != before[-2][1] and after[-1][1] != before[-1][1]
    assert view.grad(W) == pytest.approx(after[-1][1])


def test_a_pass_from_a_root_elsewhere_has_its_name(page: Page) -> None:
    elsewhere = {"root": None, "name": "L", "added": {str(W): -8.0}}
    view = view_of(page, seed(), selected=W, passes=[elsewhere])
    assert rows(view)[0] == ("L.backward()", -8.0)
    assert view.grad(W) == -8.0
    expect(view.root, "nothing was run at the values shown").to_have_attribute("data-preview", "")


def test_many_earlier_passes_are_one_row(page: Page) -> None:
    many = {"root": None, "count": 950, "added": {str(W): 31.5}}
    view = view_of(page, seed(), selected=W, passes=[many, {"root": H3}])
    assert rows(view)[0] == ("950 earlier passes, together", 31.5)


@pytest.mark.parametrize("wire", ["nan", "inf", "-inf"])
def test_what_was_set_by_hand_may_be_no_finite_number(page: Page, wire: str) -> None:
    view = view_of(page, seed(), selected=W, passes=[{"hand": True, "added": {str(W): wire}}, H3])
    text = wire.replace("-", "\N{MINUS SIGN}")
    expect(view.node(W).locator("[data-grad]")).to_have_text(text)
    expect(part(view, "w.grad")).to_contain_text(text)


def test_a_result_older_than_its_leaves_is_said(page: Page) -> None:
    stale = {"leaves": [W], "values": {str(H3): 0.16}}
    view = view_of(page, seed(), passes=[], stale=stale)
    notice = view.root.locator(".agw-notice")
    expect(notice).to_contain_text("w was set after h3 was computed. The page shows h3 for w = 0.30;")
    expect(notice).to_contain_text("in Python it is still 0.16")
    expect(view.node(H3)).to_contain_text("in Python")
    assert messages(page) == []
    notice.get_by_role("button", name="h3.forward()").click()
    assert messages(page) == [{"stale": {}}]
    expect(notice).to_be_hidden()
    expect(view.root.locator(".agw-sentence")).to_contain_text("h3 was 0.16, and is 0.525 now")


@pytest.mark.parametrize(("count", "bars"), [(1, 1), (3, 2), (6, 2), (9, 2)])
def test_the_stack_has_the_earlier_passes_and_this_one(page: Page, count: int, bars: int) -> None:
    view = view_of(page, seed(), passes=([H1, H2, H3] * 3)[:count])
    widths = (
        view.node(W)
        .locator(".agw-stack i")
        .evaluate_all("all => all.map(e => e.getBoundingClientRect().width)")
    )
    assert len(widths) == bars
    if count == 3:
        assert [x / sum(widths) for x in widths] == pytest.approx([2.5 / 4.25, 1.75 / 4.25], abs=0.04)


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


def test_a_preview_of_given_passes_and_of_none(page: Page) -> None:
    view = view_of(page, {**seed(), "preview": [H1]}, selected=W, passes=[])
    expect(view.root.locator(".agw-sentence")).to_contain_text("h1.backward() would give w +1.00")
    assert view.pass_grad(W) == 1.0
    none = view_of(page, {**seed(), "preview": []}, passes=[])
    expect(none.node(W).locator("[data-grad]")).to_have_text("not run yet")
    press(none, "h3.backward()")
    assert none.grad(W) == 1.75
