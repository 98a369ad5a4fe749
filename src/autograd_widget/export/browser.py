"""Pictures of the page, drawn by an installed browser without a window.

Only a browser knows how a page looks. It is started without a window, on a page of its own that asks nothing
of a network, and ends before the call does.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
from base64 import b64decode
from collections.abc import Mapping
from html import unescape
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, TimeoutExpired
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from .html import page

CHROME: Final = "CHROME"
"""The environment variable that may name the browser."""

BROWSERS: Final = (
    (
        r"%ProgramFiles%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe",
        r"%LocalAppData%\Google\Chrome\Application\chrome.exe",
        r"%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe",
        r"%ProgramFiles%\Microsoft\Edge\Application\msedge.exe",
    )
    if sys.platform == "win32"
    else (
        "google-chrome",
        "google-chrome-stable",
        "chromium",
        "chromium-browser",
        "chrome",
        "microsoft-edge",
        "microsoft-edge-stable",
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    )
)
"""Browsers with a headless mode that prints a page's text. On Windows only absolute paths, since a bare name
would find a program in the current folder."""

FROM_THE_PAGE: Final = "take the picture from the page, which needs nothing (the menu ⤓)"
NO_BROWSER: Final = (
    "a picture is drawn by a browser, and neither Chrome nor Chromium nor Edge is installed here: install "
    f"one, or {FROM_THE_PAGE}"
)

WIDTH: Final = 1700
"""The width of the window in pixels: the widest that a standalone page becomes."""

SECONDS: Final = 60.0
"""The time limit of a picture. Most take a second; tens of thousands of nodes take much longer."""

ARGUMENTS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-breakpad",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever tries to leave gets nowhere
    "--blink-settings=preferredColorScheme=1",  # light, whatever this machine's desktop is
    # With virtual time, the clock jumps to the next timer; the page's text is printed when no timer is left.
    "--virtual-time-budget=100000000",
    f"--window-size={WIDTH},1000",
    "--dump-dom",
)

TAKE: Final = """
window.requestAnimationFrame = (draw) => setTimeout(draw, 16); // without a window there are no frames
// What is encoded elsewhere is nothing that the clock waits for.
const waiting = setInterval(() => {}, 1);
const end = (text) => {
  document.documentElement.innerHTML = "<body>";
  document.body.textContent = text;
  clearInterval(waiting);
};
const look = () => take().catch((error) => end(`failed:${error.message ?? error}`));
const take = async () => {
  const graph = document.querySelector("autograd-graph");
  const refused = graph.shadowRoot?.querySelector(".agw-error")?.textContent;
  if (refused) return end(`refused:${refused}`);
  const picture = await graph.file?.("KIND");
  if (picture === undefined) return setTimeout(look, 50);
  if (!picture) throw new Error("it may be too large");
  const reader = new FileReader();
  reader.onload = () => end(reader.result);
  reader.readAsDataURL(new Blob([picture]));
};
setTimeout(look, 50);
"""
"""A script that replaces the page's text by the picture."""

PICTURE: Final = re.compile(rb"<body>data:[^,]*;base64,([\w+/=]+)</body>")
NO_PICTURE: Final = re.compile(r"<body>(refused|failed):(.*)</body>", re.DOTALL)
CHATTER: Final = re.compile(r":(ERROR|WARNING|INFO):")
"""A line of a browser's log that does not end it."""


def find_browser() -> str | None:
    """Find a browser: the one that the variable CHROME names, else one that is installed.

    Raises:
        FileNotFoundError: CHROME names a program that isn't there.
    """
    named = os.environ.get(CHROME)
    if named and not shutil.which(named):
        raise FileNotFoundError(f"{CHROME} names {named!r}, which is not a program")
    names = [named] if named else map(os.path.expandvars, BROWSERS)
    return next((found for name in names if (found := shutil.which(name))), None)


def picture_of(document: Mapping[str, Any], kind: Literal["svg", "png"], browser: str) -> bytes:
    """Draw the picture that the page's menu saves of a graph that was just opened.

    Args:
        document: A document as `GraphWidget.to_dict` returns it.
        kind: The format; a PNG has two pixels for one of the SVG's, up to 16,000 of them a side.
        browser: The path of its program.

    Raises:
        RuntimeError: The browser gave none; the sentence has its last words.
        ValueError: The document is invalid.
    """
    text = page([document], TAKE.replace("KIND", kind.upper()))
    # Helper processes of some browsers still write into the folder for a moment after the end.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder, "page.html")
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
        command = [browser, *ARGUMENTS, f"--user-data-dir={folder}", file.as_uri()]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # for root it has none, and won't start before that is said
        dumped, said = _run(command)
    if found := PICTURE.search(dumped):
        return b64decode(found[1])
    if ended := NO_PICTURE.search(dumped.decode(errors="replace")):
        how, why = ended[1], unescape(ended[2])
        raise ValueError(why) if how == "refused" else _no_picture(browser, why)
    words = [line for line in said.decode(errors="replace").splitlines() if line and not CHATTER.search(line)]
    raise _no_picture(browser, words[-1] if words else "it did not say why")


def _run(command: list[str]) -> tuple[bytes, bytes]:
    """Run a program, and end it with all its children."""
    try:
        process = Popen(command, stdin=DEVNULL, stdout=PIPE, stderr=PIPE, start_new_session=True)
    except OSError as error:
        raise _no_picture(command[0], str(error)) from None
    with process:
        try:
            return process.communicate(timeout=SECONDS)
        except BaseException as error:
            if sys.platform == "win32":
                process.kill()
            else:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()  # until the last of them has ended
            if isinstance(error, TimeoutExpired):
                raise _no_picture(command[0], f"it took longer than {SECONDS:.0f} seconds") from None
            raise


def _no_picture(browser: str, why: str) -> RuntimeError:
    remedy = f"name another browser in {CHROME}, or {FROM_THE_PAGE}"
    return RuntimeError(f"{browser} gave no picture ({why}): {remedy}")
