"""The tape of a recording: shadow memory, and the calls that were made on tensors.

Every element of every tensor has an id. The ids lie in the shadow of the tensor's storage, in the order
of its memory, so that a tensor's ids are its shadow seen through the same sizes and strides: views and
aliases need no rules, and an op that writes in place gives its part of the shadow new ids.

An id never changes its meaning. It belongs to a `Leaf` or to a `Call`, with the value that it had then.
Scalars are made of ids only when a result is shown, in `unroll`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import torch

Tensor: TypeAlias = Any
"""A `torch.Tensor`; lint runs where PyTorch is not installed."""

ZERO: Final = 0
"""The id of the constant 0, which pads and triangles are filled with."""

DRAWN: Final = (torch.float32, torch.float64, torch.bool, torch.uint8, torch.int16, torch.int32, torch.int64)

LARGEST_TENSOR: Final = 250_000
"""Elements of a tensor's memory above which no ids are kept, unless the limit of scalars is higher."""

MOST_IDS: Final = 10_000_000
"""Elements that one recording notes; each takes some twenty bytes."""


@dataclass(eq=False, slots=True)
class Scope:
    """One call of a module, or a group of the person's: it becomes a group."""

    name: str
    module: Any
    parent: Scope | None
    block: Any = None
    """The group of the person's that it is, or that was open when the module was called."""


@dataclass(frozen=True, eq=False, slots=True)
class Operand:
    """A tensor among the arguments of a call, as it was before the call."""

    ids: Tensor | None
    """The ids of its elements; None for integers that no recorded call computed."""
    is_cut: bool
    """No gradient flows through this use: PyTorch was given a detached tensor."""
    dtype: Any
    value: Tensor | None
    """The elements, of integers and booleans: indices, masks and targets are taken as they were."""
    shape: tuple[int, ...]


@dataclass(eq=False, slots=True)
class Leaf:
    """Elements that were not computed in the recording."""

    start: int
    values: Tensor
    tensor: Tensor
    places: Tensor
    """Per id the position of its element in the flattened tensor."""
    requires_grad: bool
    is_inside: bool
    """The tensor was made in the recording."""


@dataclass(eq=False, slots=True)
class Call:
    """One call of an aten op."""

    func: Any
    args: list[Any]
    """The arguments in the order of the schema, defaults filled in; each tensor is an `Operand`."""
    scope: Scope | None
    start: int = 0
    values: Tensor | None = None
    outs: list[tuple[tuple[int, ...], Any]] = field(default_factory=list)
    """Shape and dtype of each recorded output; their ids follow each other."""

    @property
    def name(self) -> str:
        """The op without overload and without the underscore of its in-place form."""
        return op_name(self.func)

    def operands(self) -> Iterator[Operand]:
        """The tensors among the arguments."""
        return tensors_in(self.args, Operand)


def op_name(func: Any) -> str:
    """The name of an aten op, the same for its in-place form."""
    name: str = func.overloadpacket.__name__
    is_in_place = name.endswith("_") and not name.startswith("__") and func._schema.is_mutable
    return name[:-1] if is_in_place else name


def tensors_in(given: Any, kind: Any = torch.Tensor) -> Iterator[Any]:
    """The tensors in arguments or results, also within lists."""
    if isinstance(given, kind):
        yield given
    elif isinstance(given, list | tuple):
        for each in given:
            yield from tensors_in(each, kind)


class RefusedError(ValueError):
    """The error of a result that can't be drawn; its sentence says why."""


