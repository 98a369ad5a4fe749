"""The page that outlives the kernel: from a file, with no network, forbidden to load anything."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import expect

from autograd_widget import GraphWidget, Scalar, custom_op
from autograd_widget.explain.messages import MESSAGES
from autograd_widget.export import html
from browser.by_hand import learn_of
from browser.examples import assert_same, computed, mlp, neuron, node, seed, shown
from browser.probe import Probe
from view import View

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

STEP = "p ← p − lr·grad"


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page with the network off."""
    page.context.set_offline(True)
    yield page
    page.context.set_offline(False)


def show(page: Page, tmp_path: Path, text: str) -> View:
    """Open a page as a file, and wait for its first view."""
    path = tmp_path / "page.html"
    path.write_text(text, "utf-8")
    page.goto(path.as_uri())
    view = View(page)
    expect(view.root).to_be_visible()
    return view


def drag_and_check(view: View, widget: GraphWidget, label: str = "w", to: float = 0.8) -> None:
    """Every number follows a slider, as Python has it."""
    value = view.drag(node(widget, label), to)
    moved = {**widget.values, str(node(widget, label)): value}
    assert_same(shown(view), computed(widget.graph, moved, widget.passes))


def test_everything_works_from_a_file_with_the_network_off(page: Page, tmp_path: Path) -> None:
    widget = seed()
    w, h3 = node(widget, "w"), node(widget, "h3")
    view = show(page, tmp_path, widget.to_html())
    assert_same(shown(view), computed(widget.graph, widget.values, widget.passes))
    drag_and_check(view, widget)

    view.root.get_by_role("button", name="◀ step").click()
    expect(view.root).to_contain_text("14 / 15")
    page.keyboard.press("End")

    view.node(w).press("Enter")
    inspector = view.inspector(w)
    expect(inspector.get_by_role("math").first).to_be_visible()
    expect(inspector).to_contain_text("finite difference")
    before = view.grad(w)
    view.root.get_by_role("button", name="h3.backward()").click()
    expect(inspector.get_by_text("h3.backward()")).to_have_count(2)
    assert view.grad(w) == pytest.approx(before + view.pass_grad(w))

    loss = view.value(h3)
    learn_of(view).get_by_role("button", name=STEP).click()
    expect(view.root).to_contain_text("1 step, loss")
    assert view.value(h3) < loss
    view.root.get_by_role("button", name="zero_grad()").click()
    expect(view.node(w).locator("[data-grad]")).to_have_text("preview")


def test_it_begins_with_the_state_that_the_widget_had(page: Page, tmp_path: Path) -> None:
    widget = seed("h1", "h3")
    widget["wh"] = -0.8
    widget.freeze("w")
    widget.selected = node(widget, "h2")
    widget.carried = {str(node(widget, "wh")): 2.0}
    view = show(page, tmp_path, widget.to_html())
    wh, w = node(widget, "wh"), node(widget, "w")
    assert view.value(wh) == -0.8
    assert view.grad(wh) == pytest.approx(widget.grads["wh"])
    expect(view.node(w)).to_have_attribute("data-kind", "input")
    expect(view.inspector(node(widget, "h2"))).to_be_visible()


def test_read_only_stays_read_only(page: Page, tmp_path: Path) -> None:
    y = Scalar(0.5, label="w") * 2.0
    view = show(page, tmp_path, GraphWidget(y, read_only=True).to_html())
    expect(view.root.get_by_role("button", name="zero_grad()")).to_have_count(0)


def test_the_policy_forbids_what_is_not_its_own(browser: Browser, tmp_path: Path) -> None:
    path = seed().save_html(tmp_path / "page.html")
    context = browser.new_context()
    page = context.new_page()
    page.goto(path.as_uri())
    expect(View(page).root).to_be_visible()
    blocked: list[str] = page.evaluate(
        """async () => {
          const blocked = [];
          addEventListener("securitypolicyviolation", (event) => blocked.push(event.effectiveDirective));
          const add = (tag, keys) => document.body.append(Object.assign(document.createElement(tag), keys));
          add("script", { textContent: "window.ran = true" });
          add("script", { src: "http://127.0.0.1:9/x.js" });
          add("img", { src: "http://127.0.0.1:9/x.png" });
          await fetch("http://127.0.0.1:9/x").catch(() => {});
          setTimeout("window.ran = true");
          await new Promise((done) => setTimeout(done, 200));
          return [...blocked, window.ran === true ? "ran" : "nothing ran"];
        }"""
    )
    assert {"script-src-elem", "img-src", "connect-src", "script-src", "nothing ran"} == set(blocked)
    context.close()


