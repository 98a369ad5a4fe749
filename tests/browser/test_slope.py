"""The slope plot: a root as one node moves, its tangent, and the finite difference beside the gradient."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from browser.by_hand import (
    H1,
    H2,
    H3,
    WH,
    X1,
    W,
    document_of,
    labels,
    learn_of,
    number,
    part,
    press,
    root_where,
    seed,
    slope,
    values_of,
    view_of,
)
from browser.harness import receive

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser.by_hand import Document
    from view import View

# The plot's shapes, in its own units, and the two numbers under its axis.
SHAPES = """
plot => {
  const numbers = (element, ...names) => names.map((name) => Number(element.getAttribute(name)));
  const pieces = plot.querySelector(".agw-curve").getAttribute("d").replaceAll("h0", "").split("M").slice(1);
  const tangent = plot.querySelector(".agw-tangent");
  const here = plot.querySelector(".agw-here");
  return {
    pieces: pieces.map((piece) => piece.split("L").map((point) => point.split(",").map(Number))),
    curve: pieces.join("L").split("L").map((point) => point.split(",").map(Number)),
    tangent: tangent && numbers(tangent, "x1", "y1", "x2", "y2"),
    here: here && numbers(here, "cx", "cy"),
    axis: [...plot.querySelectorAll("text")]
      .slice(0, 2)
      .map((e) => [Number(e.getAttribute("x")), e.textContent]),
    trail: [...plot.querySelectorAll(".agw-trail")].map((e) => numbers(e, "cx", "cy")),
  };
}
"""
PIXEL = 0.06
"""The distance in pixels by which rounding may move a point of the curve."""


class Plot:
    """The plot of an inspector in units of the graph: x by the axis, y by two points of the true curve."""

    def __init__(self, view: View, document: Document, values: list[float], root: int, node: int) -> None:
        shapes = view.root.locator(".agw-plot").evaluate(SHAPES)
        (left, low), (right, high) = shapes["axis"]
        self.low, self.high = number(low), number(high)
        self._x: tuple[float, float, float] = (left, (self.high - self.low) / (right - left), self.low)
        self.pixels = shapes["curve"]
        self.xs = [self.x(px) for px, _ in self.pixels]
        true = [root_where(document, values, root, node, x) for x in self.xs]
        i, j = true.index(min(true)), true.index(max(true))
        (_, bottom), (_, top) = self.pixels[i], self.pixels[j]
        self._y: tuple[float, float, float] = (bottom, (true[j] - true[i]) / (top - bottom), true[i])
        self.unit_y = abs(self._y[1])
        self.ys = [self.y(py) for _, py in self.pixels]
        self.true = true
        self.here = shapes["here"] and (self.x(shapes["here"][0]), self.y(shapes["here"][1]))
        self.tangent = shapes["tangent"]
        self.trail = [(self.x(px), self.y(py)) for px, py in shapes["trail"]]

    def x(self, px: float) -> float:
        left, unit, low = self._x
        return low + (px - left) * unit

    def y(self, py: float) -> float:
        bottom, unit, low = self._y
        return low + (py - bottom) * unit

    @property
    def slope(self) -> float:
        """The tangent's."""
        x1, y1, x2, y2 = self.tangent
        return (self.y(y2) - self.y(y1)) / (self.x(x2) - self.x(x1))


def curved(a: float = 0.4, b: float = -1.5) -> Document:
    """y = tanh(a·b)·a + b."""
    parts = (a, b, ("*", 0, 1), ("tanh", 2), ("*", 3, 0), ("+", 4, 1))
    return document_of(*parts, label=labels("a", "b", "p", "t", "", "y"))


def verdict(view: View) -> str:
    return part(view, "moves").inner_text()


@pytest.mark.parametrize(
    ("document", "root", "node"),
    [
        (seed(), H3, W),
        (seed(), H3, WH),
        (seed(), H3, H2),
        (curved(), 5, 0),
        (curved(), 5, 2),
        (curved(), 5, 3),
    ],
    ids=["seed w", "seed wh", "seed h2", "leaf a", "interior p", "interior t"],
)
def test_curve_point_and_tangent_are_the_root_s(page: Page, document: Document, root: int, node: int) -> None:
    view = view_of(page, document, selected=node)
    values = values_of(document)
    gradient = slope(document, values, root, node)
    plot = Plot(view, document, values, root, node)
    assert len(plot.xs) > 30
    assert (plot.xs[0], plot.xs[-1]) == pytest.approx((plot.low, plot.high))
    assert plot.ys == pytest.approx(plot.true, abs=2.5 * PIXEL * plot.unit_y)
    assert plot.here == pytest.approx((values[node], values[root]), abs=2.5 * PIXEL * plot.unit_y)
    assert plot.slope == pytest.approx(gradient, rel=0.01, abs=0.01)
    expect(part(view, "moves")).to_contain_text(f"{document['label'][str(root)]} as")


