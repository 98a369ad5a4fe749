"""The ops that a person's own class has, called on fresh objects of that class.

Where an op is not one of the table's, the class's own method computes it again, so that it stays live; where
an op has no name, the method that gives the same is its name.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping, Sequence
from math import nan
from types import FunctionType
from typing import Any, Final
from weakref import WeakKeyDictionary

from autograd_widget.engine.custom import CustomOp, custom_op
from autograd_widget.engine.ops import OPS

from .closures import parameters_of
from .numbers import close
from .op_names import row_named
from .raw import Raw, local_derivatives, read_raw
from .recording import Made
from .shapes import OPERANDS, VALUE, is_node, number_in, operands_of, shape_of

DUNDERS: Final = {
    "+": "__add__",
    "-": "__sub__",
    "*": "__mul__",
    "/": "__truediv__",
    "**": "__pow__",
    "neg": "__neg__",
    "abs": "__abs__",
}
NO_OPS: Final = frozenset(
    {"backward", "zero_grad", "zerograd", "forward", "item", "detach", "step", "update", "numpy", "plot"}
    | {"draw", "show", "display", "copy", "clone", "parameters", "children", "build_topo", "topo_sort"}
    | {"save", "load", "print", "set_grad", "clear", "reset"}
)
"""Methods whose names are no op's; they are never tried."""
SAMPLES: Final = (0.7, 1.3)
NO_NUMBER: Final = (ValueError, ArithmeticError, TypeError)
"""Errors of a person's own code where an op is not defined, as the logarithm of -1: then it gives nan."""


def methods_of(cls: type) -> dict[str, str]:
    """By row of the op table the name of the class's method for it."""
    found = {row: name for row, name in DUNDERS.items() if callable(getattr(cls, name, None))}
    for name in dir(cls):
        if name.startswith("_") or name in NO_OPS or not callable(getattr(cls, name, None)):
            continue
        if row := row_named(name)[0]:
            found.setdefault(row, name)
    return found


def functions_of(cls: type) -> dict[str, Callable[..., Any]]:
    """By row of the op table the function for it that stands beside the class, in its module."""
    beside = getattr(sys.modules.get(cls.__module__), "__dict__", {})
    found: dict[str, Callable[..., Any]] = {}
    for name, function in list(beside.items()):
        if not isinstance(function, FunctionType) or function.__module__ != cls.__module__:
            continue
        if (row := row_named(name)[0]) and constructs(function, cls):
            found.setdefault(row, function)
    return found


def constructs(method: Any, cls: type) -> bool:
    """Test whether the code of a method makes objects of its class by itself."""
    code = getattr(method, "__code__", None)
    if code is None:
        return False
    names = {*code.co_names, *code.co_freevars}
    return bool(names & {base.__name__ for base in cls.__mro__} or names & {"__class__", "type"})


