"""`GraphWidget` on results of other engines: live both ways, and nothing is written by showing."""

from __future__ import annotations

from typing import Any

import pytest
from micrograd.engine import Value as Micrograd
from micrograd.nn import MLP
from traitlets import TraitError

from adapters.engines import ENGINES, Paired, Slotted
from adapters.mistakes import engine
from autograd_widget import GraphWidget, Scalar, group, record, register_adapter
from autograd_widget.widget.cells import cells


def state(*nodes: Any) -> list[tuple[float, float]]:
    return [(node.data, node.grad) for node in nodes]


def test_a_graph_has_the_names_of_variables_and_takes_their_objects() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    b = Micrograd(-0.3)
    y = (w * x + b).relu()
    g = GraphWidget(y)
    assert g["w"] == g[w] == 0.5
    assert g["y"] == g[y] == g.root_value == 0.7
    assert w in g and "x" in g and Micrograd(1.0) not in g
    assert g.grads[w] == 2.0, "a preview"
    assert repr(g) == "GraphWidget(y = 0.70; preview: w.grad = 2.00, x.grad = 0.50, b.grad = 1.00)"
    with pytest.raises(KeyError, match="not in this graph"):
        g[Micrograd(1.0)]


def test_showing_writes_nothing() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    y = w * x + w
    before = state(w, x, y)
    for _ in range(3):
        g = GraphWidget(y)
        g._repr_mimebundle_()
        repr(g), g.grads["w"], g.explain("w"), g.ledger, g.to_json()
    assert state(w, x, y) == before
    y.backward()
    before = state(w, x, y)
    for _ in range(3):
        g = GraphWidget(y)
        g.explain(w)
    assert state(w, x, y) == before


def test_a_move_writes_values_into_the_objects() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    h = w * x
    y = h + w
    g = GraphWidget(y)
    g["w"] = 3.0
    assert (w.data, h.data, y.data) == (3.0, 6.0, 9.0)
    assert state(w)[0][1] == 0, "no pass was run"
    g[x] = 1.0
    assert (x.data, y.data) == (1.0, 6.0)


def test_passes_write_gradients_into_the_objects() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    y = w * x + w
    g = GraphWidget(y)
    g.backward()
    assert (w.grad, x.grad, y.grad) == (3.0, 0.5, 1.0)
    g["x"] = 4.0
    assert (w.grad, x.grad) == (5.0, 0.5), "the pass runs again"
    g.backward()
    assert w.grad == 10.0
    g.zero_grad()
    assert (w.grad, x.grad, y.grad) == (0.0, 0.0, 0.0)


def test_what_the_page_sends_is_written_too() -> None:
    w = Micrograd(0.5)
    y = w * 3
    g = GraphWidget(y)
    leaf = next(i for i, label in g.graph["label"].items() if label == "w")
    g.set_state({"values": {leaf: 2.0}})
    assert (w.data, y.data) == (2.0, 6.0)


def test_an_own_pass_is_one_pass_of_the_ledger() -> None:
    w = Micrograd(0.5)
    y = w * 3
    y.backward()
    g = GraphWidget(y)
    assert not g.is_preview and g.grads[w] == 3.0
    assert len(g.passes) == 1


def test_refresh_reads_the_objects_anew() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    y = w * x
    g = GraphWidget(y)
    y.backward()
    w.data -= 0.1 * w.grad
    g.refresh()
    assert g["w"] == pytest.approx(0.3)
    assert g["y"] == y.data == pytest.approx(0.6)
    assert g.grads[w] == w.grad == 2.0


def test_stale_objects_are_said_to_be_so() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    y = w * x
    w.data = 5.0
    g = GraphWidget(y)
    assert g.stale and g["y"] == 10.0
    assert y.data == 1.0, "showing writes nothing"


def test_the_end_of_a_cell_shows_what_it_did_to_the_objects() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    y = w * x
    g = GraphWidget(y)
    y.backward()
    cells.ended()
    assert g.is_preview, "nobody sees it"
    g.set_state({"_view_count": 1})
    cells.ended()
    assert not g.is_preview and g.grads[w] == 2.0
    w.data = 3.0
    cells.ended()
    assert g.stale and g["y"] == 6.0 and y.data == 1.0


def test_two_widgets_on_one_graph_agree() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    h = w * x
    y = h * h
    inner, outer = GraphWidget(h), GraphWidget(y)
    inner["w"] = 3.0
    assert (outer["w"], outer["y"], y.data) == (3.0, 36.0, 36.0)


