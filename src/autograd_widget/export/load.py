"""Reading documents back: the scalars of the graph, and the state of the widget beside it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autograd_widget.engine.core import computed
from autograd_widget.engine.groups import put_into_groups
from autograd_widget.engine.guards import Guard, guard_again
from autograd_widget.engine.ops import CONST, LEAF
from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.names import name_of
from autograd_widget.graph.document import parsed, refuse
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.json_text import shown
from autograd_widget.graph.ranges import Range, checked_range
from autograd_widget.graph.records import Record, numbers_in, read_all

IN_A_PAGE: Final = re.compile(r'<autograd-graph><script type="application/json">(.*?)</script>', re.DOTALL)
"""A document in a page of ours, where `<` is escaped."""


@dataclass(frozen=True)
class Kept:
    """The valid state of a widget in a document, as far as it names nodes."""

    passes: list[Record]
    preview: list[int] | None
    selected: int | None
    sliders: dict[int, Range]


def text_of(source: str | os.PathLike[str]) -> str:
    """Read a text: the source itself where it is JSON or a page, else the file that it names.

    Raises:
        OSError: There is no such file, or it can't be read.
        ValueError: It is no text.
    """
    if isinstance(source, str) and source.lstrip()[:1] in ("{", "[", "<", ""):
        return source
    try:
        return Path(source).read_text("utf-8-sig")
    except UnicodeDecodeError:
        refuse(f"{os.fspath(source)} is not a text in UTF-8")


def json_of(text: str) -> Mapping[str, Any]:
    """Parse a text as a JSON object, or the one graph in a page that was saved.

    Raises:
        ValueError: It is neither.
    """
    if text.lstrip().startswith("<"):
        graphs = IN_A_PAGE.findall(text)
        if len(graphs) != 1:
            refuse(f"this page has {len(graphs)} graphs, and one is read: save it as JSON with its menu")
        text = graphs[0]
    found = parsed(text)
    if not isinstance(found, Mapping):
        refuse(f"{shown(found)} is not an object")
    return found


def kept_in(document: Mapping[str, Any], graph: Graph) -> Kept:
    """Read the state of the widget in the document of a graph; missing keys are as in a new widget.

    Raises:
        ValueError: Something is invalid; the sentence says what.
    """
    preview, selected = document.get("preview"), document.get("selected")
    passes = read_all(document.get("passes") or [], graph)
    return Kept(
        passes=[*_residual(document.get("carried", {}), graph), *passes],
        preview=None if preview is None else list(map(int, preview)),
        selected=None if selected is None else int(selected),
        sliders=_sliders(document.get("sliders") or {}, graph),
    )


def scalars_of(graph: Graph) -> list[Scalar]:
    """Make new scalars with the values, labels, ops and groups of a graph, one per node."""
    nodes: list[Scalar] = []
    for i, op in enumerate(graph.ops):
        if op == LEAF:
            node = Scalar(graph.values[i], requires_grad=graph.needs_grad[i])
        elif op == CONST:
            node = Scalar(graph.values[i], op=CONST)
        else:
            name = graph.customs[i].name if i in graph.customs else op
            node = computed(name, [nodes[j] for j in graph.inputs[i]], graph._rows.get(i))
        if i in graph.labels:
            node.label = graph.labels[i]
        nodes.append(node)
    put_into_groups(nodes, graph.groups)
    guard_again([Guard(op, nodes[left], nodes[right], outcome) for op, left, right, outcome in graph.guards])
    return nodes


def _residual(given: Any, graph: Graph) -> list[Record]:
    """Read the residual gradients of older documents (key `carried`) as gradients set by hand on leaves."""
    computed = {str(i) for i, operands in enumerate(graph.inputs) if operands}
    leaves = given
    if isinstance(given, Mapping):
        leaves = {key: x for key, x in given.items() if key not in computed}
    try:
        residual = numbers_in(leaves, graph, "carried")
    except ValueError as error:
        refuse(str(error))
    return [Record(None, count=0, live=False, added=residual)] if residual else []


def _sliders(given: Mapping[str, Any], graph: Graph) -> dict[int, Range]:
    return {int(key): checked_range(name_of(graph, int(key)), x) for key, x in given.items()}
