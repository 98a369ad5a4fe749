"""The page in Chromium, on the built bundle: frames while dragging, moving and zooming, first paint, heap.

A frame is the time from an event at the beginning of an animation frame until the page is free again after
painting: what is computed, laid out, painted and waited for. Beside it, in the same page, the plain way:
every number in an SVG, all written anew.
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any

import examples
from playwright.sync_api import Page, sync_playwright
from rows import Row

from autograd_widget import Graph, GraphWidget, Scalar
from autograd_widget.export.bundle import BUNDLE

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))

from autograd_widget.export.browser import find_browser
from browser.harness import Site, leaf_values, show  # they are the tests'
from chromium import ARGUMENTS

FRAMES = 80
FOLDED_FROM = 50_000
UNLIMITED = ("--disable-frame-rate-limit", "--disable-gpu-vsync")
STEPS = {15: 3, 200: 50, 1000: 250, 5000: 1250, 20_000: 5000}
"""The steps of the recurrence, 4 nodes each, by the number of nodes."""

# The action in each frame, and the time of the frames.
DRIVE = """
async ({ what, frames }) => {
  const root = document.querySelector(".autograd-widget");
  const camera = root.querySelector(".agw-camera");
  const slider = root.querySelector("input[type=range][data-leaf]");
  const [leaf] = Object.keys(window.model.get("values"));
  const { left, top, width, height } = camera.getBoundingClientRect();
  const middle = { clientX: left + width / 2, clientY: top + height / 2 };
  const at = { ...middle, bubbles: true, cancelable: true, pointerId: 1 };
  const svg = document.querySelector("#plain");
  camera.setPointerCapture = () => {};
  const pointer = (kind, i) => camera.dispatchEvent(new PointerEvent(kind, { ...at, button: 0, buttons: 1,
    clientX: at.clientX + 150 * Math.sin(i / 20), clientY: at.clientY + 100 * Math.sin(i / 15) }));
  const acts = {
    drag(i) {
      const value = Math.sin(i / 9);
      if (!slider) return window.model.set("values", { ...window.model.get("values"), [leaf]: value });
      slider.value = String(0.8 * slider.max * value);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    },
    pan: (i) => pointer(i === 0 ? "pointerdown" : "pointermove", i),
    zoom(i) {
      const wheel = { ...at, ctrlKey: true, deltaY: 30 * Math.sin(i / 12) };
      camera.dispatchEvent(new WheelEvent("wheel", wheel));
    },
    plain(i) {
      for (const text of svg.children) text.textContent = (Math.sin(i) * 9).toFixed(2);
    },
  };
  const times = [];
  const { port1, port2 } = new MessageChannel();
  for (let i = 0; i < frames; i++) {
    const took = await new Promise((done) => requestAnimationFrame(() => {
      const start = performance.now();
      port1.onmessage = () => done(performance.now() - start);
      acts[what](i);
      port2.postMessage(0);
    }));
    if (i > 5) times.push(took);
  }
  pointer("pointerup", 0);
  return times;
}
"""
FRAME = "new Promise((done) => requestAnimationFrame(() => setTimeout(done)))"
# A plain page for comparison: two texts a node in one SVG.
PLAIN = """
(nodes) => {
  document.querySelector("#plain")?.remove();
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.id = "plain";
  svg.setAttribute("viewBox", "0 0 2000 1200");
  for (let i = 0; i < 2 * nodes; i++) {
    const text = document.createElementNS(svg.namespaceURI, "text");
    text.setAttribute("x", (37 * i) % 2000);
    text.setAttribute("y", 12 + ((17 * Math.floor(i / 54)) % 1200));
    svg.append(text);
  }
  document.body.prepend(svg);
}
"""
# Opens a view, moves a leaf and closes it, some times; gives how long the last took to its first picture.
OPEN = """
async ({ state, rounds }) => {
  const { default: widget } = await import("/widget.js");
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  let took = 0;
  for (let round = 0; round < rounds; round++) {
    const model = new window.model.constructor(structuredClone(state));
    const el = document.body.appendChild(document.createElement("div"));
    const start = performance.now();
    const close = widget.render({ model, el });
    while (!el.querySelector(".agw-card")) await frame();
    await frame();
    took = performance.now() - start;
    const [leaf] = Object.keys(state.values);
    for (const value of [0.25, -0.5]) {
      model.set("values", { ...model.get("values"), [leaf]: value });
      await frame();
    }
    close();
    el.remove();
  }
  return took;
}
"""


def rows() -> Iterator[Row]:
    """Frames by size, the first paint and the heap."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, BUNDLE)) as server, sync_playwright() as play:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = play.chromium.launch(executable_path=find_browser(), args=[*ARGUMENTS, *UNLIMITED])
        page = browser.new_page(reduced_motion="reduce")
        page.goto(f"http://127.0.0.1:{server.server_port}")
        for size, steps in STEPS.items():
            document = Graph.of(examples.recurrence(Scalar, steps)).to_dict()
            acts = ("drag", "pan", "zoom") if size == max(STEPS) else ("drag",)
            yield from frames(page, document, f"{size} nodes", acts)
        moons = Graph.of(examples.moons_loss(Scalar, examples.network(Scalar))).to_dict()
        yield from frames(page, moons, f"moons graph, {len(moons['op'])} nodes", ("drag",))
        yield kernels_part()
        large = Graph.of(examples.recurrence(Scalar, STEPS[20_000])).to_dict()
        took = page.evaluate(OPEN, {"state": state_of(large), "rounds": 1})
        yield Row("first paint of 20,000 nodes, the page's part", "", "", took, "<= 1500", "ms")
        yield heap(page, moons)
        browser.close()
        server.shutdown()


