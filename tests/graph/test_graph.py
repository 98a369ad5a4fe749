"""The flat graph: the same numbers as the scalars, edges by operand position, and the document."""

from __future__ import annotations

import copy
import json
import pickle
import random
import re
from math import inf, isnan, nan
from time import process_time
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd_widget import Graph, Scalar, custom_op
from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import apply

if TYPE_CHECKING:
    from collections.abc import Sequence

SEED: dict[str, Any] = {
    "version": 1,
    "op": ["leaf", "const", "*"],
    "inputs": [[], [], [0, 1]],
    "value": {"0": 0.3, "1": 2.0},
    "label": {"0": "w", "2": "h1"},
    "frozen": [],
    "outputs": [2],
}


def off(**changes: Any) -> dict[str, Any]:
    """The small document with some keys changed; None takes one away."""
    return {key: value for key, value in {**SEED, **changes}.items() if value is not None}


def recurrence() -> tuple[Scalar, Scalar, list[Scalar]]:
    w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
    h: list[Scalar] = []
    for i in (1, 2, 3):
        x = Scalar(1.0, label=f"x{i}", requires_grad=False)
        h.append(w * x + wh * h[-1] if h else w * x)
    return w, wh, h


def leaf(graph: Graph, label: str) -> int:
    return next(i for i, name in graph.labels.items() if name == label)


def test_a_graph_of_scalars() -> None:
    w, _, h = recurrence()
    graph = Graph.of(h[2])
    assert graph.nodes is not None
    assert (len(graph), graph.outputs, graph.nodes[graph.outputs[0]]) == (12, [11], h[2])
    assert graph.ops.count("leaf") == 5
    assert all(j < i for i, operands in enumerate(graph.inputs) for j in operands)
    graph.backward(11)
    h[2].backward()
    for i, node in enumerate(graph.nodes):
        assert (graph.values[i], graph.grads[i], graph.reached[i]) == (node.value, node.grad, node.reached)
    assert graph.grads[leaf(graph, "w")] == w.grad == 1.75


def test_edges_are_keyed_by_consumer_and_operand_position() -> None:
    x = Scalar(3.0)
    graph = Graph.of(x - x)
    graph.backward(1)
    assert graph.inputs[1] == (0, 0)
    assert (graph.offsets, graph.edge_grads, graph.grads) == ([0, 0, 2], [1.0, -1.0], [0.0, 1.0])


def test_edges_keep_what_the_pass_sent_when_a_leaf_moves() -> None:
    x = Scalar(3.0)
    graph = Graph.of(x * x * 2.0)
    graph.set_leaf(0, 4.0)
    assert not any(graph.edge_grads)
    graph.replay(graph.outputs)
    graph.set_leaf(0, 5.0)
    graph.set_leaf(0, 6.0)
    graph.forward()
    graph.set_leaf(0, 7.0)
    assert graph.edge_grads == [8.0, 8.0, 2.0, 0.0]


def test_an_edge_has_this_pass_only_and_a_node_has_both() -> None:
    _, _, h = recurrence()
    graph = Graph.of(*h)
    w = leaf(graph, "w")
    sent: list[list[float]] = []
    for root in graph.outputs:
        graph.backward(root)
        edges = [
            graph.edge_grads[graph.offsets[i] + k]
            for i, operands in enumerate(graph.inputs)
            for k, j in enumerate(operands)
            if j == w
        ]
        sent.append(edges)
        assert graph.pass_grads[w] == sum(edges)
    assert sent == [[1.0, 0.0, 0.0], [0.5, 1.0, 0.0], [0.25, 0.5, 1.0]]
    assert (graph.grads[w], graph.pass_grads[w], graph.passes) == (4.25, 1.75, graph.outputs)


def test_a_pass_from_the_middle_reaches_only_what_is_above() -> None:
    _, _, h = recurrence()
    graph = Graph.of(h[2])
    assert graph.nodes is not None
    h1 = graph.nodes.index(h[0])
    graph.backward(h1, gradient=-2.0)
    assert [i for i, reached in enumerate(graph.reached) if reached] == [leaf(graph, "w"), h1]
    assert (graph.grads[leaf(graph, "w")], graph.grads[h1]) == (-2.0, -2.0)
    graph.zero_grad()
    assert (any(graph.reached), any(graph.grads), any(graph.edge_grads)) == (False, False, False)


