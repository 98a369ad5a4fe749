"""The k largest paths of a gradient from a root to a node, and the sum over all paths.

Sixty times `y + y` are 2**60 paths, so they are not enumerated. The k largest to a node are among the k
largest to each of its consumers, one step further: one sweep in the order of the pass finds them (Bellman and
Kalaba, "On kth best policies", 1960; Eppstein, "Finding the k shortest paths", 1998, suits a larger k).
Contributions come from the op table, as in a pass. They are monotone in the upstream magnitude, rounding,
overflow and underflow included, so the order is exact; nan counts as infinite. The same sweep counts the
paths and sums the unlisted ones. `js/src/analysis/paths.ts` is the twin of this file.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, NamedTuple

from autograd_widget.engine.ops import OPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from autograd_widget.graph.graph import Graph


@dataclass(frozen=True)
class Path:
    """A path from the root to the target."""

    nodes: tuple[int, ...]
    """From the root to the target."""
    slots: tuple[int, ...]
    """The operand slots taken, as positions in the graph's `edge_grads`: one fewer than there are nodes."""
    factors: tuple[float, ...]
    """The local derivative along each slot."""
    product: float
    """The contribution to the target per unit of the root's gradient; a dead ReLU makes 0 even of inf."""


@dataclass(frozen=True)
class TopPaths:
    """The largest paths, and the sum over all."""

    paths: tuple[Path, ...]
    """The largest first; of equal ones the shorter first, then by their nodes and slots."""
    total: float
    """The gradient of the target in the last pass."""
    count: int
    """The number of all paths."""
    rest: float
    """The sum over the unlisted paths; exactly 0 if all are listed."""


def top_paths(graph: Graph, root: int, target: int, limit: int = 10) -> TopPaths:
    """Find the `limit` largest paths from `root`, where the last pass began, to `target`."""
    leading = _leading_to(graph, root, target)
    arrivals = {root: _Arrivals(1, [_Step(1.0, 0, root, -1, None)])} if root in leading else {}
    for i in range(root, target, -1):
        here = arrivals.pop(i, None)
        if here is None:
            continue
        here.cut(limit)
        sent = [_contributions(graph, i, step.product) for step in here.steps]
        # No rest if all paths are listed: 0 times infinity would be nan.
        rest = _contributions(graph, i, here.rest) if here.count > len(here.steps) else None
        for p, node in enumerate(graph.inputs[i]):
            if node not in leading:
                continue
            there = arrivals.setdefault(node, _Arrivals(0, []))
            there.count += here.count
            there.rest += rest[p] if rest else 0.0
            slot = graph.offsets[i] + p
            there.steps += [
                _Step(numbers[p], before.length + 1, node, slot, before)
                for before, numbers in zip(here.steps, sent, strict=True)
            ]
            if len(there.steps) > 8 * limit:
                there.cut(limit)
    there = arrivals.get(target, _Arrivals(0, []))
    there.cut(limit)
    paths = [_path(graph, step) for step in there.steps]
    paths.sort(key=lambda path: (-_size(path.product), len(path.nodes), path.nodes, path.slots))
    return TopPaths(tuple(paths), graph.pass_grads[target], there.count, there.rest)


class _Step(NamedTuple):
    """A path from the root as far as `node`."""

    product: float
    length: int
    node: int
    slot: int
    before: _Step | None


@dataclass
class _Arrivals:
    """The paths from the root to one node."""

    count: int
    steps: list[_Step]
    rest: float = 0.0

    def cut(self, limit: int) -> None:
        """Keep the largest, and add the others to `rest`."""
        self.steps.sort(key=lambda step: (-_size(step.product), step.length))
        for step in self.steps[limit:]:
            self.rest += step.product
        del self.steps[limit:]


def _leading_to(graph: Graph, root: int, target: int) -> set[int]:
    """The nodes with a path to the target. None leads through a `detach` or a comparison."""
    leading = {target} if graph.needs_grad[target] and target <= root else set()
    for i in range(target + 1, root + 1):
        if graph.needs_grad[i] and not leading.isdisjoint(graph.inputs[i]):
            leading.add(i)
    return leading


def _contributions(graph: Graph, i: int, g: float) -> Sequence[float]:
    """The contribution of a node to each operand, for the upstream gradient `g`."""
    row = OPS.get(graph.ops[i]) or graph._rows[i]
    return row.backward(g, graph.values[i], *[graph.values[j] for j in graph.inputs[i]])


def _path(graph: Graph, last: _Step) -> Path:
    steps = []
    step: _Step | None = last
    while step is not None:
        steps.append(step)
        step = step.before
    steps.reverse()
    nodes = tuple([step.node for step in steps])
    slots = tuple([step.slot for step in steps[1:]])
    factors = [
        _contributions(graph, i, 1.0)[slot - graph.offsets[i]]
        for i, slot in zip(nodes[:-1], slots, strict=True)
    ]
    return Path(nodes, slots, tuple(factors), last.product)


def _size(x: float) -> float:
    return inf if x != x else abs(x)
