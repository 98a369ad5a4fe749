"""A check that the gradients of a drawn graph are PyTorch's."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import torch

from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph

from .modes import plainly
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
    held = [
        (i, *u.leaves[node]) for i, node in enumerate(graph.nodes) if node in u.leaves and node.requires_grad
    ]
    leaves = list({id(t): t for _, t, _ in held}.values())
    try:
        with plainly():
            found = torch.autograd.grad(result, leaves, retain_graph=True, allow_unused=True)
    except RuntimeError:  # freed by a backward pass, or stale
        return
    grads = {
        id(t): None if g is None else g.detach().reshape(-1).tolist()
        for t, g in zip(leaves, found, strict=True)
    }
    graph.backward(graph.outputs[0])
    largest: dict[int, float] = {}
    for key, row in grads.items():
        largest[key] = max([abs(x) for x in row or [0.0] if math.isfinite(x)], default=0.0)
    for i, t, place in held:
        row = grads[id(t)]
        wanted = 0.0 if row is None else row[place]
        if not _agree(graph.grads[i], wanted, t.dtype, largest[id(t)]):
            name = graph.labels.get(i, "a leaf")
            raise RefusedError(
                f"the gradient of {name} is {wanted:.6g} in PyTorch and {graph.grads[i]:.6g} by the chain "
                f"rule of what was recorded: {_why(result, [*leaves, *hooked], u)}"
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
