"""Pages without a browser: `js/src/session` in Node.js, between a random person and real widgets."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

    from autograd_widget import GraphWidget

ROOT = Path(__file__).parents[2]
ESBUILD = ROOT / "js/node_modules/esbuild/bin/esbuild"


class Browser:
    """A process of Node.js with a page per widget.

    Args:
        folder: Where the bundled program is put.
    """

    def __init__(self, folder: Path) -> None:
        program = folder / "page.mjs"
        source = ROOT / "js/tests/session/page.ts"
        options = ("--bundle", "--platform=node", "--format=esm", "--log-level=error", f"--outfile={program}")
        subprocess.run(("node", ESBUILD, source, *options), check=True)
        self._process = subprocess.Popen(
            ("node", program), stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
        )

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Give an order to a page, and return its answer."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(json.dumps(order, allow_nan=False) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        assert line, "the page's program has ended"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End the process."""
        self._process.communicate()


class Pages:
    """The pages of some widgets, with a host that delivers every message at once.

    Args:
        browser: Where they are shown.
        widgets: The widgets, each on a page of its own.
    """

    def __init__(self, browser: Browser, widgets: Iterable[GraphWidget]) -> None:
        self._browser = browser
        self.widgets = list(widgets)
        self.shown: list[dict[str, Any]] = []
        self._from_the_kernel: list[tuple[int, dict[str, Any]]] = []
        for number, g in enumerate(self.widgets):
            g._send = self._taker(number)  # in place of a connection
            self.shown.append({})
            self._order(number, open=_sent(g.get_state()))
        self.deliver()

    def act(self, number: int, *act: Any) -> None:
        """Have somebody do something on a page, and deliver what follows from it."""
        self._order(number, act=act)
        self.deliver()

    def deliver(self) -> None:
        """Deliver the messages of the kernel, and those that answer them."""
        while self._from_the_kernel:
            number, message = self._from_the_kernel.pop(0)
            if message.get("method") == "update":
                self._order(number, receive=_sent(message["state"]))

    def _taker(self, number: int) -> Any:
        return lambda message, buffers=None: self._from_the_kernel.append((number, message))

    def _order(self, number: int, **order: Any) -> None:
        shown = self._browser.answer({"page": number, **order})
        self.shown[number] = shown
        for message in shown.pop("sent"):
            data = {**message, "buffer_paths": []}
            self.widgets[number]._handle_msg({"content": {"data": data}, "buffers": []})


def _sent(state: dict[str, Any]) -> dict[str, Any]:
    """The part of a state that a page needs."""
    return {name: x for name, x in state.items() if name not in {"_esm", "layout"} and "count" not in name}
