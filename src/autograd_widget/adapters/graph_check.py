"""A comparison of an engine's own backward pass with the chain rule, node by node.

The pass runs with the person's own objects, whose gradients are put back afterwards. Where each node can be
made to run by itself, its writes are watched. So the first wrong node in the order of the person's own pass
is known, and the op that wrote there last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.names import op_in
from autograd_widget.graph.graph import Graph

from .check import check_engine
from .foreign import Mirror
from .numbers import close
from .own_ops import own_ops
from .report import PASS, Finding, two
from .report_words import Words, words_of
from .shapes import Shape, get, gradient_in, operands_of, put, shape_of
from .trial import pass_of


@dataclass
class NodeCheck:
    """One node whose gradient was compared.

    Attributes:
        id: The node's in the graph.
        name: Its name.
        yours: The gradient that the person's own pass left.
        expected: The chain rule's.
        summed: The sum of the sizes of its terms and of their upstream gradients, for rounding.
    """

    id: int
    name: str
    yours: float
    expected: float
    summed: float = 0.0

    @property
    def ok(self) -> bool:
        """Test whether both are the same."""
        return close(self.yours, self.expected, self.summed)


@dataclass
class GraphCheck:
    """The result of a check of a graph. Truthy if the person's own pass is right.

    Attributes:
        nodes: Every node that the pass comes to, by its id.
        first: The id of the first wrong node in the order of the person's own pass; None if all are right.
        writer: The op that wrote there last; empty where that is not known.
        findings: The mistakes of the ops in this graph, as `check_engine` finds them.
    """

    nodes: dict[int, NodeCheck]
    first: int | None
    writer: str
    findings: list[Finding]
    language: str = "en"

    @property
    def ok(self) -> bool:
        """Test whether every gradient is right."""
        return self.first is None

    def __bool__(self) -> bool:
        return self.ok

    @property
    def off(self) -> list[NodeCheck]:
        """The nodes with a wrong gradient."""
        return [node for node in self.nodes.values() if not node.ok]

    @property
    def _words(self) -> Words:
        return words_of(self.language)

    def __str__(self) -> str:
        words = self._words
        if self.first is None:
            return words.graph_right.format(count=len(self.nodes))
        node = self.nodes[self.first]
        yours, expected = two(node.yours, node.expected)
        lines = [words.graph_off.format(name=node.name, yours=yours, expected=expected)]
        if self.writer:
            lines[0] += words.last_writer.format(name=node.name, op=self.writer)
        lines += [f"  {found}" for found in self.findings]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        words = self._words
        lines = [str(self).splitlines()[0], "", f"| {words.node} | {words.yours} | {words.chain_rule} |"]
        lines.append("| --- | --- | --- |")
        for node in self.nodes.values():
            yours, expected = (f"{x:.4g}" for x in (node.yours, node.expected))
            mark = "✓" if node.ok else "≠"
            lines.append(f"| `{node.name}` | {mark} {yours} | {expected} |")
        lines += ["", *(f"- {found.hints[0]}" for found in self.findings if found.hints)]
        return "\n".join(lines)

    def to_document(self) -> dict[str, Any]:
        """Make the document's key `check`: sentences for the page, and gradients beside the chain rule's."""
        words = self._words
        return {
            "said": str(self).splitlines()[0].rstrip(words.stop),
            "yours": {str(i): self._yours(node) for i, node in self.nodes.items()},
            "beside": {str(i): self._beside(node) for i, node in self.nodes.items()},
            "first": self.first,
            "hints": list(self.findings[0].hints) if self.findings else [],
        }

    def _yours(self, node: NodeCheck) -> str:
        """The gradient that the person's own pass left, marked right or off."""
        if node.ok:
            return f"✓ {node.yours:+.2f}" if abs(node.yours) >= 0.01 else f"✓ {node.yours:+.2g}"
        return f"≠ {two(node.yours, node.expected)[0]}"

    def _beside(self, node: NodeCheck) -> str:
        """The two gradients in words: the person's own, and the chain rule's."""
        yours, expected = two(node.yours, node.expected)
        words = self._words
        return f"{words.yours} {yours} {'=' if node.ok else '≠'} {words.chain_rule} {expected}"