# -- on other pages --------------------------------------------------------------------------------------


def test_several_elements_and_one_script_tag(page: Page, tmp_path: Path) -> None:
    widgets = [seed(), neuron(), mlp()]
    elements = "".join(widget.to_html(whole=False) for widget in widgets)
    view = show(page, tmp_path, f"<!doctype html><title>Three</title>{elements}{html.script_tag()}")
    expect(page.locator(".autograd-widget")).to_have_count(3)
    drag_and_check(view, widgets[0])
    for nth, widget in enumerate(widgets[1:], 1):
        assert_same(shown(View(page, nth)), computed(widget.graph, widget.values, widget.passes))


def test_a_script_takes_what_the_menu_saves(page: Page, tmp_path: Path) -> None:
    widget = seed()
    show(page, tmp_path, widget.to_html())
    file = "name => document.querySelector('autograd-graph').file(name)"
    assert GraphWidget.from_json(page.evaluate(file, "JSON")).to_dict() == widget.to_dict()
    assert page.evaluate(file, "SVG").startswith("<svg ")
    assert page.evaluate(f"async name => (await ({file})(name)).type", "PNG") == "image/png"
    assert page.evaluate(file, "JPEG") is None


def test_a_second_script_tag_does_no_harm(page: Page, tmp_path: Path) -> None:
    script, element = html.script_tag(), seed().to_html(whole=False)
    show(page, tmp_path, f"<!doctype html><title>Two</title>{script}{element}{script}{element}")
    expect(page.locator(".autograd-widget")).to_have_count(2)


def test_an_iframe_of_its_own(page: Page, tmp_path: Path) -> None:
    widget = seed()
    frame = f'<iframe sandbox="allow-scripts" width="1100" height="700" srcdoc="{escape(widget.to_html())}">'
    path = tmp_path / "outer.html"
    path.write_text(f"<!doctype html><title>Outer</title>{frame}</iframe>", "utf-8")
    page.goto(path.as_uri())
    view = View(page.frame_locator("iframe").locator("body"))
    expect(view.root).to_be_visible()
    drag_and_check(view, widget)


def test_an_element_that_comes_later_and_one_that_moves(page: Page, tmp_path: Path) -> None:
    widget = seed()
    view = show(page, tmp_path, widget.to_html())
    value = view.drag(node(widget, "w"), 0.9)
    page.evaluate(
        """(text) => {
          const later = document.createElement("autograd-graph");
          later.textContent = text; // without a script around it
          document.body.append(later, document.querySelector("autograd-graph"));
        }""",
        neuron().to_json(),
    )
    expect(page.locator(".autograd-widget")).to_have_count(2)
    assert View(page, 1).value(node(widget, "w")) == value, "moving it forgot the slider"
    drag_and_check(View(page, 1), widget, to=0.2)
    page.evaluate("document.querySelector('autograd-graph').remove()")
    expect(page.locator(".autograd-widget")).to_have_count(1)


@pytest.mark.parametrize(
    ("inside", "sentence"),
    [
        ("", "is not an object"),
        ("{", "is not an object"),
        (json.dumps({**seed().graph, "later": float("nan")}), "is not an object"),
        ("[" * 100_000 + "]" * 100_000, "not JSON (too deep)"),
        (json.dumps({**seed().graph, "language": 5}), '"language" is 5, which is not en or zh'),
        (json.dumps({**seed().graph, "rankdir": "XX"}), '"rankdir" is "XX", which is not auto, LR, TB or BT'),
        (json.dumps({**seed().graph, "passes": {}}), '"passes" is not a list'),
        (json.dumps({**seed().graph, "selected": True}), '"selected" is true, which is not a node'),
        ("null", "null is not an object"),
        ('{"version": 2}', "version 2 is from the future"),
    ],
)
def test_a_document_that_is_off_is_said_in_its_place(
    page: Page, tmp_path: Path, inside: str, sentence: str
) -> None:
    view = show(
        page, tmp_path, f"<!doctype html><autograd-graph>{inside}</autograd-graph>{html.script_tag()}"
    )
    expect(view.root.get_by_role("alert")).to_contain_text(sentence)


