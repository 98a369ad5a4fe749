"""The widget: traits and wiring.

The page computes what it shows; the kernel replays the leaf values that come back.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import isfinite
from pathlib import Path
from typing import Any, SupportsFloat

import traitlets
from anywidget import AnyWidget
from ipywidgets import FloatSlider

from .graph import LEAF, Graph
from .names import labels_of, name_of, variable_names
from .number import decode_number, encode_number
from .ranges import Range, checked_range, chosen_range
from .scalar import Scalar, _number

BUNDLE = Path(__file__).parent / "static" / "widget.js"

MOST_IN_REPR = 8
"""How many gradients a widget's repr has."""

FROM_THE_PAGE = frozenset({"values", "passes", "selected"})
"""What a page may write; everything else it sends (`_esm` could be among it) is dropped."""


def _bundle() -> str:
    try:
        # The text and not the Path: with a Path, anywidget keeps every widget alive that was ever closed.
        return BUNDLE.read_text("utf-8")
    except FileNotFoundError:
        raise ImportError("the page's bundle is missing from this checkout: run `make build`") from None


class GraphWidget(AnyWidget):
    """The computational graph of a result, live: every leaf has a slider, and every number follows it.

    Args:
        *roots: The results to draw, one or more. At first one backward pass runs from each, in order.
        sliders: The range of a leaf's slider, `{"w": (-2, 2, 0.01)}`, by label or by the `Scalar` itself;
            lowest, highest and, if wanted, the step. The others are chosen from the value.
        names: Whether a node without a label takes the name of the caller's variable that holds it.
        passes: The backward passes to show, as the scalars that they start from; one per root if left out.
        read_only: Show the graph without controls.
        language: `"en"` or `"zh"`; if empty, the reader's.

    Raises:
        TypeError: There is no root, or one is not a `Scalar`.
        ValueError: A slider's range is empty, or names no leaf.
        KeyError: `sliders` names a leaf that is not there.
    """

    _esm = _bundle()

    graph = traitlets.Dict().tag(sync=True)
    """The graph document, with what the view needs besides."""
    values = traitlets.Dict().tag(sync=True)
    """Leaf id as a string → number; non-finite numbers spelled."""
    passes = traitlets.List(traitlets.Int()).tag(sync=True)
    """The ids of the nodes that backward passes were run from since `zero_grad()`, in order."""
    selected = traitlets.Int(None, allow_none=True).tag(sync=True)
    """The id of the node in the inspector."""
    read_only = traitlets.Bool(False).tag(sync=True)
    language = traitlets.Enum(("", "en", "zh"), "").tag(sync=True)
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
            raise TypeError(
                f"GraphWidget draws Scalars, as in `GraphWidget(y)` after `y = w * x`; it was given {given}"
            )
        self._roots = roots
        self._variables = variable_names(sys._getframe(1)) if names else {}
        self._take_graph()
        # Only what is drawn: the caller's other scalars are none of ours to keep alive.
        self._variables = {node: self._variables[node] for node in self._nodes if node in self._variables}
        self._ranges = {}
        for key, bounds in (sliders or {}).items():
            leaf = self._leaf(key)
            self._ranges[leaf] = checked_range(self._name(leaf), bounds)
        started = roots if passes is None else passes
        super().__init__(
            graph=self._document(),
            values=self._leaf_values(),
            passes=[self._id(root) for root in started],
            **traits,
        )
        fresh = not any(node.reached for node in self._nodes)
        self._graph.replay(self.passes)
        if fresh:
            self._graph.write_back()
        self.observe(self._replay, names=["values", "passes"])

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
            self._replay()  # nothing moves on the page, but the scalars may have been changed by hand
        self.values = values

    @property
    def grads(self) -> Gradients:
        """The accumulated gradients, by label or by `Scalar`."""
        return Gradients(self)

    @property
    def root_value(self) -> float:
        """The value of the (last) root."""
        return self._graph.values[self._graph.outputs[-1]]

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
        slider.observe(lambda change: self.__setitem__(self._nodes[i], change["new"]), names="value")
        self.observe(follow, names="values")
        return slider

    # -- passes ----------------------------------------------------------------------------------------------

    def backward(self, root: str | Scalar | None = None) -> None:
        """Run one more backward pass, from the (last) root or another node."""
        self.passes = [*self.passes, self._graph.outputs[-1] if root is None else self._id(root)]

    def zero_grad(self) -> None:
        """Forget all passes."""
        self.passes = []
        self._replay()  # also what was run on the scalars by hand

    def refresh(self) -> None:
        """Take over what was changed on the scalars by hand: values of leaves, labels, what is frozen."""
        self._take_graph()
        with self.hold_sync():
            self.graph = self._document()
            self.values = self._leaf_values()
        self._replay()

    # -- wiring ----------------------------------------------------------------------------------------------

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

    @traitlets.validate("passes")
    def _check_passes(self, proposal: Any) -> list[int]:
        for root in proposal["value"]:
            if not 0 <= root < len(self._graph):
                raise traitlets.TraitError(f"`passes` names {root}, which is no node of this graph")
        return list(proposal["value"])

    @traitlets.validate("selected")
    def _check_selected(self, proposal: Any) -> int | None:
        node = proposal["value"]
        if node is not None and not 0 <= node < len(self._graph):
            raise traitlets.TraitError(f"`selected` is {node}, which is no node of this graph")
        return node  # type: ignore[no-any-return]

    def _replay(self, _: object = None) -> None:
        for key, encoded in self.values.items():
            self._graph.set_leaf(int(key), float(encoded))
        self._graph.replay(self.passes)
        self._graph.write_back()

    def _take_graph(self) -> None:
        self._graph = Graph.of(*self._roots)
        self._nodes = self._graph.nodes or []
        self._position = {node: i for i, node in enumerate(self._nodes)}
        self._graph.labels = labels_of(self._nodes, self._variables)

    def _document(self) -> dict[str, Any]:
        document = self._graph.to_dict()
        document["sliders"] = {str(i): list(given) for i, given in self._ranges.items()}
        return document

    def _leaf_values(self) -> dict[str, float | str]:
        graph = self._graph
        return {str(i): encode_number(graph.values[i]) for i, op in enumerate(graph.ops) if op == LEAF}

    def _range(self, leaf: int) -> Range:
        return self._ranges.get(leaf) or chosen_range(self._graph.values[leaf])

    def _name(self, node: int) -> str:
        return name_of(self._graph, node)

    def _parameters(self) -> Iterator[int]:
        return (i for i, op in enumerate(self._graph.ops) if op == LEAF and self._graph.needs_grad[i])

    def _leaf(self, key: str | Scalar) -> int:
        i = self._id(key)
        if self._graph.ops[i] != LEAF:
            raise KeyError(f"{self._name(i)} is computed, and only a leaf can be moved")
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
        graph = self._graph
        roots = ", ".join(f"{self._name(i)} = {graph.values[i]:.2f}" for i in graph.outputs)
        named = [i for i in self._parameters() if i in graph.labels]
        grads = [
            f"{graph.labels[i]}.grad = {graph.grads[i]:.2f}"
            if graph.reached[i]
            else f"{graph.labels[i]}.grad not run yet"
            for i in named[:MOST_IN_REPR]
        ]
        more = ["…"] if len(named) > MOST_IN_REPR else []
        return f"GraphWidget({roots}; {', '.join(grads + more)})" if grads else f"GraphWidget({roots})"


class Gradients(Mapping[str | Scalar, float]):
    """The accumulated gradients of a widget's parameters: by label, or by `Scalar` where that is not unique.

    Any other node's too, if asked by its label or `Scalar`.
    """

    def __init__(self, widget: GraphWidget) -> None:
        self._widget = widget

    def __getitem__(self, key: str | Scalar) -> float:
        return self._widget._graph.grads[self._widget._id(key)]

    def __iter__(self) -> Iterator[str | Scalar]:
        widget = self._widget
        labels = widget._graph.labels
        uses = Counter(labels.values())
        return (labels[i] if uses[labels.get(i, "")] == 1 else widget._nodes[i] for i in widget._parameters())

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return repr(dict(self))
