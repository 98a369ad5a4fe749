"""Functions as live graphs: run again after each change, for branches and loops that depend on values."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from autograd_widget.adapters.shapes import is_node
from autograd_widget.adapters.source import is_of_torch, watched
from autograd_widget.engine.micrograd import Value
from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph
from autograd_widget.messages import messages_in

from .widget import GraphWidget

if TYPE_CHECKING:
    from .session import Act


class Explorer(GraphWidget):
    """The graph of a function's result; `explore` makes it."""

    def __init__(self, compute: Callable[[], Any], leaves: Sequence[tuple[Any, str]]) -> None:
        self._compute, self._given = compute, leaves
        super().__init__(compute(), names=False)

    def _do(self, act: Act) -> None:
        super()._do(act)
        self._run_again()

    def _graph_document(self) -> dict[str, Any]:
        return {**super()._graph_document(), "explored": True}

    def _run_again(self) -> None:
        """Run the function at the values of now, and replace the graph where it is another one."""
        source, roots = self._sourced((self._compute(),))
        graph = Graph.of(*roots)
        if same_structure(graph, self._own.graph):
            return
        self._check = {"said": messages_in(self.language)["python"]["explore"]["another_way"]}
        self._replace(source, roots)

    def _take_graph(self, graph: Graph, previewed: Iterable[Scalar] | None) -> None:
        named = ((self._scalar_of(leaf), name) for leaf, name in self._given)
        self._variables = {scalar: name for scalar, name in named if scalar is not None}
        super()._take_graph(graph, previewed)


def explore(f: Callable[..., Any], *args: Any, **kwargs: Any) -> GraphWidget:
    """Draw a function's result, and run the function again after each change.

    Also as a decorator, `@explore`, of a function with numbers as defaults.

    Args:
        f: The function.
        *args: Its arguments: floats, also in lists, tuples and dicts, become leaves; scalars, nodes of an
            engine of one's own and tensors stay what they are, and are leaves; all else is handed on.
        **kwargs: Its arguments by name.

    Raises:
        TypeError: It is no function, nothing among its arguments can be moved, or its result is no graph.
    """
    if not callable(f):
        raise TypeError(f"explore takes a function first, as in explore(f, 2.0), not {type(f).__name__}")
    bound = inspect.signature(f).bind(*args, **kwargs)
    bound.apply_defaults()
    leaves = Leaves()
    for name, given in bound.arguments.items():
        bound.arguments[name] = leaves.of(given, name)
    called = getattr(f, "__name__", "f")
    if not leaves.names:
        raise TypeError(
            f"there is nothing to move in {called}: give it floats, as in explore({called}, 2.0), or nodes"
        )

    uses_torch = any(is_of_torch(given) for given, _ in leaves.names)
    recording = watched(bound.arguments) if uses_torch else nullcontext

    def compute() -> Any:
        with recording():
            result = f(*bound.args, **bound.kwargs)
        if isinstance(result, Scalar) and result.prevs and not result.label:
            result.label = called
        if isinstance(result, int | float | type(None)):
            raise TypeError(
                f"{called} returned {result!r}, which does not know how it was computed: return what its "
                "operators give, and use scalars' own methods, as x.tanh() and not math.tanh(x)"
            )
        return result

    return Explorer(compute, leaves.names)


class Leaves:
    """Arguments with their floats as leaves."""

    def __init__(self) -> None:
        self.names: list[tuple[Any, str]] = []

    def of(self, given: Any, name: str) -> Any:
        """Convert an argument: floats become leaves."""
        if type(given) is float:
            given = Value(given, label=name)  # with `data` and `value`, whichever the function uses
        if isinstance(given, Scalar) or is_of_torch(given) or is_node(given):
            self.names.append((given, name))
            return given
        if isinstance(given, list | tuple):
            items = [self.of(item, f"{name}[{i}]") for i, item in enumerate(given)]
            return items if isinstance(given, list) else tuple(items)
        if isinstance(given, Mapping):
            return {key: self.of(item, f"{name}[{key!r}]") for key, item in given.items()}
        return given


def same_structure(a: Graph, b: Graph) -> bool:
    """Test whether two graphs are the same but for the values of leaves, and what follows from them."""
    if (a.ops, a.inputs, a.outputs) != (b.ops, b.inputs, b.outputs):
        return False
    constants = (i for i, op in enumerate(a.ops) if op == "const")
    if any(a.values[i] != b.values[i] for i in constants):
        return False
    return {i: _said(a, i) for i in a.customs} == {i: _said(b, i) for i in b.customs}


def _said(graph: Graph, node: int) -> tuple[Any, ...]:
    """A custom op's name, and where its numbers are recorded, these as well."""
    custom = graph.customs[node]
    return (custom.name,) if custom.live else (custom.name, graph.values[node], graph.partials_of(node))
