"""From a tape to scalars: every element of every tensor that a result was computed from.

Only the calls that a result needs are unrolled, in the order of the recording, and their scalars are kept:
two results of a recording share them. Each call is checked against the values that
PyTorch computed. Where a row of `rows` gives another value, and where there is no row, PyTorch itself
computes the op in the kernel.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

import torch

from autograd_widget.engine.groups import group
from autograd_widget.engine.ops import CONST
from autograd_widget.engine.scalar import Scalar, apply

from .by_hand import has_matrices, layers_in, scopes_of
from .context import Column
from .fallback import through_pytorch
from .modes import plainly
from .nodes import constant, element_name, shortest
from .recorder import Recorder
from .rows import ROWS
from .sizes import FAR_ABOVE, check_size, too_many
from .tape import Call, Leaf, Operand, RefusedError, Scope, Tape, Tensor

TOLERANCE: Final = {torch.float64: (1e-7, 1e-9), torch.float32: (1e-3, 1e-5)}
"""Per dtype the relative and the absolute difference that rounding explains."""


class Unroller:
    """The scalars of a tape, made on demand.

    Args:
        tape: The recording.
        limit: The most scalars that a result may be made of.
        is_open: True until the recording ends.
    """

    def __init__(self, tape: Tape, limit: int, is_open: Callable[[], bool] = bool) -> None:
        self.tape = tape
        self.is_open = is_open
        self.limit = limit
        self.labels: dict[int, str] = {}
        self.names: dict[int, str] = {}
        """By the `id()` of a tensor."""
        self.leaves: dict[Scalar, tuple[Tensor, int]] = {}
        """Per leaf its tensor, and its place in the flattened tensor."""
        self.live: dict[str, int] = {}
        """Ops that PyTorch computes, and how many scalars each made."""
        self._nodes: dict[int, Scalar] = {}
        self._cuts: dict[int, Scalar] = {}
        self._done: set[int] = set()
        self._open: list[tuple[Scope, group]] = []
        self._depth = 0

    # -- results ---------------------------------------------------------------------------------------------

    def root(self, i: int) -> Scalar:
        """The scalar of an id, with everything that it was computed from.

        Raises:
            RefusedError: That would be more scalars than the limit.
        """
        calls, used = self._needed(i)
        check_size(calls, self)
        layers = layers_in(calls, self) if has_matrices(self.tape.blocks_of(used)) else []
        scopes = scopes_of(layers)
        self._make_inputs(used, {leaf for layer in layers for leaf in layer.parameters})
        try:
            for call in calls:
                self._enter(scopes.get(call.start, call.scope))
                self.run(call)
        finally:
            self._enter(None)
        return self.node(i)

    def _needed(self, i: int) -> tuple[list[Call], Tensor]:
        """The calls that an id was computed by, in order, and all ids that they take."""
        waiting = [self.tape.block_of(i)]
        found: dict[int, Call] = {}
        used = [torch.tensor([i])]
        while waiting:
            block = waiting.pop()
            if isinstance(block, Leaf) or block.start in found:
                continue
            found[block.start] = block
            ids = [o.ids.reshape(-1) for o in block.operands() if o.ids is not None]
            if ids:
                joined = torch.cat(ids)
                used.append(joined)
                waiting += self.tape.blocks_of(joined)
        calls = [found[start] for start in sorted(found) if start not in self._done]
        return calls, torch.unique(torch.cat(used))

    def _make_inputs(self, used: Tensor, parameters: set[Leaf]) -> None:
        """Make the leaves that belong to no module and no layer before anything else, tensor by tensor."""
        for block in self.tape.blocks_of(used):
            if not isinstance(block, Leaf) or block in parameters:
                continue
            if not isinstance(block.tensor, torch.nn.Parameter):
                mine = used[(used >= block.start) & (used < block.start + len(block.values))]
                for i in mine.tolist():
                    if i not in self.tape.aliases:
                        self.node(i)

    def run(self, call: Call) -> None:
        """Make the scalars of one call."""
        if call.start in self._done:
            return
        self._done.add(call.start)
        for operand in call.operands():
            if operand.ids is not None:
                self._make_parameters(operand)
        columns = self._columns(call)
        at = call.start
        for column in columns:
            for node in column:
                label = self.labels.get(at)
                if label and not node.label and node.op not in (None, CONST):
                    node.label = label
                self._nodes[at] = node
                at += 1
        if len(self._nodes) > FAR_ABOVE * self.limit:
            raise RefusedError(
                f"this result is made of more than {len(self._nodes):,} scalars: {too_many(self.limit)}"
            )

    def _columns(self, call: Call) -> list[Column]:
        row = ROWS.get(call.name)
        if row is not None:
            columns = row(self, call)
            if columns is not None and self._agrees(call, columns):
                return columns
        columns = through_pytorch(self, call)
        if not self._agrees(call, columns):
            raise RefusedError(
                f"{call.name} gives other numbers when PyTorch runs it again: "
                "it can't be drawn if it is random or keeps a state"
            )
        return columns

    def _make_parameters(self, operand: Operand) -> None:
        """Make the elements of a weight one after the other, before what uses them, in its own order."""
        for i in sorted(operand.ids.reshape(-1).tolist()) if operand.ids is not None else ():
            if i not in self._nodes:
                self.node(i)

    def _agrees(self, call: Call, columns: Sequence[Column]) -> bool:
        if [len(column) for column in columns] != [math.prod(shape) for shape, _ in call.outs]:
            return False
        at = 0
        for column, (_, dtype) in zip(columns, call.outs, strict=True):
            assert call.values is not None  # noqa: S101 # a call on the tape has its values
            wanted = call.values[at : at + len(column)]
            at += len(column)
            relative, absolute = TOLERANCE.get(dtype, (0.0, 1e-6))
            found = torch.tensor([node.value for node in column], dtype=torch.float64)
            size = float(wanted[wanted.isfinite()].abs().max()) if bool(wanted.isfinite().any()) else 0.0
            if not torch.allclose(found, wanted, relative, absolute * max(1.0, size), equal_nan=True):
                return False
        return True

    # -- what rows ask for -----------------------------------------------------------------------------------

    def node(self, i: int) -> Scalar:
        """The scalar of an id, which is known or a leaf."""
        found = self._nodes.get(i)
        if found is None:
            found = self._nodes[i] = self._leaf(i)
        return found

    def drawn(self, i: int) -> Scalar | None:
        """The scalar of an id that was unrolled already."""
        return self._nodes.get(i)

    def column(self, given: Any, shape: Sequence[int] | None = None) -> list[Any]:
        """The nodes of an operand, broadcast to a shape, in row-major order; of a number, that number."""
        if not isinstance(given, Operand):
            return [given] * math.prod(shape or ())
        if given.ids is None:
            assert given.value is not None  # noqa: S101 # an operand has ids or a value
            value = given.value if shape is None else given.value.expand(shape)
            return [float(x) for x in value.reshape(-1).tolist()]
        ids = given.ids if shape is None else given.ids.expand(shape)
        return self.nodes(ids.reshape(-1).tolist(), given.is_cut)

    def nodes(self, ids: Iterable[int], is_cut: bool = False) -> Column:
        """The scalars of some ids; those of a cut operand let no gradient through."""
        return [self.cut(i) for i in ids] if is_cut else [self.node(i) for i in ids]

    def cut(self, i: int) -> Scalar:
        """The scalar of an id as PyTorch's `detach` gives it."""
        node = self.node(i)
        if not node.requires_grad:
            return node
        if i not in self._cuts:
            self._cuts[i] = apply("detach", node)
        return self._cuts[i]

    def run_plainly(self, function: Callable[..., Any], args: Sequence[Any]) -> list[Column]:
        """The scalars of what a function of tensors computes, from the ops that it is made of."""
        recorder = Recorder(self.tape, is_nested=True)
        self._depth += 1
        try:
            with torch.no_grad(), plainly():
                given = [self._materialized(a) for a in args]
                with recorder:
                    out = function(*given)
            outs = [out] if isinstance(out, torch.Tensor) else list(out)
            return [self._settled(ids) for ids in map(self._ids_of, outs)]
        finally:
            self._depth -= 1
            if not self._depth and not self.is_open():
                self.tape.release()

    def _ids_of(self, t: Tensor) -> Tensor:
        ids = self.tape.ids(t)
        if ids is None:
            raise RefusedError(self.tape.unknown[t.untyped_storage()._cdata])
        return ids

    def _settled(self, ids: Tensor) -> Column:
        waiting: list[Leaf | Call] = self.tape.blocks_of(ids)
        found: dict[int, Call] = {}
        while waiting:
            block = waiting.pop()
            if isinstance(block, Call) and block.start not in found and block.start not in self._done:
                found[block.start] = block
                for operand in block.operands():
                    if operand.ids is not None:
                        waiting += self.tape.blocks_of(operand.ids)
        for start in sorted(found):
            self.run(found[start])
        return self.nodes(ids.reshape(-1).tolist())

    def _materialized(self, given: Any) -> Any:
        """A tensor that stands for an operand: the same numbers, and the same ids."""
        if isinstance(given, list | tuple):
            return [self._materialized(each) for each in given]
        if not isinstance(given, Operand):
            return given
        if given.ids is None:
            return given.value
        t = self.tape.values_of(given.ids).to(given.dtype)
        shadow = self.tape.shadow(t)
        assert shadow is not None  # noqa: S101 # it was an operand's
        shadow.copy_(self.cut_ids(given))
        return t

    def cut_ids(self, operand: Operand) -> Tensor:
        """The ids of an operand; of a cut one, those of the nodes behind the cut."""
        ids = operand.ids
        assert ids is not None  # noqa: S101 # only floats are cut, and they have ids
        if not operand.is_cut:
            return ids
        cut = [self._id_of_cut(i) for i in ids.reshape(-1).tolist()]
        return torch.tensor(cut, dtype=torch.int64).reshape(ids.shape)

    def _id_of_cut(self, i: int) -> int:
        node = self.cut(i)
        if node is self.node(i):
            return i
        new = self.tape.reserve(node.value)
        self._nodes[new] = node
        return new

    # -- leaves ----------------------------------------------------------------------------------------------

    def _leaf(self, i: int) -> Scalar:
        if i in self.tape.aliases:
            return self.cut(self.tape.aliases[i])
        leaf = self.tape.block_of(i)
        assert isinstance(leaf, Leaf)  # noqa: S101 # calls are run before their results are asked for
        value = shortest(float(leaf.values[i - leaf.start]), leaf.tensor.dtype)
        place = int(leaf.places[i - leaf.start])
        label = self._label(leaf, i, place)
        if leaf.is_inside and not leaf.requires_grad and not label:
            return constant(value)
        node = Scalar(value, label=label, requires_grad=leaf.requires_grad)
        self.leaves[node] = (leaf.tensor, place)
        return node

    def _label(self, leaf: Leaf, i: int, place: int) -> str:
        name = self.names.get(id(leaf.tensor))
        return element_name(name, tuple(leaf.tensor.shape), place) if name else self.labels.get(i, "")

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """A group within a call."""
        with group(name):
            yield

    # -- groups ----------------------------------------------------------------------------------------------

    def _enter(self, scope: Scope | None) -> None:
        """Leave the modules that do not contain a call, and enter those that do."""
        chain: list[Scope] = []
        while scope is not None:
            chain.append(scope)
            scope = scope.parent
        chain.reverse()
        kept = 0
        while kept < min(len(chain), len(self._open)) and self._open[kept][0] is chain[kept]:
            kept += 1
        while len(self._open) > kept:
            self._open.pop()[1].__exit__(None, None, None)
        for inner in chain[kept:]:
            opened = group(inner.name)
            opened.__enter__()
            self._open.append((inner, opened))
