"""The hosts, as a table: how each is started with something to show, and how a reader comes to see it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from mimetypes import guess_type
from pathlib import Path
from textwrap import indent
from threading import Thread
from typing import TYPE_CHECKING, TypeAlias

from hosts.fetch import ANYWIDGET, npm_folder
from hosts.jupyterlab import NOISE, RUN_MS, JupyterLab, Notebook, notebook_of
from hosts.server import Server, free_port, isolated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from contextlib import AbstractContextManager

    from playwright.sync_api import Page, Route

HEAVY = Path(__file__).parents[2] / ".venv-hosts"
"""The environment in which `make test-hosts` installs the hosts that `make test` does without."""
PYTHON = HEAVY / "bin" / "python"
FETCHED = HEAVY / "fetched"
NPM = FETCHED / "npm"

Visit: TypeAlias = "Callable[[Page], None]"
"""Opens the host on a page, and does what a reader has to do until there is something to see."""


@dataclass(frozen=True)
class Host:
    """A host.

    Args:
        name: The name of the host.
        start: Starts it with a folder of its own, one where the wheel is installed, the code to show and the
            names of what to show of it.
        noise: Patterns of what it does on a page by itself, each with the reason beside it.
        has_python: True if a Python kernel receives the moves of sliders.
        is_heavy: True if only `make test-hosts` installs it.
    """

    name: str
    start: Callable[[Path, Path, str, Sequence[str]], AbstractContextManager[Visit]]
    noise: tuple[str, ...] = ()
    has_python: bool = True
    is_heavy: bool = False


@contextmanager
def served(server: Server) -> Iterator[Server]:
    """A server for as long as it is needed."""
    try:
        yield server
    finally:
        server.stop()


# -- Jupyter -------------------------------------------------------------------------------------------------


@contextmanager
def _lab(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    lab = JupyterLab(folder, site)
    try:
        yield lambda page: lab.open(page, [code, *shown]).run_all()
    finally:
        lab.stop()


@contextmanager
def _notebook(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    notebook = JupyterLab(folder, site, "notebook")
    try:
        yield lambda page: notebook.open(page, [code, *shown]).run_all()
    finally:
        notebook.stop()


@contextmanager
def _voila(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    (folder / "a.ipynb").write_text(json.dumps(notebook_of([code, *shown])))
    port = free_port()
    command = (sys.executable, "-m", "voila", "a.ipynb", "--no-browser", "--Voila.ip=127.0.0.1")
    with served(Server(folder, (*command, f"--port={port}"), port, site, answers="/voila/static/")) as server:
        yield lambda page: _goto(page, server.url)


# -- marimo --------------------------------------------------------------------------------------------------


def marimo_app(*cells: str) -> str:
    """A marimo notebook."""
    bodies = [f"@app.cell\ndef _():\n{indent(cell, '    ')}\n    return" for cell in cells]
    return "\n\n\n".join(["import marimo\n\napp = marimo.App()", *bodies])


def _marimo_cells(code: str, shown: Sequence[str]) -> tuple[str, str]:
    views = ", ".join(f"mo.ui.anywidget({name})" for name in shown)
    return f"import marimo as mo\n{code}", f"mo.vstack([{views}])"


@contextmanager
def _marimo_run(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    with marimo("run", folder, site, marimo_app(*_marimo_cells(code, shown))) as visit:
        yield visit


@contextmanager
def _marimo_edit(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    (folder / "pyproject.toml").write_text("[tool.marimo.runtime]\nauto_instantiate = true\n")
    with marimo("edit", folder, site, marimo_app(*_marimo_cells(code, shown))) as visit:
        yield visit


@contextmanager
def marimo(how: str, folder: Path, site: Path, app: str) -> Iterator[Visit]:
    """A marimo server for one notebook, to `run` or to `edit`."""
    (folder / "app.py").write_text(app)
    port = free_port()
    command = (sys.executable, "-m", "marimo", how, "app.py", "--headless", "--no-token", "--port", str(port))
    with served(Server(folder, command, port, site, answers="/health")) as server:
        yield lambda page: _goto(page, server.url)


@contextmanager
def _marimo_html(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    (folder / "app.py").write_text(marimo_app(*_marimo_cells(code, shown)))
    run(
        sys.executable,
        "marimo",
        "export",
        "html",
        "app.py",
        "-o",
        "public/index.html",
        folder=folder,
        site=site,
    )
    with files(folder / "public") as visit:

        def open_with_cdn(page: Page) -> None:
            on_a_cdn(page, MARIMO_ON_CDN, marimo_file)
            visit(page)

        yield open_with_cdn


MARIMO_ON_CDN = r"^https://[^/]+/npm/@marimo-team/frontend@[^/]+/dist/"


def marimo_file(url: str) -> Path:
    """The file in marimo's wheel of what its exported pages ask for."""
    package = find_spec("marimo")
    assert package is not None and package.origin is not None
    return Path(package.origin).parent / "_static" / re.sub(MARIMO_ON_CDN, "", url).split("?")[0]


