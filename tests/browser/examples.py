"""The graphs that the page is tried on, made as a user makes them, and what Python says their numbers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from autograd_widget import Graph, GraphWidget, Node, Scalar
from autograd_widget.engine.ops import OPS
from browser.harness import show
from view import View

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from playwright.sync_api import Page

Document = dict[str, Any]
K = TypeVar("K")


def seed(*passes: str) -> GraphWidget:
    """Back-propagation through time: three steps, and a pass from each, or from those that are named."""
    w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
    x1, x2, x3 = (Scalar(1.0, label=f"x{i}", requires_grad=False) for i in (1, 2, 3))
    h1 = w * x1
    h2 = w * x2 + wh * h1
    h3 = w * x3 + wh * h2
    started = {"h1": h1, "h2": h2, "h3": h3}
    for name in passes or started:
        started[name].backward()
    return GraphWidget(h1, h2, h3)


def neuron(w1: float = 1.0, w2: float = 0.5) -> GraphWidget:
    """One neuron; with w1 = 0.5 and w2 = -0.8 its ReLU is dead."""
    parts = {"x1": 2.0, "x2": 3.0, "w1": w1, "w2": w2, "b": 0.1}
    x1, x2, a, c, b = (Node(value, _op=name) for name, value in parts.items())
    return ran((a * x1 + c * x2 + b).relu())


def mlp() -> GraphWidget:
    """Two inputs, two tanh neurons, one output, and its squared error; unequal numbers, some negative."""
    x = [Scalar(value, label=f"x{i}", requires_grad=False) for i, value in enumerate((0.8, -1.2), 1)]
    weights = [[Scalar(value) for value in row] for row in ((0.5, -0.7), (1.1, 0.3))]
    hidden = [(row[0] * x[0] + row[1] * x[1]).tanh() for row in weights]
    v = [Scalar(-0.9), Scalar(0.6)]
    error = v[0] * hidden[0] + v[1] * hidden[1] - 1.0
    return ran(error**2)


def ran(y: Scalar, **options: Any) -> GraphWidget:
    """A widget of a result from which a pass was run."""
    y.backward()
    return GraphWidget(y, **options)


def document_of(*parts: float | tuple[Any, ...], **keys: Any) -> Document:
    """A document from its nodes: a number is a leaf, `(number,)` a constant, `("*", 0, 1)` an op."""
    op, inputs, value = [], [], {}
    for i, part in enumerate(parts):
        if isinstance(part, tuple) and isinstance(part[0], str):
            op.append(part[0])
            inputs.append(list(part[1:]))
        else:
            op.append("const" if isinstance(part, tuple) else "leaf")
            inputs.append([])
            value[str(i)] = part[0] if isinstance(part, tuple) else part
    whole = {"op": op, "inputs": inputs, "value": value, "label": {}, "frozen": [], "outputs": [len(op) - 1]}
    return {"version": 1, **whole, **keys}


def every_op() -> Document:
    """Each op of the table once, on the same leaves, and their sum; `acosh` of a cosh, at least 1."""
    leaves = [0.7, 0.4, 0.2]
    uses = [(name, *range(op.arity or len(leaves))) for name, op in OPS.items()]
    cosh = len(leaves) + list(OPS).index("cosh")
    uses = [("acosh", cosh) if use[0] == "acosh" else use for use in uses]
    last = len(leaves) + len(uses)
    return document_of(
        *leaves, *uses, ("sum", *range(len(leaves), last)), label={"0": "a", "1": "b", "2": "c"}
    )


def node(widget: GraphWidget, label: str) -> int:
    """The id of the node with a label."""
    (found,) = (int(i) for i, given in widget.graph["label"].items() if given == label)
    return found


def show_widget(page: Page, widget: GraphWidget, **options: Any) -> View:
    """Show a widget as its kernel side describes it; options are those of `show`, traits among them."""
    names = ("values", "passes", "customs", "selected", "read_only", "language", "notice")
    show(page, widget.graph, **{**{name: getattr(widget, name) for name in names}, **options})
    return View(page)


@dataclass
class Numbers:
    """All numbers of a graph in full; None where the page has to say that there is none."""

    values: list[float]
    pass_grads: list[float | None]
    grads: dict[int, float | None]
    edges: dict[str, float | None]


def computed(
    document: Document, values: Mapping[str, float], passes: Iterable[int | Mapping[str, Any]]
) -> Numbers:
    """Compute a document with Python's engine, at these leaf values and with these passes."""
    graph = Graph.from_json(document)
    for leaf, value in values.items():
        graph.set_leaf(int(leaf), value)
    graph.replay([one if isinstance(one, int) else one["root"] for one in passes])
    reached = graph.pass_reached
    slots = [(i, k, j) for i, operands in enumerate(graph.inputs) for k, j in enumerate(operands)]
    sent = zip(slots, graph.edge_grads, strict=True)
    return Numbers(
        values=list(graph.values),
        pass_grads=[g if reached[i] else None for i, g in enumerate(graph.pass_grads)],
        grads={
            i: graph.grads[i] if graph.reached[i] else None for i, op in enumerate(graph.ops) if op == "leaf"
        },
        edges={f"{i}:{k}": number if reached[i] and reached[j] else None for (i, k, j), number in sent},
    )


