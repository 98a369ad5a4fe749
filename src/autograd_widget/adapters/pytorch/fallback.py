"""Ops without a row: PyTorch computes them in the kernel, element by element, and they stay live.

An op that is made of others is taken apart first. What is left becomes custom ops: one for each element
of the result, over all elements that it may depend on, with the row of the Jacobian from PyTorch's own
autograd.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

import torch

from autograd_widget.engine.custom import CustomOp
from autograd_widget.engine.scalar import Scalar

from .context import Column, Context
from .modes import plainly
from .nodes import constant, is_constant, number_in
from .tape import Call, Operand, RefusedError, Tensor, tensors_in

LARGEST_JACOBIAN: Final = 16_384
"""Entries that the Jacobian of one call may have."""


def through_pytorch(u: Context, call: Call) -> list[Column]:
    """The scalars of a call without a row."""
    if call.func._can_decompose():
        return u.run_plainly(call.func.decompose, call.args)
    replay = Replay(call, [_needs_grad(u, o) for o in _floats(call)])
    by = _by_element if torch.Tag.pointwise in call.func.tags and len(call.outs) == 1 else _by_jacobian
    try:
        columns = by(u, call, replay)
    except RuntimeError as error:
        raise RefusedError(f"{call.name} can't be drawn: PyTorch can't run it again ({error})") from error
    u.live[call.name] = u.live.get(call.name, 0) + sum(map(len, columns))
    return columns


class Replay:
    """A call that can be run again on other numbers.

    Args:
        call: The call.
        needs_grad: Per operand of floats, which derivatives are wanted: some ops refuse others.
        is_scalar: Its operands are numbers, one element of each.
    """

    def __init__(self, call: Call, needs_grad: Sequence[bool], *, is_scalar: bool = False) -> None:
        self._call = call
        self._is_scalar = is_scalar
        self.needs_grad = needs_grad
        self._known: tuple[tuple[float, ...], list[float]] | None = None
        self._slopes: tuple[tuple[float, ...], list[list[float]]] | None = None

    def values(self, x: tuple[float, ...]) -> list[float]:
        """All elements of the results."""
        if self._known is None or self._known[0] != x:
            with plainly(), torch.no_grad():
                self._known = x, self._flat(self._run(self._tensors(x, requires_grad=False))).tolist()
        return self._known[1]

    def jacobian(self, x: tuple[float, ...]) -> list[list[float]]:
        """Per element of the results its derivatives."""
        if self._slopes is None or self._slopes[0] != x:
            with plainly(), torch.enable_grad():
                given = self._tensors(x, requires_grad=True)
                out = self._flat(self._run(given))
                self._slopes = x, [self._row(out[k], given) for k in range(len(out))]
        return self._slopes[1]

    def _row(self, out: Tensor, given: Sequence[Tensor]) -> list[float]:
        wanted = [t for t in given if t.requires_grad]
        found: list[Any] = [None] * len(wanted)
        if out.requires_grad:
            found = list(torch.autograd.grad(out, wanted, retain_graph=True, allow_unused=True))
        grads = {id(t): g for t, g in zip(wanted, found, strict=True)}
        row: list[float] = []
        for t in given:
            grad = grads.get(id(t))
            row += [0.0] * t.numel() if grad is None else grad.reshape(-1).tolist()
        return row

    def _tensors(self, x: Sequence[float], *, requires_grad: bool) -> list[Tensor]:
        numbers = iter(x)
        made = []
        for operand, needed in zip(_floats(self._call), self.needs_grad, strict=True):
            shape = () if self._is_scalar else operand.shape
            flat = [next(numbers) for _ in range(math.prod(shape))]
            t = torch.tensor(flat, dtype=torch.float64, device="cpu").reshape(shape)
            made.append(t.requires_grad_(requires_grad and needed))
        return made

    def _run(self, given: Sequence[Tensor]) -> list[Tensor]:
        call = self._call
        tensors = iter(given)
        args = [self._filled(a, tensors) for a in call.args]
        declared = call.func._schema.arguments
        positional = [a for a, d in zip(args, declared, strict=True) if not d.kwarg_only]
        named = {d.name: a for a, d in zip(args, declared, strict=True) if d.kwarg_only and d.name != "dtype"}
        out = call.func(*positional, **named)
        written = [
            a
            for a, d in zip(args, declared, strict=True)
            if d.alias_info is not None and d.alias_info.is_write
        ]
        found = {id(t): t for t in [*tensors_in(out), *tensors_in(written)]}
        has_others = any(not dtype.is_floating_point for _, dtype in call.outs)
        return [t for t in found.values() if has_others or t.is_floating_point()]

    def _filled(self, given: Any, tensors: Iterator[Tensor]) -> Any:
        if isinstance(given, list | tuple):
            return [self._filled(each, tensors) for each in given]
        if not isinstance(given, Operand):
            return given
        # A copy: the op may write into it.
        return next(tensors).clone() if given.dtype.is_floating_point else given.value

    def _flat(self, outs: Sequence[Tensor]) -> Tensor:
        return torch.cat([t.reshape(-1).double() for t in outs])


def _floats(call: Call) -> list[Operand]:
    return [o for o in call.operands() if o.dtype.is_floating_point]


def _needs_grad(u: Context, operand: Operand) -> bool:
    return any(isinstance(node, Scalar) and node.requires_grad for node in u.column(operand))


def _by_element(u: Context, call: Call, replay: Replay) -> list[Column]:
    shape = call.outs[0][0]
    if any(o.value is not None and math.prod(o.shape) != 1 for o in call.operands()):
        return _by_jacobian(u, call, replay)
    replay = Replay(call, replay.needs_grad, is_scalar=True)
    made = _custom(call, replay, 0)
    columns = [u.column(o, shape) for o in _floats(call)]
    return [[_applied(made, x) for x in zip(*columns, strict=True)]]


def _by_jacobian(u: Context, call: Call, replay: Replay) -> list[Column]:
    operands = [node for o in _floats(call) for node in u.column(o)]
    sizes = [math.prod(shape) for shape, _ in call.outs]
    if len(operands) * sum(sizes) > LARGEST_JACOBIAN:
        raise RefusedError(
            f"{call.name} on {len(operands):,} elements can't be drawn: it has no formula "
            f"here, and its Jacobian has {len(operands) * sum(sizes):,} entries; make its operands smaller"
        )
    columns, k = [], 0
    for size in sizes:
        columns.append([_applied(_custom(call, replay, k + i), operands) for i in range(size)])
        k += size
    return columns


def _custom(call: Call, replay: Replay, k: int) -> CustomOp:
    def forward(*x: float) -> float:
        return replay.values(x)[k]

    def partials(_y: float, *x: float) -> list[float]:
        return replay.jacobian(x)[k]

    return CustomOp(forward, partials, _shown_name(call.name))


def _shown_name(name: str) -> str:
    """The op's name as a person knows it, apart from the ops of the table."""
    return "torch." + name.strip("_").removeprefix("linalg_").removeprefix("special_")


def _applied(made: CustomOp, operands: Sequence[Any]) -> Any:
    if all(map(is_constant, operands)):
        return constant(made.forward(*[number_in(x) for x in operands]))
    return made(*operands)