class OwnOps:
    """The ops of one class."""

    def __init__(self, cls: type) -> None:
        self.cls = cls
        self.methods = methods_of(cls)
        self.beside = functions_of(cls)
        self.rows = self.methods.keys() | self.beside.keys()
        self.written = _written(cls)
        self._direct: dict[str, bool] = {}
        self._loses: dict[str, bool] = {}
        self._live: dict[tuple[Any, ...], CustomOp] = {}

    @functools.cached_property
    def _arguments(self) -> tuple[str, dict[str, Any]]:
        return _leaf_arguments(self.cls)

    def leaf(self, number: Any) -> Any:
        """A new leaf of the class; its own code may raise anything."""
        return _leaf(self.cls, number, *self._arguments)

    def fresh(self, number: Any) -> Any:
        """A new leaf of the class; None where it can't be made of a number alone."""
        try:
            leaf = self.leaf(number)
            return leaf if _holds(leaf, number) else None
        except Exception:  # noqa: BLE001 # the person's own code may raise anything
            return None

    def loses_numbers(self, row: str) -> bool:
        """Test whether an operator keeps no trace of a plain number beside a node."""
        if row not in self._loses:
            out = self.call(row, [self.fresh(SAMPLES[0]), SAMPLES[1]]) if row in self.rows else None
            shape = shape_of(out) if out is not None else None
            is_lost = shape is not None and len(operands_of(out, shape)[0]) < 2
            self._loses[row] = is_lost or row not in self.rows  # what can't be tried may lose them
        return self._loses[row]

    def op_text(self, row: str) -> str:
        """The name that the class gives to its own op of two; empty where it can't be tried."""
        out = self.call(row, [self.fresh(x) for x in SAMPLES])
        return read_raw(out).op if out is not None else ""

    @functools.cached_property
    def sends_by_number(self) -> bool:
        """Test whether the nodes' backward functions take a number, the gradient, and not the node."""
        for row in ("*", "+", "-"):
            out = self.call(row, [self.fresh(x) for x in SAMPLES])
            backward = read_raw(out).backward if out is not None else None
            if callable(backward):
                try:
                    backward(1.0)
                except (AttributeError, TypeError):
                    return False
                return True
        return True

    @functools.cached_property
    def keeps_operands(self) -> bool:
        """Test whether the result of an operator keeps what it was computed from."""
        for row in ("+", "*", "-"):
            out = self.call(row, [self.fresh(x) for x in SAMPLES])
            if out is not None and (shape := shape_of(out)):
                return bool(operands_of(out, shape)[0])
        return True  # it has no operator to try

    def makes(self, row: str) -> bool:
        """Test whether the class has an op that makes one node, and not a composition of other ops."""
        if row not in self._direct:
            self._direct[row] = self._is_direct(row)
        return self._direct[row]

    def _is_direct(self, row: str) -> bool:
        arity = 2 if row == "**" else OPS[row].arity or 2
        leaves = [self.fresh(x) for x in SAMPLES[:arity]]
        given = [leaves[0], 2.0] if row == "**" else leaves
        out = self.call(row, given)
        if out is None:
            return False
        try:
            items = read_raw(out).items
        except TypeError:
            return False
        return bool(items) and all(
            any(item is leaf for leaf in leaves) or not is_node(item) for item in items
        )

    def call(self, row: str, operands: Sequence[Any]) -> Any:
        """The result of the class's own method for a row of the table; None where it has none or fails."""
        if row not in self.rows or any(x is None for x in operands):
            return None
        try:
            out = (getattr(self.cls, self.methods[row]) if row in self.methods else self.beside[row])(
                *operands
            )
        except Exception:  # noqa: BLE001
            return None
        return out if is_node(out) else None

    def value(self, row: str, operands: Sequence[float]) -> float | None:
        """Compute a row of the table by the class's own method; None if the method can't be called."""
        given: list[Any] = [self.fresh(x) for x in operands]
        if row == "**":
            given[1:] = operands[1:]
        out = self.call(row, given)
        try:
            shape = shape_of(out) if out is not None else None
            return number_in(out, shape) if shape else None
        except TypeError:
            return None

    def live(self, raw: Raw) -> tuple[CustomOp, list[Raw]] | None:
        """An op that computes a node by the class's own method, and the operands in its order."""
        return self._live_by(raw, *self._method(raw))

    def live_unnamed(self, raw: Raw) -> tuple[CustomOp, list[Raw]] | None:
        """An op that computes a node without a name by the one method that gives the same."""
        return self._live_by(raw, *self._unnamed(raw))

    def of_call(self, raw: Raw, made: Made) -> tuple[CustomOp, list[Raw]]:
        """An op that computes a node by the very call that made it."""
        by_id = {id(operand.obj): operand for operand in raw.operands}
        given = [*made.arguments, *made.keywords.values()]
        slots = tuple(None if id(x) in by_id else x for x in given)
        method = made.method
        if made.keywords:
            names, count = tuple(made.keywords), len(made.arguments)
            method = functools.partial(_by_name, method, count, names)
        op = self._custom(_own_name(raw, made.name, self.cls), method, slots)
        return op, [by_id[id(x)] for x in given if id(x) in by_id]

    def _live_by(
        self, raw: Raw, name: str, method: Callable[..., Any] | None
    ) -> tuple[CustomOp, list[Raw]] | None:
        if method is None:
            return None
        arguments = _arguments(raw, parameters_of(method))
        if arguments is None:
            return None
        operands = [x for x in arguments if isinstance(x, Raw)]
        slots = tuple(None if isinstance(x, Raw) else x for x in arguments)
        key = (method, slots)
        if key not in self._live:
            self._live[key] = self._custom(_own_name(raw, name, self.cls), method, slots)
        op = self._live[key]
        values = [operand.value for operand in operands]
        try:
            fits = close(op.forward(*values), raw.value) and _derivatives_agree(op, raw, operands, values)
        except Exception:  # noqa: BLE001 # the person's own code may raise anything
            return None
        return (op, operands) if fits else None

    def _method(self, raw: Raw) -> tuple[str, Callable[..., Any] | None]:
        name, method = raw.maker
        if method is not None:
            return name, method
        for candidate in (
            raw.op,
            raw.op.lower(),
            DUNDERS.get(raw.row or "", ""),
            self.methods.get(raw.row or "", ""),
        ):
            found = getattr(self.cls, candidate, None) if candidate.isidentifier() else None
            if callable(found) and candidate not in NO_OPS:
                return candidate, found
        return "", None

    def _unnamed(self, raw: Raw) -> tuple[str, Callable[..., Any] | None]:
        """The one method of the class that gives the value of a node whose op has no name."""
        fits = []
        operands = raw.operands
        for name in dir(self.cls):
            method = getattr(self.cls, name, None)
            if name.startswith("_") or name in NO_OPS or method is None or not constructs(method, self.cls):
                continue
            if len(parameters_of(method)) - len(getattr(method, "__defaults__", None) or ()) != len(operands):
                continue
            if self._gives(method, [x.value for x in operands], raw.value):
                fits.append((name, method))
        return fits[0] if len(fits) == 1 else ("", None)

    def _gives(self, method: Callable[..., Any], numbers: list[float], expected: float) -> bool:
        try:
            out = method(*[self.leaf(x) for x in numbers])
            shape = shape_of(out)
            return shape is not None and close(number_in(out, shape), expected)
        except Exception:  # noqa: BLE001
            return False

    def _custom(self, name: str, method: Callable[..., Any], slots: tuple[Any, ...]) -> CustomOp:
        def run(x: tuple[float, ...]) -> tuple[list[Any], Any]:
            numbers = iter(x)
            leaves: list[Any] = []
            arguments = []
            for slot in slots:
                if slot is None:
                    leaves.append(self.leaf(next(numbers)))
                    arguments.append(leaves[-1])
                else:
                    arguments.append(slot)
            return leaves, method(*arguments)

        def forward(*x: float) -> float:
            try:
                _, out = run(x)
                shape = shape_of(out)
                return number_in(out, shape) if shape else nan
            except NO_NUMBER:
                return nan

        def partials(_y: float, *x: float) -> list[float]:
            try:
                leaves, out = run(x)
                raw = read_raw(out)
            except NO_NUMBER:
                return [nan] * len(x)
            _read_operands(raw)
            local = local_derivatives(raw) or {}
            return [
                local[id(leaf)] if id(leaf) in local else _difference(forward, x, i)
                for i, leaf in enumerate(leaves)
            ]

        return custom_op(partials=partials, name=name)(forward)


