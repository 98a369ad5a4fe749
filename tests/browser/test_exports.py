"""The menu ⤓: pictures, the document and programs, of what the page shows at that moment."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest
from playwright.sync_api import expect

import autograd_widget as aw
from autograd_widget import Graph, GraphWidget, Scalar, custom_op, group
from browser.by_hand import learn_of
from browser.examples import mlp, neuron, node, seed, show_widget
from browser.harness import deliver, settled
from programs import grad_of, run, value_of
from view import View

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = [
    '"; import os; os.abort() #',
    "a\nimport os",
    "\\",
    "'''",
    "lambda",
    "<b>&amp;</b>",
    "权重",
    "n3",
    "]]>",
]
HOSTILE += ["w", "w", "loss", "h_1", "x2", "is", "1x", "\0", "\ud800", "-->", "\u2028"]


def saved(view: View, kind: str, tmp_path: Path, kernel: GraphWidget | None = None) -> Path:
    """The file that a choice in the menu gives; a program is what a kernel answers."""
    with view.root.page.expect_download() as download:
        view.root.get_by_role("combobox", name="Save").select_option(kind)
        if kernel:
            deliver(view.root.page, kernel)
    path = tmp_path / download.value.suggested_filename
    download.value.save_as(path)
    return path


def texts_in(svg: Path) -> list[str]:
    root = ET.parse(svg).getroot()  # noqa: S314 (the page wrote it)
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def as_shown(view: View, selector: str) -> list[str]:
    return [text for text in view.root.locator(selector).all_inner_texts() if text]


def in_groups() -> GraphWidget:
    h = Scalar(0.2, label="h0")
    w = Scalar(0.5, label="w")
    for t in range(1, 4):
        with group(f"t={t}"):
            h = (w * h + 0.1 * t).tanh()
            h.label = f"h{t}"
    return GraphWidget(h)


def long_names() -> GraphWidget:
    w = Scalar(0.3, label="a_very_long_label_of_a_weight")
    y = w * -3.0 + w.exp()
    y.label = "another_rather_long_label"
    return GraphWidget(y.tanh())


AS_SEEN: dict[str, Callable[[], GraphWidget]] = {
    "a choice": seed,
    "groups": in_groups,
    "long names": long_names,
    "circles": neuron,
}

# The share of pixels in which two blurred pictures differ visibly.
DIFFERENT = """async (pictures) => {
  const pixels = async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
    const [width, height] = [bitmap.width / 4, bitmap.height / 4];
    const context = new OffscreenCanvas(width, height).getContext("2d");
    context.imageSmoothingQuality = "high";
    context.drawImage(bitmap, 0, 0, width, height);
    return context.getImageData(0, 0, width, height).data;
  };
  const [a, b] = await Promise.all(pictures.map(pixels));
  let different = 0;
  for (let i = 0; i < a.length; i += 4)
    if ([0, 1, 2].some((k) => Math.abs(a[i + k] - b[i + k]) > 40)) different++;
  return a.length === b.length ? (4 * different) / a.length : 1;
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_svg_is_what_is_seen(page: Page, tmp_path: Path, dark: bool) -> None:
    widget = seed()
    view = show_widget(page, widget, width=1200, dark=dark)
    view.drag(node(widget, "wh"), -0.8)
    path = saved(view, "SVG", tmp_path)
    assert path.name == "graph.svg"
    texts = texts_in(path)
    for selector in ("[data-value]", "[data-pass-grad]", "[data-edge-grad]", ".agw-name"):
        missing = set(as_shown(view, selector)) - set(texts)
        assert missing == set(), selector
    root = ET.parse(path).getroot()  # noqa: S314
    assert root.attrib["font-family"].endswith("sans-serif")
    ground = next(iter(root)).attrib["fill"]
    assert ground == view.root.evaluate("e => getComputedStyle(e).getPropertyValue('--bg')")


@pytest.mark.parametrize(
    ("what", "dark"), [("a choice", True), ("groups", False), ("long names", True), ("circles", False)]
)
def test_svg_looks_as_the_page_does(page: Page, tmp_path: Path, what: str, dark: bool) -> None:
    width = 800 if what == "circles" else 1500
    view = show_widget(page, AS_SEEN[what](), width=width, dark=dark)
    if what == "groups":
        view.root.locator("[data-open-group]").first.click()
    elif what == "a choice":
        view.node(0).press("Enter")
    page.mouse.move(0, 0)
    settled(page)
    view.root.locator(".agw-legend").evaluate("e => e.remove()")
    path = saved(view, "SVG", tmp_path)
    svg = ET.parse(path).getroot()  # noqa: S314
    at = view.root.locator(".agw-lines").bounding_box()
    assert at is not None
    scale, size = at["width"], {side: float(svg.attrib[side]) for side in ("width", "height")}
    clip: Any = {"x": at["x"] - 14 * scale, "y": at["y"] - 14 * scale, **size}
    alone: Any = {"x": 0, "y": 0, **size}
    pictures = [list(page.screenshot(clip=clip, full_page=True))]
    page.goto(path.as_uri())
    pictures.append(list(page.screenshot(clip=alone)))
    assert page.evaluate(DIFFERENT, pictures) < 0.005


