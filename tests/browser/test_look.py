"""Themes and sizes: what can be read, seen and hit, in every host's light and dark."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

import pytest
from playwright.sync_api import expect

from browser.examples import mlp, neuron, node, seed, show_widget
from browser.harness import Host
from browser.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from autograd_widget import GraphWidget
    from view import View

HOSTS = get_args(Host)
THEMES = {"dark": True, "light": False}

# Switch the theme while views are open, as a host does.
SWITCH = {
    "jupyterlab": """
      document.body.dataset.jpThemeLight = "true";
      document.body.style.background = "white";
    """,
    "vscode": """
      document.body.className = "vscode-light";
      document.body.dataset.vscodeThemeKind = "vscode-light";
      document.documentElement.style.setProperty("--vscode-editor-background", "#ffffff");
    """,
}


def faint(probe: Probe) -> dict[str, float]:
    """Texts and graphics with too little contrast."""
    texts = {f"text {one['text']}": one["ratio"] for one in probe.texts() if one["ratio"] < 4.5}
    return texts | {one["what"]: one["ratio"] for one in probe.graphics() if one["ratio"] < 3}


def small(probe: Probe) -> dict[str, float]:
    """Texts below 11 pixels."""
    return {one["text"]: one["size"] for one in probe.texts() if one["size"] < 11}


def theme_of(view: View) -> str | None:
    return view.root.get_attribute("data-theme")


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("host", HOSTS)
def test_the_theme_is_the_host_s(page: Page, host: Host, theme: str) -> None:
    view = show_widget(page, seed(), host=host, dark=THEMES[theme])
    assert theme_of(view) == theme


@pytest.mark.parametrize("host", SWITCH)
def test_the_theme_follows_the_host_while_open(page: Page, host: Host) -> None:
    view = show_widget(page, seed(), host=host, dark=True)
    page.evaluate(f"() => {{ {SWITCH[host]} }}")
    expect(view.root).to_have_attribute("data-theme", "light")
    assert faint(Probe(view)) == {}


def test_the_theme_follows_the_system_where_there_is_no_host_s(page: Page) -> None:
    view = show_widget(page, seed(), host="plain", dark=False)
    page.emulate_media(color_scheme="dark")
    expect(view.root).to_have_attribute("data-theme", "dark")


def test_a_shadow_root_has_the_theme_too(page: Page) -> None:
    view = show_widget(page, seed(), shadow=True, dark=True)
    assert theme_of(view) == "dark"
    assert faint(Probe(view)) == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("host", HOSTS)
def test_everything_can_be_read_and_seen(page: Page, host: Host, theme: str) -> None:
    probe = Probe(show_widget(page, seed(), host=host, dark=THEMES[theme]))
    assert len(probe.texts()) > 60
    assert {one["what"] for one in probe.graphics()} >= {"card", "line", "arrowhead", "pill"}
    assert faint(probe) == {}


STATES: dict[str, dict[str, Any]] = {
    "not run": {"passes": []},
    "read only": {"read_only": True, "notice": "noDot"},
}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("state", STATES)
def test_other_states_can_be_read_and_seen(page: Page, state: str, theme: str) -> None:
    assert faint(Probe(show_widget(page, seed(), dark=THEMES[theme], **STATES[state]))) == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", ["w", "x1", "h2"])
def test_with_a_node_chosen_everything_can_be_read(page: Page, name: str, theme: str) -> None:
    widget = seed()
    view = show_widget(page, widget, dark=THEMES[theme], selected=node(widget, name))
    assert faint(Probe(view)) == {}


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("example", [mlp, lambda: neuron(0.5, -0.8)], ids=["mlp", "dead neuron"])
def test_negative_numbers_and_zeros_can_be_seen(
    page: Page, example: Callable[[], GraphWidget], theme: str
) -> None:
    assert faint(Probe(show_widget(page, example(), width=1400, dark=THEMES[theme]))) == {}


@pytest.mark.parametrize("width", [700, 960, 1400])
@pytest.mark.parametrize("example", [seed, neuron, mlp])
def test_no_text_is_below_11_pixels(page: Page, example: Callable[[], GraphWidget], width: int) -> None:
    assert small(Probe(show_widget(page, example(), width=width))) == {}


@pytest.mark.parametrize("name", ["w", "h1", "h3"])
def test_no_text_of_the_inspector_is_below_11_pixels(page: Page, name: str) -> None:
    widget = seed()
    assert small(Probe(show_widget(page, widget, selected=node(widget, name)))) == {}


def test_exponents_and_fractions_are_not_below_11_pixels_either(page: Page) -> None:
    widget = mlp()
    view = show_widget(page, widget)
    powers = [i for i, op in enumerate(widget.graph["op"]) if op in {"**", "tanh"}]
    below: dict[str, float] = {}
    for i in powers:
        for operand in [i, *widget.graph["inputs"][i]]:
            page.evaluate("node => model.receive({ selected: node })", operand)
            below |= small(Probe(view))
    assert below == {}


@pytest.mark.parametrize("width", [700, 960, 1400])
def test_targets_are_24_pixels_high(page: Page, width: int) -> None:
    widget = seed()
    view = show_widget(page, widget, width=width, selected=node(widget, "h2"))
    targets = Probe(view).targets()
    assert len(targets) > 12
    assert {one["what"]: one["height"] for one in targets if one["height"] < 24} == {}


def test_the_focus_is_seen(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    page.keyboard.press("Tab")  # so that focus is the keyboard's
    w = node(widget, "w")
    stops = [view.node(w), view.slider(w), view.box(w), view.root.get_by_role("button", name="zero_grad()")]
    for stop in stops:
        stop.focus()
        assert stop.evaluate("e => getComputedStyle(e).outline").endswith(" solid 2px")


def test_on_paper_stands_what_is_seen_and_nothing_to_click(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget)
    page.emulate_media(media="print")
    expect(view.root.get_by_role("toolbar")).to_have_count(0)
    expect(view.node(node(widget, "w"))).to_be_visible()
    assert view.root.evaluate("e => getComputedStyle(e).printColorAdjust") == "exact"
    assert page.pdf().startswith(b"%PDF")
