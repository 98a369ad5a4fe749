"""The built module without a browser: Node.js imports it, and its `Graph` computes."""

from __future__ import annotations

import gzip
import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from autograd_widget import Graph
from autograd_widget.export.bundle import packed_bundle
from browser.examples import seed, show_widget
from chromium import heap_of

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Page

    from autograd_widget import GraphWidget

LARGEST = 75_000  # bytes, gzipped: what a saved notebook carries

SMOKE = """
const { default: widget, Graph } = await import(process.argv[1]);
const graph = Graph.fromJSON(JSON.parse(process.argv[2]));
graph.setLeaf(0, 0.7);
graph.forward();
graph.zeroGrad();
for (const root of graph.outputs) graph.backward(root);
let refused = "";
try { Graph.fromJSON({ version: 2 }); } catch (error) { refused = error.message; }
console.log(JSON.stringify({
  widget: Object.keys(widget).sort(),
  numbers: [graph.values, graph.grads, graph.edgeGrads, graph.reached].map((column) => [...column]),
  refused,
}));
"""


@pytest.fixture
def widget() -> GraphWidget:
    return seed()


def test_node_imports_it_without_a_dom(bundle: Path, widget: GraphWidget) -> None:
    program = shutil.which("node")
    if program is None:
        pytest.skip("There is no Node.js here.")
    command = [program, "--input-type=module", "--eval", SMOKE, str(bundle), json.dumps(widget.graph)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    graph = Graph.from_json(widget.graph)
    graph.set_leaf(0, 0.7)
    graph.replay(graph.outputs)
    assert found["widget"] == ["initialize", "render"]
    assert found["numbers"] == [
        pytest.approx([*map(float, column)])
        for column in (graph.values, graph.grads, graph.edge_grads, graph.reached)
    ]
    assert "version" in found["refused"]


def test_widgets_carry_it_packed_and_it_unpacks_itself(page: Page, bundle: Path) -> None:
    packed = packed_bundle()
    assert seed()._esm == packed
    assert len(packed) < 0.6 * bundle.stat().st_size
    page.route("**/widget.js*", lambda route: route.fulfill(body=packed, content_type="text/javascript"))
    view = show_widget(page, seed())
    view.drag(0, 0.9)
    assert view.value(view.last_node()) == pytest.approx(view.value(0) * 1.75)


IMPORTED = """
async ([program, count]) => {
  const imported = [];
  for (let i = 0; i < count; i++) {
    const url = URL.createObjectURL(new Blob([`${program}// ${i}`], { type: "text/javascript" }));
    imported.push((await import(url)).default);
    URL.revokeObjectURL(url);
  }
  return new Set(imported).size;
}
"""


def test_a_page_has_one_copy_of_the_program_for_all_its_widgets(page: Page) -> None:
    show_widget(page, seed())
    assert page.evaluate(IMPORTED, [packed_bundle(), 2]) == 1
    before = heap_of(page)
    assert page.evaluate(IMPORTED, [packed_bundle(), 50]) == 1
    each = (heap_of(page) - before) / 50
    assert each < 0.15


def test_it_is_small_and_whole(bundle: Path) -> None:
    text = bundle.read_text("utf-8")
    assert re.match(r"/\*! autograd_widget, .* SPDX-License-Identifier: BSD-3-Clause \*/\n", text)
    assert len(gzip.compress(bundle.read_bytes())) <= LARGEST
    for forbidden in (
        "eval(",
        "new Function",
        "document.querySelector",
        "document.head",
        "WebAssembly",
        "@import",
    ):
        assert forbidden not in text, forbidden
    assert "import{" not in text and "import(" not in text


def test_properties_keep_their_names(bundle: Path) -> None:
    """The type checker is right about names that the DOM has too, such as `document.head`."""
    text = bundle.read_text("utf-8")
    for name in ("operands", "needsGrad"):
        assert f".{name}" in text, name