def test_of_a_large_graph_pictures_show_what_is_in_view(page: Page, tmp_path: Path) -> None:
    leaves = [Scalar(i / 100, label=f"p{i}") for i in range(200)]
    opened = list(range(1000))
    view = show_widget(page, GraphWidget(aw.sum([leaf * 2.0 for leaf in leaves])), opened=opened)
    expect(view.root.locator(".agw-working")).to_be_hidden(timeout=60_000)
    labels = {leaf.label for leaf in leaves}
    near = labels & set(texts_in(saved(view, "SVG", tmp_path)))
    assert near == labels & set(as_shown(view, ".agw-name"))
    assert 0 < len(near) < 100
    view.root.get_by_role("button", name="fit").click()
    expect(view.root.locator(".agw-paper").first).to_be_visible()
    settled(page)
    path = saved(view, "SVG", tmp_path)
    assert not labels & set(texts_in(path))
    [painted] = ET.parse(path).getroot().iter(f"{SVG}image")  # noqa: S314
    assert painted.attrib["href"].startswith("data:image/png;base64,")
    box = view.root.locator(".agw-camera").bounding_box()
    assert box is not None
    data = saved(view, "PNG", tmp_path).read_bytes()
    wanted = (2 * box["width"], 2 * box["height"])
    assert struct.unpack(">II", data[16:24]) == pytest.approx(wanted, rel=0.01)


def test_svg_needs_nothing_else(page: Page, tmp_path: Path) -> None:
    path = saved(show_widget(page, mlp(), width=1400), "SVG", tmp_path)
    text = path.read_text("utf-8")
    for reference in ("var(", "href", "url(", "class=", "style=", "<script", "<foreignObject"):
        assert reference not in text
    page.goto(path.as_uri())  # the fixture fails if it asks for anything
    assert page.evaluate("document.documentElement.getBBox().width") > 100


def test_png_has_two_pixels_for_one_of_the_picture_s(page: Page, tmp_path: Path) -> None:
    view = show_widget(page, seed(), width=1200)
    svg = ET.parse(saved(view, "SVG", tmp_path)).getroot()  # noqa: S314
    path = saved(view, "PNG", tmp_path)
    data = path.read_bytes()
    assert (path.name, data[:8]) == ("graph.png", b"\x89PNG\r\n\x1a\n")
    wanted = [int(2 * float(svg.attrib[side])) for side in ("width", "height")]
    assert list(struct.unpack(">II", data[16:24])) == wanted
    colours: int = page.evaluate(
        """async (bytes) => {
          const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]));
          const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
          const context = canvas.getContext("2d");
          context.drawImage(bitmap, 0, 0);
          const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
          return new Set(new Uint32Array(data.buffer)).size;
        }""",
        list(data),
    )
    assert colours > 50, "nothing is drawn"


