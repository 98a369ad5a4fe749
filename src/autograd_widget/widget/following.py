"""A widget that follows scalars: its traits, the graph on display, and when it looks at the scalars."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from threading import get_ident
from types import FrameType
from typing import Any, TypeAlias

import traitlets
from anywidget import AnyWidget
from ipywidgets import Layout, widget_serialization

from autograd_widget.adapters.source import Source, source_of
from autograd_widget.engine.locking import exclusive
from autograd_widget.engine.observers import observe, unobserve
from autograd_widget.engine.ops import CONST, LEAF
from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.names import labels_of, name_of, variable_names
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History
from autograd_widget.graph.number import encode_moved, encode_number
from autograd_widget.graph.ranges import Range, checked_range, chosen_range
from autograd_widget.graph.records import written

from .lifetime import LayoutTrait, lifetimes
from .traits import RECORDED, ReadDict, ReadList, Values, requested
from .updates import updates

Key: TypeAlias = "str | Scalar | Any"
"""A key of a node: its label, its scalar, or the object of another engine that it stands for."""

MOST_READ = 2_000
"""The largest graph of another engine that is read after each cell; larger ones are read by `refresh()`."""


class Following(AnyWidget):
    """The traits and the graph of a widget. The state of the scalars is read when somebody looks.

    Args:
        roots: The results to draw.
        frame: The frame whose variables name nodes; None to name none.
        sliders: The ranges of leaves.
        previewed: The scalars from which the passes of a preview start; None for the roots.
        **traits: Traits that do not mirror the scalars.
    """

    _leaves: Sequence[Scalar] = ()
    _is_dirty = False
    _is_closed = False
    _is_taking = False
    _is_broken_off = False
    _reports = False
    _source: Source | None = None
    _check: dict[str, Any] | None = None

    graph = traitlets.Dict(help="The graph document, with what the view needs besides.").tag(sync=True)
    values = ReadDict(help="Leaf id as a string → number; non-finite numbers spelled.").tag(
        sync=True, from_json=requested("values")
    )
    passes = ReadList(
        help="The passes since `zero_grad()` and the gradients set by hand, as records, the oldest first; "
        "empty in a preview."
    ).tag(sync=True, from_json=requested("passes"))
    frozen = ReadList(help="The ids of the leaves that no gradient flows into (`requires_grad=False`).").tag(
        sync=True, from_json=requested("frozen")
    )
    stale = ReadDict(
        help="`leaves` that were set after something was computed from them, and the `values` that results "
        "have in Python; empty where there are none."
    ).tag(sync=True, from_json=requested("stale"))
    customs = ReadDict(
        help="The page's part of the custom ops that the kernel computes: `nodes`, by id the value and the "
        "local derivatives, at the values `at` of the leaves that they come from. Empty where there are none."
    ).tag(sync=True)
    selected = traitlets.Int(None, allow_none=True, help="The id of the node in the inspector.").tag(
        sync=True
    )
    # Groups are numbered from the outermost ones on, and among those from the first node on; in large graphs
    # the page adds groups of its own.
    opened = traitlets.List(
        traitlets.Int(),
        None,
        allow_none=True,
        help="The groups that are not folded, by number; None for those that the page opens by itself.",
    ).tag(sync=True)
    read_only = traitlets.Bool(False, help="Whether the graph is shown without controls.").tag(sync=True)
    language = traitlets.Enum(("", "en", "zh"), "", help='`"en"` or `"zh"`; if empty, the reader\'s.').tag(
        sync=True
    )
    rankdir = traitlets.Enum(
        ("auto", "LR", "TB", "BT"),
        "auto",
        help="Which way values flow: to the right or down by what shows more; or always right, down or up.",
    ).tag(sync=True)
    expression = traitlets.Unicode(
        "",
        help="The text that the graph was written as, empty for other graphs. Another text draws another "
        "graph, in which names that stay keep their values and the ranges of their sliders.",
    ).tag(sync=True)
    notice = traitlets.Unicode(
        "", help="The key of a message that is shown above the graph; empty for none."
    ).tag(sync=True)
    layout = LayoutTrait(Layout).tag(sync=True, **widget_serialization)
    _act = traitlets.List(
        traitlets.Float(),
        None,
        allow_none=True,
        minlen=2,
        maxlen=2,
        help="The number of the last act on a page, and before it that of the view.",
    ).tag(sync=True)
    # Not 0: with it, a host that counts views fails without a kernel. Views report whether they are seen.
    _view_count = traitlets.Int(None, allow_none=True, help="How many views a host shows, if it counts.").tag(
        sync=True
    )

    def __init__(
        self,
        roots: Sequence[Any],
        frame: FrameType | None,
        sliders: Mapping[Key, Sequence[float]],
        previewed: Iterable[Any] | None,
        **traits: Any,
    ) -> None:
        self._source, self._roots = self._sourced(roots)
        self._thread = get_ident()
        self._views: dict[Any, bool] = {}
        self._variables = {} if frame is None else variable_names(frame, self._scalar_of)
        self._take_graph(Graph.of(*self._roots), previewed)
        # Only the names of drawn scalars are kept, so that the caller's other scalars can be freed.
        self._variables = {node: self._variables[node] for node in self._nodes if node in self._variables}
        self._ranges = {}
        for key, bounds in sliders.items():
            leaf = self._leaf(key)
            self._ranges[leaf] = checked_range(self._name(leaf), bounds)
        self._shown = self._recorded()
        super().__init__(graph=self._graph_document(), customs=self._customs(), **self._shown, **traits)

    # -- the graph -------------------------------------------------------------------------------------------

    @staticmethod
    def _sourced(results: Sequence[Any]) -> tuple[Source | None, tuple[Scalar, ...]]:
        """The source of some results, if they are no scalars of ours, and their scalars.

        Raises:
            TypeError: One is nothing that can be drawn.
        """
        source = source_of(results)
        roots = tuple(results if source is None else source.roots)
        _refuse_other_roots(roots)
        return source, roots

    def _scalar_of(self, held: Any) -> Scalar | None:
        """The scalar itself, or the mirror of another engine's object; None for anything else."""
        if isinstance(held, Scalar):
            return held
        return None if self._source is None else self._source.scalar_of(held)

    def _take_graph(self, graph: Graph, previewed: Iterable[Scalar] | None) -> None:
        nodes = graph.nodes or []
        position = {node: i for i, node in enumerate(nodes)}
        self._previewed = None if previewed is None else tuple([self._scalar_of(x) or x for x in previewed])
        for node in self._previewed or ():
            if node not in position:
                raise KeyError(f"`passes` names {node!r}, which is not in this graph")
        self._own = History(
            graph, None if self._previewed is None else [position[x] for x in self._previewed]
        )
        self._nodes, self._position = self._own.nodes, self._own.position
        self._leaves = [nodes[i] for i in graph.leaves]
        graph.labels = labels_of(nodes, self._variables)
        self._uses = Counter(graph.labels.values())

    def _replace(self, source: Source | None, roots: tuple[Scalar, ...]) -> None:
        """Show another graph in place of this one; the selected node stays selected if it is still there."""
        chosen = None if self.selected is None else self._nodes[self.selected]
        unobserve(self, self._leaves)
        bounds = {self._nodes[i]: given for i, given in self._ranges.items()}
        self._source, self._roots = source, roots
        self._take_graph(Graph.of(*roots), self._previewed)
        self._ranges = {self._position[x]: given for x, given in bounds.items() if x in self._position}
        observe(self, self._leaves)
        with self.hold_sync():
            self.selected = None if chosen is None else self._position.get(chosen)
            self.graph = self._graph_document()
            self._show()

    def _graph_now(self) -> Graph:
        """The graph with the present numbers of the scalars, stale or not."""
        return Graph.of(*self._roots)

    @property
    def _history(self) -> History:
        self._look()
        return self._own

    @property
    def _graph(self) -> Graph:
        self._look()
        return self._own.graph

    # -- nodes by name ---------------------------------------------------------------------------------------

    def _name(self, node: int) -> str:
        return name_of(self._graph, node)

    def _key(self, node: int) -> str | Scalar:
        """The key of a node: its label if that is unique, else its scalar."""
        label = self._graph.labels.get(node, "")
        return label if self._uses[label] == 1 else self._nodes[node]

    def _id(self, key: Key) -> int:
        scalar = self._scalar_of(key)
        if scalar is not None or not isinstance(key, str):
            if scalar not in self._position:
                raise KeyError(f"{key!r} is not in this graph")
            return self._position[scalar]
        found = [i for i, label in self._graph.labels.items() if label == key]
        if len(found) > 1:
            raise KeyError(f"{len(found)} nodes are labelled {key!r}: use the Scalar itself")
        if not found:
            named = ", ".join(self._graph.labels[i] for i in sorted(self._graph.labels)[:8])
            raise KeyError(f"no node is labelled {key!r}; there are {named or 'no labels'}")
        return found[0]

    def _leaf(self, key: Key, done: str = "moved") -> int:
        i = self._id(key)
        if self._graph.ops[i] != LEAF:
            kind = "a constant" if self._graph.ops[i] == CONST else "computed"
            raise KeyError(f"{self._name(i)} is {kind}, and only a leaf can be {done}")
        return i

    def _range(self, leaf: int) -> Range:
        return self._ranges.get(leaf) or chosen_range(self._graph.values[leaf])

    def _is_displayed(self, leaf: int) -> bool:
        return self._graph.needs_grad[leaf] or self._nodes[leaf].reached

    def _parameters(self) -> Iterator[int]:
        return (i for i, op in enumerate(self._graph.ops) if op == LEAF and self._graph.needs_grad[i])

    # -- what the page gets ----------------------------------------------------------------------------------

    # Not `_document`: Panel keeps its own under that name, on every widget.
    def _graph_document(self) -> dict[str, Any]:
        document = self._graph.to_dict()
        document["sliders"] = {str(i): list(given) for i, given in self._ranges.items()}
        if self._previewed is not None:
            document["preview"] = list(self._own.previewed)
        if self._check is not None:
            document["check"] = self._check
        return document

    def _customs(self) -> dict[str, Any]:
        """The custom-op results, which the page can't compute, and the leaf values for which they hold."""
        graph = self._graph
        live = [i for i, custom in graph.customs.items() if custom.live]
        if not live:
            return {}
        upstream = set(live)
        for i in range(max(live), -1, -1):
            if i in upstream:
                upstream.update(graph.inputs[i])
        numbers = {i: (graph.values[i], *graph.partials_of(i)) for i in live}
        return {
            "at": {key: value for key, value in self._leaf_values(graph).items() if int(key) in upstream},
            "nodes": {str(i): [encode_number(x) for x in found] for i, found in numbers.items()},
        }

    @staticmethod
    def _leaf_values(graph: Graph) -> dict[str, float | str]:
        return {str(i): encode_moved(graph.values[i]) for i in graph.leaves}

    def _recorded(self) -> dict[str, Any]:
        """Compute the traits of `RECORDED` from the scalars."""
        history = self._own
        stale = {
            "leaves": history.stale_leaves,
            "values": {str(i): encode_number(x) for i, x in history.stale_values.items()},
        }
        return {
            "values": Values(self._leaf_values(history.graph)),
            "passes": [written(record) for record in history.records],
            "frozen": [i for i in history.graph.leaves if history.is_frozen(i)],
            "stale": stale if history.is_stale else {},
        }

    def _show(self) -> None:
        recorded = self._recorded()
        before = {name: self._trait_values[name] for name in RECORDED}
        # All at once: an observer of one trait finds all of them set.
        self._trait_values.update(recorded)
        self._shown = recorded
        with self.hold_sync():
            for name, new in recorded.items():
                if new != before[name]:
                    change = {"name": name, "old": before[name], "new": new, "owner": self, "type": "change"}
                    self.notify_change(traitlets.Bunch(change))
            self.customs = self._customs()

    # -- looking at the scalars ------------------------------------------------------------------------------

    def mark(self) -> None:
        """Note that a leaf has changed. The scalars are read when somebody sees the widget or asks it."""
        self._is_dirty = True
        if self._is_seen():
            updates.wait_for_turn(self)

    def _is_seen(self) -> bool:
        # If views report whether they are in sight, their report decides.
        return bool(any(self._views.values()) if self._reports else self._view_count)

    def _seen(self, _: object) -> None:
        if self._is_seen():
            self._look()

    def _follow_view(self, view: object, seen: object) -> None:
        """Note that a view came into sight or left it, or, if it does not say which, that it has ended."""
        if not isinstance(view, float | int | None):
            return
        if isinstance(seen, bool):
            self._reports = True
            self._views[view] = seen
            lifetimes.keep(self)
            self._seen(None)
        elif self._views.pop(view, None) is not None and not self._views:
            lifetimes.let_go_soon(self)

    def _look(self) -> None:
        """Take over the changes of the scalars."""
        if self._is_dirty:
            self._look_again()

    def _look_again(self) -> None:
        with exclusive:  # another thread may have looked meanwhile
            if self._is_dirty and not self._is_closed and not self._is_taking:
                self._take_over()

    def _take_over(self) -> None:
        try:
            if was_broken_off := self._is_broken_off:
                self._trait_values.update(self._shown)
            self._is_dirty = self._is_broken_off = False
            self._own.read()
            observe(self, self._leaves)
            self._show()
            if was_broken_off:  # a page may display other numbers
                self.send_state([*RECORDED, "selected", "opened"])
        except BaseException:
            self._break_off()
            raise

    def _break_off(self) -> None:
        """Note that traits may be wrong, since an act was refused, failed or was interrupted."""
        self._is_dirty = self._is_broken_off = True
        self._is_taking = False

    def _read_objects(self) -> None:
        """Take over a cell's changes of the objects, if the widget is visible and the graph small."""
        if self._source is None or self._is_closed or not self._is_seen() or len(self._nodes) > MOST_READ:
            return
        before = [(node._value, node.grad) for node in self._nodes]
        self._source.pull()
        if [(node._value, node.grad) for node in self._nodes] != before:
            self._take_over()


def _refuse_other_roots(roots: tuple[Any, ...]) -> None:
    if roots and all(isinstance(root, Scalar) for root in roots):
        return
    found = ", ".join(type(root).__name__ for root in roots) or "nothing"
    hint = ", which forgets how it was computed, as `math.tanh(w)` does and `w.tanh()` does not"
    raise TypeError(
        "GraphWidget draws Scalars, as in `GraphWidget(y)` after `y = w * x`; it was given "
        + found
        + (hint if any(isinstance(root, float) for root in roots) else "")
    )
