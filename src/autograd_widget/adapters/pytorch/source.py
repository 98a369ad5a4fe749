"""Reading numbers and gradients from a person's tensors, and writing them back."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import torch

from autograd_widget.engine.backward import upstream
from autograd_widget.engine.core import Pass
from autograd_widget.engine.pass_log import hold
from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph

from .modes import plainly
from .nodes import shortest
from .recording import Recording, recording_of
from .tape import Tensor


class TensorSource:
    """Recorded results, and the tensors that they were computed from.

    A leaf's value is an element of a tensor. Values are written with `no_grad` into the tensor itself, so
    that PyTorch knows of it, and refuses a backward pass with the old values that it saved.

    Args:
        results: Recorded numbers, some scalars of ours among them perhaps.

    Raises:
        ValueError: One can't be drawn; the sentence says why.
    """

    def __init__(self, results: Sequence[Any]) -> None:
        self._results = tuple(results)
        recorded = [(t, recording_of(t)) for t in results if isinstance(t, torch.Tensor)]
        self._recordings: list[Recording] = list(dict.fromkeys(recording for _, recording in recorded))
        self.roots: list[Scalar] = [
            t if isinstance(t, Scalar) else recording_of(t).scalar_of(t) for t in self._results
        ]
        self._held = self._leaves()
        self.pull()

    def _leaves(self) -> list[tuple[Tensor, list[tuple[Scalar, int]]]]:
        """Per tensor the leaves of the graph that are its elements, and their places."""
        held: dict[int, tuple[Tensor, list[tuple[Scalar, int]]]] = {}
        for node in upstream(*self.roots):
            for recording in self._recordings:
                if node in recording.unroller.leaves:
                    t, place = recording.unroller.leaves[node]
                    held.setdefault(id(t), (t, []))[1].append((node, place))
        return list(held.values())

    def scalar_of(self, obj: Any) -> Scalar | None:
        """The scalar of a tensor of one element: a leaf, or something computed in the recording."""
        if not isinstance(obj, torch.Tensor) or obj.numel() != 1:
            return None
        for t, elements in self._held:
            if t is obj:
                return elements[0][0]
        for recording in self._recordings:
            if (found := recording.known(obj)) is not None:
                return found
        return None

    def pull(self) -> None:
        """Take over numbers, gradients and `requires_grad` from the tensors."""
        with plainly(), torch.no_grad():
            held: dict[Scalar, float | None] = {}
            for t, elements in self._held:
                values = t.detach().reshape(-1).tolist()
                grads = None if t.grad is None else t.grad.detach().reshape(-1).tolist()
                for leaf, place in elements:
                    _take(leaf, values[place], t.dtype)
                    if t.is_leaf and leaf.requires_grad != t.requires_grad:
                        leaf.requires_grad = t.requires_grad
                    if t.requires_grad:
                        held[leaf] = None if grads is None else float(grads[place])
        self._take_gradients(held)

    def _take_gradients(self, held: Mapping[Scalar, float | None]) -> None:
        """Take over gradients; as a pass, if one pass from a result gives them at these values."""
        if all(_is_held(leaf, x) for leaf, x in held.items()):
            return
        more = {leaf: (x or 0.0) - leaf.grad for leaf, x in held.items()}
        if self._ran(more):
            return
        for node in upstream(*self.roots):
            node.grad = None  # forgets the passes, too
        if self._ran({leaf: x or 0.0 for leaf, x in held.items()}):
            return
        earlier = Pass(count=1)
        earlier.ran = -1  # at other values, or from elsewhere
        for leaf, x in held.items():
            if x is not None:
                hold(leaf, [(earlier, x, leaf.value)])

    def _ran(self, wanted: Mapping[Scalar, float]) -> bool:
        """Run the pass from a result that gives these gradients, if one does."""
        for root in reversed(self.roots):
            graph = Graph.of(root)
            graph.forward()
            graph.backward(len(graph) - 1)
            given = dict(zip(graph.nodes or (), graph.grads, strict=True))
            if _gives({leaf: given.get(leaf, 0.0) for leaf in wanted}, wanted):
                root.forward()
                root.backward()
                return True
        return False

    def push(self) -> None:
        """Write numbers, gradients and `requires_grad` of the scalars into the tensors."""
        with plainly(), torch.no_grad():
            for t, elements in self._held:
                _write(t, [(place, leaf.value) for leaf, place in elements])
                if t.is_leaf and len({leaf.requires_grad for leaf, _ in elements}) == 1:
                    t.requires_grad_(elements[0][0].requires_grad)
                _write_gradients(t, elements)


ROUNDING: Final = 1e-6
"""The relative tolerance: PyTorch computes in single precision by default."""


def source_of(results: Sequence[Any]) -> TensorSource:
    """The source of recorded numbers.

    Raises:
        ValueError: One can't be drawn; the sentence says why.
    """
    return TensorSource(results)


def _same(x: float, held: float, dtype: Any) -> bool:
    """Test whether a number, rounded to a dtype, is the one that a tensor holds."""
    if dtype == torch.float32 and math.isfinite(x):
        try:
            x = struct.unpack("f", struct.pack("f", x))[0]
        except OverflowError:
            x = math.copysign(math.inf, x)
    return x == held or (x != x and held != held)


def _take(leaf: Scalar, held: float, dtype: Any) -> None:
    if not _same(leaf.value, held, dtype):
        leaf.value = shortest(float(held), dtype)


def _is_held(leaf: Scalar, held: float | None) -> bool:
    return not leaf.reached if held is None else leaf.reached and _near(leaf.grad, held)


def _near(x: float, y: float) -> bool:
    """Test whether two numbers are equal but for the rounding of single precision."""
    return x == y or (x != x and y != y) or abs(x - y) <= ROUNDING * max(abs(x), abs(y))


def _gives(given: Mapping[Scalar, float], wanted: Mapping[Scalar, float]) -> bool:
    """Test whether one pass gives these gradients, but for rounding."""
    sizes = [abs(x) for x in given.values() if math.isfinite(x)]
    slack = 100.0 * ROUNDING * max(sizes, default=0.0)
    return all(_near(x, wanted[leaf]) or abs(x - wanted[leaf]) <= slack for leaf, x in given.items())


def _write(t: Tensor, values: Sequence[tuple[int, float]]) -> None:
    """Write the changed elements into a tensor."""
    held = t.detach().reshape(-1).tolist()
    for place, value in values:
        if not _same(value, held[place], t.dtype):
            if t.dim():
                t[_index(place, t.shape)] = value
            else:
                t.fill_(value)


def _index(place: int, shape: Sequence[int]) -> tuple[int, ...]:
    index = []
    for size in reversed(shape):
        place, i = divmod(place, size)
        index.append(i)
    return tuple(reversed(index))


def _write_gradients(t: Tensor, elements: Sequence[tuple[Scalar, int]]) -> None:
    if not t.requires_grad or not t.is_leaf:
        return
    if not any(leaf.reached for leaf, _ in elements):
        t.grad = None
        return
    if t.grad is None:
        t.grad = torch.zeros_like(t)
    held = t.grad.reshape(-1).tolist()
    _write(t.grad, [(place, leaf.grad) for leaf, place in elements if not _near(leaf.grad, held[place])])
