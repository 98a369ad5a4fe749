"""The cell for every host: two graphs, each on scalars of its own, that Python connects.

It runs as it is in the hosts' kernels; the tests run it too, to know the ids and the numbers.
"""

from math import inf, nan

from autograd_widget import GraphWidget, Scalar

w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
x1, x2, x3 = (Scalar(1.0, label=f"x{i}", requires_grad=False) for i in (1, 2, 3))
h1 = w * x1
h2 = w * x2 + wh * h1
h3 = w * x3 + wh * h2
h3.label = "h3"

told = Scalar(0.0, label="told", requires_grad=False)
v = Scalar(1.0, label="v")
y = told + 1.0 / v
y.label = "y"

graph = GraphWidget(h3)
echo = GraphWidget(y)


def tell(_: object) -> None:
    """Show in the one graph what Python has computed from what was moved in the other."""
    echo["told"] = h3.value


def answer(_: object) -> None:
    """An infinity that came from the page gets a nan for an answer."""
    if v.value == inf:
        graph["w"] = nan


graph.observe(tell, "values")
echo.observe(answer, "values")
