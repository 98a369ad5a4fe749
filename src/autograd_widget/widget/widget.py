"""The widget: traits and wiring.

The page computes what it shows; the kernel replays the leaf values that come back.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, SupportsFloat

import traitlets
from anywidget import AnyWidget
from ipywidgets import FloatSlider

from autograd_widget.engine.core import _number
from autograd_widget.engine.digits import two_decimals
from autograd_widget.engine.observers import follow, followers_of, unfollow
from autograd_widget.engine.ops import CONST, LEAF
from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.explanation import Explanation, Paths, explain_node, paths_to
from autograd_widget.explain.ledger import Ledger, ledger_of
from autograd_widget.explain.messages import MESSAGES
from autograd_widget.explain.names import callers_frame, labels_of, name_of, variable_names
from autograd_widget.export.bundle import page_program
from autograd_widget.export.files import write_whole
from autograd_widget.export.snapshot import Snapshot
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History
from autograd_widget.graph.number import decode_number, encode_number
from autograd_widget.graph.ranges import Range, checked_range, chosen_range

from .restore import restored

if TYPE_CHECKING:
    from typing_extensions import Self

MOST_IN_REPR = 8
"""How many results, and how many gradients, a widget's repr has."""

ARGUMENTS = ("sliders", "names", "passes")
"""What a widget takes besides its traits."""

NOT_KEPT = {"graph", "values", "frozen", "notice", "customs"}
"""The traits that are in the document's graph, or in no document. The others are kept beside it, by name."""

RECORDED = ("values", "passes", "carried", "frozen")
"""The traits that say what the scalars hold."""

FROM_THE_PAGE = frozenset({*RECORDED, "selected", "opened"})
"""What a page may write; everything else it sends (`_esm` could be among it) is dropped."""


