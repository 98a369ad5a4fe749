"""Replay: the computation and its last pass in steps, by buttons, keys, the track and by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar
from autograd_widget.engine.digits import shown as text_of_number
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
from browser.examples import show_widget
from browser.harness import messages, receive
from view import View, drag

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

FORWARD = [H1, WX2, WHH1, H2, WX3, WHH2, H3]
BACKWARD = FORWARD[::-1]
STEPS = 2 * len(FORWARD) + 1
SEED_STEP = len(FORWARD) + 1
EMPTY = "·"

# Everything on the canvas and above it; the order of class names says nothing.
PICTURE = """
root => [".agw-sentence", ".agw-canvas"].map((part) => {
  const copy = root.querySelector(part).cloneNode(true);
  for (const one of copy.querySelectorAll("[class]"))
    one.setAttribute("class", one.getAttribute("class").split(/\\s+/).sort().join(" "));
  return copy.outerHTML;
})
"""


def at(view: View) -> int:
    """After how many steps a view is."""
    return int(view.root.get_by_label("Replay", exact=True).locator("input").input_value())


def sentence(view: View) -> Locator:
    return view.root.locator(".agw-sentence")


def shown(view: View, node: int) -> tuple[str, str]:
    """A node's value and its gradient of this pass, as written."""
    card = view.node(node)
    value, gradient = card.locator("[data-value]"), card.locator("[data-pass-grad]")
    return value.text_content() or "", gradient.text_content() or ""


def go_to(view: View, step: int) -> None:
    """Step from the beginning by keys."""
    view.node(X1).focus()
    view.node(X1).press("Home")
    for _ in range(step):
        view.node(X1).press("ArrowRight")
    assert at(view) == step


def test_the_buttons_step_and_stop_at_the_ends(page: Page) -> None:
    view = view_of(page, seed())
    back = view.root.get_by_role("button", name="◀ step")
    forth = view.root.get_by_role("button", name="step ▶")
    assert at(view) == STEPS
    expect(forth).to_be_disabled()
    for step in range(STEPS - 1, -1, -1):
        back.click()
        assert at(view) == step
        expect(view.root).to_contain_text(f"{step} / {STEPS}")
    expect(back).to_be_disabled()
    expect(sentence(view)).to_contain_text("Nothing is computed yet")
    expect(sentence(view)).to_contain_text("Their .grad is from before this pass.")
    forth.click()
    expect(sentence(view)).to_contain_text("Forward:")
    assert messages(page) == [], "where a view is in a replay is its own"


def test_the_keys_step(page: Page) -> None:
    view = view_of(page, seed())
    card = view.node(W)
    card.focus()
    for key, step in (
        ("Home", 0),
        ("ArrowRight", 1),
        ("ArrowRight", 2),
        ("ArrowLeft", 1),
        ("ArrowLeft", 0),
        ("ArrowLeft", 0),
        ("End", STEPS),
        ("ArrowRight", STEPS),
        ("ArrowLeft", STEPS - 1),
    ):
        card.press(key)
        assert at(view) == step, key


def test_the_keys_step_after_a_click_on_the_button_too(page: Page) -> None:
    view = view_of(page, seed())
    press(view, "◀ step")
    page.keyboard.press("ArrowLeft")
    assert at(view) == STEPS - 2
    page.keyboard.press("Home")
    assert at(view) == 0


@pytest.mark.parametrize("key", ["ArrowLeft", "ArrowRight", "Home", "End", " "])
def test_the_keys_are_the_number_box_s_while_someone_types(page: Page, key: str) -> None:
    view = view_of(page, seed())
    go_to(view, 5)
    view.box(W).focus()
    view.box(W).press(key)
    assert at(view) == 5
    expect(view.root.get_by_role("button", name="pause")).to_have_count(0)


