"""The two notebooks that this project began with, run as written but for their imports."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from pictures import Edge, read

IMPORT = "from autograd_widget import Scalar, Node, GraphWidget, draw_graph, draw_dot"

RECURRENCE = """
w = Scalar(0.3, label='w')
wh = Scalar(0.5, label='wh')
x1 = Scalar(1., label='x1', requires_grad=False)
x2 = Scalar(1., label='x2', requires_grad=False)
x3 = Scalar(1., label='x3', requires_grad=False)
# the hidden states after one, two and three steps
h1 = w * x1
h2 = w * x2 + wh * h1
h3 = w * x3 + wh * h2
"""

DEAD = """
x1 = Node(2.0, _op='x1')
x2 = Node(3.0, _op='x2')
print(f"inputs: x1={x1}, x2={x2}")

w1 = Node(0.5, _op='w1')
w2 = Node(-0.8, _op='w2')
b = Node(0.1, _op='b')
print(f"parameters: w1={w1}, w2={w2}, b={b}")

step1 = w1 * x1
step2 = w2 * x2
step3 = step1 + step2
step4 = step3 + b
y = step4.relu()
print(f"ReLU({step4.data:.4f}) = {y}, {y.data}")

y.backward()
print(f"{x1.grad:.4f} {x2.grad:.4f} {w1.grad:.4f} {w2.grad:.4f} {b.grad:.4f}")

dot =  draw_dot(y)
dot
"""

LIVE = """
x1 = Node(2.0, _op='x1')
x2 = Node(3.0, _op='x2')
w1 = Node(1.0, _op='w1')   # larger
w2 = Node(0.5, _op='w2')   # positive
b = Node(0.1, _op='b')

mul1 = w1 * x1
mul2 = w2 * x2
add1 = mul1 + mul2
add2 = add1 + b
y = add2.relu()
print(f"{y.data:.4f}")

y.backward()
print(f"{w1.grad:.4f} {w2.grad:.4f} {b.grad:.4f}")

