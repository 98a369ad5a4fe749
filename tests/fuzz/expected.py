"""The result of acts, worked out the plain way: a list of passes, each computed again or kept as it is."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from autograd_widget import Graph

Amounts: TypeAlias = "Mapping[int, float]"
"""By node what a pass added."""


@dataclass(frozen=True)
class Ran:
    """A pass; one that was run at other values has its amounts."""

    root: int
    kept: Amounts | None = None


@dataclass(frozen=True)
class Point:
    """All that acts change."""

    values: Mapping[int, float]
    frozen: frozenset[int] = frozenset()
    passes: tuple[Ran, ...] = ()


@dataclass
class Expected:
    """The state that a person's acts on one page lead to.

    Args:
        graph: A graph of its own, to compute in.
        now: The state.
    """

    graph: Graph
    now: Point
    first: Mapping[int, float] = field(default_factory=dict)
    done: list[tuple[str, Point, Point]] = field(default_factory=list)
    undone: list[tuple[str, Point, Point]] = field(default_factory=list)
    start: Point | None = None
    velocity: dict[int, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.first = dict(self.now.values)
        self.compute()

    def compute(self) -> None:
        """Compute the values, and the amounts of each pass."""
        graph = self.graph
        for leaf, x in self.now.values.items():
            graph.set_leaf(leaf, x)
            graph.set_frozen(leaf, leaf in self.now.frozen)
        graph.forward()
        self.rows = [ran.kept if ran.kept is not None else self._run(ran.root) for ran in self.now.passes]
        live = [ran.root for ran in self.now.passes if ran.kept is None]
        self.is_preview = not live
        self.roots = live or list(graph.outputs)
        self.on_canvas = self._run(self.roots[-1])

    def _run(self, root: int) -> Amounts:
        grads, reached = self.graph.one_pass(root)
        return {i: grads[i] for i, comes in enumerate(reached) if comes}

    def grad(self, node: int) -> float | None:
        """The accumulated gradient; None if no pass has come."""
        amounts = [row[node] for row in self.rows if node in row]
        return sum(amounts) if amounts else None

    def settled(self) -> tuple[Ran, ...]:
        """The passes as they are once the leaves move on; one that has reached nothing is gone."""
        both = zip(self.now.passes, self.rows, strict=True)
        return tuple([replace(ran, kept=row) for ran, row in both if row])

    # -- acts ------------------------------------------------------------------------------------------------

    def act(self, kind: str, *given: Any) -> None:
        """Do what a person does."""
        if kind in {"undo", "redo"}:
            self._take(kind)
        elif kind == "learn":
            self._learn(given[0])
        elif kind == "start":
            if self.start is not None:
                to, self.start, self.velocity = self.start, None, {}
                self._note(kind, replace(self.now, values=to.values, passes=to.passes))
        else:
            self._note(kind, self._after(kind, *given))
        self.compute()

    def _after(self, kind: str, *given: Any) -> Point:
        now = self.now
        if kind in {"settle", "drag"}:
            leaf, to = given
            return replace(now, values={**now.values, leaf: to if kind == "settle" else to[-1]})
        if kind == "run":
            return replace(now, passes=(*now.passes, Ran(given[0])))
        if kind == "zero":
            return replace(now, passes=())
        if kind == "reset":
            return replace(now, values=self.first)
        if kind == "freeze":
            leaf, frozen = given
            return replace(now, frozen=now.frozen | {leaf} if frozen else now.frozen - {leaf})
        return now

    def _learn(self, settings: Mapping[str, Any]) -> None:
        loss, zeroes = settings["loss"], settings["zeroes"]
        self.start = self.start or self.now
        if self.roots[-1] != loss or (self.is_preview and not zeroes):
            earlier = () if zeroes else self.now.passes
            self._note("learn", replace(self.now, passes=(*earlier, Ran(loss))))
            self.compute()
        values = dict(self.now.values)
        for leaf in values:
            gradient = self.on_canvas.get(leaf) if zeroes else self.grad(leaf)
            if gradient is None or leaf in self.now.frozen:
                continue
            self.velocity[leaf] = settings["momentum"] * self.velocity.get(leaf, 0.0) + gradient
            values[leaf] -= settings["rate"] * self.velocity[leaf]
        passes = (*(() if zeroes else self.settled()), Ran(loss))
        self._note("learn", replace(self.now, values=values, passes=passes))

    def _note(self, kind: str, after: Point) -> None:
        """Go there; steps of descent that follow one another are one act."""
        before, self.now = self.now, after
        goes_on = kind == "learn" and self.done and self.done[-1][0] == "learn" and not self.undone
        if goes_on:
            before = self.done[-1][1]
        if _written(before) == _written(after):
            return
        if goes_on:
            self.done.pop()
        self.done.append((kind, before, after))
        self.undone = []

    def _take(self, kind: str) -> None:
        source, target = (self.done, self.undone) if kind == "undo" else (self.undone, self.done)
        if not source:
            return
        act = source.pop()
        target.append(act)
        self.now = act[1] if kind == "undo" else act[2]
        if act[0] in {"learn", "start"}:
            self.start, self.velocity = None, {}


def _written(point: Point) -> str:
    """Its text, in which nan is nan and a zero has its sign."""
    return repr((sorted(point.values.items()), sorted(point.frozen), point.passes))
