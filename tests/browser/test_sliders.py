"""Moving a leaf: by mouse, keyboard and number, from the page, from another view and from the kernel."""

from __future__ import annotations

from math import nan
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar
from browser.examples import (
    TITLES,
    assert_same,
    computed,
    document_of,
    node,
    numbers_of,
    seed,
    show_widget,
    shown,
)
from browser.harness import deliver, leaf_values, messages, numbered_messages, receive, show
from view import THUMB, View

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

    from autograd_widget import GraphWidget

# One input event of a slider, and what the page shows before the event's task ends.
MOVE_AND_READ = f"""
(root, [leaf, value]) => {{
  const slider = root.querySelector(`input[type="range"][data-leaf="${{leaf}}"]`);
  slider.value = value;
  slider.dispatchEvent(new Event("input", {{ bubbles: true }}));
  return [({TITLES})(root), Number(slider.value)];
}}
"""


def wanted(widget: GraphWidget, **moved: float) -> Any:
    values = {**widget.values, **{str(node(widget, name)): value for name, value in moved.items()}}
    return computed(widget.graph, values, widget.passes)


def sent_values(page: Page) -> list[dict[str, Any]]:
    return [message["values"] for message in messages(page) if "values" in message]


def fire(control: Locator, event: str, value: float) -> None:
    """Move a control as a browser does: set the value, then dispatch the event."""
    control.evaluate(
        "(e, [event, value]) => { e.value = value; e.dispatchEvent(new Event(event, {bubbles: true})) }",
        [event, value],
    )


def type_into(box: Locator, text: str) -> None:
    """Replace what is in a number box by keys, as a person does, and press Enter."""
    box.focus()
    box.press("ControlOrMeta+a")
    box.press_sequentially(text)
    box.press("Enter")


