"""Identification of the op that made a node, and of its operands in their order.

Names, order and exponents come from where the object keeps them, else from its closure; where several
readings are left, the one that gives the node's value and its own local derivatives. Values may choose
between readings and are never a condition: leaves may have been set after the graph was computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations
from math import log
from typing import Any, Final, NoReturn, TypeAlias

from autograd_widget.engine.custom import CustomOp
from autograd_widget.engine.ops import OPS

from .numbers import close, error, rounded
from .op_names import row_named
from .own_ops import own_ops
from .raw import Raw, local_derivatives
from .recording import Made
from .shapes import get, is_node, number_in, recorded_classes

Operand: TypeAlias = "Raw | float"
Operands: TypeAlias = "tuple[Operand, ...]"
ANY_ORDER: Final = frozenset({"+", "*", "max", "min", "sum", "prod", "mean"})
EXPONENTS: Final = ("exponent", "power", "exp", "n", "p", "k", "c")
UNNAMED: Final = {2: ("*", "+", "-", "/", "**", "max", "min")}
UNARY: Final = tuple(name for name, row in OPS.items() if row.arity == 1)
SEVERAL: Final = ("sum", "prod", "mean", "max", "min")


@dataclass(frozen=True, slots=True)
class Reading:
    """An op and its operands; `live` is the person's own op, and without an op it is only recorded."""

    op: str | None
    operands: Operands
    live: CustomOp | None = None
    partials: tuple[float, ...] = ()


def identify(raw: Raw) -> Reading:
    """The reading of a node with operands.

    Raises:
        TypeError: Its op is not known, and neither are its local derivatives.
    """
    if raw.made is not None:
        return _made(raw, raw.made)
    if found := _named(raw):
        return found
    own = own_ops(type(raw.obj))
    if live := own.live(raw):
        return Reading(live[0].name, tuple(live[1]), live[0])
    if (raw.row or row_named(raw.maker[0])[0]) is None and (local := local_derivatives(raw)) is not None:
        fits = _unnamed(raw, local)
        if len(fits) == 1:
            return fits[0]
        if not fits and (live := own.live_unnamed(raw)):
            return Reading(live[0].name, tuple(live[1]), live[0])
    return _recorded(raw)


def _made(raw: Raw, made: Made) -> Reading:
    """The reading of a node from the call that made it, which was recorded."""
    items: Operands = tuple(raw.items)
    row = raw.row
    if row and OPS[row].arity in (len(items), None):
        methods = own_ops(type(raw.obj))
        own = methods.value(row, _values(items)) if row in methods.rows else None
        computed = OPS[row].forward(*_values(items))
        if close(computed, raw.value) or own is None or close(own, computed):
            return Reading(row, items)
    live = own_ops(type(raw.obj)).of_call(raw, made)
    return Reading(live[0].name, tuple(live[1]), live[0])


def _fitting(row: str, raw: Raw, number: float | None) -> tuple[str, float | None]:
    """The row for as many operands as there are."""
    count = len(raw.items)
    if count == 1 and row == "-" and number is None and _is_negation(raw):
        return "neg", None
    if count > 2:
        row = {"+": "sum", "*": "prod"}.get(row, row)
    return row, number


def _is_negation(raw: Raw) -> bool:
    """Distinguish -x from x - x, of which a set keeps one operand."""
    made_by = row_named(raw.maker[0])[0]
    if made_by in ("neg", "-"):
        return made_by == "neg"
    x = raw.items[0]
    if _numbers_held(raw) or not isinstance(x, Raw) or raw.value != -x.value:
        return False
    return x.value != 0.0 or (local_derivatives(raw) or {}).get(id(x.obj)) == -1.0


# -- ops with a name -----------------------------------------------------------------------------------------


def _named(raw: Raw) -> Reading | None:
    """The reading by the name of the method that made the node, or by the op's, which is a text."""
    made_by = row_named(raw.maker[0])[0]
    if made_by and made_by != raw.row and (found := _fit(raw, *_fitting(made_by, raw, None))):
        return found
    if raw.row and (found := _fit(raw, *_fitting(raw.row, raw, raw.number))):
        return found
    row = raw.row or made_by
    return _misfit(raw, *_fitting(row, raw, raw.number)) if row else None


def _fit(raw: Raw, row: str, number: float | None) -> Reading | None:
    """The reading by a row that gives the node's value."""
    best = _best(raw, row, list(_candidates(raw, row, number)))
    return Reading(row, best) if best is not None else None


