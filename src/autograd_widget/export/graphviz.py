"""Graphviz pictures of a computation: `draw_graph` as in books, `draw_dot` as in micrograd.

Where the `dot` program is missing, showing a picture shows the graph all the same, as a widget without
controls.
"""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal

import graphviz  # type: ignore[import-untyped]

from autograd_widget.engine.backward import last_pass
from autograd_widget.engine.observers import unfollow
from autograd_widget.engine.ops import CONST
from autograd_widget.engine.scalar import Scalar, _contributions, _upstream

SMALL = 80
"""The most nodes of a picture that goes along with an output, and the most bytes: saved notebooks keep it."""
FEW_BYTES = 40_000
MOST_LINES = 3 * SMALL
"""The same in lines of Graphviz: each node has one, and each of its operands."""
SECONDS = 3.0
"""How long to wait for it."""

Direction = Literal["forward", "backward", "both"]

NO_DOT = "Graphviz's program `dot` is not installed, so the graph is shown without it."
DOT_FAILED = "Graphviz's program `dot` failed on this picture, so the graph is shown without it."

NOT_IN_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

KINDS = {
    "parameter": {"color": "#217a4b", "penwidth": "2"},
    "input": {"color": "#5f6a7a", "style": "dashed,rounded"},
    "constant": {"color": "#8b97a8", "style": "dotted"},
    "operation": {"color": "#8b97a8", "style": "rounded"},
}


class Picture(graphviz.Digraph):  # type: ignore[misc]
    """A `graphviz.Digraph` that is shown even where `dot` is missing."""

    root: Scalar

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


def draw_graph(y: Scalar, direction: Direction = "forward") -> Picture:
    """The computation of `y` as a picture: parameters, inputs and computations apart.

    What was sent along an edge is not kept but computed again: the gradient that the last pass brought times
    the local derivative at the values of now. After a value is set by hand, run `forward()` and `backward()`.

    Args:
        y: The result.
        direction: `"forward"` draws values and the edges along which they went; `"backward"` draws `.grad` as
            well, or that no pass has come, with the edges the other way, each with what the last pass sent
            along it, dashed where nothing flows; `"both"` draws both.

    Raises:
        TypeError: `y` is not a Scalar.
        ValueError: The direction is none of the three.
    """
    _check_root(y, "draw_graph")
    if direction not in ("forward", "backward", "both"):
        raise ValueError(f"the direction is 'forward', 'backward' or 'both', not {direction!r}")
    return drawn((y,), direction)


def drawn(roots: Sequence[Scalar], direction: Direction, labels: Mapping[Scalar, str] = {}) -> Picture:
    """The same of several results, with other labels than their own for some scalars."""
    nodes = _upstream(*roots)
    # One scope: the pass that came here last. What an earlier one sent elsewhere is no part of it.
    last = last_pass(nodes)
    picture = _picture(roots[-1], "svg", "LR")
    for i, node in enumerate(nodes):
        said = _what_to_say(node, labels.get(node, node.label), direction)
        picture.node(str(i), _lines(*said), **KINDS[kind_of(node)])
    number = {node: str(i) for i, node in enumerate(nodes)}
    for node in nodes:
        sent = _contributions(node) if node.prevs and last and node._pass == last else None
        for slot, operand in enumerate(node.prevs):
            if direction != "backward":
                picture.edge(number[operand], number[node], color="#8b97a8")
            if direction != "forward":
                if sent is not None and operand.requires_grad:
                    look = {"label": f"{sent[slot]:.2f}", "color": "#1d66c2"}
                else:
                    look = {"style": "dashed"}
                picture.edge(number[node], number[operand], **look)
    return picture