def test_a_drag_moves_everything_downstream(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    wh = node(widget, "wh")
    value = view.drag(wh, 0.9)
    assert value == pytest.approx(0.9, abs=0.06)
    assert_same(shown(view), wanted(widget, wh=value))
    assert sent_values(page)[-1] == {**widget.values, str(wh): value}


def test_a_drag_does_not_open_the_inspector(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    view.drag(node(widget, "wh"), 0.9)
    expect(view.root.locator("[data-inspector]")).to_have_count(0)


def test_a_drag_can_be_made_while_the_inspector_is_open(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, selected=node(widget, "h3"))
    value = view.drag(node(widget, "w"), -1.0)
    assert_same(shown(view), wanted(widget, w=value))
    expect(view.inspector(node(widget, "h3"))).to_be_visible()


def test_everything_is_right_before_the_input_event_ends(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    for target in (0.9, -1.37, 0.0, 2.0):
        titles, value = view.root.evaluate(MOVE_AND_READ, [node(widget, "wh"), target])
        assert value == pytest.approx(target)
        assert_same(numbers_of(titles), wanted(widget, wh=value))


def test_arrow_keys_move_by_a_step(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    for key, value in (
        ("ArrowRight", 0.31),
        ("ArrowUp", 0.32),
        ("ArrowLeft", 0.31),
        ("Home", -2),
        ("End", 2),
    ):
        view.slider(w).press(key)
        assert_same(shown(view), wanted(widget, w=value))
        assert sent_values(page)[-1][str(w)] == value


def test_a_given_range_and_step_are_the_slider_s(page: Page) -> None:
    show(page, document_of(1.0, ("neg", 0), sliders={"0": [0, 10, 0.5]}))
    view = View(page)
    slider = view.slider(0)
    assert slider.evaluate("e => [e.min, e.max, e.step].map(Number)") == [0, 10, 0.5]
    slider.press("ArrowRight")
    assert view.value(1) == -1.5


def test_a_typed_number_counts_in_full(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    type_into(view.box(w), "0.123456789")
    assert_same(shown(view), wanted(widget, w=0.123456789))
    assert sent_values(page)[-1] == {**widget.values, str(w): 0.123456789}
    expect(view.box(w)).to_have_value("0.123456789")


def test_enter_in_the_number_box_does_not_open_the_inspector(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    type_into(view.box(node(widget, "w")), "0.7")
    expect(view.root.locator("[data-inspector]")).to_have_count(0)


@pytest.mark.parametrize("text", ["e", "--", "1e", "0.9-", ""])
def test_what_is_no_number_changes_nothing(page: Page, text: str) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    box = view.box(w)
    if text:
        type_into(box, text)
    else:
        box.fill("")
        box.press("Enter")
    expect(view.root.get_by_role("alert")).to_contain_text("Type a number")
    assert_same(shown(view), wanted(widget))
    expect(box).to_have_value("0.3")
    assert sent_values(page)[-1:] in ([], [widget.values])
    receive(page, values={**widget.values, str(w): 0.8})
    assert view.value(w) == 0.8, "the page has stopped listening"


def test_what_is_no_number_at_all_is_never_sent(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    type_into(view.box(node(widget, "w")), "e")
    assert messages(page) == []


def test_the_complaint_goes_with_the_next_number(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    box = view.box(node(widget, "w"))
    type_into(box, "e")
    type_into(box, "1")
    expect(view.root.get_by_role("alert")).to_have_text("")


@pytest.mark.parametrize("value", [5.0, -7.0, 1e6, 1e-9])
def test_a_number_outside_the_range_widens_it(page: Page, value: float) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    type_into(view.box(w), repr(value))
    low, high, at = view.slider(w).evaluate("e => [e.min, e.max, e.value].map(Number)")
    assert low <= value <= high
    assert at == pytest.approx(value, abs=0.011)
    assert_same(shown(view), wanted(widget, w=value))


def test_what_was_typed_on_the_way_widens_no_range(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    box, ends = view.box(w), "e => [e.min, e.max].map(Number)"
    before = view.slider(w).evaluate(ends)
    box.focus()
    for typed in (1e4, 1e40):
        fire(box, "input", typed)
    fire(box, "change", nan)  # as 1e400
    assert (view.value(w), view.slider(w).evaluate(ends)) == (0.3, before)
    fire(box, "input", 1e12)
    box.press("Escape")
    assert (view.value(w), view.slider(w).evaluate(ends)) == (0.3, before)
    expect(box).to_have_value("0.3")
    for typed in (3.0, 30.0):
        fire(box, "input", typed)
    fire(box, "change", 3)
    assert view.slider(w).evaluate(ends) == [-5, 5]


def test_a_range_that_a_number_has_widened_does_not_shrink_under_the_hand(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    type_into(view.box(w), "5")
    ends = "e => [e.min, e.max].map(Number)"
    widened = view.slider(w).evaluate(ends)
    fire(view.slider(w), "input", 1)
    assert view.slider(w).evaluate(ends) == widened == [-10, 10]


def test_cards_and_numbers_on_edges_widen_for_long_numbers(page: Page) -> None:
    widget = GraphWidget(((w := Scalar(2.0, label="w")) - Scalar(1.0, label="t")) ** 2, names=False)
    view = show_widget(page, widget)
    type_into(view.box(node(widget, w.label)), "5000")
    overflowing = """root => [...root.querySelectorAll(".agw-card:not(.agw-constant)")].filter((card) =>
      [...card.querySelectorAll("*")].some((part) => {
        const [inner, outer] = [part, card].map((one) => one.getBoundingClientRect());
        return part.clientWidth > 1 && (inner.right > outer.right || inner.left < outer.left);
      })).map((card) => card.textContent)"""
    assert view.root.evaluate(overflowing) == []
    sticking_out = """root => [...root.querySelectorAll(".agw-edge-label:not(.agw-nowhere)")].filter((e) => {
      const [box, text] = [...e.children].map((one) => one.getBBox());
      return text.width > box.width;
    }).map((pill) => pill.textContent)"""
    assert view.root.evaluate(sticking_out) == []
    cut = (
        "root => [...root.querySelectorAll('.agw-title')].filter((one) => one.scrollWidth > one.clientWidth)"
    )
    assert view.root.evaluate(f"root => ({cut})(root).map((one) => one.textContent)") == []


def test_the_range_printed_is_the_range(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    expect(view.node(w)).to_contain_text("\N{MINUS SIGN}2")
    type_into(view.box(w), "5")
    expect(view.node(w)).to_contain_text("\N{MINUS SIGN}10")


def test_the_kernel_moves_slider_box_and_numbers(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    wh = node(widget, "wh")
    receive(page, values={**widget.values, str(wh): 0.7})
    assert_same(shown(view), wanted(widget, wh=0.7))
    expect(view.slider(wh)).to_have_value("0.7")
    expect(view.box(wh)).to_have_value("0.7")
    assert messages(page) == []


def test_the_kernel_may_go_beyond_the_range(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    wh = node(widget, "wh")
    receive(page, values={**widget.values, str(wh): 30.0})
    assert float(view.slider(wh).input_value()) == pytest.approx(30.0)


def test_values_that_are_none_are_ignored(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = str(node(widget, "w"))
    receive(page, values={w: "0.5", "99": 1.0, "__proto__": 3})
    assert_same(shown(view), wanted(widget))


def test_messages_are_throttled_and_the_last_is_right(page: Page) -> None:
    page.clock.install(time=0)
    widget = seed()
    view = show_widget(page, widget)
    page.clock.pause_at(10_000)
    w = str(node(widget, "w"))
    slider = view.slider(int(w))
    for i in range(20):
        fire(slider, "input", 0.5 + i / 100)
    assert messages(page) == []
    page.clock.run_for(100)
    assert sent_values(page) == [{**widget.values, w: 0.69}]
    fire(slider, "input", 1.0)
    fire(slider, "change", 1.0)  # let go: nothing more to wait for
    assert sent_values(page)[1:] == [{**widget.values, w: 1.0}]
    page.clock.run_for(1000)
    assert len(messages(page)) == 2


def test_only_the_values_of_leaves_travel(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    view.drag(node(widget, "wh"), 0.9)
    assert {key for message in numbered_messages(page) for key in message} == {"values", "_act"}
    assert all(values.keys() == leaf_values(widget.graph).keys() for values in sent_values(page))
    told = page.evaluate("model.custom")
    assert [one["seen"] for one in told[:2]] == [False, True]
    assert told[0].keys() == {"view", "seen"}
    [act] = [one for one in told if "state" in one]
    assert act["state"]["values"].keys() == {str(node(widget, "wh"))}
    assert told[0]["view"] == told[1]["view"]


def test_an_older_value_does_not_move_a_leaf_that_is_being_dragged(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w, wh = node(widget, "w"), node(widget, "wh")
    fire(view.slider(w), "input", 1.2)
    receive(page, values={**widget.values, str(w): 0.4, str(wh): 0.6})
    assert (view.value(w), view.value(wh)) == (1.2, 0.6)
    expect(view.slider(w)).to_have_value("1.2")
    fire(view.slider(w), "change", 1.3)
    receive(page, values={**widget.values, str(w): 0.4})
    assert view.value(w) == 0.4


def drag_there_and_back(view: View, leaf: int) -> None:
    """Drag a thumb away and back to where it was, to the pixel."""
    slider = view.slider(leaf)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    low, high, value = slider.evaluate("e => [e.min, e.max, e.value].map(Number)")
    x = box["x"] + THUMB / 2 + (value - low) / (high - low) * (box["width"] - THUMB)
    mouse, y = slider.page.mouse, box["y"] + box["height"] / 2
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + 30, y, steps=5)
    mouse.move(x, y, steps=5)
    mouse.up()


def test_a_drag_that_comes_back_lets_go(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    drag_there_and_back(view, w)
    receive(page, values={**widget.values, str(w): 0.9})
    assert view.value(w) == 0.9


def test_a_number_typed_and_taken_back_lets_go(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    box = view.box(w)
    box.focus()
    box.press("End")
    box.press("5")
    box.press("Backspace")
    box.press("Enter")
    receive(page, values={**widget.values, str(w): 0.9})
    assert view.value(w) == 0.9


def test_two_views_move_together(page: Page) -> None:
    widget = seed()
    first = show_widget(page, widget, views=2)
    second = View(page, 1)
    value = first.drag(node(widget, "w"), 1.5)
    for view in (first, second):
        assert_same(shown(view), wanted(widget, w=value))
    assert float(second.slider(node(widget, "w")).input_value()) == value
    second.node(node(widget, "h2")).click()
    for view in (first, second):
        expect(view.inspector(node(widget, "h2"))).to_be_visible()


def test_the_page_goes_on_without_a_kernel(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    page.evaluate("model.dead = true")
    value = view.drag(node(widget, "wh"), -1.0)
    assert_same(shown(view), wanted(widget, wh=value))
    type_into(view.box(node(widget, "w")), "0.7")
    assert_same(shown(view), wanted(widget, wh=value, w=0.7))
    view.node(node(widget, "h1")).click()
    expect(view.inspector(node(widget, "h1"))).to_be_visible()
    view.root.get_by_role("button", name="zero_grad()").click()
    expect(view.node(node(widget, "w")).locator("[data-grad]")).to_have_text("preview")


def test_the_wheel_over_a_number_box_is_the_page_s(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    view.box(node(widget, "w")).click()
    page.mouse.wheel(0, 240)
    page.wait_for_function("() => window.scrollY > 100")
    assert view.value(node(widget, "w")) == 0.3
    assert sent_values(page) == []


def test_a_late_echo_of_a_host_moves_no_slider(page: Page) -> None:
    page.clock.install(time=0)
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    slider = view.slider(w)
    slider.hover()
    page.mouse.down()
    moved = []
    for value in (0.6, 0.9, 1.2):
        fire(slider, "input", value)
        page.clock.run_for(1_500)
        moved.append(numbered_messages(page)[-1])
        receive(page, **moved[0])
        page.clock.run_for(1_500)
        assert view.value(w) == value
    page.mouse.up()
    fire(slider, "change", 1.2)
    for echo in moved:
        receive(page, **echo)
        page.clock.run_for(100)
        assert view.value(w) == 1.2
    fire(view.slider(node(widget, "wh")), "input", 0.2)
    fire(view.slider(node(widget, "wh")), "change", 0.2)
    assert sent_values(page)[-1][str(w)] == 1.2
    receive(page, values={**widget.values, str(w): 0.6})  # of a cell
    expect(slider).to_have_value("0.6")


def test_what_is_let_go_goes_at_once_and_again_with_the_traits_which_changes_nothing(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    view.drag(w, 1.0)
    *_, first, again = page.evaluate("model.outbox")
    assert first["content"]["state"]["values"] == {str(w): view.value(w)}
    assert again["state"]["_act"] == first["content"]["state"]["_act"]
    widget._handle_custom_msg(first["content"], [])
    assert widget["w"] == view.value(w)
    widget["w"] = 0.7  # a cell, before the host sends the traits that it has kept back
    widget.set_state(again["state"])
    assert widget["w"] == 0.7


@pytest.mark.parametrize(("language", "words"), [("en", "Not connected"), ("zh", "未连接")])
def test_a_kernel_that_is_gone_is_said_and_gets_the_moves_when_it_is_back(
    page: Page, language: str, words: str
) -> None:
    widget = seed()
    view = show_widget(page, widget, language=language)
    w, wh = node(widget, "w"), node(widget, "wh")
    expect(view.root).not_to_contain_text(words)
    page.evaluate("model.dead = true; model.outbox.length = 0")
    moved = view.drag(w, 1.0)
    expect(view.root).to_contain_text(words)
    assert view.value(w) == moved
    page.evaluate("model.dead = false")
    second = view.drag(wh, 0.2)
    expect(view.root).not_to_contain_text(words)
    deliver(page, widget)
    assert (widget["w"], widget["wh"]) == (moved, second)


def test_a_leaf_that_was_let_go_follows_the_kernel_again(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    fire(view.slider(w), "input", 1.0)
    receive(page, values={**widget.values, str(w): -0.5})
    assert view.value(w) == 1.0  # what comes during a drag is older
    fire(view.slider(w), "change", 1.0)
    receive(page, values={**widget.values, str(w): -0.5})
    expect(view.slider(w)).to_have_value("-0.5")
    assert view.value(w) == -0.5
    fire(view.slider(w), "input", 1.0)
    view.root.get_by_role("button", name="reset").click()
    assert view.value(w) == 0.3


@pytest.mark.parametrize(("value", "place"), [("-inf", -2.0), ("nan", 0.0), ("inf", 2.0)])
def test_a_slider_of_no_number_stands_where_a_key_can_move_it(page: Page, value: str, place: float) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    receive(page, values={**widget.values, str(w): value})
    assert float(view.slider(w).input_value()) == place
    view.slider(w).press("Home" if value == "inf" else "End")
    assert abs(view.value(w)) == 2.0


def test_a_model_without_passes_previews_one_from_each_result(page: Page) -> None:
    widget = seed("h3")
    show(page, widget.graph, passes=None)
    view = View(page)
    expect(view.root).to_have_attribute("data-preview", "")
    wanted = computed(widget.graph, widget.values, widget.graph["outputs"])
    for name in ("w", "wh", "h2"):
        assert view.pass_grad(node(widget, name)) == pytest.approx(wanted.pass_grads[node(widget, name)])


def test_a_number_box_shows_what_came_while_it_had_the_focus(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    w = node(widget, "w")
    view.box(w).focus()
    receive(page, values={**widget.values, str(w): 0.9})
    view.box(w).blur()
    expect(view.box(w)).to_have_value("0.9")
