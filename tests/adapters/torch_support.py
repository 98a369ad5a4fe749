"""Comparing a recorded program with PyTorch's own numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

from autograd_widget import Graph, Scalar
from autograd_widget.adapters.pytorch import Recording, record_torch, recording_of

DOUBLE = torch.float64


def normal(*shape: int, seed: int = 0, requires_grad: bool = True, dtype: Any = DOUBLE) -> Any:
    """Normally distributed numbers, always the same."""
    generator = torch.Generator().manual_seed(seed + 7 * sum(shape))
    return torch.randn(*shape, generator=generator, dtype=dtype).requires_grad_(requires_grad)


def parameter(value: Any, dtype: Any = DOUBLE) -> Any:
    """A leaf."""
    return torch.tensor(value, dtype=dtype, requires_grad=True)


def shown(result: Any) -> tuple[Scalar, Recording]:
    """The scalar of a recorded number, and its recording."""
    recording = recording_of(result)
    return recording.scalar_of(result), recording


def compared(program: Callable[..., Any], *leaves: Any, limit: int = 20_000) -> tuple[Graph, Recording]:
    """Record a program; its value to the bit, and each leaf's gradient, are as without recording."""
    random = torch.get_rng_state()
    wanted = program(*leaves)
    wanted.backward()
    grads = [None if t.grad is None else t.grad.clone() for t in leaves]
    for t in leaves:
        t.grad = None
    torch.set_rng_state(random)
    with record_torch({t: f"t{i}" for i, t in enumerate(leaves)}, limit, None):
        result = program(*leaves)
    assert torch.equal(result, wanted) or (bool(result.isnan()) and bool(wanted.isnan()))
    root, recording = shown(result)
    result.backward()
    for t, grad in zip(leaves, grads, strict=True):
        assert (t.grad is None) == (grad is None)
        if grad is not None:
            assert torch.equal(t.grad.nan_to_num(7.0), grad.nan_to_num(7.0))
    graph = Graph.of(root)
    graph.backward(graph.outputs[0])
    _compare_leaves(graph, recording, leaves, result.dtype)
    for t in leaves:
        t.grad = None
    return graph, recording


def _compare_leaves(graph: Graph, recording: Recording, leaves: Sequence[Any], dtype: Any) -> None:
    tolerance = 1e-9 if dtype == DOUBLE else 2e-3
    drawn = {recording.unroller.leaves.get(node): i for i, node in enumerate(graph.nodes or [])}
    for t in {*leaves, *(held[0] for held in drawn if held)}:
        for place, wanted in enumerate([] if t.grad is None else t.grad.reshape(-1).tolist()):
            found = graph.grads[drawn[t, place]] if (t, place) in drawn else 0.0
            same = math.isclose(found, wanted, rel_tol=tolerance, abs_tol=tolerance)
            assert same or (math.isnan(found) and math.isnan(wanted)), (place, found, wanted)
