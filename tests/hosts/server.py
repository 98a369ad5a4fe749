"""A server of our own: on 127.0.0.1 only, in a folder of its own, and ended by whoever started it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING, TypeVar
from urllib.error import HTTPError
from urllib.request import urlopen

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

START_S = 90
"""The time limit for a server to answer, on a slow machine."""
END_S = 15
"""The time limit for ending its kernels."""

T = TypeVar("T")


class Server:
    """A program that answers at a port, started and waited for. All that it reads or writes is in one folder.

    Args:
        folder: The folder that it may write to.
        command: The command to start; it must listen on `port`.
        port: A free one.
        site: A folder that its Python finds packages in first: where the wheel is installed.
        more: Further variables of its environment.
        answers: A path that answers once the server is ready.
    """

    def __init__(
        self,
        folder: Path,
        command: Sequence[str | Path],
        port: int,
        site: Path | None = None,
        more: Mapping[str, str] | None = None,
        answers: str = "/",
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._name = " ".join(str(part) for part in command[:4])
        self._log = folder / "server.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                env={**isolated(folder, site), **(more or {})},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # so that it ends as a group
            )
        try:
            until(lambda: self._answers(answers) or None, START_S, lambda: f"{self._name}:\n{self.log()}")
        except BaseException:
            self.stop()
            raise

    def _answers(self, path: str) -> bool:
        if self._process.poll() is not None:
            raise RuntimeError(f"{self._name} ended at once:\n{self.log()}")
        try:
            with urlopen(f"{self.url}{path}"):
                return True
        except HTTPError:
            return True
        except OSError:
            return False

    def log(self) -> str:
        """Read the log of the server."""
        return self._log.read_text(errors="replace")

    def stop(self) -> None:
        """End the server, which ends its kernels; if it does not, end it by force, and they notice."""
        if self._process.poll() is not None:
            return
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


def isolated(folder: Path, site: Path | None = None) -> dict[str, str]:
    """An environment in which nothing of the user's is read or changed."""
    kept = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("JUPYTER", "IPYTHON", "MARIMO", "SOLARA", "BOKEH", "PANEL", "XDG_"))
    }
    return {
        **kept,
        "HOME": str(folder / "home"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "IPYTHONDIR": str(folder / "ipython"),
        **({"PYTHONPATH": str(site), "JUPYTER_PATH": str(site / "share/jupyter")} if site else {}),
    }


def free_port() -> int:
    """A port that no one listens on now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    return port


def until(found: Callable[[], T | None], seconds: float, complaint: Callable[[], str]) -> T:
    """Ask again and again until there is an answer.

    Raises:
        TimeoutError: There was none in time.
    """
    end = time.monotonic() + seconds
    while (answer := found()) is None:
        if time.monotonic() > end:
            raise TimeoutError(complaint())
        time.sleep(0.1)
    return answer
