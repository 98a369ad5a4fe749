"""Reading other engines: the same values and gradients as ours, before and after moves."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from micrograd.engine import Value as Micrograd

from adapters.engines import (
    ENGINES,
    Beside,
    Consumed,
    Edge,
    Edged,
    Frozen,
    Leaf,
    Linked,
    Plain,
    PlusNode,
    Slotted,
    TimesNode,
    Twofold,
    Waiting,
    lecture,
    sine,
)
from autograd_widget import Graph, Scalar, record
from autograd_widget.adapters import read, register_adapter
from autograd_widget.adapters.op_names import row_named
from autograd_widget.adapters.shapes import get, is_node, shape_of
from autograd_widget.engine.backward import upstream

ALL = {**ENGINES, "micrograd": Micrograd}


def number(node: Any) -> float:
    shape = shape_of(node)
    assert shape is not None
    return float(get(node, shape.value))


def same(a: float, b: float) -> bool:
    return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))


PROGRAMS: dict[str, Callable[..., Any]] = {
    "sum": lambda a, b: a + b,
    "twice": lambda a, b: (a + a) * b,
    "square of itself": lambda a, b: a * a + b,
    "difference": lambda a, b: a - b,
    "of itself": lambda a, b: (a - a) + b,
    "quotient": lambda a, b: a / b,
    "power": lambda a, b: a**3 - b**2,
    "root": lambda a, b: (a * a + b * b) ** 0.5,
    "numbers on the left": lambda a, b: 2 - a + 3 * b + 1 / b,
    "numbers on the right": lambda a, b: (a - 2) / 4 + b * 3,
    "negative": lambda a, b: -a * b,
    "long": lambda a, b: ((a * b + 1) ** 2 - a / b) * (b - a) + 2,
}


@pytest.mark.parametrize("engine", ALL.values(), ids=ALL)
@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_values_and_gradients_are_ours_before_and_after_moves(engine: Any, program: Any) -> None:
    a, b = engine(0.7), engine(-1.3)
    theirs = program(a, b)
    x, y = Scalar(0.7), Scalar(-1.3)
    ours = program(x, y)
    mirror = read(theirs)
    (root,) = mirror.roots
    p, q = mirror.scalar_of(a), mirror.scalar_of(b)
    assert p is not None and q is not None and p.op is None and q.op is None
    for u, v in ((0.7, -1.3), (1.9, 0.4), (-0.6, 2.2)):
        for scalar, value in ((x, u), (y, v), (p, u), (q, v)):
            scalar.value = value
        ours.forward()
        root.forward()
        ours.zero_grad()
        root.zero_grad()
        ours.backward()
        root.backward()
        assert same(root.value, ours.value)
        assert same(p.grad, x.grad) and same(q.grad, y.grad)
    assert "recorded" not in mirror.how.values()


@pytest.mark.parametrize("engine", ALL.values(), ids=ALL)
def test_reading_writes_nothing(engine: Any) -> None:
    a, b = engine(0.7), engine(-1.3)
    root = (a - b) * a**2 + b / a
    before = [vars(x).copy() if hasattr(x, "__dict__") else (x.data, x.grad) for x in (a, b, root)]
    read(root)
    assert [vars(x) if hasattr(x, "__dict__") else (x.data, x.grad) for x in (a, b, root)] == before


STEPS: dict[str, Callable[[Any, Any, float], Any]] = {
    "+": lambda a, b, c: a + b,
    "-": lambda a, b, c: a - b,
    "*": lambda a, b, c: a * b,
    "/": lambda a, b, c: a / (b * b + 1.5),
    "neg": lambda a, b, c: -a,
    "**2": lambda a, b, c: a**2,
    "**3": lambda a, b, c: a**3,
    "number +": lambda a, b, c: a + c,
    "number -": lambda a, b, c: c - a,
    "number *": lambda a, b, c: c * a,
}


def run(program: list[tuple[str, int, int, float]], leaves: list[Any]) -> Any:
    """The last result of a random program, on the nodes of any engine."""
    nodes = list(leaves)
    for op, i, j, c in program:
        nodes.append(STEPS[op](nodes[i % len(nodes)], nodes[j % len(nodes)], c))
    return nodes[-1]


places = st.integers(0, 20)
steps = st.tuples(st.sampled_from(list(STEPS)), places, places, st.sampled_from([0.5, -2.0, 3.0]))
pairs = st.lists(st.floats(-1.5, 1.5).map(lambda x: round(x, 3)), min_size=2, max_size=2)


@pytest.mark.parametrize("engine", ALL.values(), ids=ALL)
@settings(max_examples=25, deadline=None)
@given(st.lists(steps, min_size=1, max_size=8), pairs, pairs)
def test_random_programs(engine: Any, program: Any, at: list[float], then: list[float]) -> None:
    leaves = [engine(x) for x in at]
    theirs = run(program, leaves)
    ours_leaves = [Scalar(x) for x in at]
    ours = run(program, ours_leaves)
    mirror = read(theirs)
    (root,) = mirror.roots
    mine = [(mirror.scalar_of(leaf), own) for leaf, own in zip(leaves, ours_leaves, strict=True)]
    for values in (at, then):
        for (scalar, own), x in zip(mine, values, strict=True):
            own.value = x
            if scalar is not None:
                if scalar in mirror.locked:
                    return  # recorded, and said so
                scalar.value = x
        for result in (root, ours):
            result.forward()
            result.zero_grad()
            result.backward()
        assert math.isclose(root.value, ours.value, rel_tol=1e-6, abs_tol=1e-6)
        for scalar, own in mine:
            if scalar is not None:
                assert math.isclose(scalar.grad, own.grad, rel_tol=1e-6, abs_tol=1e-6)


def numbers_in(mirror: Any) -> list[float]:
    """The plain numbers of a graph."""
    return sorted(s.value for s in upstream(*mirror.roots) if s.op == "const")


def test_plain_numbers_are_constants_and_the_rest_is_not() -> None:
    w, x = Micrograd(0.5), Micrograd(2.0)
    mirror = read((w * x + 3) ** 2 - 1)
    assert numbers_in(mirror) == [-1.0, 2.0, 3.0]
    assert [s.value for s in mirror.scalars if s.op is None and not s.prevs] == [0.5, 2.0]


def test_where_nothing_is_held_every_leaf_may_be_moved() -> None:
    mirror = read(Micrograd(2.0) * Micrograd(3.0))
    assert sorted(s.value for s in mirror.scalars if s.op is None) == [2.0, 3.0]


def test_a_label_makes_a_parameter_of_a_leaf_that_nobody_holds() -> None:
    value = ENGINES["lecture: set"]
    mirror = read(value(2.0, label="w") * value(3.0) + (x := value(1.0)))
    assert {s.label: s.op for s in mirror.scalars if s.value == 2.0} == {"w": None}
    assert [s.op for s in mirror.scalars if s.value == 3.0] == ["const"]
    assert x.data == 1.0


def test_parameters_in_lists_and_objects_are_held() -> None:
    class Layer:
        def __init__(self) -> None:
            self.weights = [Micrograd(0.1), Micrograd(0.2)]

    layer = Layer()
    out = sum(w * x for w, x in zip(layer.weights, (1.0, 2.0), strict=True))
    mirror = read(out)
    assert [s.value for s in mirror.scalars if s.op is None and not s.prevs] == [0.1, 0.2]


def test_own_ops_stay_live_through_their_own_methods() -> None:
    value = ENGINES["lecture: set"]
    a = value(0.7)
    out = a.swish(beta=2.0) * 3
    mirror = read(out)
    leaf, (root,) = mirror.scalar_of(a), mirror.roots
    assert leaf is not None and set(mirror.how.values()) == {"exact", "live"}
    leaf.value = -0.4
    root.forward()
    root.backward()
    again = value(-0.4)
    expected = again.swish(beta=2.0) * 3
    expected.backward()
    assert same(root.value, expected.data) and same(leaf.grad, again.grad)


def test_own_ops_give_nan_where_they_raise() -> None:
    class Rooted(lecture()):  # type: ignore[misc]
        pass

    def halving(x: Any) -> Any:
        out = type(x)(math.sqrt(x.data) / 2, (x,), "halving")

        def _backward() -> None:
            x.grad += 0.25 / math.sqrt(x.data) * out.grad

        out._backward = _backward
        return out

    Rooted.halving = halving
    x = Rooted(4.0)
    mirror = read(Rooted.halving(x))
    (root,), leaf = mirror.roots, mirror.scalar_of(x)
    assert leaf is not None and root.value == 1.0
    leaf.value = -1.0
    root.forward()
    root.backward()
    assert math.isnan(root.value) and math.isnan(leaf.grad)
    leaf.value = 16.0
    assert root.forward() == 2.0


def test_what_can_not_be_known_is_recorded_and_locks_its_leaves() -> None:
    class Odd(Slotted):
        __slots__ = ()

    def hidden(x: Any) -> Any:
        return Odd(math.atan(x.data) * 5, (x,), (5 / (1 + x.data**2),))

    a, b = Odd(0.7), Odd(0.2)
    mirror = read(hidden(a) * b)
    assert list(mirror.how.values()).count("recorded") == 1
    assert mirror.locked == {mirror.scalar_of(a)}
    (root,) = mirror.roots
    root.backward()
    leaf = mirror.scalar_of(a)
    assert leaf is not None and same(leaf.grad, 0.2 * 5 / (1 + 0.49))
    assert [custom.live for custom in Graph.of(root).customs.values()] == [False]


def test_powers_of_zero_without_a_name_are_recorded() -> None:
    x = Slotted(0.0)
    mirror = read(x**3 + 1)
    assert "recorded" in mirror.how.values()


def test_relu_without_a_name_is_told_from_a_power_of_one() -> None:
    x = Slotted(0.5)
    assert [s.op for s in read(x.relu()).scalars] == [None, "relu"]
    mirror = read(x**1)
    assert [s.op for s in mirror.scalars if s.prevs] == ["**"]


def test_stale_results_are_read() -> None:
    a, b = Micrograd(2.0), Micrograd(3.0)
    out = (a - b) * a
    a.data = 5.0
    mirror = read(out)
    (root,) = mirror.roots
    assert root.value == -2.0
    assert root.forward() == 10.0


def test_deep_graphs_need_no_recursion() -> None:
    out = x = Micrograd(0.5)
    for _ in range(20_000):
        out = out + x
    mirror = read(out)
    assert len(mirror.scalars) == 20_001
    while out._prev - {x}:  # freed one by one: the objects' own destructors recurse
        (out,) = out._prev - {x}


def test_seven_thousand_nodes_are_read() -> None:
    x = [Micrograd(0.01 * i) for i in range(100)]
    out = x[0]
    for i in range(3_500):
        out = out * 0.9 + x[i % 100]
    mirror = read(out)
    assert len(mirror.scalars) == 10_600


def test_registered_classes() -> None:
    class Cell:
        def __init__(self, number: float, made_of: Any = None) -> None:
            self.state = {"number": number}
            self.made_of = made_of

        def plus(self, other: Any) -> Any:
            return Cell(self.state["number"] + other.state["number"], ("plus", self, other))

    register_adapter(
        Cell,
        value=lambda cell: cell.state["number"],
        operands=lambda cell: cell.made_of[1:] if cell.made_of else (),
        op=lambda cell: cell.made_of[0] if cell.made_of else "",
    )
    a, b = Cell(1.0), Cell(2.0)
    mirror = read(a.plus(b))
    assert [s.op for s in mirror.scalars] == [None, None, "+"]
    with pytest.raises(TypeError, match="value= is the name"):
        register_adapter(Cell, value=3, operands="a", op="b")  # type: ignore[arg-type]


def test_refusals() -> None:
    loop = Micrograd(1.0)
    around = loop * 2
    loop._prev = {around}
    loop._op = "+"
    with pytest.raises(ValueError, match="leads back to itself"):
        read(around)
    loop._prev = set()
    inner = Micrograd(Micrograd(1.0))
    with pytest.raises(TypeError, match="is itself a Value"):
        read(inner)
    with pytest.raises(TypeError, match="and no number"):
        read(Plain("three", [Plain(1.0)], "neg"))  # type: ignore[arg-type]
    np = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match="array of 3 numbers"):
        read(Micrograd(np.zeros(3)) * 2)


def test_nodes_that_keep_nothing_of_their_operands_are_refused_unless_they_are_recorded() -> None:
    class Own(Consumed):
        pass

    a, b = Own(2.0), Own(3.0)
    for node in (a * b, a):
        with pytest.raises(TypeError, match="does not keep what it was computed from: make the graph again"):
            read(node)
    with record(Own):
        y = a * b + a
    mirror = read(y)
    (root,), leaf = mirror.roots, mirror.scalar_of(a)
    root.backward()
    assert leaf is not None and (root.value, leaf.grad) == (8.0, 4.0)


def test_gradients_that_a_class_begins_with_are_no_pass() -> None:
    class Begun(Slotted):
        __slots__ = ()

        def __init__(self, data: float, children: Any = (), local_grads: Any = ()) -> None:
            super().__init__(data, children, local_grads)
            self.grad = 1.0

    a = Begun(2.0)
    y = Begun(4.0, (a, a), (2.0, 2.0))
    mirror = read(y)
    mirror.pull_gradients()
    leaf = mirror.scalar_of(a)
    assert leaf is not None and leaf.grad == 0.0 and not leaf.reached


def test_consumers_are_no_operands() -> None:
    class Own(Linked):
        def _made(self, value: float, op: str, *parents: Any) -> Any:
            out = Own(value, parents, op)
            for parent in parents:
                parent.children.append(out)
            return out

    a, b = Own(2.0), Own(3.0)
    inner = a * b
    consumer = inner + a
    mirror = read(inner)
    assert [s.op for s in mirror.scalars] == [None, None, "*"]
    assert consumer.children == []


def test_the_backward_function_counts_more_than_the_container() -> None:
    value: Any = ENGINES["lecture: set"]

    def sigmoid(x: Any) -> Any:
        out = (1 + (-x).exp()) ** -1

        def _backward() -> None:
            x.grad += out.data * (1 - out.data) * out.grad

        out._backward, out._op = _backward, ""
        return out

    def power(x: Any, n: float) -> Any:
        out = value(x.data**n, x._prev, "^")  # its operands are those of its operand

        def _backward() -> None:
            x.grad += n * x.data ** (n - 1) * out.grad

        out._backward = _backward
        return out

    a = value(0.7)
    for out, ops, slope in (
        (sigmoid(a), ["sigmoid"], 0.22171287329310904),
        (power(a * 2, 3), ["*", "**"], 3 * 1.4**2 * 2),
    ):
        mirror = read(out)
        (root,), leaf = mirror.roots, mirror.scalar_of(a)
        assert [s.op for s in mirror.scalars if s.prevs] == ops
        root.zero_grad()
        root.backward()
        assert leaf is not None and same(leaf.grad, slope)


def test_a_sum_of_one_is_no_sum_with_a_number_where_numbers_are_kept() -> None:
    class Assigning:
        def __init__(self, data: float, operands: Any = (), op: str = "") -> None:
            self.data, self._prev, self._op, self.grad = data, set(operands), op, 0.0

        def __add__(self, other: Any) -> Any:
            return Assigning(self.data + other.data, (self, other), "+")

        def _backward(self) -> None:
            for operand in self._prev:
                operand.grad = self.grad

    a = Assigning(0.7)
    mirror = read(a + a)
    (root,), leaf = mirror.roots, mirror.scalar_of(a)
    assert leaf is not None and root.prevs == (leaf, leaf)


def test_gradients_that_are_nodes_are_read_and_written_as_nodes() -> None:
    a, b = Twofold(2.0), Twofold(3.0)
    mirror = read(a * b)
    (root,) = mirror.roots
    root.backward()
    mirror.push()
    assert isinstance(a.grad, Twofold) and a.grad.data == 3.0
    mirror.pull_gradients()
    leaf = mirror.scalar_of(a)
    assert leaf is not None and leaf.grad == 3.0


def test_leaves_with_nothing_but_a_number_are_read_beside_other_classes_of_their_engine() -> None:
    a, b = Waiting(2.0), Waiting(3.0)
    y = (a + b) * a
    y.forward()
    mirror = read(y)
    (root,), leaf = mirror.roots, mirror.scalar_of(a)
    root.backward()
    assert leaf is not None and (root.value, leaf.grad) == (10.0, 7.0)
    assert [s.op for s in read(y * y).scalars] == [None, None, "+", "*", "*"], "y waits"


def test_arrays_without_dimensions_are_numbers() -> None:
    np = pytest.importorskip("numpy")

    class Single:
        def __init__(self, data: Any) -> None:
            self.data, self.edges, self.grad = np.array(data), (), None

    assert [s.value for s in read(Single(0.7)).scalars] == [0.7]


def test_classes_without_a_common_base_are_read() -> None:
    a, b = Leaf(2.0), Leaf(3.0)
    mirror = read(PlusNode(TimesNode(a, b), TimesNode(a, a)))
    (root,), leaf = mirror.roots, mirror.scalar_of(a)
    root.backward()
    assert leaf is not None and (root.value, leaf.grad) == (10.0, 7.0)


def test_what_can_not_be_written_is_said_once() -> None:
    a, b = Frozen(2.0, ()), Frozen(3.0, ())
    y = a * b + a
    mirror = read(y)
    (root,), leaf = mirror.roots, mirror.scalar_of(a)
    assert leaf is not None
    leaf.value = 4.0
    root.forward()
    with pytest.warns(UserWarning, match="a Frozen can't be written"):
        mirror.push()
    mirror.push()
    assert (root.value, y.data, a.data) == (16.0, 8.0, 2.0)


def test_operands_that_a_method_made_are_no_operands_of_an_op_of_one() -> None:
    value = ENGINES["lecture: set"]
    x, base = value(0.7), value(math.e)
    y = value(math.log(x.data, base.data), (x, base), "Log")
    mirror = read(y)
    (root,) = mirror.roots
    assert root.op == "log" and root.prevs == (mirror.scalar_of(x),)


def test_functions_beside_the_class_are_its_ops() -> None:
    a = Beside(0.7)
    assert [s.op for s in read(sine(a)).scalars] == [None, "sin"]


def test_push_writes_values_and_gradients_into_the_objects() -> None:
    a, b = Micrograd(2.0), Micrograd(3.0)
    out = a * b + a
    mirror = read(out)
    (root,) = mirror.roots
    leaf = mirror.scalar_of(a)
    assert leaf is not None and mirror.object_of(leaf) is a
    leaf.value = 4.0
    root.forward()
    root.backward()
    mirror.push()
    assert (a.data, out.data, a.grad, b.grad, out.grad) == (4.0, 16.0, 4.0, 4.0, 1.0)
    a.data = 1.0
    assert read(out).scalar_of(a) is leaf and leaf.value == 1.0


def test_objects_have_the_same_scalars_when_they_are_read_again() -> None:
    a, b = Micrograd(2.0), Micrograd(3.0)
    hidden = a * b
    first, second = read(hidden), read(hidden + a)
    assert second.scalar_of(hidden) is first.roots[0]
    assert second.scalar_of(a) is first.scalar_of(a)


def test_gradients_of_one_pass_are_a_pass_and_others_are_set_by_hand() -> None:
    a, b = Micrograd(2.0), Micrograd(3.0)
    out = a * b + a**2
    mirror = read(out)
    mirror.pull_gradients()
    leaf = mirror.scalar_of(a)
    assert leaf is not None and not leaf.reached
    out.backward()
    mirror.pull_gradients()
    assert (leaf.grad, mirror.roots[0].grad) == (7.0, 1.0)
    out.backward()  # counts the interior twice
    mirror.pull_gradients()
    assert leaf.grad == a.grad != 14.0
    a.grad = b.grad = out.grad = 0
    for node in mirror.scalars:
        mirror.object_of(node).grad = 0
    mirror.pull_gradients()
    assert leaf.grad == 0.0 and not leaf.reached


@pytest.mark.parametrize("spelled", ["mul", "Mul", "MulBackward0", "×", "*", "__mul__", "multiply"])
def test_spellings(spelled: str) -> None:
    value = lecture(tuple, spell={"*": spelled})
    a = value(2.0)
    assert [s.op for s in read(a * a).scalars] == [None, "*"]


def test_sigma_is_the_sigmoid_and_a_capital_the_sum() -> None:
    assert [row_named(name)[0] for name in ("σ", "fn_σ", "Σ", "Π")] == ["sigmoid", "sigmoid", "sum", "prod"]


def test_the_method_that_made_a_node_counts_where_its_name_misleads() -> None:
    value = lecture(tuple, direct=True, spell={"neg": "-1", "*": "+"})
    a, b = value(2.0), value(2.0)
    assert [s.op for s in read(-a * b).scalars] == [None, "neg", None, "*"]
    assert [s.op for s in read(a * b).scalars] == [None, None, "*"], "2 + 2 is 4, too"


def test_a_wrong_derivative_does_not_change_the_exponent_that_is_held() -> None:
    class Wrong(Edged):
        def __pow__(self, n: float) -> Any:
            return Wrong(self.data**n, Edge(self, lambda g: g / n))

    x = Wrong(1.0)
    mirror = read(x**3)
    (root,) = mirror.roots
    root.backward()
    leaf = mirror.scalar_of(x)
    assert leaf is not None and leaf.grad == 3.0


def test_numbers_are_no_labels() -> None:
    value = ENGINES["lecture: set"]
    w, x, c = value(2.0, label="17"), value(3.0, label="x"), value(4.0, label="-0.5")
    assert [s.label for s in read(w * x * c).scalars] == ["", "x", "", "", ""]


class Room:
    """An object of the person's own with a number, which leads back to itself, and holds an iterator."""

    def __init__(self) -> None:
        self.data, self.grad = 1.0, 0.0
        self.lines = iter("abc")
        self.door = Door(self)


class Door:
    """An object that leads to the one that holds it."""

    def __init__(self, room: Room) -> None:
        self.data, self.room, self.lines = 2.0, room, iter("abc")
        self.rooms = [self, room]


def test_other_objects_in_sight_are_left_as_they_are() -> None:
    room = Room()
    is_node(room)
    assert ("".join(room.lines), "".join(room.door.lines)) == ("abc", "abc")
