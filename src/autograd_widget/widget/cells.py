"""Reading the objects of other engines when a cell ends: they notify nobody of changes."""

from __future__ import annotations

import sys
from typing import Any, Final, Protocol
from weakref import WeakSet


class Reader(Protocol):
    """A widget on objects of another engine."""

    def _read_objects(self) -> None:
        """Take over the changes of the objects."""


class Cells:
    """The widgets that read their objects when a cell ends."""

    def __init__(self) -> None:
        self._readers: WeakSet[Any] = WeakSet()
        self._shell: Any = None

    def watch(self, reader: Reader) -> None:
        """Have a widget read its objects at the end of each cell, where there are cells."""
        self._readers.add(reader)
        ipython = sys.modules.get("IPython")
        shell = ipython.get_ipython() if ipython else None
        if shell is not None and shell is not self._shell:
            self._shell = shell
            shell.events.register("post_run_cell", self.ended)

    def ended(self, *_: object) -> None:
        """Have them all read."""
        for reader in list(self._readers):
            reader._read_objects()


cells: Final = Cells()