class Tape:
    """Ids, and the leaves and calls that they belong to.

    Args:
        limit: The most scalars that a result may be made of.
    """

    def __init__(self, limit: int = 0) -> None:
        self._largest = max(limit, LARGEST_TENSOR)
        self.shadows: dict[int, Tensor] = {}
        self.unknown: dict[int, str] = {}
        """The reason why a storage can't be drawn, by its key."""
        self.made: set[int] = set()
        """Storages that were allocated in the recording."""
        self.aliases: dict[int, int] = {}
        """The id as a parameter, for the id of a leaf that was first used detached."""
        self.blocks: list[Leaf | Call] = []
        self._starts: list[int] = []
        self._storages: dict[int, Any] = {}  # kept, or another tensor would get the same address
        self._leaves: dict[int, dict[tuple[Any, ...], Leaf]] = {}
        self._next = 1
        zero = torch.zeros(1, dtype=torch.float64, device="cpu")
        self.zero = Leaf(ZERO, zero, zero, torch.zeros(1, dtype=torch.int64, device="cpu"), False, True)
        self._append(self.zero)

    # -- ids -------------------------------------------------------------------------------------------------

    def block_of(self, i: int) -> Leaf | Call:
        """The leaf or the call that an id belongs to."""
        return self.blocks[bisect_right(self._starts, i) - 1]

    def blocks_of(self, ids: Tensor) -> list[Leaf | Call]:
        """The leaves and calls that some ids belong to, each once."""
        starts = torch.tensor(self._starts, dtype=torch.int64)
        places = torch.unique(torch.bucketize(ids.reshape(-1), starts, right=True)).tolist()
        return [self.blocks[place - 1] for place in places]

    def shadow(self, t: Tensor) -> Tensor | None:
        """The ids of a tensor's elements as a view of shadow memory, -1 where there is none yet.

        None for a tensor that can't be drawn; `unknown` says why.
        """
        key = self.keep(t)
        if key in self.unknown:
            return None
        if t.dtype not in DRAWN:
            self.unknown[key] = (
                f"only float32 and float64 are drawn, not {str(t.dtype).removeprefix('torch.')}"
            )
            return None
        size = t.untyped_storage().nbytes() // t.element_size()
        whole = self.shadows.get(key)
        if whole is None or whole.numel() != size:
            if why := self._too_many(size):
                self.unknown[key] = why
                return None
            if whole is not None and whole.numel() and int(whole.max()) >= 0:
                self.unknown[key] = "its memory is seen through two dtypes, or was resized"
                return None
            whole = self.shadows[key] = torch.full((size,), -1, dtype=torch.int64, device="cpu")
        return whole.as_strided(t.size(), t.stride(), t.storage_offset())

    def _too_many(self, size: int) -> str:
        if size > self._largest:
            return (
                f"a tensor of {size:,} elements is too large to be drawn element by element: make it smaller "
                f"than {self._largest:,}"
            )
        if self._next + size > MOST_IDS:
            return (
                f"more than {MOST_IDS:,} numbers were computed in this recording: record the last step alone"
            )
        return ""

    def keep(self, t: Tensor) -> int:
        """The key of a tensor's storage, which stays alive as long as the tape."""
        storage = t.untyped_storage()
        key: int = storage._cdata
        if key not in self._storages:
            self._storages[key] = storage
        return key

    def has(self, t: Tensor) -> bool:
        """Test whether some element of a tensor has an id."""
        whole = self.shadows.get(t.untyped_storage()._cdata)
        if whole is None:
            return False
        ids = whole.as_strided(t.size(), t.stride(), t.storage_offset())
        return bool(ids.numel()) and int(ids.max()) >= 0

    def ids(self, t: Tensor) -> Tensor | None:
        """The ids of a tensor's elements, leaves made where there were none; None if it can't be drawn."""
        base = t._base
        holder = t if base is None else base
        if holder.requires_grad and holder.is_leaf:
            self._ids_of_parameter(holder)
        shadow = self.shadow(t)
        if shadow is None:
            return None
        if shadow.numel() and int(shadow.min()) < 0:
            if base is not None and base.is_leaf and base.requires_grad == t.requires_grad:
                self._begin(base)  # a leaf is the tensor that the person holds, and not a view of it
                shadow = self.shadow(t)
            else:
                self._begin(t)
            if shadow is None or t.untyped_storage()._cdata in self.unknown:
                return None
        return shadow.clone()

    def _ids_of_parameter(self, t: Tensor) -> None:
        """Give a leaf that needs gradients ids of its own, also after writes into it."""
        key = t.untyped_storage()._cdata
        place = (t.storage_offset(), tuple(t.size()), tuple(t.stride()))
        known = self._leaves.get(key, {}).get(place)
        if known is not None:
            return
        shadow = self.shadow(t)
        if shadow is None:
            return
        before = shadow.clone()
        shadow.fill_(-1)
        leaf = self._begin(t)
        if leaf is None:
            return
        self._leaves.setdefault(key, {})[place] = leaf
        if before.numel() and int(before.max()) >= 0:
            for old, new in zip(before.reshape(-1).tolist(), shadow.reshape(-1).tolist(), strict=True):
                if old >= 0 and isinstance(self.block_of(old), Leaf):
                    self.aliases[old] = new

    def _begin(self, t: Tensor) -> Leaf | None:
        """Make leaves of the elements that have no id yet."""
        shadow = self.shadow(t)
        if shadow is None:
            return None
        key = t.untyped_storage()._cdata
        if t.requires_grad and not t.is_leaf:
            self.unknown[key] = "it depends on a tensor that was computed outside of record()"
            return None
        missing = shadow < 0
        places = missing.reshape(-1).nonzero().reshape(-1)
        values = t.detach().to("cpu", torch.float64).reshape(-1)[places]
        leaf = Leaf(self._next, values, t, places, t.requires_grad, key in self.made)
        shadow[missing] = torch.arange(self._next, self._next + len(places), dtype=torch.int64, device="cpu")
        self._append(leaf)
        return leaf

    def _append(self, block: Leaf | Call) -> None:
        self.blocks.append(block)
        self._starts.append(block.start)
        size = 0 if block.values is None else len(block.values)
        self._next = max(self._next, block.start + size)

    # -- calls -----------------------------------------------------------------------------------------------

    def add(self, call: Call, outs: Sequence[Tensor]) -> None:
        """Give the outputs of a call new ids."""
        shadows = [self.shadow(t) for t in outs]
        drawn = [(t, s) for t, s in zip(outs, shadows, strict=True) if s is not None]
        call.start = self._next
        call.outs = [(tuple(t.shape), t.dtype) for t, _ in drawn]
        call.values = torch.cat(
            [torch.empty(0, dtype=torch.float64, device="cpu")]
            + [t.detach().to("cpu", torch.float64).reshape(-1) for t, _ in drawn]
        )
        at = self._next
        for t, shadow in drawn:
            shadow.copy_(torch.arange(at, at + t.numel(), dtype=torch.int64, device="cpu").reshape(t.shape))
            at += t.numel()
        self._append(call)

    def forget(self, t: Tensor) -> None:
        """Forget the ids of a tensor that took undrawn numbers: the next read makes its elements leaves."""
        key = self.keep(t)
        if t.numel() * t.element_size() == t.untyped_storage().nbytes():
            self.unknown.pop(key, None)
        if key in self.shadows and key not in self.unknown:
            shadow = self.shadow(t)
            if shadow is not None:
                shadow.fill_(-1)

    def settle(self, t: Tensor) -> None:
        """Take numbers that were written into a tensor: as constants, or as new values of a leaf."""
        self.forget(t)
        if t.requires_grad and t.is_leaf:
            return
        shadow = self.shadow(t)
        if shadow is not None and shadow.numel():
            values = t.detach().to("cpu", torch.float64).reshape(-1)
            places = torch.arange(len(values), dtype=torch.int64, device="cpu")
            leaf = Leaf(self._next, values.clone(), t, places, False, True)
            shadow.copy_((places + leaf.start).reshape(t.shape))
            self._append(leaf)

    def written(self, t: Tensor) -> None:
        """Take a write to a tensor: parameters in its memory get new ids."""
        self._leaves.pop(t.untyped_storage()._cdata, None)

    def spoil(self, t: Tensor, why: str) -> None:
        """Mark a tensor's memory: results read from it can't be drawn from now on."""
        self.unknown.setdefault(self.keep(t), why)

    def release(self) -> None:
        """Release the memory that was kept; addresses mean nothing from now on."""
        for kept in (self.shadows, self.unknown, self.made, self._storages, self._leaves):
            kept.clear()

    def reserve(self, value: float) -> int:
        """An id for a node that no tensor holds."""
        place = torch.zeros(1, dtype=torch.int64, device="cpu")
        held = torch.tensor([value], dtype=torch.float64, device="cpu")
        leaf = Leaf(self._next, held, held, place, False, True)
        self._append(leaf)
        return leaf.start

    # -- values ----------------------------------------------------------------------------------------------

    def values_of(self, ids: Tensor) -> Tensor:
        """The values that some ids had when they were made."""
        flat = ids.reshape(-1)
        found = torch.empty(flat.shape, dtype=torch.float64)
        for block in self.blocks_of(flat):
            if block.values is not None:
                inside = (flat >= block.start) & (flat < block.start + len(block.values))
                found[inside] = block.values[flat[inside] - block.start]
        return found.reshape(ids.shape)


def argument(schema_name: str, call: Call) -> Any:
    """The argument of a call by its name in the schema."""
    for declared, given in zip(call.func._schema.arguments, call.args, strict=True):
        if declared.name == schema_name:
            return given
    raise KeyError(schema_name)


def bound(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """All arguments in the order of the schema, defaults filled in."""
    declared = func._schema.arguments
    return [args[i] if i < len(args) else kwargs.get(a.name, a.default_value) for i, a in enumerate(declared)]
