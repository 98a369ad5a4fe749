"""The page contract as a person uses it: read a view's numbers, move its sliders."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

THUMB = 16
"""About the width of a thumb, in pixels; half of it is where the values of a track begin."""


class View:
    """One view of a widget, found by the selectors that `design.md` promises; nodes are named by their id.

    Args:
        inside: A page, or a part of one.
        nth: The index of the view, from the top.
    """

    def __init__(self, inside: Page | Locator, nth: int = 0) -> None:
        self.root = inside.locator(".autograd-widget").nth(nth)

    def node(self, node: int) -> Locator:
        """The card of a node."""
        return self.root.locator(f'[data-node="{node}"]')

    def last_node(self) -> int:
        """The id of the last node, which is a root."""
        return self.root.locator("[data-node]").count() - 1

    def edge(self, consumer: int, position: int) -> Locator:
        """The edge from an operand to the node that uses it."""
        return self.root.locator(f'[data-edge="{consumer}:{position}"]')

    def slider(self, leaf: int) -> Locator:
        """The slider of a leaf."""
        return self.root.locator(f'input[type="range"][data-leaf="{leaf}"]')

    def box(self, leaf: int) -> Locator:
        """The number box of a leaf."""
        return self.root.locator(f'input[type="number"][data-leaf="{leaf}"]')

    def inspector(self, node: int) -> Locator:
        """The inspector, while it shows that node."""
        return self.root.locator(f'[data-inspector="{node}"]')

    def value(self, node: int) -> float:
        """The value of a node, in full."""
        return full_number(self.node(node).locator("[data-value]"))

    def pass_grad(self, node: int) -> float:
        """The gradient that the last pass gave a node, in full."""
        return full_number(self.node(node).locator("[data-pass-grad]"))

    def grad(self, leaf: int) -> float:
        """The accumulated gradient of a leaf, in full."""
        return full_number(self.node(leaf).locator("[data-grad]"))

    def drag(self, leaf: int, to: float) -> float:
        """Drag a leaf's slider with the mouse, and return the value at which it was let go."""
        return drag(self.slider(leaf), to)


def full_number(shown: Locator) -> float:
    """The number in the title of what shows it rounded."""
    title = shown.first.get_attribute("title")
    assert title is not None, "a number has no title"
    return float(title.replace("\N{MINUS SIGN}", "-"))


def drag(slider: Locator, to: float, steps: int = 12) -> float:
    """Drag the thumb of a range input with the mouse, and return the value at which it was let go.

    Args:
        slider: The `input[type="range"]`.
        to: The target value; the thumb ends within a pixel or two of it.
        steps: The number of mouse moves on the way.
    """
    slider.hover()  # which waits until it stands still: a host's style sheets may come late
    box = slider.bounding_box()
    assert box is not None, "the slider is not visible"
    low, high, value = (float(text) for text in slider.evaluate("e => [e.min || 0, e.max || 100, e.value]"))

    def x_of(number: float) -> float:
        return box["x"] + THUMB / 2 + (number - low) / (high - low) * (box["width"] - THUMB)

    y = box["y"] + box["height"] / 2
    mouse = slider.page.mouse
    mouse.move(x_of(value), y)
    mouse.down()
    mouse.move(x_of(to), y, steps=steps)
    mouse.up()
    return float(slider.input_value())
