"""Layers written by hand, outside of modules: groups like those that modules are.

A layer begins with a product that takes a parameter matrix: `x @ w`, `linear`, `einsum`, a convolution. Sums
with biases and with other such products that follow directly belong to it, a factor, and at most one
activation. Products of computed matrices and a softmax are groups too: those of an attention.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from .products import PRODUCTS
from .tape import Call, Leaf, Operand, Scope, Tape, Tensor, argument

SOFTMAX: Final = "_softmax"

ACTIVATIONS: Final = frozenset(
    {"relu", "tanh", "sigmoid", "silu", "gelu", "elu", "softplus", "leaky_relu", SOFTMAX}
)

SCALINGS: Final = {"mul": "*", "div": "/"}

OF_MATRICES: Final = frozenset({"mm", "bmm"})

CONVOLUTION: Final = "convolution"

UNNAMED: Final = "..."
"""An operand without a name, as the page writes it."""


class Named(Protocol):
    """A tape with the names of its tensors, and of what they hold."""

    tape: Tape
    labels: dict[int, str]
    names: dict[int, str]


@dataclass(frozen=True, eq=False, slots=True)
class Layer:
    """Calls that follow each other directly."""

    calls: tuple[Call, ...]
    parameters: tuple[Leaf, ...]
    text: str
    """Its formula: `tanh(x @ w + b)`."""
    is_complete: bool = False
    """It ends with an activation."""

    def makes(self, given: Operand) -> bool:
        """Test whether an operand is its result, in any order of the elements."""
        out = self.calls[-1]
        if given.ids is None or out.values is None or not 0 < given.ids.numel() == len(out.values):
            return False
        return int(given.ids.min()) == out.start and int(given.ids.max()) == out.start + len(out.values) - 1

    def takes(self, other: Layer) -> bool:
        """Test whether it is computed from the result of another one."""
        return any(other.makes(given) for call in self.calls for given in call.operands())


def has_matrices(blocks: Iterable[Leaf | Call]) -> bool:
    """Test whether some parameter is more than a row or a column; the elements of others are drawn alone."""
    shapes = [block.tensor.shape for block in blocks if isinstance(block, Leaf) and block.requires_grad]
    return any(len(shape) > 1 and min(shape[-2:]) > 1 for shape in shapes)


def layers_in(calls: Sequence[Call], u: Named) -> list[Layer]:
    """The layers among some calls."""
    done: list[Layer] = []
    latest: list[Layer] = []
    """Layers without a call between them, the last of which ends with the call before."""
    for call in calls:
        if latest and latest[-1].calls[0].scope is not call.scope:
            done, latest = [*done, *latest], []
        layer = None if _is_in_module(call.scope) else _continued(call, latest, u) or _begun(call, u)
        if layer is None:
            done, latest = [*done, *latest], []
        else:
            latest = [*(kept for kept in latest if kept.calls[0] not in layer.calls), layer]
    return [*done, *latest]


def scopes_of(layers: Sequence[Layer]) -> dict[int, Scope]:
    """The groups of layers, by the first ids of their calls."""
    found: dict[int, Scope] = {}
    for layer in layers:
        scope = Scope(layer.text, None, layer.calls[0].scope)
        found |= {call.start: scope for call in layer.calls}
    return found


def _is_in_module(scope: Scope | None) -> bool:
    while scope is not None and scope.module is None:
        scope = scope.parent
    return scope is not None


# -- calls of a layer ----------------------------------------------------------------------------------------


def _begun(call: Call, u: Named) -> Layer | None:
    """The layer that begins with a call: a product with a parameter matrix or of matrices, or a softmax."""
    operands = list(call.operands())
    if call.name == SOFTMAX:
        return Layer((call,), (), f"softmax({_name(operands[0], u)})", True)
    if call.name == CONVOLUTION:
        factors, biases = operands[:2], operands[2:]
    elif call.name in PRODUCTS:
        factors, biases = operands[-2:], operands[:-2]
    else:
        return None
    matrices = [leaf for given in factors if (leaf := _parameter(given, u)) and _is_matrix(leaf, given)]
    if not matrices and not (call.name in OF_MATRICES and all(_is_computed(given, u) for given in factors)):
        return None
    parameters = [leaf for given in biases if (leaf := _parameter(given, u))]
    terms = [_product(call, factors, u), *(_name(given, u) for given in biases)]
    return Layer((call,), (*matrices[-1:], *parameters), " + ".join(terms))


def _continued(call: Call, latest: Sequence[Layer], u: Named) -> Layer | None:
    """The layer that goes on with a call: by an activation, a factor, or a sum."""
    operands = list(call.operands())
    if not latest or latest[-1].is_complete:
        return None
    before = latest[-1]
    calls = (*before.calls, call)
    if call.name in ACTIVATIONS and before.makes(operands[0]):
        return Layer(calls, before.parameters, f"{call.name.strip('_')}({before.text})", True)
    if call.name in SCALINGS and len(operands) == 1 and len(call.args) == 2 and before.makes(operands[0]):
        text = f"({before.text})" if " + " in before.text else before.text
        return Layer(calls, before.parameters, f"{text} {SCALINGS[call.name]} {float(call.args[1]):.4g}")
    if call.name == "add" and len(operands) == 2 and float(argument("alpha", call)) == 1.0:
        return _sum(call, operands, latest, u)
    return None


def _sum(call: Call, operands: Sequence[Operand], latest: Sequence[Layer], u: Named) -> Layer | None:
    """The layer that a sum makes of a layer and a bias, or of two layers."""
    parts: list[Layer] = []
    biases: list[Leaf] = []
    terms: list[str] = []
    for given in operands:
        part = next((layer for layer in latest if not layer.is_complete and layer.makes(given)), None)
        bias = None if part else _parameter(given, u)
        if part:
            parts.append(part)
            terms.append(part.text)
        elif bias:
            biases.append(bias)
            terms.append(_name(given, u))
    parts.sort(key=latest.index)
    if len(terms) < 2 or not parts or parts != list(latest[-len(parts) :]) or parts[-1].takes(parts[0]):
        return None
    calls = tuple(each for part in parts for each in part.calls)
    parameters = [leaf for part in parts for leaf in part.parameters]
    return Layer((*calls, call), (*parameters, *biases), " + ".join(terms))


# -- operands ------------------------------------------------------------------------------------------------


def _leaf(given: Operand, u: Named) -> Leaf | None:
    """The leaf with a name that an operand is, or a part of it."""
    if given.ids is None or not given.ids.numel():
        return None
    leaf = u.tape.block_of(int(given.ids.min()))
    if not isinstance(leaf, Leaf) or int(given.ids.max()) >= leaf.start + len(leaf.values):
        return None
    return leaf if id(leaf.tensor) in u.names else None


def _is_computed(given: Operand, u: Named) -> bool:
    return given.ids is not None and isinstance(u.tape.block_of(int(given.ids.max())), Call)


def _parameter(given: Operand, u: Named) -> Leaf | None:
    leaf = _leaf(given, u)
    return leaf if leaf and leaf.requires_grad and not given.is_cut else None


def _is_matrix(leaf: Leaf, given: Operand) -> bool:
    """Test whether a leaf is a matrix, or the kernel of a convolution, and all of it is used."""
    assert given.ids is not None  # noqa: S101 # it is a leaf's
    size = leaf.tensor.numel()
    is_whole: bool = size == len(leaf.values) == given.ids.unique().numel()
    return is_whole and size > 1 and leaf.tensor.dim() > 1


def _product(call: Call, factors: Sequence[Operand], u: Named) -> str:
    left, right = (_name(given, u) for given in factors)
    if call.name == CONVOLUTION:
        return f"conv({left}, {right})"
    turned = [_is_turned(given, u) for given in factors]
    if len(factors[1].shape) == 1:  # `x @ w` is the product of w.T and x
        return f"{right} @ {left}" if turned[0] else f"{left} @ {right}"
    return " @ ".join(name + ".T" * each for name, each in zip((left, right), turned, strict=True))


def _is_turned(given: Operand, u: Named) -> bool:
    """Test whether an operand is a transposed tensor: its elements follow each other in columns."""
    if given.ids is None or given.ids.dim() < 2:
        return False
    rows, columns = given.shape[-2:]
    if columns == 1:
        leaf = _leaf(given, u)
        return leaf is not None and rows > 1 and tuple(leaf.tensor.shape) == (1, rows)
    corner: list[int] = given.ids.reshape(-1, columns)[:2, 0].tolist()
    return rows > 1 and corner[1] - corner[0] == 1


def _name(given: Operand, u: Named) -> str:
    """The name of an operand: `w`, `x[0]`, `h`."""
    if given.ids is None or not given.ids.numel():
        return UNNAMED
    leaf = _leaf(given, u)
    if leaf is not None:
        return u.names[id(leaf.tensor)] + _row(given.ids, leaf)
    ends = given.ids.reshape(-1)[[0, -1]].tolist()
    names = {u.labels.get(i, "").rpartition("[")[0] for i in ends}
    return names.pop() or UNNAMED if len(names) == 1 else UNNAMED


def _row(ids: Tensor, leaf: Leaf) -> str:
    """The index of ids that are one of several rows of a leaf."""
    shape = tuple(leaf.tensor.shape)
    size = math.prod(shape[1:])
    first, last = (int(leaf.places[i - leaf.start]) for i in (ids.min(), ids.max()))
    is_row = len(shape) > 1 and shape[0] > 1 and first % size == 0 and last - first + 1 == size == ids.numel()
    return f"[{first // size}]" if is_row else ""
