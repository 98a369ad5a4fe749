"""Shows the built bundle as a notebook does, without a notebook: a test needs `show(page, document)` only.

The page gets `window.model`, a stand-in that behaves as anywidget's model does and keeps what would go to the
kernel in `model.messages`; `model.receive(state)` plays the kernel. `host.js` has the rest.
"""

from __future__ import annotations

import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias
from urllib.parse import parse_qs, urlencode, urlsplit

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from autograd_widget import GraphWidget

Host: TypeAlias = Literal["jupyterlab", "vscode", "plain"]

HOST_JS = Path(__file__).with_name("host.js")
JUPYTERLAB_THEMES = Path(sys.prefix) / "share/jupyter/lab/themes/@jupyterlab"

# A strict host's policy: anywidget imports the bundle from a blob, and evaluating text is forbidden.
POLICY = (
    "default-src 'none'; script-src 'self' blob:; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "img-src data: blob:"
)

VSCODE = {
    "dark": {
        "editor-background": "#1e1e1e",
        "editor-foreground": "#d4d4d4",
        "foreground": "#cccccc",
        "descriptionForeground": "#ccccccb3",
        "focusBorder": "#007fd4",
        "input-background": "#3c3c3c",
        "input-foreground": "#cccccc",
        "button-background": "#0e639c",
        "editorWidget-background": "#252526",
        "editorWidget-border": "#454545",
        "font-family": "system-ui, sans-serif",
    },
    "light": {
        "editor-background": "#ffffff",
        "editor-foreground": "#000000",
        "foreground": "#616161",
        "descriptionForeground": "#717171",
        "focusBorder": "#0090f1",
        "input-background": "#ffffff",
        "input-foreground": "#616161",
        "button-background": "#007acc",
        "editorWidget-background": "#f3f3f3",
        "editorWidget-border": "#c8c8c8",
        "font-family": "system-ui, sans-serif",
    },
}


def show(
    page: Page,
    document: dict[str, Any],
    width: int = 960,
    dark: bool = False,
    views: int = 1,
    shadow: bool = False,
    host: Host = "jupyterlab",
    **traits: Any,
) -> Page:
    """Show a graph document in a fresh page, as a host would, and wait until it is drawn.

    Args:
        page: The `page` fixture.
        document: The graph, as `Graph.to_dict()` gives it.
        width: The width in pixels of the cell that a view is in. The window is wider, as in a notebook.
        dark: True if the host's theme is dark.
        views: The number of views of the one model.
        shadow: True if each view is inside a shadow root with a reset of styles, as in marimo.
        host: Whose theme: its variables, classes and attributes. `plain` says its theme by the system's only.
        traits: Traits of the model in place of those that a new `GraphWidget` has.
    """
    said_by_the_system = dark if host == "plain" else not dark  # where a host has a theme, its word counts
    page.emulate_media(color_scheme="dark" if said_by_the_system else "light")
    page.set_viewport_size({"width": width + 320, "height": 900})
    theme = "dark" if dark else "light"
    page.goto(f"{origin(page)}/?{urlencode({'host': host, 'theme': theme})}")
    state = {
        "graph": document,
        "values": leaf_values(document),
        "passes": document["outputs"],
        "selected": None,
        "read_only": False,
        "language": "",
        "notice": "",
        **traits,
    }
    page.evaluate(
        "options => window.mount(options)",
        {"state": state, "width": width, "views": views, "shadow": shadow},
    )
    expect(page.locator(".autograd-widget")).to_have_count(views)
    return page


STILL = """
async () => {
  const root = document.querySelector(".autograd-widget");
  const parts = () => [...root.querySelectorAll(".agw-board, .agw-board [style]")];
  const placed = () => parts().map((part) => part.style.cssText).join();
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  let before;
  do {
    before = placed();
    await frame();
    await frame();
  } while (root.querySelector(".agw-working:not([hidden])") || placed() !== before);
}
"""


def settled(page: Page) -> None:
    """Wait until the layout is ready, nothing is on its way, and all of it is painted."""
    page.evaluate(STILL)


