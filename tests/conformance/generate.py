"""Writes the conformance vectors, `ops.json` and `graphs.json`, with PyTorch in float64 as the oracle.

    python tests/conformance/generate.py

Both engines read the vectors unchanged. They are deterministic: writing them again changes nothing unless the
oracle or this file has changed. A vector is a graph document, passes over it, and what must come of them:

    name        what it is about
    graph       the document
    exact       whether values must agree to the bit: nothing but the ops of `EXACT` is in it
    passes      [[root, gradient], …], run one after the other without zero_grad
    values      per node
    grads       per node, the sum over the passes
    reached     per node, whether a pass came by: along nodes that need gradients, even with the number 0
    edge_grads  per operand slot, in node order, of the last pass
    grad_scale  per node, the sum of the sizes of the terms of its gradient

Values that aren't exact agree within 1e-12 of their size, gradients within 1e-9 of `grad_scale`, and those on
an edge within 1e-9 of the `grad_scale` of its operand. Infinities and nan agree always; the sign of a zero
matters in exact values only. A graph whose numbers move by more than a tenth of that when every inexact op is
disturbed by an ulp or two would measure rounding and not the engine, and is drawn again.

`ops_table.json` is the op table as both engines must have it, written from the Python one. `refused.json` is
written by hand.

Known divergences between PyTorch and the engines, each left out on purpose:

- `torch.max` of three or more operands picks either of 0 and -0, and `torch.amax` picks otherwise. The
  engines take the first, as `torch.maximum` does of two.
- `torch.amax` gives nan to every operand as soon as one is nan. The engines have the answer of `torch.max`,
  where the nan operands share. Of two operands they have `torch.maximum`'s, where both get all of it.
- `torch.sum` adds in blocks, the engines from left to right: the last digits differ, so `sum` isn't exact.
- `torch.sqrt` is off by an ulp for one operand in a hundred (2.13, x86-64). The engines round as IEEE 754
  asks, and so does this file.
- `torch.log1p(5e-324)` is 0, and 5e-324 in the engines. Subnormal numbers are left to themselves.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from autograd_widget.engine.ops import OPS

HERE = Path(__file__).parent
EXACT = {
    *("leaf", "const", "+", "-", "*", "/", "neg", "abs", "max", "min", "relu", "sqrt", "%", "//", "fmod"),
    *("clamp", "where", ">", ">=", "<", "<=", "==", "!=", "detach", "relu6", "hardtanh"),
    *("sign", "floor", "ceil", "round", "trunc", "frac"),
}


def _sqrt(a: Tensor) -> Tensor:
    y = torch.sqrt(a)
    y.data.fill_(math.sqrt(a.item()) if a.item() >= 0 else math.nan)
    return y


def _extreme(of_two: Callable[..., Tensor], of_many: Callable[[Tensor], Tensor]) -> Callable[..., Tensor]:
    return lambda *x: of_two(*x) if len(x) == 2 else of_many(torch.stack(x))


ORACLE: dict[str, Callable[..., Tensor]] = {
    "+": torch.add,
    "-": torch.sub,
    "*": torch.mul,
    "/": torch.div,
    "**": torch.pow,
    "%": torch.remainder,
    "//": lambda a, b: torch.div(a, b, rounding_mode="floor"),
    ">": lambda a, b: (a > b).double(),
    ">=": lambda a, b: (a >= b).double(),
    "<": lambda a, b: (a < b).double(),
    "<=": lambda a, b: (a <= b).double(),
    "==": lambda a, b: (a == b).double(),
    "!=": lambda a, b: (a != b).double(),
    "where": lambda a, b, c: torch.where(a != 0, b, c),
    "detach": lambda a: a.detach().clone(),
    "sqrt": _sqrt,
    "relu6": F.relu6,
    "hardtanh": F.hardtanh,
    "logsigmoid": F.logsigmoid,
    "softsign": F.softsign,
    "leaky_relu": F.leaky_relu,
    "elu": F.elu,
    "softplus": F.softplus,
    "silu": F.silu,
    "gelu": F.gelu,
    "max": _extreme(torch.maximum, torch.max),
    "min": _extreme(torch.minimum, torch.min),
    "sum": lambda *x: torch.stack(x).sum(),
    "mean": lambda *x: torch.stack(x).mean(),
    "prod": lambda *x: torch.stack(x).prod(),
}
UNARY = (
    *("neg", "abs", "square", "reciprocal", "sqrt", "exp", "expm1", "log", "log1p", "sin", "cos", "tan"),
    *("asin", "acos", "atan", "sinh", "cosh", "tanh", "sigmoid", "relu", "sign", "floor"),
    *("leaky_relu", "elu", "softplus", "silu", "gelu"),
    *("rsqrt", "exp2", "log2", "log10", "asinh", "acosh", "atanh", "erf", "erfc", "logit"),
    *("logsigmoid", "softsign", "relu6", "hardtanh", "ceil", "round", "trunc", "frac", "detach"),
)
COMPARISONS = (">", ">=", "<", "<=", "==", "!=")
BINARY = ("+", "-", "*", "/", "**", "%", "//", "fmod", "atan2", "hypot", "logaddexp", "xlogy", *COMPARISONS)
TERNARY = ("clamp", "where")
ORACLE |= {name: getattr(torch, name) for name in (*UNARY, *BINARY, *TERNARY) if name not in ORACLE}
NARY = ("max", "min", "sum", "mean", "prod")


def _sigmoid(a: float) -> float:
    return 1 / (1 + math.exp(-a)) if a > -700 else 0.0


# Local derivatives that are differences: the sizes of their terms, which is what rounding is relative to.
SIZE_OF_TERMS: dict[str, Callable[[float, float], float]] = {
    "tanh": lambda a, y: 1 + y * y,
    "sigmoid": lambda a, y: (1 + y) * y,
    "expm1": lambda a, y: abs(y) + 1,
    "silu": lambda a, y: _sigmoid(a) * (1 + abs(a) * (1 + _sigmoid(a))),
    "softsign": lambda a, y: 2 / (1 + abs(a)),
    "logsigmoid": lambda a, y: 1.0,
    "gelu": lambda a, y: 1 + abs(a) * math.exp(-0.5 * a * a),
}


@dataclass
class Drawing:
    """A graph document in the making."""

    ops: list[str] = field(default_factory=list)
    inputs: list[list[int]] = field(default_factory=list)
    value: dict[int, float] = field(default_factory=dict)
    frozen: list[int] = field(default_factory=list)

    def leaf(self, value: float, kind: str = "leaf") -> int:
        self.value[len(self.ops)] = value
        return self.node(kind)

    def node(self, op: str, *inputs: int) -> int:
        self.ops.append(op)
        self.inputs.append(list(inputs))
        return len(self.ops) - 1

    def document(self, outputs: Iterable[int]) -> dict[str, Any]:
        return {
            "version": 1,
            "op": self.ops,
            "inputs": self.inputs,
            "value": {str(i): wire(v) for i, v in self.value.items()},
            "label": {},
            "frozen": self.frozen,
            "outputs": list(outputs),
        }


@dataclass
class Run:
    """The results of the oracle."""

    values: list[float]
    grads: list[float]
    edge_grads: list[float]
    tracked: list[bool]


def wire(x: float) -> float | str:
    """The number as it travels."""
    return x if math.isfinite(x) else "nan" if x != x else "inf" if x > 0 else "-inf"


def ask(drawing: Drawing, passes: list[tuple[int, float]], noise: random.Random | None = None) -> Run:
    """Runs the graph in PyTorch, where each use of a node is a clone, so that each slot has a gradient."""
    nodes: list[Tensor] = []
    slots: list[Tensor] = []
    for i, (op, inputs) in enumerate(zip(drawing.ops, drawing.inputs, strict=True)):
        if op in ("leaf", "const"):
            tracked = op == "leaf" and i not in drawing.frozen
            y = torch.tensor(drawing.value[i], dtype=torch.float64, requires_grad=tracked)
        else:
            uses = [nodes[j].clone() for j in inputs]
            slots += uses
            y = ORACLE[op](*uses)
            if noise and op not in EXACT:
                y = y * (1 + noise.choice((-4e-16, 4e-16)))
        nodes.append(y)
    grads = [0.0] * len(nodes)
    edge_grads = [0.0] * len(slots)
    for root, gradient in passes:
        pass_grads = one_pass(nodes + slots, nodes[root], gradient)
        grads = [total + g for total, g in zip(grads, pass_grads, strict=False)]
        edge_grads = pass_grads[len(nodes) :]
    return Run([t.item() for t in nodes], grads, edge_grads, [t.requires_grad for t in nodes])


def one_pass(tensors: list[Tensor], root: Tensor, gradient: float) -> list[float]:
    """The gradients of this pass alone: PyTorch lets tensors share the storage that several add up in."""
    for t in tensors:
        t.grad = None
        if t.requires_grad:
            t.retain_grad()
    if root.requires_grad:
        torch.autograd.backward(root, torch.tensor(gradient, dtype=torch.float64), retain_graph=True)
    return [t.grad.item() if t.requires_grad and t.grad is not None else 0.0 for t in tensors]


def reach(drawing: Drawing, tracked: list[bool], root: int) -> set[int]:
    """The nodes that a pass from the root comes to."""
    found = {root} if tracked[root] else set()
    for i in range(root, -1, -1):
        if i in found:
            found |= {j for j in drawing.inputs[i] if tracked[j]}
    return found


def local_sizes(op: str, x: list[float], y: float) -> list[float]:
    """The sizes of the local derivatives, of their terms where these cancel."""
    if op in SIZE_OF_TERMS:
        return [SIZE_OF_TERMS[op](x[0], y)]
    operands = [torch.tensor(v, dtype=torch.float64, requires_grad=True) for v in x]
    gradients = torch.autograd.grad(ORACLE[op](*operands), operands, allow_unused=True)
    return [0.0 if g is None else abs(g.item()) for g in gradients]


def grad_scale(drawing: Drawing, run: Run, passes: list[tuple[int, float]]) -> list[float]:
    """Per node the sum, over all paths of all passes, of the sizes of what they contribute."""
    total = [0.0] * len(drawing.ops)
    for root, gradient in passes:
        scale = [0.0] * len(drawing.ops)
        scale[root] = abs(gradient)
        for i in sorted(reach(drawing, run.tracked, root), reverse=True):
            if drawing.inputs[i]:
                x = [run.values[j] for j in drawing.inputs[i]]
                for j, size in zip(
                    drawing.inputs[i], local_sizes(drawing.ops[i], x, run.values[i]), strict=True
                ):
                    scale[j] += scale[i] * size
            total[i] += scale[i]
    return total


def vector(name: str, drawing: Drawing, passes: list[tuple[int, float]]) -> dict[str, Any]:
    run = ask(drawing, passes)
    reached = set().union(*(reach(drawing, run.tracked, root) for root, _ in passes))
    return {
        "name": name,
        "graph": drawing.document([passes[-1][0]]),
        "exact": EXACT.issuperset(drawing.ops),
        "passes": [[root, wire(gradient)] for root, gradient in passes],
        "values": [wire(v) for v in run.values],
        "grads": [wire(v) for v in run.grads],
        "reached": [int(i in reached) for i in range(len(drawing.ops))],
        "edge_grads": [wire(v) for v in run.edge_grads],
        "grad_scale": [wire(float(f"{v:.3g}")) for v in grad_scale(drawing, run, passes)],
    }


def close(a: float, b: float, tolerance: float) -> bool:
    return a == b or (a != a and b != b) or abs(a - b) <= tolerance


def is_steady(drawing: Drawing, passes: list[tuple[int, float]]) -> bool:
    """Test whether a graph is well conditioned, so that it tests the engine, not its rounding."""
    run = ask(drawing, passes)
    scale = grad_scale(drawing, run, passes)
    for seed in range(4):
        other = ask(drawing, passes, random.Random(seed))
        values = zip(run.values, other.values, strict=True)
        grads = zip(run.grads, other.grads, scale, strict=True)
        if not all(close(a, b, 1e-13 * abs(a)) for a, b in values):
            return False
        if not all(close(a, b, 1e-10 * s) for a, b, s in grads):
            return False
    return True


# One vector for each op and each of its edges.

ZEROS = (0.0, -0.0)
BEYOND = (math.inf, -math.inf, math.nan)
POINTS = (*ZEROS, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 0.3, -7.0, 20.0, 20.5, 1000.0, -1000.0, *BEYOND)
EDGES = (0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, math.inf, -math.inf, math.nan)
WHOLE = (-2.5, -1.5, 0.49999999999999994, 1.5, 2.5, 4.0, 4503599627370497.5)
DOMAINS = {
    **dict.fromkeys(("ceil", "round", "trunc", "frac", "floor"), WHOLE),
    **dict.fromkeys(("erf", "erfc"), (1.9, 2.1, -2.1, 3.5, 6.0, -6.0, 20.0, 26.0)),
    **dict.fromkeys(("relu6", "hardtanh"), (6.0, 5.5, 6.5)),
    **dict.fromkeys(("acosh", "log2", "log10", "rsqrt"), (1.0000001, 8.0, 100.0)),
    **dict.fromkeys(("atanh", "logit"), (0.999, 0.9999999999)),
    "exp2": (1024.0, -1080.0, 10.0),
    "logsigmoid": (40.0, -40.0),
}
"""Further points of an op of one operand."""
POWERS = (
    (-8.0, 1 / 3),
    (-2.0, 3.0),
    (-2.0, -3.0),
    (-2.0, 2.0),
    (10.0, 400.0),
    (-10.0, 401.0),
    (0.3, 1000.0),
    (-1.0, math.inf),
    (0.0, -1.5),
)
REMAINDERS = (
    (-5.5, 3.0),
    (5.5, -3.0),
    (-5.5, -3.0),
    (-4.0, 2.0),
    (4.0, -2.0),
    (1.0, 0.1),
    (0.3, 0.1),
    (-1e-20, 3.0),
    (1e300, 7.0),
)
FURTHER = {
    "**": POWERS,
    **dict.fromkeys(("%", "//", "fmod"), REMAINDERS),
    **dict.fromkeys(("atan2", "hypot"), ((3.0, 4.0), (1e200, 1e200), (-1e-200, 1e-200))),
    "logaddexp": ((1000.0, 999.0), (-1000.0, -1001.0), (3.0, -50.0)),
}
"""Further pairs of an op of two operands."""
COMPARED = (
    (0.0, -0.0),
    (1.0, 1.0),
    (1.0, 2.0),
    (2.0, 1.0),
    (math.inf, math.inf),
    (math.nan, math.nan),
    (1.0, math.nan),
)
CLAMPED = (
    *((x, 0.0, 1.0) for x in (0.0, -0.0, 0.5, 1.0, 2.0, -2.0, math.inf, -math.inf, math.nan)),
    *((x, 1.0, 0.0) for x in (0.0, 0.5, 1.0, 2.0, -2.0)),
    *((0.5, 0.5, 0.5), (0.5, math.nan, 1.0), (0.5, 0.0, math.nan), (2.0, math.nan, 1.0)),
    *((2.0, 0.0, math.inf), (2.0, -math.inf, 1.0), (math.inf, -math.inf, math.inf)),
)
CHOSEN = (
    *((c, 3.0, -4.0) for c in (1.0, 0.0, -0.0, 0.5, -1.0, math.inf, math.nan)),
    *((1.0, math.nan, 2.0), (0.0, math.nan, 2.0), (1.0, 2.0, math.inf), (0.0, 2.0, math.inf)),
)
LISTS = (
    (2.0,),
    (0.0,),
    (math.nan,),
    (3.0, 1.0, 2.0),
    (3.0, 3.0, 1.0),
    (-4.0, -4.0, -4.0),
    (1.0, math.nan, 2.0),
    (math.nan, math.nan, 1.0),
    (math.inf, math.inf, 0.5),
    (math.inf, -math.inf, 1.0),
    (0.0, 3.0, 2.0),
    (5.0, 0.0, 0.0),
    (2.0, 0.0, math.inf),
    (2.0, 0.0, math.nan),
    (1.5, -2.0, 0.25, 4.0, -1.0, 3.0, 0.5),
)


def on_leaves(op: str, operands: tuple[float, ...], gradient: float) -> dict[str, Any]:
    drawing = Drawing()
    root = drawing.node(op, *[drawing.leaf(x) for x in operands])
    seed = "" if gradient == 1 else f" from {gradient}"
    return vector(f"{op} of {', '.join(map(str, operands))}{seed}", drawing, [(root, gradient)])


def on_one_leaf(op: str, times: int, value: float) -> dict[str, Any]:
    drawing = Drawing()
    root = drawing.node(op, *[drawing.leaf(value)] * times)
    return vector(f"{op} of the same operand {times} times, {value}", drawing, [(root, 1.0)])


def branches() -> list[dict[str, Any]]:
    """Vectors for nodes that pass a gradient on or stop it: branches, comparisons, `detach`."""
    vectors = []
    for a in (4.0, 0.0, -4.0):  # the slope of the root is infinite at 0, and nan below, in a branch not taken
        drawing = Drawing()
        x = drawing.leaf(a)
        positive = drawing.node(">", x, drawing.leaf(0.0, "const"))
        root = drawing.node("where", positive, drawing.node("sqrt", x), drawing.node("*", x, x))
        vectors.append(vector(f"where of a branch and a square at {a}", drawing, [(root, 1.0)]))
    drawing = Drawing()
    x = drawing.leaf(3.0)
    kept = drawing.node("detach", x)
    root = drawing.node("+", drawing.node("*", kept, x), x)
    passes = [(root, 1.0), (kept, 1.0), (root, 2.0)]
    vectors.append(vector("detach of an operand that is also used", drawing, passes))
    drawing = Drawing()
    x, y = drawing.leaf(3.0), drawing.leaf(2.0)
    root = drawing.node("*", drawing.node(">=", drawing.node("*", x, y), y), x)
    vectors.append(vector("a comparison as a factor", drawing, [(root, 1.0)]))
    return vectors


def op_vectors() -> list[dict[str, Any]]:
    vectors = []
    for op in UNARY:
        vectors += [on_leaves(op, (a,), 1.0) for a in (*POINTS, *DOMAINS.get(op, ()))]
        vectors += [on_leaves(op, (a,), g) for a in (0.0, 0.5, -2.0) for g in (math.inf, -2.5)]
    for op in COMPARISONS:
        vectors += [on_leaves(op, pair, 1.0) for pair in COMPARED]
    for op in (*(op for op in BINARY if op not in COMPARISONS), "max", "min"):
        pairs = [*product(EDGES, EDGES), *FURTHER.get(op, ())]
        vectors += [on_leaves(op, pair, 1.0) for pair in pairs]
        vectors += [on_leaves(op, pair, g) for pair in ((0.0, 2.0), (2.0, 2.0)) for g in (math.inf, -2.5)]
        vectors += [on_one_leaf(op, 2, a) for a in (0.0, 0.5, 3.0, -2.0, math.inf, math.nan)]
    for op, operands in (("clamp", CLAMPED), ("where", CHOSEN)):
        vectors += [on_leaves(op, x, g) for x in operands for g in (1.0, math.inf)]
    vectors += branches()
    for op in NARY:
        vectors += [on_leaves(op, operands, 1.0) for operands in LISTS]
        vectors += [on_leaves(op, operands, math.inf) for operands in LISTS[3:5]]
        vectors += [on_one_leaf(op, times, a) for times in (3, 28) for a in (0.0, 1.25)]
    return vectors


# Random graphs.


@dataclass
class Flavour:
    """A kind of random graph."""

    name: str
    count: int
    ops: tuple[str, ...]
    leaves: Callable[[random.Random], float]
    limit: float
    """Nodes with a value beyond it are not drawn; nan counts as beyond, unless the limit is infinite."""


def _moderate(draw: random.Random) -> float:
    return draw.choice((draw.uniform(-2, 2), draw.uniform(-2, 2), float(draw.randint(-3, 3))))


def _wild(draw: random.Random) -> float:
    return draw.choice((draw.uniform(-2, 2), draw.uniform(-50, 50), draw.choice(POINTS)))


FLAVOURS = (
    Flavour("exact", 120, tuple(op for op in ORACLE if op in EXACT), _moderate, 1e6),
    Flavour("any op", 120, tuple(ORACLE), _moderate, 1e3),
    Flavour("neurons", 30, ("+", "*", "+", "*", "tanh", "relu", "sum", "neg", "**"), _moderate, 1e2),
    Flavour("beyond finite", 40, tuple(ORACLE), _wild, math.inf),
)


def draw_node(
    drawing: Drawing, values: list[float], flavour: Flavour, hub: int, usage: float, draw: random.Random
) -> None:
    """One more node. An operand is the hub with the probability `usage`."""
    while True:
        op = draw.choice(flavour.ops)
        arity = OPS[op].arity or draw.randint(1, 5)
        # Half of the operands are recent, so that graphs get deep.
        recent = range(max(0, len(values) - 6), len(values))
        everyone = range(len(values))
        inputs = [
            hub if draw.random() < usage else draw.choice(recent if draw.random() < 0.5 else everyone)
            for _ in range(arity)
        ]
        x = [values[j] for j in inputs]
        y = ORACLE[op](*(torch.tensor(v, dtype=torch.float64) for v in x)).item()
        if flavour.limit < math.inf and not abs(y) <= flavour.limit:
            continue
        if op in ("max", "min") and arity > 2 and y == 0.0:
            continue
        drawing.node(op, *inputs)
        values.append(y)
        return


def draw_graph(flavour: Flavour, draw: random.Random) -> tuple[Drawing, list[tuple[int, float]]]:
    drawing = Drawing()
    for _ in range(draw.randint(2, 6)):
        drawing.leaf(flavour.leaves(draw))
    for _ in range(draw.randint(0, 3)):
        drawing.leaf(flavour.leaves(draw), "const")
    leaves = [i for i, op in enumerate(drawing.ops) if op == "leaf"]
    drawing.frozen = [i for i in leaves[1:] if draw.random() < 0.2]
    values = [drawing.value[i] for i in range(len(drawing.ops))]
    hub, usage = draw.choice(leaves), draw.choice((0.0, 0.2, 0.5))
    for _ in range(draw.randint(4, 40)):
        draw_node(drawing, values, flavour, hub, usage, draw)
    last = len(values) - 1
    passes = [(last, 1.0)]
    if draw.random() < 0.4:
        passes.append((draw.randint(len(leaves), last), draw.choice((1.0, -0.5, 3.0))))
    if draw.random() < 0.1:
        passes.append((draw.choice(leaves), 2.0))
    return drawing, passes


def graph_vectors() -> list[dict[str, Any]]:
    draw = random.Random(20240611)
    vectors = []
    for flavour in FLAVOURS:
        number = 0
        while number < flavour.count:
            drawing, passes = draw_graph(flavour, draw)
            if is_steady(drawing, passes):
                number += 1
                vectors.append(vector(f"{flavour.name} {number}", drawing, passes))
    return vectors


def table() -> list[dict[str, Any]]:
    return [
        {"name": op.name, "arity": op.arity, "formula": op.formula, "partials": list(op.partials)}
        for op in OPS.values()
    ]


def write(name: str, vectors: list[dict[str, Any]]) -> None:
    lines = (json.dumps(v, allow_nan=False, separators=(",", ":"), ensure_ascii=False) for v in vectors)
    (HERE / name).write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")


if __name__ == "__main__":
    torch.set_num_threads(1)
    write("ops_table.json", table())
    write("ops.json", op_vectors())
    write("graphs.json", graph_vectors())