def test_own_ops_stay_live_in_the_kernel() -> None:
    value = ENGINES["lecture: set"]
    a = value(0.7)
    y = a.swish(beta=2.0)
    g = GraphWidget(y)
    g["a"] = -0.4
    assert y.data == pytest.approx(value(-0.4).swish(beta=2.0).data)
    assert g.customs


@pytest.mark.parametrize("name", ENGINES)
def test_every_shape_is_drawn_and_moved(name: str) -> None:
    cls = ENGINES[name]
    a, b = cls(0.7), cls(-1.3)
    y = (a * b + 1) ** 2 + b
    g = GraphWidget(y)
    expected = (0.5 * -1.3 + 1) ** 2 - 1.3
    g["a"] = 0.5
    assert g.root_value == pytest.approx(expected)
    g.backward()
    assert g.grads[a] == pytest.approx(2 * (0.5 * -1.3 + 1) * -1.3)


def test_a_node_of_many_roots_and_of_ours_beside_it() -> None:
    a, s = Micrograd(2.0), Scalar(3.0)
    g = GraphWidget(a * 2, a * 3, s * 2)
    assert len(g.graph["outputs"]) == 3
    g[a] = 1.0
    g[s] = 4.0
    assert (a.data, s.value) == (1.0, 4.0)
    assert GraphWidget([a * 2, a * 3]).graph["outputs"]


def test_registered_and_recorded_classes() -> None:
    class Cell:
        def __init__(self, x: float, of: tuple[Any, ...] = (), kind: str = "") -> None:
            self.x, self.of, self.kind, self.slope = x, of, kind, 0.0

        def times(self, other: Any) -> Any:
            return Cell(self.x * other.x, (self, other), "mul")

    register_adapter(Cell, value="x", operands="of", op="kind", grad="slope")
    a, b = Cell(2.0), Cell(3.0)
    g = GraphWidget(a.times(b))
    g.backward()
    assert (a.slope, b.slope) == (3.0, 2.0)
    x = Slotted(0.0)
    with record(Slotted):
        y = x**3
    g = GraphWidget(y)
    g["x"] = 2.0
    assert y.data == 8.0


def test_check_compares_the_own_pass_and_tells_the_page() -> None:
    value = engine("assigns")
    a, b = value(2.0), value(-3.0)
    y = (a + b) * a
    g = GraphWidget(y)
    found = g.check()
    assert not found.ok and "right until a" in str(found)
    assert g.graph["check"]["first"] == found.first
    assert (a.grad, g.is_preview) == (0.0, True), "everything is put back"
    g["a"] = 1.0
    assert "check" not in g.graph
    c = Micrograd(1.0)
    assert GraphWidget(c * c).check().ok
    with pytest.raises(TypeError, match="made of Scalars"):
        GraphWidget(Scalar(1.0) * 2).check()


def test_expressions() -> None:
    g = GraphWidget.from_expression("relu(w1*x1 + w2*x2 + b)", w1=1.0, x1=2.0, language="zh")
    assert (g["w1"], g["x2"], g["y"], g.language) == (1.0, 1.0, 4.0, "zh")
    with pytest.raises(ValueError, match="there is no function tahn; there is tanh"):
        GraphWidget.from_expression("tahn(w)")
    with pytest.raises(ValueError, match="has no v"):
        GraphWidget.from_expression("tanh(w)", v=1.0)


def test_an_expression_can_be_written_anew() -> None:
    g = GraphWidget.from_expression("tanh(w*x + b)", w=0.5, x=2.0, sliders={"x": (-7, 7)})
    g["w"] = 0.75
    g.backward()
    g.expression = "w*x + c**2"
    assert (g["w"], g["x"], g["c"], g["y"]) == (0.75, 2.0, 1.0, 2.5)
    assert (g.is_preview, g.graph["sliders"]) == (True, {"1": [-7.0, 7.0, 0.035]})
    with pytest.raises(TraitError, match="a number or a name is missing at the end"):
        g.expression = "w*"
    assert (g.expression, g["y"]) == ("w*x + c**2", 2.5)
    again = GraphWidget.from_json(g.to_json())
    assert (again.expression, again.to_dict()) == (g.expression, g.to_dict())


