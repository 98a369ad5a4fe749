"""`draw_graph` and `draw_dot`: a computation drawn by Graphviz.

Where the `dot` program is missing, showing a picture shows the graph all the same, as a widget without
controls.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import graphviz  # type: ignore[import-untyped]

from autograd_widget.engine.observers import unobserve
from autograd_widget.engine.scalar import Scalar, _upstream
from autograd_widget.export.graphviz import SMALL, Direction, draw_ops, draw_passes, set_look, small_png

MOST_LINES: Final = 3 * SMALL
"""The limit of Graphviz's lines for a picture with a PNG beside it: one per node, and one per operand."""

NO_DOT: Final = "Graphviz's program `dot` is not installed, so the graph is shown without it."
DOT_FAILED: Final = "Graphviz's program `dot` failed on this picture, so the graph is shown without it."


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is shown even where `dot` is missing."""

    def __init__(self, root: Scalar, file_format: str = "svg", rankdir: str = "LR") -> None:
        super().__init__(format=file_format)
        set_look(self, rankdir)
        self.root = root

    def render(self, *args: Any, **kwargs: Any) -> str:
        """Write a file, as graphviz does."""
        with _another_way():
            return str(super().render(*args, **kwargs))

    def pipe(self, *args: Any, **kwargs: Any) -> Any:
        """Return a file's content, as graphviz does."""
        with _another_way():
            return super().pipe(*args, **kwargs)

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **kwargs: Any) -> dict[str, Any]:
        try:
            bundle = dict(super()._repr_mimebundle_(include, exclude, **kwargs))
        except (graphviz.ExecutableNotFound, OSError):  # the latter where Python can start no program at all
            return _without_dot(self.root, NO_DOT, "noDot")
        except graphviz.CalledProcessError:
            return _without_dot(self.root, DOT_FAILED, "")
        # JupyterLab shows no SVG in a notebook that is not trusted.
        is_wanted = not include and not exclude and "image/svg+xml" in bundle
        if is_wanted and len(self.body) <= MOST_LINES and (png := small_png(self)):
            bundle["image/png"] = b64encode(png).decode()
        return bundle


@contextmanager
def _another_way() -> Iterator[None]:
    """Raise an error that names an alternative if `dot` is missing."""
    try:
        yield
    except graphviz.ExecutableNotFound as error:
        sentence = (
            'Graphviz\'s program `dot` is not installed: g = GraphWidget(y), and then g.save("y.svg") or '
            'g.save("y.png"), writes a picture without it'
        )
        error.args = (sentence,)
        raise


def draw_graph(y: Scalar, direction: Direction = "forward") -> Picture:
    """Draw the computation of `y`; parameters, inputs and computations look different.

    Contributions along edges are not stored but recomputed: the gradient of the last pass times the local
    derivative at the values of now. After a value is set by hand, run `forward()` and `backward()`.

    Args:
        y: The result.
        direction: `"forward"` draws values and the edges along which they went; `"backward"` draws `.grad` as
            well, or that no pass has come, with the edges the other way, each with the contribution of
            the last pass, dashed where nothing flows; `"both"` draws both.

    Raises:
        TypeError: `y` is not a Scalar.
        ValueError: The direction is none of the three.
    """
    _check_root(y, "draw_graph")
    if direction not in ("forward", "backward", "both"):
        raise ValueError(f"the direction is 'forward', 'backward' or 'both', not {direction!r}")
    picture = Picture(y)
    draw_passes(picture, _upstream(y), direction, {})
    return picture


def draw_dot(
    root: Scalar,
    format: str = "svg",  # noqa: A002 # micrograd's name for it
    rankdir: str = "LR",
) -> Picture:
    """Draw micrograd's picture: every value with its data and gradient, every op a node of its own.

    Args:
        root: The result.
        format: Any format of Graphviz, `"svg"` or `"png"` for notebooks.
        rankdir: `"LR"` for left to right, `"TB"` for top to bottom.

    Raises:
        TypeError: `root` is not a Scalar.
        ValueError: The direction is neither of the two.
    """
    _check_root(root, "draw_dot")
    if rankdir not in ("LR", "TB"):
        raise ValueError(f"rankdir is 'LR' or 'TB', not {rankdir!r}")
    picture = Picture(root, format, rankdir)
    draw_ops(picture, _upstream(root))
    return picture


def _check_root(y: Any, what: str) -> None:
    if not isinstance(y, Scalar):
        given = type(y).__name__
        raise TypeError(f"{what} draws a Scalar, as in `{what}(y)` after `y = w * x`; it was given {given}")


def _without_dot(root: Scalar, why: str, notice: str) -> dict[str, Any]:
    from .widget import GraphWidget  # noqa: PLC0415 # with Graphviz, pictures do without ipywidgets

    try:
        widget = GraphWidget(root, names=False, passes=(), read_only=True, notice=notice)
        unobserve(widget, widget._leaves)  # a picture is of what was
    except ValueError as error:  # an op that is not in the table can be drawn, and not replayed
        return {"text/plain": f"{why}\nIt cannot be shown here: {error}."}
    data, _ = widget._repr_mimebundle_() or ({}, {})
    return {**data, "text/plain": f"{why}\n{widget!r}"}