def _misfit(raw: Raw, row: str, number: float | None) -> Reading | None:
    """The reading by a row that does not give the node's value."""
    candidates = list(_candidates(raw, row, number))
    if not candidates:
        return None
    if found := _mislabelled(raw, candidates[0]):
        return found
    # The value differs: a leaf was set since, or the op has a misleading name.
    first = candidates[0]
    numbers = _values(first)
    own = own_ops(type(raw.obj)).value(row, numbers) if row in own_ops(type(raw.obj)).rows else None
    if own is not None and not close(own, OPS[row].forward(*numbers)):
        return None
    return Reading(row, first) if _is_sure(raw, row, first) else None


def _mislabelled(raw: Raw, operands: Operands) -> Reading | None:
    """The reading of a node under the name of another op, if that is what the class's own method makes."""
    own = own_ops(type(raw.obj))
    for row in UNNAMED[2] if len(operands) == 2 else ():
        if row != raw.row and row in own.rows:
            fits = [x for x in (operands, operands[::-1]) if close(OPS[row].forward(*_values(x)), raw.value)]
            if fits and own.op_text(row) == raw.op:
                return Reading(row, fits[0])
    return None


def _is_sure(raw: Raw, row: str, operands: Operands) -> bool:
    """Test whether the order and the numbers are known without the value."""
    if len(operands) < 2 or row in ANY_ORDER or raw.ordered or raw.number is not None:
        return True
    return _from_closure(raw) is not None or row == "**"


def _best(raw: Raw, row: str, candidates: list[Operands]) -> Operands | None:
    """The candidate that gives the node's value best; the local derivatives decide where several do."""
    forward = OPS[row].forward
    fits = []
    for operands in candidates:
        numbers = _values(operands)
        computed = forward(*numbers)
        if computed == raw.value:
            off = 0.0
        elif close(computed, raw.value, max(map(abs, numbers), default=0.0)):
            off = error(computed, raw.value)
        else:
            continue
        if off == 0.0 and (row in ANY_ORDER or len(operands) == 1) and len(raw.items) == len(operands):
            return operands
        fits.append((off, operands))
    if not fits:
        return None
    smallest = min(off for off, _ in fits)
    likeliest = [operands for off, operands in fits if off <= smallest]
    if len(likeliest) > 1 and _from_closure(raw) != likeliest[0] and (local := local_derivatives(raw)):
        likeliest = [x for x in likeliest if _derivatives_fit(row, raw, x, local)] or likeliest
    return likeliest[0]


def _candidates(raw: Raw, row: str, number: float | None) -> Iterator[Operands]:
    """The operands that an op may have had, the likeliest first."""
    items: Operands = tuple(raw.items)
    arity = OPS[row].arity
    if arity is None or len(items) == 1 == arity:
        if arity is None and len(items) == 1:
            yield from (pair for c in _numbers_held(raw) for pair in ((items[0], c), (c, items[0])))
        yield items
        return
    if arity == 1:  # a method may have made the others, as the base of a logarithm
        yield from ((x,) for x in items if close(OPS[row].forward(*_values((x,))), raw.value))
    if arity != 2:
        return
    if len(items) == 2:
        held = _from_closure(raw)
        if held is not None:
            yield held
        if held != items:
            yield items
        yield from (order for order in permutations(items) if order not in (held, items))
    elif len(items) == 1:
        yield from _with_number(raw, row, items[0], number)


def _with_number(raw: Raw, row: str, x: Operand, number: float | None) -> Iterator[Operands]:
    """The operands of an op of two that has one node: with a number, or with itself."""
    if not isinstance(x, Raw):
        return
    known = [number] if number is not None else _numbers_held(raw)
    reflected = raw.maker[0].startswith("__r")
    pairs = [pair for c in known for pair in (((c, x), (x, c)) if reflected else ((x, c), (c, x)))]
    yield from pairs
    if row == "**" and any(close(OPS[row].forward(*_values(pair)), raw.value) for pair in pairs):
        return
    if row == "**":
        yield from ((x, c) for c in _exponents(raw, x))
        return
    yield (x, x)
    if own_ops(type(raw.obj)).loses_numbers(row):
        yield from _solved(raw.value, row, x)


def _numbers_held(raw: Raw) -> list[float]:
    """The plain numbers that the method was given, as far as its closure has them."""
    parameters = [name for name, _ in raw.held_in_order()]
    numbers = [raw.held[name] for name in parameters]
    return [float(c) for c in numbers if isinstance(c, int | float) and not isinstance(c, bool)]