def test_a_page_writes_the_expression_of_a_graph_that_has_one() -> None:
    new_graph: dict[str, Any] = {"values": {}, "passes": [], "frozen": [], "selected": None, "opened": None}
    g = GraphWidget.from_expression("w*x", w=3.0)
    g.selected = 2
    g.set_state({"expression": "w*w", **new_graph})
    assert (g.expression, g["y"]) == ("w*w", 9.0)
    assert g.selected is None
    g["w"] = 2.0
    assert g["y"] == 4.0
    with pytest.raises(TraitError, match="there is no function tahn"):
        g.set_state({"expression": "tahn(w)", **new_graph})
    assert (g.expression, g["y"]) == ("w*w", 4.0)
    other = GraphWidget(Scalar(1.0) * 2)
    other.set_state({"expression": "w", **new_graph})
    assert (other.expression, other.root_value) == ("", 2.0)


def test_refusals_say_what_to_do() -> None:
    np = pytest.importorskip("numpy")

    def f(x: float) -> float:
        return x

    class Model:
        def parameters(self) -> list[Any]:
            return []

        def __call__(self, x: float) -> float:
            return x

    class Alone:
        def __init__(self, amount: float) -> None:
            self.amount = amount

        def __add__(self, other: float) -> Any:
            return Alone(self.amount + other)

        def __mul__(self, other: float) -> Any:
            return Alone(self.amount * other)

    for given, says in (
        (f, "f is a function: call it"),
        (Micrograd, "Value is a class"),
        (Model(), "a Model is a model: call it"),
        (np.zeros(3), "ndarray holds numbers alone"),
        (Micrograd(np.zeros(3)) * 2, "array of 3 numbers"),
        (Micrograd(Micrograd(1.0)), "is itself a Value"),
        (Alone(3.0) * 2, "Alone does not keep what it was computed from: .* `with record"),
        (3.0, "it was given float"),
        ("y", "it was given str"),
    ):
        with pytest.raises(TypeError, match=says):
            GraphWidget(given)
    loop = Micrograd(1.0)
    around = loop * 2
    loop._prev, loop._op = {around}, "+"
    with pytest.raises(ValueError, match="leads back to itself"):
        GraphWidget(around)
    loop._prev = set()


def test_export_and_reload() -> None:
    a = Paired(2.0)
    g = GraphWidget(a * a + 1)
    again = GraphWidget.from_json(g.to_json())
    assert again.root_value == 5.0
    assert "tensor(2.0" in g.to_pytorch()


def groups_in(g: GraphWidget) -> dict[str, set[str]]:
    """By group the labels of the nodes in it."""
    labels = {int(i): label for i, label in g.graph["label"].items()}
    found = {}
    for name, _, runs in g.graph["groups"]:
        places = [
            i for first, last in zip(runs[::2], runs[1::2], strict=True) for i in range(first, last + 1)
        ]
        found[name] = {labels[i] for i in places if i in labels}
    return found


@pytest.mark.parametrize("cls", [Micrograd, Slotted])
def test_groups_around_the_code_of_another_engine(cls: Any) -> None:
    before = cls.__init__
    w, x = cls(0.5), cls(2.0)
    with group("hidden"):
        h = w * x
        with group("activation"):
            a = h.relu()
    y = a * w
    g = GraphWidget(y)
    assert groups_in(g) == {"hidden": {"h", "a"}, "activation": {"a"}}
    assert cls.__init__ is before


def test_groups_of_a_module_with_parameters() -> None:
    model = MLP(2, [3, 1])
    with group("sample 0"):
        first = model([1.0, 2.0])
    with group("sample 1"):
        second = model([0.5, -1.0])
    g = GraphWidget(first + second)
    assert [name for name, _, _ in g.graph["groups"]] == ["sample 0", "sample 1"]
    assert len([op for op in g.graph["op"] if op == "leaf"]) == len(model.parameters())


def test_what_is_only_recorded_locks_its_leaves_and_says_why() -> None:
    def hidden(x: Any) -> Any:
        return Slotted(x.data**2 * 5 + 1, (x,), (10 * x.data,))

    a, b = Slotted(0.7), Slotted(0.2)
    g = GraphWidget(hidden(a) * b)
    with pytest.raises(ValueError, match=r"a can't be moved.*with record\("):
        g["a"] = 1.0
    assert (a.data, g["a"]) == (0.7, 0.7)
    g["b"] = 2.0
    assert g.root_value == pytest.approx((0.49 * 5 + 1) * 2)


def test_the_leaf_that_was_set_is_named() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    y = (w * 3) * x
    w.data = 5.0
    g = GraphWidget(y)
    leaf = next(int(i) for i, label in g.graph["label"].items() if label == "w")
    assert g.stale["leaves"] == [leaf]
    g.backward()
    assert (y.data, w.grad) == (30.0, 6.0)
