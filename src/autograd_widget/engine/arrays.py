"""NumPy's functions on scalars, alone or with arrays. NumPy is never imported here.

An array of scalars is an array of objects: NumPy computes with those element by element, by operators and by
methods of their names. A function that is given a scalar itself asks the scalar, here.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from .core import Core, computed
from .ops import OPS

OF_OTHER_NAMES: Final = {
    "absolute": "abs",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "clip": "clamp",
    "conjugate": "+",
    "divide": "/",
    "fabs": "abs",
    "floor_divide": "//",
    "float_power": "**",
    "fmax": "max",
    "fmin": "min",
    "maximum": "max",
    "minimum": "min",
    "multiply": "*",
    "negative": "neg",
    "positive": "+",
    "power": "**",
    "remainder": "%",
    "rint": "round",
    "subtract": "-",
    "add": "+",
}
"""NumPy's names of ops, where they are not those of the table."""

COMPARISONS: Final[dict[str, Callable[[Any, Any], Any]]] = {
    "less": operator.lt,
    "less_equal": operator.le,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "equal": operator.eq,
    "not_equal": operator.ne,
}

OF_NUMBERS: Final = ("isfinite", "isinf", "isnan", "signbit")
"""Questions about a number, which have no gradient."""


def compute(ufunc: Any, method: str, inputs: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Compute a NumPy function with a scalar among its inputs.

    Returns:
        A scalar, or an array of objects where an input is an array; of a comparison bools.

    Raises:
        TypeError: The result is to go into an array of numbers, or NumPy has no such function of objects.
    """
    for out in options.get("out", ()):
        if out is not None and out.dtype != object:
            raise TypeError(
                f"an array of {out.dtype} can't hold scalars: write a = a + w for a new array, or begin with "
                "a.astype(object)"
            )
    name = ufunc.__name__
    given = [_unpacked(x) for x in inputs]
    if method == "__call__" and not options and (function := _function(name)):
        if not any(getattr(x, "ndim", 0) for x in given):
            return function(*given)
        return _each(function, given, bool if name in COMPARISONS or name in OF_NUMBERS else object)
    return getattr(ufunc, method)(*[_boxed(x) for x in given], **options)


def _function(name: str) -> Callable[..., Any] | None:
    if name in COMPARISONS:
        return COMPARISONS[name]
    if name in ("positive", "conjugate"):
        return operator.pos
    if name in OF_NUMBERS:
        return partial(_of_number, name)
    op = OF_OTHER_NAMES.get(name, name)
    return partial(_computed, op) if op in OPS else None


def _of_number(name: str, x: Any) -> bool:
    return bool(getattr(_numpy(), name)(x._value if isinstance(x, Core) else x))


def _computed(op: str, *x: Any) -> Any:
    return computed(op, x)


def _each(function: Callable[..., Any], given: list[Any], dtype: type) -> Any:
    """Compute element by element, with NumPy's broadcasting."""
    numpy = _numpy()
    each = numpy.frompyfunc(function, len(given), 1)
    return each(*[_boxed(x) for x in given]).astype(dtype)


def _unpacked(x: Any) -> Any:
    """Python's own number for one of NumPy's, whose operators would come back here; an array for a list."""
    if isinstance(x, list | tuple):
        return _numpy().asarray(x)
    return x.item() if getattr(x, "ndim", None) == 0 and hasattr(x, "item") else x


def _boxed(x: Any) -> Any:
    """An array of one object, in which NumPy doesn't see a scalar that it would have to ask."""
    if not isinstance(x, Core):
        return x
    box = _numpy().empty((), object)
    box[()] = x
    return box


def _numpy() -> Any:
    return sys.modules["numpy"]