def _leaf_arguments(cls: type) -> tuple[str, dict[str, Any]]:
    """The keyword by which a class takes a leaf's number, empty for its first argument, and others."""
    constructor = getattr(cls, "__init__", None)
    parameters = parameters_of(constructor)
    others: dict[str, Any] = {"requires_grad": True} if "requires_grad" in parameters else {}
    defaults = getattr(constructor, "__defaults__", None) or ()
    for name in parameters[2 : len(parameters) - len(defaults)]:
        others[name] = () if name in OPERANDS else ""
    keywords = ("", *(name for name in VALUE if name in parameters))
    return next(((keyword, others) for keyword in keywords if _takes(cls, keyword, others)), ("", {}))


def _takes(cls: type, keyword: str, others: Mapping[str, Any]) -> bool:
    try:
        return _holds(_leaf(cls, SAMPLES[0], keyword, others), SAMPLES[0])
    except Exception:  # noqa: BLE001 # the person's own code may raise anything
        return False


def _leaf(cls: type, number: Any, keyword: str, others: Mapping[str, Any]) -> Any:
    return cls(**{keyword: number}, **others) if keyword else cls(number, **others)


def _holds(leaf: Any, number: Any) -> bool:
    shape = shape_of(leaf)
    return shape is not None and close(number_in(leaf, shape), float(number))


