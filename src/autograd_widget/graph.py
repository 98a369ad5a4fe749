"""A computation as flat columns: what is sent to the page, replayed when a leaf moves, and drawn.

A node is its position in the columns, and its operands have lower positions. `js/src/graph.ts` is the twin of
this file: the same names, the same numbers, the same sentences about a document that is off.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from .number import decode_number, encode_number
from .ops import OPS
from .scalar import CONST, Scalar, _number, _pass_started, _update_tracking, _upstream

VERSION: Final = 1
LEAF: Final = "leaf"


class Graph:
    """The computation of one or more results.

    Make one with `Graph.of` or `Graph.from_json`. `set_leaf` then `forward` replays it; `backward` runs a
    pass whose gradients accumulate until `zero_grad`.
    """

    ops: list[str]
    """Per node `"leaf"`, `"const"` or the op's name."""
    inputs: list[tuple[int, ...]]
    """Per node its operands, in order."""
    labels: dict[int, str]
    outputs: list[int]
    """The results that the graph was taken of."""
    values: list[float]
    grads: list[float]
    """Per node the gradients of all passes since `zero_grad`; 0.0 where none came."""
    pass_grads: list[float]
    """Per node the gradient of the last pass."""
    edge_grads: list[float]
    """What the last pass sent, one number per operand slot, in node order."""
    reached: list[bool]
    """Per node whether a pass has come since `zero_grad`: not run yet is not a gradient of 0."""
    pass_reached: list[bool]
    """Per node whether the last pass came there."""
    passes: list[int]
    """The nodes that passes were run from since `zero_grad`, in order."""
    needs_grad: list[bool]
    """Per node whether gradients flow there: not to constants and frozen leaves, nor what only these made."""
    offsets: list[int]
    """Where a node's operand slots begin in `edge_grads`; one entry more than there are nodes."""
    nodes: list[Scalar] | None
    """The scalars that the graph was taken from; None for one read from a document."""

    def __init__(
        self,
        ops: list[str],
        inputs: list[tuple[int, ...]],
        values: list[float],
        labels: dict[int, str],
        frozen: Iterable[int],
        outputs: list[int],
        nodes: list[Scalar] | None = None,
    ) -> None:
        self.ops, self.inputs, self.values, self.labels = ops, inputs, values, labels
        self.outputs, self.nodes = outputs, nodes
        self.offsets = [0]
        for slots in inputs:
            self.offsets.append(self.offsets[-1] + len(slots))
        still = set(frozen)
        self.needs_grad = [op == LEAF and i not in still for i, op in enumerate(ops)]
        self._computed = [i for i, operands in enumerate(inputs) if operands]
        self._track()
        self.zero_grad()

    @classmethod
    def of(cls, *roots: Scalar) -> Graph:
        """The graph of everything that the roots were computed from, with their values as they are now.

        Raises:
            TypeError: There is no root, or one is not a `Scalar`.
            ValueError: An op on the way is not in the table.
        """
        if not roots:
            raise TypeError("a graph needs at least one Scalar to start from")
        for root in roots:
            if not isinstance(root, Scalar):
                raise TypeError(
                    f"a graph is made of the Scalars of a computation, not of {type(root).__name__}"
                )
        nodes = _upstream(*roots)
        _update_tracking(nodes)
        position = {node: i for i, node in enumerate(nodes)}
        ops = [node.op or LEAF for node in nodes]
        for node in nodes:
            if node.prevs and node.op not in OPS:
                raise ValueError(f"the op {node.op!r} is not in the table, so its graph cannot be replayed")
        return cls(
            ops,
            [tuple([position[p] for p in node.prevs]) for node in nodes],
            [_number(node.value) for node in nodes],
            {i: node.label for i, node in enumerate(nodes) if node.label},
            [i for i, node in enumerate(nodes) if ops[i] == LEAF and not node._tracked],
            list(dict.fromkeys(position[root] for root in roots)),
            nodes,
        )

    def __len__(self) -> int:
        return len(self.ops)

    # -- replaying -------------------------------------------------------------------------------------------

    def set_leaf(self, node: int, value: float) -> None:
        """Give a leaf a new value. `forward` makes the rest follow.

        Raises:
            ValueError: There is no such leaf.
            TypeError: The value is not a real number.
        """
        self._check_leaf(node)
        self.values[node] = _number(value)

    def set_frozen(self, node: int, frozen: bool) -> None:
        """Freeze a leaf, so that no gradient flows into it, or thaw it.

        Raises:
            ValueError: There is no such leaf.
        """
        self._check_leaf(node)
        self.needs_grad[node] = not frozen
        self._track()

    def forward(self) -> None:
        """Compute every value again from the leaves."""
        values, inputs, ops = self.values, self.inputs, self.ops
        for i in self._computed:
            values[i] = OPS[ops[i]].forward(*[values[j] for j in inputs[i]])

    def zero_grad(self) -> None:
        """Forget every gradient."""
        self.grads = [0.0] * len(self)
        self.pass_grads = [0.0] * len(self)
        self.reached = [False] * len(self)
        self.pass_reached = [False] * len(self)
        self.edge_grads = [0.0] * self.offsets[-1]
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
        if root not in range(len(self)):
            raise ValueError(f"there is no node {root} in this graph of {len(self)} nodes")
        values, inputs, ops, needs_grad, offsets = (
            self.values,
            self.inputs,
            self.ops,
            self.needs_grad,
            self.offsets,
        )
        self.passes.append(root)
        pass_grads = [0.0] * len(self)
        edge_grads = [0.0] * offsets[-1]
        pass_reached = [False] * len(self)
        if needs_grad[root]:
            pass_grads[root], pass_reached[root] = float(gradient), True
        for i in range(root, -1, -1):
            if not pass_reached[i]:
                continue
            operands = inputs[i]
            if operands:
                sent = OPS[ops[i]].backward(pass_grads[i], values[i], *[values[j] for j in operands])
                for slot, (j, contribution) in enumerate(zip(operands, sent, strict=True), offsets[i]):
                    if needs_grad[j]:
                        edge_grads[slot] = contribution
                        pass_grads[j] += contribution
                        pass_reached[j] = True
        self.pass_grads, self.pass_reached, self.edge_grads = pass_grads, pass_reached, edge_grads
        self.grads = [a + b for a, b in zip(self.grads, pass_grads, strict=True)]
        self.reached = [a or b for a, b in zip(self.reached, pass_reached, strict=True)]

    def replay(self, passes: Iterable[int]) -> None:
        """Everything from the start: the values, and the passes from these roots, in order."""
        self.forward()
        self.zero_grad()
        for root in passes:
            self.backward(root)

    def write_back(self) -> None:
        """Store the values and gradients in the scalars that the graph was taken from, if there are any."""
        if self.nodes is None:
            return
        runs = [(root, _pass_started()) for root in self.passes]
        last = runs[-1][1] if runs else 0
        for i, node in enumerate(self.nodes):
            node.value = self.values[i]
            node._grad = self.grads[i] if self.reached[i] else None
            node._pass, node._pass_grad = last if self.pass_reached[i] else 0, self.pass_grads[i]
            node._runs = ()
        for root, run in runs:
            self.nodes[root]._runs += (run,)

    # -- the document ----------------------------------------------------------------------------------------

    def to_dict(self) -> dict[str, Any]:
        """The graph document, version 1: what cannot be recomputed, as plain JSON types."""
        given = [i for i, operands in enumerate(self.inputs) if not operands]
        return {
            "version": VERSION,
            "op": list(self.ops),
            "inputs": [list(operands) for operands in self.inputs],
            "value": {str(i): encode_number(self.values[i]) for i in given},
            "label": {str(i): label for i, label in self.labels.items()},
            "frozen": [i for i in given if self.ops[i] == LEAF and not self.needs_grad[i]],
            "outputs": list(self.outputs),
        }

    def to_json(self) -> str:
        """The graph document as text."""
        return json.dumps(self.to_dict(), separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    @classmethod
    def from_json(cls, document: Mapping[str, Any] | str) -> Graph:
        """Read a graph document, and compute its values.

        Args:
            document: The document or its text. Keys that are not known are ignored.

        Raises:
            ValueError: The document is off; the sentence says where and why, and nothing of it is kept.
        """
        if isinstance(document, str):
            try:
                document = json.loads(document)
            except (ValueError, RecursionError) as error:
                raise _off(f"not JSON ({error})") from None
        columns = _checked(document)
        graph = cls(*columns)
        graph.forward()
        return graph

    # -- within ----------------------------------------------------------------------------------------------

    def _check_leaf(self, node: int) -> None:
        if node not in range(len(self)):
            raise ValueError(f"there is no node {node} in this graph of {len(self)} nodes")
        if self.ops[node] != LEAF:
            raise ValueError(f"node {node} is computed or constant: only a leaf can be changed")

    def _track(self) -> None:
        needs_grad, inputs = self.needs_grad, self.inputs
        for i in self._computed:
            needs_grad[i] = any([needs_grad[j] for j in inputs[i]])


Columns = tuple[list[str], list[tuple[int, ...]], list[float], dict[int, str], list[int], list[int]]


def _checked(document: Any) -> Columns:
    """The columns of a document, every one of them checked."""
    if not isinstance(document, Mapping):
        raise _off("not a JSON object")
    version = document.get("version")
    if type(version) is not int or version < 1:
        raise _off("`version` is missing or no whole number")
    if version != VERSION:
        raise _off(f"version {version} is newer than this reader, which knows version {VERSION}")
    ops, inputs = document.get("op"), document.get("inputs")
    if not isinstance(ops, list) or not isinstance(inputs, list) or len(ops) != len(inputs):
        raise _off("`op` and `inputs` are not two lists of the same length")
    if not ops:
        raise _off("it has no nodes")
    for i, (op, operands) in enumerate(zip(ops, inputs, strict=True)):
        _check_node(i, op, operands)
    size = len(ops)
    return (
        list(ops),
        [tuple(operands) for operands in inputs],
        _checked_values(document.get("value"), ops),
        _checked_labels(document.get("label", {}), size),
        _checked_frozen(document.get("frozen", []), ops),
        _checked_outputs(document.get("outputs"), size),
    )


def _check_node(i: int, op: Any, operands: Any) -> None:
    if not isinstance(op, str) or (op not in OPS and op not in (LEAF, CONST)):
        raise _off(f"node {i} has the op {_shown(op)}, which is not in the table")
    if not isinstance(operands, list):
        raise _off(f"the inputs of node {i} are not a list")
    for j in operands:
        if type(j) is not int or not 0 <= j < i:
            raise _off(f"node {i} has the input {_shown(j)}, which is not the id of an earlier node")
    arity = OPS[op].arity if op in OPS else 0
    if len(operands) != arity if arity is not None else not operands:
        wanted = "at least 1" if arity is None else arity
        raise _off(f"node {i} ({op}) has {len(operands)} inputs, and its op takes {wanted}")


def _checked_values(value: Any, ops: list[str]) -> list[float]:
    if not isinstance(value, Mapping):
        raise _off("`value` is not an object")
    values = [0.0] * len(ops)
    given = {str(i): i for i, op in enumerate(ops) if op in (LEAF, CONST)}
    for key, x in value.items():
        if key not in given:
            raise _off(f"`value` names {_shown(key)}, which is no leaf and no constant")
        number = decode_number(x)
        if number is None:
            raise _off(f'the value of node {key} is neither a number nor "nan", "inf" or "-inf"')
        values[given[key]] = number
    for key in given:
        if key not in value:
            raise _off(f"`value` lacks node {key}, which is a {ops[given[key]]}")
    return values


def _checked_labels(label: Any, size: int) -> dict[int, str]:
    if not isinstance(label, Mapping):
        raise _off("`label` is not an object")
    labels = {}
    for key, text in label.items():
        if not _is_id(key, size):
            raise _off(f"`label` names {_shown(key)}, which is no node")
        if not isinstance(text, str):
            raise _off(f"the label of node {key} is not a string")
        labels[int(key)] = text
    return labels


def _checked_frozen(frozen: Any, ops: list[str]) -> list[int]:
    if not isinstance(frozen, list):
        raise _off("`frozen` is not a list")
    for i in frozen:
        if type(i) is not int or not 0 <= i < len(ops) or ops[i] != LEAF:
            raise _off(f"`frozen` names {_shown(i)}, which is no leaf")
    if len(set(frozen)) != len(frozen):
        raise _off("`frozen` names a leaf twice")
    return list(frozen)


def _checked_outputs(outputs: Any, size: int) -> list[int]:
    if not isinstance(outputs, list) or not outputs:
        raise _off("`outputs` is not a list of at least one node")
    for i in outputs:
        if type(i) is not int or not 0 <= i < size:
            raise _off(f"`outputs` names {_shown(i)}, which is no node")
    return list(outputs)


def _is_id(key: Any, size: int) -> bool:
    if not (isinstance(key, str) and key.isascii() and key.isdigit() and len(key) <= len(str(size))):
        return False
    return str(int(key)) == key and int(key) < size


def _shown(x: Any) -> str:
    """What was found, short enough for a sentence."""
    text = json.dumps(x, default=repr, ensure_ascii=False)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _off(why: str) -> ValueError:
    return ValueError(f"graph document: {why}")