def kernels_part() -> Row:
    """Time a cell until the widget's state is sent."""
    root = examples.recurrence(Scalar, STEPS[20_000])
    took = []
    for _ in range(5):
        start = time.perf_counter()
        json.dumps(GraphWidget(root).get_state(), default=str)
        took.append(1000 * (time.perf_counter() - start))
    took_ms = statistics.median(took)
    return Row("first paint of 20,000 nodes, the kernel's part", "", "", took_ms, "<= 500", "ms")


def frames(page: Page, document: dict[str, Any], name: str, acts: tuple[str, ...]) -> Iterator[Row]:
    """Time frames, with every group open up to 20,000 nodes; the moons graph is folded."""
    size = len(document["op"])
    show(page, document, opened=list(range(size)) if size < FOLDED_FROM else None)
    page.wait_for_selector(".agw-working", state="hidden", timeout=120_000)
    page.wait_for_selector(".agw-card")
    for what in acts:
        times = sorted(page.evaluate(DRIVE, {"what": what, "frames": FRAMES}))
        page.evaluate(PLAIN, len(document["op"]))
        plain = statistics.median(page.evaluate(DRIVE, {"what": "plain", "frames": 12}))
        page.evaluate("document.querySelector('#plain').remove()")
        late = times[int(0.95 * len(times))]
        ours = f"{statistics.median(times):.1f} ms"
        other = f"{plain:.1f} ms, all as SVG"
        yield Row(f"{what}, {name}, median frame", ours, other, statistics.median(times), "<= 16.7", "ms")
        yield Row(f"{what}, {name}, 95th percentile", f"{late:.1f} ms", other, late, "<= 33", "ms")


def heap(page: Page, document: dict[str, Any]) -> Row:
    """Measure the growth of the heap after opening, dragging and closing a graph twenty times."""
    session = page.context.new_cdp_session(page)
    used = []
    for rounds in (2, 20):
        page.evaluate(OPEN, {"state": state_of(document), "rounds": rounds})
        page.evaluate(FRAME)  # what the last frame still held is free only after the next
        session.send("HeapProfiler.collectGarbage")
        used.append(session.send("Runtime.getHeapUsage")["usedSize"] / 1e6)
    first, last = (f"{megabytes:.1f} MB" for megabytes in used)
    name = "heap after opening, dragging and closing the moons graph 20 times, against 2 times"
    return Row(name, last, first, used[1] - used[0], "<= 1", "MB")


def state_of(document: dict[str, Any]) -> dict[str, Any]:
    """The traits that a new widget has."""
    return {
        "graph": document,
        "values": leaf_values(document),
        "passes": document["outputs"],
        "selected": None,
    }