def check_graph(
    mirror: Mirror, graph: Graph, names: Mapping[Scalar, str], language: str = "en"
) -> GraphCheck:
    """Run the person's own pass from the last root, compare it with the chain rule, put everything back.

    Args:
        mirror: The scalars of the person's objects.
        graph: The graph of them.
        names: The names of the nodes.
        language: `"en"` or `"zh"`.

    Raises:
        TypeError: The engine has no `backward()`, or keeps no gradients.
    """
    graph.zero_grad()
    position = {node: i for i, node in enumerate(graph.nodes or ())}
    objects = {i: obj for node, i in position.items() if (obj := mirror.object_of(node)) is not None}
    top = mirror.object_of(mirror.roots[-1])
    yours, writes = _own_pass(objects, top)
    graph.backward(position[mirror.roots[-1]])
    summed = _sums_of_sizes(graph)
    nodes = {
        i: NodeCheck(i, names.get((graph.nodes or [])[i], ""), yours[i], graph.grads[i], summed[i])
        for i in objects
        if graph.needs_grad[i] and (graph.reached[i] or yours[i] != 0.0)
    }
    computed = [i for i in nodes if graph.inputs[i]]
    if any(yours[i] for i in nodes) and not any(yours[i] for i in computed):
        nodes = {i: node for i, node in nodes.items() if not graph.inputs[i]}  # only leaves keep theirs
    # A node is done after the last write to it; without writes, after all of its consumers.
    done = {write.into: step for step, write in enumerate(writes)}
    off = [i for i, node in nodes.items() if not node.ok]
    first = min(off, key=lambda i: (done.get(i, -1), -i), default=None)
    writers = [write.by for write in writes if write.into == first]
    writer = op_in(graph, writers[-1]) if writers else ""
    return GraphCheck(nodes, first, writer, _findings(type(top), graph, language) if off else [], language)


def _sums_of_sizes(graph: Graph) -> list[float]:
    """The sum of the absolute contributions to each node, and of the gradients that they come from."""
    sums = [0.0] * len(graph)
    sizes = map(abs, graph.edge_grads)
    for i, operands in enumerate(graph.inputs):
        for j in operands:
            sums[j] += next(sizes) + abs(graph.grads[i])
    return sums


@dataclass(frozen=True)
class _Write:
    """One node's backward function, and a node that it has written to."""

    by: int
    into: int


def _own_pass(objects: Mapping[int, Any], top: Any) -> tuple[dict[int, float], list[_Write]]:
    """Run the person's own `backward()`; return its gradients, and its writes in order."""
    method = pass_of(type(top))
    shapes = {i: shape for i, obj in objects.items() if (shape := shape_of(obj)) is not None}
    places = {i: shape.grad for i, shape in shapes.items() if isinstance(shape.grad, str)}
    if method is None or not places:
        raise TypeError(
            f"a {type(top).__name__} has no backward() that leaves gradients, so there is nothing to check"
        )
    writes: list[_Write] = []
    with _put_back(objects, places), _watched(objects, shapes, writes):
        _forget(objects, places)
        try:
            getattr(top, method)()
        except Exception as error:
            raise TypeError(
                f"your {method}() raised {type(error).__name__} ({error}), so there is nothing to compare"
            ) from error
        return {i: gradient_in(objects[i], shapes[i]) for i in objects}, writes


def _forget(objects: Mapping[int, Any], places: Mapping[int, str]) -> None:
    """Set gradients as they are before a pass: 0, or None where that is what the engine begins with."""
    fresh = own_ops(type(next(iter(objects.values())))).fresh(1.0)
    begun = [get(objects[i], place) for i, place in places.items()]
    begun += [get(fresh, place) for place in set(places.values()) if fresh is not None]
    by_none = any(x is None for x in begun)
    for i, place in places.items():
        if by_none and "." not in place:
            setattr(objects[i], place, None)
        else:
            put(objects[i], place, 0.0)


@contextmanager
def _put_back(objects: Mapping[int, Any], places: Mapping[int, str]) -> Iterator[None]:
    before = {i: getattr(objects[i], place) for i, place in places.items() if hasattr(objects[i], place)}
    try:
        yield
    finally:
        for i, old in before.items():
            setattr(objects[i], places[i], old)


@contextmanager
def _watched(objects: Mapping[int, Any], shapes: Mapping[int, Shape], writes: list[_Write]) -> Iterator[None]:
    """Watch the nodes' own backward functions, where each node has one of its own."""
    position = {id(obj): i for i, obj in objects.items()}
    before: list[tuple[Any, str, Any]] = []
    for i, obj in objects.items():
        place = shapes[i].backward
        own = getattr(obj, "__dict__", {}).get(place) if isinstance(place, str) else None
        if callable(own) and isinstance(place, str):
            operands = [position[id(x)] for x in operands_of(obj, shapes[i])[0] if id(x) in position]
            before.append((obj, place, own))
            setattr(obj, place, _noting(own, [_Write(i, j) for j in operands], writes))
    try:
        yield
    finally:
        for obj, place, own in before:
            setattr(obj, place, own)


def _noting(own: Callable[..., Any], made: list[_Write], writes: list[_Write]) -> Callable[..., Any]:
    def run(*given: Any) -> Any:
        result = own(*given)
        writes.extend(made)
        return result

    return run


def _findings(cls: type, graph: Graph, language: str) -> list[Finding]:
    """Find the mistakes of the engine's pass, and of its ops that are in a graph."""
    try:
        report = check_engine(cls, language=language)
    except TypeError:
        return []
    ops = {op_in(graph, i) for i in range(len(graph))}
    return [found for found in report.findings if found.op in ops or found.op == PASS]
