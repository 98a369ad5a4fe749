"""The canvas as a window on a larger drawing: zooming, moving, the map, search, and what is seen of it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar
from browser.examples import document_of, node, seed, show_widget
from browser.harness import leaf_values, settled, show
from view import View

if TYPE_CHECKING:
    from playwright.sync_api import Page

MANY = 5000
MOST_CARDS = 300

# The middle of the visible drawing, and the scale.
CAMERA = """
root => {
  const camera = root.querySelector(".agw-camera");
  const scale = Number(/scale\\(([\\d.]+)\\)/.exec(root.querySelector(".agw-board").style.transform)[1]);
  return [scale, camera.scrollLeft, camera.scrollTop];
}
"""

# The colours on the canvas that is painted far out, apart from those that are hardly there.
COLOURS = """
root => {
  const paper = root.querySelector(".agw-canvas > canvas");
  if (!paper || paper.hidden || paper.width === 0) return [];
  const { data } = paper.getContext("2d").getImageData(0, 0, paper.width, paper.height);
  const found = new Map();
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 250) continue;
    const [r, , b] = data.slice(i, i + 3);
    const hue = b > r + 40 ? "blue" : r > b + 40 ? "orange" : "grey";
    found.set(hue, (found.get(hue) ?? 0) + 1);
  }
  return [...found].filter(([, pixels]) => pixels > 20).map(([hue]) => hue);
}
"""


# The place of something blue on that canvas.
A_PAINTED_POINT = """
root => {
  const paper = root.querySelector(".agw-canvas > canvas");
  const { left, top } = paper.getBoundingClientRect();
  const { data } = paper.getContext("2d").getImageData(0, 0, paper.width, paper.height);
  for (let i = 0; i < data.length; i += 4) {
    if (data[i + 3] < 250 || data[i + 2] < data[i] + 40) continue;
    const [x, y] = [(i / 4) % paper.width, Math.floor(i / 4 / paper.width)];
    return [left + x / devicePixelRatio, top + y / devicePixelRatio];
  }
}
"""


def tree(leaves: int) -> dict[str, Any]:
    """A sum of products in pairs, with nothing in it that would fold: the last node is the result."""
    parts: list[Any] = [0.5 + i % 7 / 10 for i in range(leaves)]
    level = list(range(leaves))
    while len(level) > 1:
        pairs = [level[i : i + 2] for i in range(0, len(level), 2)]
        joined = []
        for pair in pairs:
            parts.append(("-" if len(parts) % 3 else "+", *pair) if len(pair) == 2 else ("neg", *pair))
            joined.append(len(parts) - 1)
        level = joined
    return document_of(*parts)


def flat(page: Page, leaves: int, **options: Any) -> View:
    """Show such a sum with every group open."""
    document = tree(leaves)
    show(page, document, **{"opened": list(range(len(document["op"]))), **options})
    view = View(page)
    expect(view.root.locator(".agw-working")).to_be_hidden(timeout=60_000)
    return view


def camera(view: View) -> tuple[float, float, float]:
    scale, x, y = view.root.evaluate(CAMERA)
    return scale, x, y


def wait_for_scale(view: View, beyond: float) -> None:
    """Wait until it is drawn larger than that."""
    wait_for_camera(view, 0, beyond)


def wait_for_camera(view: View, which: int, beyond: float) -> None:
    """Wait until one of the camera's numbers is larger than that."""
    given = [view.root.element_handle(), which, beyond]
    view.root.page.wait_for_function(
        f"([root, which, beyond]) => ({CAMERA})(root)[which] > beyond", arg=given
    )


def wait_for_colours(view: View, count: int) -> None:
    """Wait until so many of blue and orange are painted."""
    given = [view.root.element_handle(), count]
    found = f"({COLOURS})(root).filter((hue) => hue !== 'grey').length"
    view.root.page.wait_for_function(f"([root, count]) => {found} === count", arg=given)


def middle(view: View) -> tuple[float, float]:
    box = view.root.locator(".agw-camera").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def background(view: View) -> tuple[float, float]:
    """A point of the canvas on which no card is."""
    x, y = view.root.evaluate(
        """root => {
          const box = root.querySelector(".agw-camera").getBoundingClientRect();
          for (let y = box.top + 8; y < box.bottom; y += 12)
            for (let x = box.right - 200; x > box.left; x -= 12)
              if (document.elementFromPoint(x, y)?.matches(".agw-camera, .agw-frame")) return [x, y];
        }"""
    )
    return x, y