def _exponents(raw: Raw, x: Raw) -> Iterator[float]:
    holder = (
        get(raw.obj, raw.shape.operands.rpartition(".")[0]) if isinstance(raw.shape.operands, str) else None
    )
    for keeper in (raw.obj, holder):
        for name in EXPONENTS:
            kept = getattr(keeper, name, None)
            if isinstance(kept, int | float):
                yield float(kept)
    local = local_derivatives(raw)
    if local and raw.value and x.value:
        solved = local.get(id(x.obj), 0.0) * x.value / raw.value
    elif x.value > 0.0 and x.value != 1.0 and raw.value > 0.0:
        solved = log(raw.value) / log(x.value)
    else:
        return
    yield from (c for c in rounded(solved) if close(OPS["**"].forward(x.value, c), raw.value))


def _solved(y: float, row: str, x: Raw) -> Iterator[Operands]:
    """An op of a node and the number that gives its value."""
    v = x.value
    if row == "+":
        yield from ((x, c) for c in rounded(y - v))
    elif row == "*" and v:
        yield from ((x, c) for c in rounded(y / v))
    elif row == "-":
        yield from ((x, c) for c in rounded(v - y))
        yield from ((c, x) for c in rounded(y + v))
    elif row == "/" and v:
        yield from ((x, c) for c in rounded(v / y if y else 0.0))
        yield from ((c, x) for c in rounded(y * v))


def _from_closure(raw: Raw) -> Operands | None:
    """The two operands as the method was given them; None where its closure does not say."""
    by_id = {id(item.obj): item for item in raw.items if isinstance(item, Raw)}
    found: list[Operand] = [by_id[id(held)] for _, held in raw.held_in_order() if id(held) in by_id]
    if len(by_id) != len(raw.items) or len(found) != 2:
        return None
    left, right = found
    return (right, left) if raw.maker[0].startswith("__r") else (left, right)


# -- ops without a name --------------------------------------------------------------------------------------


def _unnamed(raw: Raw, local: dict[int, float]) -> list[Reading]:
    """The ops of the table that give the node's value and its derivatives; one, if the numbers decide."""
    items: Operands = tuple(raw.items)
    if raw.partials is not None and len(items) == 2:
        for row in UNNAMED[2]:
            if _gives(row, raw, items, local):
                return [Reading(row, items)]
    own = own_ops(type(raw.obj))
    fits = [
        (row, operands)
        for row, operands in _guesses(raw, items)
        if (not own.rows or row in own.rows) and _gives(row, raw, operands, local)
    ]
    if len(fits) > 1:
        fits = [fit for fit in fits if own.makes(fit[0])] or fits
    if len(fits) > 1:
        fits = [fit for fit in fits if _made_alike(raw, *fit)] or fits
    if len(fits) > 1 and all(_same_function(fits[0], fit) for fit in fits[1:]):
        fits = fits[:1]
    return [Reading(*fit) for fit in fits]


def _guesses(raw: Raw, items: Operands) -> Iterator[tuple[str, Operands]]:
    if len(items) == 1:
        x = items[0]
        yield from ((row, items) for row in UNARY)
        if isinstance(x, Raw):
            exponents = list(_exponents(raw, x))[:1]
            if raw.value == 0.0 == x.value:
                exponents = [2.0, 3.0]  # 0 to any power: which one is lost
            yield from (("**", (x, c)) for c in exponents)
            if not raw.ordered:
                yield from ((row, (x, x)) for row in UNNAMED[2])
    elif len(items) == 2:
        yield from ((row, order) for row in UNNAMED[2] for order in permutations(items))
    else:
        yield from ((row, items) for row in SEVERAL)


def _gives(row: str, raw: Raw, operands: Operands, local: dict[int, float]) -> bool:
    if not close(OPS[row].forward(*_values(operands)), raw.value):
        return False
    if raw.partials is not None and len(raw.partials) == len(operands) and operands == tuple(raw.items):
        given = OPS[row].backward(1.0, raw.value, *_values(operands))
        pairs = zip(given, raw.partials, operands, strict=True)
        return all(close(p, q) for p, q, x in pairs if isinstance(x, Raw))
    return _derivatives_fit(row, raw, operands, local)


def _same_function(one: tuple[str, Operands], other: tuple[str, Operands]) -> bool:
    """Test whether two readings compute the same of any other numbers, as 1/x and x**-1."""
    (row, operands), (row_2, operands_2) = one, other
    numbers: dict[int, float] = {}
    for scale in (-1.7, 0.6, 1.9):
        for x in (*operands, *operands_2):
            if isinstance(x, Raw):
                numbers[id(x.obj)] = scale * (x.value or 1.0)
        given, given_2 = (
            [numbers[id(x.obj)] if isinstance(x, Raw) else x for x in each] for each in (operands, operands_2)
        )
        if not close(OPS[row].forward(*given), OPS[row_2].forward(*given_2)):
            return False
    return True


