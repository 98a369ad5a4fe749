"""Rows of sums of products: matrices, vectors, batches of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from .context import Column, Context, Row
from .nodes import op, total
from .tape import Call, Operand, argument


def dot(a: Iterable[Any], b: Iterable[Any], more: Sequence[Any] = ()) -> Any:
    """A sum of products and of further terms."""
    return total([*[op("*", x, y) for x, y in zip(a, b, strict=True)], *more])


def grid(u: Context, operand: Operand, rows: int, columns: int) -> list[list[Any]]:
    """The nodes of a matrix, broadcast."""
    flat = u.column(operand, (rows, columns))
    return [flat[i * columns : (i + 1) * columns] for i in range(rows)]


def product(
    a: Sequence[Sequence[Any]], b: Sequence[Sequence[Any]], add: Sequence[Any] | None = None
) -> list[Any]:
    """The product of two matrices, in row-major order; a matrix may be added."""
    turned = list(zip(*b, strict=True))
    flat = []
    for i, row in enumerate(a):
        for j, column in enumerate(turned):
            more = [] if add is None else [add[i * len(turned) + j]]
            flat.append(dot(row, column, more))
    return flat


def _matrix_product(u: Context, call: Call) -> list[Column]:
    left, right = _factors(call)
    a, b = grid(u, left, *left.shape), grid(u, right, *right.shape)
    return [product(a, b, _summand(u, call))]


def _batched_product(u: Context, call: Call) -> list[Column]:
    left, right = _factors(call)
    count, rows, inner = left.shape
    a, b = u.column(left), u.column(right)
    wide = right.shape[2]
    add = _summand(u, call)
    flat: list[Any] = []
    for n in range(count):
        x = [a[(n * rows + i) * inner :][:inner] for i in range(rows)]
        y = [b[(n * inner + i) * wide :][:wide] for i in range(inner)]
        flat += product(x, y, None if add is None else add[n * rows * wide : (n + 1) * rows * wide])
    return [flat]


def _factors(call: Call) -> tuple[Operand, Operand]:
    found = [a for a in call.args if isinstance(a, Operand)]
    alpha = _number(call, "alpha")
    assert alpha == 1.0  # noqa: S101 # `_scaled_products` sees to it
    return found[-2], found[-1]


def _number(call: Call, name: str) -> float:
    declared = [a.name for a in call.func._schema.arguments]
    return float(argument(name, call)) if name in declared else 1.0


def _summand(u: Context, call: Call) -> list[Any] | None:
    operands = [a for a in call.args if isinstance(a, Operand)]
    if len(operands) < 3:
        return None
    return u.column(operands[0], call.outs[0][0])


def _products(row: Row) -> Row:
    """Sums of products with other factors than 1 are left to PyTorch."""

    def checked(u: Context, call: Call) -> list[Column] | None:
        return row(u, call) if _number(call, "alpha") == _number(call, "beta") == 1.0 else None

    return checked


def _matrix_by_vector(u: Context, call: Call) -> list[Column]:
    left, right = _factors(call)
    add = _summand(u, call)
    vector = u.column(right)
    rows = grid(u, left, *left.shape)
    return [[dot(row, vector, [] if add is None else [add[i]]) for i, row in enumerate(rows)]]


def _dot(u: Context, call: Call) -> list[Column]:
    left, right = _factors(call)
    return [[dot(u.column(left), u.column(right))]]


PRODUCTS: Final[dict[str, Row]] = {
    "mm": _products(_matrix_product),
    "addmm": _products(_matrix_product),
    "bmm": _products(_batched_product),
    "baddbmm": _products(_batched_product),
    "mv": _products(_matrix_by_vector),
    "addmv": _products(_matrix_by_vector),
    "dot": _dot,
    "vdot": _dot,
}