# A function for `page.evaluate` on a view's element: the titles of all numbers of the contract.
TITLES = """
(root) => {
  const number = (element) => element?.getAttribute("title") ?? null;
  const by = (key, selector) => Object.fromEntries([...root.querySelectorAll(`[${key}]`)].map(
    (element) => [element.getAttribute(key), number(element.querySelector(selector))],
  ).filter(([id, title]) => title !== null || root.querySelector(`[${key}="${id}"] ${selector}`)));
  return {
    values: by("data-node", "[data-value]"),
    passes: by("data-node", "[data-pass-grad]"),
    grads: by("data-node", "[data-grad]"),
    edges: by("data-edge", "[data-edge-grad]"),
  };
}
"""


def shown(view: View) -> Numbers:
    """Read all numbers of a view at one moment."""
    return numbers_of(view.root.evaluate(TITLES))


def numbers_of(titles: dict[str, dict[str, str | None]]) -> Numbers:
    """The numbers in what `TITLES` found."""

    def parsed(found: dict[str, str | None]) -> dict[str, float | None]:
        return {key: None if title is None else float(title) for key, title in found.items()}

    values, passes = parsed(titles["values"]), parsed(titles["passes"])
    ids = sorted(values, key=int)
    return Numbers(
        values=[value for i in ids if (value := values[i]) is not None],
        pass_grads=[passes[i] for i in ids],
        grads={int(key): grad for key, grad in parsed(titles["grads"]).items()},
        edges=parsed(titles["edges"]),
    )


def assert_same(found: Numbers, wanted: Numbers) -> None:
    """The page and Python agree, to the digits in which two libraries of mathematics may differ."""
    assert _differing(dict(enumerate(found.values)), dict(enumerate(wanted.values))) == {}
    assert _differing(dict(enumerate(found.pass_grads)), dict(enumerate(wanted.pass_grads))) == {}
    assert _differing(found.grads, wanted.grads) == {}
    # A leaf that is a row in its user's card has no edge.
    assert _differing(found.edges, {key: wanted.edges.get(key) for key in found.edges}) == {}


def _differing(
    ours: Mapping[K, float | None], theirs: Mapping[K, float | None]
) -> dict[K, tuple[float | str | None, float | str | None]]:
    keys = ours.keys() | theirs.keys()
    pairs = {key: (ours.get(key, "missing"), theirs.get(key, "missing")) for key in keys}
    return {key: pair for key, pair in pairs.items() if not _agree(*pair)}


def _agree(ours: float | str | None, theirs: float | str | None) -> bool:
    if not isinstance(ours, float | int) or not isinstance(theirs, float | int) or ours == theirs:
        return ours == theirs
    return (ours != ours and theirs != theirs) or abs(ours - theirs) <= 1e-12 * abs(theirs)