def test_freezing_a_leaf() -> None:
    w, _, h = recurrence()
    graph = Graph.of(h[1])
    i = leaf(graph, "w")
    graph.set_frozen(i, True)
    graph.backward(graph.outputs[0])
    assert (graph.grads[i], graph.reached[i], graph.grads[leaf(graph, "wh")]) == (0.0, False, 0.3)
    assert i in graph.to_dict()["frozen"]
    graph.set_frozen(i, False)
    graph.zero_grad()
    graph.backward(graph.outputs[0])
    h[1].backward()
    assert graph.grads[i] == w.grad == 1.5


def test_a_root_without_gradient_reaches_nothing() -> None:
    x = Scalar(3.0, requires_grad=False)
    graph = Graph.of(x * 2.0)
    graph.backward(graph.outputs[0])
    assert not any(graph.reached)
    assert not any(graph.grads)


def test_bad_roots_and_nodes() -> None:
    with pytest.raises(TypeError, match="at least one"):
        Graph.of()
    with pytest.raises(TypeError, match="not of float"):
        Graph.of(3.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'odd' is not in the table"):
        Graph.of(Scalar(1.0, (Scalar(2.0),), "odd"))
    graph = Graph.from_json(SEED)
    for node in (3, -1, 0.5, "0"):
        with pytest.raises(ValueError, match="there is no node"):
            graph.backward(node)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match="there is no node"):
            graph.set_leaf(node, 1.0)  # type: ignore[arg-type]
    for node in (1, 2):
        with pytest.raises(ValueError, match="only a leaf can be changed"):
            graph.set_leaf(node, 1.0)
    with pytest.raises(TypeError, match="a real number"):
        graph.set_leaf(0, "0.5")  # type: ignore[arg-type]
    assert graph.values == [0.3, 2.0, 0.6]


def test_roots_are_outputs_once_and_in_order() -> None:
    a = Scalar(1.0)
    b = a + 1.0
    graph = Graph.of(b, a, b)
    assert graph.nodes is not None
    assert [graph.nodes[i] for i in graph.outputs] == [b, a]


def test_values_that_were_set_by_hand_become_floats() -> None:
    np = pytest.importorskip("numpy")
    w = Scalar(1.0)
    y = w * 2.0
    for number in (3, np.float32(3), np.float64(3)):
        w.value = number
        assert json.loads(Graph.of(y).to_json())["value"]["0"] == 3.0
        assert {type(v) for v in Graph.of(y).values} == {float}


# -- the document --------------------------------------------------------------------------------------------


def test_the_document_of_the_contract() -> None:
    graph = Graph.from_json(SEED)
    assert graph.values == [0.3, 2.0, 0.6]
    assert graph.nodes is None
    assert graph.to_dict() == SEED
    assert json.loads(graph.to_json()) == SEED
    w = Scalar(0.3, label="w")
    h1 = w * 2.0
    h1.label = "h1"
    assert Graph.of(h1).to_dict() == SEED


def test_non_finite_numbers_are_spelled() -> None:
    y = Scalar(inf) + Scalar(-inf) * Scalar(nan)
    document = Graph.of(y).to_dict()
    assert document["value"] == {"0": "inf", "1": "-inf", "2": "nan"}
    again = Graph.from_json(Graph.of(y).to_json())
    assert again.to_dict() == document
    assert isnan(again.values[-1])
    assert "NaN" not in again.to_json()


def test_unknown_keys_are_ignored_and_two_may_be_missing() -> None:
    graph = Graph.from_json(off(sliders={"0": [0, 1, 0.1]}, history=[2], label=None, frozen=None))
    assert (graph.values, graph.labels) == ([0.3, 2.0, 0.6], {})


def test_a_name_may_be_anything() -> None:
    label = '__proto__ <b>"&\\ 你好 \N{BUG}'
    graph = Graph.from_json(Graph.from_json(off(label={"0": label})).to_json())
    assert graph.labels == {0: label}


ONLY_HERE: list[tuple[Any, str]] = [
    # Differences from JavaScript: texts, integers apart from floats, keys that are no strings.
    ("", "not JSON"),
    ("{", "not JSON"),
    ("[" * 100_000, "not JSON"),
    ("null", "null is not an object"),
    ([], r"\[\] is not an object"),
    (None, "null is not an object"),
    (3, "3 is not an object"),
    (off(version=1.0), "the version is 1.0"),
    (off(op=["leaf", "const", {1}]), "node 2 has the op"),
    (off(inputs=[[], [], [0, 1.0]]), "node 2 has the input 1.0"),
    (off(inputs=[[], [], [0, 10**30]]), "node 2 has the input 1000"),
    (off(value={"0": nan, "1": 2.0}), "value of node 0 is NaN"),
    (off(value={"0": inf, "1": 2.0}), "value of node 0 is Infinity"),
    (off(value={"0": 10**400, "1": 2.0}), "value of node 0 is 1000"),
    (off(value={0: 0.3, 1: 2.0}), '"value" names 0'),
    (off(label={"9" * 5000: "w"}), '"label" names "999'),
    ('{"version":1,"op":["leaf"],"inputs":[[]],"value":{"0":NaN},"outputs":[0]}', "not JSON"),
    ('{"version":1,"op":["leaf"],"inputs":[[]],"value":{"0":1e999},"outputs":[0]}', "value of node 0"),
]
"""The others are in `conformance/refused.json`."""