@pytest.mark.parametrize("clicked", [False, True])
def test_the_wheel_is_the_page_s(page: Page, clicked: bool) -> None:
    view = show_widget(page, seed())
    before = camera(view)[0]
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    x, y = background(view)
    page.mouse.move(x, y)
    if clicked:
        page.mouse.click(x, y)
    page.mouse.wheel(0, 240)
    page.wait_for_function("() => window.scrollY > 100")
    assert camera(view)[0] == before


def test_the_wheel_zooms_with_a_key(page: Page) -> None:
    view = show_widget(page, seed())
    page.evaluate("document.body.style.paddingBottom = '2000px'")
    page.mouse.move(*background(view))
    page.keyboard.down("Control")
    page.mouse.wheel(0, -120)
    wait_for_scale(view, 1.1)
    assert page.evaluate("window.scrollY") == 0


def test_zooming_keeps_what_is_under_the_pointer(page: Page) -> None:
    view = show_widget(page, seed(), rankdir="LR")
    where = "e => { const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; }"
    node = view.root.locator("[data-node]").nth(5)
    x, y = node.evaluate(where)
    page.mouse.move(x, y)
    page.keyboard.down("Control")
    for _ in range(3):
        page.mouse.wheel(0, -100)
    wait_for_scale(view, 1.3)
    assert node.evaluate(where) == pytest.approx([x, y], abs=15)


# Several turns of the wheel before the next frame.
TURN = """
element => {
  const { left, top, width, height } = element.getBoundingClientRect();
  const at = { clientX: left + width / 2, clientY: top + height / 2 };
  for (let i = 0; i < 3; i++) {
    const turn = { ...at, deltaY: -50, ctrlKey: true, bubbles: true, cancelable: true };
    element.dispatchEvent(new WheelEvent("wheel", turn));
  }
}
"""


def test_turns_of_the_wheel_within_one_frame_add_up(page: Page) -> None:
    view = flat(page, 300)
    before = camera(view)[0]
    view.root.locator(".agw-camera").evaluate(TURN)
    settled(page)
    assert camera(view)[0] == pytest.approx(before * math.exp(3 * 50 * 2 * 0.0022), rel=1e-3)


def test_keys_zoom_and_show_all(page: Page) -> None:
    view = show_widget(page, seed())
    view.node(0).focus()
    settled(page)
    for key, larger in (("+", True), ("0", False), ("=", True), ("-", False)):
        before = camera(view)[0]
        page.keyboard.press(key)
        settled(page)
        assert (camera(view)[0] > before) is larger, key


def test_dragging_the_background_moves_the_drawing_and_chooses_nothing(page: Page) -> None:
    view = flat(page, 300)
    _, left, top = camera(view)
    x, y = background(view)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 60, y - 30)
    page.mouse.move(x - 150, y - 80)
    page.mouse.up()
    _, to_left, to_top = camera(view)
    assert to_left - left == pytest.approx(150, abs=3)
    assert to_top - top == pytest.approx(80, abs=3)
    assert view.root.locator("[data-inspector]").count() == 0


def test_shift_and_an_arrow_move_the_drawing_and_replay_nothing(page: Page) -> None:
    view = flat(page, 300)
    view.root.locator(".agw-camera").focus()
    before = camera(view)
    page.keyboard.press("Shift+ArrowRight")
    wait_for_camera(view, 1, before[1])
    assert not page.evaluate("document.querySelector('.agw-step') !== null")


