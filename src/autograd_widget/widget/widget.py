"""The widget: traits and wiring.

The page computes what it displays. The state of the scalars is read when somebody looks, and written only by
an act of somebody.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from pathlib import Path
from threading import get_ident
from typing import TYPE_CHECKING, Any, Final, NoReturn, SupportsFloat, TypeAlias
from weakref import WeakSet, ref

import traitlets
from anywidget import AnyWidget
from ipywidgets import FloatSlider, Layout, widget_serialization

from autograd_widget.adapters.expression import graph_of, names_in
from autograd_widget.adapters.graph_check import GraphCheck, check_graph
from autograd_widget.adapters.source import ForeignSource, Source, source_of
from autograd_widget.engine.core import _number
from autograd_widget.engine.digits import two_decimals
from autograd_widget.engine.locking import exclusive
from autograd_widget.engine.observers import observe, unobserve
from autograd_widget.engine.ops import CONST, LEAF
from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.branches import Branch, branches_of, other_way
from autograd_widget.explain.explanation import Explanation, Paths, explain_node, paths_to
from autograd_widget.explain.ledger import Ledger, ledger_of
from autograd_widget.explain.messages import MESSAGES
from autograd_widget.explain.names import callers_frame, labels_of, name_of, variable_names
from autograd_widget.export.bundle import page_program
from autograd_widget.export.files import write_whole
from autograd_widget.export.programs import passes_in
from autograd_widget.export.snapshot import Snapshot
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History
from autograd_widget.graph.json_text import cut, shown
from autograd_widget.graph.number import decode_number, encode_moved, encode_number
from autograd_widget.graph.ranges import Range, checked_range, chosen_range
from autograd_widget.graph.records import Record, read_all, written

from .cells import cells
from .lifetime import LayoutTrait, lifetimes
from .restore import restored
from .session import Act, apply
from .status import Status, status_of
from .updates import updates

if TYPE_CHECKING:
    from typing_extensions import Self

Key: TypeAlias = "str | Scalar | Any"
"""A key of a node: its label, its scalar, or the object of another engine that it stands for."""

MOST_IN_REPR = 8
"""The limit of results, and of gradients, in a widget's repr."""

MOST_READ = 2_000
"""The largest graph of another engine that is read after each cell; larger ones are read by `refresh()`."""

ARGUMENTS = ("sliders", "names", "passes")
"""The arguments of a widget that are no traits."""

NOT_KEPT = {"graph", "values", "frozen", "stale", "notice", "customs"}
"""The traits that are in the document's graph, or in no document. The others are kept beside it, by name."""

SYNONYMS = {
    **dict.fromkeys(("direction", "orientation", "flow", "dir"), "rankdir"),
    **dict.fromkeys(("lang", "locale"), "language"),
    **dict.fromkeys(("ranges", "range", "bounds", "limits"), "sliders"),
    **dict.fromkeys(("labels", "label", "variables"), "names"),
    **dict.fromkeys(("backward", "history"), "passes"),
    **dict.fromkeys(("disabled", "static"), "read_only"),
}
"""Names of arguments in other libraries, for suggestions in errors."""

RECORDED = ("values", "passes", "frozen", "stale")
"""The traits that mirror the state of the scalars."""

FROM_THE_PAGE = frozenset({*RECORDED, "selected", "opened", "_view_count"})
"""The traits that a page may write; anything else that it sends, such as `_esm`, is dropped."""

PLUMBING = frozenset({"mark", "customs", "notice", "stale", "get_state", "set_state"})
"""The public names that completion leaves out."""

MOST_LOGGED = 300
"""The largest length of a sentence in the log; a page may send texts of any length, which errors cite."""

CLOSED = "this widget was closed, and does nothing to its scalars any more: make another with GraphWidget(…)"


class _Read:
    """A trait that is read off the scalars on access."""

    def get(self, obj: Any, cls: Any = None) -> Any:
        """The value, brought up to date."""
        obj._look()
        return super().get(obj, cls)  # type: ignore[misc] # of the trait that it is mixed into

    def set(self, obj: Any, value: Any) -> None:
        """Check the value and act on it, before another thread's is looked at."""
        with exclusive:
            try:
                super().set(obj, value)  # type: ignore[misc] # as above
            except BaseException:
                obj._break_off()
                raise