def test_the_range_of_a_leaf_is_its_slider_s(page: Page) -> None:
    document = seed(sliders={str(W): [-1, 4, 0.5]})
    view = view_of(page, document, selected=W)
    plot = Plot(view, document, values_of(document), H3, W)
    assert (plot.low, plot.high) == (-1, 4)


def test_it_follows_a_drag_of_the_node_and_of_another(page: Page) -> None:
    document = curved()
    view = view_of(page, document, selected=0)
    for leaf, to in ((0, -1.0), (1, 0.8), (0, 1.2)):
        moved = {**{int(key): value for key, value in document["value"].items()}, leaf: view.drag(leaf, to)}
        document = {**document, "value": {str(key): value for key, value in moved.items()}}
        values = values_of(document)
        plot = Plot(view, document, values, 5, 0)
        assert plot.ys == pytest.approx(plot.true, abs=2.5 * PIXEL * plot.unit_y)
        assert plot.here == pytest.approx((values[0], values[5]), abs=2.5 * PIXEL * plot.unit_y)
        assert plot.slope == pytest.approx(slope(document, values, 5, 0), rel=0.01, abs=0.01)


@pytest.mark.parametrize(
    ("document", "root", "nodes"),
    [(seed(), H3, [W, WH, H1, H2]), (curved(), 5, [0, 1, 2, 3, 4])],
    ids=["seed", "curved"],
)
def test_the_finite_difference_agrees(page: Page, document: Document, root: int, nodes: list[int]) -> None:
    view = view_of(page, document)
    values = values_of(document)
    for node in nodes:
        receive(page, selected=node)
        text = verdict(view)
        found = re.search(r"✓ finite difference: (\S+) \(step (\S+), off by (\S+)\)", text)
        assert found, text
        assert number(found[1]) == pytest.approx(slope(document, values, root, node), abs=1e-4)
        assert 1e-9 < number(found[2]) < 1e-3
        assert number(found[3]) < 1e-6


@pytest.mark.parametrize("op", ["relu", "abs"])
def test_it_says_so_at_a_kink(page: Page, op: str) -> None:
    document = document_of(0.0, (op, 0), 3.0, ("*", 1, 2), label=labels("a", "r", "c", "y"))
    view = view_of(page, document, selected=0)
    expect(view.root.locator(".agw-plot")).to_have_count(1)
    assert "finite difference" not in verdict(view)
    assert "at a corner the gradient is a convention" in verdict(view)
    view.slider(0).press("ArrowRight")
    assert "finite difference: 3.0000" in verdict(view)
    view.slider(0).press("ArrowLeft")
    assert "finite difference" not in verdict(view)


def test_it_is_about_the_root_of_the_last_pass(page: Page) -> None:
    document = seed()
    view = view_of(page, document, selected=W)
    press(view, "h2.backward()")
    expect(part(view, "moves")).to_contain_text("h2 as w moves slope +1.50")
    assert Plot(view, document, values_of(document), H2, W).slope == pytest.approx(1.5, rel=0.01)


@pytest.mark.parametrize(("selected", "traits"), [(X1, {}), (H3, {})], ids=["x1", "h3"])
def test_there_is_no_plot_without_a_gradient(page: Page, selected: int, traits: dict[str, object]) -> None:
    view = view_of(page, seed(), selected=selected, **traits)
    expect(view.inspector(selected)).to_be_visible()
    expect(view.root.locator(".agw-plot")).to_have_count(0)


def test_a_curve_with_holes_is_drawn_where_it_is_finite(page: Page) -> None:
    document = document_of(0.5, ("log", 0), label=labels("a", "y"))
    view = view_of(page, document, selected=0)
    xs = [point[0] for point in view.root.locator(".agw-plot").evaluate(SHAPES)["curve"]]
    assert len(xs) > 10
    assert min(xs) > 100, "no point where log is not defined"
    assert "finite difference: 2.0000" in verdict(view)


