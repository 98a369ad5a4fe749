"""Requirements of hosts: shadow roots, nothing outside the view, and nothing left when it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

from browser.examples import assert_same, computed, node, seed, show_widget, shown
from browser.harness import messages

if TYPE_CHECKING:
    from playwright.sync_api import Page

# A model that shows who still listens, and a view that is drawn, moved, chosen in, and taken down.
COME_AND_GO = """
async (state) => {
  const text = await (await fetch("/widget.js")).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  const listeners = new Map();
  const saved = [];
  const values = { ...state };
  const model = {
    get: (name) => values[name],
    set: (name, value) => {
      values[name] = value;
      for (const callback of [...(listeners.get(`change:${name}`) ?? [])]) callback();
    },
    on: (name, callback) => listeners.set(name, [...(listeners.get(name) ?? []), callback]),
    off: (name, callback) => {
      const rest = (listeners.get(name) ?? []).filter((one) => one !== callback);
      if (rest.length > 0) listeners.set(name, rest);
      else listeners.delete(name);
    },
    save_changes: () => saved.push({ ...values.values }),
  };
  const el = document.body.appendChild(document.createElement("div"));
  const before = { head: document.head.innerHTML, body: document.body.childElementCount };
  const cleanUp = await widget.render({ model, el });
  const drawn = el.querySelectorAll("[data-node]").length;
  const listening = listeners.size;
  const root = el.firstElementChild;
  const slider = el.querySelector("input[type=range][data-leaf]");
  slider.value = 1;
  slider.dispatchEvent(new Event("input"));
  await cleanUp();
  document.body.style.background = "black";
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const after = { head: document.head.innerHTML, body: document.body.childElementCount };
  return { drawn, listening, left: listeners.size, children: el.childNodes.length, saved: saved.at(-1),
           theme: root.dataset.theme, untouched: JSON.stringify(before) === JSON.stringify(after) };
}
"""

# JupyterLab makes an output anew and puts it into the page afterwards.
DRAWN_OUTSIDE = """
async () => {
  const text = await (await fetch("/widget.js")).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const { default: widget } = await import(url);
  document.body.style.background = "black";
  const el = document.createElement("div");
  const cleanUp = await widget.render({ model: window.model, el });
  document.body.append(el);
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const theme = el.firstElementChild.dataset.theme;
  await cleanUp();
  return [theme, el.childNodes.length];
}
"""


def test_a_shadow_root_holds_everything(page: Page) -> None:
    widget = seed()
    view = show_widget(page, widget, shadow=True)
    value = view.drag(node(widget, "wh"), 0.9)
    moved = {**widget.values, str(node(widget, "wh")): value}
    assert_same(shown(view), computed(widget.graph, moved, widget.passes))
    view.node(node(widget, "h2")).press("Enter")
    expect(view.inspector(node(widget, "h2"))).to_be_visible()
    page.keyboard.press("Escape")
    expect(view.inspector(node(widget, "h2"))).to_have_count(0)


def test_resets_of_a_host_change_nothing(page: Page) -> None:
    sizes = "root => [...root.querySelectorAll('[data-node]')].map(e => [e.offsetWidth, e.offsetHeight])"
    open_sizes = show_widget(page, seed()).root.evaluate(sizes)
    assert show_widget(page, seed(), shadow=True).root.evaluate(sizes) == open_sizes


def test_nothing_is_put_outside_the_view(page: Page) -> None:
    head = page.evaluate("document.head.innerHTML.length")
    show_widget(page, seed(), host="jupyterlab")
    before = page.evaluate("[document.head.querySelectorAll('*').length, document.body.children.length]")
    show_widget(page, seed(), host="jupyterlab", views=3)
    after = page.evaluate("[document.head.querySelectorAll('*').length, document.body.children.length]")
    assert (head > 0, after) == (True, [before[0], before[1] + 2])


def test_only_the_bundle_is_fetched(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    widget = seed()
    view = show_widget(page, widget)
    view.node(node(widget, "h2")).click()
    view.drag(node(widget, "w"), 1.0)
    paths = {url.split("?")[0].split("/", 3)[-1] for url in asked if not url.startswith(("blob:", "data:"))}
    assert paths == {"", "host.js", "widget.js"}


def test_a_view_that_goes_leaves_nothing(page: Page) -> None:
    widget = seed()
    names = ("graph", "values", "passes", "selected", "read_only", "language", "notice")
    found: dict[str, Any] = page.evaluate(COME_AND_GO, {name: getattr(widget, name) for name in names})
    assert found["drawn"] == len(widget.graph["op"]) and found["listening"] > 0
    assert (found["left"], found["children"], found["untouched"]) == (0, 0, True)
    assert found["theme"] == "light", "it still follows the theme"
    assert found["saved"] == {**widget.values, "0": 1}, "the last move was not saved"


def test_a_view_may_be_drawn_before_its_cell_is_in_the_page(page: Page) -> None:
    show_widget(page, seed())
    assert page.evaluate(DRAWN_OUTSIDE) == ["dark", 0]


def test_the_other_views_stay(page: Page) -> None:
    widget = seed()
    show_widget(page, widget, views=2)
    page.evaluate("views[0].destroy()")
    expect(page.locator(".autograd-widget")).to_have_count(1)
    view = show_widget(page, widget, views=1)
    value = view.drag(node(widget, "w"), 1.0)
    assert view.value(node(widget, "w")) == value


def test_everything_goes(page: Page) -> None:
    show_widget(page, seed(), views=2)
    page.evaluate("destroy()")
    expect(page.locator(".autograd-widget")).to_have_count(0)
    assert page.evaluate("[model.listening, views.every((view) => view.el.childNodes.length === 0)]") == [
        0,
        True,
    ]
    assert messages(page) == []


def test_keys_typed_into_a_view_are_not_the_notebook_s(page: Page) -> None:
    root = show_widget(page, seed()).root
    expect(root).to_have_attribute("data-lm-suppress-shortcuts", "true")
