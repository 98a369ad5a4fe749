"""Python code for one graph: what a graph that is replayed again and again is turned into.

The loops in `replay` ask at each step what to do. Written out, one line per node with its numbers in local
variables, the same computation takes half the time, and compiling it about as long as a hundred replays.
It gives the same numbers to the bit (`test_graph` compares). The lines are made of ids and of nothing that a
document could say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from math import tanh
from typing import Any, Final

from .replay import ADD, ANY, MULTIPLY, RELU, SUBTRACT, TANH, Step

MOST_NODES: Final = 5_000
"""Beyond, compiling takes longer than anybody wants to wait."""

REPLAYS_BEFORE: Final = 100
"""How often a graph is replayed by the loops first."""

VALUE: Final = {
    ADD: "v{a} + v{b}",
    MULTIPLY: "v{a} * v{b}",
    TANH: "tanh(v{a})",
    RELU: "0.0 if v{a} < 0.0 else v{a}",
    SUBTRACT: "v{a} - v{b}",
}

SENT: Final = {
    ADD: ("{d}", "{d}"),
    MULTIPLY: ("{d} * v{b}", "{d} * v{a}"),
    TANH: ("{d} * (1.0 - v{i} * v{i})",),
    RELU: ("(0.0 if v{i} <= 0.0 else {d})",),
    SUBTRACT: ("{d}", "-{d}"),
}


def compiled_forward(steps: Iterable[Step], size: int) -> Callable[..., list[float]]:
    """A function of the values, of which only leaves and constants count, that computes all of them."""
    lines = []
    known: dict[str, Any] = {"tanh": tanh}
    for i, code, a, b in steps:
        if code == ANY:
            known[f"f{i}"] = b.forward
            lines.append(f"v{i} = f{i}({_names(a)})")
        else:
            lines.append(f"v{i} = " + VALUE[code].format(a=a, b=b))
    lines.append(f"return [{_names(range(size))}]")
    return _function(_names(range(size)), lines, known)


def compiled_backward(
    steps: Iterable[Step], needs_grad: Sequence[bool], root: int
) -> Callable[..., list[float]]:
    """A function of the root's gradient and the values that gives the gradients of a pass.

    Args:
        steps: The computations that the pass comes through, from the root on.
        needs_grad: Per node whether it takes a gradient.
        root: Where the pass starts.
    """
    lines = []
    known: dict[str, Any] = {}
    gradient = {root: f"d{root}"}  # per node that the pass has come to, the variable with what has come

    def arrive(j: int, sent: str) -> None:
        if not needs_grad[j]:
            return
        if j in gradient:
            lines.append(f"d{j} = {gradient[j]} + {sent}")
        # What comes first is added to 0 as in the loops, so that it is never -0. A sum never is, and needs no
        # variable of its own; but the root's gradient, which is given, may be.
        elif sent[0] == "d" and sent[1:].isdecimal() and sent != f"d{root}":
            gradient[j] = sent
            return
        else:
            lines.append(f"d{j} = 0.0 + {sent}")
        gradient[j] = f"d{j}"

    for i, code, a, b in steps:
        d = gradient[i]
        if code == ANY:
            known[f"b{i}"] = b.backward
            lines.append(f"s = b{i}({d}, v{i}, {_names(a)})")
            for slot, j in enumerate(a):
                arrive(j, f"s[{slot}]")
        else:
            for j, sent in zip((a, b), SENT[code], strict=False):
                arrive(j, sent.format(d=d, i=i, a=a, b=b))
    size = len(needs_grad)
    lines.append(f"return [{', '.join([gradient.get(j, '0.0') for j in range(size)])}]")
    return _function(f"d{root}, {_names(range(size))}", lines, known)


def _names(ids: Iterable[int]) -> str:
    return ", ".join([f"v{i}" for i in ids])


def _function(parameters: str, lines: list[str], known: dict[str, Any]) -> Callable[..., Any]:
    exec("\n ".join([f"def compiled({parameters}):", *lines]), known)  # noqa: S102 # lines of our own making
    function: Callable[..., Any] = known["compiled"]
    return function
