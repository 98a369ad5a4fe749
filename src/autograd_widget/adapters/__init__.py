"""Graphs of other engines: read, recorded, checked."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import AbstractContextManager
from importlib import import_module
from typing import Any

from .check import check_engine
from .foreign import Mirror, read
from .recording import watching
from .shapes import is_node, register_adapter

__all__ = ["Mirror", "check_engine", "is_node", "read", "record", "register_adapter"]


def record(
    *classes: type, names: Mapping[Any, str] | None = None, limit: int = 20_000
) -> AbstractContextManager[Any]:
    """Watch a computation, so that `GraphWidget` can draw what it made.

    Args:
        *classes: Classes of one's own, whose methods are watched: `with record(Value):`. Without any, PyTorch
            is: `with record():`.
        names: Labels, by node or tensor, instead of the names of variables.
        limit: The largest number of scalars.

    Raises:
        TypeError: One is no class.
        ImportError: PyTorch is to be watched, and is not installed.
    """
    if classes:
        return watching(*classes, names=names, limit=limit)
    torch = import_module(".pytorch", __name__)  # only where it is meant
    watched: AbstractContextManager[Any] = torch.record_torch(names, limit, sys._getframe(1))
    return watched
