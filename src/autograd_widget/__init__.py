"""Computational graphs of scalars, live in the notebook: values, gradients, and explanations of each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .engine.custom import custom_op
from .engine.functions import (
    abs as abs,  # noqa: A004
)
from .engine.functions import (
    acos,
    acosh,
    asin,
    asinh,
    atan,
    atan2,
    atanh,
    ceil,
    clamp,
    cos,
    cosh,
    detach,
    elu,
    equal,
    erf,
    erfc,
    exp,
    exp2,
    expm1,
    floor,
    fmod,
    frac,
    gelu,
    greater,
    greater_equal,
    hardtanh,
    hypot,
    leaky_relu,
    less,
    less_equal,
    log,
    log1p,
    log2,
    log10,
    logaddexp,
    logit,
    logsigmoid,
    mean,
    not_equal,
    prod,
    reciprocal,
    relu,
    relu6,
    rsqrt,
    sigmoid,
    sign,
    silu,
    sin,
    sinh,
    softplus,
    softsign,
    sqrt,
    square,
    tan,
    tanh,
    trunc,
    where,
    xlogy,
)
from .engine.functions import (
    max as max,  # noqa: A004
)
from .engine.functions import (
    min as min,  # noqa: A004
)
from .engine.functions import (
    round as round,  # noqa: A004
)
from .engine.functions import (
    sum as sum,  # noqa: A004
)
from .engine.groups import group
from .engine.micrograd import Node, Value
from .engine.scalar import Scalar
from .graph.graph import Graph

if TYPE_CHECKING:
    from .adapters import check_engine, record, register_adapter
    from .widget.draw import draw_dot, draw_graph
    from .widget.explore import explore
    from .widget.widget import GraphWidget

__version__ = "0.1.0"

# Names for `import *`, without the ops that have the name of a builtin of Python.
__all__ = [
    "Graph",
    "GraphWidget",
    "Node",
    "Scalar",
    "Value",
    "acos",
    "acosh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "ceil",
    "check_engine",
    "clamp",
    "cos",
    "cosh",
    "custom_op",
    "detach",
    "draw_dot",
    "draw_graph",
    "elu",
    "equal",
    "erf",
    "erfc",
    "exp",
    "exp2",
    "explore",
    "expm1",
    "floor",
    "fmod",
    "frac",
    "gelu",
    "greater",
    "greater_equal",
    "group",
    "hardtanh",
    "hypot",
    "leaky_relu",
    "less",
    "less_equal",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logit",
    "logsigmoid",
    "mean",
    "not_equal",
    "prod",
    "reciprocal",
    "record",
    "register_adapter",
    "relu",
    "relu6",
    "rsqrt",
    "sigmoid",
    "sign",
    "silu",
    "sin",
    "sinh",
    "softplus",
    "softsign",
    "sqrt",
    "square",
    "tan",
    "tanh",
    "trunc",
    "where",
    "xlogy",
]

_ON_DEMAND = {
    "GraphWidget": "widget.widget",
    "check_engine": "adapters",
    "draw_dot": "widget.draw",
    "draw_graph": "widget.draw",
    "explore": "widget.explore",
    "record": "adapters",
    "register_adapter": "adapters",
}


def __getattr__(name: str) -> Any:
    # The engine alone must not pay for ipywidgets, which takes longer to import than most graphs to compute.
    if name in _ON_DEMAND:
        from importlib import import_module  # noqa: PLC0415

        return getattr(import_module(f".{_ON_DEMAND[name]}", __name__), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
