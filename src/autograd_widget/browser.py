"""A picture of the page as a reader sees it, made by a browser that is installed on this machine.

Only a browser knows how a page looks. It is started without a window, on a page of its own that asks nothing
of a network, and ends before the call does.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Literal

from .html import page

CHROME: Final = "CHROME"
"""The variable that may name the browser."""

BROWSERS: Final = (
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
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
)
"""Browsers that can be started without a window and asked for a page's text: all of one family."""

NO_BROWSER: Final = (
    "a picture is drawn by a browser, and neither Chrome nor Chromium nor Edge is installed here: install "
    "one, or take the picture from the page, which needs nothing (the menu ⤓)"
)

WIDTH: Final = 1700
"""In pixels: as wide as a page of its own becomes, so that nothing is left out that a wide window shows."""

SECONDS: Final = 60.0
"""What a picture may take. Most take one second; the layout of tens of thousands of nodes takes another."""

ARGUMENTS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",  # whatever tries to leave gets nowhere
    # Its own clock runs as fast as the work is done, and the page's text is printed when it stands still.
    f"--virtual-time-budget={SECONDS * 1000:.0f}",
    f"--window-size={WIDTH},1000",
    "--dump-dom",
)

TAKE: Final = """
window.requestAnimationFrame = (draw) => setTimeout(draw, 16); // without a window there are no frames
const look = async () => {
  const picture = await document.querySelector("autograd-graph").file?.("KIND");
  if (!picture) return setTimeout(look, 50);
  const reader = new FileReader();
  reader.onload = () => (document.documentElement.innerHTML = reader.result);
  reader.readAsDataURL(new Blob([picture]));
};
setTimeout(look, 50);
"""
"""What the page does besides showing the graph: in the end its text is the picture."""

PICTURE: Final = re.compile(rb"<body>data:[^,]*;base64,([\w+/=]+)</body>")


def find_browser() -> str | None:
    """The path of a browser: the one that the variable CHROME names, else one that is installed.

    Raises:
        FileNotFoundError: CHROME names a program that isn't there.
    """
    named = os.environ.get(CHROME)
    if named and not shutil.which(named):
        raise FileNotFoundError(f"{CHROME} names {named!r}, which is not a program")
    return next((found for name in ([named] if named else BROWSERS) if (found := shutil.which(name))), None)


def picture_of(document: Mapping[str, Any], kind: Literal["svg", "png"], browser: str) -> bytes:
    """What the menu of the page would save of a graph that has just been opened.

    Args:
        document: As `GraphWidget.to_dict` gives it.
        kind: Of the picture; a PNG has two pixels for one of the SVG's, up to 16,000 of them a side.
        browser: The path of its program.

    Raises:
        RuntimeError: The browser gave none; the sentence has its last words.
        ValueError: The document is off.
    """
    text = page([document], TAKE.replace("KIND", kind.upper()))
    # Some have helpers that write into the folder for a moment after they have ended.
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        file = Path(folder, "page.html")
        file.write_text(text, encoding="utf-8", errors="backslashreplace")
        command = [browser, *ARGUMENTS, f"--user-data-dir={folder}", file.as_uri()]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # for root it has none, and won't start before that is said
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise RuntimeError(f"{browser} gave no picture: {error}") from None
    if found := PICTURE.search(done.stdout):
        return b64decode(found[1])
    said = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
    raise RuntimeError(f"{browser} gave no picture: {said or 'it did not say why'}")
