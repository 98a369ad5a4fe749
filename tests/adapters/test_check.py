"""`check_engine` finds what learners get wrong, and nothing in what is right."""

from __future__ import annotations

import inspect
import sys
import xml.etree.ElementTree as ET
from itertools import combinations
from typing import Any

import pytest
from micrograd.engine import Value as Micrograd

from adapters.engines import ENGINES, Beside, Book, Frozen, Slotted, Waiting
from adapters.mistakes import MISTAKES, engine
from autograd_widget.adapters import check_engine, read

FIRST_NUMBERS = {
    "assigns": ("1.00", "2.00"),
    "swapped operands": ("2.00", "-3.00"),
    "tanh without square": ("0.54", "0.79"),
    "exponent": ("24.00", "12.00"),
    "quotient": ("0.67", "-0.22"),
    "sign of a difference": ("1.00", "-1.00"),
    "reflected": ("1.00", "-1.00"),
    "relu without mask": ("1.00", "0.00"),
    "exp of the operand": ("0.50", "1.65"),
    "seed": ("0.00", "1.00"),
}


def test_a_right_engine_is_right() -> None:
    report = check_engine(engine())
    assert report.ok and report.score == 1.0 and not report.findings
    assert report.to_junit().count("<failure") == 0


def test_micrograd_is_right_with_a_note_on_its_second_pass() -> None:
    report = check_engine(Micrograd)
    assert report.ok, report
    assert any("12" in note and "36" in note for note in report.notes)
    assert any("tanh" in note for note in report.notes), "what is not there is noted"


@pytest.mark.parametrize("name", MISTAKES)
def test_each_mistake_is_found_and_nothing_else(name: str) -> None:
    report = check_engine(engine(name))
    assert not report.ok and 0.0 < report.score < 1.0
    (found,) = report.findings
    assert found.op == MISTAKES[name][0]
    assert all(number in str(found) for number in found.numbers)
    if name in FIRST_NUMBERS:
        assert found.numbers == FIRST_NUMBERS[name]
    assert len(set(found.hints)) == 3
    assert str(found).startswith(found.op)


@pytest.mark.parametrize("pair", list(combinations(MISTAKES, 2)), ids=" and ".join)
def test_two_mistakes_are_both_found(pair: tuple[str, str]) -> None:
    report = check_engine(engine(*pair))
    expected = {MISTAKES[name][0] for name in pair}
    assert {found.op for found in report.findings} == expected
    if len(expected) == 1:
        assert len(report.findings) == 2


def test_kept_local_derivatives_are_checked_where_nothing_keeps_gradients() -> None:
    class Wrong(Beside):
        def __mul__(self, o: Any) -> Any:
            o = o if isinstance(o, Wrong) else Wrong(o)
            return Wrong(self.value * o.value, ((self, self.value), (o, o.value)))

    assert check_engine(Beside).ok
    assert ("*", "a.grad") in [(found.op, found.of) for found in check_engine(Wrong).findings]


def test_leaves_are_made_as_their_class_wants_them() -> None:
    class Named(engine()):  # type: ignore[misc]
        def __init__(self, name: Any = "", data: float = 0.0, children: Any = (), op: str = "") -> None:
            as_ours = isinstance(children, str)  # the class's own calls give the number first
            super().__init__(*((name, data, children) if as_ours else (data, children, op)))

    class Tracked(engine()):  # type: ignore[misc]
        def __init__(self, data: float, requires_grad: bool = False) -> None:
            assert requires_grad
            super().__init__(data)

    assert check_engine(Tracked).ok
    assert check_engine(Frozen).ok, "its constructor wants operands, too"
    report = check_engine(Named)
    assert not any(found.of == "value" for found in report.findings), report


def test_an_exponent_that_is_a_node_has_a_gradient_too() -> None:
    class Lossy(Slotted):
        __slots__ = ()

        def __pow__(self, other: Any) -> Any:
            n = getattr(other, "data", other)
            return Slotted(self.data**n, (self,), (n * self.data ** (n - 1),))

    (found,) = check_engine(Lossy).findings
    assert (found.op, found.of) == ("**", "b.grad") and str(found).startswith("**: a ** b at a = 2, b = 3")


def test_methods_may_be_added_from_check_to_check() -> None:
    class Growing(Slotted):
        __slots__ = ()

    assert "square" not in {op.op for op in check_engine(Growing).ops}
    Growing.square = lambda self: Slotted(self.data**2, (self,), (2 * self.data,))  # type: ignore[attr-defined]
    assert "square" in {op.op for op in check_engine(Growing).ops}


def test_a_pass_that_adds_its_seed_is_no_mistake() -> None:
    class Seeding(Slotted):
        __slots__ = ()

        def __add__(self, other: Any) -> Any:
            out: Any = super().__add__(other)
            return Seeding(out.data, out._children, ())

        def backward(self, seed: float = 1.0) -> None:
            self.grad += seed
            for child in self._children:
                child.grad += self.grad

    report = check_engine(Seeding)
    assert not [found for found in report.findings if found.op == "+"], report


