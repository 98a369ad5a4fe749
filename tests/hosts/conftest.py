"""The hosts: each runs for real, in a temporary folder, and is ended by whoever started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from hosts.jupyterlab import JupyterLab

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def patience_ms() -> float:
    """A kernel on a busy machine may take a while to answer."""
    return 20_000


@pytest.fixture
def host_noise() -> tuple[str, ...]:
    """JupyterLab's widget manager reports each change that it can no longer send, and goes on."""
    return (r"^console: Could not send widget sync message Error: Cannot send",)


@pytest.fixture(scope="session")
def jupyterlab(
    chromium: str,  # noqa: ARG001 (without a browser there is nothing to start it for)
    bundle: Path,  # noqa: ARG001 (what its kernels will send to the page)
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[JupyterLab]:
    """A running JupyterLab."""
    server = JupyterLab(tmp_path_factory.mktemp("jupyterlab"))
    yield server
    server.stop()
