"""What can be taken away of a widget: a page, a picture, a document, a program."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import traitlets
from anywidget import AnyWidget

from autograd_widget.explain.messages import MESSAGES
from autograd_widget.graph.document import MIME
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.number import encode_number

from . import html, programs
from .browser import FROM_THE_PAGE, find_browser, picture_of
from .files import write_whole
from .load import json_of, kept_in, scalars_of, text_of

if TYPE_CHECKING:
    from typing_extensions import Self

    from autograd_widget.engine.scalar import Scalar
    from autograd_widget.graph.history import History

    from .graphviz import Picture

NOT_KEPT: Final = {"graph", "values", "frozen", "notice", "customs"}
"""The traits that are in the document's graph, or in no document. The others are kept beside it, by name."""

MOST_KEPT: Final = 1_000
"""Nodes of a graph whose document goes along: as notebooks write it, it has some 70 bytes a node."""

NO_PROGRAM: Final = (
    "Chrome, Chromium, Edge or Graphviz's program `dot` draws this, and none is installed where Python runs: "
    f"install one, or {FROM_THE_PAGE}"
)


class Exports:
    """The exports of `GraphWidget`, which is the one class that has them."""

    language: Any
    _graph: Graph
    _history: History
    _nodes: list[Scalar]
    _position: dict[Scalar, int]
    _roots: tuple[Scalar, ...]
    _graph_document: Callable[[], dict[str, Any]]

    @classmethod
    def from_json(cls, source: Mapping[str, Any] | str | os.PathLike[str], **traits: Any) -> Self:
        """A widget of what `to_json` wrote, with scalars of its own.

        Args:
            source: A document, its text, or the path of a file with it.
            traits: Traits of the widget, in place of those in the document.

        Raises:
            ValueError: The document is off; the sentence says where and why.
            OSError: There is no such file, or it can't be read.
        """
        document = source if isinstance(source, Mapping) else json_of(text_of(source))
        graph = Graph.from_json(document)
        kept = kept_in(document, graph)
        nodes = scalars_of(graph)
        given = {name: document[name] for name in cls._kept() if document.get(name) is not None}
        apart = {"passes", "carried", "selected"}  # they name nodes, which may have other places now
        make: Any = cls
        try:
            widget = make(
                *[nodes[i] for i in graph.outputs],
                sliders={nodes[i]: bounds for i, bounds in kept.sliders.items()},
                names=False,
                passes=[nodes[i] for i in kept.passes],
                **{**{name: value for name, value in given.items() if name not in apart}, **traits},
            )
        except (KeyError, traitlets.TraitError) as error:  # such as a pass from what no result needs
            raise ValueError(f"graph document: {error.args[0]}") from None
        place = widget._position
        carried = {
            str(place[nodes[i]]): encode_number(x) for i, x in kept.carried.items() if nodes[i] in place
        }
        if carried:
            widget.carried = carried
        if kept.selected is not None and "selected" not in traits:
            widget.selected = place.get(nodes[kept.selected])
        return widget  # type: ignore[no-any-return]

    @classmethod
    def _kept(cls) -> list[str]:
        own: Any = cls
        ours = own.class_traits(sync=True).keys() - AnyWidget.class_traits(sync=True) - NOT_KEPT
        return sorted(name for name in ours if name[0] != "_")  # anywidget adds some of its own

    def to_dict(self) -> dict[str, Any]:
        """The graph document with the values of now, and what the view needs besides: passes, choice, …."""
        kept = {name: getattr(self, name) for name in self._kept()}
        told = {name: value for name, value in kept.items() if value or type(value) in (int, list)}
        return {**self._graph_document(), **told}

    def to_json(self) -> str:
        """The same as text; `from_json` reads it."""
        return json.dumps(self.to_dict(), separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    def to_html(self, whole: bool = True) -> str:
        """A page that needs no kernel and no network: sliders, steps, inspector and all.

        Args:
            whole: False for the element alone, `<autograd-graph>`: put several on a page of your own, and the
                `autograd_widget.html.script_tag()` once.
        """
        return html.page([self.to_dict()]) if whole else html.element(self.to_dict())

    def to_dot(self) -> str:
        """The graph in Graphviz's language, as `draw_graph(y, "backward")` draws it, with all results."""
        return str(self._picture().source)

    def to_svg(self) -> str:
        """The picture that the page's menu ⤓ saves, of the widget as it opens in a wide window.

        A browser draws it that is installed where Python runs: Chrome, Chromium or Edge, or the one that the
        variable CHROME names. Where there is none, it is Graphviz's picture, as `draw_graph` has it.

        Raises:
            RuntimeError: There is neither a browser nor Graphviz's program `dot`, or it fails.
            FileNotFoundError: CHROME names a program that isn't there.
        """
        return self._drawn("svg").decode("utf-8")

    def to_png(self) -> bytes:
        """The same picture as pixels, two for each of the screen's.

        Raises:
            RuntimeError: There is neither a browser nor Graphviz's program `dot`, or it fails.
            FileNotFoundError: CHROME names a program that isn't there.
        """
        return self._drawn("png")

    def to_pytorch(self) -> str:
        """A Python program that computes the same values and gradients with PyTorch."""
        return programs.to_pytorch(self._graph, self._history.passes, self._history.carried)

    def to_micrograd(self) -> str:
        """A Python program that computes the same values and gradients with micrograd.

        It computes with Python's own numbers: where these divide by 0, overflow or leave the domain of a
        function, the program stops.
        """
        return programs.to_micrograd(self._graph, self._history.passes, self._history.carried)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file, whole or not at all, of the kind that its name ends in.

        Args:
            path: `.html`, `.json`, `.dot`, `.svg`, `.png`, or `.py` for PyTorch.

        Returns:
            The path.

        Raises:
            ValueError: The name ends in something else.
            RuntimeError: It is a picture, and nothing is installed that draws one, or it fails.
            OSError: It can't be written. Then the file is as it was.
        """
        writers: dict[str, Callable[[], str | bytes]] = {
            ".html": self.to_html,
            ".json": self.to_json,
            ".dot": self.to_dot,
            ".svg": self.to_svg,
            ".png": self.to_png,
            ".py": self.to_pytorch,
        }
        kind = Path(path).suffix.lower()
        if kind not in writers:
            ends = ", ".join(writers)
            raise ValueError(f"a file to save ends in one of {ends}, and not as {os.fspath(path)!r}")
        return write_whole(path, writers[kind]())

    def save_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the page of `to_html`, whole or not at all.

        Raises:
            OSError: It can't be written. Then the file is as it was.
        """
        return write_whole(path, self.to_html())

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, its document for when it is gone, and for other readers a picture, or else a text."""
        shown = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if shown is None:
            return None
        data, metadata = shown
        if len(self._graph) <= MOST_KEPT:
            data = {**data, MIME: self.to_dict()}
        from .graphviz import SMALL, small_png  # noqa: PLC0415 # as below

        small = len(self._graph) <= SMALL
        if small and (png := small_png(self._picture())):
            return {**data, "image/png": b64encode(png).decode()}, metadata
        live = MESSAGES[self.language].live
        return {**data, "text/plain": f"{self!r}\n{live}"}, metadata

    def _drawn(self, kind: Literal["svg", "png"]) -> bytes:
        if browser := find_browser():
            return picture_of(self.to_dict(), kind, browser)
        if shutil.which("dot"):
            return _piped(self._picture(), kind)
        raise RuntimeError(NO_PROGRAM)

    def _picture(self) -> Picture:
        from .graphviz import drawn  # noqa: PLC0415 # most widgets are never drawn by Graphviz

        labels = {self._nodes[i]: label for i, label in self._graph.labels.items()}
        return drawn(self._roots, "backward", labels)


def _piped(picture: Picture, kind: Literal["svg", "png"]) -> bytes:
    from graphviz import CalledProcessError  # type: ignore[import-untyped]  # noqa: PLC0415 # as `draw`

    if kind == "png":
        picture.graph_attr["dpi"] = "192"
    try:
        return bytes(picture.pipe(format=kind))
    except CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"Graphviz's program `dot` failed: {said}") from None