class GraphWidget(AnyWidget):
    """The computational graph of a result, live: every leaf has a slider, and every number follows it.

    What `backward()` and `zero_grad()` do to the scalars is shown at once, in whichever cell they are called;
    what is set by hand (`w.value = 0.7`, `w.requires_grad = False`, `w.grad = 0.0`), with the next of these
    calls or after `refresh()`.

    Args:
        *roots: The results to draw, one or more. Where no pass has been run yet, one runs from each, in
            order.
        sliders: The range of a leaf's slider, `{"w": (-2, 2, 0.01)}`, by label or by the `Scalar` itself;
            lowest, highest and, if wanted, the step. The others are chosen from the value.
        names: Whether a node without a label takes the name of the caller's variable that holds it.
        passes: The backward passes to show, as the scalars that they start from; if left out, those that were
            run. What they don't explain of the gradients is carried over.
        read_only: Show the graph without controls.
        language: `"en"` or `"zh"`; if empty, the reader's.
        rankdir: Which way values flow: `"LR"` to the right, `"TB"` down, `"BT"` up.

    Raises:
        TypeError: There is no root, or one is not a `Scalar`; or there is no such argument.
        ValueError: A slider's range is empty, or names no leaf.
        KeyError: `sliders` names a leaf that is not there.
    """

    _esm = page_program()
    _leaves: Sequence[Scalar] = ()

    graph = traitlets.Dict().tag(sync=True)
    """The graph document, with what the view needs besides."""
    values = traitlets.Dict().tag(sync=True)
    """Leaf id as a string → number; non-finite numbers spelled."""
    passes = traitlets.List(traitlets.Int()).tag(sync=True)
    """The ids of the nodes that backward passes were run from since `zero_grad()`, in order."""
    carried = traitlets.Dict().tag(sync=True)
    """Node id as a string → what `.grad` holds besides what the passes gave it, where it holds more."""
    frozen = traitlets.List(traitlets.Int()).tag(sync=True)
    """The ids of the leaves that no gradient flows into (`requires_grad=False`)."""
    customs = traitlets.Dict().tag(sync=True)
    """The page's part of the custom ops that the kernel computes: `nodes`, by id the value and the local
    derivatives, at the values `at` of the leaves that they come from. Empty where there are none."""
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """The id of the node in the inspector."""
    opened = traitlets.List(traitlets.Int(), None, allow_none=True).tag(sync=True)
    """The groups that are not folded, by number; None for those that the page opens by itself.

    Groups are numbered from the outermost ones on, and among those from the first node on; in large graphs
    the page adds groups of its own.
    """
    read_only = traitlets.Bool(False).tag(sync=True)
    language = traitlets.Enum(("", "en", "zh"), "").tag(sync=True)
    rankdir = traitlets.Enum(("LR", "TB", "BT"), "LR").tag(sync=True)
    """Which way values flow: to the right, down or up."""
    notice = traitlets.Unicode("").tag(sync=True)
    """The key of a message that is shown above the graph; empty for none."""

    def __init__(
        self,
        *roots: Scalar,
        sliders: Mapping[str | Scalar, Sequence[float]] | None = None,
        names: bool = True,
        passes: Iterable[Scalar] | None = None,
        **traits: Any,
    ) -> None:
        if not roots or not all(isinstance(root, Scalar) for root in roots):
            given = ", ".join(type(root).__name__ for root in roots) or "nothing"
            hint = ", which forgets how it was computed, as `math.tanh(w)` does and `w.tanh()` does not"
            raise TypeError(
                "GraphWidget draws Scalars, as in `GraphWidget(y)` after `y = w * x`; it was given "
                + given
                + (hint if any(isinstance(root, float) for root in roots) else "")
            )
        if unknown := traits.keys() - set(self.trait_names()):
            name = min(unknown)
            near = get_close_matches(name, [*ARGUMENTS, *self.trait_names()], 1)
            raise TypeError(
                f"GraphWidget has no argument {name!r}" + (f": did you mean {near[0]!r}?" if near else "")
            )
        self._roots = roots
        self._variables = variable_names(callers_frame(self, sys._getframe(1))) if names else {}
        self._take_graph()
        # Only what is drawn: the caller's other scalars are none of ours to keep alive.
        self._variables = {node: self._variables[node] for node in self._nodes if node in self._variables}
        self._ranges = {}
        for key, bounds in (sliders or {}).items():
            leaf = self._leaf(key)
            self._ranges[leaf] = checked_range(self._name(leaf), bounds)
        changes = self._first_passes(passes)
        self._shown = self._recorded()
        super().__init__(graph=self._graph_document(), customs=self._customs(), **self._shown, **traits)
        if changes:
            self._history.write()
        self.observe(self._apply, names=RECORDED)
        follow(self, self._leaves)
        if changes:
            self._tell_others()

    # -- leaves by name --------------------------------------------------------------------------------------

    def __getitem__(self, leaf: str | Scalar) -> float:
        """The value of a node, by label or by its `Scalar`.

        Raises:
            KeyError: There is no such node, or the label is not unique.
        """
        return self._graph.values[self._id(leaf)]

    def __setitem__(self, leaf: str | Scalar, value: SupportsFloat | str) -> None:
        """Move a leaf: its slider, the page and the scalars follow.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
            TypeError: The value is not a number.
        """
        i = self._leaf(leaf)
        number = decode_number(value) if isinstance(value, str) else _number(value)
        if number is None:
            raise TypeError(f"the value of {self._name(i)} is a number, not {value!r}")
        values = {**self.values, str(i): encode_number(number)}
        if values == self.values:
            self._write(moved=[i])  # nothing moves on the page, but the scalar may have been set by hand
        self.values = values

    def __contains__(self, node: object) -> bool:
        """Whether a label or a `Scalar` is that of one node here."""
        if not isinstance(node, str | Scalar):
            return False
        try:
            self._id(node)
        except KeyError:
            return False
        return True

    __iter__ = None
    """A graph has no first element: `grads` lists the parameters."""

    @property
    def grads(self) -> Gradients:
        """The accumulated gradients, by label or by `Scalar`."""
        return Gradients(self)

    @property
    def root_value(self) -> float:
        """The value of the (last) root."""
        return self._graph.values[self._graph.outputs[-1]]

    @property
    def ledger(self) -> Ledger:
        """What each pass since `zero_grad()` added to the gradients of the parameters, row by row."""
        keys = {i: self._key(i) for i in self._history.leaves if self._is_told(i)}
        return ledger_of(self._history, keys, MESSAGES[self.language])

    def paths(self, node: str | Scalar, most: int = 10) -> Paths:
        """The roads by which the last pass comes from its root to a node, the largest first.

        All of them count in the sums, be there ever so many; `most` are listed.

        Raises:
            KeyError: There is no such node, or the label is not unique.
            ValueError: `most` is no whole number of at least 1.
        """
        return paths_to(self._history, self._id(node), MESSAGES[self.language], most)

    def explain(self, node: str | Scalar, most: int = 10) -> Explanation:
        """Where the value and the gradient of a node come from, as data, as text and as Markdown.

        Args:
            node: A label or a `Scalar`.
            most: How many roads to list.

        Raises:
            KeyError: There is no such node, or the label is not unique.
            ValueError: `most` is no whole number of at least 1.
        """
        return explain_node(self._history, self._id(node), MESSAGES[self.language], most)

    def slider(self, leaf: str | Scalar) -> FloatSlider:
        """A slider of its own for a leaf, linked both ways.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
        """
        i = self._leaf(leaf)
        low, high, step = self._range(i)
        slider = FloatSlider(min=low, max=high, step=step, description=self._name(i), readout_format=".2f")

        def follow(_: object = None) -> None:
            value = self._graph.values[i]
            if not isfinite(value):
                return  # no place on a slider, nor in its JSON: it stays where it is
            # A FloatSlider clamps what is beyond its ends, and would send that back.
            slider.min, slider.max = min(slider.min, value), max(slider.max, value)
            slider.value = value

        follow()

        def move(_: object) -> None:
            if slider.value != self._graph.values[i]:
                self[self._nodes[i]] = slider.value

        slider.observe(move, names="value")
        self.observe(follow, names="values")
        return slider

    # -- passes ----------------------------------------------------------------------------------------------

    def backward(self, root: str | Scalar | None = None) -> None:
        """Run one more backward pass, from the (last) root or another node."""
        self.passes = [*self.passes, self._graph.outputs[-1] if root is None else self._id(root)]

    def zero_grad(self) -> None:
        """Forget all passes, and what was carried over."""
        with self.hold_sync(), self.hold_trait_notifications():
            self.passes, self.carried = [], {}
        if any(node.reached for node in self._nodes):  # no change of ours, but set by hand
            for node in self._nodes:
                node.grad = None
            self._write()

    def freeze(self, *leaves: str | Scalar) -> None:
        """Want no gradient of some leaves: none flows into them, nor into what only they need.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
        """
        ids = [self._leaf(leaf, "frozen") for leaf in leaves]
        self._turn(ids, {*self.frozen, *ids})

    def thaw(self, *leaves: str | Scalar) -> None:
        """Want gradients of some leaves again.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
        """
        ids = [self._leaf(leaf, "thawed") for leaf in leaves]
        self._turn(ids, set(self.frozen).difference(ids))

    def refresh(self) -> None:
        """Take over what was set on the scalars by hand: values of leaves, gradients, labels, what is frozen.

        The passes are replayed at the values that the leaves have now.
        """
        self._history.carried = self._history.unexplained()
        self._move({leaf: (leaf.value, not leaf.requires_grad) for leaf in self._leaves})
        carried = self._history.carried
        self._take_graph()
        self._history.carried = carried  # with its digits
        self._history.read()
        with self.hold_sync():
            self.graph = self._graph_document()
            self._show()
        self._tell_others()

    def passes_changed(self, _: Scalar | None = None) -> None:
        """Take over what `backward()` or `zero_grad()` of some scalar did, if it did anything here."""
        self._history.read()
        self._show()

    def close(self) -> None:
        """Stop following the scalars, and take every view off the page."""
        unfollow(self, self._leaves)
        super().close()

    # -- exports ---------------------------------------------------------------------------------------------

    @classmethod
    def from_json(cls, source: Mapping[str, Any] | str | os.PathLike[str], **traits: Any) -> Self:
        """A widget of what `to_json` wrote, with scalars of its own.

        Args:
            source: A document, its text, or the path of a file with it.
            traits: Traits of the widget, in place of those in the document.

        Raises:
            ValueError: The document is off; the sentence says where and why.
            OSError: There is no such file, or it can't be read.
        """
        return restored(cls, cls._kept(), source, traits)

    def to_dict(self) -> dict[str, Any]:
        """The graph document with the values of now, and what the view needs besides: passes, choice, …."""
        return self._snapshot().to_dict()

    def to_json(self) -> str:
        """The same as text; `from_json` reads it."""
        return self._snapshot().to_json()

    def to_html(self, whole: bool = True) -> str:
        """A page that needs no kernel and no network: sliders, steps, inspector and all.

        Args:
            whole: False for the element alone, `<autograd-graph>`: put several on a page of your own, and the
                `autograd_widget.html.script_tag()` once.
        """
        return self._snapshot().to_html(whole)

    def to_dot(self) -> str:
        """The graph in Graphviz's language, as `draw_graph(y, "backward")` draws it, with all results."""
        return self._snapshot().to_dot()

    def to_svg(self) -> str:
        """The picture that the page's menu ⤓ saves, of the widget as it opens in a wide window.

        A browser draws it that is installed where Python runs: Chrome, Chromium or Edge, or the one that the
        variable CHROME names. Where there is none, it is Graphviz's picture, as `draw_graph` has it.

        Raises:
            RuntimeError: There is neither a browser nor Graphviz's program `dot`, or it fails.
            FileNotFoundError: CHROME names a program that isn't there.
        """
        return self._snapshot().to_svg()

    def to_png(self) -> bytes:
        """The same picture as pixels, two for each of the screen's.

        Raises:
            RuntimeError: There is neither a browser nor Graphviz's program `dot`, or it fails.
            FileNotFoundError: CHROME names a program that isn't there.
        """
        return self._snapshot().to_png()

    def to_pytorch(self) -> str:
        """A Python program that computes the same values and gradients with PyTorch."""
        return self._snapshot().to_pytorch()

    def to_micrograd(self) -> str:
        """A Python program that computes the same values and gradients with micrograd.

        It computes with Python's own numbers: where these divide by 0, overflow or leave the domain of a
        function, the program stops.
        """
        return self._snapshot().to_micrograd()

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a file, whole or not at all, of the kind that its name ends in.

        Args:
            path: `.html`, `.json`, `.dot`, `.svg`, `.png`, or `.py` for PyTorch.

        Returns:
            The path.

        Raises:
            ValueError: The name ends in something else.
            RuntimeError: It is a picture, and nothing is installed that draws one, or it fails.
            OSError: It can't be written. Then the file is as it was.
        """
        return self._snapshot().save(path)

    def save_html(self, path: str | os.PathLike[str]) -> Path:
        """Write the page of `to_html`, whole or not at all.

        Raises:
            OSError: It can't be written. Then the file is as it was.
        """
        return write_whole(path, self.to_html())

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The widget, its document for when it is gone, and for other readers a picture, or else a text."""
        shown: tuple[dict[str, Any], dict[str, Any]] | None = super()._repr_mimebundle_(**kwargs)
        if shown is None:
            return None
        data, metadata = shown
        return {**data, **self._snapshot().mime_bundle(repr(self))}, metadata

    def _snapshot(self) -> Snapshot:
        view = {name: getattr(self, name) for name in self._kept()}
        return Snapshot(
            graph=self._graph,
            passes=self._history.passes,
            carried=self._history.carried,
            sliders=self._ranges,
            view={name: value for name, value in view.items() if value or type(value) in (int, list)},
            language=self.language,
        )

    @classmethod
    def _kept(cls) -> list[str]:
        ours = cls.class_traits(sync=True).keys() - AnyWidget.class_traits(sync=True) - NOT_KEPT
        return sorted(name for name in ours if name[0] != "_")  # anywidget adds some of its own

    # -- wiring ----------------------------------------------------------------------------------------------

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: ARG002
        """The state, with the bundle: it is its trait's default, which `ipywidgets.embed` would drop."""
        state: dict[str, Any] = super().get_state(key)
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take what a page sent; only what a page may write."""
        super().set_state({key: sync_data[key] for key in sync_data.keys() & FROM_THE_PAGE})

    @traitlets.validate("values")
    def _check_values(self, proposal: Any) -> dict[str, float | str]:
        values = dict(self._leaf_values())
        for key, encoded in proposal["value"].items():
            number = decode_number(encoded)
            if key not in values:
                raise traitlets.TraitError(f"`values` names {key!r}, which is no leaf of this graph")
            if number is None:
                raise traitlets.TraitError(
                    f'the value of leaf {key} is a number, "nan", "inf" or "-inf", not {encoded!r}'
                )
            values[key] = encode_number(number)
        return values

    @traitlets.validate("carried")
    def _check_carried(self, proposal: Any) -> dict[str, float | str]:
        nodes = {str(i) for i in range(len(self._graph))}
        carried = {}
        for key, encoded in proposal["value"].items():
            number = decode_number(encoded)
            if key not in nodes:
                raise traitlets.TraitError(f"`carried` names {key!r}, which is no node of this graph")
            if number is None:
                raise traitlets.TraitError(
                    f'what is carried over to node {key} is a number, "nan", "inf" or "-inf", not {encoded!r}'
                )
            if number != 0.0:
                carried[key] = encode_number(number)
        return carried

    @traitlets.validate("frozen")
    def _check_frozen(self, proposal: Any) -> list[int]:
        for i in proposal["value"]:
            if not self._is_node(i) or self._graph.ops[i] != LEAF:
                raise traitlets.TraitError(f"`frozen` names {i}, which is no leaf of this graph")
        return sorted(set(proposal["value"]))

    @traitlets.validate("passes")
    def _check_passes(self, proposal: Any) -> list[int]:
        for root in proposal["value"]:
            if not self._is_node(root):
                raise traitlets.TraitError(f"`passes` names {root}, which is no node of this graph")
        return list(proposal["value"])

    @traitlets.validate("opened")
    def _check_opened(self, proposal: Any) -> list[int] | None:
        # Which groups there are is the page's business: what names none opens nothing.
        groups = proposal["value"]
        if groups is not None and any(isinstance(i, bool) or i < 0 for i in groups):
            raise traitlets.TraitError(f"`opened` is {groups}, and groups have numbers from 0 on")
        return None if groups is None else sorted(set(groups))

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        node = proposal["value"]
        if node is not None and not self._is_node(node):
            raise traitlets.TraitError(f"`selected` is {node}, which is no node of this graph")
        return node  # type: ignore[no-any-return]

    def _is_node(self, i: int) -> bool:
        return i is not True and i is not False and 0 <= i < len(self._graph)

    # -- the record is in the scalars, and every widget on them shows it -------------------------------------

    def _first_passes(self, given: Iterable[Scalar] | None) -> bool:
        """Read the record, and begin a history where there is none; whether that changes the record."""
        history = self._history
        history.read()
        has_moved = history.has_moved_by_hand()
        if has_moved:
            history.carried = {}  # the passes were at other values, which nobody knows: they run again here
        begun = bool(history.passes) or any(root.reached for root in self._roots)
        if given is None and begun:
            return has_moved
        passes = [self._id(root) for root in (dict.fromkeys(self._roots) if given is None else given)]
        if passes == history.passes:
            return has_moved
        history.set_passes(passes)
        history.replay()
        if begun and not has_moved:
            history.carried = history.unexplained()  # the same gradients, told otherwise
        return True

    def _recorded(self) -> dict[str, Any]:
        """What the traits of `RECORDED` are by the record."""
        history = self._history
        return {
            "values": self._leaf_values(),
            "passes": list(history.passes),
            "carried": {str(i): encode_number(x) for i, x in history.carried.items()},
            "frozen": [i for i in history.leaves if history.is_frozen(i)],
        }

    def _show(self) -> None:
        self._shown = self._recorded()
        with self.hold_sync(), self.hold_trait_notifications():
            for name, shown in self._shown.items():
                self.set_trait(name, shown)
            self.customs = self._customs()

    def _apply(self, _: object = None) -> None:
        # What is shown already came from the record: it must not go back there.
        if any(getattr(self, name) != shown for name, shown in self._shown.items()):
            self._write()

    def _turn(self, leaves: Collection[int], frozen: Collection[int]) -> None:
        if sorted(frozen) == self.frozen:
            self._write(turned=leaves)  # nothing turns on the page, as in `__setitem__`
        self.frozen = sorted(frozen)

    def _write(self, moved: Collection[int] = (), turned: Collection[int] = ()) -> None:
        """Write into the record what is not as it was shown; where all is, what was set by hand stays.

        Args:
            moved: Leaves whose value is meant, also if it is as it was shown.
            turned: Leaves that are meant to be frozen or not, likewise.
        """
        history, shown = self._history, self._shown
        known = shown["passes"]
        if self.carried == shown["carried"] and not (known and not self.passes):
            history.read_gradients()  # with what was set by hand: nobody has told us
        else:
            history.carried = {int(key): float(encoded) for key, encoded in self.carried.items()}
        are_more = self.passes[: len(known)] == known
        history.set_passes([*history.passes, *self.passes[len(known) :]] if are_more else self.passes)
        frozen, were = set(self.frozen), set(shown["frozen"])
        leaves = {}
        for i in history.leaves:
            leaf, encoded = self._nodes[i], self.values[str(i)]
            is_moved = i in moved or encoded != shown["values"][str(i)]
            is_turned = i in turned or (i in frozen) != (i in were)
            leaves[leaf] = (
                float(encoded) if is_moved else leaf.value,
                i in frozen if is_turned else not leaf.requires_grad,
            )
        try:
            self._move(leaves)
        except BaseException:  # a custom op's: nothing has moved
            self._take_graph()
            self.passes_changed()
            raise
        self._show()
        self._tell_others()

    def _move(self, leaves: Mapping[Scalar, tuple[float, bool]]) -> None:
        """Give leaves their values, freeze and thaw them; and bring up to date what follows from them."""
        history, position = self._history, self._position
        others = self._sharing()
        if others:
            # They may have more that is computed from these leaves, and passes that were run there.
            history.replay()
            history.write()
            history = History(Graph.of(*[root for widget in (self, *others) for root in widget._roots]))
            history.read()
            position = {node: i for i, node in enumerate(history.nodes)}
        for leaf, (value, frozen) in leaves.items():
            history.set_leaf(position[leaf], value, frozen)
        history.replay()
        history.write()
        if others:
            self._history.read()

    def _tell_others(self) -> None:
        for widget in self._sharing():
            widget.passes_changed()

    def _sharing(self) -> list[GraphWidget]:
        """The other widgets that have scalars in common with this one, or with one that has."""
        found = [self]
        for widget in found:  # grows while it is read
            for other in followers_of(widget._leaves):
                if isinstance(other, GraphWidget) and other not in found:
                    found.append(other)
        return found[1:]

    def _take_graph(self) -> None:
        self._graph = Graph.of(*self._roots)
        self._history = History(self._graph)
        self._nodes = self._history.nodes
        self._leaves = [self._nodes[i] for i in self._history.leaves]
        self._position = {node: i for i, node in enumerate(self._nodes)}
        self._graph.labels = labels_of(self._nodes, self._variables)
        self._uses = Counter(self._graph.labels.values())

    # Not `_document`: Panel keeps its own under that name, on every widget.
    def _graph_document(self) -> dict[str, Any]:
        document = self._graph.to_dict()
        document["sliders"] = {str(i): list(given) for i, given in self._ranges.items()}
        return document

    def _customs(self) -> dict[str, Any]:
        """What the page cannot compute, and for which values of the leaves it holds."""
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
            "at": {key: value for key, value in self._leaf_values().items() if int(key) in upstream},
            "nodes": {str(i): [encode_number(x) for x in found] for i, found in numbers.items()},
        }

    def _leaf_values(self) -> dict[str, float | str]:
        graph = self._graph
        return {str(i): encode_number(graph.values[i]) for i, op in enumerate(graph.ops) if op == LEAF}

    def _range(self, leaf: int) -> Range:
        return self._ranges.get(leaf) or chosen_range(self._graph.values[leaf])

    def _name(self, node: int) -> str:
        return name_of(self._graph, node)

    def _key(self, node: int) -> str | Scalar:
        """How to ask for a node: by its label where that is unique."""
        label = self._graph.labels.get(node, "")
        return label if self._uses[label] == 1 else self._nodes[node]

    def _is_told(self, leaf: int) -> bool:
        return self._graph.needs_grad[leaf] or leaf in self._history.carried

    def _parameters(self) -> Iterator[int]:
        return (i for i, op in enumerate(self._graph.ops) if op == LEAF and self._graph.needs_grad[i])

    def _leaf(self, key: str | Scalar, done: str = "moved") -> int:
        i = self._id(key)
        if self._graph.ops[i] != LEAF:
            kind = "a constant" if self._graph.ops[i] == CONST else "computed"
            raise KeyError(f"{self._name(i)} is {kind}, and only a leaf can be {done}")
        return i

    def _id(self, key: str | Scalar) -> int:
        if isinstance(key, Scalar):
            if key not in self._position:
                raise KeyError(f"{key!r} is not in this graph")
            return self._position[key]
        found = [i for i, label in self._graph.labels.items() if label == key]
        if len(found) > 1:
            raise KeyError(f"{len(found)} nodes are labelled {key!r}: use the Scalar itself")
        if not found:
            named = ", ".join(self._graph.labels[i] for i in sorted(self._graph.labels)[:8])
            raise KeyError(f"no node is labelled {key!r}; there are {named or 'no labels'}")
        return found[0]

    def __repr__(self) -> str:
        graph, history = self._graph, self._history
        roots = [f"{self._name(i)} = {two_decimals(graph.values[i])}" for i in graph.outputs[:MOST_IN_REPR]]
        named = [i for i in self._parameters() if i in graph.labels]
        grads = [
            f"{graph.labels[i]}.grad = {two_decimals(history.grad(i))}"
            if history.reached(i)
            else f"{graph.labels[i]}.grad not run yet"
            for i in named[:MOST_IN_REPR]
        ]
        told = [", ".join(roots + ["…"] * (len(graph.outputs) > MOST_IN_REPR))]
        if grads:
            told.append(", ".join(grads + ["…"] * (len(named) > MOST_IN_REPR)))
        return f"GraphWidget({'; '.join(told)})"


class Gradients(Mapping[str | Scalar, float]):
    """The accumulated gradients of a widget's parameters: by label, or by `Scalar` where that is not unique.

    Any other node's too, if asked by its label or `Scalar`.
    """

    def __init__(self, widget: GraphWidget) -> None:
        self._widget = widget

    def __getitem__(self, key: str | Scalar) -> float:
        return self._widget._history.grad(self._widget._id(key))

    def __iter__(self) -> Iterator[str | Scalar]:
        return (self._widget._key(i) for i in self._widget._parameters())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))
