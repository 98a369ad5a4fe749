"""Every road that a gradient takes from a root to a node, the largest first, without walking them all.

Sixty times `y + y` are 2**60 roads. The k best to a node are among the k best to each of its consumers, a
step further: one sweep in the order of the pass finds them (Bellman and Kalaba, "On kth best policies", 1960;
Eppstein, "Finding the k shortest paths", 1998, is the way to ask for many more). Numbers are sent down a road
as the pass sends them, through the op table. There more in never gives less out, rounding, overflow and
underflow included, so the order is exact; nan counts as infinite. How many roads there are, and what the
unlisted ones bring, is summed up in the same sweep. `js/src/analysis/paths.ts` is the twin of this file.
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
class Road:
    """One road from the root to the target."""

    nodes: tuple[int, ...]
    """From the root to the target."""
    slots: tuple[int, ...]
    """The operand slots taken, as positions in the graph's `edge_grads`: one fewer than there are nodes."""
    factors: tuple[float, ...]
    """The local derivative along each slot."""
    product: float
    """What arrives at the target when the root sends 1. (A dead ReLU makes 0 even of inf, as in the pass.)"""


@dataclass(frozen=True)
class Roads:
    """The largest roads, and all of them in sum."""

    roads: tuple[Road, ...]
    """The largest first; of equal ones the shorter first, then by their nodes and slots."""
    total: float
    """The gradient of the target in the last pass."""
    count: int
    """How many roads there are in all."""
    rest: float
    """What the roads that are not listed bring together; exactly 0 if all are."""


def roads_to(graph: Graph, root: int, target: int, most: int = 10) -> Roads:
    """The `most` largest roads from `root`, where the last pass came from, to `target`."""
    leads = _leading_to(graph, root, target)
    arrivals = {root: _Arrivals(1, [_Step(1.0, 0, root, -1, None)])} if root in leads else {}
    for i in range(root, target, -1):
        here = arrivals.pop(i, None)
        if here is None:
            continue
        here.cut(most)
        sent = [_contributions(graph, i, step.product) for step in here.steps]
        # Not a rest of 0 where all roads are listed: times infinity it would become nan.
        rest = _contributions(graph, i, here.rest) if here.count > len(here.steps) else None
        for p, node in enumerate(graph.inputs[i]):
            if node not in leads:
                continue
            there = arrivals.setdefault(node, _Arrivals(0, []))
            there.count += here.count
            there.rest += rest[p] if rest else 0.0
            slot = graph.offsets[i] + p
            there.steps += [
                _Step(numbers[p], before.length + 1, node, slot, before)
                for before, numbers in zip(here.steps, sent, strict=True)
            ]
            if len(there.steps) > 8 * most:
                there.cut(most)
    there = arrivals.get(target, _Arrivals(0, []))
    there.cut(most)
    roads = [_road(graph, step) for step in there.steps]
    roads.sort(key=lambda road: (-_size(road.product), len(road.nodes), road.nodes, road.slots))
    return Roads(tuple(roads), graph.pass_grads[target], there.count, there.rest)


class _Step(NamedTuple):
    """A road from the root as far as `node`."""

    product: float
    length: int
    node: int
    slot: int
    before: _Step | None


@dataclass
class _Arrivals:
    """The roads from the root to one node."""

    count: int
    steps: list[_Step]
    rest: float = 0.0

    def cut(self, most: int) -> None:
        """Keep the best; what the others bring goes into `rest`."""
        self.steps.sort(key=lambda step: (-_size(step.product), step.length))
        for step in self.steps[most:]:
            self.rest += step.product
        del self.steps[most:]


def _leading_to(graph: Graph, root: int, target: int) -> set[int]:
    """The nodes on roads to the target."""
    leads = {target} if graph.needs_grad[target] and target <= root else set()
    for i in range(target + 1, root + 1):
        if not leads.isdisjoint(graph.inputs[i]):
            leads.add(i)
    return leads


def _contributions(graph: Graph, i: int, g: float) -> Sequence[float]:
    """What a node sends to each of its operands when the gradient `g` arrives."""
    row = OPS.get(graph.ops[i]) or graph._rows[i]
    return row.backward(g, graph.values[i], *[graph.values[j] for j in graph.inputs[i]])


def _road(graph: Graph, last: _Step) -> Road:
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
    return Road(nodes, slots, tuple(factors), last.product)


def _size(x: float) -> float:
    return inf if x != x else abs(x)
