"""Exports of a graph with its passes: a document, a page, a picture, a program."""

from __future__ import annotations

import json
import os
import shutil
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import graphviz  # type: ignore[import-untyped]

from autograd_widget.explain.messages import MESSAGES
from autograd_widget.graph.document import MIME
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.ranges import Range

from . import html, programs
from .browser import FROM_THE_PAGE, find_browser, picture_of
from .files import write_whole
from .graphviz import SMALL, Digraph, draw_passes, set_look, small_png

MOST_KEPT: Final = 1_000
"""The most nodes of a document in an output: a notebook takes some 70 bytes a node."""

NO_PROGRAM: Final = (
    "Chrome, Chromium, Edge or Graphviz's program `dot` draws this, and none is installed where Python runs: "
    f"install one, or {FROM_THE_PAGE}"
)


@dataclass(frozen=True)
class Snapshot:
    """A graph of scalars at one moment, with all that its exports need."""

    graph: Graph
    """A graph that was taken from scalars, with the labels to show."""
    passes: programs.Passes
    """The passes that a program runs, in order."""
    totals: Mapping[int, float]
    """The gradient of each leaf whose gradient the passes don't give."""
    sliders: Mapping[int, Range]
    """The ranges that were given for sliders, by leaf."""
    view: Mapping[str, Any]
    """Further keys of the document: the state of the view, passes as it has them."""
    language: str = ""

    def to_dict(self) -> dict[str, Any]:
        """The graph document, with the values of now and the state of the view."""
        sliders = {str(leaf): list(given) for leaf, given in self.sliders.items()}
        return {**self.graph.to_dict(), "sliders": sliders, **self.view}

    def to_json(self) -> str:
        """The document as text."""
        return json.dumps(self.to_dict(), separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    def to_html(self, whole: bool = True) -> str:
        """A page of its own, or the element alone."""
        return html.page([self.to_dict()]) if whole else html.element(self.to_dict())

    def to_dot(self) -> str:
        """The graph in Graphviz's language."""
        return str(_digraph(self).source)

    def to_svg(self) -> str:
        """The picture as SVG, drawn by a browser or else by Graphviz.

        Raises:
            RuntimeError: There is neither, or it fails.
        """
        return _drawn(self, "svg").decode("utf-8")

    def to_png(self) -> bytes:
        """The picture as pixels, drawn by a browser or else by Graphviz.

        Raises:
            RuntimeError: There is neither, or it fails.
        """
        return _drawn(self, "png")

    def to_pytorch(self) -> str:
        """A program for PyTorch."""
        return programs.to_pytorch(self.graph, self.passes, self.totals)

    def to_micrograd(self) -> str:
        """A program for micrograd."""
        return programs.to_micrograd(self.graph, self.passes, self.totals)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file, whole or not at all, of the kind that its name ends in.

        Raises:
            ValueError: The name ends in something else.
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

    def mime_bundle(self, text: str) -> dict[str, Any]:
        """Make the outputs beside a widget: the document, and a picture or else a text.

        Args:
            text: The widget's repr.
        """
        kept: dict[str, Any] = {MIME: self.to_dict()} if len(self.graph) <= MOST_KEPT else {}
        if len(self.graph) <= SMALL and (png := small_png(_digraph(self))):
            return {**kept, "image/png": b64encode(png).decode()}
        return {**kept, "text/plain": f"{text}\n{MESSAGES[self.language].live}"}


def _digraph(snapshot: Snapshot) -> Digraph:
    graph = snapshot.graph
    all_nodes, unused = graph.nodes or [], graph.unused()
    nodes = [node for i, node in enumerate(all_nodes) if i not in unused]
    picture = graphviz.Digraph(format="svg")
    set_look(picture, "LR")
    draw_passes(picture, nodes, "backward", {all_nodes[i]: label for i, label in graph.labels.items()})
    return picture


def _drawn(snapshot: Snapshot, kind: Literal["svg", "png"]) -> bytes:
    if browser := find_browser():
        return picture_of(snapshot.to_dict(), kind, browser)
    if shutil.which("dot"):
        return _piped(_digraph(snapshot), kind)
    raise RuntimeError(NO_PROGRAM)


def _piped(picture: Digraph, kind: Literal["svg", "png"]) -> bytes:
    if kind == "png":
        picture.graph_attr["dpi"] = "192"
    try:
        return bytes(picture.pipe(format=kind))
    except graphviz.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip()
        raise RuntimeError(f"Graphviz's program `dot` failed: {said}") from None
