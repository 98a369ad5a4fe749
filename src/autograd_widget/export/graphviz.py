"""Graphviz pictures of a computation: with passes as in books, with ops as in micrograd."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal, TypeAlias

import graphviz  # type: ignore[import-untyped]

from autograd_widget.engine.ops import CONST
from autograd_widget.engine.pass_log import last_pass
from autograd_widget.engine.recorded import name_of_op
from autograd_widget.engine.scalar import Scalar, _contributions

SMALL = 80
"""The most nodes of a picture in an output, and the most bytes, since saved notebooks keep it."""
FEW_BYTES = 40_000
SECONDS = 3.0
"""The time limit of `dot`, in seconds."""

Direction = Literal["forward", "backward", "both"]
Digraph: TypeAlias = Any
"""A `graphviz.Digraph`; that package has no types."""

NOT_RUN = "not run yet"
"""The text in place of a gradient where no pass has come, which differs from a gradient of 0."""

NOT_IN_XML = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

KINDS = {
    "parameter": {"color": "#217a4b", "penwidth": "2"},
    "input": {"color": "#5f6a7a", "style": "dashed,rounded"},
    "constant": {"color": "#8b97a8", "style": "dotted"},
    "operation": {"color": "#8b97a8", "style": "rounded"},
}


def draw_passes(
    picture: Digraph, nodes: Sequence[Scalar], direction: Direction, labels: Mapping[Scalar, str]
) -> None:
    """Draw what some results were computed from, as `draw_graph` shows it.

    Args:
        picture: The picture to draw in.
        nodes: The results and everything upstream, operands first.
        direction: `"forward"`, `"backward"` or `"both"`.
        labels: Labels for some scalars, in place of their own.
    """
    # Only the pass that came here last counts; contributions of earlier passes are not part of it.
    last = last_pass(nodes)
    for i, node in enumerate(nodes):
        said = _what_to_say(node, labels.get(node, node.label), direction)
        picture.node(str(i), _lines(*said), **KINDS[kind_of(node)])
    number = {node: str(i) for i, node in enumerate(nodes)}
    for node in nodes:
        sent = _contributions(node) if node.prevs and last and node._pass is last else None
        for slot, operand in enumerate(node.prevs):
            if direction != "backward":
                picture.edge(number[operand], number[node], color="#8b97a8")
            if direction != "forward":
                if sent is not None and operand.requires_grad:
                    look = {"label": f"{sent[slot]:.2f}", "color": "#1d66c2"}
                else:
                    look = {"style": "dashed"}
                picture.edge(number[node], number[operand], **look)


def draw_ops(picture: Digraph, nodes: Sequence[Scalar]) -> None:
    """Draw values and ops as nodes of their own, as `draw_dot` shows them."""
    number = {node: str(i) for i, node in enumerate(nodes)}
    for node in nodes:
        name = [node.label] if node.label else []
        grad = NOT_RUN if node.requires_grad and not node.reached else f"{node.grad:.4f}"
        picture.node(number[node], _lines(*name, f"data {node.value:.4f}", f"grad {grad}"))
        if node.prevs:
            picture.node(
                f"op{number[node]}", graphviz.nohtml(graphviz.escape(name_of_op(node))), shape="ellipse"
            )
            picture.edge(f"op{number[node]}", number[node])
        for operand in node.prevs:
            picture.edge(number[operand], f"op{number[node]}")


def set_look(picture: Digraph, rankdir: str) -> None:
    """Set the fonts, sizes and direction that all our pictures have."""
    picture.graph_attr["rankdir"] = rankdir
    picture.attr("node", shape="box", fontname="sans-serif", fontsize="11", margin="0.08,0.04")
    picture.attr("edge", fontname="sans-serif", fontsize="10", arrowsize="0.7")


def kind_of(node: Scalar) -> str:
    """The kind of a node: `"parameter"`, `"input"` (a frozen leaf), `"constant"` or `"operation"`."""
    if node.prevs:
        return "operation"
    if node.op == CONST:
        return "constant"
    return "parameter" if node.requires_grad else "input"


def small_png(picture: Digraph) -> bytes | None:
    """Draw a picture for readers without widgets; None where `dot` is missing or slow, or it is large."""
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


def _what_to_say(node: Scalar, label: str, direction: Direction) -> list[str]:
    if not node.prevs and not node.requires_grad:
        return [f"{label}={node.value:.2f}" if label else f"{node.value:.2f}"]
    name = label or name_of_op(node)
    grad = f"{node.grad:.2f}" if node.reached else NOT_RUN
    gradient = [f"grad={grad}"] if direction != "forward" and node.requires_grad else []
    return [*gradient, f"value={node.value:.2f}", *([name] if name else [])]


def _lines(*lines: str) -> str:
    # An HTML-like label, in which the backslash is the only special character of Graphviz.
    written = [escape(NOT_IN_XML.sub(REPLACEMENT, line)).replace("\\", "\\\\") for line in lines]
    return f"<{'<BR/>'.join(written)}>"
