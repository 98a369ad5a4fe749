"""Random labels through every export: text they were, and text they stay."""

from __future__ import annotations

import ast
import json
import os
import random
import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from autograd_widget import GraphWidget, Scalar

ROUNDS = 2_000 if os.environ.get("FUZZ") else 60

PICTURES = 40 if os.environ.get("FUZZ") else 1
"""Pictures by a browser, of many labels each."""

DRAWN = {"svg", "g", "rect", "path", "polygon", "circle", "line", "text", "image"}
"""The elements of a picture."""

PIECES = [
    *"<>&\"'`\\/{}[]()|;:#$%=,.\n\r\t\0\x7f\u2028\u2029\ufeff\u202e",
    "</script>", "<!--", "-->", "]]>", "&lt;", "${x}", "'''", '"""', "\\N", "\\", "%s", "{0}", "\ud800",
    "😀", "é", "中",
    "import os", "lambda", "None", "w", "x", "_", "1", " ", "a" * 50, "__proto__", "-0", "nan",
]  # fmt: skip


def label(rng: random.Random) -> str:
    return "".join(rng.choice(PIECES) for _ in range(rng.randrange(1, 8)))


class Document(HTMLParser):
    """The documents in a page, and the tags that are in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.found: list[str] = []
        self._is_json = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._is_json = tag == "script" and dict(attrs).get("type") == "application/json"

    def handle_data(self, data: str) -> None:
        if self._is_json:
            self.found.append(data)
            self._is_json = False


def shape_of(program: str) -> list[str]:
    """The structure of a program, without its names and texts."""
    return [type(node).__name__ for node in ast.walk(ast.parse(program))]


def statements(dot: str) -> str:
    """The statements of a graph in Graphviz's language, without the texts that are in them."""
    return re.sub(r"label=<[^<>]*(<BR/>[^<>]*)*>", "label", dot)


def test_labels_stay_text_in_every_export() -> None:
    w, x = Scalar(1.0, label="w"), Scalar(2.0, label="x")
    y = w * x
    y.label = "y"
    y.backward()
    usual = GraphWidget(y)
    shapes = [shape_of(usual.to_pytorch()), shape_of(usual.to_micrograd())]
    plain, drawn = Document(usual.to_html()).tags, statements(usual.to_dot())
    for start in range(ROUNDS):
        rng = random.Random(start)
        labels = [label(rng) for _ in range(3)]
        w, x = Scalar(1.0, label=labels[0]), Scalar(2.0, label=labels[1])
        y = w * x
        y.label = labels[2]
        y.backward()
        g = GraphWidget(y, names=False)
        assert json.loads(g.to_json())["label"] == {str(i): text for i, text in enumerate(labels)}
        assert GraphWidget.from_json(g.to_json()).to_dict() == g.to_dict()
        read = Document(g.to_html())
        assert read.tags == plain, labels
        assert json.loads(read.found[0])["label"] == g.to_dict()["label"]
        assert statements(g.to_dot()) == drawn, labels
        for program, shape in zip((g.to_pytorch(), g.to_micrograd()), shapes, strict=True):
            assert shape_of(program) == shape, labels
        g.close()


def graph_of(labels: list[str]) -> GraphWidget:
    """A sum of leaves with these labels."""
    leaves = [Scalar(1.0 + i, label=text) for i, text in enumerate(labels)]
    return GraphWidget(sum(leaves[1:], leaves[0]), names=False)


@pytest.mark.usefixtures("bundle", "chromium")
def test_labels_stay_text_in_pictures() -> None:
    for start in range(PICTURES):
        rng = random.Random(start)
        g = graph_of([label(rng) for _ in range(40)])
        picture = ET.fromstring(g.to_svg())  # noqa: S314 # of our own
        for element in picture.iter():
            assert element.tag.removeprefix("{http://www.w3.org/2000/svg}") in DRAWN
            assert not [name for name in element.attrib if name.startswith("on") or "href" in name]
        assert sum(element.tag.endswith("text") for element in picture.iter()) > 80
        assert g.to_png().startswith(b"\x89PNG")
        g.close()


@pytest.mark.usefixtures("bundle", "chromium")
def test_a_huge_label_is_drawn_in_linear_time() -> None:
    """Quadratic time is beyond the limit of a picture, which would be refused."""
    length = 100_000
    g = graph_of(["<" * length, "W" * length])
    assert g.to_svg().count("…") >= 2
    for text in (g.to_json(), g.to_html(), g.to_dot(), g.to_pytorch()):
        assert length < len(text) < 20 * length
