"""Fixtures for tests with a browser: a Chromium, and a page on which any error fails the test."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hatch_build import BUNDLE, is_current, sources
from hypothesis import settings
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from autograd_widget.export.browser import find_browser
from chromium import ARGUMENTS, FAILED, how_to_install, new_context, program_for_pages, watched

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "test-results"

# Random cases are equal in each run, so that a failure comes from the change, not from new cases.
# `pytest --hypothesis-profile=others` draws others.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("others", deadline=None)
settings.load_profile("same")


@pytest.fixture(scope="session")
def bundle() -> Path:
    """The built bundle, of the sources as they are now."""
    built = ROOT / BUNDLE
    assert is_current(built, sources(ROOT / "js")), f"{BUNDLE} is missing or out of date: run `make build`."
    return built


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a browser. Without one its tests are reported as not run; under CI they fail."""
    found = find_browser()
    if found is not None:
        return found
    if os.environ.get("CI", "").lower() in {"1", "true"}:
        pytest.fail(how_to_install())
    pytest.skip(how_to_install())


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    """One browser for the whole run."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program_for_pages(chromium), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def patience_ms() -> float:
    """The time limit for changes on a page. The tests of hosts with a kernel have a longer one."""
    return 10_000


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    """Patterns of console errors that are a host's own; the tests of a host override this, with reasons."""
    return ()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A profile of its own for each test."""
    context = new_context(browser)
    yield context
    context.close()


@pytest.fixture
def page(
    context: BrowserContext, host_noise: tuple[str, ...], patience_ms: float, request: pytest.FixtureRequest
) -> Iterator[Page]:
    """A fresh page, on which an error in the console, an exception or a request to elsewhere is a failure."""
    expect.set_options(timeout=patience_ms)
    context.set_default_timeout(patience_ms)
    with watched(context) as complaints:
        page = context.new_page()
        yield page
        if request.node.stash.get(FAILED, False):
            page.screenshot(path=RESULTS / f"{re.sub('[^A-Za-z0-9.-]+', '_', request.node.name)}.png")
        page.close()
    wrong = [one for one in complaints if not any(re.search(noise, one) for noise in host_noise)]
    assert not wrong, "\n".join(dict.fromkeys(wrong))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember that a test failed, for its page to leave a picture."""
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at the very end, where it is read, that the browser tests did not run."""
    skipped = terminalreporter.stats.get("skipped", [])
    if any(how_to_install() in str(report.longrepr) for report in skipped):
        terminalreporter.section("browser tests NOT RUN", red=True, bold=True)
        terminalreporter.line(how_to_install())
