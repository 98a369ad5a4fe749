"""Computational graphs of scalars, live in the notebook: values, gradients, and where each comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .graph import Graph
from .scalar import Node, Scalar, Value

if TYPE_CHECKING:
    from .draw import draw_dot, draw_graph
    from .widget import GraphWidget

__version__ = "0.1.0"

__all__ = ["Graph", "GraphWidget", "Node", "Scalar", "Value", "draw_dot", "draw_graph"]

_ON_DEMAND = {"GraphWidget": "widget", "draw_dot": "draw", "draw_graph": "draw"}


def __getattr__(name: str) -> Any:
    # The engine alone must not pay for ipywidgets, which takes longer to import than most graphs to compute.
    if name in _ON_DEMAND:
        from importlib import import_module  # noqa: PLC0415

        return getattr(import_module(f".{_ON_DEMAND[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
