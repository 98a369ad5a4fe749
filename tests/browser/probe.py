"""The measurements of `probe.js` on a view, typed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from view import View

PROBE = Path(__file__).with_name("probe.js").read_text("utf-8")


class Text(TypedDict):
    """A visible text; its size in pixels and its contrast as they are seen."""

    text: str
    size: float
    ratio: float


class Graphic(TypedDict):
    """A line, border or filled shape that says something, and its contrast to what is around it."""

    what: str
    ratio: float


class Target(TypedDict):
    """Something to press or drag."""

    what: str
    height: float


class Box(TypedDict):
    """In pixels of the page."""

    left: float
    top: float
    right: float
    bottom: float


class Point(TypedDict):
    """In pixels of the page."""

    x: float
    y: float


class EdgePath(TypedDict):
    """An edge's course in 100 pieces, and its number's place if that is shown."""

    id: str
    points: list[Point]
    pill: Box | None


def overlap(a: Box, b: Box, slack: float = 0.5) -> bool:
    """Test whether two boxes overlap by more than some pixels."""
    return (
        a["left"] + slack < b["right"]
        and b["left"] + slack < a["right"]
        and a["top"] + slack < b["bottom"]
        and b["top"] + slack < a["bottom"]
    )


class Probe:
    """Measures a view, each time as it is then."""

    def __init__(self, view: View) -> None:
        self._root = view.root

    def texts(self) -> list[Text]:
        found: list[Text] = self._root.evaluate(PROBE, "texts")
        return found

    def graphics(self) -> list[Graphic]:
        found: list[Graphic] = self._root.evaluate(PROBE, "graphics")
        return found

    def targets(self) -> list[Target]:
        """Buttons and controls."""
        found: list[Target] = self._root.evaluate(PROBE, "targets")
        return found

    def cards(self) -> dict[str, Box]:
        """By the id of the node."""
        found: dict[str, Box] = self._root.evaluate(PROBE, "cards")
        return found

    def holders(self) -> dict[str, Box]:
        """The cards that they are in, by the id of the node: a card has rows for leaves that only it uses."""
        found: dict[str, Box] = self._root.evaluate(PROBE, "holders")
        return found

    def edges(self) -> list[EdgePath]:
        found: list[EdgePath] = self._root.evaluate(PROBE, "edges")
        return found

    def clipped(self) -> list[str]:
        """Texts on cards that are cut off."""
        found: list[str] = self._root.evaluate(PROBE, "clipped")
        return found

    def scrolls(self) -> int:
        """Count the scrollable parts with cards in them whose content overflows."""
        found: int = self._root.evaluate(PROBE, "scrolls")
        return found