class _ReadDict(_Read, traitlets.Dict):
    pass


class _ReadList(_Read, traitlets.List):  # type: ignore[type-arg] # mypy alone takes it for generic
    pass


def _requested(name: str) -> Callable[[Any, GraphWidget], Any]:
    """Make a validator that notes a page's wish for a trait and leaves the trait: it mirrors the scalars."""

    def note(sent: Any, widget: GraphWidget) -> Any:
        widget._requests[name] = sent
        return widget._trait_values[name]

    return note


class Values(dict[str, "float | str"]):
    """The values of leaves by id, to read."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise TypeError('`values` says what there is: move a leaf with g["w"] = 3.0, or set `g.values` whole')

    __setitem__ = __delitem__ = __ior__ = update = pop = popitem = clear = setdefault = _refuse

    def __reduce__(self) -> tuple[Any, ...]:
        return dict, (dict(self),)


class GraphWidget(AnyWidget):
    """The computational graph of a result, live: every leaf has a slider, and every number follows it.

    Making and showing one changes nothing. If no pass was run, the page shows a preview: the gradients of one
    pass from each root. `.grad` is filled by `backward()`, in a cell or by the button of that name.

    A change of the scalars in any cell is shown at once in a visible widget, and else when it is seen or
    read. A change on the page changes the scalars, and so do `g["w"] = 0.7`, `backward`, `zero_grad`,
    `freeze`, `unfreeze` and `refresh`.

    Args:
        *roots: The results to draw, one or more, or a list of them.
        sliders: The range of a leaf's slider, `{"w": (-2, 2, 0.01)}`, by label or by the `Scalar` itself;
            lowest, highest and, if wanted, the step. The others are chosen from the value.
        names: If true, a node without a label takes the name of the caller's variable that holds it.
        passes: The passes of a preview, as the scalars that they start from; one from each root, if left out.
            Nothing is run.
        read_only: Show the graph without controls.
        language: `"en"` or `"zh"`; if empty, the reader's.
        rankdir: The direction in which values flow: `"LR"` to the right, `"TB"` down, `"BT"` up; `"auto"` to
            the right or down, whichever shows more.
        **traits: Any other trait, such as `selected` or `layout`.

    Raises:
        TypeError: There is no root, or one is not a `Scalar`; or there is no such argument.
        ValueError: A slider's range is empty, or names no leaf.
        KeyError: `sliders` names a leaf that is not there, or `passes` a scalar that is not in the graph.
    """

    _esm = page_program()
    _leaves: Sequence[Scalar] = ()
    _is_dirty = False
    _is_closed = False
    _is_taking = False
    _restores = False
    _is_broken_off = False
    _is_stored = False
    _is_answering = False
    _reports = False
    _last_error = ""
    _source: Source | None = None
    _check: dict[str, Any] | None = None

    graph = traitlets.Dict(help="The graph document, with what the view needs besides.").tag(sync=True)
    values = _ReadDict(help="Leaf id as a string → number; non-finite numbers spelled.").tag(
        sync=True, from_json=_requested("values")
    )
    passes = _ReadList(
        help="The passes since `zero_grad()` and the gradients set by hand, as records, the oldest first; "
        "empty in a preview."
    ).tag(sync=True, from_json=_requested("passes"))
    frozen = _ReadList(help="The ids of the leaves that no gradient flows into (`requires_grad=False`).").tag(
        sync=True, from_json=_requested("frozen")
    )
    stale = _ReadDict(
        help="`leaves` that were set after something was computed from them, and the `values` that results "
        "have in Python; empty where there are none."
    ).tag(sync=True, from_json=_requested("stale"))
    customs = _ReadDict(
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
    notice = traitlets.Unicode(
        "", help="The key of a message that is shown above the graph; empty for none."
    ).tag(sync=True)
    layout = LayoutTrait(Layout).tag(sync=True, **widget_serialization)
    # Not 0: with it, a host that counts views fails without a kernel. Views report whether they are seen.
    _view_count = traitlets.Int(None, allow_none=True, help="How many views a host shows, if it counts.").tag(
        sync=True
    )

    def __init__(
        self,
        *roots: Any,
        sliders: Mapping[Key, Sequence[float]] | None = None,
        names: bool = True,
        passes: Iterable[Any] | None = None,
        read_only: bool = False,
        language: str = "",
        rankdir: str = "auto",
        **traits: Any,
    ) -> None:
        self._source, self._roots = self._sourced(_results_in(roots))
        _refuse_unknown(traits.keys() - set(self.trait_names()), self.trait_names())
        self._thread = get_ident()
        self._views: dict[Any, bool] = {}
        self._variables = (
            variable_names(callers_frame(self, sys._getframe(1)), self._scalar_of) if names else {}
        )
        self._take_graph(Graph.of(*self._roots), passes)
        # Only the names of drawn scalars are kept, so that the caller's other scalars can be freed.
        self._variables = {node: self._variables[node] for node in self._nodes if node in self._variables}
        self._ranges = {}
        for key, bounds in (sliders or {}).items():
            leaf = self._leaf(key)
            self._ranges[leaf] = checked_range(self._name(leaf), bounds)
        self._shown = self._recorded()
        super().__init__(
            graph=self._graph_document(),
            customs=self._customs(),
            read_only=read_only,
            language=language,
            rankdir=rankdir,
            **self._shown,
            **traits,
        )
        self._open()

    def _open(self) -> None:
        lifetimes.let_go(self)
        self.observe(self._apply, names=RECORDED)
        self.observe(self._seen, names="_view_count")
        self.on_msg(self._take_message)
        with exclusive:
            observe(self, self._leaves)
            _open_widgets.add(self)
        if self._source is not None:
            cells.watch(self)

    # -- leaves by name --------------------------------------------------------------------------------------

    def __getitem__(self, leaf: Key) -> float:
        """The value of a node, by label or by its `Scalar`.

        Raises:
            KeyError: There is no such node, or the label is not unique.
        """
        return self._graph.values[self._id(leaf)]

    def __setitem__(self, leaf: Key, value: SupportsFloat | str) -> None:
        """Move a leaf: its slider, the page and the scalars follow.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
            TypeError: The value is not a number.
        """
        i = self._leaf(leaf)
        number = decode_number(value) if isinstance(value, str) else _number(value)
        if number is None:
            raise TypeError(f"the value of {self._name(i)} is a number, not {value!r}")
        self._do(Act(values={self._nodes[i]: number}))

    def __contains__(self, node: object) -> bool:
        """True if a label or a `Scalar` names exactly one node of this graph."""
        if not isinstance(self._scalar_of(node) or node, str | Scalar):
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
        """The accumulated gradients, by label or by `Scalar`; in a preview, those that passes would give."""
        return Gradients(self)

    @property
    def is_preview(self) -> bool:
        """True if no pass was run since `zero_grad()`; then the page shows the gradients of a preview."""
        return self._history.is_preview

    @property
    def root_value(self) -> float:
        """The value of the (last) root."""
        return self._graph.values[self._graph.outputs[-1]]

    @property
    def ledger(self) -> Ledger:
        """The amounts that each pass since `zero_grad()` added to the parameters' gradients, row by row."""
        keys = {i: self._key(i) for i in self._graph.leaves if self._is_displayed(i)}
        return ledger_of(self._history, keys, MESSAGES[self.language])

    @property
    def guards(self) -> list[Branch]:
        """The comparisons on which the program has branched, with their outcomes then and now."""
        return branches_of(self._graph, MESSAGES[self.language])

    def paths(self, node: Key, limit: int = 10) -> Paths:
        """The paths from the root of the last pass to a node, the largest first.

        Sums cover all paths; the `limit` largest are listed.

        Raises:
            KeyError: There is no such node, or the label is not unique.
            ValueError: `limit` is no whole number of at least 1.
        """
        return paths_to(self._history, self._id(node), MESSAGES[self.language], limit)

    def explain(self, node: Key, limit: int = 10) -> Explanation:
        """Explain the value and the gradient of a node, as data, as text and as Markdown.

        Args:
            node: A label or a `Scalar`.
            limit: The number of paths to list.

        Raises:
            KeyError: There is no such node, or the label is not unique.
            ValueError: `limit` is no whole number of at least 1.
        """
        return explain_node(self._history, self._id(node), MESSAGES[self.language], limit)

    def slider(self, leaf: Key) -> FloatSlider:
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
            # A FloatSlider clamps a value beyond its ends, and would send the clamped one back.
            slider.min, slider.max = min(slider.min, value), max(slider.max, value)
            slider.value = value

        follow()

        leaf_of_slider, shown_by = self._nodes[i], ref(self)

        def move(_: object) -> None:
            widget = shown_by()  # a slider outlives it, and is not to keep its graph
            if widget is None or widget._is_closed:
                leaf_of_slider.value = slider.value
            elif slider.value != widget._graph.values[i]:
                widget[leaf_of_slider] = slider.value

        slider.observe(move, names="value")
        self.observe(follow, names="values")
        return slider

    # -- passes ----------------------------------------------------------------------------------------------

    def backward(self, root: Key | None = None) -> None:
        """Run one more backward pass, from the (last) root or another node.

        Where a leaf was set after something was computed from it, that is computed again first.

        Raises:
            KeyError: There is no such node, or the label is not unique.
        """
        start = self._graph.outputs[-1] if root is None else self._id(root)
        with exclusive:
            self._do(Act(records=[*self._history.records, Record(start)]))

    def zero_grad(self) -> None:
        """Forget all passes, and gradients set by hand."""
        self._do(Act(records=[]))

    def freeze(self, *leaves: Key) -> None:
        """Freeze leaves: no gradient flows into them, nor into nodes computed from frozen leaves alone.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
        """
        self._do(Act(frozen={self._nodes[self._leaf(leaf, "frozen")]: True for leaf in leaves}))

    def unfreeze(self, *leaves: Key) -> None:
        """Unfreeze leaves: gradients flow into them again.

        Raises:
            KeyError: There is no such leaf, or the label is not unique.
        """
        self._do(Act(frozen={self._nodes[self._leaf(leaf, "unfrozen")]: False for leaf in leaves}))

    thaw = unfreeze

    def refresh(self) -> None:
        """Compute stale nodes again, and take over the current labels.

        Values and gradients that were set on the objects of another engine are taken over.
        """
        with exclusive:
            if self._source is not None:
                self._source.pull()
            self._do(Act())
            self._replace(self._source, self._roots)

    def status(self) -> Status:
        """Facts for a report of a fault: versions, host, connection, what is pending, the last error.

        Nothing is sent anywhere.
        """
        return status_of(self)

    def close(self) -> None:
        """Stop following the scalars, and take every view off the page.

        A closed widget is freed with its graph, as soon as nobody else refers to them. One that was never
        shown, or whose last view the page has taken down, as when its cell runs again, is freed so without
        `close()`. While it has a view Jupyter keeps it, also out of sight, since a page that is opened again
        asks for it. Variables refer to a widget, and so does IPython to the result of a cell (`_`, `Out`).
        """
        with exclusive:
            self._is_closed = True
            unobserve(self, self._leaves)
            _open_widgets.discard(self)
        super().close()

    def __del__(self) -> None:
        lifetimes.bury(self)

    # -- exports ---------------------------------------------------------------------------------------------

    @classmethod
    def from_json(cls, source: Mapping[str, Any] | str | os.PathLike[str], **traits: Any) -> Self:
        """Make a widget of a document of `to_json`, with scalars of its own.

        Args:
            source: A document, its text, or the path of a file with it.
            traits: Traits of the widget, in place of those in the document.

        Raises:
            ValueError: The document is invalid; the sentence says where and why.
            OSError: There is no such file, or it can't be read.
        """
        return restored(cls, cls._kept(), source, traits)

    def to_dict(self) -> dict[str, Any]:
        """The graph document with the current values, and the state of the view: passes, selection, …."""
        return self._snapshot().to_dict()

    def to_json(self) -> str:
        """The graph document as text; `from_json` reads it."""
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
        """The picture of `to_svg` as pixels, two for each of the screen's.

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
        lifetimes.keep(self)
        data, metadata = shown
        return {**data, **self._snapshot().mime_bundle(repr(self))}, metadata

    def _snapshot(self) -> Snapshot:
        view = {name: getattr(self, name) for name in self._kept()}
        if self._previewed is not None:
            view["preview"] = list(self._own.previewed)
        if self._check is not None:
            view["check"] = self._check
        passes, totals = passes_in(self._history)
        return Snapshot(
            graph=self._graph,
            passes=passes,
            totals=totals,
            sliders=self._ranges,
            view={name: value for name, value in view.items() if value or type(value) in (int, list)},
            language=self.language,
        )

    @classmethod
    def _kept(cls) -> list[str]:
        ours = cls.class_traits(sync=True).keys() - AnyWidget.class_traits(sync=True) - NOT_KEPT
        return sorted(name for name in ours if name[0] != "_")  # anywidget adds some of its own

    # -- seeing what has changed -----------------------------------------------------------------------------

    def mark(self) -> None:
        """Note that a leaf has changed. The scalars are read when somebody sees the widget or asks it."""
        self._is_dirty = True
        if self._is_seen():
            updates.wait_for_turn(self)

    def _is_seen(self) -> bool:
        # If views report whether they are in sight, their report decides.
        return bool(any(self._views.values()) if self._reports else self._view_count)

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

    def _is_held(self) -> bool:
        """True if somebody holds the traits' notifications back."""
        return self._cross_validation_lock or self._holding_sync

    def _let_go(self) -> None:
        """Release the traits' notifications, which an interrupt within the libraries leaves held back."""
        self.__dict__.pop("notify_change", None)
        self._cross_validation_lock = self._holding_sync = False
        self._property_lock: dict[str, Any] = {}

    def _seen(self, _: object) -> None:
        if self._is_seen():
            self._look()

    def _take_message(self, _: object, content: Any, __: object) -> None:
        if not isinstance(content, dict):
            return
        if content.get("restores") is True:
            self._restores = True
        elif content.get("program") in ("PyTorch", "micrograd"):
            self.send({"program": content["program"], **self._program(content["program"])})
        elif "view" in content or "seen" in content:
            self._follow_view(content.get("view"), content.get("seen"))

    def _program(self, name: str) -> dict[str, str]:
        """The text of a program that a page asked for, or the sentence that says why there is none."""
        try:
            text = self.to_pytorch() if name == "PyTorch" else self.to_micrograd()
        except Exception as error:  # noqa: BLE001 # the page says it
            self._last_error = cut(f"{type(error).__name__}: {error}", MOST_LOGGED)
            return {"error": str(error)}
        return {"text": text.encode("utf-8", "backslashreplace").decode()}

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

    @property
    def _history(self) -> History:
        self._look()
        return self._own

    @property
    def _graph(self) -> Graph:
        self._look()
        return self._own.graph

    # -- wiring ----------------------------------------------------------------------------------------------

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in PLUMBING]

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:  # noqa: ARG002
        """The state, with the bundle: it is its trait's default, which `ipywidgets.embed` would drop."""
        # A copy: reading a trait may bring it up to date, and so add to the set of those that are to be sent.
        keys = key if key is None or isinstance(key, str) else list(key)
        state: dict[str, Any] = super().get_state(keys)
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Take traits that a page sent, if a page may write them.

        Raises:
            TraitError: Something is invalid; then nothing of it is done. In answer to a message it is logged.
        """
        try:
            self._take_whole(sync_data)
        except traitlets.TraitError as error:
            if not self._is_answering:
                raise
            self.log.warning("a message of the page was refused: %s", cut(str(error), MOST_LOGGED))

    def _take_whole(self, sync_data: dict[str, Any]) -> None:
        if not isinstance(sync_data, dict):
            raise traitlets.TraitError(f"a state is {shown(sync_data)}, which is not an object")
        sent = {key: sync_data[key] for key in sync_data.keys() & FROM_THE_PAGE}
        with exclusive:
            if self._is_broken_off:
                self._take_over()
            before = {name: self._trait_values[name] for name in sent.keys() - RECORDED}
            self._is_stored = False
            try:
                self._take(sent)
            except BaseException as error:
                self._last_error = cut(f"{type(error).__name__}: {error}", MOST_LOGGED)
                self._break_off()
                if not self._is_stored:
                    self._trait_values.update(before)
                if isinstance(error, Exception):
                    self._look()
                else:
                    self._let_go()
                raise
            self._look()

    def _take(self, sent: dict[str, Any]) -> None:
        """Apply the traits that a page sent, once all are read."""
        self._requests: dict[str, Any] = {}
        self._is_taking = True  # a page's message refers to the state that it was sent, not to a later one
        super().set_state(sent)
        with self._lock_property(**sent):  # what it sent itself is not sent back
            wanted = {
                name: getattr(type(self), name)._validate(self, x) for name, x in self._requests.items()
            }
            self._act_on({**self._shown, **wanted})
        self._is_taking = False

    def _handle_msg(self, msg: dict[str, Any]) -> None:
        """Take a message of a page; one that is refused is logged in a sentence."""
        with exclusive:
            self._is_answering = True
            try:
                super()._handle_msg(msg)
            finally:
                self._is_answering = False

    @traitlets.validate("values")
    def _check_values(self, proposal: Any) -> dict[str, float | str]:
        values: dict[str, float | str] = dict(self._shown["values"])
        for key, encoded in proposal["value"].items():
            number = decode_number(encoded)
            if key not in values:
                raise traitlets.TraitError(f"`values` names {shown(key)}, which is no leaf of this graph")
            if number is None:
                raise traitlets.TraitError(
                    f'the value of leaf {key} is a number, "nan", "inf" or "-inf", not {shown(encoded)}'
                )
            values[key] = encode_moved(number)
        return Values(values)

    @traitlets.validate("frozen")
    def _check_frozen(self, proposal: Any) -> list[int]:
        for i in proposal["value"]:
            if type(i) is not int or i not in self._own.graph._leaves:
                raise traitlets.TraitError(f"`frozen` names {shown(i)}, which is no leaf of this graph")
        return sorted(set(proposal["value"]))

    @traitlets.validate("passes")
    def _check_passes(self, proposal: Any) -> list[dict[str, Any]]:
        try:
            return [written(record) for record in read_all(proposal["value"], self._own.graph)]
        except ValueError as error:
            raise traitlets.TraitError(f"`passes` is off: {error}") from None

    @traitlets.validate("stale")
    def _check_stale(self, proposal: Any) -> dict[str, Any]:
        shown = self._shown.get("stale", {})
        if proposal["value"] not in ({}, shown):
            raise traitlets.TraitError("`stale` says what there is, and can only be emptied")
        return dict(proposal["value"])

    @traitlets.validate("opened")
    def _check_opened(self, proposal: Any) -> list[int] | None:
        # The page numbers its groups, so any number is taken; an unknown one opens nothing.
        groups = proposal["value"]
        if groups is not None and any(isinstance(i, bool) or i < 0 for i in groups):
            raise traitlets.TraitError(f"`opened` is {shown(groups)}, and groups have numbers from 0 on")
        return None if groups is None else sorted(set(groups))

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        node = proposal["value"]
        if node is not None and not self._is_node(node):
            raise traitlets.TraitError(f"`selected` is {shown(node)}, which is no node of this graph")
        return node  # type: ignore[no-any-return]

    def _is_node(self, i: int) -> bool:
        return i is not True and i is not False and 0 <= i < len(self._own.graph)

    # -- acts on the scalars, which every widget on them shows -----------------------------------------------

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

    def _apply(self, _: object = None) -> None:
        """Apply the traits that were written."""
        self._act_on({name: self._trait_values[name] for name in RECORDED})

    def _act_on(self, now: Mapping[str, Any]) -> None:
        """Apply the differences of the traits of `RECORDED` from their displayed values."""
        before = self._shown
        if now == before:
            return
        nodes = self._nodes
        values = {nodes[int(key)]: float(x) for key, x in now["values"].items() if x != before["values"][key]}
        turned = set(now["frozen"]).symmetric_difference(before["frozen"])
        frozen = {nodes[i]: i in now["frozen"] for i in turned}
        records = None
        if now["passes"] != before["passes"]:
            known = len(before["passes"])
            are_more = now["passes"][:known] == before["passes"]
            self._own.read()  # what cells have added since it was shown stays
            kept = self._own.records if are_more else []
            records = [*kept, *read_all(now["passes"][known if are_more else 0 :], self._own.graph)]
        restores, self._restores = self._restores, False
        self._do(Act(values, frozen, records, restores))

    def _do(self, act: Act) -> None:
        """Apply an act to the scalars, and show the result."""
        if self._is_closed:
            raise RuntimeError(CLOSED)
        with exclusive:
            self._refuse_locked(act)
            if self._is_dirty:
                self._own.read()
            was_held = self._is_held()
            try:
                self._apply_act(act)
            except KeyboardInterrupt:
                if not was_held:
                    self._let_go()
                raise

    def _apply_act(self, act: Act) -> None:
        sharing = self._sharing()

        def write_through() -> None:
            for widget in (self, *sharing):
                widget._write_through()
            self._is_stored = True

        try:
            apply(act, self._own, [widget._own for widget in sharing], write_through)
        finally:  # also of what has failed, as a custom op's may: then nothing has changed
            self._take_over()

    def _put_back(self, records: Sequence[Record]) -> None:
        """Restore the passes of a document, in the widget's own scalars."""
        if records:
            self._do(Act(records=records))

    # -- results of other engines ----------------------------------------------------------------------------

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

    def _read_objects(self) -> None:
        """Take over a cell's changes of the objects, if the widget is visible and the graph small."""
        if self._source is None or self._is_closed or not self._is_seen() or len(self._nodes) > MOST_READ:
            return
        before = [(node._value, node.grad) for node in self._nodes]
        self._source.pull()
        if [(node._value, node.grad) for node in self._nodes] != before:
            self._take_over()

    def _refuse_locked(self, act: Act) -> None:
        """Refuse to move a leaf upstream of a linearised op, whose numbers hold at the recorded values only.

        Raises:
            ValueError: There is one.
        """
        if not act.values or not isinstance(self._source, ForeignSource):
            return
        for leaf in self._source.mirror.locked.intersection(act.values):
            name = self._name(self._position[leaf])
            raise ValueError(
                f"{name} can't be moved: what was computed from it is known at the values of now only; make "
                "the graph again inside `with record(…):`, with the class in the parentheses"
            )

    def _write_through(self) -> None:
        """Write the state of the scalars into the person's own objects."""
        if self._source is not None:
            self._source.push()
        # The check was made at other values. The page drops it by itself: sending the graph would end a drag.
        self._check = None
        self.graph.pop("check", None)

    def _replace(self, source: Source | None, roots: tuple[Scalar, ...]) -> None:
        """Show another graph in place of this one; the selected node stays selected if it is still there."""
        chosen = None if self.selected is None else self._nodes[self.selected]
        unobserve(self, self._leaves)
        self._source, self._roots = source, roots
        self._take_graph(Graph.of(*roots), self._previewed)
        observe(self, self._leaves)
        with self.hold_sync():
            self.selected = None if chosen is None else self._position.get(chosen)
            self.graph = self._graph_document()
            self._show()

    def check(self) -> GraphCheck:
        """Compare the pass of an engine of one's own with the chain rule, in this graph.

        The engine's `backward()` runs, and every gradient is put back. The document has the result.

        Raises:
            TypeError: The graph is none of another engine, or that has no `backward()`.
        """
        if not isinstance(self._source, ForeignSource):
            raise TypeError(
                "check() compares the pass of an engine of your own with the chain rule, and this graph is "
                "made of Scalars, whose passes follow it"
            )
        names = {node: self._name(i) for i, node in enumerate(self._nodes)}
        found = check_graph(self._source.mirror, self._graph_now(), names, self.language or "en")
        self._check = found.to_document()
        self.graph = self._graph_document()
        return found

    def _graph_now(self) -> Graph:
        """The graph with the present numbers of the scalars, stale or not."""
        return Graph.of(*self._roots)

    @classmethod
    def from_expression(cls, text: str, **values: Any) -> Self:
        """A widget of an expression, as `GraphWidget.from_expression("relu(w*x + b)", w=0.5, x=2.0)`.

        The text is read, and never run as code. Names without a value begin at 1.

        Args:
            text: Numbers, names, `+ - * / **`, parentheses, comparisons and the functions of the op table.
            **values: The values of names; arguments of `GraphWidget` that are no names go there.

        Raises:
            ExpressionError: The text is no expression; the sentence says of which character and why.
            ValueError: A value is given for a name that is not in it.
        """
        language = "" if not isinstance(values.get("language"), str) else values["language"]
        names = names_in(text, language)
        known = {*ARGUMENTS, *cls.class_trait_names()}
        traits = {name: x for name, x in values.items() if name not in names and name in known}
        given = {name: x for name, x in values.items() if name not in traits}
        return cls(graph_of(text, given, language), **{"names": False, **traits})

    def _sharing(self) -> list[GraphWidget]:
        """The other widgets that share leaves with this one, directly or through others."""
        found = [self]
        others = [widget for widget in _open_widgets if widget is not self]
        for widget in found:  # grows while it is read
            near = [one for one in others if not one._own.position.keys().isdisjoint(widget._leaves)]
            found += near
            others = [one for one in others if one not in near]
        return found[1:]

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

    def _range(self, leaf: int) -> Range:
        return self._ranges.get(leaf) or chosen_range(self._graph.values[leaf])

    def _name(self, node: int) -> str:
        return name_of(self._graph, node)

    def _key(self, node: int) -> str | Scalar:
        """The key of a node: its label if that is unique, else its scalar."""
        label = self._graph.labels.get(node, "")
        return label if self._uses[label] == 1 else self._nodes[node]

    def _is_displayed(self, leaf: int) -> bool:
        return self._graph.needs_grad[leaf] or self._nodes[leaf].reached

    def _parameters(self) -> Iterator[int]:
        return (i for i, op in enumerate(self._graph.ops) if op == LEAF and self._graph.needs_grad[i])

    def _leaf(self, key: Key, done: str = "moved") -> int:
        i = self._id(key)
        if self._graph.ops[i] != LEAF:
            kind = "a constant" if self._graph.ops[i] == CONST else "computed"
            raise KeyError(f"{self._name(i)} is {kind}, and only a leaf can be {done}")
        return i

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
        parts = [", ".join(roots + ["…"] * (len(graph.outputs) > MOST_IN_REPR))]
        if grads:
            preview = "preview: " if history.is_preview and graph.passes else ""
            parts.append(preview + ", ".join(grads + ["…"] * (len(named) > MOST_IN_REPR)))
        text = f"GraphWidget({'; '.join(parts)})"
        turned = other_way(graph, MESSAGES[self.language])
        return f"{text}\n{turned}" if turned else text