def draw_dot(
    root: Scalar,
    format: str = "svg",  # noqa: A002 # micrograd's name for it
    rankdir: str = "LR",
) -> Picture:
    """micrograd's picture: every value with its data and its gradient, every op a node of its own.

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
    nodes = _upstream(root)
    picture = _picture(root, format, rankdir)
    number = {node: str(i) for i, node in enumerate(nodes)}
    for node in nodes:
        name = [node.label] if node.label else []
        picture.node(number[node], _lines(*name, f"data {node.value:.4f}", f"grad {node.grad:.4f}"))
        if node.prevs:
            picture.node(
                f"op{number[node]}", graphviz.nohtml(graphviz.escape(node.op or "")), shape="ellipse"
            )
            picture.edge(f"op{number[node]}", number[node])
        for operand in node.prevs:
            picture.edge(number[operand], f"op{number[node]}")
    return picture


def kind_of(node: Scalar) -> str:
    """`"parameter"`, `"input"` (a frozen leaf), `"constant"` or `"operation"`."""
    if node.prevs:
        return "operation"
    if node.op == CONST:
        return "constant"
    return "parameter" if node.requires_grad else "input"


def small_png(picture: Picture) -> bytes | None:
    """A picture for readers without widgets; None where `dot` is missing or slow, or it would be large."""
    for writer in ("png:gd", "png"):  # the first writes a third of the bytes, and is not everywhere
        try:
            done = subprocess.run(
                ["dot", f"-T{writer}"],
                input=picture.source.encode("utf-8", "replace"),
                capture_output=True,
                timeout=SECONDS,
                check=True,
            )
        except subprocess.CalledProcessError:
            continue
        except (OSError, subprocess.TimeoutExpired):
            return None
        return done.stdout if 0 < len(done.stdout) <= FEW_BYTES else None
    return None


def _check_root(y: Any, what: str) -> None:
    if not isinstance(y, Scalar):
        given = type(y).__name__
        raise TypeError(f"{what} draws a Scalar, as in `{what}(y)` after `y = w * x`; it was given {given}")


def _picture(root: Scalar, file_format: str, rankdir: str) -> Picture:
    picture = Picture(format=file_format, graph_attr={"rankdir": rankdir})
    picture.attr("node", shape="box", fontname="sans-serif", fontsize="11", margin="0.08,0.04")
    picture.attr("edge", fontname="sans-serif", fontsize="10", arrowsize="0.7")
    picture.root = root
    return picture


def _what_to_say(node: Scalar, label: str, direction: Direction) -> list[str]:
    if not node.prevs and not node.requires_grad:
        return [f"{label}={node.value:.2f}" if label else f"{node.value:.2f}"]
    name = label or (node.op or "")
    grad = f"{node.grad:.2f}" if node.reached else "not run yet"  # which is not a gradient of 0
    gradient = [f"grad={grad}"] if direction != "forward" and node.requires_grad else []
    return [*gradient, f"value={node.value:.2f}", *([name] if name else [])]


def _lines(*lines: str) -> str:
    # An HTML-like label: but for the backslash, no character of a name means anything to Graphviz there.
    written = [escape(NOT_IN_XML.sub(REPLACEMENT, line)).replace("\\", "\\\\") for line in lines]
    return f"<{'<BR/>'.join(written)}>"


def _without_dot(root: Scalar, why: str, notice: str) -> dict[str, Any]:
    from autograd_widget.widget.widget import GraphWidget  # noqa: PLC0415 # with Graphviz, pictures do without ipywidgets

    # A picture is of what was: it must neither begin a history nor follow one.
    begun = any(node._runs for node in _upstream(root))
    try:
        widget = GraphWidget(root, names=False, passes=None if begun else (), read_only=True, notice=notice)
        unfollow(widget, widget._leaves)
    except ValueError as error:  # an op that is not in the table can be drawn, and not replayed
        return {"text/plain": f"{why}\nIt cannot be shown here: {error}."}
    data, _ = widget._repr_mimebundle_() or ({}, {})
    return {**data, "text/plain": f"{why}\n{widget!r}"}
