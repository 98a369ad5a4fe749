"""Rows of reductions, and of what runs along a dimension."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Any, Final

import torch

from .context import Column, Context, Row
from .nodes import constant, number_in, op, total
from .tape import Call, Operand, argument


def groups_over(u: Context, operand: Operand, dims: Any) -> list[list[Any]]:
    """The operands of each element of the result."""
    count = len(operand.shape)
    listed = [dims] if isinstance(dims, int) else dims or range(count)
    over = sorted(d % max(1, count) for d in listed)
    if not count:
        return [u.column(operand)]
    places = torch.arange(math.prod(operand.shape)).reshape(operand.shape)
    kept = [d for d in range(count) if d not in over]
    rows = places.permute(*kept, *over).reshape(math.prod(operand.shape[d] for d in kept), -1)
    column = u.column(operand)
    return [[column[i] for i in row] for row in rows.tolist()]


def _dims(call: Call) -> Any:
    declared = [a.name for a in call.func._schema.arguments]
    return argument("dim", call) if "dim" in declared else None


def _mean(x: Sequence[Any]) -> Any:
    return x[0] if len(x) == 1 else op("mean", *x)


def _many(name: str) -> Callable[[Sequence[Any]], Any]:
    return lambda x: x[0] if len(x) == 1 else op(name, *x)


def _reduction(function: Callable[[Sequence[Any]], Any]) -> Row:
    def row(u: Context, call: Call) -> list[Column]:
        column = [function(x) for x in groups_over(u, argument("self", call), _dims(call))]
        return [[x if not isinstance(x, float) else constant(x) for x in column]]

    return row


def _largest(name: str) -> Row:
    """`max` and `min` of two tensors, of one, and along a dimension, where the first winner takes all."""

    def row(u: Context, call: Call) -> list[Column] | None:
        declared = [a.name for a in call.func._schema.arguments]
        if "other" in declared:
            shape = call.outs[0][0]
            columns = [u.column(a, shape) for a in call.args[:2]]
            return [[op(name, *x) for x in zip(*columns, strict=True)]]
        groups = groups_over(u, argument("self", call), _dims(call))
        is_first_only = "dim" in declared and not call.name.startswith("a")
        if is_first_only and any(has_tie(x, name) for x in groups):
            return None
        return [[_many(name)(x) for x in groups]]

    return row


def has_tie(x: Sequence[Any], name: str) -> bool:
    """Test whether several elements are the largest (`max`) or smallest."""
    values = [number_in(each) for each in x]
    best = max(values) if name == "max" else min(values)
    return values.count(best) > 1


def logsumexp(u: Context, call: Call) -> list[Column]:
    """The logarithm of a sum of exponentials."""
    groups = groups_over(u, argument("self", call), argument("dim", call))
    return [[op("log", total([op("exp", x) for x in group])) for group in groups]]


def _running(name: str) -> Row:
    def row(u: Context, call: Call) -> list[Column]:
        operand, dim = argument("self", call), argument("dim", call)
        if not operand.shape:
            return [u.column(operand)]
        places = torch.arange(math.prod(operand.shape)).reshape(operand.shape).movedim(dim, -1)
        column = u.column(operand)
        for line in places.reshape(-1, operand.shape[dim]).tolist():
            for place, node in zip(line, accumulate([column[i] for i in line], _pair(name)), strict=True):
                column[place] = node
        return [column]

    return row


def _pair(name: str) -> Callable[[Any, Any], Any]:
    return lambda a, b: op(name, a, b)


def softmax_of(x: Sequence[Any]) -> list[Any]:
    """The softmax of a row."""
    exps = [op("exp", each) for each in x]
    below = total(exps)
    return [op("/", e, below) for e in exps]


def _softmax(*, is_log: bool) -> Row:
    def row(u: Context, call: Call) -> list[Column]:
        operand = argument("self", call)
        column = u.column(operand)
        if not operand.shape:
            return [_log_softmax_of(column) if is_log else softmax_of(column)]
        places = torch.arange(len(column)).reshape(operand.shape).movedim(argument("dim", call), -1)
        for line in places.reshape(-1, places.shape[-1]).tolist():
            x = [column[i] for i in line]
            for i, node in zip(line, _log_softmax_of(x) if is_log else softmax_of(x), strict=True):
                column[i] = node
        return [column]

    return row


def _log_softmax_of(x: Sequence[Any]) -> list[Any]:
    below = op("log", total([op("exp", each) for each in x]))
    return [op("-", each, below) for each in x]


def moments(x: Sequence[Any], correction: float) -> tuple[Any, Any]:
    """Mean and variance."""
    middle = _mean(x)
    squares = total([op("square", op("-", each, middle)) for each in x])
    return middle, op("/", squares, float(max(0.0, len(x) - correction)))


def _variance(*, is_root: bool) -> Row:
    def row(u: Context, call: Call) -> list[Column]:
        declared = [a.name for a in call.func._schema.arguments]
        if "correction" in declared:
            given = argument("correction", call)
            correction = 1.0 if given is None else float(given)
        else:
            correction = float(argument("unbiased", call))
        pairs = [moments(x, correction) for x in groups_over(u, argument("self", call), _dims(call))]
        first = [op("sqrt", v) if is_root else v for _, v in pairs]
        return [first, [m for m, _ in pairs]][: len(call.outs)]

    return row


def vector_norm(u: Context, call: Call) -> list[Column] | None:
    """The norms from 1 to infinity; at 0 PyTorch masks their gradients, and computes them."""
    declared = [a.name for a in call.func._schema.arguments]
    given = argument("ord" if "ord" in declared else "p", call)
    order = 2.0 if given is None else float(given)

    def power(x: Sequence[Any]) -> Any:
        return op("**", total([op("**", op("abs", each), order) for each in x]), 1.0 / order)

    shapes: dict[float, Callable[[Sequence[Any]], Any]] = {
        1.0: lambda x: total([op("abs", each) for each in x]),
        2.0: lambda x: op("sqrt", total([op("square", each) for each in x])),
        math.inf: lambda x: _many("max")([op("abs", each) for each in x]),
    }
    groups = groups_over(u, argument("self", call), _dims(call))
    if order < 1.0 or any(all(number_in(each) == 0.0 for each in x) for x in groups):
        return None
    return [[shapes.get(order, power)(x) for x in groups]]


REDUCTIONS: Final[dict[str, Row]] = {
    "sum": _reduction(total),
    "mean": _reduction(_mean),
    "prod": _reduction(_many("prod")),
    "amax": _largest("max"),
    "amin": _largest("min"),
    "max": _largest("max"),
    "min": _largest("min"),
    "logsumexp": logsumexp,
    "cumsum": _running("+"),
    "cumprod": _running("*"),
    "_softmax": _softmax(is_log=False),
    "_safe_softmax": _softmax(is_log=False),
    "_log_softmax": _softmax(is_log=True),
    "var": _variance(is_root=False),
    "std": _variance(is_root=True),
    "var_mean": _variance(is_root=False),
    "std_mean": _variance(is_root=True),
    "linalg_vector_norm": vector_norm,
    "norm": vector_norm,
}
