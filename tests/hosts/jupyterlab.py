"""A real JupyterLab: a server of our own in a folder of its own, and what a person does on its pages."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from itertools import count
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from playwright.sync_api import Locator, Page

START_S = 60
"""How long a server may take to answer, on a slow machine."""
END_S = 15
"""How long it may take to end its kernels."""
RUN_MS = 60_000
"""How long a cell may take; the first one waits for the kernel to start."""

T = TypeVar("T")

_names = count(1).__next__


class JupyterLab:
    """A running server, on 127.0.0.1 only. All that it reads or writes is below one folder."""

    def __init__(self, folder: Path) -> None:
        self.notebooks = folder / "notebooks"
        self._runtime = folder / "runtime"
        self._log = folder / "jupyterlab.log"
        self.notebooks.mkdir(parents=True)
        environment = isolated(folder)
        write_settings(folder / "settings")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "jupyterlab", *flags(self.notebooks)],
                cwd=self.notebooks,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that it ends as a group
            )
        try:
            address = until(self._address, START_S, lambda: f"JupyterLab did not start:\n{self.log()}")
        except BaseException:
            self.stop()
            raise
        self.url = address.rstrip("/")

    def _address(self) -> str | None:
        """The address that the server wrote down, once it answers there."""
        if self._process.poll() is not None:
            raise RuntimeError(f"JupyterLab ended at once:\n{self.log()}")
        try:
            written = (self._runtime / f"jpserver-{self._process.pid}.json").read_text()
            address: str = json.loads(written)["url"]
            with urlopen(f"{address}api/status"):
                return address
        except (OSError, ValueError):
            return None

    def log(self) -> str:
        """What the server has said so far."""
        return self._log.read_text(errors="replace")

    def has_kernel(self, path: str) -> bool:
        """Whether a kernel runs for a notebook now, as the server tells."""
        with urlopen(f"{self.url}/api/sessions") as answer:
            return any(session["path"] == path for session in json.load(answer))

    def open(self, page: Page, cells: Iterable[str]) -> Notebook:
        """Write a notebook of code cells and open it, in a window that is high enough for all its cells."""
        path = f"{_names()}.ipynb"
        (self.notebooks / path).write_text(json.dumps(notebook_of(cells)))
        page.set_viewport_size({"width": 1280, "height": 2400})
        page.goto(f"{self.url}/lab/tree/{path}?reset", timeout=RUN_MS)
        return Notebook(self, page, path)

    def stop(self) -> None:
        """End the server, which ends its kernels; if it does not, end it by force, and they notice."""
        if self._process.poll() is not None:
            return
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Notebook:
    """A notebook in a JupyterLab that a browser shows: run, type, read."""

    def __init__(self, server: JupyterLab, page: Page, path: str) -> None:
        self.server = server
        self.page = page
        self.path = path
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(self.panel.locator(".jp-Cell").first).to_be_visible(timeout=RUN_MS)
        self._idle()

    def run_all(self) -> None:
        """Run → Run All Cells, and wait until the last of them has run."""
        self._menu("Run", "Run All Cells")
        self._has_run(self.panel.locator(".jp-CodeCell").last)

    def run(self, code: str) -> str:
        """Add a cell at the end, run it, and return the text that it printed or showed."""
        last = self.panel.locator(".jp-CodeCell").last
        last.scroll_into_view_if_needed()
        last.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        cell = self.panel.locator(".jp-CodeCell").last
        expect(cell).to_have_class(re.compile("jp-mod-active"))
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        self._has_run(cell)
        return "\n".join(cell.locator(".jp-OutputArea-output pre").all_inner_texts()).strip()

    def shut_down_kernel(self) -> None:
        """Kernel → Shut Down Kernel, and wait until the server says that it is gone and the page knows."""
        self._menu("Kernel", "Shut Down Kernel")
        until(
            lambda: not self.server.has_kernel(self.path) or None,
            RUN_MS / 1000,
            lambda: f"The kernel did not end:\n{self.server.log()}",
        )
        expect(self.panel.locator(".jp-Toolbar-kernelName")).to_have_text("No Kernel", timeout=RUN_MS)

    def _menu(self, menu: str, item: str) -> None:
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{item}$")).click()

    def _idle(self) -> None:
        """Wait for the kernel: what is run before it is there is lost without a word."""
        status = self.page.locator(".jp-StatusBar-TextItem", has_text="(ipykernel)")
        expect(status).to_have_text(re.compile(r"\| Idle$"), timeout=RUN_MS)

    def _has_run(self, cell: Locator) -> None:
        """Wait for the number in a cell's prompt. An exception in any cell fails the test, and is quoted."""
        errors = self.panel.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]')
        done = cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]"))
        expect(done.or_(errors).first).to_be_attached(timeout=RUN_MS)
        if errors.count():
            pytest.fail(f"A cell failed:\n{errors.first.inner_text()}")


def flags(root: Path) -> list[str]:
    """Command line of a server that asks nothing, opens nothing and calls no one."""
    return [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={free_port()}",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={root}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def notebook_of(cells: Iterable[str]) -> dict[str, Any]:
    """The file of a notebook of code cells that have not run."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "cells": [
            {
                "cell_type": "code",
                "id": f"cell-{number}",
                "metadata": {},
                "execution_count": None,
                "outputs": [],
                "source": source,
            }
            for number, source in enumerate(cells)
        ],
    }


def write_settings(folder: Path) -> None:
    """Answer beforehand what JupyterLab asks a new user."""
    settings = folder / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))


def isolated(folder: Path) -> dict[str, str]:
    """An environment in which nothing of the user's is read or changed."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("JUPYTER", "IPYTHON"))}
    return {
        **kept,
        "HOME": str(folder / "home"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
    }


def free_port() -> int:
    """A port that no one listens on now. If another takes it meanwhile, the server takes the next."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def until(found: Callable[[], T | None], seconds: float, complaint: Callable[[], str]) -> T:
    """Ask again and again until there is an answer.

    Raises:
        TimeoutError: There was none in time.
    """
    end = time.monotonic() + seconds
    while (answer := found()) is None:
        if time.monotonic() > end:
            raise TimeoutError(complaint())
        time.sleep(0.1)
    return answer
