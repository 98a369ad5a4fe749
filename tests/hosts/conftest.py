"""The hosts: each runs for real, in a temporary folder, and is ended by whoever started it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from hosts.jupyterlab import JupyterLab

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]


@pytest.fixture
def patience_ms() -> float:
    """A kernel on a busy machine may take a while to answer."""
    return 20_000


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel that users install, for every platform: JupyterLite needs it so."""
    folder = tmp_path_factory.mktemp("wheel")
    build = (sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder)
    env = {**os.environ, "AUTOGRAD_WIDGET_COMPILE": "0"}
    subprocess.run(build, cwd=ROOT, env=env, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def site(
    chromium: str,  # noqa: ARG001 (without a browser there is nothing to start a host for)
    wheel: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A folder with the wheel installed, which the hosts' Pythons find before anything else."""
    site = tmp_path_factory.mktemp("site")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index")
    subprocess.run((*pip, "--target", site, wheel), check=True)
    return site


@pytest.fixture(scope="session")
def jupyterlab(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterLab]:
    """A running JupyterLab."""
    lab = JupyterLab(tmp_path_factory.mktemp("jupyterlab"), site)
    yield lab
    lab.stop()


TOOK = pytest.StashKey[list[tuple[str, float]]]()


def pytest_configure(config: pytest.Config) -> None:
    """Have a place for what took how long."""
    config.stash[TOOK] = []


@pytest.fixture
def took(pytestconfig: pytest.Config) -> list[tuple[str, float]]:
    """By host the seconds from opening its page until the widget is there."""
    return pytestconfig.stash[TOOK]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say how long the hosts took: the table in `docs/hosts.md`."""
    if config.stash[TOOK]:
        terminalreporter.section("seconds until a widget is there")
        for name, seconds in config.stash[TOOK]:
            terminalreporter.line(f"{seconds:6.1f}  {name}")
