"""The browser of the tests: how it is installed and started, and what may not happen on its pages.

Run as a program, it installs one where none is found. That happens before the tests, which run in several
processes: two that install at once stop each other.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from autograd_widget.export.browser import CHROME, find_browser

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import (
        Browser,
        BrowserContext,
        ConsoleMessage,
        Page,
        Request,
        WebError,
        WebSocket,
    )

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever tries to leave gets nowhere
)

SHELL = "chromium-headless-shell"
"""Debian's Chromium without what only windows need: pages open in half the time."""

FAILED = pytest.StashKey[bool]()
"""On a test: whether it has failed so far."""


def program_for_pages(browser: str) -> str:
    """Choose what draws the pages of tests: a headless shell if there is one, else the browser found.

    What the variable CHROME names is used in any case.
    """
    return browser if os.environ.get(CHROME) else shutil.which(SHELL) or browser


def install_browser() -> None:
    """Install Debian's Chromium and a Chinese font, where no browser is found and we are root on Debian."""
    if find_browser() is not None:
        return
    release = Path("/etc/os-release")
    if not (release.is_file() and re.search(r"^ID=debian$", release.read_text(), re.MULTILINE)):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    install = "install --yes --no-install-recommends"
    # An older Debian has no shell: that is to be no reason to go without a browser.
    for command in ("update", f"{install} chromium fonts-noto-cjk", f"{install} {SHELL}"):
        subprocess.run(["apt-get", "-qq", *command.split()], env=quiet, check=False)


def how_to_install() -> str:
    """One sentence for whoever has to do it."""
    system = {"Darwin": "`brew install --cask chromium`", "Linux": "`apt-get install chromium` or the like"}
    return (
        "There is no Chromium or Chrome here: install one "
        f"({system.get(platform.system(), 'from its own site')}), or name one in the variable CHROME."
    )


def new_context(browser: Browser) -> BrowserContext:
    """A reader's profile: English, a laptop's window, and no wish for motion, so that nothing is half way."""
    return browser.new_context(
        viewport={"width": 1280, "height": 900}, locale="en-US", reduced_motion="reduce"
    )


@contextmanager
def watched(context: BrowserContext) -> Iterator[list[str]]:
    """A list that fills with what goes wrong on the pages of a context."""
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text} ({message.location['url']})")

    def on_error(error: WebError) -> None:
        wrong.append(f"exception: {error.error}")

    def on_request(request: Request | WebSocket) -> None:
        if leaves(request.url):
            wrong.append(f"left: {request.url}")

    def on_page(page: Page) -> None:
        page.on("websocket", on_request)

    handlers: dict[Any, Any] = {
        "console": on_console,
        "weberror": on_error,
        "request": on_request,
        "page": on_page,
    }
    for event, handler in handlers.items():
        context.on(event, handler)
    yield wrong
    for event, handler in handlers.items():
        context.remove_listener(event, handler)


def heap_of(page: Page) -> float:
    """Memory that the page holds, in MB, after garbage collection."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.enable")
    for _ in range(3):
        session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"]
    session.detach()
    return used / 1e6


def leaves(url: str) -> bool:
    """Test whether a request leaves this machine."""
    parts = urlsplit(url)
    return parts.scheme not in {"file", "data", "blob", "about"} and parts.hostname != "127.0.0.1"


if __name__ == "__main__":
    install_browser()
