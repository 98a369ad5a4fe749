"""An estimate of the number of scalars of a result, before any is made."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from .context import Context
from .moves import MOVES
from .products import PRODUCTS
from .tape import Call, Operand, RefusedError

FAR_ABOVE: Final = 4
"""The multiple of the limit above which a result is refused unseen; below it, scalars are counted as made."""


def too_many(limit: int) -> str:
    """A sentence with the ways out of a graph that is too large."""
    return (
        f"the limit is {limit:,}; record fewer samples, a narrower layer or fewer steps, or raise it with "
        "record(limit=…)"
    )


def check_size(calls: Sequence[Call], u: Context) -> None:
    """Refuse a result far above the limit; one near it is made and counted.

    Raises:
        RefusedError: The sentence says how many there would be, and where most of them are.
    """
    sizes = [scalars_of(call) for call in calls]
    leaves = sum(_new_leaves(call) for call in calls)
    count = sum(sizes) + leaves
    if count <= FAR_ABOVE * u.limit:
        return
    size, call = max(zip(sizes, calls, strict=True), key=lambda pair: pair[0])
    raise RefusedError(
        f"this result is made of about {count:,} scalars, {size:,} of them in {described(call)}: "
        f"{too_many(u.limit)}"
    )


def scalars_of(call: Call) -> int:
    """Estimate the number of scalars of a call."""
    out = sum(math.prod(shape) for shape, _ in call.outs)
    operands = [a for a in call.args if isinstance(a, Operand)]
    if call.name in MOVES:
        return 0
    if call.name in PRODUCTS:
        return out * (operands[-2].shape[-1] + 1)
    if call.name == "convolution":
        return out * (math.prod(operands[1].shape[1:]) + 1)
    if "attention" in call.name:
        query, key = operands[:2]
        return math.prod(query.shape) * key.shape[-2] * 2
    return out


def _new_leaves(call: Call) -> int:
    """Elements of weights, which are counted with the op that takes them."""
    return (
        sum(math.prod(o.shape) for o in call.operands() if o.ids is not None) if call.name in PRODUCTS else 0
    )


def described(call: Call) -> str:
    """A call with its shapes, and the module that it is in."""
    shapes = ", ".join("×".join(map(str, o.shape)) or "1" for o in call.operands())
    inside = f" in {call.scope.name}" if call.scope is not None else ""
    return f"{call.name} of {shapes}{inside}"
