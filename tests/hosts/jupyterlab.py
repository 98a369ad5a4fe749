"""A real JupyterLab, or Notebook: a server of our own, and what a person does on its pages."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager
from itertools import count
from typing import TYPE_CHECKING, Any, Literal
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from hosts.server import Server, free_port, isolated, until

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from playwright.sync_api import Locator, Page

RUN_MS = 60_000
"""The time limit of a cell; the first one waits for the kernel to start."""

NOISE = (
    # Its shortcuts hear of a setting before their own are loaded; with an empty notebook too.
    r"^exception: Cannot read properties of undefined \(reading 'schema'\)$",
    # Its widget manager reports each change that it can't send to a kernel that has gone, and goes on.
    r"^console: Could not send widget sync message Error: Cannot send",
)
"""Errors on its pages that are not ours."""

_names = count(1).__next__


class JupyterLab:
    """A running server.

    Args:
        folder: Its own.
        site: The folder in which the wheel is installed.
        app: `lab`, or `notebook` for Notebook 7.
    """

    def __init__(self, folder: Path, site: Path, app: Literal["lab", "notebook"] = "lab") -> None:
        self._environment = isolated(folder)
        self.notebooks = folder / "notebooks"
        self.notebooks.mkdir(parents=True)
        write_settings(folder / "settings")
        port = free_port()
        command = [sys.executable, "-m", {"lab": "jupyterlab"}.get(app, app), *flags(self.notebooks, port)]
        self._server = Server(folder, command, port, site, answers="/api/status")
        self._page = {"lab": "lab/tree", "notebook": "notebooks"}[app]
        self.url = self._server.url
        self.log = self._server.log
        self.stop = self._server.stop

    def has_kernel(self, path: str) -> bool:
        """Ask the server whether a kernel runs for a notebook."""
        with urlopen(f"{self.url}/api/sessions") as answer:
            return any(session["path"] == path for session in json.load(answer))

    def trust(self, path: str) -> None:
        """Sign a notebook, as `jupyter trust` does, so that its pages show what it brings along."""
        command = (sys.executable, "-m", "nbformat.sign", path)
        subprocess.run(command, cwd=self.notebooks, env=self._environment, check=True)

    def open(self, page: Page, cells: Iterable[str]) -> Notebook:
        """Write a notebook of code cells and open it, in a window that is high enough for all its cells."""
        path = f"{_names()}.ipynb"
        (self.notebooks / path).write_text(json.dumps(notebook_of(cells)))
        return self.open_file(page, path)

    def open_file(self, page: Page, path: str) -> Notebook:
        """Open a notebook that is there."""
        page.set_viewport_size({"width": 1280, "height": 2400})
        page.goto(f"{self.url}/{self._page}/{path}?reset", timeout=RUN_MS)
        return Notebook(page, path, self)


class Notebook:
    """A notebook in a JupyterLab that a browser shows: run, type, read."""

    def __init__(self, page: Page, path: str = "", server: JupyterLab | None = None) -> None:
        self.page = page
        self.path = path
        self._server = server
        self.panel = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden)")
        expect(self.panel.locator(".jp-Cell").first).to_be_visible(timeout=RUN_MS)
        self._idle()

    def run_all(self) -> None:
        """Run → Run All Cells, and wait until the last of them has run."""
        self._menu("Run", "Run All Cells")
        self._has_run(self.panel.locator(".jp-CodeCell").last)

    def run(self, code: str) -> str:
        """Add a cell at the end, run it, and return the text that it printed or showed."""
        cell = self._start(code)
        self._has_run(cell)
        return "\n".join(cell.locator(".jp-OutputArea-output pre").all_inner_texts()).strip()

    @contextmanager
    def running(self, code: str) -> Iterator[None]:
        """Add a cell at the end, and begin to run it; at the end, wait until it has run."""
        cell = self._start(code)
        yield
        self._has_run(cell)

    def run_again(self, nth: int) -> None:
        """Run a cell that has run."""
        with self.running_again(nth):
            pass

    @contextmanager
    def running_again(self, nth: int) -> Iterator[None]:
        """Begin to run a cell that has run; at the end, wait until it has run again."""
        cell = self.panel.locator(".jp-CodeCell").nth(nth)
        prompt = cell.locator(".jp-InputPrompt")
        number = prompt.inner_text()
        prompt.click()
        self.page.keyboard.press("Control+Enter")
        expect(prompt).not_to_have_text(number, timeout=RUN_MS)
        yield
        self._has_run(cell)

    def _start(self, code: str) -> Locator:
        last = self.panel.locator(".jp-CodeCell").last
        last.scroll_into_view_if_needed()
        last.locator(".jp-InputPrompt").click()
        self.page.keyboard.press("b")
        cell = self.panel.locator(".jp-CodeCell").last
        expect(cell).to_have_class(re.compile("jp-mod-active"))
        self.page.keyboard.press("Enter")
        self.page.keyboard.insert_text(code)
        self.page.keyboard.press("Control+Enter")
        return cell

    def save(self) -> None:
        """Save, and wait until it is."""
        self.page.keyboard.press("Control+s")
        dirty = self.page.locator(".lm-mod-current.jp-mod-dirty")
        expect(dirty).to_have_count(0, timeout=RUN_MS)

    def shut_down_kernel(self) -> None:
        """Kernel → Shut Down Kernel, and wait until the server says that it is gone and the page knows."""
        server = self._server
        assert server is not None
        self._menu("Kernel", "Shut Down Kernel")
        until(
            lambda: not server.has_kernel(self.path) or None,
            RUN_MS / 1000,
            lambda: f"The kernel did not end:\n{server.log()}",
        )
        expect(self.panel.locator(".jp-Toolbar-kernelName")).to_have_text("No Kernel", timeout=RUN_MS)

    def restart(self) -> None:
        """Kernel → Restart Kernel."""
        self._menu("Kernel", "Restart Kernel…")
        self._confirm_restart()

    def restart_and_run_all(self) -> None:
        """Kernel → Restart Kernel and Run All Cells, and wait until the last of them has run."""
        self._menu("Kernel", "Restart Kernel and Run All Cells…")
        prompt = self.panel.locator(".jp-CodeCell").last.locator(".jp-InputPrompt")
        self._confirm_restart()
        expect(prompt).not_to_have_text(re.compile(r"\d"), timeout=RUN_MS)
        self._has_run(self.panel.locator(".jp-CodeCell").last)

    def _confirm_restart(self) -> None:
        self.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart").click()

    def _menu(self, menu: str, item: str) -> None:
        self.page.locator(".lm-MenuBar-itemLabel", has_text=re.compile(f"^{menu}$")).click()
        self.page.locator(".lm-Menu-itemLabel", has_text=re.compile(f"^{item}$")).click()

    def _idle(self) -> None:
        """Wait for the kernel: what is run before it is there is lost without a word."""
        name = self.panel.locator(".jp-Toolbar-kernelName")
        expect(name).to_have_text(re.compile("^Python"), timeout=RUN_MS)
        idle = self.panel.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]')
        expect(idle).to_be_attached(timeout=RUN_MS)

    def _has_run(self, cell: Locator) -> None:
        """Wait for the number in a cell's prompt. An exception in any cell fails the test, and is quoted."""
        errors = self.panel.locator('.jp-OutputArea-output[data-mime-type="application/vnd.jupyter.error"]')
        done = cell.locator(".jp-InputPrompt", has_text=re.compile(r"\[\d+\]"))
        expect(done.or_(errors).first).to_be_attached(timeout=RUN_MS)
        if errors.count():
            pytest.fail(f"A cell failed:\n{errors.first.inner_text()}")


def flags(root: Path, port: int) -> list[str]:
    """Command line of a server that asks nothing, opens nothing and calls no one."""
    return [
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        f"--ServerApp.root_dir={root}",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        *(["--allow-root"] if os.geteuid() == 0 else []),
    ]


def notebook_of(cells: Iterable[str], kernel: str = "python3") -> dict[str, Any]:
    """The file of a notebook of code cells that have not run."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": kernel, "display_name": "Python 3", "language": "python"}},
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
    """Answer beforehand what JupyterLab asks a new user, and have widgets saved with their notebooks."""
    for extension, settings in {
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
        "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},
    }.items():
        file = folder / f"{extension}.jupyterlab-settings"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(settings))