def test_styles_of_the_page_around_it_change_nothing(page: Page, tmp_path: Path) -> None:
    element, script = seed().to_html(whole=False), html.script_tag()
    sizes = "root => [...root.querySelectorAll('[data-node]')].map(e => [e.offsetWidth, e.offsetHeight])"
    rude = "<style>* { margin: 9px; padding: 7px !important; font-size: 30px; display: inline } </style>"
    start = "<!doctype html><title>Rude</title>"
    plain = show(page, tmp_path, f"{start}{element}{script}").root.evaluate(sizes)
    assert show(page, tmp_path, f"{start}{rude}{element}{script}").root.evaluate(sizes) == plain


# -- the reader ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_it_takes_the_reader_s_theme(page: Page, tmp_path: Path, theme: Any) -> None:
    page.emulate_media(color_scheme=theme)
    view = show(page, tmp_path, seed().to_html())
    expect(view.root).to_have_attribute("data-theme", theme)
    texts = Probe(view).texts()
    assert len(texts) > 40 and min(one["ratio"] for one in texts) >= 4.5
    page.emulate_media(color_scheme="dark" if theme == "light" else "light")
    expect(view.root).not_to_have_attribute("data-theme", theme)


def test_it_takes_the_reader_s_language(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(locale="zh-CN")
    page = context.new_page()
    expect(show(page, tmp_path, seed().to_html()).root).to_contain_text("本次反向传播给出")
    widget = seed()
    widget.language = "en"
    expect(show(page, tmp_path, widget.to_html()).root).to_contain_text("This pass gives")
    context.close()


def test_on_paper_it_is_light_and_has_no_buttons(page: Page, tmp_path: Path) -> None:
    page.emulate_media(color_scheme="dark")
    widget = seed()
    widget.selected = node(widget, "h2")
    view = show(page, tmp_path, widget.to_html())
    background = "element => getComputedStyle(element).backgroundColor"
    assert view.root.evaluate(background) != "rgb(255, 255, 255)"
    page.emulate_media(color_scheme="dark", media="print")
    assert view.root.evaluate(background) == "rgb(255, 255, 255)"
    expect(view.root.get_by_role("toolbar")).to_be_hidden()
    expect(view.inspector(node(widget, "h2"))).to_be_visible()
    texts = Probe(view).texts()
    assert min(one["ratio"] for one in texts) >= 4.5
    # All of it fits on a page of A4 across, as a printer has it.
    assert page.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1


def test_without_javascript_it_says_so(browser: Browser, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(seed().save_html(tmp_path / "page.html").as_uri())
    assert page.locator("body").inner_text() == MESSAGES["en"].no_script
    context.close()


def test_the_command_s_page_of_several_documents(page: Page, tmp_path: Path) -> None:
    show(page, tmp_path, html.page([seed().to_dict(), neuron().to_dict()]))
    expect(page.locator(".autograd-widget")).to_have_count(2)
    assert page.title() == "h3 = 0.525, y = 3.60"


def test_what_takes_a_kernel_is_locked_and_the_rest_is_alive(page: Page, tmp_path: Path) -> None:
    @custom_op(partials=lambda y, a: (2 * a,))
    def squared(a: float) -> float:
        return a * a

    w, v = Scalar(3.0, label="w"), Scalar(2.0, label="v")
    widget = GraphWidget(squared(w) * v)
    view = show(page, tmp_path, widget.to_html())
    expect(view.slider(node(widget, "w"))).to_be_disabled()
    expect(view.box(node(widget, "w"))).to_have_accessible_description(
        "Locked: the kernel computes an op of this, and does not answer."
    )
    view.box(node(widget, "v")).fill("3")
    assert view.value(widget.graph["outputs"][0]) == 27.0
