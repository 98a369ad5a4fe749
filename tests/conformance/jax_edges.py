"""JAX's gradients at the edges: prints the rows for its column in `docs/semantics.md`.

python tests/conformance/jax_edges.py        # with JAX installed, which no test needs
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from math import inf, nan
from typing import Any

import jax
import jax.numpy as jnp
from jax import nn
from jax.scipy import special

jax.config.update("jax_enable_x64", True)


def largest(*x: jax.Array) -> jax.Array:
    return jnp.max(jnp.stack(x))


def product(*x: jax.Array) -> jax.Array:
    return jnp.prod(jnp.stack(x))


EDGES: list[tuple[str, Callable[..., Any], list[tuple[float, ...]]]] = [
    ("a / b", lambda a, b: a / b, [(1, 0)]),
    ("log", jnp.log, [(0,)]),
    ("exp", jnp.exp, [(1000,)]),
    ("sqrt", jnp.sqrt, [(-1,), (0,)]),
    ("relu", nn.relu, [(0,), (nan,)]),
    ("inf * relu", lambda a: jnp.exp(1000.0) * nn.relu(a), [(-1,)]),
    ("abs", jnp.abs, [(0,)]),
    ("sign", jnp.sign, [(0,), (nan,)]),
    ("floor", jnp.floor, [(2,)]),
    ("leaky_relu", nn.leaky_relu, [(0,)]),
    ("elu", nn.elu, [(0,)]),
    ("maximum", jnp.maximum, [(1, 1), (nan, 1), (0.0, -0.0)]),
    ("max", largest, [(1, 1, 0), (1, nan, 0), (1, nan, nan)]),
    ("a ** b", lambda a, b: a**b, [(-8, 1 / 3), (0, 0), (0, 2), (0, -1), (1, nan), (-1, inf), (-2, 3)]),
    ("a - a", lambda a: a - a, [(3,)]),
    ("a / a", lambda a: a / a, [(3,)]),
    ("a * a", lambda a: a * a, [(3,)]),
    ("prod", product, [(2, 0, 3), (0, 0, 3)]),
    ("softplus", nn.softplus, [(30,)]),
    ("gelu", nn.gelu, [(1,)]),
    ("round", jnp.round, [(2.5,), (-0.5,)]),
    ("where", lambda a: jnp.where(a > 0, jnp.sqrt(a), a * a), [(0,), (-4,)]),
    ("inf * where", lambda a, b: jnp.exp(1000.0) * jnp.where(True, a, b), [(1, 2)]),
    ("clip", jnp.clip, [(1, 0, 1), (0, 0, 1), (2, 0, 1), (0.5, 1, 0), (nan, 0, 1)]),
    ("relu6", nn.relu6, [(0,), (6,)]),
    ("hard_tanh", nn.hard_tanh, [(-1,), (1,)]),
    ("a % b", jnp.remainder, [(-5.5, 3), (-5, inf), (-4, 2), (5, 0)]),
    ("fmod", jnp.fmod, [(-5.5, 3), (5, 0)]),
    ("a // b", jnp.floor_divide, [(7, 2), (5, 0), (0, 0)]),
    ("arctan2", jnp.arctan2, [(0, 0), (1e-200, 0)]),
    ("hypot", jnp.hypot, [(0, 0)]),
    ("logaddexp", jnp.logaddexp, [(inf, inf), (-inf, -inf)]),
    ("xlogy", special.xlogy, [(0, 0), (0, nan), (0, -1), (0, 2)]),
    ("arccosh", jnp.arccosh, [(0.5,), (-2,), (1,)]),
    ("arctanh", jnp.arctanh, [(1,), (2,)]),
    ("logit", special.logit, [(0,), (1,), (2,)]),
    ("soft_sign", nn.soft_sign, [(inf,), (0,)]),
    ("erfc", special.erfc, [(26,)]),
    ("-0.0 * a", lambda a: -0.0 * a, [(1,)]),
]

for name, function, points in EDGES:
    for point in points:
        value, send = jax.vjp(function, *map(jnp.float64, point))
        gradients = [float(sent) for sent in send(jnp.ones_like(value))]
        sys.stdout.write(f"{name:12} at {point}: {value}, gradients {gradients}\n")
