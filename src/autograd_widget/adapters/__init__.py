"""Graphs of other engines: read, recorded, checked, explored."""

from __future__ import annotations

from .check import check_engine
from .foreign import Mirror, read
from .shapes import is_node, register_adapter

__all__ = ["Mirror", "check_engine", "is_node", "read", "register_adapter"]
