"""The names that a person gave: labels, and the variables of the caller that hold a scalar."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType

from .scalar import Scalar


def variable_names(frame: FrameType) -> dict[Scalar, str]:
    """The scalars that the variables of a frame hold, by themselves or in a list or tuple (`w`, `layer[2]`).

    The first variable that holds a scalar names it. Variables that begin with an underscore name nothing: notebooks
    keep their outputs there.
    """
    names: dict[Scalar, str] = {}
    for variable, held in list(frame.f_locals.items()):
        if variable.startswith("_"):
            continue
        if isinstance(held, Scalar):
            names.setdefault(held, variable)
    for variable, held in list(frame.f_locals.items()):
        if isinstance(held, list | tuple) and not variable.startswith("_"):
            for i, item in enumerate(held):
                if isinstance(item, Scalar):
                    names.setdefault(item, f"{variable}[{i}]")
    return names


def labels_of(nodes: Iterable[Scalar], variables: dict[Scalar, str]) -> dict[int, str]:
    """Per position the label of a scalar, else its variable's name; neither, no entry. Constants have no name."""
    found = ((i, node.label or variables.get(node, "")) for i, node in enumerate(nodes))
    return {i: name for i, name in found if name}