def on_a_cdn(page: Page, pattern: str, file_of: Callable[[str], Path]) -> None:
    """Answer for a CDN that is out of reach here, with the same files from a package."""

    def answer(route: Route) -> None:
        file = file_of(route.request.url)
        route.fulfill(
            path=file, headers={**CROSS_ORIGIN, "Content-Type": guess_type(file)[0] or "text/plain"}
        )

    page.route(re.compile(pattern), answer)


CROSS_ORIGIN = {"Access-Control-Allow-Origin": "*"}


# -- dashboards ----------------------------------------------------------------------------------------------


def solara_app(code: str, shown: Sequence[str]) -> str:
    """An app of Solara: widgets belong to a visitor, so a component makes them, once."""
    names = ", ".join(shown)
    return "\n".join(
        [
            "import solara\n\n",
            f"def make():\n{indent(code, '    ')}\n    return {names}\n\n",
            "@solara.component\ndef Page():",
            "    for widget in solara.use_memo(make, []):",
            "        solara.display(widget)",
        ]
    )


@contextmanager
def _solara(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    with solara(folder, site, solara_app(code, shown)) as visit:
        yield visit


@contextmanager
def solara(folder: Path, site: Path, app: str) -> Iterator[Visit]:
    """A server of Solara."""
    (folder / "app.py").write_text(app)
    port = free_port()
    command = (PYTHON, "-m", "solara", "run", "app.py", "--no-open", "--host=127.0.0.1", f"--port={port}")
    # It looks there before it asks its CDN.
    more = {"SOLARA_ASSETS_PROXY_CACHE_DIR": str(NPM), "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "false"}
    with served(Server(folder, command, port, site, more)) as server:
        yield lambda page: _goto(page, server.url)


def panel_app(code: str, shown: Sequence[str]) -> str:
    """An app of Panel."""
    panes = ", ".join(f"pn.pane.IPyWidget({name})" for name in shown)
    return f"import panel as pn\npn.extension('ipywidgets')\n{code}\npn.Column({panes}).servable()\n"


@contextmanager
def _panel(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    with panel(folder, site, panel_app(code, shown)) as visit:
        yield visit


@contextmanager
def panel(folder: Path, site: Path, app: str) -> Iterator[Visit]:
    """A server of Panel."""
    (folder / "app.py").write_text(app)
    port = free_port()
    command = (PYTHON, "-m", "panel", "serve", "app.py", "--address=127.0.0.1", f"--port={port}")
    with served(Server(folder, command, port, site, answers="/app")) as server:

        def open_with_cdn(page: Page) -> None:
            on_a_cdn(page, ANYWIDGET_ON_CDN, lambda _: NPM / ANYWIDGET)
            _goto(page, f"{server.url}/app")

        yield open_with_cdn


ANYWIDGET_ON_CDN = r"^https://[^/]+/anywidget@~0\.11\.\*/dist/index"


# -- without a kernel ----------------------------------------------------------------------------------------


@contextmanager
def _jupyterlite(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    (folder / "content").mkdir()
    install = "%pip install -q autograd_widget"
    (folder / "content" / "a.ipynb").write_text(json.dumps(notebook_of([install, code, *shown], "python")))
    (folder / "static").mkdir()
    (folder / "static" / "pyodide").symlink_to(npm_folder(FETCHED, "pyodide"))
    (folder / "jupyter-lite.json").write_text(json.dumps({"jupyter-config-data": NO_PYPI}))
    wheels = [*(FETCHED / "wheels").glob("*.whl"), *site.parent.glob("wheel*/*.whl")]
    given = [f"--piplite-wheels={wheel}" for wheel in wheels]
    run(PYTHON, "jupyterlite_core", "build", "--contents=content", *given, folder=folder, site=site)
    with files(folder / "_output", "/lab/index.html?path=a.ipynb") as visit:

        def open_and_run(page: Page) -> None:
            page.set_viewport_size({"width": 1280, "height": 2400})
            visit(page)
            Notebook(page).run_all()

        yield open_and_run


NO_PYPI = {
    "litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": {"disablePyPIFallback": True}}
}


@contextmanager
def _sphinx(folder: Path, site: Path, code: str, shown: Sequence[str]) -> Iterator[Visit]:
    cells = [f"```{{code-cell}} python3\n{cell}\n```" for cell in (code, *shown)]
    (folder / "index.md").write_text("\n\n".join([MYST_HEAD, "# Two graphs", *cells]) + "\n")
    (folder / "conf.py").write_text(SPHINX_CONF)
    static = folder / "_static"
    (static / ANYWIDGET).parent.mkdir(parents=True)
    shutil.copy(npm_folder(FETCHED, "requirejs") / "require.js", static)
    shutil.copy(npm_folder(FETCHED, "@jupyter-widgets/html-manager") / "dist/embed-amd.js", static)
    shutil.copy(NPM / ANYWIDGET, static / ANYWIDGET)
    run(PYTHON, "sphinx", "-W", "-q", ".", "public", folder=folder, site=site)
    with files(folder / "public") as visit:
        yield visit


MYST_HEAD = """\
---
file_format: mystnb
kernelspec:
  name: python3
---"""

SPHINX_CONF = """\
extensions = ["myst_nb"]
nb_execution_raise_on_error = True
html_static_path = ["_static"]
# Files that a reader's browser would load from two CDNs.
nb_ipywidgets_js = {
    "require.js": {},
    "embed-amd.js": {"data-jupyter-widgets-cdn": "_static/"},
}
"""


@contextmanager
def files(folder: Path, path: str = "/") -> Iterator[Visit]:
    """A folder, served to the browser by a server that knows files only."""
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield lambda page: _goto(page, f"http://127.0.0.1:{server.server_port}{path}")
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Says nothing of each request, and has no icon for the browser's tab."""

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            super().do_GET()

    def log_message(self, *_: object) -> None: ...


def _goto(page: Page, url: str) -> None:
    page.goto(url, timeout=RUN_MS)


def run(python: str | Path, *arguments: str | Path, folder: Path, site: Path) -> None:
    """Run a module of a host to its end."""
    done = subprocess.run(
        (python, "-m", *arguments),
        cwd=folder,
        env=isolated(folder, site),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


PANEL_NOISE = (
    "left: " + ANYWIDGET_ON_CDN[1:],  # it loads anywidget's front end from a CDN
    r"^(left|console).*/font-awesome/",  # it asks for an icon font
)
VOILA_NOISE = (
    r"^(left|console).*/npm/@fortawesome/fontawesome-free@",  # it asks for an icon font
    # It starts every extension of JupyterLab, Notebook's too, which asks for what Voilà lacks.
    r"^console: .*shared module .*\n.*@jupyterlab/docregistry",
)
MARIMO_HTML_NOISE = ("left: " + MARIMO_ON_CDN[1:],)  # marimo's own front end is not in the page, but on a CDN
SPHINX_NOISE = (r"^console: .* 404 .*/anywidget\.js\)$",)  # its widget manager looks beside the page first

HOSTS = (
    Host("JupyterLab", _lab, NOISE),
    Host("Notebook", _notebook, NOISE),
    Host("Voilà", _voila, VOILA_NOISE),
    Host("marimo run", _marimo_run),
    Host("marimo edit", _marimo_edit, is_heavy=True),
    Host("marimo html", _marimo_html, MARIMO_HTML_NOISE, has_python=False, is_heavy=True),
    Host("Solara", _solara, is_heavy=True),
    Host("Panel", _panel, PANEL_NOISE, is_heavy=True),
    Host("JupyterLite", _jupyterlite, is_heavy=True),
    Host("Sphinx", _sphinx, SPHINX_NOISE, has_python=False, is_heavy=True),
)
