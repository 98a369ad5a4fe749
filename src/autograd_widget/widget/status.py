"""The state of a widget for a report of a fault. Nothing is sent anywhere."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from autograd_widget.engine.core import IS_COMPILED

PACKAGES: Final = (
    "autograd_widget",
    "anywidget",
    "ipywidgets",
    "traitlets",
    "comm",
    "ipykernel",
    "torch",
    "numpy",
)

HOSTS: Final = (
    ("marimo", "marimo"),
    ("google.colab", "Colab"),
    ("solara", "Solara"),
    ("panel", "Panel"),
    ("pyodide_kernel", "JupyterLite"),
    ("ipykernel", "a Jupyter kernel"),
    ("IPython", "IPython"),
)
"""A module that a host imports, and what the host is called."""


class Status(dict[str, str]):
    """Facts by name, a line each."""

    def __str__(self) -> str:
        width = max(map(len, self))
        return "\n".join(f"{name:<{width}}  {told}" for name, told in self.items())

    __repr__ = __str__


def status_of(widget: Any) -> Status:
    """The facts of a widget.

    Args:
        widget: A `GraphWidget`. Asking changes nothing in it.
    """
    graph = widget._own.graph
    own = {
        "graph": f"{len(graph)} nodes, {len(graph.leaves)} leaves, {len(graph.customs)} custom ops",
        "passes": f"{len(widget._own.records)} in the ledger",
        "connection": _connection(widget),
        "views": _views(widget),
        "pending": _pending(widget),
        "last error": widget._last_error or "none",
    }
    return Status({"versions": _versions(), "engine": _engine(), "host": _host(), **own})


def _versions() -> str:
    told = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        if name.partition(".")[0] in sys.modules:
            try:
                told.append(f"{name} {version(name)}")
            except PackageNotFoundError:  # a checkout, or a part of another package
                told.append(f"{name} of unknown version")
    return ", ".join(told)


def _engine() -> str:
    return f"{'compiled' if IS_COMPILED else 'plain Python'}, {platform.system()} {platform.machine()}"


def _host() -> str:
    if os.environ.get("VSCODE_PID"):
        return "VS Code"
    found = next((name for module, name in HOSTS if module in sys.modules), "plain Python")
    return f"{found}, with Voilà" if os.environ.get("VOILA_REQUEST_URL") else found


def _connection(widget: Any) -> str:
    if widget._is_closed or widget.comm is None:
        return "closed"
    is_real = type(widget.comm).__module__.partition(".")[0] != "comm"
    return f"open, by {type(widget.comm).__module__}" if is_real else "none: no host is there to show it"


def _views(widget: Any) -> str:
    if widget._reports:
        return f"{sum(widget._views.values())} in sight"
    return "not counted" if widget._view_count is None else f"{widget._view_count} on the page"


def _pending(widget: Any) -> str:
    waits = ["what cells have changed"] if widget._is_dirty else []
    waits += sorted(widget._states_to_send)
    return ", ".join(waits) or "nothing"
