"""Rows of ops that are written in other ops of PyTorch, as its documentation defines them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import torch

from .context import Column, Context, Row
from .tape import Call, Tensor


def _composed(function: Callable[..., Tensor]) -> Row:
    """The row of a function of tensors, which takes the op's arguments in the order of its schema."""

    def row(u: Context, call: Call) -> list[Column]:
        return u.run_plainly(function, call.args)

    return row


def _distances(a: Tensor, b: Tensor, p: float, _mode: Any) -> Tensor:
    """The distance of each row of `a` to each row of `b`."""
    return torch.linalg.vector_norm(a.unsqueeze(-2) - b.unsqueeze(-3), p, dim=-1)


def _distances_of_pairs(a: Tensor, p: float) -> Tensor:
    first, second = torch.triu_indices(len(a), len(a), 1)
    return torch.linalg.vector_norm(a[first] - a[second], p, dim=-1)


def _gated(x: Tensor, dim: int) -> Tensor:
    passed, gate = x.chunk(2, dim)
    return passed * torch.sigmoid(gate)


def _product_of_three(*given: Any) -> Tensor:
    """The product of three tensors, each with new dimensions, summed over some."""
    *tensors, new_a, new_b, new_c, over, _ = given
    for i, dimensions in enumerate((new_a, new_b, new_c)):
        for at in dimensions:
            tensors[i] = tensors[i].unsqueeze(at)
    product: Tensor = (tensors[0] * tensors[1] * tensors[2]).sum(over)
    return product


def _soft_margin(x: Tensor, target: Tensor, reduction: int) -> Tensor:
    each = torch.log1p(torch.exp(-target * x))
    return [each, each.mean(), each.sum()][reduction]


COMPOSED: Final[dict[str, Row]] = {
    "_cdist_forward": _composed(_distances),
    "_pdist_forward": _composed(_distances_of_pairs),
    "_trilinear": _composed(_product_of_three),
    "addr": _composed(lambda x, a, b, beta, alpha: beta * x + alpha * torch.outer(a, b)),
    "dist": _composed(lambda a, b, p: torch.linalg.vector_norm(a - b, p)),
    "glu": _composed(_gated),
    "soft_margin_loss": _composed(_soft_margin),
    "trace": _composed(lambda x: x.diagonal().sum()),
}
"""Op → its row."""