@pytest.mark.parametrize("keys", ["Control+ArrowLeft", "Alt+Home", "Meta+End"])
def test_keys_of_the_host_are_left_alone(page: Page, keys: str) -> None:
    view = view_of(page, seed())
    go_to(view, 5)
    view.node(W).press(keys)
    assert at(view) == 5


def test_the_arrow_keys_on_a_slider_move_the_slider(page: Page) -> None:
    view = view_of(page, seed())
    go_to(view, 5)
    view.slider(W).press("ArrowRight")
    assert (at(view), view.value(W)) == (5, 0.31)


def test_the_track_can_be_dragged(page: Page) -> None:
    view = view_of(page, seed())
    track = view.root.get_by_label("Replay", exact=True).locator("input")
    assert drag(track, 3) == pytest.approx(3, abs=1)
    there = at(view)
    expect(view.root).to_contain_text(f"{there} / {STEPS}")
    assert shown(view, FORWARD[there])[0] == EMPTY
    assert shown(view, FORWARD[there - 1])[0] != EMPTY
    track.press("End")
    assert shown(view, W)[1] == "+1.75"


def test_it_plays_to_the_end_by_itself_and_stops(page: Page) -> None:
    page.clock.install(time=0)
    view = view_of(page, seed())
    page.clock.pause_at(10_000)
    view.node(W).focus()
    view.node(W).press(" ")
    assert at(view) == 0
    play = view.root.get_by_label("Replay", exact=True).get_by_role("button").nth(1)
    expect(play).to_have_text("pause")
    seen = [0]
    for _ in range(5 * STEPS):
        page.clock.run_for(300)
        seen.append(at(view))
        assert seen[-1] in (seen[-2], seen[-2] + 1)
    assert seen[-1] == STEPS
    expect(play).to_have_text("play")
    expect(sentence(view)).to_contain_text("This pass gives")
    page.clock.run_for(60_000)
    assert at(view) == STEPS


def test_its_speed_is_a_matter_of_keys(page: Page) -> None:
    page.clock.install(time=0)
    view = view_of(page, seed())
    page.clock.pause_at(10_000)
    go_to(view, 0)
    view.node(X1).press(".")
    view.node(X1).press(".")
    expect(view.root.get_by_role("group", name="Replay")).to_contain_text("0 / 15 ×4")
    view.node(X1).press(" ")
    page.clock.run_for(4 * 230)
    assert at(view) == 4
    view.node(X1).press(",")
    page.clock.run_for(2 * 460)
    assert at(view) == 6


def test_a_long_one_plays_several_steps_at_once(page: Page) -> None:
    chain: list[float | tuple[Any, ...]] = [0.5, *(("tanh", i) for i in range(250))]
    page.clock.install(time=0)
    view = view_of(page, document_of(*chain))
    page.clock.pause_at(10_000)
    page.wait_for_function("document.querySelector('[data-node]')")
    view.root.get_by_role("slider", name="Replay").focus()
    view.root.get_by_role("slider", name="Replay").press("Home")
    view.root.get_by_label("Replay", exact=True).get_by_role("button").nth(1).click()
    page.clock.run_for(100_000)
    assert at(view) == 501
    expect(view.root.get_by_label("Replay", exact=True).get_by_role("button").nth(1)).to_have_text("play")


def test_it_can_be_paused_and_goes_on_from_there(page: Page) -> None:
    page.clock.install(time=0)
    view = view_of(page, seed())
    page.clock.pause_at(10_000)
    play = view.root.get_by_label("Replay", exact=True).get_by_role("button").nth(1)
    play.click()
    page.clock.run_for(4000)
    paused = at(view)
    assert 0 < paused < STEPS
    play.click()
    page.clock.run_for(10_000)
    assert at(view) == paused
    play.click()
    page.clock.run_for(1000)
    assert at(view) == paused + 1
    press(view, "◀ step")  # whoever steps takes over
    page.clock.run_for(10_000)
    assert at(view) == paused
    expect(play).to_have_text("play")


