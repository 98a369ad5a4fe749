"""Widgets read back from a document."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final, TypeVar

import traitlets

from autograd_widget.export.load import json_of, kept_in, scalars_of, text_of
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.records import moved

W = TypeVar("W")

NAMING_NODES: Final = {"passes", "selected"}
"""Keys that name nodes, which may have other places in the new graph."""


def restored(
    make: Callable[..., W],
    kept: Collection[str],
    source: Mapping[str, Any] | str | os.PathLike[str],
    traits: Mapping[str, Any],
) -> W:
    """Make a widget of a document, with scalars of its own.

    Args:
        make: `GraphWidget` or a subclass.
        kept: The traits that a document may have.
        source: A document, its text, or the path of a file with it.
        traits: Traits of the widget, in place of those in the document.

    Raises:
        ValueError: The document is invalid; the sentence says where and why.
        OSError: There is no such file, or it can't be read.
    """
    document = source if isinstance(source, Mapping) else json_of(text_of(source))
    graph = Graph.from_json(document)
    found = kept_in(document, graph)
    nodes = scalars_of(graph)
    given = {name: document[name] for name in kept if document.get(name) is not None}
    if "opened" in given:
        given["opened"] = list(map(int, given["opened"]))
    try:
        widget: Any = make(
            *[nodes[i] for i in graph.outputs],
            sliders={nodes[i]: bounds for i, bounds in found.sliders.items()},
            names=False,
            passes=None if found.preview is None else [nodes[i] for i in found.preview],
            **{**{name: value for name, value in given.items() if name not in NAMING_NODES}, **traits},
        )
        place = {i: widget._position[node] for i, node in enumerate(nodes) if node in widget._position}
        widget._put_back([moved(record, place) for record in found.passes])
    except (KeyError, traitlets.TraitError) as error:  # such as a pass from what no result needs
        raise ValueError(f"graph document: {error.args[0]}") from None
    if found.selected is not None and "selected" not in traits:
        widget.selected = place.get(found.selected)
    restored_widget: W = widget
    return restored_widget
