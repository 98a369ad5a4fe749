"""Graphs written by hand, and their numbers worked out in another way than the page does.

A slope is taken forward, by dual numbers, with the node in question as the free variable; the engine goes
backward.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from browser.harness import show
from view import View

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from playwright.sync_api import Locator, Page

Document = dict[str, Any]

W, WH, X1, X2, X3, H1, WX2, WHH1, H2, WX3, WHH2, H3 = range(12)
"""The nodes of `seed()`."""

# name: (value, the slope towards each operand)
OPS: dict[str, tuple[Callable[..., float], Callable[..., Sequence[float]]]] = {
    "+": (lambda a, b: a + b, lambda a, b: (1.0, 1.0)),
    "-": (lambda a, b: a - b, lambda a, b: (1.0, -1.0)),
    "*": (lambda a, b: a * b, lambda a, b: (b, a)),
    "/": (lambda a, b: a / b, lambda a, b: (1 / b, -a / b**2)),
    "**": (lambda a, b: a**b, lambda a, b: (b * a ** (b - 1), a**b * math.log(a) if a > 0 else 0.0)),
    "neg": (lambda a: -a, lambda a: (-1.0,)),
    "relu": (lambda a: max(a, 0.0), lambda a: (float(a > 0),)),
    "abs": (abs, lambda a: (float((a > 0) - (a < 0)),)),
    "tanh": (math.tanh, lambda a: (1 - math.tanh(a) ** 2,)),
    "exp": (math.exp, lambda a: (math.exp(a),)),
    "sin": (math.sin, lambda a: (math.cos(a),)),
}


def document_of(*parts: float | tuple[Any, ...], **keys: Any) -> Document:
    """A document from its nodes: a number is a leaf, `(number,)` a constant, `("*", 0, 1)` an op."""
    document: Document = {"version": 1, "op": [], "inputs": [], "value": {}, "label": {}, "frozen": []}
    for i, part in enumerate(parts):
        is_op = isinstance(part, tuple) and isinstance(part[0], str)
        if isinstance(part, tuple):
            document["op"].append(part[0] if is_op else "const")
            document["inputs"].append(list(part[1:]))
        else:
            document["op"].append("leaf")
            document["inputs"].append([])
        if not is_op:
            document["value"][str(i)] = part[0] if isinstance(part, tuple) else part
    return {**document, "outputs": [len(parts) - 1], **keys}


def labels(*names: str) -> dict[str, str]:
    """Labels of the first nodes; an empty one is none."""
    return {str(i): name for i, name in enumerate(names) if name}


def seed(**keys: Any) -> Document:
    """Back-propagation through time: h1 = w·x1, h2 = w·x2 + wh·h1, h3 = w·x3 + wh·h2, all three results."""
    products: list[tuple[str, int, int]] = [("*", W, X1), ("*", W, X2), ("*", WH, H1), ("+", WX2, WHH1)]
    products += [("*", W, X3), ("*", WH, H2), ("+", WX3, WHH2)]
    whole = {
        "label": labels("w", "wh", "x1", "x2", "x3", "h1", "", "", "h2", "", "", "h3"),
        "frozen": [X1, X2, X3],
        "outputs": [H1, H2, H3],
    }
    return document_of(0.3, 0.5, 1.0, 1.0, 1.0, *products, **{**whole, **keys})


def values_of(document: Document, moved: Mapping[int, float] | None = None) -> list[float]:
    """All values, with some leaves moved."""
    values: list[float] = []
    for i, (op, inputs) in enumerate(zip(document["op"], document["inputs"], strict=True)):
        given = float(document["value"].get(str(i), 0.0))
        values.append(OPS[op][0](*(values[j] for j in inputs)) if inputs else {**(moved or {})}.get(i, given))
    return values


def locals_of(document: Document, values: Sequence[float], consumer: int) -> Sequence[float]:
    """The local derivative of a node towards each of its operands."""
    slopes = OPS[document["op"][consumer]][1]
    return slopes(*(values[j] for j in document["inputs"][consumer]))


def slope(document: Document, values: Sequence[float], root: int, node: int) -> float:
    """Compute the derivative of the root with respect to a node, by dual numbers."""
    dual = [0.0] * len(values)
    dual[node] = 1.0
    for i in range(node + 1, root + 1):
        inputs = document["inputs"][i]
        if inputs:
            parts = zip(inputs, locals_of(document, values, i), strict=True)
            dual[i] = sum(dual[j] * d for j, d in parts if dual[j] != 0)
    return dual[root]


def root_where(document: Document, values: Sequence[float], root: int, node: int, x: float) -> float:
    """The root's value where the node is `x` and what doesn't follow from it stays."""
    moved = list(values)
    moved[node] = x
    for i in range(node + 1, root + 1):
        if document["inputs"][i]:
            moved[i] = OPS[document["op"][i]][0](*(moved[j] for j in document["inputs"][i]))
    return moved[root]


def view_of(page: Page, document: Document, **options: Any) -> View:
    """Show a document; options are those of `show`."""
    show(page, document, **options)
    return View(page)


def learn_of(view: View) -> Locator:
    """The row in which one learns, opened."""
    row = view.root.locator(".agw-learn")
    if not row.is_visible():
        view.root.locator(".agw-bar button[aria-expanded]").click()
    return row


def press(view: View, name: str) -> None:
    """Click the button with exactly this name."""
    view.root.get_by_role("button", name=name, exact=True).click()


def compact(locator: Locator) -> str:
    """A text without its spaces, which formulas have as they please."""
    return "".join((locator.text_content() or "").split())


def number(text: str) -> float:
    """A number as the page writes it."""
    return float(text.replace("\N{MINUS SIGN}", "-").strip(" ()+"))


def part(view: View, heading: str) -> Locator:
    """The part of the inspector whose heading begins so."""
    headings = view.root.page.locator(".agw-heading").filter(has_text=heading)
    return view.root.locator(".agw-part").filter(has=headings)
