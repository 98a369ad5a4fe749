"""Names of ops in other engines: `"mul"`, `"×"` and `"MulBackward"` are `*`, and `"**3"` has its exponent."""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Any, Final

from autograd_widget.engine.ops import OPS

SYNONYMS: Final = {
    "+": "add plus addition radd iadd",
    "-": "sub subtract minus subtraction rsub isub − –",
    "*": "mul mult multiply multiplication times × · ⋅ ∗ rmul imul x",
    "/": "div truediv divide division ÷ rtruediv idiv : ∕",
    "**": "pow power ^ rpow exponent ↑ powconst constpow powscalar",
    "neg": "negate negative negation u- -x unaryminus usub uminus ¬",
    "relu": "(⋅)⁺ rectifier max0 max(0,x) (x)+",
    "tanh": "th hyperbolictangent",
    "sigmoid": "σ sigm logistic expit sig",
    "exp": "e^ e^x e** exponential e**x",
    "log": "ln logarithm naturallog",
    "sqrt": "√ squareroot",
    "abs": "|x| absolute |.| |·| fabs absolutevalue",
    "sin": "sine",
    "cos": "cosine",
    "square": "sq x² x^2 ²",
    "reciprocal": "inv inverse 1/x recip invert",
    "max": "maximum",
    "min": "minimum",
    "sum": "add_n addn",
    "mean": "average avg",
    "prod": "product",
    "leaky_relu": "leakyrelu lrelu",
    "silu": "swish",
}
"""Other names of each row of the op table, in any case."""
CAPITALS: Final = {"Σ": "sum", "Π": "prod"}
"""Names that are others in small letters: σ is the sigmoid."""

KNOWN: Final = {
    **{name: name for name in OPS},
    **{word.lower(): row for row, words in SYNONYMS.items() for word in words.split() if row in OPS},
}

WITH_NUMBER: Final = re.compile(
    r"^(?:\(?\s*x\s*\)?|\(\))?\s*(?P<op>\*\*|\^|\*|×|/|÷|\+|-|pow(?:er)?)[\s_({\[,=]*"
    r"(?P<number>[-−]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)[\s)}\]]*$"
)
AFFIXES: Final = re.compile(
    r"^(?:scalar|value|op|elementwise|fn)_?|_?(?:scalar|backward|function|op|node|fn)\d*$"
)


def text_of(op: Any) -> str:
    """Write an op as text; it may be a text, a member of an Enum, a class or a function."""
    if op is None:
        return ""
    if isinstance(op, str):
        return op.strip()
    if isinstance(op, Enum):
        by_value = isinstance(op.value, str) and row_named(op.value)[0]
        return op.value if by_value else op.name
    if isinstance(op, type) or callable(op):
        return str(getattr(op, "__name__", type(op).__name__))
    if isinstance(op, int | float):
        return ""
    own = str(op)
    return type(op).__name__ if own.startswith("<") else own.strip()


@lru_cache(4096)
def row_named(text: str) -> tuple[str | None, float | None]:
    """The row of the op table that a text names, and the number in it, as `**3` has its exponent."""
    if (sign := text.strip()) in CAPITALS:
        return CAPITALS[sign], None
    word = sign.lower()
    if found := KNOWN.get(word):
        return found, None
    if match := WITH_NUMBER.match(word):
        return KNOWN[match["op"]], float(match["number"].replace("−", "-"))
    bare = word.strip("_")
    for _ in range(3):
        if found := KNOWN.get(bare):
            return found, None
        shorter = AFFIXES.sub("", bare).strip("_")
        if shorter == bare or not shorter:
            break
        bare = shorter
    joined = bare.replace(" ", "").replace("_", "").replace("-", "")
    return KNOWN.get(bare) or KNOWN.get(joined), None