def test_a_class_without_ops_is_refused() -> None:
    read(Waiting(2.0) + Waiting(3.0))  # a leaf by itself is no node
    with pytest.raises(TypeError, match=r"have no number until forward\(\) is called"):
        check_engine(Waiting)

    class Only:
        def __init__(self, value: float, parents: Any = ()) -> None:
            self.value, self.parents = value, parents

    with pytest.raises(TypeError, match="has no operators"):
        check_engine(Only)


def test_what_is_made_of_a_wrong_op_is_a_consequence() -> None:
    report = check_engine(engine("swapped operands"))
    assert [(op.op, op.made_of) for op in report.consequences] == [("neg", ("*",))]
    assert "made of your *" in str(report)


SHAPES = ("lecture: set", "tuple, true - and /", "no names at all", "slots and local derivatives")
LINKS = ("a function of pairs", "functions of the node", "op objects with methods", "edges")


@pytest.mark.parametrize("name", [*SHAPES, *LINKS])
def test_engines_of_other_shapes_are_right(name: str) -> None:
    report = check_engine(ENGINES[name])
    assert report.ok, report


def test_local_derivatives_in_a_dict_lose_an_operand() -> None:
    report = check_engine(Book)
    assert {(found.op, found.kind) for found in report.findings} == {("+", "twice"), ("*", "twice")}


def test_a_pass_that_assigns_is_found_where_ops_keep_local_derivatives(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def backward(self: Any) -> None:
        order: list[Any] = []
        queue: list[Any] = [self]
        while queue:
            order.append(node := queue.pop())
            queue.extend(node._children)
        self.grad = 1
        for node in order:
            for child, local in zip(node._children, node._local_grads, strict=True):
                child.grad = local * node.grad

    monkeypatch.setattr(Slotted, "backward", backward)
    (found,) = check_engine(Slotted).findings
    assert (found.op, found.kind) == ("backward", "adds")


def test_an_own_op_is_compared_with_differences() -> None:
    class Own(engine()):  # type: ignore[misc]
        def cube(self) -> Any:
            out = Own(self.data**3, (self,), "cube")

            def _backward() -> None:
                self.grad += 2 * self.data**2 * out.grad

            out._backward = _backward
            return out

    (found,) = check_engine(Own).findings
    assert (found.op, found.kind) == ("cube", "derivative")
    assert found.numbers == ("0.50", "0.75")


def test_a_wrong_value_is_found() -> None:
    class Off(engine()):  # type: ignore[misc]
        def __truediv__(self, other: Any) -> Any:
            return self * other

    report = check_engine(Off)
    assert [(found.op, found.kind) for found in report.findings] == [("/", "value")]


def test_the_report_as_text_table_and_junit() -> None:
    report = check_engine(engine("assigns", "seed"))
    text = str(report)
    assert text.startswith("Value: 8 of 9 ops right")
    assert "a + a at a = 2: yours a.grad 1.00, the chain rule 2.00" in text
    table = report._repr_markdown_()
    assert "| `+` | ✓ | ✓ | **1.00 ≠ 2.00** |" in table
    suite = ET.fromstring(report.to_junit())  # noqa: S314 # made above
    assert suite.get("failures") == str(len(suite.findall(".//failure"))) != "0"
    assert report.hints(1)[0].startswith("+: Two amounts")
    assert "+=" in report.hints(3)[0] and "+=" not in report.hints(2)[0]
    with pytest.raises(ValueError, match="steps 1, 2 and 3"):
        report.hints(4)


def test_the_report_in_chinese() -> None:
    report = check_engine(engine("assigns"), language="zh")
    assert "链式法则给出 2.00" in str(report.findings[0])
    assert "个正确" in str(report)
    with pytest.raises(ValueError, match='"en" or "zh"'):
        check_engine(Micrograd, language="fr")


def test_what_is_no_engine_is_refused() -> None:
    with pytest.raises(TypeError, match="takes the class itself"):
        check_engine(Micrograd(1.0))
    with pytest.raises(TypeError, match="nothing to check"):
        check_engine(complex)
    with pytest.raises(TypeError, match="raised"):
        check_engine(type("Two", (), {"__init__": lambda self, a, b: None}))


@pytest.mark.parametrize(
    ("right", "wrong", "op", "kind"),
    [
        ("reversed(topo)", "topo", "backward", "order"),
        ("self.grad = 1\n", "pass\n", "backward", "seed"),
        ("return other + (-self)", "return self - other", "-", "reflected"),
        ("return self * other**-1", "return self * other", "/", "value"),
        ("return self * -1", "return self * 1", "neg", "value"),
        ("(out.data > 0)", "(out.data < 0)", "relu", "derivative"),
        ("other.grad += out.grad", "other.grad = out.grad", "+", "adds"),
    ],
)
def test_mistakes_in_an_engine_that_composes_its_operators(
    right: str, wrong: str, op: str, kind: str
) -> None:
    source = inspect.getsource(sys.modules[Micrograd.__module__])
    assert right in source
    names: dict[str, Any] = {}
    exec(compile(source.replace(right, wrong), "engine.py", "exec"), names)  # noqa: S102 # micrograd's own
    (found,) = check_engine(names["Value"]).findings
    assert (found.op, found.kind) == (op, kind)
