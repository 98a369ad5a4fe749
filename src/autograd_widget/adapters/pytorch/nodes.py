"""Making scalars: ops of the table, literals, sums, and the name of an element."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any

import torch

from autograd_widget.engine.ops import CONST, OPS
from autograd_widget.engine.scalar import Scalar, apply


def constant(value: float) -> Scalar:
    """A literal."""
    return Scalar(value, op=CONST)


def number_in(x: Any) -> float:
    """The number of a scalar, or of a plain number."""
    return x._value if isinstance(x, Scalar) else float(x)


def is_constant(x: Any) -> bool:
    """Test whether a node is a literal; an op of literals alone gives a literal."""
    return not isinstance(x, Scalar) or x.op == CONST


def op(name: str, *operands: Any) -> Scalar:
    """The result of an op of the table; of literals, a literal."""
    if all(map(is_constant, operands)):
        return constant(OPS[name].forward(*[number_in(x) for x in operands]))
    found: Scalar = apply(name, *operands)
    return found


def total(terms: Sequence[Any]) -> Scalar:
    """The sum of one term or more, as one node."""
    if not terms:
        return constant(0.0)
    if len(terms) == 1:
        return terms[0] if isinstance(terms[0], Scalar) else constant(terms[0])
    return op("+", *terms) if len(terms) == 2 else op("sum", *terms)


def shortest(value: float, dtype: Any) -> float:
    """The shortest decimal that is this number in its dtype: 0.1 and not 0.10000000149011612."""
    if dtype != torch.float32 or not math.isfinite(value):
        return value
    for digits in range(6, 9):
        short = float(f"{value:.{digits}g}")
        if abs(short) < 3e38 and struct.unpack("f", struct.pack("f", short))[0] == value:
            return short
    return value


def element_name(name: str, shape: Sequence[int], place: int) -> str:
    """`w[0,1]` for an element of a tensor, `w` for a number."""
    index = []
    for size in reversed(shape):
        place, i = divmod(place, size)
        index.append(str(i))
    return f"{name}[{','.join(reversed(index))}]" if index else name