@pytest.mark.parametrize(("document", "why"), ONLY_HERE)
def test_a_document_that_is_off_is_refused_in_one_sentence(document: Any, why: str) -> None:
    with pytest.raises(ValueError, match=why) as refused:
        Graph.from_json(document)
    sentence = str(refused.value)
    assert sentence.startswith("graph document: ")
    assert "\n" not in sentence
    assert len(sentence) < 160


# -- depth ---------------------------------------------------------------------------------------------------


def test_depth_is_no_limit() -> None:
    depth = 100_000
    y = x = Scalar(0.0)
    for _ in range(depth):
        y = y + x
    graph = Graph.of(y)
    graph.backward(graph.outputs[0])
    assert graph.grads[0] == depth + 1.0
    again = Graph.from_json(graph.to_json())
    again.set_leaf(0, 1.0)
    again.forward()
    assert again.values[-1] == depth + 1.0  # x itself is the first


# -- random graphs -------------------------------------------------------------------------------------------

NUMBERS = st.floats(-3.0, 3.0) | st.sampled_from([0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 1e300, 1e-300])


@st.composite
def computations(draw: st.DrawFn) -> list[Scalar]:
    """Scalars in the order in which they were made; the last one is a computation."""
    nodes = [
        Scalar(draw(NUMBERS), label=draw(st.sampled_from(["", f"x{i}"])), requires_grad=draw(st.booleans()))
        for i in range(draw(st.integers(1, 4)))
    ]
    for _ in range(draw(st.integers(1, 15))):
        op = draw(st.sampled_from(sorted(OPS)))
        arity = OPS[op].arity or draw(st.integers(1, 4))
        operands: list[Scalar | float] = [draw(st.sampled_from(nodes)) for _ in range(arity)]
        if arity > 1 and draw(st.booleans()):
            operands[draw(st.integers(1, arity - 1))] = draw(NUMBERS)
        nodes.append(apply(op, *operands))
    return nodes


def bits(numbers: Sequence[float]) -> list[str]:
    return [number.hex() for number in numbers]


@given(computations(), st.data())
def test_graphs_agree_with_scalars(nodes: list[Scalar], data: st.DataObject) -> None:
    root = nodes[-1]
    graph = Graph.of(root)
    assert graph.nodes is not None
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.sampled_from(graph.nodes))
        gradient = data.draw(NUMBERS)
        start.backward(gradient=gradient)
        graph.backward(graph.nodes.index(start), gradient)
    # To the bit, but for the sign of a zero: the graph begins its sums with 0.
    assert bits([g + 0.0 for g in graph.grads]) == bits([node.grad + 0.0 for node in graph.nodes])
    assert graph.reached == [node.reached for node in graph.nodes]
    assert bits(graph.values) == bits([node.value for node in graph.nodes])


@given(computations())
def test_the_document_comes_back_as_it_went(nodes: list[Scalar]) -> None:
    graph = Graph.of(nodes[-1])
    document = graph.to_dict()
    json.dumps(document, allow_nan=False)
    again = Graph.from_json(graph.to_json())
    assert again.to_dict() == document == Graph.from_json(document).to_dict()
    assert bits(again.values) == bits(graph.values)
    assert again.needs_grad == graph.needs_grad


@given(computations(), st.data())
def test_replaying_equals_building_anew(nodes: list[Scalar], data: st.DataObject) -> None:
    graph = Graph.of(nodes[-1])
    document = graph.to_dict()
    for i, op in enumerate(graph.ops):
        if op == "leaf":
            value = data.draw(NUMBERS)
            graph.set_leaf(i, value)
    graph.replay(graph.outputs)
    document["value"] = graph.to_dict()["value"]
    anew = Graph.from_json(document)
    anew.backward(anew.outputs[0])
    assert bits(anew.values) == bits(graph.values)
    assert bits(anew.grads) == bits(graph.grads)
    assert bits(anew.edge_grads) == bits(graph.edge_grads)


