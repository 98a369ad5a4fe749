"""JSON as JavaScript reads and writes it, for both languages to take and cite documents alike."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from math import isfinite
from typing import Any, Final, NoReturn

MAX_SHOWN: Final = 40

DEEPEST: Final = 100
"""Limit of nested lists and objects: other readers take as little as this."""

LARGEST_INT: Final = 16
"""The length from which integers are read as the doubles next to them, as JavaScript does."""


def parse(text: str) -> Any:
    """Parse a text as JSON, strictly.

    Raises:
        ValueError: It is none; the sentence says why.
        RecursionError: It is nested too deep for the parser.
    """
    return json.loads(text, parse_constant=_refuse_constant, parse_int=_integer, parse_float=Double)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number in JSON")


class Double(float):
    """A number of a text: JavaScript takes 1.0 for 1, and keeps no more than doubles."""


def _integer(digits: str) -> float:
    return int(digits) if len(digits) < LARGEST_INT else Double(digits)


def is_deep(x: Any) -> bool:
    """Test whether lists and objects are nested too deep."""
    level: list[Any] = [x]
    for _ in range(DEEPEST + 1):
        level = list({id(item): item for found in level for item in _items(found)}.values())
        if not level:
            return False
    return True


def _items(x: Any) -> Iterable[Any]:
    items = x.values() if isinstance(x, Mapping) else x if isinstance(x, list) else ()
    return [item for item in items if isinstance(item, Mapping | list)]


def whole(x: Any, size: float) -> int | None:
    """A whole number from 0 to below a size; None for anything else."""
    is_whole = type(x) is int or (isinstance(x, Double) and x.is_integer()) or (type(x) is float and x == 0.0)
    return int(x) if is_whole and 0 <= x < size else None


def index_of(key: Any) -> int | None:
    """Read a key as an index; None for other spellings such as "07", "1e0" and "١"."""
    is_index = isinstance(key, str) and key.isascii() and key.isdigit() and len(key) < 10
    return int(key) if is_index and str(int(key)) == key else None


def entries_of(given: Mapping[Any, Any]) -> list[tuple[Any, Any]]:
    """The entries of an object in JavaScript's order: indices first, by their size."""
    indices = sorted((i, key) for key in given if (i := index_of(key)) is not None)
    return [(key, given[key]) for _, key in indices] + [
        (key, x) for key, x in given.items() if index_of(key) is None
    ]


def shown(x: Any) -> str:
    """Write a value as JSON, short enough for a sentence."""
    if is_deep(x):
        return f"a value of type {type(x).__name__}"
    text = ""
    for piece in _pieces(x):
        text += piece
        if len(text) > MAX_SHOWN:
            break
    return cut(text, MAX_SHOWN)


def cut(text: str, limit: int) -> str:
    """Cut a text that is too long, by the units of UTF-16 that JavaScript counts."""
    units = text[: limit + 1].encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * limit:
        return text
    return f"{units[: 2 * limit - 2].decode('utf-16-le', 'surrogatepass')}…"


def _pieces(x: Any) -> Iterator[str]:
    if isinstance(x, Mapping):
        yield "{"
        for i, (key, item) in enumerate(entries_of(x)):
            yield f"{',' if i else ''}{_text(str(key))}:"
            yield from _pieces(item)
        yield "}"
    elif isinstance(x, list | tuple):
        yield "["
        for i, item in enumerate(x):
            yield "," if i else ""
            yield from _pieces(item)
        yield "]"
    else:
        yield _scalar(x)


def _scalar(x: Any) -> str:
    if isinstance(x, str):
        return _text(x)
    if x is None or x is True or x is False:
        return {None: "null", True: "true", False: "false"}[x]
    if isinstance(x, int):
        try:
            return str(x)
        except ValueError:  # longer than Python writes
            return f"a value of type {type(x).__name__}"
    return _number(x) if isinstance(x, float) else _text(repr(x)[: 2 * MAX_SHOWN])


def _text(x: str) -> str:
    written = json.dumps(x[: 2 * MAX_SHOWN], ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", written)


def _number(x: float) -> str:
    """A number, as JavaScript writes it if it has read it."""
    if not isinstance(x, Double):
        return json.dumps(x)
    if not isfinite(x):
        return "null"
    if x == 0.0:
        return "0"
    sign, digits, exponent = Decimal(repr(float(x))).normalize().as_tuple()
    ds, point = "".join(map(str, digits)), len(digits) + int(exponent)
    if len(ds) <= point <= 21:
        text = ds + "0" * (point - len(ds))
    elif 0 < point <= 21:
        text = f"{ds[:point]}.{ds[point:]}"
    elif -6 < point <= 0:
        text = f"0.{'0' * -point}{ds}"
    else:
        text = f"{ds[0]}{'.' if ds[1:] else ''}{ds[1:]}e{point - 1:+d}"
    return f"{'-' if sign else ''}{text}"