def test_the_point_says_where_it_is(page: Page) -> None:
    view = view_of(page, seed(), selected=W)
    expect(view.root.locator(".agw-plot text").last).to_have_text(re.compile(r"^\s*0\.30, 0\.525\s*$"))


def test_no_line_crosses_a_hole(page: Page) -> None:
    # log(a² − 1), which is there on both sides of −1 … 1 only.
    document = document_of(
        2.0, (1.0,), ("*", 0, 0), ("-", 2, 1), ("log", 3), label=labels("a", "", "", "", "y")
    )
    view = view_of(page, document, selected=0)
    shapes = view.root.locator(".agw-plot").evaluate(SHAPES)
    (left, low), (right, high) = shapes["axis"]
    unit = (number(high) - number(low)) / (right - left)
    ends = [number(low) + (piece[end][0] - left) * unit for piece in shapes["pieces"] for end in (0, -1)]
    assert ends == pytest.approx([number(low), -1, 1, number(high)], abs=0.1)


def test_a_wide_graph_of_constants_has_a_flat_curve(page: Page) -> None:
    document = document_of(1.0, (0.0,), ("*", 0, 1), (2.0,), ("+", 2, 3), label=labels("a", "", "", "", "y"))
    view = view_of(page, document, selected=0)
    heights = {point[1] for point in view.root.locator(".agw-plot").evaluate(SHAPES)["curve"]}
    assert len(heights) == 1


def test_the_trail_of_descent_lies_on_the_curve(page: Page) -> None:
    parts = (3.0, (1.0,), ("-", 0, 1), (2.0,), ("**", 2, 3))  # (a − 1)²
    document = document_of(*parts, label=labels("a", "", "", "", "loss"))
    view = view_of(page, document, selected=0)
    assert Plot(view, document, values_of(document), 4, 0).trail == []
    a, walked = 3.0, [3.0]
    for _ in range(4):
        learn_of(view)
        press(view, "p ← p − lr·grad")
        a -= 0.1 * 2 * (a - 1)
        walked.append(a)
    plot = Plot(view, document, values_of(document, {0: a}), 4, 0)
    assert plot.here == pytest.approx((a, (a - 1) ** 2), abs=3 * PIXEL * plot.unit_y)
    before = walked[:-1]  # where it is now is the point itself
    assert [x for x, _ in plot.trail[: len(before)]] == pytest.approx(before, abs=1e-3)
    for x, y in plot.trail:
        assert y == pytest.approx((x - 1) ** 2, abs=3 * PIXEL * plot.unit_y)
    press(view, "back to start")
    assert Plot(view, document, values_of(document), 4, 0).trail == []


def test_huge_slopes_are_written_short(page: Page) -> None:
    view = view_of(page, document_of(1.5, *(("+", i, i) for i in range(60))), selected=0)
    assert "finite difference: 1.1529e18" in verdict(view)


def test_nothing_is_plotted_where_nothing_is_finite(page: Page) -> None:
    view = view_of(page, document_of(-1.0, 2.0, ("*", 0, 1)), selected=0, values={"0": -1.0, "1": "nan"})
    expect(view.root.locator(".agw-plot")).to_have_count(0)


@pytest.mark.parametrize(
    ("document", "root"),
    [
        (document_of(1e154, ("*", 0, 0)), 1),
        (document_of(1e308, ("neg", 0)), 1),
        (document_of(-1.7e308, (1.5e308,), ("+", 0, 1)), 2),
        (document_of(1e-300, ("/", 0, 0), (1e308,), ("*", 0, 2)), 3),
        (document_of(2.0, (1e308,), ("**", 0, 1)), 2),
    ],
    ids=["a square", "the value itself", "across 0", "steep", "overflow"],
)
def test_values_near_the_largest_are_drawn_or_told_alone(page: Page, document: Document, root: int) -> None:
    view = view_of(page, document, selected=0)
    box = view.root.locator('input[type="number"][data-leaf="0"]').first
    for value in ("1e308", "-1e308", "1.7e308", "1e154", "5e-324"):
        box.fill(value)
        box.press("Enter")
        expect(view.root.locator(f'[data-node="{root}"]').first).to_be_visible()
    # The page fails on any complaint of the console.
