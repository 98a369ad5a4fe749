"""Python code for one graph: what a graph that is replayed again and again is turned into.

The loops in `replay` ask at each step what to do. Written out, the same computation takes less than half the
time, and compiling it about as long as three hundred replays by the loops. It gives the same numbers to the
bit (`test_graph` compares). The code is made of ids and of nothing that a document could say.

All numbers of a graph are the entries of a list, written down in the order in which they are computed:

    [(r1 := v[0]), (r2 := v[1]), (r1 := r1 * r2), r1 + r2]

A number that is needed again goes into a local variable, which is free for the next one where it is used for
the last time: of many variables, Python reaches all but the first 256 more slowly.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import count
from math import tanh
from typing import Any, Final

from .replay import ADD, ANY, MULTIPLY, RELU, SUBTRACT, TANH, Step

MOST_NODES: Final = 5_000
"""Beyond, compiling takes longer than anybody wants to wait."""

REPLAYS_BEFORE: Final = 100
"""How often a graph is replayed by the loops first."""

STRETCH: Final = 64
"""So many gradients are computed before what came to others meanwhile is added up."""

MOST_TERMS: Final = 8
"""So many terms may wait: they keep variables, and Python compiles no sum of thousands."""

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

NAME: Final = re.compile(r"\b[vds]\d+\b")
"""A number of a node: its value, its gradient, or all that it sends."""


def compiled_forward(steps: Iterable[Step], size: int) -> Callable[[Sequence[float]], list[float]]:
    """A function of the values, of which only leaves and constants count, that computes all of them."""
    known: dict[str, Any] = {"tanh": tanh}
    meaning = {f"v{i}": f"v[{i}]" for i in range(size)}
    for i, code, a, b in steps:
        if code == ANY:
            known[f"f{i}"] = b.forward
            meaning[f"v{i}"] = f"f{i}({_names(a)})"
        else:
            meaning[f"v{i}"] = VALUE[code].format(a=a, b=b)
    return _function("v", [f"numbers = [{_names(range(size))}]"], meaning, known)


def compiled_backward(
    steps: Iterable[Step], needs_grad: Sequence[bool], root: int
) -> Callable[[float, Sequence[float]], list[float]]:
    """A function of the root's gradient and the values that gives the gradients of a pass.

    Args:
        steps: The computations that the pass comes through, from the root on.
        needs_grad: Per node whether it takes a gradient.
        root: Where the pass starts.
    """
    size = len(needs_grad)
    step_of = {step[0]: step for step in steps}
    walk = _Walk(needs_grad, root)
    lines: list[str] = []
    for last in range(size - 1, -1, -STRETCH):
        entries = []
        for i in range(last, max(last - STRETCH, -1), -1):
            entries.append(gradient := walk.gradient(i))
            if i in step_of:
                walk.send(step_of[i], gradient)
        lines.append(f"numbers {'+=' if lines else '='} [{', '.join(entries)}]")
        lines += walk.add_up()
    lines.append("numbers.reverse()")
    return _function("d, v", lines, walk.meaning, walk.known)


class _Walk:
    """What is written down on the way of a pass.

    Args:
        needs_grad: Per node whether it takes a gradient.
        root: Where the pass starts; its gradient is called `d`.
    """

    def __init__(self, needs_grad: Sequence[bool], root: int) -> None:
        self.known: dict[str, Any] = {}
        self.meaning = {f"v{i}": f"v[{i}]" for i in range(len(needs_grad))}
        self._needs_grad = needs_grad
        self._root = root
        self._came: dict[int, list[str]] = defaultdict(list)
        """Per node the terms that have come to it, until they are added up."""

    def gradient(self, i: int) -> str:
        """The gradient of a node to which all has come."""
        came = self._came.pop(i, [])
        if i == self._root:
            return "d"
        if not came:
            return "0.0"
        # A sum that has begun with 0 is never -0, and may be named by another's name.
        if len(came) == 1 and (NAME.fullmatch(came[0]) or came[0] == _sum(i)):
            return came[0]
        self.meaning[f"d{i}"] = _added(i, came)
        return f"d{i}"

    def send(self, step: Step, d: str) -> None:
        """A computation sends its gradient on."""
        i, code, a, b = step
        if code == ANY:
            self.known[f"b{i}"] = b.backward
            self.meaning[f"s{i}"] = f"b{i}({d}, v{i}, {_names(a)})"
            operands, sent = a, [f"s{i}[{slot}]" for slot in range(len(a))]
        else:
            operands, sent = (a, b), [each.format(d=d, i=i, a=a, b=b) for each in SENT[code]]
        for j, each in zip(operands, sent, strict=False):
            if self._needs_grad[j]:
                self._came[j].append(each)

    def add_up(self) -> Iterator[str]:
        """The lines that add up where many terms wait."""
        for i, came in self._came.items():
            if len(came) > MOST_TERMS:
                yield f"{_sum(i)} = {_added(i, came)}"
                came[:] = [_sum(i)]


def _sum(i: int) -> str:
    """The variable with what has come to a node so far."""
    return f"sum{i}"


def _added(i: int, came: Sequence[str]) -> str:
    # What comes first is added to 0 as in the loops, so that it is never -0.
    return " + ".join(came if came[0] == _sum(i) else ["0.0", *came])


def _names(ids: Iterable[int]) -> str:
    return ", ".join([f"v{i}" for i in ids])


def _function(
    parameters: str, lines: Iterable[str], meaning: Mapping[str, str], known: dict[str, Any]
) -> Callable[..., list[float]]:
    text = "\n ".join([f"def compiled({parameters}):", *lines, "return numbers"])
    exec(_with_variables(text, meaning), known)  # noqa: S102 # lines of our own making
    function: Callable[..., list[float]] = known["compiled"]
    return function


def _with_variables(text: str, meaning: Mapping[str, str]) -> str:
    """Write what each name means in the place where it comes first, and a variable where it comes again.

    Python reads an expression from the left as we do, so a variable is set before it is asked for.
    """
    uses = Counter(NAME.findall(text))
    for name in (waiting := list(uses)):  # grows while it is read
        for inside in NAME.findall(meaning[name]):
            if inside not in uses:
                waiting.append(inside)
            uses[inside] += 1
    variables: dict[str, str] = {}
    free: list[str] = []
    number = count()

    def written(found: re.Match[str]) -> str:
        name = found[0]
        uses[name] -= 1
        if name not in variables:
            its_meaning = NAME.sub(written, meaning[name])
            if uses[name] == 0:
                return its_meaning
            variables[name] = free.pop() if free else f"r{next(number)}"
            return f"({variables[name]} := {its_meaning})"
        if uses[name] > 0:
            return variables[name]
        free.append(variable := variables.pop(name))
        return variable

    return NAME.sub(written, text)
