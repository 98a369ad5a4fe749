"""`check_graph`: a person's own pass against the chain rule, node by node."""

from __future__ import annotations

from typing import Any

import pytest
from micrograd.engine import Value as Micrograd

from adapters.engines import Paired, Slotted, Told
from adapters.mistakes import MISTAKES, engine
from autograd_widget import Graph
from autograd_widget.adapters import check_engine, read
from autograd_widget.adapters.graph_check import GraphCheck, check_graph


def checked(root: Any, language: str = "en", **variables: Any) -> GraphCheck:
    mirror = read(root)
    names = {scalar: name for name, obj in variables.items() if (scalar := mirror.scalar_of(obj))}
    return check_graph(mirror, Graph.of(*mirror.roots), names, language)


def test_the_first_node_that_is_off_and_who_wrote_there_last() -> None:
    value = engine("assigns")
    a, b = value(2.0), value(-3.0)
    y = (a + b) * a
    found = checked(y, a=a, b=b, y=y)
    assert not found.ok and found.first is not None
    assert (found.nodes[found.first].name, found.writer) == ("a", "+")
    assert str(found).startswith(
        "Your pass is right until a: yours is 2.00, the chain rule gives 1.00. "
        "The last to write there was your +."
    )
    assert [node.name for node in found.off] == ["a"]
    assert [finding.op for finding in found.findings] == ["+"]
    document = found.to_document()
    assert document["yours"][str(found.first)] == "≠ 2.00"
    assert document["beside"][str(found.first)] == "yours 2.00 ≠ the chain rule 1.00"
    assert len(document["hints"]) == 3 and document["said"].endswith("was your +")


def test_right_by_luck_is_right() -> None:
    value = engine("assigns")
    a, b = value(2.0), value(3.0)
    assert checked(a * b + a, a=a, b=b)


@pytest.mark.parametrize("name", ["tanh without square", "order", "seed", "exp of the operand"])
def test_mistakes_show_in_a_graph(name: str) -> None:
    value = engine(name)
    a, b = value(0.5), value(2.0)
    y = ((a * b).tanh() + a.exp()) * a
    found = checked(y, a=a, b=b, y=y)
    assert not found
    assert MISTAKES[name][0] in [finding.op for finding in found.findings]


@pytest.mark.parametrize("engine_", [Micrograd, Slotted])
def test_a_right_engine_is_right_and_everything_is_as_before(engine_: Any) -> None:
    a, b = engine_(2.0), engine_(3.0)
    y = (a * b + a) ** 2
    y.backward()
    before = [a.grad, b.grad, y.grad, getattr(y, "_backward", None)]
    found = checked(y, a=a, b=b)
    assert found.ok and "all 5 gradients" in str(found)
    assert [a.grad, b.grad, y.grad, getattr(y, "_backward", None)] == before


def test_rounding_is_no_mistake_where_terms_cancel() -> None:
    value = engine()
    a = value(0.7)
    y = a - a
    inner = y._backward

    def noisy() -> None:
        inner()
        a.grad += 6e-9  # as a quotient of small differences leaves

    y._backward = noisy
    assert checked(y, a=a)
    b = value(0.7) * 2

    def far() -> None:
        raise NameError("vertex")

    b._backward = far
    with pytest.raises(TypeError, match=r"your backward\(\) raised NameError \(vertex\), so there"):
        checked(b)


def test_an_engine_may_keep_the_gradients_of_leaves_alone_and_begin_with_none() -> None:
    a, b = Told(2.0), Told(3.0)
    y = a * b + a
    for _ in range(2):
        found = checked(y, a=a, b=b)
        assert found.ok and len(found.nodes) == 2
        assert (a.derivative, y.derivative) == (None, None)
    report = check_engine(Told)
    assert not [each for each in report.findings if each.op == "backward"], report


def test_in_chinese() -> None:
    value = engine("assigns")
    a = value(2.0)
    found = checked((a + 1) * a, "zh", a=a)
    assert "最后写入 a 的是你的 +" in str(found)
    assert "≠" in found._repr_markdown_()


def test_without_a_pass_there_is_nothing_to_check() -> None:
    with pytest.raises(TypeError, match="nothing to check"):
        checked(Paired(1.0) * Paired(2.0))