SMOOTH = ("+", "-", "*", "tanh", "sin", "sigmoid", "square", "mean")


@st.composite
def smooth_computations(draw: st.DrawFn) -> list[Scalar]:
    """Scalars without kinks and poles, whose values stay small; the leaves first."""
    numbers = st.floats(-2.0, 2.0)
    nodes = [Scalar(draw(numbers)) for _ in range(draw(st.integers(1, 4)))]
    for _ in range(draw(st.integers(1, 12))):
        op = draw(st.sampled_from(SMOOTH))
        operands = [draw(st.sampled_from(nodes)) for _ in range(OPS[op].arity or 3)]
        nodes.append(apply(op, *operands))
        if op in ("*", "square"):
            nodes.append(nodes[-1].tanh())
    return nodes


@given(smooth_computations())
def test_gradients_are_central_differences(nodes: list[Scalar]) -> None:
    step = 1e-5
    root = nodes[-1]
    root.backward()
    for leaf in (node for node in nodes if not node.prevs):
        x = leaf.value
        around = []
        for leaf.value in (x + step, x - step):
            around.append(root.forward())
        leaf.value = x
        slope = (around[0] - around[1]) / (2.0 * step)
        assert leaf.grad == pytest.approx(slope, rel=1e-5, abs=1e-5)


@given(st.sampled_from(["+", "*", "max", "min", "-", "/", "**"]), NUMBERS, NUMBERS)
def test_the_order_of_operands_matters_only_where_it_must(op: str, a: float, b: float) -> None:
    def both(swapped: bool) -> tuple[str, list[str]]:
        x, y = Scalar(a), Scalar(b)
        result = apply(op, y, x) if swapped else apply(op, x, y)
        result.backward()
        return (result.value + 0.0).hex(), bits([x.grad + 0.0, y.grad + 0.0])

    if op in ("+", "*", "max", "min"):
        assert both(swapped=True) == both(swapped=False)
    elif op == "-" and abs(a) != abs(b) and a == a and b == b:
        assert both(swapped=True) != both(swapped=False)


def by_the_table(graph: Graph, root: int, gradient: float) -> tuple[list[float], list[float]]:
    """Values and gradients of one pass, each step by its row of the op table."""
    values, grads = graph.values.copy(), [0.0] * len(graph)
    rows = [OPS.get(op) for op in graph.ops]
    for i, row in enumerate(rows):
        if row:
            values[i] = row.forward(*[values[j] for j in graph.inputs[i]])
    grads[root] = gradient if graph.needs_grad[root] else 0.0
    for i in range(root, -1, -1):
        row = rows[i]
        if row and graph.pass_reached[i]:
            x = [values[j] for j in graph.inputs[i]]
            for j, sent in zip(graph.inputs[i], row.backward(grads[i], values[i], *x), strict=True):
                if graph.needs_grad[j]:
                    grads[j] += sent
    return values, grads


@given(computations(), st.data())
def test_the_loops_do_what_the_table_says(nodes: list[Scalar], data: st.DataObject) -> None:
    graph = Graph.of(nodes[-1])
    for i, op in enumerate(graph.ops):
        if op == "leaf":
            graph.set_leaf(i, data.draw(NUMBERS))
    root = data.draw(st.integers(0, len(graph) - 1))
    gradient = data.draw(NUMBERS)
    graph.forward()
    graph.backward(root, gradient)
    values, grads = by_the_table(graph, root, gradient)
    assert bits(graph.values) == bits(values)
    assert bits([g + 0.0 for g in graph.grads]) == bits([g + 0.0 for g in grads])


@pytest.mark.parametrize("seed", range(8))
def test_the_loops_on_a_large_graph(seed: int) -> None:
    draw = random.Random(seed)
    nodes = [Scalar(draw.uniform(-1, 1)) for _ in range(4)]
    while len(nodes) < 700:
        near = nodes[-1] if draw.random() < 0.7 else draw.choice(nodes)
        op = draw.choice(["+", "-", "*", "tanh", "relu", "max", "sin", "mean"])
        others = [nodes[draw.randrange(2)] for _ in range((OPS[op].arity or 3) - 1)]
        nodes.append(apply(op, near, *others))
    graph = Graph.of(nodes[-1])
    graph.set_leaf(0, 0.25)
    graph.replay(graph.outputs)
    values, grads = by_the_table(graph, graph.outputs[0], 1.0)
    assert (bits(graph.values), bits(graph.grads)) == (bits(values), bits(grads))


