"""For myst-nb, which warns of outputs that it doesn't know: it shows the widget, and not its document."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .graph.document import MIME


class Silent:
    """An entry point of `myst_nb.mime_renderers`."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = ()

    @staticmethod
    def handle_mime(_renderer: Any, data: Any, _inline: bool) -> list[Any] | None:
        """Nothing where the document of a graph stands; None for everything else, which others draw."""
        return [] if data.mime_type == MIME else None