def leaf_values(document: dict[str, Any]) -> dict[str, Any]:
    """The values of what a person may move, as the kernel would send them."""
    return {key: value for key, value in document["value"].items() if document["op"][int(key)] == "leaf"}


def messages(page: Page) -> list[dict[str, Any]]:
    """Read what the page has changed: the traits of each of its messages, without the number of the act."""
    return [{name: x for name, x in one.items() if name != "_act"} for one in numbered_messages(page)]


def numbered_messages(page: Page) -> list[dict[str, Any]]:
    """Read the page's messages to the kernel: the changed traits of each `save_changes`, oldest first."""
    sent: list[dict[str, Any]] = page.evaluate("window.model.messages")
    return sent


def receive(page: Page, **traits: Any) -> None:
    """Let the kernel set traits."""
    page.evaluate("state => window.model.receive(state)", traits)


def deliver(page: Page, widget: GraphWidget) -> None:
    """Let a widget be the kernel: it takes what the page has sent since the last time, and answers."""
    answers: list[Any] = []
    widget.send = lambda content, _=None: answers.append(content)
    for message in page.evaluate("window.model.outbox.splice(0)"):
        if "state" in message:
            widget.set_state(message["state"])
        else:
            widget._handle_custom_msg(message["content"], [])
    page.evaluate("answers => answers.forEach((answer) => window.model.answer(answer))", answers)


def origin(page: Page) -> str:
    """The origin from which a page was served."""
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


class Site(BaseHTTPRequestHandler):
    """Serves an empty notebook page, the script that fills it, and the bundle."""

    def __init__(self, bundle: Path, *request: Any) -> None:
        self._bundle = bundle
        super().__init__(*request)  # which answers at once

    def do_GET(self) -> None:
        """Answer; the files are read each time, so that a new build shows."""
        url = urlsplit(self.path)
        query = {key: values[0] for key, values in parse_qs(url.query).items()}
        if url.path == "/":
            self._send("text/html", page_of(query.get("host", "plain"), query.get("theme", "light")).encode())
        elif url.path == "/host.js":
            self._send("text/javascript", HOST_JS.read_bytes())
        elif url.path == "/widget.js":
            self._send("text/javascript", self._bundle.read_bytes())
        else:
            self.send_error(HTTPStatus.NOT_FOUND)

    def _send(self, kind: str, body: bytes) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        """Say nothing: a test's output is for what fails."""


def page_of(host: str, theme: str) -> str:
    """The HTML of an empty page with the theme of a host."""
    style, attributes = {"jupyterlab": jupyterlab, "vscode": vscode, "plain": plain}[host](theme)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>A cell</title>'
        '<link rel="icon" href="data:,">'
        f'<style>{style}</style><body {attributes}><script type="module" src="/host.js"></script>'
    )


def jupyterlab(theme: str) -> tuple[str, str]:
    """The real theme of the installed JupyterLab."""
    variables = (JUPYTERLAB_THEMES / f"theme-{theme}-extension" / "index.css").read_text(encoding="utf-8")
    body = (
        "body { background: var(--jp-layout-color0); color: var(--jp-content-font-color1);"
        " font: var(--jp-ui-font-size1) / var(--jp-content-line-height) var(--jp-ui-font-family) }"
    )
    light = "true" if theme == "light" else "false"
    return variables + body, f'data-jp-theme-light="{light}" data-jp-theme-name="JupyterLab {theme.title()}"'


def vscode(theme: str) -> tuple[str, str]:
    """The theme that a new VS Code has, as far as an output sees it."""
    variables = "".join(f"--vscode-{name}: {value};" for name, value in VSCODE[theme].items())
    body = (
        "background: var(--vscode-editor-background); color: var(--vscode-editor-foreground); font-size: 13px"
    )
    kind = f"vscode-{theme}"
    return f"html {{ {variables} }} body {{ {body} }}", f'class="{kind}" data-vscode-theme-kind="{kind}"'


def plain(theme: str) -> tuple[str, str]:  # noqa: ARG001 (the system says which)
    """No theme but the system's."""
    return ":root { color-scheme: light dark }", ""
