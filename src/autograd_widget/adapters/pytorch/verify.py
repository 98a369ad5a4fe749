"""A check that the gradients of a drawn graph are PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph

from .modes import plainly
from .nodes import element_name
from .tape import RefusedError, Tensor
from .unroll import TOLERANCE, Unroller


def check_gradients(u: Unroller, root: Scalar, result: Tensor, hooked: list[Tensor]) -> None:
    """Compare every leaf's gradient with PyTorch's, if its graph is still there.

    Raises:
        RefusedError: One differs; the sentence names the `autograd.Function` or the hook that makes it so.
    """
    if not result.requires_grad:
        return
    graph = Graph.of(root)
    assert graph.nodes is not None  # noqa: S101 # it was just taken from scalars
    held = {
        u.leaves[node]: i for i, node in enumerate(graph.nodes) if node in u.leaves and node.requires_grad
    }
    leaves = list({id(t): t for t, _ in held}.values())
    try:
        with plainly():
            found = torch.autograd.grad(result, leaves, retain_graph=True, materialize_grads=True)
    except RuntimeError:  # freed by a backward pass, or stale
        return
    graph.backward(graph.outputs[0])
    for t, grad in zip(leaves, found, strict=True):
        row = grad.detach().reshape(-1).tolist()
        largest = max([abs(x) for x in row if math.isfinite(x)], default=0.0)
        for place, wanted in enumerate(row):
            ours = graph.grads[held[t, place]] if (t, place) in held else 0.0
            if not _agree(ours, wanted, t.dtype, largest):
                name = element_name(u.names.get(id(t), "a leaf"), tuple(t.shape), place)
                raise RefusedError(
                    f"the gradient of {name} is {wanted:.6g} in PyTorch and {ours:.6g} by the chain rule of "
                    f"what was recorded: {_why(result, [*leaves, *hooked], u)}"
                )


def _agree(x: float, y: float, dtype: Any, largest: float) -> bool:
    if math.isnan(x) and math.isnan(y):
        return True
    relative, absolute = TOLERANCE[dtype]
    return x == y or abs(x - y) <= relative * max(abs(x), abs(y)) + 10.0 * absolute * max(1.0, largest)


def _why(result: Tensor, tensors: list[Tensor], u: Unroller) -> str:
    names = {type(f).__name__.removesuffix("Backward") for f in _functions(result) if _is_custom(f)}
    if names:
        return f"{' and '.join(sorted(names))} has a backward of its own, which can't be drawn"
    hooked = [t for t in tensors if t._backward_hooks]
    if hooked:
        return f"a hook on {u.names.get(id(hooked[0]), 'a tensor')} changes it, which can't be drawn"
    return "a hook, or a write that PyTorch doesn't see, changes it, which can't be drawn"


def _is_custom(function: Any) -> bool:
    return isinstance(function, torch.autograd.function.BackwardCFunction)


def _functions(result: Tensor) -> Iterator[Any]:
    """The nodes of PyTorch's own graph."""
    waiting, seen = [result.grad_fn], set()
    while waiting:
        function = waiting.pop()
        if function is None or function in seen:
            continue
        seen.add(function)
        yield function
        waiting += [following for following, _ in function.next_functions]
