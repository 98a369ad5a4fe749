"""Sources: results of other engines, their mirror scalars, and writing back to their objects."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from importlib import import_module
from inspect import isroutine
from numbers import Real
from types import ModuleType
from typing import Any, Protocol

from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.holders import attributes_of

from .foreign import Mirror, read
from .identify import refuse_what_keeps_nothing
from .raw import read_raw
from .shapes import is_node, is_written_in_python


class Source(Protocol):
    """Objects of another engine, and our scalars for them."""

    roots: list[Scalar]

    def scalar_of(self, obj: Any) -> Scalar | None:
        """The scalar of an object; None for an object outside the graph."""

    def pull(self) -> None:
        """Take over what was set on the objects: numbers, gradients, labels."""

    def push(self) -> None:
        """Write what the scalars hold into the objects."""


class ForeignSource:
    """Results of another engine, some of ours among them perhaps.

    Args:
        results: The results to draw.
    """

    def __init__(self, results: Sequence[Any]) -> None:
        self._results = tuple(results)
        self.mirror: Mirror
        self.roots: list[Scalar] = []
        self.pull()

    def scalar_of(self, obj: Any) -> Scalar | None:
        """The scalar of an object; None for an object outside the graph."""
        return self.mirror.scalar_of(obj)

    def pull(self) -> None:
        """Take over what was set on the objects: numbers, gradients, labels."""
        foreign = [result for result in self._results if not isinstance(result, Scalar)]
        self.mirror = read(*foreign)
        roots = iter(self.mirror.roots)
        self.roots = [x if isinstance(x, Scalar) else next(roots) for x in self._results]
        self.mirror.pull_gradients()

    def push(self) -> None:
        """Write what the scalars hold into the objects."""
        self.mirror.push()


def source_of(results: Sequence[Any]) -> Source | None:
    """The source of some results; None where all are scalars of ours, or nothing that is drawn.

    Raises:
        TypeError: One can't be drawn; the sentence says what to do instead.
        ValueError: A graph leads back to itself.
    """
    others = [result for result in results if not isinstance(result, Scalar)]
    torch = sys.modules.get("torch")
    if torch is not None and any(isinstance(result, torch.Tensor) for result in others):
        source: Source = import_module(".pytorch", __package__).source_of(results)
        return source
    for result in others:
        _refuse_what_is_no_result(result)
    if not others or not all(is_node(result) for result in others):
        return None
    return ForeignSource(results)


def watched(arguments: Mapping[str, Any]) -> Callable[[], AbstractContextManager[Any]]:
    """Record each run of a function whose arguments hold PyTorch's tensors or modules."""
    found: Callable[[], AbstractContextManager[Any]]
    found = import_module(".pytorch", __package__).recordings_of(arguments)
    return found


def is_of_torch(given: Any) -> bool:
    """Test whether something is a PyTorch tensor or module, without importing PyTorch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(given, torch.Tensor | torch.nn.Module)


def _refuse_what_is_no_result(result: Any) -> None:
    name = getattr(result, "__name__", type(result).__name__)
    if isinstance(result, type):
        raise TypeError(
            f"GraphWidget draws a result, and {name} is a class: make nodes of it, and draw what they give"
        )
    if isroutine(result):
        raise TypeError(
            f"GraphWidget draws a result, and {name} is a function: call it, as in GraphWidget({name}(…)), "
            f"or use explore({name}, …)"
        )
    if isinstance(result, ModuleType) or (callable(result) and callable(getattr(result, "parameters", None))):
        raise TypeError(
            f"GraphWidget draws a result, and a {type(result).__name__} is a model: call it, as in "
            "GraphWidget(model(x))"
        )
    shape = getattr(result, "shape", None)
    if isinstance(shape, tuple) and hasattr(result, "dtype"):
        raise TypeError(
            f"GraphWidget draws results that know how they were computed, and {type(result).__name__} holds "
            "numbers alone: compute with Scalar, or with a class of your own"
        )
    if is_node(result):
        read_raw(result)  # its error names the mistake
    elif is_written_in_python(type(result)) and _computes(result):
        refuse_what_keeps_nothing(type(result))


def _computes(result: Any) -> bool:
    """Test whether an object has a number and operators, as a node that keeps nothing else."""
    has_number = any(isinstance(held, Real) for held in attributes_of(result).values())
    return has_number and all(hasattr(type(result), name) for name in ("__add__", "__mul__"))