def test_an_op_may_replay_the_graph_that_it_is_in() -> None:
    w = Scalar(2.0)
    graph = Graph.of(triple(w) * w + w)
    graph._use_row(1, Again(graph, []))
    graph.set_leaf(0, 4.0)
    graph.forward()
    graph.backward(graph.outputs[0])
    assert (graph.values[-1], graph.grads[0]) == (52.0, 25.0)


class Again(NamedTuple):
    """A row that asks for the whole graph at other numbers, the first time that it is asked itself."""

    graph: Graph
    asked: list[str]

    def forward(self, x: float) -> float:
        if "forward" not in self.asked:
            self.asked.append("forward")
            assert self.graph._tape.forward([1.0] * len(self.graph))[-1] == 4.0
        return 3.0 * x

    def backward(self, gradient: float, _y: float, _x: float) -> tuple[float, ...]:
        if "backward" not in self.asked:
            self.asked.append("backward")
            plan = self.graph._make_plan(self.graph.outputs[0])
            assert plan.run(7.0, [1.0] * len(self.graph))[0] == 35.0
        return (3.0 * gradient,)


def test_values_of_another_graph_are_refused() -> None:
    w = Scalar(2.0)
    graph = Graph.of(w * w)
    graph.values = [1.0]
    with pytest.raises(IndexError):
        graph.forward()


def deep(size: int) -> list[Any]:
    nested: list[Any] = []
    for _ in range(size):
        nested = [nested]
    return nested


ITSELF: list[Any] = []
ITSELF.append(ITSELF)


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"label": None}, '"label" is not an object'),
        ({"frozen": None}, '"frozen" is not a list'),
        ({"custom": None}, '"custom" is not an object'),
        ({"version": 10**5000}, "version a value of type int is from the future"),
        ({"outputs": [10**5000]}, '"outputs" names a value of type int, which is not a node'),
        ({"op": ["leaf", "const", deep(100_000)]}, r"not JSON \(too deep\)"),
        ({"value": {"0": ITSELF, "1": 2.0}}, r"not JSON \(too deep\)"),
    ],
)
def test_what_cannot_be_shown_is_refused_in_a_sentence(keys: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=f"^graph document: {why}"):
        Graph.from_json({**SEED, **keys})


@custom_op(partials=lambda _y, _x: 3.0)
def triple(x: float) -> float:
    return 3.0 * x


def test_a_graph_is_pickled_and_copied_as_it_is() -> None:
    w = Scalar(2.0, label="w")
    book = Scalar(5.0, (w,), "book")
    book.grad_wrt = {w: 0.5}
    y = (-w).exp() + w**2 + triple(w) + book + w.max(1.0)
    graph = Graph.of(y)
    graph.replay(graph.outputs)
    copies: list[Graph] = [pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)]  # noqa: S301
    for copied in copies:
        assert copied.nodes is not None
        assert copied.nodes[-1].value == y.value
        assert copied.nodes[0] is not w
        for each in (graph, copied):
            each.set_leaf(0, 0.75)
            each.replay(each.outputs)
        assert (bits(copied.values), bits(copied.grads)) == (bits(graph.values), bits(graph.grads))
        assert copied.to_dict() == graph.to_dict()


CHAIN = 5_000
LONG: dict[str, Any] = {
    "version": 1,
    "op": ["leaf"] + ["tanh"] * CHAIN,
    "inputs": [[], *[[i] for i in range(CHAIN)]],
    "value": {"0": 0.5},
    "outputs": [CHAIN],
}


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"passes": [CHAIN] * 100_000}, '"passes" has 100000 entries, and 1000 is the limit'),
        ({"preview": [CHAIN] * 100_000}, '"preview" has 100000 entries, and 1000 is the limit'),
        (
            {"groups": [["g", i - 1, [0, CHAIN]] for i in range(20_000)]},
            '["g",99,[0,5000]], which is not a group within the one around it, 100 deep at most',
        ),
        ({"outputs": [CHAIN] * 100_000}, None),
        ({"groups": [["g", -1, [i, i]] for i in range(CHAIN)]}, None),
        ({"opened": list(range(100_000))}, None),
        ({"label": {"0": "w" * 1_000_000}}, None),
    ],
)
def test_what_is_huge_is_read_in_linear_time_or_refused(keys: dict[str, Any], why: str | None) -> None:
    start = process_time()
    if why is None:
        assert Graph.from_json({**LONG, **keys}).outputs == [CHAIN]
    else:
        with pytest.raises(ValueError, match=re.escape(why)):
            Graph.from_json({**LONG, **keys})
    assert process_time() - start < 3.0
