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
    ADD: ("d{i}", "d{i}"),
    MULTIPLY: ("d{i} * v{b}", "d{i} * v{a}"),
    TANH: ("d{i} * (1.0 - v{i} * v{i})",),
    RELU: ("(0.0 if v{i} <= 0.0 else d{i})",),
    SUBTRACT: ("d{i}", "-d{i}"),
}


def compiled_forward(steps: Iterable[Step], size: int) -> Callable[[list[float]], None]:
    """A function that computes a list of values from the leaves and constants in it."""
    lines = [_list("v", range(size)) + " = v"]
    known: dict[str, Any] = {"tanh": tanh}
    for i, code, a, b in steps:
        if code == ANY:
            known[f"f{i}"] = b.forward
            lines.append(f"v{i} = f{i}({_list('v', a)[1:-1]})")
        else:
            lines.append(f"v{i} = " + VALUE[code].format(a=a, b=b))
    lines.append(f"v[:] = {_list('v', range(size))}")
    return _function("v", lines, known)


def compiled_backward(
    steps: Iterable[Step], needs_grad: Sequence[bool], root: int
) -> Callable[[Sequence[float], float], list[float]]:
    """A function of the values and the root's gradient that gives the gradients of a pass.

    Args:
        steps: The computations that the pass comes through, from the root on.
        needs_grad: Per node whether it takes a gradient.
        root: Where the pass starts.
    """
    size = len(needs_grad)
    lines = [_list("v", range(size)) + " = v"]
    known: dict[str, Any] = {}
    reached = {root}

    def arrive(j: int, sent: str) -> None:
        if not needs_grad[j]:
            return
        if j in reached:
            lines.append(f"d{j} += {sent}")
        else:
            # What comes first is added to 0 as in the loops, so that it is never -0; a sum never is, but the
            # root's gradient, which is given, may be.
            is_sum = sent[0] == "d" and sent[1:].isdecimal() and sent != f"d{root}"
            lines.append(f"d{j} = {sent}" if is_sum else f"d{j} = 0.0 + {sent}")
        reached.add(j)

    for i, code, a, b in steps:
        if code == ANY:
            known[f"b{i}"] = b.backward
            lines.append(f"s = b{i}(d{i}, v{i}, {_list('v', a)[1:-1]})")
            for slot, j in enumerate(a):
                arrive(j, f"s[{slot}]")
        else:
            for j, sent in zip((a, b), SENT[code], strict=False):
                arrive(j, sent.format(i=i, a=a, b=b))
    grads = [f"d{j}" if j in reached else "0.0" for j in range(size)]
    lines.append(f"return [{', '.join(grads)}]")
    return _function(f"v, d{root}", lines, known)


def _list(name: str, ids: Iterable[int]) -> str:
    return f"[{', '.join([f'{name}{i}' for i in ids])}]"


def _function(parameters: str, lines: list[str], known: dict[str, Any]) -> Callable[..., Any]:
    exec("\n ".join([f"def compiled({parameters}):", *lines]), known)  # noqa: S102 # lines of our own making
    function: Callable[..., Any] = known["compiled"]
    return function
