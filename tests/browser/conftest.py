"""Serves the built bundle and the stand-in for a notebook, on this machine only."""

from __future__ import annotations

import threading
from functools import partial
from http.server import ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from browser.harness import Site

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page


@pytest.fixture(scope="session")
def site(bundle: Path) -> Iterator[str]:
    """The address of a small server of the bundle and of the pages that show it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Site, bundle)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def page(page: Page, site: str) -> Page:
    """A page at that address, for `harness.show` to fill."""
    page.goto(site)
    return page
