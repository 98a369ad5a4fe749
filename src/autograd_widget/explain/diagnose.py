"""Why a gradient is missing, 0, nan or infinite, and why a value is nan or infinite: the node that causes it.

Of several reasons for a 0 the one on the shortest way towards the root is given, and of equally near ones
that of the consumer with the lowest id. Of a number that is not finite the first one is given: values come
before gradients, values are made from the leaves on, gradients from the root on. A nan that comes from a nan
is followed there, and not to an infinity beside it. `js/src/analysis/diagnose.ts` is the twin of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple, TypeVar

from autograd_widget.engine.ops import LEAF, OPS
from autograd_widget.graph.graph import Graph

T = TypeVar("T")


@dataclass(frozen=True)
class Why:
    """A reason."""

    kind: str
    """`"not run yet"`, `"frozen"`, `"not tracked"`, `"not connected"` (to the root of the last pass);
    `"dead relu"`, `"zero factor"`, `"not taken"` (by a max or a min), `"flat"` (another op with the slope 0),
    `"cancels"`, `"underflow"`;
    `"first nan"`, `"first inf"`."""
    at: int | None = None
    """The node that causes it."""
    factor: int | None = None
    """What `at` multiplies by, or does not take."""


class Use(NamedTuple):
    """A place where a node is an operand: its slot in `edge_grads`, and whose operand it is there."""

    slot: int
    consumer: int


def why_gradient(graph: Graph, node: int) -> Why | None:
    """Why the gradient of the last pass is what it is; None for an ordinary number."""
    if not graph.needs_grad[node]:
        return Why("frozen" if graph.ops[node] == LEAF else "not tracked")
    if not graph.passes:
        return Why("not run yet")
    if not graph.pass_reached[node]:
        return Why("not connected", graph.passes[-1])
    gradient = graph.pass_grads[node]
    if gradient == 0.0:
        return _why_zero(graph, node)
    return None if isfinite(gradient) else _first_gradient(graph, node)


def why_value(graph: Graph, node: int) -> Why | None:
    """Where a value that is nan or infinite was first made; None for a finite one."""
    return None if isfinite(graph.values[node]) else _first_value(graph, [node])


def uses_in_pass(graph: Graph) -> list[list[Use]]:
    """Per node where the last pass sent something to it, be it 0."""
    uses: list[list[Use]] = [[] for _ in graph.ops]
    for consumer, operands in enumerate(graph.inputs):
        if graph.pass_reached[consumer]:
            for slot, operand in enumerate(operands, graph.offsets[consumer]):
                if graph.needs_grad[operand]:
                    uses[operand].append(Use(slot, consumer))
    return uses


def local_derivative(graph: Graph, use: Use) -> float:
    """What the gradient of the consumer is multiplied by on its way to the operand."""
    i = use.consumer
    row = OPS.get(graph.ops[i]) or graph._rows[i]
    sent = row.backward(1.0, graph.values[i], *[graph.values[j] for j in graph.inputs[i]])
    return sent[use.slot - graph.offsets[i]]


def _why_zero(graph: Graph, node: int) -> Why | None:
    uses = uses_in_pass(graph)
    nodes, seen = [node], {node}
    for i in nodes:  # grows while it is read: nearest first
        if any(graph.edge_grads[use.slot] != 0.0 for use in uses[i]):
            return Why("cancels", i)
        for use in uses[i]:
            if why := _why_nothing_sent(graph, use):
                return why
        for use in uses[i]:
            if use.consumer not in seen:
                seen.add(use.consumer)
                nodes.append(use.consumer)
    return None


def _why_nothing_sent(graph: Graph, use: Use) -> Why | None:
    """Why a consumer sent 0, unless because it received 0."""
    i = use.consumer
    if local_derivative(graph, use) != 0.0:
        return None if graph.pass_grads[i] == 0.0 else Why("underflow", i)
    if graph.ops[i] == "relu":
        return Why("dead relu", i)
    if graph.ops[i] in ("*", "/", "prod"):
        for slot, operand in enumerate(graph.inputs[i], graph.offsets[i]):
            if slot != use.slot and graph.values[operand] == 0.0:
                return Why("zero factor", i, operand)
    if graph.ops[i] in ("max", "min"):
        return Why("not taken", i, graph.inputs[i][use.slot - graph.offsets[i]])
    return Why("flat", i)


def _first_gradient(graph: Graph, node: int) -> Why:
    uses = uses_in_pass(graph)
    nodes, seen = [node], {node}
    strange_values: list[int] = []
    made: list[tuple[int, float]] = []
    for i in nodes:
        guilty = _culprits(uses[i], lambda use: graph.edge_grads[use.slot])
        if not guilty:  # finite numbers, and their sum overflowed
            made.append((i, graph.pass_grads[i]))
        for use in guilty:
            consumer = use.consumer
            around = [*graph.inputs[consumer], consumer]
            strange = [j for j in around if not isfinite(graph.values[j])]
            if strange and not isfinite(local_derivative(graph, use)):
                strange_values.append(strange[0])
            elif isfinite(graph.pass_grads[consumer]):
                made.append((consumer, graph.edge_grads[use.slot]))
            elif consumer not in seen:
                seen.add(consumer)
                nodes.append(consumer)
    if strange_values or not made:
        return _first_value(graph, strange_values or [node])
    at = max(i for i, _ in made)
    return _not_finite(at, next(x for i, x in made if i == at))


def _first_value(graph: Graph, start: Sequence[int]) -> Why:
    nodes = list(dict.fromkeys(start))
    seen = set(nodes)
    first = len(graph)
    for i in nodes:
        guilty = _culprits(graph.inputs[i], lambda j: graph.values[j])
        if not guilty:
            first = min(first, i)
        for j in guilty:
            if j not in seen:
                seen.add(j)
                nodes.append(j)
    return _not_finite(first, graph.values[first])


def _not_finite(at: int, x: float) -> Why:
    return Why("first nan" if x != x else "first inf", at)


def _culprits(parts: Sequence[T], number: Callable[[T], float]) -> list[T]:
    """Those that make a sum or an op's value nan or infinite."""
    strange = [part for part in parts if not isfinite(number(part))]
    return [part for part in strange if number(part) != number(part)] or strange
