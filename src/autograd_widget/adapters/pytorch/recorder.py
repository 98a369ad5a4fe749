"""Watching PyTorch compute: a dispatch mode that notes the calls of aten ops on a tape.

It sits below autograd, where composite functions have become ops, and hands out what the ops return: the
person's tensors, gradients and errors are the same with and without it. What it can't note it marks on
the tape; nothing is raised before a result is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.weak import TensorWeakRef

from autograd_widget.engine.core import innermost_group

from .modes import plainly
from .tape import Call, Operand, Scope, Tape, Tensor, bound, op_name, tensors_in

FROM_NOTHING: Final = frozenset(
    [
        "ones_like",
        "zeros_like",
        "empty_like",
        "full_like",
        "rand_like",
        "randn_like",
        "randint_like",
        "new_zeros",
        "new_ones",
        "new_empty",
        "new_empty_strided",
        "new_full",
        "bernoulli",
        "uniform",
        "normal",
        "log_normal",
        "exponential",
        "random",
        "cauchy",
        "geometric",
        "empty_permuted",
        "lift_fresh",
        "lift",
        "multinomial",
        "poisson",
        "zero",
        "_local_scalar_dense",
        "equal",
        "is_nonzero",
    ]
)
"""Ops whose results don't follow the values of their operands."""

BRANCHES: Final = frozenset({"_local_scalar_dense", "is_nonzero", "equal"})
"""Ops by which a number leaves PyTorch: `.item()`, and `if` on a tensor."""

COMPARISONS: Final = frozenset({"gt", "ge", "lt", "le", "eq", "ne"})

OF_BOOLEANS: Final = frozenset(
    [
        "logical_and",
        "logical_or",
        "logical_not",
        "logical_xor",
        "bitwise_and",
        "bitwise_or",
        "bitwise_not",
        "bitwise_xor",
        "sum",
        "mul",
        "add",
        "sub",
        "rsub",
        "clone",
        "_to_copy",
        "copy",
        "cat",
        "stack",
        "index",
        "index_select",
        "gather",
        "flip",
        "roll",
        "repeat",
        "select_scatter",
    ]
)
"""Ops on the results of comparisons that are followed."""


