"""Names of tensors and modules: the caller's variables; for parameters as in `named_parameters()`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import FrameType
from typing import Any

import torch

from .tape import Tensor


def variables_of(frame: FrameType) -> list[tuple[str, Any]]:
    """The caller's variables, its own before its module's; not those that begin with an underscore."""
    scopes = [frame.f_locals] if frame.f_locals is frame.f_globals else [frame.f_locals, frame.f_globals]
    return [(name, held) for scope in scopes for name, held in dict(scope).items() if _is_name(name)]


def _is_name(name: str) -> bool:
    return name.isidentifier() and name[0] != "_"


class Names:
    """Names of tensors and modules.

    Args:
        variables: The caller's.
        given: Names that were given instead, by tensor.
    """

    def __init__(self, variables: list[tuple[str, Any]], given: Mapping[Tensor, str] | None) -> None:
        self.tensors: list[tuple[Tensor, str]] = []
        """Tensors with their first name, leaves before results."""
        self.modules: dict[int, str] = {}
        """By the `id()` of a module its name within its root, or its variable."""
        self._known: set[int] = set()
        held = [(name, value) for name, value in variables if isinstance(value, torch.nn.Module)]
        for name, module in held:
            self.modules.setdefault(id(module), name)
        for _, module in held:
            for path, part in module.named_modules():
                self.modules.setdefault(id(part), path)
        if given is not None:
            for t, name in given.items():
                self._name(t, name)
            return
        loose = [pair for pair in tensors_held(variables) if not isinstance(pair[0], torch.nn.Parameter)]
        for t, name in sorted(loose, key=lambda pair: not pair[0].is_leaf or pair[0]._base is not None):
            self._name(t, name)
        self._name_parameters(held)
        for t, name in tensors_held(variables):
            self._name(t, name)

    def _name_parameters(self, held: list[tuple[str, Any]]) -> None:
        """Name parameters as `named_parameters()` does, after the module's variable if the name is shared."""
        found: list[tuple[str, str, Tensor]] = []
        seen: set[int] = set()
        for variable, module in held:
            for path, t in [*module.named_parameters(), *module.named_buffers()]:
                if id(t) not in seen:
                    seen.add(id(t))
                    found.append((variable, path, t))
        uses = Counter(path for _, path, _ in found)
        for variable, path, t in found:
            self._name(t, path if uses[path] == 1 else f"{variable}.{path}")

    def _name(self, t: Tensor, name: str) -> None:
        if id(t) not in self._known:
            self._known.add(id(t))
            self.tensors.append((t, name))


def tensors_held(variables: list[tuple[str, Any]]) -> list[tuple[Tensor, str]]:
    """Tensors that variables hold, by themselves or in a list or tuple."""
    found = [(value, name) for name, value in variables if isinstance(value, torch.Tensor)]
    return [*found, *_in_lists(variables)]


def _in_lists(variables: list[tuple[str, Any]]) -> Iterator[tuple[Tensor, str]]:
    for name, value in variables:
        if isinstance(value, list | tuple) and len(value) <= 1000:
            for i, item in enumerate(value):
                if isinstance(item, torch.Tensor):
                    yield item, f"{name}[{i}]"
