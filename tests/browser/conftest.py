"""Serves the built bundle and the stand-in for a notebook, on this machine only."""

from __future__ import annotations

import threading
import time
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from browser.harness import Site
from chromium import FAILED, new_context

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page

CLOCK_MOVED = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def site(bundle: Path) -> Iterator[str]:
    """The address of a small server of the bundle and of the pages that show it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, bundle)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="session")
def profiles() -> list[BrowserContext]:
    """The profile that the tests share while it is as it was: a new one takes longer than most of them."""
    return []


@pytest.fixture
def context(
    browser: Browser, profiles: list[BrowserContext], request: pytest.FixtureRequest
) -> Iterator[BrowserContext]:
    """The shared profile. One in which a test failed, or moved the clock, is not used again."""
    if not profiles:
        profiles.append(new_context(browser))
    shared = profiles[0]
    yield shared
    if request.node.stash.get(FAILED, False) or request.node.stash.get(CLOCK_MOVED, True):
        profiles.clear()
        shared.close()


@pytest.fixture
def page(page: Page, site: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page at that address, for `harness.show` to fill."""
    page.goto(site)
    yield page
    seconds: float = page.evaluate("Date.now() / 1000")
    request.node.stash[CLOCK_MOVED] = abs(seconds - time.time()) > 10
