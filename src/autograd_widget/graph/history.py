"""What the scalars of a graph hold: leaf values, what is frozen, the passes that were run, the gradients.

The scalars are the record. A widget reads it through its graph, and writes it when something changes on its
side. What the passes don't explain of a `.grad` is carried along, so that nothing that was put there is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import copysign, isfinite
from sys import float_info
from typing import Final

from autograd_widget.engine.ops import LEAF
from autograd_widget.engine.scalar import Scalar

from .graph import Graph

ROUNDINGS: Final = 4.0
"""Roundings per added number by which two sums may differ and be the same sum.

The passes themselves are replayed bit by bit. But what is carried may have been added before, between or
after them, and numbers added in another order give another sum: each addition is off by at most half an ulp
of a sum that is no larger than the sum of the sizes, in both sums (Higham, *Accuracy and Stability of
Numerical Algorithms*, 2002, 4.2).
"""


class History:
    """The passes that were run in a graph since `zero_grad()`, and what `.grad` holds besides.

    Args:
        graph: A graph that was taken from scalars.
    """

    passes: list[int]
    """The roots, in order."""
    carried: dict[int, float]
    """What a node's `.grad` holds besides what the passes gave it; only where there is something.

    It was set by hand, or by passes that can't be replayed: with another gradient of the root than 1, from a
    root outside the graph, or at other values.
    """

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.nodes: list[Scalar] = graph.nodes or []
        self.leaves = [i for i, op in enumerate(graph.ops) if op == LEAF]
        self.passes = []
        self.carried = {}
        self._numbers: list[
            int
        ] = []  # what the scalars call the passes: other graphs have them in this order too
        self._moved = True

    def grad(self, node: int) -> float:
        """The accumulated gradient of a node; 0.0 where none came."""
        return self.carried.get(node, 0.0) + self.graph.grads[node]

    def reached(self, node: int) -> bool:
        """Whether a gradient has come to a node since `zero_grad()`."""
        return self.graph.reached[node] or node in self.carried

    def is_frozen(self, leaf: int) -> bool:
        """Whether no gradient flows into a leaf."""
        return not self.graph.needs_grad[leaf]

    # -- changing --------------------------------------------------------------------------------------------

    def set_leaf(self, leaf: int, value: float, frozen: bool) -> None:
        """Move a leaf, freeze it or thaw it."""
        if not _identical(value, self.graph.values[leaf]):
            self.graph.set_leaf(leaf, value)
            self._moved = True
        if frozen != self.is_frozen(leaf):
            self.graph.set_frozen(leaf, frozen)
            self._moved = True

    def set_passes(self, passes: Iterable[int]) -> None:
        """Have other passes; the first ones may be the same."""
        passes = list(passes)
        kept = 0
        while kept < min(len(passes), len(self.passes)) and passes[kept] == self.passes[kept]:
            kept += 1
        self._numbers[kept:] = [0] * len(passes[kept:])
        self.passes = passes

    def replay(self) -> None:
        """Compute what has changed: everything if a leaf has moved, else the passes that are new."""
        known = self.graph.passes
        if self._moved or self.passes[: len(known)] != known:
            self.graph.replay(self.passes)
        else:
            for root in self.passes[len(known) :]:
                self.graph.backward(root)
        self._moved = False

    # -- the scalars -----------------------------------------------------------------------------------------

    def read(self) -> None:
        """Take over what the scalars hold now."""
        for i in self.leaves:
            self.set_leaf(i, self.nodes[i].value, not self.nodes[i].requires_grad)
        self.read_passes()
        self.replay()
        self.read_gradients()

    def read_gradients(self) -> None:
        """Take over what the scalars hold besides what the passes gave them, or of what they were cleared."""
        self.carried = self.unexplained()
        parameters = [i for i in self.leaves if not self.is_frozen(i)]
        unexplained = [i for i in parameters if i in self.carried]
        if unexplained:
            are_most = 2 * len(unexplained) > len(parameters)
            self._leave_out_what_was_cleared(unexplained if are_most else parameters)

    def read_passes(self) -> None:
        """Take over which passes were run; those at another value of their root are not the same again."""
        runs = sorted(
            (run, i)
            for i, node in enumerate(self.nodes)
            for run, value in node._runs
            if _equal(value, node.value)
        )
        self.passes, self._numbers = [i for _, i in runs], [run for run, _ in runs]

    def has_moved_by_hand(self) -> bool:
        """Whether leaves were given other values after the passes, and nothing was computed again since."""
        return any(not _equal(self.nodes[i].value, self.graph.values[i]) for i in self.passes)

    def unexplained(self) -> dict[int, float]:
        """Per node what the passes, as they were replayed last, don't explain of its gradient.

        Differences as small as rounding are none, and what is carried already keeps its digits.
        """
        off = [i for i, node in enumerate(self.nodes) if not _equal(node.grad, self.graph.grads[i])]
        if all(i in self.carried and _equal(self.nodes[i].grad, self.grad(i)) for i in off):
            return {i: self.carried[i] for i in off}
        sizes = self._sizes_added()
        found = {i: self._difference(i, sizes[i]) for i in off}
        return {i: carried for i, carried in found.items() if carried != 0.0}

    def write(self) -> None:
        """Store values, gradients, passes and what is frozen in the scalars."""
        self.graph.write_back()
        for i, carried in self.carried.items():
            node = self.nodes[i]
            if self.graph.pass_reached[i] and node.prevs:  # it still knows what the last pass brought it
                node._noted.earlier = carried + (node._noted.earlier or 0.0)
            else:
                node.grad = self.grad(i)
        for i in self.leaves:
            self.nodes[i].requires_grad = not self.is_frozen(i)
        roots = set(self.passes)
        # New ones, later than any other.
        numbers = sorted(run for i in roots for run, _ in self.nodes[i]._runs)
        self._numbers = [known or new for known, new in zip(self._numbers, numbers, strict=True)]
        self._write_runs(roots)

    def _write_runs(self, roots: Iterable[int]) -> None:
        for i in roots:
            self.nodes[i]._noted.runs = ()
        for number, i in zip(self._numbers, self.passes, strict=True):
            self.nodes[i]._noted.runs += ((number, self.nodes[i].value),)

    def _difference(self, i: int, size: float) -> float:
        held, replayed, before = self.nodes[i].grad, self.graph.grads[i], self.carried.get(i, 0.0)
        slack = ROUNDINGS * (len(self.passes) + 1) * float_info.epsilon * (size + abs(before))
        for known in (0.0, before):
            difference = held - (known + replayed)
            if _equal(held, known + replayed) or (isfinite(slack) and abs(difference) <= slack):
                return known
        return held - replayed

    def passes_apart(self) -> Iterator[tuple[int, Sequence[float], Sequence[bool]]]:
        """Every pass by itself: its root, per node what it gave, and whether it came there."""
        graph = self.graph
        graph.zero_grad()
        for root in self.passes:
            graph.backward(root)
            yield root, graph.pass_grads, graph.pass_reached

    def _sizes_added(self) -> list[float]:
        """Per node the sizes of what the passes gave it, added up."""
        sizes = [0.0] * len(self.graph)
        for _, grads, _ in self.passes_apart():
            sizes = [size + abs(grad) for size, grad in zip(sizes, grads, strict=True)]
        return sizes

    def _leave_out_what_was_cleared(self, parameters: list[int]) -> None:
        """Where parameters were cleared by hand, have only the passes since then.

        Training loops in micrograd's manner set `p.grad = 0.0` of each of a model's parameters and of nothing
        else. Its inputs may be leaves too: what they hold of the passes before is carried. So if most leaves
        were cleared, the others don't count.
        """
        for start in range(1, len(self.passes) + 1):
            self.graph.replay(self.passes[start:])
            if all(_equal(self.nodes[i].grad, self.graph.grads[i]) for i in parameters):
                roots = set(self.passes)
                self.passes, self._numbers = self.passes[start:], self._numbers[start:]
                self.carried = self.unexplained()
                self._write_runs(roots)  # so that nobody has to find it out again
                return
        self.graph.replay(self.passes)


def _equal(x: float, y: float) -> bool:
    return x == y or (x != x and y != y)


def _identical(x: float, y: float) -> bool:
    """Also the sign of a zero: dividing by it tells."""
    return _equal(x, y) and copysign(1.0, x) == copysign(1.0, y)
