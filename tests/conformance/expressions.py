"""Write `expressions.json`: texts with the graphs that they are, or with what is said of them and where.

`python tests/conformance/expressions.py` writes it from the Python reader; both readers are held to it.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from autograd_widget.adapters.expression import ExpressionError, graph_of
from autograd_widget.graph.graph import Graph

TEXTS = (
    "relu(w1*x1 + w2*x2 + b)",
    "tanh(w1*x1 + w2*x2 + b)",
    "w",
    "((w))",
    "b + a",
    "a - b - c",
    "a/b/c",
    "-a**2",
    "(-a)**2",
    "a**-1",
    "a**b**2",
    "a**-b*c",
    "2**3*a + 1e1 + .5 - 2.",
    "a^2",
    "2·a × 3 ÷ c − 1",
    "--a + +b",
    "max(a, b, 2)",
    "min(a, -1)",
    "where(a > b, a, b)",
    "(w >= 0) * w",
    "ln(a) + ln",
    "y + f",
    "y + f + out",
    "权重*x",
    "constructor * toString",
    "w*w + w",
    "  w +\n x ",
    "",
    "   ",
    "1 + 2",
    "tanh(w1*x1 + w2*x2 + )",
    "tahn(w1*x1 + b)",
    "sigmod(x)",
    "tamh(x)",
    "foo(x)",
    "a(b)",
    "2x1 + b",
    "(w1*x1 + b",
    "a * (b + tanh(c)",
    "((a",
    "w1 = 3; w1*x1",
    "a)",
    "a *",
    "a * * b",
    "a b",
    "(a)(b)",
    "a, b",
    "(a, b)",
    "tanh(a, b)",
    "tanh()",
    "a $ b",
    "a.b",
    "__import__('os')",
    "a == b != c",
    "a ! b",
)
PIECES = (
    "a",
    "b",
    "w1",
    "2",
    ".5",
    "1e2",
    "+",
    "-",
    "*",
    "/",
    "**",
    "(",
    ")",
    ",",
    "relu(",
    "max(",
    ">",
    "%",
)


def vector(text: str) -> dict[str, Any]:
    """The document of an expression without given values, or the fault by language."""
    try:
        return {"text": text, "document": Graph.of(graph_of(text, {})).to_dict()}
    except ExpressionError as error:
        says = {"en": error.sentence}
        try:
            graph_of(text, {}, "zh")
        except ExpressionError as chinese:
            says["zh"] = chinese.sentence
        return {"text": text, "says": says, "start": error.start, "end": error.end}


def random_texts(count: int) -> list[str]:
    """Texts of pieces in any order; most are no expressions."""
    draw = random.Random(21)
    return ["".join(draw.choices(PIECES, k=draw.randint(1, 9))) for _ in range(count)]


def sound_texts(count: int) -> list[str]:
    """Texts that are expressions."""
    draw = random.Random(22)

    def text(depth: int) -> str:
        kind = draw.randrange(6) if depth else 0
        if kind == 0:
            return draw.choice(("a", "b", "w1", "2", "0.5"))
        if kind == 1:
            return f"({text(depth - 1)})"
        if kind == 2:
            return f"{draw.choice(('relu', 'tanh', 'exp'))}({text(depth - 1)})"
        if kind == 3:
            return f"-{text(depth - 1)}"
        return f"{text(depth - 1)}{draw.choice(('+', '-', '*', '/', '**', ' > '))}{text(depth - 1)}"

    return [text(4) for _ in range(count)]


if __name__ == "__main__":
    lines = [
        json.dumps(vector(text), ensure_ascii=False)
        for text in (*TEXTS, *random_texts(150), *sound_texts(100))
    ]
    target = Path(__file__).with_suffix(".json")
    target.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
