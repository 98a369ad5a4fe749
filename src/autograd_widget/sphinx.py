"""A renderer for myst-nb, which otherwise warns of the document beside a widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from .graph.document import MIME


class Silent:
    """Entry point of `myst_nb.mime_renderers`."""

    mime_priority_overrides: ClassVar[Sequence[tuple[str, str, int | None]]] = ()

    @staticmethod
    def handle_mime(_renderer: Any, data: Any, _inline: bool) -> list[Any] | None:
        """Render the document of a graph as nothing; return None for anything else, which others render."""
        return [] if data.mime_type == MIME else None
