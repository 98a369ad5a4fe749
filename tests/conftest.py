"""What every test with a browser shares: a Chromium, and a page on which nothing may go wrong unnoticed."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from hatch_build import BUNDLE, is_current, sources
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect, sync_playwright

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

ROOT = Path(__file__).parents[1]
BROWSERS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
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
RESULTS = Path("test-results")

NOT_RUN = pytest.StashKey[str]()
FAILED = pytest.StashKey[bool]()


def find_browser() -> str | None:
    """The path of a Chromium or Chrome: the one that CHROME names, else an installed one.

    Raises:
        FileNotFoundError: CHROME names a program that isn't there.
    """
    named = os.environ.get("CHROME")
    if named and not shutil.which(named):
        raise FileNotFoundError(f"CHROME names {named!r}, which is not a program.")
    return next((found for name in ([named] if named else BROWSERS) if (found := shutil.which(name))), None)


def install_browser() -> None:
    """Install Debian's Chromium where that is ours to do, as root on Debian, and a font for Chinese."""
    release = Path("/etc/os-release")
    if not (release.is_file() and re.search(r"^ID=debian$", release.read_text(), re.MULTILINE)):
        return
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("update", "install --yes --no-install-recommends chromium fonts-noto-cjk"):
        subprocess.run(["apt-get", "-qq", *command.split()], env=quiet, check=False)


def how_to_install() -> str:
    """One sentence for whoever has to do it."""
    system = {"Darwin": "`brew install --cask chromium`", "Linux": "`apt-get install chromium` or the like"}
    return (
        "There is no Chromium or Chrome here: install one "
        f"({system.get(platform.system(), 'from its own site')}), or name one in the variable CHROME."
    )


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The built bundle, of the sources as they are now."""
    built = ROOT / BUNDLE
    assert is_current(built, sources(ROOT / "js")), f"{BUNDLE} is missing or out of date: run `make build`."
    return built


@pytest.fixture(scope="session")
def chromium(pytestconfig: pytest.Config) -> str:
    """The path of a browser. Without one its tests are reported as not run; under CI they fail."""
    found = find_browser()
    if found is None:
        install_browser()
        found = find_browser()
    if found is not None:
        return found
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(how_to_install())
    pytestconfig.stash[NOT_RUN] = how_to_install()
    pytest.skip(how_to_install())


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def patience_ms() -> float:
    """How long to wait for something to happen on a page. The tests of a host, with a kernel, wait longer."""
    return 10_000


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    """Patterns of console errors that are a host's own; the tests of a host override this, with reasons."""
    return ()


@pytest.fixture
def page(
    browser: Browser, host_noise: tuple[str, ...], patience_ms: float, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A fresh page, on which an error in the console, an exception or a request to elsewhere is a failure."""
    expect.set_options(timeout=patience_ms)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(patience_ms)
    complaints = watch(context)
    page = context.new_page()
    yield page
    if request.node.stash.get(FAILED, False):
        RESULTS.mkdir(exist_ok=True)
        page.screenshot(path=RESULTS / f"{request.node.name}.png")
    context.close()
    wrong = [one for one in complaints if not any(re.search(noise, one) for noise in host_noise)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


def watch(context: BrowserContext) -> list[str]:
    """A list that fills with what goes wrong on the pages of a context."""
    wrong: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            wrong.append(f"console: {message.text} ({message.location['url']})")

    def on_request(url: str) -> None:
        if leaves(url):
            wrong.append(f"left: {url}")

    context.on("console", on_console)
    context.on("weberror", lambda error: wrong.append(f"exception: {error.error}"))
    context.on("request", lambda request: on_request(request.url))
    context.on("page", lambda page: page.on("websocket", lambda socket: on_request(socket.url)))
    return wrong


def leaves(url: str) -> bool:
    """Whether a request goes anywhere but to this machine."""
    parts = urlsplit(url)
    return parts.scheme not in {"file", "data", "blob", "about"} and parts.hostname != "127.0.0.1"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, for its page to leave a picture."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say at the very end, where it is read, that the browser tests did not run."""
    if NOT_RUN in config.stash:
        terminalreporter.section("browser tests NOT RUN", red=True, bold=True)
        terminalreporter.line(config.stash[NOT_RUN])
