"""A computation as flat columns, which can be sent to the page, replayed and drawn.

A node is its position in the columns, and its operands have lower positions. `js/src/engine/graph.ts` is the
twin of this file: the same names, the same numbers, the same sentences about an invalid document.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from autograd_widget.engine import groups
from autograd_widget.engine.backward import row_of, upstream
from autograd_widget.engine.core import _number
from autograd_widget.engine.custom import custom_named
from autograd_widget.engine.guards import guards_of
from autograd_widget.engine.locking import exclusive
from autograd_widget.engine.ops import CONST, CUSTOM, LEAF, OPS, UNTRACKED, LinearisedOp, Op, Row
from autograd_widget.engine.recorded import name_of_op, row_for_graph
from autograd_widget.engine.scalar import Scalar
from autograd_widget.engine.tracking import update_tracking

from . import document, tape
from .document import Columns, Custom, GraphGuard

__all__ = ["Custom", "Graph", "GraphGuard"]

PLAN_CACHE_SIZE: Final = 16
"""The size of the per-root cache of backward plans."""


class BackwardPlan:
    """Cached backward plan for one root, valid until a leaf is frozen or unfrozen.

    Args:
        root: The node that passes begin at.
        steps: The computations on paths from the root, in reverse topological order.
        reached: Per node, true if a pass reaches it.
        needs_grad: Per node, true if it takes a gradient.
    """

    def __init__(
        self, root: int, steps: list[tape.Step], reached: list[bool], needs_grad: list[bool]
    ) -> None:
        self.reached = reached
        self._root, self._tape = root, tape.Tape(steps, len(reached), root)
        # The loop accumulates also into operands that take no gradient; these are set to 0 afterwards.
        used = {j for _, _, operands, _ in steps for j in operands}
        self._untracked = [j for j in used if not needs_grad[j]]

    def run(self, gradient: float, values: list[float]) -> list[float]:
        """Run one pass, and return the gradient per node."""
        if not self.reached[self._root]:
            return [0.0] * len(values)
        grads = self._tape.backward(gradient, values)
        for i in self._untracked:
            grads[i] = 0.0
        return grads


class Graph:
    """The computation of one or more results.

    Make one with `Graph.of` or `Graph.from_json`. `set_leaf` then `forward` replays it; `backward` runs a
    pass whose gradients accumulate until `zero_grad`.
    """

    ops: list[str]
    """The op per node: `"leaf"`, `"const"`, a name in the table, or `"custom"`."""
    inputs: list[tuple[int, ...]]
    """The operands per node, in order."""
    labels: dict[int, str]
    outputs: list[int]
    """The results that the graph was made for."""
    customs: dict[int, Custom]
    """The nodes whose op is not in the table."""
    guards: list[GraphGuard]
    """The comparisons on which the program may have branched, with what came of them."""
    values: list[float]
    grads: Sequence[float]
    """The accumulated gradient per node since `zero_grad`; 0.0 where no pass came. This list and the next
    three are replaced by each pass, and never changed in place."""
    pass_grads: Sequence[float]
    """The gradient of the last pass per node."""
    reached: Sequence[bool]
    """Per node, true if a pass came since `zero_grad`: not run yet is not a gradient of 0."""
    pass_reached: Sequence[bool]
    """Per node, true if the last pass came."""
    passes: list[int]
    """The roots of the passes since `zero_grad`, in order."""
    needs_grad: list[bool]
    """Per node, true if gradients flow there: not to constants, frozen leaves, and nodes of only these."""
    leaves: list[int]
    offsets: list[int]
    """The first operand slot per node in `edge_grads`, and at the end the number of slots."""
    nodes: list[Scalar] | None
    """The scalars that the graph was taken from; None for one read from a document."""
    _tape: tape.Tape
    _given: dict[tuple[int, float], list[float]]
    """Cache of passes at the current values, by root and its gradient."""
    _plans: dict[int, BackwardPlan]

    def __init__(self, columns: Columns, rows: Mapping[int, Row], nodes: list[Scalar] | None = None) -> None:
        self.ops, self.inputs, self.values = columns.ops, columns.inputs, columns.values
        self.labels, self.outputs, self.customs = columns.labels, columns.outputs, columns.customs
        self.guards = columns.guards
        self.nodes = nodes
        self._groups: list[groups.Group] | None = None
        self.offsets = [0]
        for operands in self.inputs:
            self.offsets.append(self.offsets[-1] + len(operands))
        self._rows: dict[int, Row] = dict(rows)
        self._take_steps()
        frozen = set(columns.frozen)
        self._track([op == LEAF and i not in frozen for i, op in enumerate(self.ops)])
        self.leaves = [i for i, op in enumerate(self.ops) if op == LEAF]
        self._leaves = frozenset(self.leaves)
        self._zeros: Sequence[float] = [0.0] * len(self)
        self._nowhere: Sequence[bool] = [False] * len(self)
        self.zero_grad()

    @classmethod
    def of(cls, *roots: Scalar) -> Graph:
        """Make the graph of everything upstream of some roots, with the values of now.

        Raises:
            TypeError: There is no root, or one is not a `Scalar`.
            ValueError: An op on the way is not in the table, and its local derivatives are not known.
        """
        if not roots:
            raise TypeError("a graph needs at least one Scalar to start from")
        for root in roots:
            if not isinstance(root, Scalar):
                raise TypeError(
                    f"a graph is made of the Scalars of a computation, not of {type(root).__name__}"
                )
        with exclusive:  # no pass of another thread comes between
            return cls._of(roots)

    @classmethod
    def _of(cls, roots: tuple[Scalar, ...]) -> Graph:
        nodes = upstream(*roots)
        update_tracking(nodes)
        position = {node: i for i, node in enumerate(nodes)}
        guards = guards_of(nodes, roots)
        for number in [x for guard in guards for x in (guard.left, guard.right)]:
            if number not in position:  # what scalars were compared with, at the end
                position[number] = len(nodes)
                nodes.append(number)
        rows = {
            i: row_for_graph(node, row_of(node))
            for i, node in enumerate(nodes)
            if node._a is not None and node.op not in OPS
        }
        ops = [CUSTOM if i in rows else node.op or LEAF for i, node in enumerate(nodes)]
        for i in [i for i, row in rows.items() if isinstance(row, Op)]:
            ops[i] = name_of_op(nodes[i])
            del rows[i]
        columns = Columns(
            ops=ops,
            inputs=[tuple([position[p] for p in node.prevs]) for node in nodes],
            values=[node._value for node in nodes],
            labels={i: node.label for i, node in enumerate(nodes) if node.label},
            frozen=[i for i, node in enumerate(nodes) if ops[i] == LEAF and node._number < 0],
            outputs=list(dict.fromkeys(position[root] for root in roots)),
            customs={},
            guards=[GraphGuard(op, position[a], position[b], outcome) for op, a, b, outcome in guards],
        )
        for i, row in rows.items():
            live = not isinstance(row, LinearisedOp)
            columns.customs[i] = Custom(nodes[i].op or "", live, columns.values[i], ())
        return cls(columns, rows, nodes)

    def __len__(self) -> int:
        return len(self.ops)

    def __getstate__(self) -> dict[str, Any]:
        # Functions can't be pickled: rows are found again by name, and tapes are built anew. The last nodes
        # come first, since pickling them pickles everything upstream.
        rows = {
            i: (custom.name, LinearisedOp(self.values[i], self.partials_of(i)))
            for i, custom in self.customs.items()
        }
        nodes = self.nodes and self.nodes[::-1]
        rebuilt = ("_steps", "_tape", "_plans", "_given")
        kept = {name: value for name, value in self.__dict__.items() if name not in rebuilt}
        return {**kept, "_rows": rows, "nodes": nodes}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self.nodes = self.nodes and self.nodes[::-1]
        self._rows = {
            i: (custom_named(name) if self.customs[i].live else None) or linearised
            for i, (name, linearised) in state["_rows"].items()
        }
        self._take_steps()

    # -- replaying -------------------------------------------------------------------------------------------

    def set_leaf(self, node: int, value: float) -> None:
        """Give a leaf a new value. `forward` makes the rest follow.

        Raises:
            ValueError: There is no such leaf.
            TypeError: The value is not a real number.
        """
        if node not in self._leaves:
            self._refuse_leaf(node)
        number = value if type(value) is float else _number(value)
        self._moved.setdefault(node, self.values[node])
        self._given = {}
        self.values[node] = number

    def set_frozen(self, node: int, frozen: bool) -> None:
        """Freeze a leaf, so that no gradient flows into it, or unfreeze it.

        Raises:
            ValueError: There is no such leaf.
        """
        if node not in self._leaves:
            self._refuse_leaf(node)
        self._settle_edges()
        needs_grad = self.needs_grad.copy()
        needs_grad[node] = not frozen
        self._track(needs_grad)

    def set_custom(self, node: int, value: float, partials: Sequence[float]) -> None:
        """Replace the value and local derivatives of a custom node. They stay until the next ones.

        Raises:
            ValueError: There is no such node, or it has another number of operands.
            TypeError: One of them is not a real number.
        """
        self._check_node(node)
        if node not in self.customs:
            raise ValueError(f"node {node} has no custom op: its numbers are computed")
        if len(partials) != len(self.inputs[node]):
            raise ValueError(
                f"node {node} needs {len(self.inputs[node])} local derivatives, not {len(partials)}"
            )
        self._settle_edges()
        linearised = LinearisedOp(_number(value), tuple([_number(partial) for partial in partials]))
        self.values[node] = linearised.value
        self._use_row(node, linearised)

    def partials_of(self, node: int) -> tuple[float, ...]:
        """The local derivatives of a custom node, at the values of now."""
        x = [self.values[j] for j in self.inputs[node]]
        return tuple(self._rows[node].backward(1.0, self.values[node], *x))

    def forward(self) -> None:
        """Recompute every value from the leaves."""
        self.values = self._tape.forward(self.values)
        self._given = {}

    def zero_grad(self) -> None:
        """Forget every gradient."""
        self.grads = self.pass_grads = self._zeros
        self.reached = self.pass_reached = self._nowhere
        self._edge_grads: list[float] | None = None
        self._moved: dict[int, float] = {}
        self.passes = []

    def backward(self, root: int, gradient: float = 1.0) -> None:
        """Run one pass from a node and add its gradients to `grads`.

        A root that needs no gradient reaches nothing, not even itself.

        Args:
            root: The node to start from.
            gradient: The gradient of that node itself.

        Raises:
            ValueError: There is no such node.
        """
        pass_grads, reached = self.one_pass(root, gradient)
        if self.passes:
            self.grads = [a + b for a, b in zip(self.grads, pass_grads, strict=True)]
            self.reached = [a or b for a, b in zip(self.reached, reached, strict=True)]
        else:
            self.grads, self.reached = pass_grads, reached
        self.pass_grads, self.pass_reached = pass_grads, reached
        self.passes.append(root)
        # Contributions along edges are computed on demand, at the values of this pass. Leaves that move until
        # then are noted.
        self._edge_grads, self._pass_values, self._moved = None, self.values, {}

    def one_pass(self, root: int, gradient: float = 1.0) -> tuple[Sequence[float], Sequence[bool]]:
        """Compute a pass, but leave `grads` alone: per node its gradient, and true if the pass reaches it.

        Raises:
            ValueError: There is no such node.
        """
        plan = self._plans.get(root) or self._make_plan(root)
        gradient = float(gradient)
        grads = self._given.get((root, gradient))
        if grads is None:
            if len(self._given) >= PLAN_CACHE_SIZE:
                self._given.clear()
            grads = self._given[root, gradient] = plan.run(gradient, self.values)
        return grads, plan.reached

    def replay(self, passes: Iterable[int]) -> None:
        """Recompute the values, and run passes from these roots, in order."""
        self.forward()
        self.zero_grad()
        for root in passes:
            self.backward(root)

    def turned(self) -> list[GraphGuard]:
        """The guards whose outcome has changed: the program would compute something else."""
        return [guard for guard in self.guards if not guard.holds(self.values)]

    def unused(self) -> set[int]:
        """The constants that only guards use; nothing is computed from them."""
        compared = {i for guard in self.guards for i in (guard.left, guard.right) if self.ops[i] == CONST}
        used = {j for operands in self.inputs for j in operands}
        return compared - used - set(self.outputs)

    def leaves_of(self, root: int) -> list[int]:
        """The leaves that a pass from a node reaches."""
        reached = (self._plans.get(root) or self._make_plan(root)).reached
        return [i for i in self.leaves if reached[i]]

    def sources_of(self, root: int) -> list[int]:
        """The leaves from which a node is computed, frozen or not."""
        found = {root}
        for i in range(root, -1, -1):
            if i in found:
                found.update(self.inputs[i])
        return [i for i in self.leaves if i in found]

    @property
    def edge_grads(self) -> list[float]:
        """The contributions of the last pass, one per operand slot, in node order."""
        return self._settle_edges()

    # -- the document ----------------------------------------------------------------------------------------

    @property
    def groups(self) -> list[groups.Group]:
        """The groups of its nodes (`with group(…):`), each after its parent."""
        if self._groups is None:
            self._groups = groups.groups_of(self.nodes or [])
        return self._groups

    def to_dict(self) -> dict[str, Any]:
        """The graph document, version 1, as plain JSON types: everything that cannot be recomputed."""
        frozen = [i for i, op in enumerate(self.ops) if op == LEAF and not self.needs_grad[i]]
        for i, custom in self.customs.items():
            custom.value, custom.partials = self.values[i], self.partials_of(i)
        written = document.write(
            Columns(
                self.ops,
                self.inputs,
                self.values,
                self.labels,
                frozen,
                self.outputs,
                self.customs,
                self.guards,
            )
        )
        if self.groups:
            written["groups"] = groups.written(self.groups)
        return written

    def to_json(self) -> str:
        """The graph document as text."""
        return json.dumps(self.to_dict(), separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, given: Mapping[str, Any] | str) -> Graph:
        """Read a graph document, and compute its values.

        Args:
            given: The document or its text. Keys that are not known are ignored.

        Raises:
            ValueError: The document is invalid; the sentence says where and why, and nothing of it is kept.
        """
        parsed = document.parsed(given) if isinstance(given, str) else given
        columns = document.read(parsed)
        rows = {
            i: (custom_named(custom.name) if custom.live else None)
            or LinearisedOp(custom.value, custom.partials)
            for i, custom in columns.customs.items()
        }
        graph = cls(columns, rows)
        graph._groups = groups.read(parsed)
        graph.forward()
        return graph

    # -- within ----------------------------------------------------------------------------------------------

    def _check_node(self, node: int) -> None:
        if node not in range(len(self)):
            raise ValueError(f"there is no node {node} in this graph of {len(self)} nodes")

    def _refuse_leaf(self, node: int) -> NoReturn:
        self._check_node(node)
        raise ValueError(f"node {node} is computed or constant: only a leaf can be changed")

    def _take_steps(self) -> None:
        self._steps = [
            tape.step(i, op, self.inputs[i], self._rows.get(i))
            for i, op in enumerate(self.ops)
            if self.inputs[i]
        ]
        self._tape = tape.Tape(self._steps, len(self))
        self._plans, self._given = {}, {}

    def _track(self, needs_grad: list[bool]) -> None:
        inputs = self.inputs
        for step in self._steps:
            i = step[0]
            needs_grad[i] = self.ops[i] not in UNTRACKED and any([needs_grad[j] for j in inputs[i]])
        self.needs_grad, self._plans, self._given = needs_grad, {}, {}

    def _use_row(self, node: int, row: Row) -> None:
        self._rows[node] = row
        step = tape.step(node, CUSTOM, self.inputs[node], row)
        self._steps = [step if old[0] == node else old for old in self._steps]
        self._tape = tape.Tape(self._steps, len(self))
        self._plans, self._given = {}, {}

    def _make_plan(self, root: int) -> BackwardPlan:
        self._check_node(root)
        needs_grad, inputs = self.needs_grad, self.inputs
        reached = [False] * len(self)
        reached[root] = needs_grad[root]
        for i in range(root, -1, -1):
            if reached[i]:
                for j in inputs[i]:
                    reached[j] = reached[j] or needs_grad[j]
        steps = [step for step in reversed(self._steps) if reached[step[0]]]
        plan = BackwardPlan(root, steps, reached, needs_grad)
        if len(self._plans) >= PLAN_CACHE_SIZE:
            self._plans.clear()
        self._plans[root] = plan
        return plan

    def _settle_edges(self) -> list[float]:
        if self._edge_grads is None:
            sent = [0.0] * self.offsets[-1]
            needs_grad = self.needs_grad
            values = (self._pass_values if self.passes else self.values).copy()
            for leaf, value in self._moved.items():
                values[leaf] = value
            for i, reached in enumerate(self.pass_reached):
                operands = self.inputs[i]
                if reached and operands:
                    row = OPS.get(self.ops[i]) or self._rows[i]
                    x = [values[j] for j in operands]
                    contributions = row.backward(self.pass_grads[i], values[i], *x)
                    for slot, (j, contribution) in enumerate(
                        zip(operands, contributions, strict=True), self.offsets[i]
                    ):
                        if needs_grad[j]:
                            sent[slot] = contribution
            self._edge_grads = sent
        return self._edge_grads
