"""Reading documents back: the scalars of the graph, and the state of the widget beside it."""

from __future__ import annotations

import json
import os
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
from autograd_widget.graph.document import refuse, shown
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.ranges import Range, checked_range
from autograd_widget.graph.records import Record, numbers_in, read_all

ONE_OF: Final = {"language": ("", "en", "zh"), "rankdir": ("auto", "LR", "TB", "BT")}
"""The values allowed for some keys."""


@dataclass(frozen=True)
class Kept:
    """The valid state of a widget in a document, as far as it names nodes."""

    passes: list[Record]
    preview: list[int] | None
    selected: int | None
    sliders: dict[int, Range]


def text_of(source: str | os.PathLike[str]) -> str:
    """Read a text: the source itself where it is JSON, else the file that it names.

    Raises:
        OSError: There is no such file, or it can't be read.
        ValueError: It is no text.
    """
    if isinstance(source, str) and source.lstrip()[:1] in ("{", "[", ""):
        return source
    try:
        return Path(source).read_text("utf-8-sig")
    except UnicodeDecodeError:
        refuse(f"{os.fspath(source)} is not a text in UTF-8")


def json_of(text: str) -> Mapping[str, Any]:
    """Parse a text as a JSON object.

    Raises:
        ValueError: It is none.
    """
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        refuse(f"not JSON ({error})")
    if not isinstance(found, Mapping):
        refuse(f"{shown(found)} is not an object")
    return found


def kept_in(document: Mapping[str, Any], graph: Graph) -> Kept:
    """Read the state of the widget in a document; missing keys are as in a new widget.

    Raises:
        ValueError: Something is invalid; the sentence says what.
    """
    try:
        passes = read_all(_given(document, "passes", list, []), graph)
    except ValueError as error:
        refuse(str(error))
    preview = _given(document, "preview", list, None)
    for root in preview or ():
        _check_node(graph, "preview", root)
    selected = document.get("selected")
    if selected is not None:
        _check_node(graph, "selected", selected)
    for key, known in ONE_OF.items():
        if (found := _given(document, key, str, known[0])) not in known:
            there_are = ", ".join(f'"{one}"' for one in known if one)
            refuse(f'"{key}" is {shown(found)}, and there are {there_are}')
    _given(document, "read_only", bool, False)
    for group in _given(document, "opened", list, []):
        if type(group) is not int or group < 0:
            refuse(f'"opened" names {shown(group)}, which is not the number of a group')
    return Kept(
        passes=[*_residual(_given(document, "carried", dict, {}), graph), *passes],
        preview=preview,
        selected=selected,
        sliders=_sliders(_given(document, "sliders", dict, {}), graph),
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


def _given(document: Mapping[str, Any], key: str, kind: type, default: Any) -> Any:
    found = document.get(key)
    if found is None:
        return default
    if not isinstance(found, kind):
        words = {list: "a list", dict: "an object", bool: "true or false", str: "a string"}
        refuse(f'"{key}" is {shown(found)}, which is not {words[kind]}')
    return found


def _check_node(graph: Graph, key: str, i: Any) -> None:
    if type(i) is not int or not 0 <= i < len(graph):
        refuse(f'"{key}" names {shown(i)}, which is not a node')


def _residual(given: Mapping[str, Any], graph: Graph) -> list[Record]:
    """Read the residual gradients of older documents (key `carried`) as gradients set by hand on leaves."""
    computed = {str(i) for i, operands in enumerate(graph.inputs) if operands}
    leaves = {key: x for key, x in given.items() if key not in computed}
    try:
        residual = numbers_in(leaves, graph, "carried")
    except ValueError as error:
        refuse(str(error))
    return [Record(None, count=0, live=False, added=residual)] if residual else []


def _sliders(given: Mapping[str, Any], graph: Graph) -> dict[int, Range]:
    leaves = {str(i): i for i, op in enumerate(graph.ops) if op == LEAF}
    for key in given:
        if key not in leaves:
            refuse(f'"sliders" names {shown(key)}, which is not a leaf')
    try:
        return {leaves[key]: checked_range(name_of(graph, leaves[key]), x) for key, x in given.items()}
    except ValueError as error:
        refuse(str(error))
