"""Diagnoses of gradients that are missing, 0, nan or infinite, and of values that are nan or infinite.

A diagnosis names the node that causes it. For a gradient of 0 that is the nearest cause towards the root; of
equally near ones, the consumer with the lowest id. For a number that is not finite it is the first one:
values come before gradients, values in forward order, gradients in backward order. A nan is traced to an
operand that is nan rather than to an infinite one. `js/src/analysis/diagnose.ts` is the twin of this file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple, TypeVar

from autograd_widget.engine.ops import LEAF, OPS, UNTRACKED
from autograd_widget.graph.graph import Graph

T = TypeVar("T")


@dataclass(frozen=True)
class Diagnosis:
    """A cause, and the node at fault."""

    kind: str
    """`"not run yet"`, `"frozen"`, `"not tracked"`, `"cut off"` (by a `detach` or a comparison),
    `"not connected"` (to the root of the last pass);
    `"dead relu"`, `"zero factor"`, `"not taken"` (by a max, a clamp, a where), `"flat"` (another slope of 0),
    `"cancels"`, `"underflow"`;
    `"first nan"`, `"first inf"`."""
    at: int | None = None
    """The node that causes it."""
    factor: int | None = None
    """The other factor of `at`, or the operand that it does not take."""


class Use(NamedTuple):
    """A use of a node as an operand: the slot in `edge_grads`, and the consumer."""

    slot: int
    consumer: int


def diagnose_gradient(graph: Graph, node: int) -> Diagnosis | None:
    """Diagnose the gradient of the last pass; None for an ordinary number."""
    if not graph.needs_grad[node]:
        if _cuts(graph, node):
            return Diagnosis("cut off", node)
        return Diagnosis("frozen" if graph.ops[node] == LEAF else "not tracked")
    if not graph.passes:
        return Diagnosis("not run yet")
    if not graph.pass_reached[node]:
        cut = _cut_between(graph, node, graph.passes[-1])
        return Diagnosis("not connected", graph.passes[-1]) if cut is None else Diagnosis("cut off", cut)
    gradient = graph.pass_grads[node]
    if gradient == 0.0:
        return _diagnose_zero(graph, node)
    return None if isfinite(gradient) else _first_gradient(graph, node)


def diagnose_value(graph: Graph, node: int) -> Diagnosis | None:
    """Diagnose a value that is nan or infinite; None for a finite one."""
    return None if isfinite(graph.values[node]) else _first_value(graph, [node])


def opening_of(graph: Graph, relu: int) -> tuple[int, float] | None:
    """Find a parameter that opens a relu alone, as a bias does, and the value above which it lets through.

    Only sums lie between the two, each used once, so that the relu's operand moves as the parameter does.
    """
    uses = Counter(operand for operands in graph.inputs for operand in operands)
    waiting = list(graph.inputs[relu])
    parameters = []
    for i in waiting:  # grows while it is read
        if uses[i] == 1 and graph.needs_grad[i]:
            if graph.ops[i] == LEAF:
                parameters.append(i)
            elif graph.ops[i] in ("+", "sum"):
                waiting += graph.inputs[i]
    if not parameters:
        return None
    first = min(parameters)
    return first, graph.values[first] - graph.values[graph.inputs[relu][0]]


def uses_in_pass(graph: Graph) -> list[list[Use]]:
    """Per node its uses through which the last pass sent a contribution, also one of 0."""
    uses: list[list[Use]] = [[] for _ in graph.ops]
    for consumer, operands in enumerate(graph.inputs):
        if graph.pass_reached[consumer]:
            for slot, operand in enumerate(operands, graph.offsets[consumer]):
                if graph.needs_grad[operand]:
                    uses[operand].append(Use(slot, consumer))
    return uses


def local_derivative(graph: Graph, use: Use) -> float:
    """The local derivative of the consumer towards the operand."""
    i = use.consumer
    row = OPS.get(graph.ops[i]) or graph._rows[i]
    sent = row.backward(1.0, graph.values[i], *[graph.values[j] for j in graph.inputs[i]])
    return sent[use.slot - graph.offsets[i]]


def _cuts(graph: Graph, node: int) -> bool:
    return graph.ops[node] in UNTRACKED and any(graph.needs_grad[j] for j in graph.inputs[node])


def _cut_between(graph: Graph, node: int, root: int) -> int | None:
    """The first node on the way from a node to a root that lets no gradient through; None without a way."""
    leads = {root}
    cuts: dict[int, int] = {}
    for i in range(root, node, -1):
        if i in leads:
            leads.update(graph.inputs[i])
            cut = i if _cuts(graph, i) else cuts.get(i)
            if cut is not None:
                cuts.update(dict.fromkeys(graph.inputs[i], cut))
    return cuts.get(node)


def _diagnose_zero(graph: Graph, node: int) -> Diagnosis | None:
    uses = uses_in_pass(graph)
    nodes, seen = [node], {node}
    for i in nodes:  # grows while it is read: nearest first
        if any(graph.edge_grads[use.slot] != 0.0 for use in uses[i]):
            return Diagnosis("cancels", i)
        for use in uses[i]:
            if diagnosis := _diagnose_nothing_sent(graph, use):
                return diagnosis
        for use in uses[i]:
            if use.consumer not in seen:
                seen.add(use.consumer)
                nodes.append(use.consumer)
    return None


def _diagnose_nothing_sent(graph: Graph, use: Use) -> Diagnosis | None:
    """Diagnose a contribution of 0; None where the consumer received 0 itself."""
    i = use.consumer
    if local_derivative(graph, use) != 0.0:
        return None if graph.pass_grads[i] == 0.0 else Diagnosis("underflow", i)
    if graph.ops[i] == "relu":
        return Diagnosis("dead relu", i)
    if graph.ops[i] in ("*", "/", "prod"):
        for slot, operand in enumerate(graph.inputs[i], graph.offsets[i]):
            if slot != use.slot and graph.values[operand] == 0.0:
                return Diagnosis("zero factor", i, operand)
    is_branch = graph.ops[i] == "where" and use.slot > graph.offsets[i]
    if graph.ops[i] in ("max", "min", "clamp") or is_branch:
        return Diagnosis("not taken", i, graph.inputs[i][use.slot - graph.offsets[i]])
    return Diagnosis("flat", i)


def _first_gradient(graph: Graph, node: int) -> Diagnosis:
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


def _first_value(graph: Graph, start: Sequence[int]) -> Diagnosis:
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


def _not_finite(at: int, x: float) -> Diagnosis:
    return Diagnosis("first nan" if x != x else "first inf", at)


def _culprits(parts: Sequence[T], number: Callable[[T], float]) -> list[T]:
    """The parts that make a sum or an op's value nan or infinite."""
    strange = [part for part in parts if not isfinite(number(part))]
    return [part for part in strange if number(part) != number(part)] or strange