def test_what_is_not_computed_yet_is_empty_and_never_0(page: Page) -> None:
    document = seed()
    view = view_of(page, document)
    values = values_of(document)
    for step in range(SEED_STEP):
        go_to(view, step)
        for i, node in enumerate(FORWARD):
            value, gradient = shown(view, node)
            assert gradient == EMPTY
            if i < step:
                assert number(value) == pytest.approx(values[node], abs=0.0051)
            else:
                assert value == EMPTY, f"node {node} after {step} steps"
                title = view.node(node).locator("[data-value]").get_attribute("title")
                assert title is None or not re.search(r"\d", title)
        for leaf in (W, WH):
            assert shown(view, leaf) == (f"{values[leaf]:.2f}", EMPTY)
        expect(view.root.locator("[data-edge-grad]:not(:empty)")).to_have_count(0)
    assert shown(view, X1) == ("1.00", "not tracked")


def test_what_is_not_computed_yet_is_not_told_to_those_who_listen(page: Page) -> None:
    view = view_of(page, seed())
    go_to(view, 0)
    name = view.node(H3).get_attribute("aria-label") or ""
    assert "h3" in name
    assert not re.search(r"\d\.\d", name)


def test_the_inspector_does_not_run_ahead(page: Page) -> None:
    view = view_of(page, seed(), selected=H3)
    go_to(view, 0)
    assert "0.52" not in compact(view.inspector(H3))
    go_to(view, len(FORWARD))
    assert "0.52" in compact(view.inspector(H3))


def test_gradients_arrive_and_add_up(page: Page) -> None:
    document = seed()
    view = view_of(page, document)
    values = values_of(document)
    arrived: dict[int, float] = {H3: 1.0}
    go_to(view, SEED_STEP)
    course = [(shown(view, W)[1], view.grad(W))]
    for step, sender in enumerate(BACKWARD, SEED_STEP):
        assert at(view) == step
        for node in (W, WH, *FORWARD):
            gradient = shown(view, node)[1]
            if node not in arrived:
                assert gradient == EMPTY, f"node {node} after {step} steps"
            else:
                assert view.pass_grad(node) == pytest.approx(arrived[node])
        view.node(X1).press("ArrowRight")
        for slot, local in enumerate(locals_of(document, values, sender)):
            operand = document["inputs"][sender][slot]
            if operand not in document["frozen"]:
                arrived[operand] = arrived.get(operand, 0.0) + arrived[sender] * local
                sent = view.edge(sender, slot).locator("[data-edge-grad]")
                assert number(sent.text_content() or "") == pytest.approx(arrived[sender] * local, abs=0.0051)
        if shown(view, W)[1] != course[-1][0]:
            course.append((shown(view, W)[1], view.grad(W)))
    assert [gradient for gradient, _ in course] == [EMPTY, "+1.00", "+1.50", "+1.75"]
    assert [grad for _, grad in course] == pytest.approx([2.5, 3.5, 4.0, 4.25])
    assert arrived == pytest.approx({node: slope(document, values, H3, node) for node in arrived})


def test_a_first_pass_that_has_not_arrived_leaves_grad_empty(page: Page) -> None:
    view = view_of(page, seed(), passes=[H3])
    go_to(view, 0)
    total = view.node(W).locator("[data-grad]")
    expect(total).to_have_text("not run yet")
    go_to(view, SEED_STEP + 3)
    assert view.grad(W) == 1.0