def _made_alike(raw: Raw, row: str, operands: Operands) -> bool:
    """Test whether the class's own method makes exactly the same number of these operands.

    relu(x) and x**1 have equal values, but one hands on the operand's own number, the other makes a new one.
    """
    own = own_ops(type(raw.obj))
    given = [own.fresh(get(x.obj, x.shape.value)) if isinstance(x, Raw) else x for x in operands]
    out = own.call(row, [int(x) if isinstance(x, float) and x.is_integer() else x for x in given])
    if out is None:
        return False
    mine, theirs = get(out, raw.shape.value), get(raw.obj, raw.shape.value)
    first = operands[0]
    handed_on = isinstance(first, Raw) and theirs is get(first.obj, first.shape.value)
    return type(mine) is type(theirs) and handed_on == (mine is get(given[0], raw.shape.value))


# -- what is only recorded -----------------------------------------------------------------------------------


def _recorded(raw: Raw) -> Reading:
    refuse_links_to_consumers(type(raw.obj))
    local = local_derivatives(raw)
    operands = list({id(x.obj): x for x in raw.operands}.values())
    if local is None or any(id(x.obj) not in local for x in operands):
        name = type(raw.obj).__name__
        op = f"the op {raw.op!r}" if raw.op else "an op without a name"
        raise TypeError(
            f"{op} of this {name} is not known, nor are its local derivatives: make the graph again inside "
            f"`with record({name}):`, or say where they are with register_adapter({name}, local=…)"
        )
    return Reading(None, tuple(operands), partials=tuple(local[id(x.obj)] for x in operands))


def _derivatives_fit(row: str, raw: Raw, operands: Operands, local: dict[int, float]) -> bool:
    sums: dict[int, float] = {}
    for x, partial in zip(operands, OPS[row].backward(1.0, raw.value, *_values(operands)), strict=True):
        if isinstance(x, Raw):
            before = 0.0 if raw.keyed else sums.get(id(x.obj), 0.0)
            sums[id(x.obj)] = before + partial
    return all(close(sums.get(i, 0.0), own) for i, own in local.items())


def _values(operands: Operands) -> list[float]:
    return [x.value if isinstance(x, Raw) else float(x) for x in operands]


def operands_held(raw: Raw) -> list[Any] | None:
    """The operands that a node's backward function holds, where its container has others; None elsewhere.

    What the function sends gradients to counts, if it gives the node's value. A set loses the second of two
    operands that are equal; a container may have more than the operands, or those of an operand.
    """
    if raw.made is not None:
        return None
    row = raw.row or row_named(raw.maker[0])[0]
    if row is None and (raw.ordered or len(raw.items) != 1 or not _defines_equality(type(raw.obj))):
        return None
    held = [x for _, x in raw.held_in_order() if x is not raw.obj and type(x) is type(raw.obj) and is_node(x)]
    if not held or {id(x) for x in held} == {id(x) for x in raw.items if not isinstance(x, int | float)}:
        return None
    if row is None:
        return held if len(held) == 2 else None
    return held if _holds_operands(raw, row, [number_in(x, raw.shape) for x in held]) else None


def _holds_operands(raw: Raw, row: str, numbers: list[float]) -> bool:
    """Test whether numbers of held nodes, a plain number beside one perhaps, give a node's value."""
    arity = OPS[row].arity
    if len(numbers) == arity:
        return close(OPS[row].forward(*numbers), raw.value)
    if len(numbers) != 1 or arity != 2:
        return False
    beside = [*_numbers_held(raw), *([] if raw.number is None else [raw.number])]
    pairs = (pair for c in beside for pair in ((numbers[0], c), (c, numbers[0])))
    return any(close(OPS[row].forward(*pair), raw.value) for pair in pairs)


def refuse_links_to_consumers(cls: type) -> None:
    """Refuse a class whose nodes do not keep what they were computed from.

    Raises:
        TypeError: They do not.
    """
    if cls not in recorded_classes and not own_ops(cls).keeps_operands:
        refuse_what_keeps_nothing(cls)


def refuse_what_keeps_nothing(cls: type) -> NoReturn:
    """Refuse a class whose nodes keep nothing of their operands.

    Raises:
        TypeError: Always.
    """
    name = cls.__name__
    raise TypeError(
        f"a {name} does not keep what it was computed from: make the graph again inside "
        f"`with record({name}):`"
    )


def _defines_equality(cls: type) -> bool:
    return any("__eq__" in base.__dict__ for base in cls.__mro__[:-1])