def test_dot_says_the_numbers(page: Page, tmp_path: Path) -> None:
    widget = seed()
    view = show_widget(page, widget)
    text = saved(view, "DOT", tmp_path, widget).read_text("utf-8")
    assert text.count("->") == sum(map(len, widget.graph["inputs"]))
    assert text.count("style=dashed") == 3
    assert "grad=4.25<BR/>value=0.30<BR/>w>" in text
    assert "11 -> 10 [label=1.00 " in text


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's `dot` is not installed here")
def test_dot_and_svg_take_hostile_labels(page: Page, tmp_path: Path) -> None:
    leaves = [Scalar(i + 0.5, label=label) for i, label in enumerate(HOSTILE)]
    widget = GraphWidget(aw.sum(leaves), names=False)
    view = show_widget(page, widget, width=1400)
    path = saved(view, "DOT", tmp_path, widget)
    done = subprocess.run(["dot", "-Tsvg", path], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    drawn = {element.text for element in ET.fromstring(done.stdout).iter(f"{SVG}text")}  # noqa: S314
    for texts in (drawn, set(texts_in(saved(view, "SVG", tmp_path)))):
        assert {"<b>&amp;</b>", "权重", "'''", "\\"} <= texts


def test_the_document_has_the_values_of_now_and_python_reads_it(page: Page, tmp_path: Path) -> None:
    widget = seed("h1", "h3")
    view = show_widget(page, widget)
    value = view.drag(node(widget, "wh"), -0.8)
    view.node(node(widget, "h2")).press("Enter")
    view.root.get_by_role("button", name="h3.backward()").click()
    again = GraphWidget.from_json(saved(view, "JSON", tmp_path))
    assert again["wh"] == value
    assert again.selected == node(widget, "h2")
    widget["wh"] = value
    widget.backward("h3")
    widget.selected = again.selected
    assert again.to_dict() == widget.to_dict()


@custom_op(partials=lambda y, a, b: (2 * (a - b), 2 * (b - a)))
def squared_error(a: float, b: float) -> float:
    """Not in the table."""
    return (a - b) ** 2


def hostile() -> GraphWidget:
    leaves = [Scalar(i + 0.5, label=label) for i, label in enumerate(HOSTILE)]
    return GraphWidget(aw.sum(leaves) * squared_error(leaves[0], 2.0), names=False)


PROGRAMS = {"PyTorch": GraphWidget.to_pytorch, "micrograd": GraphWidget.to_micrograd}


@pytest.mark.parametrize("kind", PROGRAMS)
def test_programs_are_python_s_own(page: Page, tmp_path: Path, kind: str) -> None:
    widget = hostile()
    view = show_widget(page, widget, width=1400, views=2)
    path = saved(view, kind, tmp_path, widget)
    assert path.name == f"graph_{kind.lower()}.py"
    wanted = PROGRAMS[kind](widget).encode("utf-8", "backslashreplace").decode()
    assert path.read_text("utf-8").splitlines() == wanted.splitlines()


def test_why_there_is_no_program_is_said(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: GraphWidget) -> str:
        raise ValueError("there is no such op")

    monkeypatch.setattr(GraphWidget, "to_pytorch", fail)
    widget = seed()
    view = show_widget(page, widget)
    menu = view.root.get_by_role("combobox", name="Save")
    menu.select_option("PyTorch")
    deliver(page, widget)
    expect(view.root.get_by_role("alert")).to_have_text("there is no such op")


def test_without_a_kernel_no_programs_are_offered(page: Page, tmp_path: Path) -> None:
    path = seed().save_html(tmp_path / "page.html")
    page.goto(path.as_uri())
    view = View(page)
    expect(view.slider(0)).to_be_visible()
    options = view.root.get_by_role("combobox", name="Save").get_by_role("option")
    expect(options).to_have_text(["⤓", "SVG", "PNG", "copy picture", "JSON"])


def test_a_page_is_python_s_own(page: Page, tmp_path: Path) -> None:
    widget = hostile()
    path = saved(show_widget(page, widget), "HTML", tmp_path, widget)
    assert path.name == "graph.html"
    wanted = widget.to_html().encode("utf-8", "backslashreplace").decode()
    assert path.read_text("utf-8").splitlines() == wanted.splitlines()


def test_the_picture_goes_to_the_clipboard(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    view = show_widget(page, seed())
    settled(page)
    view.root.get_by_role("combobox", name="Save").select_option("copy picture")
    page.wait_for_function("navigator.clipboard.read().then(([item]) => item.types.includes('image/png'))")
    page.context.clear_permissions()


@pytest.mark.parametrize("kind", PROGRAMS)
def test_programs_compute_what_the_page_shows(page: Page, tmp_path: Path, kind: str) -> None:
    widget = seed()
    view = show_widget(page, widget)
    view.drag(node(widget, "wh"), -0.8)
    learn_of(view).get_by_role("button", name="p ← p − lr·grad").click()
    view.root.get_by_role("button", name="h2.backward()").click()
    variables, _ = run(saved(view, kind, tmp_path, widget).read_text("utf-8"))
    for name in ("w", "wh"):
        assert value_of(variables[name]) == pytest.approx(view.value(node(widget, name)), rel=1e-12)
        assert grad_of(variables[name]) == pytest.approx(view.grad(node(widget, name)), rel=1e-12)


def test_numbers_that_are_none_are_written(page: Page, tmp_path: Path) -> None:
    w = Scalar(0.0, label="w")
    widget = GraphWidget(1.0 / w + w.log())
    view = show_widget(page, widget, values={"0": "inf"})
    found: dict[str, Any] = json.loads(saved(view, "JSON", tmp_path).read_text("utf-8"))
    assert Graph.from_json(found).values[0] == float("inf")


def test_the_menu_is_there_again_after_a_choice_and_in_chinese(page: Page, tmp_path: Path) -> None:
    view = show_widget(page, seed())
    saved(view, "JSON", tmp_path)
    saved(view, "JSON", tmp_path)
    view = show_widget(page, seed(), language="zh", read_only=True)
    expect(view.root.get_by_role("combobox", name="保存")).to_be_visible()
