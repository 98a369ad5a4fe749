"""The forward and the backward loop over a flat graph, on which a slider waits.

The commonest ops are inlined, and equal the op table to the bit (`test_graph` compares).
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from math import tanh
from typing import Any, Final, TypeAlias

from autograd_widget.engine.core import IS_COMPILED
from autograd_widget.engine.ops import OPS, Row

Step: TypeAlias = tuple[int, int, tuple[int, ...], Row]
"""A node: its id, the code of its op, its operands, and its row."""

ADD: Final = 0
MULTIPLY: Final = 1
TANH: Final = 2
RELU: Final = 3
SUBTRACT: Final = 4
ANY: Final = 5

CODES: Final = {"+": ADD, "*": MULTIPLY, "tanh": TANH, "relu": RELU, "-": SUBTRACT}


def step(node: int, op: str, operands: Sequence[int], row: Row | None = None) -> Step:
    """Make the step of a node, with its own row if it has one, else with that of the op table."""
    return node, ANY if row else CODES.get(op, ANY), tuple(operands), row or OPS[op]


class Tape:
    """Steps in columns, in the order of computation.

    Args:
        steps: The steps, in topological order for `forward`, in reverse for `backward`.
        size: The number of nodes of the graph.
        root: The node that a pass begins at, for `backward`.
    """

    def __init__(self, steps: list[Step], size: int, root: int = 0) -> None:
        self.steps, self.length, self.size, self.root = steps, len(steps), size, root
        self.nodes = column("i", [node for node, _, _, _ in steps])
        self.codes = column("i", [code for _, code, _, _ in steps])
        self.first = column("i", [operands[0] for _, _, operands, _ in steps])
        self.last = column("i", [operands[-1] for _, _, operands, _ in steps])
        self.values = column("d", [0.0] * size)
        self.grads = column("d", [0.0] * size)
        self.is_taken = False

    def forward(self, values: list[float]) -> list[float]:
        """Compute all values from those that no step computes."""
        if self.is_taken:
            return Tape(self.steps, self.size).forward(values)
        self.is_taken = True
        try:
            v = self.take(values)
            nodes, codes, first, last = self.nodes, self.codes, self.first, self.last
            for k in range(self.length):
                i, code, a = nodes[k], codes[k], first[k]
                if code == 0:
                    v[i] = v[a] + v[last[k]]
                elif code == 1:
                    v[i] = v[a] * v[last[k]]
                elif code == 2:
                    v[i] = tanh(v[a])
                elif code == 3:
                    v[i] = 0.0 if v[a] < 0.0 else v[a]
                elif code == 4:
                    v[i] = v[a] - v[last[k]]
                else:
                    _, _, operands, row = self.steps[k]
                    v[i] = row.forward(*[v[j] for j in operands])
            numbers = values.copy()
            for k in range(self.length):
                numbers[nodes[k]] = v[nodes[k]]
            return numbers
        finally:
            self.is_taken = False

    def backward(self, gradient: float, values: list[float]) -> list[float]:
        """Compute the gradient of a pass per node, also for nodes that take none.

        Args:
            gradient: The gradient of the root itself.
            values: The values of all nodes.
        """
        if self.is_taken:
            return Tape(self.steps, self.size, self.root).backward(gradient, values)
        self.is_taken = True
        try:
            v = self.take(values)
            d = self.zeros()
            d[self.root] = gradient
            nodes, codes, first, last = self.nodes, self.codes, self.first, self.last
            for k in range(self.length):
                i, code, a = nodes[k], codes[k], first[k]
                g = d[i]
                if code == 0:
                    d[a] += g
                    d[last[k]] += g
                elif code == 1:
                    b = last[k]
                    d[a] += g * v[b]
                    d[b] += g * v[a]
                elif code == 2:
                    y = v[i]
                    d[a] += g * (1.0 - y * y)
                elif code == 3:
                    d[a] += 0.0 if v[i] <= 0.0 else g
                elif code == 4:
                    d[a] += g
                    d[last[k]] -= g
                else:
                    _, _, operands, row = self.steps[k]
                    contributions = row.backward(g, v[i], *[v[j] for j in operands])
                    for j, sent in zip(operands, contributions, strict=True):
                        d[j] += sent
            return [d[i] for i in range(self.size)] if IS_COMPILED else list(d)
        finally:
            self.is_taken = False

    def take(self, values: list[float]) -> Any:
        """Load the values into the buffer."""
        v = self.values
        if not IS_COMPILED:
            replace(v, values)
            return v
        for i in range(self.size):
            v[i] = values[i]
        return v

    def zeros(self) -> Any:
        """Clear the buffer of gradients."""
        d = self.grads
        if not IS_COMPILED:
            replace(d, [0.0] * self.size)
            return d
        for i in range(self.size):
            d[i] = 0.0
        return d


def replace(numbers: list[float], others: list[float]) -> None:
    """Overwrite the list in place, which is the fastest in Python and not possible with C arrays."""
    numbers[:] = others


def column(kind: str, numbers: list[Any]) -> Any:
    """Make a column: a C array where the module is compiled, else a list, which is faster in Python."""
    return array(kind, numbers) if IS_COMPILED else numbers