def test_the_ledger_adds_up_at_each_step(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    ledger = part(view, "w.grad").locator(".agw-amount")
    for step in range(STEPS, 0, -1):
        *rows, total = (number(text) for text in ledger.all_text_contents())
        assert sum(rows) == pytest.approx(total, abs=0.011), f"after {step} steps"
        assert total == pytest.approx(view.grad(W), abs=0.0051)
        press(view, "◀ step")


def test_each_step_says_what_is_computed_with_the_numbers_in(page: Page) -> None:
    document = seed()
    view = view_of(page, document)
    values = values_of(document)
    go_to(view, 0)
    names = dict(enumerate(["w", "wh", "x1", "x2", "x3", "h1", "w·x2", "wh·h1", "h2", "w·x3", "wh·h2", "h3"]))
    for node in FORWARD:
        view.node(X1).press("ArrowRight")
        text = compact(sentence(view))
        a, b = document["inputs"][node]
        sign = "+" if document["op"][node] == "+" else "·"
        assert text.startswith("Forward:")
        assert f"{names[a]}{sign}{names[b]}" in text
        numbers = [text_of_number(values[i]) for i in (a, b, node)]
        assert f"{numbers[0]}{sign}{numbers[1]}={numbers[2]}" in text
    view.node(X1).press("ArrowRight")
    expect(sentence(view)).to_have_text("Backward starts at h3: its gradient is ∂h3/∂h3 = 1.")
    for node in BACKWARD:
        view.node(X1).press("ArrowRight")
        text = sentence(view).text_content() or ""
        upstream = slope(document, values, H3, node)
        sent = re.findall(r"(\S+) · (\S+)(?: \(∂\S+\))? = (\S+) to (\S+?)(?:, |$)", text)
        wanted = [
            (names[operand], upstream, local)
            for operand, local in zip(
                document["inputs"][node], locals_of(document, values, node), strict=True
            )
            if operand not in document["frozen"]
        ]
        assert text.startswith(f"Backward: {names[node]} has ")
        assert [name for *_, name in sent] == [name for name, *_ in wanted]
        for (up, local, product, _), (_, *factors) in zip(sent, wanted, strict=True):
            assert [number(up), number(local)] == pytest.approx(factors, abs=0.0051)
            assert number(product) == pytest.approx(factors[0] * factors[1], abs=0.0051)


def test_negative_slopes_stand_in_parentheses(page: Page) -> None:
    document = document_of(2.0, -3.0, ("*", 0, 1), ("neg", 2), label=labels("a", "b", "p", "y"))
    view = view_of(page, document)
    view.node(0).focus()
    view.node(0).press("ArrowLeft")
    expect(sentence(view)).to_have_text("Backward: y has 1 and sends 1 · (−1) = −1.00 to p")


def test_the_last_step_is_the_live_picture(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    view.node(X1).focus()
    live = view.root.evaluate(PICTURE)
    inspected = view.inspector(W).inner_html()
    for _ in range(4):
        view.node(X1).press("ArrowLeft")
    assert view.root.evaluate(PICTURE) != live
    for _ in range(4):
        view.node(X1).press("ArrowRight")
    expect(sentence(view)).to_contain_text("to w, which now has +1.75")
    assert view.inspector(W).inner_html() == inspected
    view.node(X1).press("ArrowRight")
    assert view.root.evaluate(PICTURE) == live
    assert view.inspector(W).inner_html() == inspected
    view.node(X1).press("Home")
    view.node(X1).press("End")
    assert view.root.evaluate(PICTURE) == live


def test_a_slider_moved_on_the_way_keeps_it_and_shows_the_new_numbers(page: Page) -> None:
    document = seed()
    view = view_of(page, document)
    step = SEED_STEP + 4  # h2 has sent, its operands have not
    go_to(view, step)
    moved = view.drag(WH, -1.2)
    assert at(view) == step
    values = values_of(document, {WH: moved})
    assert view.value(H3) == pytest.approx(values[H3])
    assert view.pass_grad(WHH1) == pytest.approx(moved)
    assert view.pass_grad(W) == pytest.approx(1.0)
    assert shown(view, H1)[1] == EMPTY
    view.node(X1).press("End")
    assert view.pass_grad(W) == pytest.approx(slope(document, values, H3, W))


def test_a_kernel_that_moves_a_leaf_keeps_it_too(page: Page) -> None:
    view = view_of(page, seed())
    go_to(view, SEED_STEP)
    receive(page, values={str(W): 1.0, str(WH): 2.0})
    assert at(view) == SEED_STEP
    assert view.value(H3) == pytest.approx(7.0)
    assert shown(view, W)[1] == EMPTY


def test_views_replay_independently(page: Page) -> None:
    first = view_of(page, seed(), views=2)
    second = View(page, 1)
    go_to(first, 2)
    assert (at(first), at(second)) == (2, STEPS)
    go_to(second, SEED_STEP + 3)
    assert (at(first), at(second)) == (2, SEED_STEP + 3)
    assert (shown(first, W)[1], shown(second, W)[1]) == (EMPTY, "+1.00")
    press(first, "h3.backward()")
    assert (at(first), at(second)) == (2, SEED_STEP + 3)


def test_without_a_pass_its_preview_is_replayed(page: Page) -> None:
    view = view_of(page, seed(), passes=[])
    assert at(view) == STEPS
    go_to(view, len(FORWARD))
    assert shown(view, W)[1] == EMPTY
    expect(sentence(view)).to_contain_text("Forward:")
    go_to(view, SEED_STEP + 3)
    assert shown(view, W)[1] == "+1.00"
    expect(view.node(W).locator("[data-grad]")).to_have_text("preview")


def test_a_pass_from_the_middle_has_its_own_steps(page: Page) -> None:
    view = view_of(page, seed(), passes=[H2])
    assert at(view) == len(FORWARD) + 1 + 4  # h2, its two products and h1 send something on
    go_to(view, SEED_STEP)
    expect(sentence(view)).to_contain_text("Backward starts at h2")
    assert shown(view, H3)[1] == "not in this pass"


def test_the_node_of_the_step_is_marked(page: Page) -> None:
    view = view_of(page, seed())
    for step, node in ((1, H1), (4, H2), (SEED_STEP, H3), (SEED_STEP + 1, H3), (SEED_STEP + 4, H2)):
        go_to(view, step)
        marked = view.root.locator(".agw-step").evaluate_all("all => all.map(e => Number(e.dataset.node))")
        assert marked == [node]


def test_a_narrow_view_can_be_replayed(page: Page) -> None:
    view = view_of(page, seed(), width=480)
    go_to(view, SEED_STEP + 3)
    assert shown(view, W)[1] == "+1.00"
    assert view.value(H3) == pytest.approx(0.525)


def test_a_step_that_is_out_of_sight_comes_into_view(page: Page) -> None:
    w, h = Scalar(0.5, label="w"), Scalar(0.1, label="h0")
    for _ in range(6):
        h = (w * h).tanh()
    view = show_widget(page, GraphWidget(h, names=False), width=600)
    card = view.node(0)
    card.focus()
    card.press("Home")
    step = view.root.locator(".agw-step")
    is_seen = """card => {
      const [own, seen] = [card, card.closest(".agw-camera")].map((one) => one.getBoundingClientRect());
      return own.left < seen.right && seen.left < own.right;
    }"""
    for _ in range(2 * 12 + 1):
        card.press("ArrowRight")
        page.wait_for_function(is_seen, arg=step.element_handle())


def test_a_step_says_what_has_come_together_once(page: Page) -> None:
    view = view_of(
        page, document_of(3.0, ("exp", 0), ("*", 0, 0), ("+", 2, 1), label=labels("x", "e", "y", "z"))
    )
    sentence = view.root.locator(".agw-sentence")
    view.node(0).press("Home")
    for _ in range(6):
        view.node(0).press("ArrowRight")
    expect(sentence).to_have_text(
        "Backward: y has 1 and sends 1 · 3 (∂y/∂x₁) = +3.00 to x, 1 · 3 (∂y/∂x₂) = +3.00 to x, "
        "which now has +6.00"
    )