class Gradients(Mapping[str | Scalar, float]):
    """The accumulated gradients of a widget's parameters: by label, or by `Scalar` where that is not unique.

    Any other node's too, if asked by its label or `Scalar`.
    """

    def __init__(self, widget: GraphWidget) -> None:
        self._widget = widget

    def __getitem__(self, key: Key) -> float:
        return self._widget._history.grad(self._widget._id(key))

    def __iter__(self) -> Iterator[str | Scalar]:
        return (self._widget._key(i) for i in self._widget._parameters())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"{dict(self)!r}{' (preview)' if self._widget.is_preview else ''}"


_open_widgets: Final[WeakSet[GraphWidget]] = WeakSet()


def _results_in(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """The results that were given one by one or in a list."""
    only = given[0] if len(given) == 1 else None
    is_list = isinstance(only, list | tuple | set | Generator | Iterator)
    return tuple(only) if is_list and only is not None else given


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


def _refuse_unknown(names: Collection[str], known: Iterable[str]) -> None:
    if names:
        name = min(names)
        near = [SYNONYMS[name]] if name in SYNONYMS else get_close_matches(name, [*ARGUMENTS, *known], 1)
        raise TypeError(
            f"GraphWidget has no argument {name!r}" + (f": did you mean {near[0]!r}?" if near else "")
        )
