"""Where the page's program is: one file, built from `js/`, that widgets and standalone pages carry."""

from __future__ import annotations

from pathlib import Path
from typing import Final

BUNDLE: Final = Path(__file__).parent / "static" / "widget.js"


def bundle_text() -> str:
    """The program as text.

    Raises:
        ImportError: It was not built.
    """
    try:
        return BUNDLE.read_text("utf-8")
    except FileNotFoundError:
        raise ImportError("the page's bundle is missing from this checkout: run `make build`") from None
