"""A recording: made by `with record():`, and found again from a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Final

import torch
from torch.nn.modules.module import register_module_forward_hook, register_module_forward_pre_hook
from torch.utils.weak import WeakTensorKeyDictionary

from autograd_widget.engine.backward import upstream
from autograd_widget.engine.core import innermost_group
from autograd_widget.engine.scalar import Scalar

from .naming import Names, tensors_held, variables_of
from .nodes import element_name
from .recorder import Recorder
from .sizes import too_many
from .tape import Leaf, RefusedError, Scope, Tape, Tensor
from .unroll import Unroller
from .verify import check_gradients

if TYPE_CHECKING:
    from typing_extensions import Self

_open: Final[list[Recording]] = []
"""Unfinished recordings, the innermost last."""

_found: Final = WeakTensorKeyDictionary()
"""Results that the person holds → their recording, the ids of their storage, their version, and why they
can't be drawn."""


class Recording:
    """The context manager behind `record()` for PyTorch.

    Args:
        names: Names of tensors, instead of those of variables.
        limit: The most scalars that a result may be drawn with.
        variables: A function that is called at the end for the caller's variables.
    """

    def __init__(
        self,
        names: Mapping[Tensor, str] | None,
        limit: int,
        variables: Callable[[], list[tuple[str, Any]]] = list,
    ) -> None:
        self.tape = Tape(limit)
        self.unroller = Unroller(self.tape, limit, lambda: self._is_open)
        self._given, self._variables = names, variables
        self._recorder = Recorder(self.tape)
        self._is_open = False
        self._hooks: list[Any] = []
        self._modules: list[Scope | None] = []
        """The calls of modules around the innermost one."""
        self._checked: set[int] = set()

    # -- while it goes on ------------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        self._is_open = True
        self._hooks = [
            register_module_forward_pre_hook(self._enter_module),
            register_module_forward_hook(self._leave_module, always_call=True),
        ]
        self._recorder.__enter__()
        _open.append(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recorder.__exit__(kind, error, trace)
        for hook in self._hooks:
            hook.remove()
        self._is_open = False
        _open.remove(self)
        self._name()
        for weak in self._recorder.produced:
            t = weak()
            if t is not None:
                self._remember(t)
        self._recorder.produced.clear()
        self.tape.release()
        self._variables = list  # or a frame would be kept, with all that it holds

    def _enter_module(self, module: Any, _args: Any) -> None:
        around = self._recorder.scope
        name = _name_in(around, module)
        self._recorder.scope = Scope(name, module, self._recorder.here(), innermost_group.get())
        self._modules.append(around)

    def _leave_module(self, module: Any, _args: Any, _out: Any) -> None:
        scope = self._recorder.scope
        if scope is not None and scope.module is module:
            self._recorder.scope = self._modules.pop()

    def _remember(self, t: Tensor) -> None:
        key = t.untyped_storage()._cdata
        _found[t] = (self, self.tape.shadows.get(key), _version(t), self.tape.unknown.get(key, ""))

    def _name(self) -> None:
        """Take over the current names of tensors and modules."""
        names = Names(self._variables(), self._given)
        unroller = self.unroller
        for t, name in names.tensors:
            unroller.names[id(t)] = name
            if t.layout == torch.strided and t.numel() <= unroller.limit and self.tape.has(t):
                whole = self.tape.shadows[t.untyped_storage()._cdata]
                ids = whole.as_strided(t.size(), t.stride(), t.storage_offset())
                for place, i in enumerate(ids.reshape(-1).tolist()):
                    if i >= 0:
                        unroller.labels.setdefault(i, element_name(name, tuple(t.shape), place))
        for block in self.tape.blocks:
            scope, outermost = None if isinstance(block, Leaf) else block.scope, None
            while scope is not None:
                outermost, scope = scope if scope.module is not None else outermost, scope.parent
            if outermost is not None:
                kind = type(outermost.module).__name__
                variable = names.modules.get(id(outermost.module))
                outermost.name = f"{variable}: {kind}" if variable else kind

    # -- when a result is shown ------------------------------------------------------------------------------

    def scalar_of(self, t: Tensor) -> Scalar:
        """The scalar of a number that was recorded.

        Raises:
            RefusedError: It can't be drawn; the sentence says why and what to do.
        """
        i = self._id(t)
        root = self.unroller.root(i)
        if not t.requires_grad:
            root = self.unroller.cut(i)
        limit = self.unroller.limit
        if (count := len(upstream(root))) > limit:
            raise RefusedError(f"this result is made of {count:,} scalars: {too_many(limit)}")
        if i not in self._checked:
            held = [(kept, kept.grad) for kept in self._results() if kept.retains_grad]
            for kept, grad in held:  # or PyTorch would add to it
                kept.grad = None if grad is None else grad.clone()
            try:
                check_gradients(self.unroller, root, t, [r for r in self._results() if r._backward_hooks])
            finally:
                for kept, grad in held:
                    kept.grad = grad
            self._checked.add(i)
        return root

    def known(self, t: Tensor) -> Scalar | None:
        """The scalar of a number that was drawn already; None for any other."""
        try:
            i = self._id(t)
        except RefusedError:
            return None
        return self.unroller.drawn(i)

    def _results(self) -> list[Tensor]:
        """The tensors that were computed in the recording and are still alive."""
        return [t for t, (recording, *_) in _found.items() if recording is self]

    def _id(self, t: Tensor) -> int:
        shadow, version, why = self._place(t)
        if why:
            raise RefusedError(f"this result can't be drawn: {why}")
        if t.numel() != 1:
            shape = ", ".join(map(str, t.shape))
            raise RefusedError(
                f"GraphWidget draws one number, and this tensor has the shape ({shape}): take its sum() or "
                "mean(), or one element, inside record()"
            )
        if _version(t) != version:
            raise RefusedError("this tensor was changed in place after it was recorded: record it again")
        found = (
            None
            if shadow is None
            else int(shadow.as_strided(t.size(), t.stride(), t.storage_offset()).item())
        )
        if found is None or found < 0:
            raise RefusedError("this tensor was not computed in record() from anything that it recorded")
        return found

    def _place(self, t: Tensor) -> tuple[Tensor | None, int, str]:
        if self._is_open:
            key = t.untyped_storage()._cdata
            return self.tape.shadows.get(key), _version(t), self.tape.unknown.get(key, "")
        found = _found.get(t) or (None if t._base is None else _found.get(t._base))
        if found is None or found[0] is not self:
            raise RefusedError("this tensor was not computed in this recording")
        _, shadow, version, why = found
        return shadow, version, why


def _version(t: Tensor) -> int:
    """PyTorch's count of writes to a tensor; -1 in inference mode, which does not count."""
    return -1 if t.is_inference() else int(t._version)


def _name_in(parent: Scope | None, module: Any) -> str:
    """`0: Linear`, by the name that a module has in the one around it."""
    kind = type(module).__name__
    children = [] if parent is None else list(parent.module.named_children())
    name = next((name for name, child in children if child is module), "")
    return f"{name}: {kind}" if name else kind


def record_torch(names: Mapping[Tensor, str] | None, limit: int, frame: FrameType | None) -> Recording:
    """Record PyTorch code: results computed inside `with` can be drawn afterwards."""
    return Recording(names, limit, list if frame is None else partial(variables_of, frame))


def recordings_of(arguments: Mapping[str, Any], limit: int = 20_000) -> Callable[[], Recording]:
    """Make a recording for each run of a function with these arguments, and name its tensors.

    Where no tensor among them asks for gradients, all do: a function is explored for them.
    """
    variables = list(arguments.items())
    leaves = [t for t, _ in tensors_held(variables) if t.is_leaf and t.is_floating_point()]
    modules = [held for held in arguments.values() if isinstance(held, torch.nn.Module)]
    if not modules and not any(t.requires_grad for t in leaves):
        for t in leaves:
            t.requires_grad_()
    return lambda: Recording(None, limit, lambda: variables)


def recording_of(t: Tensor) -> Recording:
    """The recording that a tensor was computed in.

    Raises:
        RefusedError: There is none.
    """
    if _open and _open[-1].tape.has(t):
        return _open[-1]
    found = _found.get(t) or (None if t._base is None else _found.get(t._base))
    if found is None:
        raise RefusedError(
            "this tensor was not recorded: compute it inside `with record():`, then show the result"
        )
    recording: Recording = found[0]
    return recording