def _difference(forward: Callable[..., float], x: Sequence[float], i: int) -> float:
    """The quotient of differences in one operand, where a class keeps no derivative of its own op."""
    h = 1e-5 * max(1.0, abs(x[i]))
    above, below = ([*x[:i], x[i] + side, *x[i + 1 :]] for side in (h, -h))
    return (forward(*above) - forward(*below)) / (2 * h)


def _by_name(method: Callable[..., Any], count: int, names: tuple[str, ...], *given: Any) -> Any:
    """Call a method with its last arguments by name."""
    return method(*given[:count], **dict(zip(names, given[count:], strict=True)))


def _read_operands(raw: Raw) -> None:
    """Read the operands of a node, one level deep."""
    raw.items = [read_raw(item) if is_node(item) else item for item in raw.items]
    for operand in raw.operands:
        operand.items = []


def _arguments(raw: Raw, parameters: tuple[str, ...]) -> list[Any] | None:
    """Per parameter of the method an operand or a number; None where that is not known."""
    by_id = {id(operand.obj): operand for operand in raw.operands}
    held = raw.held
    spare = [o for o in by_id.values() if not any(held.get(name) is o.obj for name in parameters)]
    arguments: list[Any] = []
    for name in parameters:
        given = held.get(name)
        if id(given) in by_id:
            arguments.append(by_id[id(given)])
        elif isinstance(given, int | float):
            arguments.append(given)
        elif spare:
            arguments.append(spare.pop(0))
        else:
            break  # the rest has defaults, or the call will fail
    return None if spare or not arguments else arguments


def _own_name(raw: Raw, method: str, cls: type) -> str:
    name = raw.op or method.strip("_")
    return f"{cls.__name__}.{name}" if row_named(name)[0] or name in ("leaf", "const", "custom") else name


def _derivatives_agree(op: CustomOp, raw: Raw, operands: list[Raw], values: list[float]) -> bool:
    local = local_derivatives(raw)
    if local is None:
        return True
    sums: dict[int, float] = {}
    for operand, partial in zip(operands, op.backward(1.0, raw.value, *values), strict=True):
        sums[id(operand.obj)] = sums.get(id(operand.obj), 0.0) + partial
    return all(close(sums.get(i, 0.0), x) for i, x in local.items())


_of_class: WeakKeyDictionary[type, OwnOps] = WeakKeyDictionary()


def own_ops(cls: type) -> OwnOps:
    """The ops of a class; found out once."""
    if cls not in _of_class:
        _of_class[cls] = OwnOps(cls)
    return _of_class[cls]


def renew(cls: type) -> None:
    """Forget the ops of a class to which methods were added since, as a notebook does from cell to cell."""
    if cls in _of_class and _of_class[cls].written != _written(cls):
        del _of_class[cls]


def _written(cls: type) -> frozenset[tuple[str, int]]:
    """The names that a class and its bases define, and what they stand for."""
    return frozenset((name, id(own)) for base in cls.__mro__ for name, own in vars(base).items())
