"""Groups on the page, folded and opened by hand and by keys, live, kept in the model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.sync_api import expect

from autograd_widget import Graph, GraphWidget, Scalar, group, nn
from browser.examples import show_widget
from browser.harness import messages, receive, settled, show
from browser.probe import Probe, overlap
from view import View, full_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Locator, Page

    from browser.probe import Box


def recurrence(steps: int, grouped: bool = True) -> GraphWidget:
    """h = w·x + wh·h, each step with its input, in a group or not; nodes 0 to 2 are w, wh and h0."""
    w, wh, h = Scalar(0.5, label="w"), Scalar(-0.4, label="wh"), Scalar(0.2, label="h0")
    x = 0.0
    for t in range(1, steps + 1):
        with group(f"t={t}" if grouped else "all"):
            x = (x + 0.7) % 1.9 - 0.6
            h = w * Scalar(x, label=f"x{t}", requires_grad=False) + wh * h
            h.label = f"h{t}"
    widget = GraphWidget(h, names=False)
    if not grouped:
        widget.graph = {key: value for key, value in widget.graph.items() if key != "groups"}
    return widget


def folded(view: View, group: int) -> Locator:
    return view.root.locator(f'[data-group="{group}"]')


def opened(view: View, group: int) -> Locator:
    return view.root.locator(f'[data-open-group="{group}"]')


def ids(view: View) -> list[int]:
    all_ids: list[int] = view.root.locator("[data-node]").evaluate_all(
        "all => all.map(one => Number(one.dataset.node)).sort((a, b) => a - b)"
    )
    return all_ids


def test_a_small_graph_is_open_and_a_click_folds_and_opens(page: Page) -> None:
    view = show_widget(page, recurrence(3))
    assert len(ids(view)) == 15
    opened(view, 1).click()
    expect(folded(view, 1)).to_be_visible()
    expect(opened(view, 1)).to_have_count(0)
    assert set(range(15)) - set(ids(view)) == {7, 8, 9, 10}
    assert messages(page)[-1]["opened"] == [0, 2]
    folded(view, 1).get_by_role("button").click()
    expect(opened(view, 1)).to_be_visible()
    assert len(ids(view)) == 15
    assert messages(page)[-1]["opened"] == [0, 1, 2]
    opened(view, 1).click()
    folded(view, 1).click()
    expect(opened(view, 1)).to_be_visible()


def small_network() -> Scalar:
    net = nn.MLP(2, [2, 1])
    for i, parameter in enumerate(net.parameters()):
        parameter.value = (-1) ** i * 0.1 * (i + 1)
    y = net([Scalar(1.0, label="x1"), Scalar(2.0, label="x2")])
    assert isinstance(y, Scalar)
    return y


def blocks() -> Scalar:
    x = Scalar(0.5, label="x")
    with group("encoder"):
        a = (x * Scalar(0.3, label="a")).tanh()
    with group("decoder.attention"):
        b = (a * Scalar(0.7, label="b")).exp()
    with group("residual"):
        z = b + a
    return (z - x) ** 2


@pytest.mark.parametrize("rankdir", ["LR", "TB", "BT"])
@pytest.mark.parametrize("made", [small_network, blocks])
def test_titles_of_groups_lie_over_no_number_and_no_card(
    page: Page, made: Callable[[], Scalar], rankdir: str
) -> None:
    probe = Probe(show_widget(page, GraphWidget(made(), names=False), width=1600, rankdir=rankdir))
    titles: list[Box] = page.locator("[data-open-group]").evaluate_all(
        "all => all.map((one) => one.getBoundingClientRect().toJSON())"
    )
    pills = [edge["pill"] for edge in probe.edges() if edge["pill"]]
    assert len(titles) > 2
    assert len(pills) > (1 if made is small_network else 7)  # neurons have their weights as rows
    for title in titles:
        assert not any(overlap(title, box) for box in [*pills, *probe.cards().values()])


def test_keys_open_and_fold(page: Page) -> None:
    view = show_widget(page, recurrence(3), opened=[0, 2])
    folded(view, 1).focus()
    page.keyboard.press("Enter")
    expect(opened(view, 1)).to_be_visible()
    view.node(10).focus()
    page.keyboard.press("Shift+Enter")
    expect(folded(view, 1)).to_be_visible()
    opened(view, 0).focus()
    page.keyboard.press("Enter")
    expect(folded(view, 0)).to_be_visible()


def test_what_is_opened_or_folded_stays_where_it_is_and_has_the_focus(page: Page) -> None:
    view = show_widget(page, recurrence(12), width=900, opened=[])

    def place(what: Locator) -> float:
        box = what.bounding_box()
        assert box is not None
        return box["x"]

    before = place(folded(view, 2))
    folded(view, 2).click()
    expect(opened(view, 2)).to_be_focused()
    settled(page)
    assert abs(place(opened(view, 2)) - before) < 220
    before = place(opened(view, 2))
    page.keyboard.press("Enter")
    expect(folded(view, 2)).to_be_focused()
    settled(page)
    assert abs(place(folded(view, 2)) - before) < 220


def test_what_is_folded_from_within_has_the_focus(page: Page) -> None:
    view = show_widget(page, recurrence(3))
    view.node(10).focus()
    page.keyboard.press("Shift+Enter")
    expect(folded(view, 1)).to_be_focused()


def test_a_folded_card_says_what_is_in_it(page: Page) -> None:
    view = show_widget(page, recurrence(3), opened=[])
    card = folded(view, 1)
    expect(card).to_have_attribute("role", "group")
    name = card.get_attribute("aria-label")
    assert name is not None
    for part in ("t=2", "2 ×, +, 1 leaf", "w 0.50", "h2", "largest gradient"):
        assert part in name, part
    button = card.get_by_role("button")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_have_accessible_name("Open t=2 (Enter)")
    box = button.bounding_box()
    assert box is not None and box["width"] >= 24 and box["height"] >= 24


@pytest.mark.parametrize("width", [700, 960])
def test_numbers_of_folded_groups_follow_a_drag(page: Page, width: int) -> None:
    widget = recurrence(4)
    view = show_widget(page, widget, width=width, opened=[])

    def largest(group: int) -> float:
        return full_number(folded(view, group).locator("[data-group-grad]"))

    def python(w: float) -> tuple[Graph, list[float]]:
        graph = Graph.from_json(widget.graph)
        graph.set_leaf(0, w)
        graph.forward()
        graph.backward(graph.outputs[0])
        grads = [
            max(abs(graph.pass_grads[i]) for start, end in [runs] for i in range(start, end + 1))
            for _, _, runs in graph.groups
        ]
        return graph, grads

    for to in (None, 1.4):
        w = view.value(0) if to is None else view.drag(0, to)
        graph, grads = python(w)
        # h0 folds with the first step, which alone uses it.
        grads[0] = max(grads[0], abs(graph.pass_grads[2]))
        assert [largest(group) for group in range(4)] == pytest.approx(grads, rel=1e-12)
        name = folded(view, 3).get_attribute("aria-label") or ""
        assert f"h4 {graph.values[-1]:.2f}".replace("-", "−") in name


def test_what_goes_to_several_nodes_is_not_added_up(page: Page) -> None:
    with group("leaves"):
        a, b = Scalar(2.0, label="a"), Scalar(3.0, label="b")
    with group("sum"):
        y = a * 5.0 - b * 4.0
    view = show_widget(page, GraphWidget(y), opened=[])
    link = view.root.locator("[data-link]")
    expect(link.locator("[data-edge-grad]")).to_have_text("≤5.00")
    expect(link).to_have_class(re.compile("agw-shared"))


def test_links_bundle_what_crosses_the_border(page: Page) -> None:
    widget = recurrence(3)
    view = show_widget(page, widget, width=1500, opened=[0, 1])  # the last step is folded
    graph = Graph.from_json(widget.graph)
    graph.backward(graph.outputs[0])
    sent = {}
    for i, inputs in enumerate(graph.inputs):
        for slot in range(len(inputs)):
            sent[f"{i}:{slot}"] = graph.edge_grads[graph.offsets[i] + slot]
    numbers = view.root.locator("[data-edge-grad]").evaluate_all(
        "all => all.map(one => [one.closest('.agw-edge').dataset.edge, one.getAttribute('title')])"
    )
    shown = {edge: float(title) for edge, title in numbers if edge is not None and title is not None}
    inside_last = {"12:0", "12:1", "13:0", "13:1", "14:0", "14:1"}
    crossing = {"12:0", "13:0", "13:1"}  # from w, from wh, from h2: one slot each, so still an edge
    tracked = {edge for edge in sent if edge not in inside_last - crossing and not edge_is_still(graph, edge)}
    assert shown.keys() == tracked
    assert shown == pytest.approx({edge: sent[edge] for edge in tracked})
    receive(page, opened=[])
    settled(page)
    # h0 and all of the first step are in it; into the last two go w, wh and the step before.
    assert view.root.locator("[data-link], [data-edge]").count() == 8
    assert len(ids(view)) == 2


def edge_is_still(graph: Graph, edge: str) -> bool:
    consumer, slot = map(int, edge.split(":"))
    return not graph.needs_grad[graph.inputs[consumer][slot]]


def test_a_link_with_several_slots_shows_their_sum(page: Page) -> None:
    x, y = Scalar(2.0, label="x"), Scalar(3.0, label="y")
    with group("inside"):
        z = x * x + x * y
    view = show_widget(page, GraphWidget(z, names=False), opened=[])
    # y is used inside only, so it is in the group; x too.
    expect(folded(view, 0)).to_be_visible()
    assert ids(view) == []
    out = x.tanh()
    with group("inside"):
        z = x * x + x * y
    view = show_widget(page, GraphWidget(z + out, names=False), opened=[])
    bundle = view.root.locator("[data-link] [data-edge-grad]")
    expect(bundle).to_have_count(1)
    assert full_number(bundle) == 2.0 + 2.0 + 3.0


def test_choosing_a_node_opens_what_it_is_in(page: Page) -> None:
    view = show_widget(page, recurrence(3), opened=[])
    expect(folded(view, 2)).to_be_visible()
    receive(page, selected=14)
    expect(view.node(14)).to_be_visible()
    expect(view.inspector(14)).to_be_visible()
    expect(folded(view, 0)).to_be_visible()
    expect(folded(view, 1)).to_be_visible()
    assert messages(page)[-1]["opened"] == [2]


def test_search_finds_groups_and_opens_them(page: Page) -> None:
    view = show_widget(page, recurrence(3), opened=[])
    view.root.get_by_role("button", name="fit").focus()
    page.keyboard.press("/")
    box = view.root.get_by_role("searchbox")
    box.fill("t=2")
    box.press("Enter")
    expect(view.root.locator("[data-inspector]")).to_be_visible()
    expect(opened(view, 1)).to_be_visible()
    expect(folded(view, 0)).to_be_visible()
    expect(folded(view, 2)).to_be_visible()


def test_folds_are_kept_in_the_model_and_restored(page: Page) -> None:
    widget = recurrence(3)
    view = show_widget(page, widget)
    opened(view, 0).click()
    expect(folded(view, 0)).to_be_visible()
    kept = messages(page)[-1]["opened"]
    widget.set_state({"opened": kept})
    assert widget.opened == [1, 2]
    view = View(show(page, widget.graph, passes=widget.passes, opened=widget.opened))
    expect(folded(view, 0)).to_be_visible()
    expect(opened(view, 1)).to_be_visible()
    receive(page, opened=None)
    expect(opened(view, 0)).to_be_visible()


def test_two_views_of_a_model_fold_together(page: Page) -> None:
    widget = recurrence(3)
    show(page, widget.graph, passes=widget.passes, views=2)
    first, second = View(page, 0), View(page, 1)
    opened(first, 1).click()
    expect(folded(second, 1)).to_be_visible()


def test_a_large_graph_opens_as_few_items_and_shows_tens_again(page: Page) -> None:
    view = show_widget(page, recurrence(300, grouped=False))
    items = view.root.locator("[data-node], [data-group]")
    assert 5 <= items.count() <= 60
    first = view.root.locator("[data-group]").first
    first.click()
    settled(page)
    assert view.root.locator("[data-open-group]").count() >= 1
    assert 10 <= items.count() <= 120


def test_cards_that_stay_are_not_made_anew(page: Page) -> None:
    view = show_widget(page, recurrence(3), width=700)
    view.slider(0).evaluate("slider => { slider.isTheSame = true }")
    opened(view, 1).click()
    expect(folded(view, 1)).to_be_visible()
    assert view.slider(0).evaluate("slider => slider.isTheSame")


def test_no_card_covers_another_whatever_is_folded(page: Page) -> None:
    view = show_widget(page, network())
    for _ in range(3):
        settled(page)
        boxes = view.root.locator("[data-node], [data-group]").evaluate_all(
            "all => all.map(one => { const { x, y, width, height } = one.getBoundingClientRect();"
            " return [x, y, width, height] })"
        )
        for i, (x, y, width, height) in enumerate(boxes):
            for other_x, other_y, other_width, other_height in boxes[:i]:
                apart = x >= other_x + other_width or other_x >= x + width
                assert apart or y >= other_y + other_height or other_y >= y + height
        folds = view.root.locator("[data-open-group]")
        if folds.count() == 0:
            break
        folds.first.evaluate("button => button.click()")


def network() -> GraphWidget:
    model = nn.MLP(2, [3, 1])
    score = model([Scalar(0.8, label="x1"), Scalar(-1.2, label="x2")])
    assert isinstance(score, Scalar)
    return GraphWidget((score - 1.0) ** 2, names=False)


FOLD_AND_LOOK = """
async (root, [title, card]) => {
  const place = () => root.querySelector(card).style.transform;
  const before = place();
  root.querySelector(title).click();
  while (place() === before) await new Promise(requestAnimationFrame);
  return { before, after: place(), moves: root.querySelector(card).getAnimations().length };
}
"""


@pytest.mark.parametrize("motion", ["no-preference", "reduce"])
def test_what_stays_moves_to_its_new_place_or_is_there_at_once(
    page: Page, motion: Literal["no-preference", "reduce"]
) -> None:
    view = show_widget(page, recurrence(3))
    page.emulate_media(reduced_motion=motion)
    found = view.root.evaluate(FOLD_AND_LOOK, ['[data-open-group="1"]', '[data-node="14"]'])
    assert found["before"] != found["after"]
    assert found["moves"] == (1 if motion == "no-preference" else 0)


def test_the_matrices_of_a_folded_group_are_heat_maps(page: Page) -> None:
    x = [Scalar(value, label=f"x{i}", requires_grad=False) for i, value in enumerate((1.0, 2.0))]
    with group("linear"):
        w = [
            [Scalar(row - column + 0.5, label=f"w[{row},{column}]") for column in (0, 1)] for row in (0, 1, 2)
        ]
        y = [(row[0] * x[0] + row[1] * x[1]).tanh() for row in w]
    loss = y[0] + y[1] - y[2]
    loss.backward()
    view = show_widget(page, GraphWidget(loss, names=False), opened=[])
    matrix = folded(view, 0).locator('[data-matrix="w"]')
    expect(matrix).to_contain_text("w 3×2")
    values, gradients = (matrix.locator("svg").nth(i).locator("rect") for i in (0, 1))
    expect(values).to_have_count(6)
    assert values.locator("title").all_text_contents()[:2] == ["w[0,0] = 0.50", "w[0,1] = −0.50"]
    shown = gradients.locator("title").all_text_contents()
    wanted = [leaf.grad for row in w for leaf in row]
    assert [float(title.split(" = ")[1].replace("−", "-")) for title in shown] == pytest.approx(
        wanted, abs=0.005
    )
    assert values.evaluate_all("all => all.map(one => /negative/.test(one.getAttribute('class')))")[:2] == [
        False,
        True,
    ]
    before = values.first.get_attribute("fill-opacity")
    receive(page, values={**GraphWidget(loss).values, str(ids_by_label(loss)["w[0,0]"]): 9.0})
    expect(values.locator("title").first).to_have_text("w[0,0] = 9.00")
    assert before != values.first.get_attribute("fill-opacity") == "1.00"


def ids_by_label(root: Scalar) -> dict[str, int]:
    return {label: i for i, label in Graph.of(root).labels.items()}
