"""Takes the pictures of the documentation from the running widget: `.venv/bin/python docs/screenshots.py`."""

from __future__ import annotations

import random
import sys
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests"), str(HERE.parent)]

from autograd_widget import GraphWidget, Scalar  # noqa: E402
from autograd_widget.export.browser import find_browser  # noqa: E402
from autograd_widget.export.bundle import BUNDLE  # noqa: E402
from autograd_widget.nn import MLP  # noqa: E402
from browser.harness import Site, show  # noqa: E402 (its folder is no package)
from chromium import ARGUMENTS, how_to_install  # noqa: E402


def recurrence() -> GraphWidget:
    """Three steps of back-propagation through time; unequal inputs, so that nothing looks alike."""
    w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
    inputs = {"x1": 0.5, "x2": -2.0, "x3": 3.0}
    x1, x2, x3 = [Scalar(x, label=name, requires_grad=False) for name, x in inputs.items()]
    h1 = w * x1
    h2 = w * x2 + wh * h1
    h3 = w * x3 + wh * h2
    return GraphWidget(h1, h2, h3)


def network() -> GraphWidget:
    """A small network and its loss; each card is a neuron with its parameters."""
    random.seed(181)  # most neurons are awake
    x = [Scalar(value, label=f"x{i + 1}", requires_grad=False) for i, value in enumerate((1.0, -2.0, 0.5))]
    y = MLP(3, [4, 4, 1])(x)
    loss = (y - 1.0) ** 2
    loss.label = "loss"
    return GraphWidget(loss)


def main() -> None:
    """Write `bptt.png` and `network.png` here, and `bptt.zh.png` and `network.zh.png` in Chinese."""
    program = find_browser() or sys.exit(how_to_install())
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, BUNDLE)) as server,
        sync_playwright() as playwright,
        playwright.chromium.launch(executable_path=program, args=ARGUMENTS) as browser,
    ):
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page(device_scale_factor=2)
        page.goto(f"http://127.0.0.1:{server.server_port}")
        for name, widget, width, selected in (
            ("bptt", recurrence(), 960, 0),
            ("network", network(), 1180, None),
        ):
            for language, ending in (("en", ".png"), ("zh", ".zh.png")):
                traits = {"passes": widget.passes, "selected": selected, "language": language}
                show(page, widget.graph, width=width, **traits)
                page.locator(".autograd-widget").screenshot(path=HERE / f"{name}{ending}")
        server.shutdown()


if __name__ == "__main__":
    main()
