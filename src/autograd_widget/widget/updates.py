"""The times of updates: a visible widget is updated soon, any other when it is seen or read.

While a cell runs, visible widgets are updated some twenty times a second, or less often if updates would take
more than a fifth of the time. At the end of the cell, or of a callback, they show the last state.
"""

from __future__ import annotations

import asyncio
import sys
import warnings
from threading import get_ident
from time import monotonic
from typing import Any, Final, Protocol
from weakref import WeakSet

from autograd_widget.engine.locking import exclusive
from autograd_widget.engine.observers import pulse

INTERVAL: Final = 0.05
SHARE: Final = 4.0
"""The pause after an update, as a multiple of the time that the update took."""


class Shown(Protocol):
    """A widget that somebody sees."""

    _thread: int

    def _look(self) -> None:
        """Take over the changes of the scalars."""


class Updates:
    """The widgets that wait for an update."""

    def __init__(self) -> None:
        self.waiting: WeakSet[Any] = WeakSet()
        self._due = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ends = False
        self._is_called = False
        self._shell: Any = None

    def wait_for_turn(self, widget: Shown) -> None:
        """Update a widget soon: with the next beat that is due, or at the end."""
        self.waiting.add(widget)
        self._ends = self._has_end()
        pulse.beat = self.beat

    def beat(self) -> None:
        """Update the waiting widgets if it is time, or if nothing would update them later."""
        if not self._ends or monotonic() >= self._due:
            self.flush()

    def flush(self) -> None:
        """Update the waiting widgets of this thread."""
        with exclusive:
            self._bring_up_to_date()

    def _bring_up_to_date(self) -> None:
        self._is_called = False
        start = monotonic()
        own = [widget for widget in self.waiting if widget._thread == get_ident()]
        for widget in own:
            self.waiting.discard(widget)
            try:
                widget._look()
            except Exception as error:  # noqa: BLE001 # it is somebody's pass that is running
                warnings.warn(f"a widget could not be brought up to date: {error}", stacklevel=2)
            except BaseException:  # an interrupt
                self.waiting.add(widget)
                raise
        if not self.waiting:
            pulse.beat = None
        now = monotonic()
        self._due = now + max(INTERVAL, SHARE * (now - start))

    def _has_end(self) -> bool:
        """Schedule an update for the end of the running cell or callback; False if there is no such end."""
        try:
            self._loop = asyncio.get_running_loop()
        except RuntimeError:
            is_elsewhere = self._loop is not None and not self._loop.is_closed()
        else:
            is_elsewhere = False
            if not self._is_called:
                self._is_called = True
                self._loop.call_soon(self.flush)
        if is_elsewhere and not self._is_called and self._loop is not None and self._loop.is_running():
            self._is_called = True
            self._loop.call_soon_threadsafe(self.flush)
        return self._has_cell() or self._is_called

    def _has_cell(self) -> bool:
        """Test whether IPython calls back at the end of a cell."""
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython else None
        if shell is not None and shell is not self._shell:
            self._shell = shell
            shell.events.register("post_run_cell", self._cell_ended)
        return shell is not None

    def _cell_ended(self, *_: object) -> None:
        if self.waiting:
            self.flush()


updates: Final = Updates()
