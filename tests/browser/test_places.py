"""Positions on the page: the inspector right or below, narrow cells, and that nothing jumps."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from browser.by_hand import H1, H2, H3, WH, X1, X3, W, document_of, labels, learn_of, press, seed, view_of
from browser.harness import receive, settled

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from view import View

# The boxes of all cards, in pixels of the page, rounded to tenths.
BOXES = """
root => Object.fromEntries([...root.querySelectorAll("[data-node]")].map((card) => {
  const { x, y, width, height } = card.getBoundingClientRect();
  return [card.dataset.node, [x, y, width, height].map((n) => Math.round(10 * n) / 10)];
}))
"""

# At each input event of any slider, where everything is.
RECORD = f"""
root => {{
  window.boxes = [];
  root.addEventListener("input", () => window.boxes.push(JSON.stringify(({BOXES})(root))));
}}
"""

# Elements that stick out of a view at its right or left.
STICKING_OUT = """
root => {
  const { left, right } = root.getBoundingClientRect();
  return [...root.querySelectorAll(".agw-say, .agw-bar *, .agw-inspector, .agw-inspector *")]
    .filter((e) => !(e instanceof SVGElement && !(e instanceof SVGSVGElement)) && !e.closest("math"))
    .map((e) => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.width > 0 && (box.right > right + 0.5 || box.left < left - 0.5))
    .map(([e, box]) => `${e.tagName}.${e.className}: ${box.left - left} to ${box.right - left}`);
}
"""


# The transition time of each element, and its way of scrolling.
TIMES = """
root => [...root.querySelectorAll("*")].flatMap((e) => [null, "::before", "::after"].flatMap((part) => {
  const style = getComputedStyle(e, part);
  return [style.transitionDuration, style.animationDuration, style.scrollBehavior];
}))
"""


def box(view: View, selector: str) -> dict[str, float]:
    found: dict[str, float] = view.root.locator(selector).evaluate("e => e.getBoundingClientRect().toJSON()")
    return found


def is_right(view: View) -> bool:
    return box(view, ".agw-inspector")["left"] >= box(view, ".agw-stage")["right"] - 1


def is_below(view: View) -> bool:
    return box(view, ".agw-inspector")["top"] >= box(view, ".agw-stage")["bottom"] - 1


@pytest.mark.parametrize(("width", "starts"), [(960, is_below), (1500, is_right)], ids=["960", "1500"])
def test_the_inspector_is_docked_on_the_other_side_and_back(page: Page, width: int, starts: Any) -> None:
    view = view_of(page, seed(), width=width, selected=W)
    ends = is_right if starts is is_below else is_below
    assert starts(view)
    dock = view.root.get_by_role("button", name="Move the inspector")
    dock.click()
    assert ends(view)
    receive(page, selected=H2)
    assert ends(view), "it stays where it was put"
    view.drag(W, 1.0)
    assert ends(view)
    settled(page)  # what the drag brings back makes the inspector anew
    dock.press("Enter")
    assert starts(view)
    assert view.root.evaluate("root => root.getRootNode().activeElement?.className ?? ''").endswith(
        "agw-dock"
    )


@pytest.mark.parametrize("docked", [False, True], ids=["below", "right"])
@pytest.mark.parametrize("node", [W, WH, H1, H2, H3, X1])
def test_at_480_pixels_nothing_sticks_out(page: Page, node: int, docked: bool) -> None:
    view = view_of(page, seed(), width=480, selected=node)
    if docked:
        view.root.get_by_role("button", name="Move the inspector").click()
    assert view.root.evaluate(STICKING_OUT) == []
    assert box(view, ".agw-inspector")["width"] <= box(view, ".agw-page")["width"]
    assert box(view, ".agw-page")["width"] <= 480


def test_at_480_pixels_everything_can_be_reached(page: Page) -> None:
    view = view_of(page, seed(), width=480)
    for node in range(12):
        view.node(node).scroll_into_view_if_needed()
        card = view.node(node).evaluate(
            """e => {
              const { x, y, width, height } = e.getBoundingClientRect();
              return e.contains(e.getRootNode().elementFromPoint(x + width / 2, y + 6));
            }"""
        )
        assert card, f"card {node} is hidden"
    for leaf in (WH, X3):  # x3 stands where the map does
        moved = view.drag(leaf, -1.0)
        assert view.value(leaf) == moved
    learn_of(view)
    for name in ("◀ step", "h3.backward()", "zero_grad()", "p ← p − lr·grad"):
        press(view, name)
    view.node(W).locator(".agw-title").click()
    expect(view.inspector(W)).to_be_visible()
    view.inspector(W).get_by_role("button", name="Close").click()
    expect(view.inspector(W)).to_have_count(0)


def test_at_480_pixels_the_bar_of_a_learner_fits(page: Page) -> None:
    view = view_of(page, seed(), width=480)
    learn_of(view).get_by_label("learning rate").fill("50")
    for _ in range(10):
        press(view, "p ← p − lr·grad")
    assert view.root.evaluate(STICKING_OUT) == []


@pytest.mark.parametrize("width", [480, 960, 1500])
def test_nothing_jumps_while_a_slider_is_dragged(page: Page, width: int) -> None:
    view = view_of(page, seed(), width=width, selected=H2)
    view.root.evaluate(RECORD)
    for to in (-2.0, 2.0, 0.0):
        view.drag(WH, to)
    recorded = page.evaluate("window.boxes")
    assert len(recorded) > 15
    assert len(set(recorded)) == 1


@pytest.mark.parametrize("value", [-0.3, 1e-9, -123456.0, 1e300, "nan", "-inf"])
def test_nothing_jumps_when_a_number_changes_sign_or_width(page: Page, value: float | str) -> None:
    view = view_of(page, seed())
    before = view.root.evaluate(BOXES)
    receive(page, values={str(W): value, str(WH): value})
    assert view.root.evaluate(BOXES) == before


def test_nothing_jumps_in_a_replay(page: Page) -> None:
    view = view_of(page, seed())
    before = view.root.evaluate(BOXES)
    view.node(X1).press("Home")
    for step in range(15):
        assert view.root.evaluate(BOXES) == before, f"after {step} steps"
        view.node(X1).press("ArrowRight")


def test_nothing_jumps_while_it_learns(page: Page) -> None:
    view = view_of(page, seed())
    learn_of(view)
    press(view, "p ← p − lr·grad")
    before = view.root.evaluate(BOXES)
    for _ in range(12):
        press(view, "p ← p − lr·grad")
        assert view.root.evaluate(BOXES) == before


@pytest.mark.parametrize("width", [480, 700, 960, 1500])
def test_the_button_of_learning_stays_under_the_hand(page: Page, width: int) -> None:
    view = view_of(page, seed(), width=width, passes=[H3])
    button = learn_of(view).get_by_role("button", name="p ← p − lr·grad")
    before = button.bounding_box()
    for _ in range(12):
        button.click()
        assert button.bounding_box() == before


def test_a_reason_fits_on_its_card(page: Page) -> None:
    parts = (0.5, 2.0, -3.0, ("*", 0, 1), ("+", 3, 2), ("relu", 4))
    view = view_of(page, document_of(*parts, label=labels("w", "x", "b", "", "z", "y"), frozen=[1]))
    before = view.root.evaluate(BOXES)
    receive(page, values={"0": 0.5, "1": 2.0, "2": 3.0})
    assert view.root.evaluate(BOXES) == before


def test_where_motion_is_unwelcome_nothing_moves_by_itself(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    press(view, "◀ step")
    view.node(H2).hover()
    times = view.root.evaluate(TIMES)
    assert len(times) > 200
    assert set(times) <= {"0s", "auto"}
    assert page.evaluate("document.getAnimations().length") == 0


ENGLISH = re.compile(
    r"\b(?:step|play|pause|Forward|Backward|sends?|has|loss|diverged|set by|more|back to start)\b"
)


def test_replay_and_learning_in_chinese(page: Page) -> None:
    view = view_of(
        page, seed(), language="zh", selected=W, passes=[{"hand": True, "added": {str(W): 1.0}}, H1, H2, H3]
    )
    expect(view.inspector(W)).to_contain_text("手动设置")
    view.node(X1).press("Home")
    sentence = view.root.locator(".agw-sentence")
    expect(sentence).to_have_text("尚未计算；叶节点是给定的。它们的 .grad 是之前留下的。")
    seen = []
    for _ in range(14):
        view.node(X1).press("ArrowRight")
        seen.append(sentence.inner_text())
    assert [text[:2] for text in seen] == ["前向"] * 7 + ["反向"] * 7
    assert "向 w·x3 传出 1 · 1 = +1.00" in seen[8]
    learn_of(view)
    press(view, "p ← p − lr·grad")
    texts = view.root.evaluate(
        """root => [root.innerText, ...["title", "aria-label"].flatMap((name) =>
             [...root.querySelectorAll(`[${name}]`)].map((e) => e.getAttribute(name)))]"""
    )
    assert [text for text in [*texts, *seen] if ENGLISH.search(text.replace("lr·grad", ""))] == []


@pytest.mark.parametrize(("width", "rows"), [(480, 3), (960, 1), (1400, 1)])
def test_the_bar_takes_few_rows(page: Page, width: int, rows: int) -> None:
    """Besides the canvas's tools, which with three roots have a row of their own at 960 pixels."""
    view = view_of(page, seed(), width=width)
    learn = learn_of(view)
    for bar in (view.root.get_by_role("toolbar"), learn):
        tops = bar.locator(":scope > :not(.agw-tools), :scope > :not(.agw-tools) > *").evaluate_all(
            "all => all.map((e) => e.getBoundingClientRect()).filter((box) => box.height > 0)"
            ".map((box) => box.y + box.height / 2)"
        )
        assert max(tops) - min(tops) < 36 * rows - 24
    opener = view.root.get_by_role("button", name="Learn")
    expect(opener).to_have_attribute("aria-expanded", "true")
    opener.click()
    expect(learn).to_be_hidden()


def test_no_name_is_cut_where_a_value_is_negative(page: Page) -> None:
    view = view_of(page, seed(), values={str(W): -0.3})
    cut = view.root.locator(".agw-card .agw-title").evaluate_all(
        "all => all.filter((e) => e.scrollWidth > e.clientWidth).map((e) => e.textContent)"
    )
    assert cut == []
