"""A widget as documents, pages, pictures and programs."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from anywidget import AnyWidget

from autograd_widget.export.files import write_whole
from autograd_widget.export.programs import passes_in
from autograd_widget.export.snapshot import Snapshot

from .acting import Acting
from .lifetime import lifetimes
from .restore import restored
from .traits import NOT_KEPT

if TYPE_CHECKING:
    from typing_extensions import Self


class Exporting(Acting):
    """A widget that can be written to files, and made of a document."""

    @classmethod
    def from_json(cls, source: Mapping[str, Any] | str | os.PathLike[str], **traits: Any) -> Self:
        """Make a widget of a document of `to_json`, with scalars of its own.

        Args:
            source: A document, its text, or the path of a file with it.
            traits: Traits of the widget, in place of those in the document.

        Raises:
            ValueError: The document is invalid; the sentence says where and why.
            OSError: There is no such file, or it can't be read.
        """
        return restored(cls, cls._kept(), source, traits)

    def to_dict(self) -> dict[str, Any]:
        """The graph document with the current values, and the state of the view: passes, selection, …."""
        return self._snapshot().to_dict()

    def to_json(self) -> str:
        """The graph document as text; `from_json` reads it."""
        return self._snapshot().to_json()

    def to_html(self, whole: bool = True) -> str:
        """A page that needs no kernel and no network: sliders, steps, inspector and all.

        Args:
            whole: False for the element alone, `<autograd-graph>`: put several on a page of your own, and the
                `autograd_widget.html.script_tag()` once.
        """
        return self._snapshot().to_html(whole)

    def to_dot(self) -> str:
        """The graph in Graphviz's language, as `draw_graph(y, "backward")` draws it, with all results."""
        return self._snapshot().to_dot()

    def to_svg(self) -> str:
        """The picture that the page's menu ⤓ saves, of the widget as it opens in a wide window.

        A browser draws it that is installed where Python runs: Chrome, Chromium or Edge, or the one that the
        variable CHROME names. Where there is none, it is Graphviz's picture, as `draw_graph` has it.

        Raises:
            RuntimeError: There is neither a browser nor Graphviz's program `dot`, or it fails.
            FileNotFoundError: CHROME names a program that isn't there.
        """
        return self._snapshot().to_svg()

    def to_png(self) -> bytes:
        """The picture of `to_svg` as pixels, two for each of the screen's.

        Raises:
            RuntimeError: There is neither a browser nor Graphviz's program `dot`, or it fails.
            FileNotFoundError: CHROME names a program that isn't there.
        """
        return self._snapshot().to_png()

    def to_pytorch(self) -> str:
        """A Python program that computes the same values and gradients with PyTorch."""
        return self._snapshot().to_pytorch()

    def to_micrograd(self) -> str:
        """A Python program that computes the same values and gradients with micrograd.

        It computes with Python's own numbers: where these divide by 0, overflow or leave the domain of a
        function, the program stops.
        """
        return self._snapshot().to_micrograd()

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
        return self._snapshot().save(path)

    def save_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the page of `to_html`, whole or not at all.

        Raises:
            OSError: It can't be written. Then the file is as it was.
        """
        return write_whole(path, self.to_html())

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, its document for when it is gone, and for other readers a picture, or else a text."""
        shown: tuple[dict[str, Any], dict[str, Any]] | None = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        lifetimes.keep(self)
        data, metadata = shown
        return {**data, **self._snapshot().mime_bundle(repr(self))}, metadata

    def _program(self, name: str) -> dict[str, str]:
        """The text of a program or page that a page asks for, or the sentence that says why there is none."""
        write = {
            "PyTorch": self.to_pytorch,
            "micrograd": self.to_micrograd,
            "HTML": self.to_html,
            "DOT": self.to_dot,
        }
        try:
            text = write[name]()
        except Exception as error:  # noqa: BLE001 # the page says it
            self._note_error(error)
            return {"error": str(error)}
        return {"text": text.encode("utf-8", "backslashreplace").decode()}

    def _snapshot(self) -> Snapshot:
        view = {name: getattr(self, name) for name in self._kept()}
        if self._previewed is not None:
            view["preview"] = list(self._own.previewed)
        if self._check is not None:
            view["check"] = self._check
        passes, totals = passes_in(self._history)
        return Snapshot(
            graph=self._graph,
            passes=passes,
            totals=totals,
            sliders=self._ranges,
            view={name: value for name, value in view.items() if value or type(value) in (int, list)},
            language=self.language,
        )

    @classmethod
    def _kept(cls) -> list[str]:
        ours = cls.class_traits(sync=True).keys() - AnyWidget.class_traits(sync=True) - NOT_KEPT
        return sorted(name for name in ours if name[0] != "_")  # anywidget adds some of its own
