"""The widget: what a person calls in a cell.

The page computes what it displays. Each base class is a room: exports, acts, and what follows the scalars.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from typing import TYPE_CHECKING, Any, SupportsFloat
from weakref import ref

from ipywidgets import FloatSlider

from autograd_widget.adapters.expression import graph_of, names_in
from autograd_widget.adapters.graph_check import GraphCheck, check_graph
from autograd_widget.adapters.source import ForeignSource
from autograd_widget.engine.core import _number
from autograd_widget.engine.digits import two_decimals
from autograd_widget.engine.locking import exclusive
from autograd_widget.engine.observers import observe, unobserve
from autograd_widget.engine.scalar import Scalar
from autograd_widget.explain.branches import Branch, branches_of, other_way
from autograd_widget.explain.explanation import Explanation, Paths, explain_node, paths_to
from autograd_widget.explain.ledger import Ledger, ledger_of
from autograd_widget.explain.messages import MESSAGES
from autograd_widget.explain.names import callers_frame
from autograd_widget.export.bundle import page_program
from autograd_widget.graph.number import decode_number
from autograd_widget.graph.records import Record

from .acting import open_widgets
from .cells import cells
from .exporting import Exporting
from .following import Key
from .lifetime import lifetimes
from .session import Act
from .status import Status, status_of
from .traits import PLUMBING, RECORDED

if TYPE_CHECKING:
    from typing_extensions import Self

MOST_IN_REPR = 8
"""The limit of results, and of gradients, in a widget's repr."""

ARGUMENTS = ("sliders", "names", "passes")
"""The arguments of a widget that are no traits."""

SYNONYMS = {
    **dict.fromkeys(("direction", "orientation", "flow", "dir"), "rankdir"),
    **dict.fromkeys(("lang", "locale"), "language"),
    **dict.fromkeys(("ranges", "range", "bounds", "limits"), "sliders"),
    **dict.fromkeys(("labels", "label", "variables"), "names"),
    **dict.fromkeys(("backward", "history"), "passes"),
    **dict.fromkeys(("disabled", "static"), "read_only"),
}
"""Names of arguments in other libraries, for suggestions in errors."""


class GraphWidget(Exporting):
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
        _refuse_unknown(traits.keys() - set(self.trait_names()), self.trait_names())
        super().__init__(
            _results_in(roots),
            callers_frame(self, sys._getframe(1)) if names else None,
            sliders or {},
            passes,
            read_only=read_only,
            language=language,
            rankdir=rankdir,
            **traits,
        )
        self._open()

    def _open(self) -> None:
        lifetimes.let_go(self)
        self.observe(self._apply, names=RECORDED)
        self.observe(self._seen, names="_view_count")
        self.observe(self._write, names="expression")
        self.on_msg(self._take_message)
        with exclusive:
            observe(self, self._leaves)
            open_widgets.add(self)
        if self._source is not None:
            cells.watch(self)

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
        return cls(graph_of(text, given, language), **{"names": False, "expression": text, **traits})

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

    # -- what it says ----------------------------------------------------------------------------------------

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

    def status(self) -> Status:
        """Facts for a report of a fault: versions, host, connection, what is pending, the last error.

        Nothing is sent anywhere.
        """
        return status_of(self)

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

    # -- life ------------------------------------------------------------------------------------------------

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
            open_widgets.discard(self)
        super().close()

    def __del__(self) -> None:
        lifetimes.bury(self)

    def _take_message(self, _: object, content: Any, __: object) -> None:
        if not isinstance(content, dict):
            return
        if content.get("restores") is True:
            self._restores = True
        elif isinstance(content.get("state"), dict):
            self.set_state(content["state"])
        elif content.get("program") in ("PyTorch", "micrograd", "HTML", "DOT"):
            self.send({"program": content["program"], **self._program(content["program"])})
        elif "view" in content or "seen" in content:
            self._follow_view(content.get("view"), content.get("seen"))

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if name not in PLUMBING]


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


def _results_in(given: tuple[Any, ...]) -> tuple[Any, ...]:
    """The results that were given one by one or in a list."""
    only = given[0] if len(given) == 1 else None
    is_list = isinstance(only, list | tuple | set | Generator | Iterator)
    return tuple(only) if is_list and only is not None else given


def _refuse_unknown(names: Collection[str], known: Iterable[str]) -> None:
    if names:
        name = min(names)
        near = [SYNONYMS[name]] if name in SYNONYMS else get_close_matches(name, [*ARGUMENTS, *known], 1)
        raise TypeError(
            f"GraphWidget has no argument {name!r}" + (f": did you mean {near[0]!r}?" if near else "")
        )