def test_of_many_nodes_few_are_elements_and_a_drag_is_right(page: Page) -> None:
    view = flat(page, MANY // 2)
    cards = view.root.locator("[data-node]")
    assert 5 < cards.count() < MOST_CARDS
    slider = view.root.locator("input[type=range][data-leaf]").first
    leaf = int(slider.get_attribute("data-leaf") or "")
    consumer = next(i for i, inputs in enumerate(tree(MANY // 2)["inputs"]) if leaf in inputs)
    document = tree(MANY // 2)
    moved = view.drag(leaf, -1.0)
    assert view.value(leaf) == moved
    values = {int(key): value for key, value in document["value"].items()} | {leaf: moved}
    a, b = (values[i] for i in document["inputs"][consumer])
    assert view.value(consumer) == (a - b if document["op"][consumer] == "-" else a + b)
    for _ in range(8):
        page.keyboard.press("Shift+ArrowRight")
        page.keyboard.press("Shift+ArrowDown")
    assert 0 < cards.count() < MOST_CARDS


def test_far_out_boxes_are_painted_in_the_colours_of_gradients(page: Page) -> None:
    view = flat(page, 700)
    view.root.get_by_role("button", name="fit").click()
    expect(view.root.locator("[data-node]")).to_have_count(0)
    wait_for_colours(view, 2)
    expect(view.root.locator("[data-overlay]", has_text="∂ gradient")).to_be_visible()


def test_a_click_far_out_chooses_the_box_there(page: Page) -> None:
    view = flat(page, 300)
    view.root.get_by_role("button", name="fit").click()
    wait_for_colours(view, 2)
    x, y = view.root.evaluate(A_PAINTED_POINT)
    page.mouse.click(x, y)
    expect(view.root.locator("[data-inspector]")).to_be_visible()


def test_the_map_is_there_where_not_all_is_seen_and_moves_the_view(page: Page) -> None:
    view = flat(page, 300)
    shown = view.root.locator(".agw-map")
    expect(shown).to_be_visible()
    settled(page)
    before = camera(view)
    box = shown.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] - 4, box["y"] + box["height"] / 2)
    settled(page)
    assert camera(view)[1] > before[1] + 100
    view.root.get_by_role("button", name="fit").click()
    expect(shown).to_be_hidden()


def test_a_small_graph_has_no_map(page: Page) -> None:
    view = show_widget(page, seed())
    expect(view.root.locator(".agw-map")).to_be_hidden()


def test_search_goes_from_hit_to_hit(page: Page) -> None:
    view = show_widget(page, seed())
    view.node(0).focus()
    page.keyboard.press("/")
    box = view.root.get_by_role("searchbox")
    expect(box).to_be_focused()
    labels = view.root.evaluate(
        "root => [...root.querySelectorAll('[data-node]')].map((e) => e.getAttribute('aria-label'))"
    )
    hits = [i for i, label in enumerate(labels) if "wh" in label.split(",")[0]]
    box.fill("wh")
    for hit in [*hits, hits[0]]:
        page.keyboard.press("Enter")
        expect(view.inspector(hit)).to_be_visible()
    expect(view.root.locator("[role=search]")).to_contain_text(f"1 of {len(hits)}")
    page.keyboard.press("Shift+Enter")
    expect(view.inspector(hits[-1])).to_be_visible()
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()


def test_what_is_found_comes_into_the_window(page: Page) -> None:
    view = show_widget(page, seed())
    card = view.node(node(seed(), "wh"))
    page.evaluate("document.body.style.paddingBottom = '4000px'")
    view.node(0).focus()
    page.keyboard.press("/")
    view.root.get_by_role("searchbox").fill("wh")
    page.evaluate("window.scrollTo(0, 3000)")
    expect(card).not_to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(card).to_be_in_viewport(ratio=0.9)


def test_search_by_number(page: Page) -> None:
    view = show_widget(page, seed())
    view.root.get_by_role("button", name="Search", exact=True).click()
    box = view.root.get_by_role("searchbox")
    found = view.root.locator("[role=search]")
    box.fill("grad > 1")
    expect(found).to_contain_text("of 1")
    box.press("Enter")
    expect(view.inspector(0)).to_be_visible()
    box.fill("nan")
    expect(found).to_contain_text("nothing")
    page.evaluate("model.receive({ values: { ...model.get('values'), 0: 'nan' } })")
    box.fill("nan ")
    expect(found).not_to_contain_text("nothing")


def test_what_is_chosen_comes_into_view(page: Page) -> None:
    view = flat(page, 300)
    root = len(tree(300)["op"]) - 1
    expect(view.node(root)).to_have_count(0)
    page.evaluate("node => model.receive({ selected: node })", root)
    expect(view.node(root)).to_be_in_viewport()
    view.root.locator(".agw-camera").focus()
    page.keyboard.press("[")
    operand = tree(300)["inputs"][root][0]
    expect(view.inspector(operand)).to_be_visible()
    expect(view.node(operand)).to_be_in_viewport()
    page.keyboard.press("]")
    expect(view.inspector(root)).to_be_visible()


@pytest.mark.parametrize(
    ("rankdir", "ahead", "legend"),
    [
        ("LR", lambda a, b: a["right"] < b["left"], "values flow right →"),
        ("TB", lambda a, b: a["bottom"] < b["top"], "values flow down ↓"),
        ("BT", lambda a, b: a["top"] > b["bottom"], "values flow up ↑"),
    ],
)
def test_values_flow_as_they_are_told(page: Page, rankdir: str, ahead: Any, legend: str) -> None:
    w, x = Scalar(0.5, label="w"), Scalar(-1.5, label="x", requires_grad=False)
    widget = GraphWidget((w * x).tanh(), rankdir=rankdir)
    view = show_widget(page, widget, rankdir=widget.rankdir)
    boxes = [view.node(i).evaluate("e => e.getBoundingClientRect().toJSON()") for i in range(4)]
    for consumer, inputs in enumerate(widget.graph["inputs"]):
        for producer in inputs:
            assert ahead(boxes[producer], boxes[consumer])
    expect(view.root).to_contain_text(legend)


# Opens a view, drags its first slider and closes it, several times in one page.
OPEN_AND_CLOSE = """
async ({ state, rounds }) => {
  const { default: widget } = await import("/widget.js");
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  for (let round = 0; round < rounds; round++) {
    const model = new window.model.constructor(structuredClone(state));
    const el = document.body.appendChild(document.createElement("div"));
    const close = widget.render({ model, el });
    for (let i = 0; !el.querySelector("input[type=range][data-leaf]") && i < 600; i++) await frame();
    const slider = el.querySelector("input[type=range][data-leaf]");
    for (const value of ["0.25", "-0.5"]) {
      slider.value = value;
      slider.dispatchEvent(new Event("input", { bubbles: true }));
      await frame();
    }
    close();
    el.remove();
  }
}
"""


def test_opening_dragging_and_closing_leaves_nothing_behind(page: Page) -> None:
    document = tree(700)
    show_widget(page, seed())
    state = {
        "graph": document,
        "values": leaf_values(document),
        "passes": document["outputs"],
        "selected": None,
        "opened": list(range(len(document["op"]))),
    }
    session = page.context.new_cdp_session(page)
    used = []
    for _ in range(3):
        page.evaluate(OPEN_AND_CLOSE, {"state": state, "rounds": 7})
        # Objects held by the last frame are freed only after the next.
        for _ in range(2):
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            session.send("HeapProfiler.collectGarbage")
        used.append(session.send("Runtime.getHeapUsage")["usedSize"])
    # Code comes and goes too, a megabyte or two of it; seven views that stay would be nine, each time.
    assert used[2] < used[0] + 4_000_000, used


# As soon as the button is there, before the layout can be ready: is it clickable, and what is its text?
CANCEL = """
addEventListener("DOMContentLoaded", () => {
  new MutationObserver((_, observer) => {
    const working = document.querySelector(".agw-working:not([hidden])");
    if (!working) return;
    observer.disconnect();
    requestAnimationFrame(() => {
      const button = working.querySelector("button");
      const { x, y, width, height } = button.getBoundingClientRect();
      const hit = document.elementFromPoint(x + width / 2, y + height / 2);
      window.offered = [hit === button, working.textContent];
      button.click();
    });
  }).observe(document.body, { subtree: true, childList: true });
});
"""


def test_who_does_not_want_to_wait_for_the_layout_has_it_roughly(page: Page) -> None:
    document = tree(4 * MANY)
    page.add_init_script(CANCEL)
    show(page, document, opened=list(range(len(document["op"]))))
    view = View(page)
    expect(view.root.locator(".agw-card").first).to_be_visible()
    expect(view.root.locator(".agw-working")).to_be_hidden()
    assert page.evaluate("window.offered") == [
        True,
        f"Laying out {len(document['op']):,} nodes… Draw roughly",
    ]
    # It is a graph like any other: a leaf moves.
    view.root.locator("input[type='range'][data-leaf]").first.press("ArrowRight")
    page.wait_for_function("() => window.model.messages.some((message) => 'values' in message)")