class Recorder(TorchDispatchMode):  # type: ignore[misc] # PyTorch is not there when lint runs
    """The mode itself.

    Args:
        tape: The tape that takes the calls.
        is_nested: It runs when a result is shown, on an op's decomposition: gradients are not cut there.
    """

    def __init__(self, tape: Tape, *, is_nested: bool = False) -> None:
        super().__init__()
        self.tape = tape
        self.scope: Scope | None = None
        """The innermost call of a module."""
        self._groups: dict[int, Scope] = {}
        self.branches = 0
        """Branches that were taken by a value, and numbers that left PyTorch."""
        self.produced: list[Any] = []
        """Weak references to the computed tensors."""
        self._is_nested = is_nested

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Without this, PyTorch imports its compiler for the first op, which takes seconds.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        """Run an op and note it."""
        kwargs = kwargs or {}
        if torch._C._current_autograd_node() is not None:  # the ops of a backward pass
            return func(*args, **kwargs)
        given = list(tensors_in([*args, *kwargs.values()]))
        can_cut = torch.is_grad_enabled() and not self._is_nested
        with plainly():
            call, why = self._guarded(lambda: self._before(func, args, kwargs, given, can_cut))
        out = func(*args, **kwargs)
        with plainly():
            _, failure = self._guarded(lambda: self._after(func, call, why, out, args, kwargs, given))
            if failure:
                self._guarded(lambda: self._spoil(out, failure))
        return out

    def _spoil(self, out: Any, why: str) -> None:
        """Mark results that can't be drawn."""
        for t in tensors_in(out):
            if t.layout == torch.strided:
                self.tape.spoil(t, why)
        self._produce(out)

    def _guarded(self, note: Callable[[], Any]) -> tuple[Any, str]:
        """Note a call; return the note, and the reason if it failed. No error reaches the person's code."""
        try:
            return note(), ""
        except Exception as error:  # noqa: BLE001 # refused when it is shown
            return None, f"it could not be recorded ({type(error).__name__}: {error})"

    def _before(
        self,
        func: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Sequence[Tensor],
        can_cut: bool,
    ) -> Call | None:
        """The call with its operands as they are now; None for one that needs no noting."""
        name = op_name(func)
        self.branches += name in BRANCHES
        if func.is_view or torch.Tag.inplace_view in func.tags or name in FROM_NOTHING:
            return None
        if not any(t.is_floating_point() or t.is_complex() or self.tape.has(t) for t in given):
            return None
        return Call(func, [self._taken(a, can_cut) for a in bound(func, args, kwargs)], self.here())

    def here(self) -> Scope | None:
        """The innermost module or group that the person's code is in."""
        scope = self.scope
        outside = None if scope is None else scope.block
        blocks = []
        block: Any = innermost_group.get()
        while block is not None and block is not outside:
            if block.is_open:
                blocks.append(block)
            block = block.parent
        for block in reversed(blocks):
            found = self._groups.get(id(block))
            if found is None:
                found = self._groups[id(block)] = Scope(block.name, None, scope, block)
            scope = found
        return scope

    def _taken(self, given: Any, can_cut: bool) -> Any:
        if isinstance(given, list | tuple):
            return [self._taken(each, can_cut) for each in given]
        if not isinstance(given, torch.Tensor):
            return given
        is_float = given.is_floating_point() or given.is_complex()
        ids = self.tape.ids(given) if is_float or self.tape.has(given) else None
        value = None if is_float else given.detach().clone()
        cut = can_cut and is_float and not given.requires_grad
        return Operand(ids, cut, given.dtype, value, tuple(given.shape))

    def _after(
        self,
        func: Any,
        call: Call | None,
        why: str,
        out: Any,
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        given: Sequence[Tensor],
    ) -> None:
        if func.is_view or torch.Tag.inplace_view in func.tags:
            if func.overloadpacket.__name__ == "lift_fresh":  # of `torch.tensor(…)`
                self.tape.made.add(self.tape.keep(out))
            self._produce(out)
            return
        written = list(tensors_in(_written(func, args, kwargs)))
        before = {t.untyped_storage()._cdata for t in given}
        fresh = [t for t in tensors_in(out) if t.untyped_storage()._cdata not in before]
        for t in fresh:
            self.tape.made.add(self.tape.keep(t))
        changed = list({id(t): t for t in [*fresh, *written]}.values())
        if func.overloadpacket.__name__ == "native_batch_norm" and args[5]:  # the schema doesn't say so
            for t in tensors_in(args[3:5]):
                self.tape.forget(t)
        if call is None and not why:
            for t in fresh:
                self.tape.forget(t)
            for t in written:
                self.tape.settle(t)
        else:
            self._note(call, why or self._unknown_in(call, given), changed)
        for t in written:
            self.tape.written(t)
        self._produce(out)

    def _unknown_in(self, call: Call | None, given: Sequence[Tensor]) -> str:
        if call is None or all(o.ids is not None or o.value is not None for o in call.operands()):
            return ""
        keys = [t.untyped_storage()._cdata for t in given]
        return next((self.tape.unknown[key] for key in keys if key in self.tape.unknown), "")

    def _note(self, call: Call | None, why: str, changed: Sequence[Tensor]) -> None:
        if call is None or why:
            for t in changed:
                self.tape.spoil(t, why)
            return
        followed = [t for t in changed if t.is_floating_point() or _is_followed(call)]
        for t in changed:
            self.tape.forget(t)
        self.tape.add(call, [t for t in followed if not (t.requires_grad and t.is_leaf)])

    def _produce(self, out: Any) -> None:
        if not self._is_nested:
            self.produced += [TensorWeakRef(t) for t in tensors_in(out) if _is_drawn(t)]


def _is_drawn(t: Tensor) -> bool:
    return bool(t.is_floating_point()) and t.layout == torch.strided


def _is_followed(call: Call) -> bool:
    """Test whether results that are no floats get ids too."""
    floats = any(o.dtype.is_floating_point for o in call.operands())
    return call.name in (COMPARISONS if floats else OF_BOOLEANS | COMPARISONS)


def _written(func: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[Any]:
    """The arguments that an op writes to."""
    if not func._schema.is_mutable:
        return []
    declared = zip(func._schema.arguments, bound(func, args, kwargs), strict=True)
    return [given for a, given in declared if a.alias_info is not None and a.alias_info.is_write]