dot =  draw_dot(y)
dot
"""


class Notebook:
    """Cells that share their variables, as in a notebook."""

    def __init__(self, *cells: str) -> None:
        self.variables: dict[str, Any] = {"__name__": "__main__"}
        self.run(IMPORT, *cells)

    def run(self, *cells: str) -> None:
        for cell in cells:
            exec(cell, self.variables)  # noqa: S102 # a cell of ours

    def show(self, expression: str) -> Any:
        """Evaluate the last line of a cell."""
        return eval(expression, self.variables)  # noqa: S307

    def two_decimals(self, *expressions: str) -> list[str]:
        return [f"{self.show(expression):.2f}" for expression in expressions]


def test_back_propagation_through_time() -> None:
    seed = Notebook(RECURRENCE, "h1.backward()")
    assert seed.two_decimals("w.grad", "h1.grad", "h1.value") == ["1.00", "1.00", "0.30"]
    picture = read(seed.show("draw_graph(h1, 'backward')"))
    assert picture.texts() == [
        ["grad=1.00", "value=0.30", "*"],
        ["grad=1.00", "value=0.30", "w"],
        ["x1=1.00"],
    ]

    seed.run("h2.backward()")
    assert seed.two_decimals("w.grad", "wh.grad", "h1.grad", "h2.grad") == ["2.50", "0.30", "1.50", "1.00"]

    seed.run("h3.backward()")
    assert seed.two_decimals("w.grad", "wh.grad", "h1.grad", "h2.grad") == ["4.25", "0.90", "1.75", "1.50"]
    assert seed.two_decimals("h2.value", "h3.prevs[1].value", "h3.value") == ["0.45", "0.22", "0.52"]


def test_the_last_picture_of_back_propagation_through_time() -> None:
    seed = Notebook(RECURRENCE, "h1.backward()", "h2.backward()", "h3.backward()")
    picture = read(seed.show("draw_graph(h3, 'backward')"))
    assert picture.texts() == sorted(
        [
            ["grad=4.25", "value=0.30", "w"],
            ["grad=0.90", "value=0.50", "wh"],
            ["x1=1.00"],
            ["x2=1.00"],
            ["x3=1.00"],
            ["grad=1.75", "value=0.30", "*"],  # h1
            ["grad=1.50", "value=0.30", "*"],  # w x2
            ["grad=1.50", "value=0.15", "*"],  # wh h1
            ["grad=1.50", "value=0.45", "+"],  # h2
            ["grad=1.00", "value=0.30", "*"],  # w x3
            ["grad=1.00", "value=0.22", "*"],  # wh h2
            ["grad=1.00", "value=0.52", "+"],  # h3
        ]
    )
    assert picture.labels_into("w") == ["0.25", "0.50", "1.00"]
    assert picture.labels_into("wh") == ["0.15", "0.45"]
    for text, label in (["grad=1.50", "value=0.45", "+"], "0.50"), (["grad=1.75", "value=0.30", "*"], "0.25"):
        (node,) = (i for i, lines in picture.lines.items() if lines == text)  # h2, h1
        assert [edge.label for edge in picture.edges if edge.head == node] == [label]
    for name in ("x1", "x2", "x3"):
        (edge,) = picture.into(name)
        assert edge == Edge(edge.tail, edge.head, None, dashed=True)
    assert sum(edge.dashed for edge in picture.edges) == 3
    # Parameters, inputs and computations look different.
    a_computation = next(i for i, lines in picture.lines.items() if lines[-1] == "+")
    looks = [picture.look[i] for i in (picture.find("w"), picture.find("x1"), a_computation)]
    assert all(one != other for one, other in combinations(looks, 2))


def test_one_picture_per_step() -> None:
    seed = Notebook(RECURRENCE, "h1.backward(); h2.backward()", "pictures = h3.backward(draw_graph)")
    pictures = [read(picture) for picture in seed.show("pictures")]
    assert len(pictures) == 7  # one per computation
    assert [sum(edge.label is not None for edge in p.edges) for p in pictures] == [2, 4, 5, 7, 9, 10, 11]
    # `.grad` grows from what the earlier passes left, in the order in which this one sends.
    w_grads = [p.lines[p.find("w")][0] for p in pictures]
    assert (w_grads[0], w_grads[-1]) == ("grad=2.50", "grad=4.25")
    assert pictures[-1] == read(seed.show("draw_graph(h3, 'backward')"))


def test_the_dead_neuron(capsys: pytest.CaptureFixture[str]) -> None:
    seed = Notebook(DEAD)
    assert capsys.readouterr().out.splitlines() == [
        "inputs: x1=Node(data=2.0, grad=0.0), x2=Node(data=3.0, grad=0.0)",
        "parameters: w1=Node(data=0.5, grad=0.0), w2=Node(data=-0.8, grad=0.0), b=Node(data=0.1, grad=0.0)",
        "ReLU(-1.3000) = Node(data=0.0, grad=0.0), 0.0",
        "0.0000 0.0000 0.0000 0.0000 0.0000",
    ]
    source = seed.show("dot").source
    assert "relu" in source
    assert "w2" in source


def test_the_live_neuron(capsys: pytest.CaptureFixture[str]) -> None:
    seed = Notebook(LIVE)
    # PyTorch's gradients for the same neuron: 2.0, 3.0 and 1.0.
    assert capsys.readouterr().out.splitlines() == ["3.6000", "2.0000 3.0000 1.0000"]
    assert seed.two_decimals("x1.grad", "x2.grad") == ["1.00", "0.50"]
    assert "data 3.6000<BR/>grad 1.0000" in seed.show("dot").source


def test_both_live() -> None:
    recurrence = Notebook(RECURRENCE, "g = GraphWidget(h1, h2, h3)")
    assert recurrence.two_decimals("g.grads['w']", "g.grads['wh']", "g['h2']") == ["4.25", "0.90", "0.45"]
    neuron = Notebook(DEAD, "g = GraphWidget(y)", "g['w2'] = 0.5")
    assert neuron.two_decimals("y.data", "w1.grad", "w2.grad", "b.grad") == ["2.60", "2.00", "3.00", "1.00"]
