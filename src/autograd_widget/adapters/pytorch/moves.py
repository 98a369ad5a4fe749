"""Rows of ops that only move elements, which are run again on the ids, and of those that add into places."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

import torch

from .context import Column, Context, Row
from .elements import NOT_OF_ELEMENTS, scaled
from .nodes import op, total
from .tape import Call, Operand, Tensor, argument

aten: Final = torch.ops.aten

SAME: Final = frozenset({"clone", "_to_copy", "contiguous", "resolve_conj", "resolve_neg"})
"""Ops whose result has the elements of their operand."""

AS_DOUBLES: Final = frozenset(
    {
        "im2col",
        "reflection_pad1d",
        "reflection_pad2d",
        "replication_pad1d",
        "replication_pad2d",
        "upsample_nearest1d",
        "upsample_nearest2d",
    }
)
"""Ops that have no kernel for integers; doubles hold ids exactly."""

FILLS: Final = frozenset(
    {
        "fill",
        "masked_fill",
        "constant_pad_nd",
        "scatter",
        "index_fill",
        "where",
    }
)
"""Ops that have numbers among their arguments which become elements."""

MOVES: Final = (
    SAME
    | AS_DOUBLES
    | FILLS
    | frozenset(
        {
            "cat",
            "stack",
            "index",
            "index_select",
            "gather",
            "take",
            "repeat",
            "flip",
            "roll",
            "tril",
            "triu",
            "_unsafe_view",
            "select_scatter",
            "slice_scatter",
            "diagonal_scatter",
            "copy",
            "masked_select",
            "diag",
            "diag_embed",
            "repeat_interleave",
            "view_copy",
            "expand_copy",
            "rot90",
            "index_copy",
            "index_put",
            "masked_scatter",
            "channel_shuffle",
            "pixel_shuffle",
            "pixel_unshuffle",
            "block_diag",
        }
    )
)

INDICES: Final = frozenset({"index", "indices", "mask", "condition"})


def moved(u: Context, call: Call) -> list[Column] | None:
    """An op that only moves elements: it is run again on their ids."""
    name = call.name
    if name == "index_put" and argument("accumulate", call):
        return _index_added(u, call)
    if name == "where" and argument("condition", call).ids is not None:
        return _where(u, call)
    if name in WRITTEN and _overwrites_itself(call):
        return None  # PyTorch's own pass goes to what was overwritten, too
    given: dict[str, Any] = {}
    for declared, value in zip(call.func._schema.arguments, call.args, strict=True):
        if declared.name not in NOT_OF_ELEMENTS | {"accumulate", "unsafe", "non_blocking"}:
            given[declared.name] = _as_ids(u, declared.name, value, name in FILLS)
    ids = _move(name, given, call.outs[0][0])
    return [u.nodes(ids.expand(call.outs[0][0]).reshape(-1).tolist())]


def _as_ids(u: Context, name: str, given: Any, fills: bool) -> Any:
    if isinstance(given, list | tuple):
        return [_as_ids(u, name, each, fills) for each in given]
    if isinstance(given, Operand):
        if name in INDICES and given.value is not None:
            return given.value
        if given.ids is None:
            return _ids_of_numbers(u, given.value)
        return u.cut_ids(given)
    if fills and name in ("value", "other", "self") and isinstance(given, int | float):
        return u.tape.reserve(float(given))
    return given


def _ids_of_numbers(u: Context, value: Tensor) -> Tensor:
    ids = [u.tape.reserve(float(x)) for x in value.reshape(-1).tolist()]
    return torch.tensor(ids, dtype=torch.int64).reshape(value.shape)


def _move(name: str, given: dict[str, Any], shape: Sequence[int]) -> Tensor:
    """The ids of the result."""
    if name in SAME:
        return next(iter(given.values()))
    if name in MOVED_BY:
        return MOVED_BY[name](given, shape)
    if name in AS_DOUBLES:
        doubles = {key: x.double() if isinstance(x, torch.Tensor) else x for key, x in given.items()}
        return getattr(aten, name)(**doubles).long()
    return getattr(aten, name)(**given)


MOVED_BY: Final[dict[str, Callable[[dict[str, Any], Sequence[int]], Tensor]]] = {
    "copy": lambda given, _: given["src"],
    "fill": lambda given, shape: torch.as_tensor(given["value"]).expand(shape),
    "where": lambda given, _: torch.where(
        given["condition"], *map(torch.as_tensor, (given["self"], given["other"]))
    ),
    "masked_select": lambda given, _: given["self"][given["mask"]],
}
"""Ops that are run on ids in another way than on numbers."""


WRITTEN: Final[dict[str, Callable[[Tensor, Call], Tensor]]] = {
    "scatter": lambda places, call: places.gather(argument("dim", call), argument("index", call).value),
    "index_copy": lambda places, call: places.index_select(
        argument("dim", call), argument("index", call).value.reshape(-1)
    ),
    "index_put": lambda places, call: aten.index(places, _indices(call)),
}
"""Op that writes at indices → the places that it writes into."""


def _overwrites_itself(call: Call) -> bool:
    targets = WRITTEN[call.name](_places(call), call).reshape(-1)
    return len(targets.unique()) < len(targets)


def _where(u: Context, call: Call) -> list[Column]:
    shape = call.outs[0][0]
    columns = [
        u.column(a, shape) if isinstance(a, Operand) else [float(a)] * math.prod(shape) for a in call.args
    ]
    return [[op("where", *x) for x in zip(*columns, strict=True)]]


# -- adding into places --------------------------------------------------------------------------------------


def _added(u: Context, call: Call, targets: Tensor, sources: Operand, alpha: float = 1.0) -> list[Column]:
    """Add elements of a tensor into places of the first operand."""
    column = u.column(argument("self", call))
    coming: dict[int, list[Any]] = {}
    for place, node in zip(targets.reshape(-1).tolist(), u.column(sources), strict=True):
        coming.setdefault(place, []).append(scaled(node, alpha))
    for place, nodes in coming.items():
        column[place] = total([column[place], *nodes])
    return [column]


def _places(call: Call) -> Tensor:
    shape = argument("self", call).shape
    return torch.arange(math.prod(shape)).reshape(shape)


def _index_added(u: Context, call: Call) -> list[Column]:
    targets = aten.index(_places(call), _indices(call))
    return _added(u, call, targets, _expanded(argument("values", call), targets.shape))


def _indices(call: Call) -> list[Tensor | None]:
    return [None if i is None else i.value for i in argument("indices", call)]


def _expanded(operand: Operand, shape: Sequence[int]) -> Operand:
    ids = None if operand.ids is None else operand.ids.expand(shape)
    value = None if operand.value is None else operand.value.expand(shape)
    return replace(operand, ids=ids, value=value, shape=tuple(shape))


def scatter_add(u: Context, call: Call) -> list[Column]:
    """Add elements into the places that an index names along a dimension."""
    index, src = argument("index", call).value, argument("src", call)
    part = tuple(slice(0, n) for n in index.shape)
    used = replace(src, ids=src.ids if src.ids is None else src.ids[part], value=src.value)
    return _added(u, call, _places(call).gather(argument("dim", call), index), used)


def index_add(u: Context, call: Call) -> list[Column]:
    """Add slices of a tensor into slices of another."""
    targets = _places(call).index_select(argument("dim", call), argument("index", call).value.reshape(-1))
    return _added(u, call, targets, argument("source", call), float(argument("alpha", call)))


def embedding(u: Context, call: Call) -> list[Column]:
    """Rows of a table; no gradient flows to the row that stands for padding."""
    weight, indices = argument("weight", call), argument("indices", call).value
    padding = argument("padding_idx", call)
    rows, width = weight.shape
    column = u.column(weight)
    cut = u.column(replace(weight, is_cut=True)) if 0 <= padding < rows else column
    flat: list[Any] = []
    for row in indices.reshape(-1).tolist():
        flat += (cut if row == padding else column)[row * width :][:width]
    return [flat]


ADDING: Final[dict[str, Row]] = {"embedding": embedding, "scatter_add": scatter_add, "index_add": index_add}
