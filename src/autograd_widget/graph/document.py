"""The graph document: its columns, its reader and writer, and the errors of one that is refused.

`js/src/engine/document.ts` is the twin of this file, down to the sentences: `tests/conformance/refused.json`
holds both to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Any, Final, NamedTuple, NoReturn

from autograd_widget.engine.guards import COMPARISONS
from autograd_widget.engine.ops import CONST, CUSTOM, LEAF, OPS, SOURCES

from . import json_text
from .json_text import entries_of, index_of, shown, whole
from .number import decode_number, encode_number
from .optional import OptionalKeys

VERSION: Final = 1

MIME: Final = "application/vnd.autograd-graph+json"
"""The media type of a document in an output; `js/lab/reader.js` draws it where the widget is gone."""

TOO_DEEP: Final = "not JSON (too deep)"

ID_OF_AN_EARLIER_NODE: Final = "which is not the id of an earlier node"


@dataclass
class Custom:
    """A node whose op is not in the table."""

    name: str
    live: bool
    """True if the kernel can recompute it; else its numbers stay as recorded."""
    value: float
    partials: tuple[float, ...]
    """The local derivative towards each operand."""


class GraphGuard(NamedTuple):
    """A comparison of two nodes on which the program branched, and what came of it."""

    op: str
    left: int
    right: int
    outcome: bool

    def holds(self, values: Sequence[float]) -> bool:
        """Test whether the comparison comes out as it did."""
        return COMPARISONS[self.op](values[self.left], values[self.right]) is self.outcome


@dataclass
class Columns:
    """The columns of a valid document."""

    ops: list[str]
    inputs: list[tuple[int, ...]]
    values: list[float]
    """The values of leaves, constants and custom nodes; 0 elsewhere."""
    labels: dict[int, str]
    frozen: list[int]
    outputs: list[int]
    customs: dict[int, Custom]
    guards: list[GraphGuard] = field(default_factory=list)


def parsed(text: str) -> Any:
    """Parse a text as JSON.

    Raises:
        ValueError: It is none; the sentence says why.
    """
    try:
        found = json_text.parse(text)
    except RecursionError:
        refuse(TOO_DEEP)
    except ValueError as error:
        refuse(f"not JSON ({error})")
    if json_text.is_deep(found):
        refuse(TOO_DEEP)
    return found


def read(document: Any) -> Columns:
    """Read the columns of a document. Unknown keys are ignored.

    Raises:
        ValueError: The document is invalid; the sentence says where and why.
    """
    if json_text.is_deep(document):
        refuse(TOO_DEEP)
    if not isinstance(document, Mapping):
        refuse(f"{shown(document)} is not an object")
    _check_version(document)
    ops = _read_ops(document.get("op"))
    inputs = _read_inputs(document.get("inputs"), ops)
    columns = Columns(
        ops=ops,
        inputs=inputs,
        values=_read_values(document.get("value"), ops),
        labels=_read_labels(document.get("label", {}), len(ops)),
        frozen=_read_frozen(document.get("frozen", []), ops),
        outputs=_read_outputs(document.get("outputs"), len(ops)),
        customs=_read_customs(document.get("custom", {}), ops, inputs),
    )
    OptionalKeys(ops, refuse).check_all(document)
    columns.guards = [GraphGuard(op, int(i), int(j), x) for op, i, j, x in document.get("guards") or []]
    for i, custom in columns.customs.items():
        columns.values[i] = custom.value
    return columns


def write(columns: Columns) -> dict[str, Any]:
    """Write a document, version 1: all that cannot be recomputed, as plain JSON types."""
    given = [i for i, op in enumerate(columns.ops) if op in SOURCES]
    document: dict[str, Any] = {
        "version": VERSION,
        "op": list(columns.ops),
        "inputs": [list(operands) for operands in columns.inputs],
        "value": {str(i): encode_number(columns.values[i]) for i in given},
        "label": {str(i): label for i, label in columns.labels.items()},
        "frozen": list(columns.frozen),
        "outputs": list(columns.outputs),
    }
    if columns.customs:
        document["custom"] = {str(i): _written(custom) for i, custom in columns.customs.items()}
    if columns.guards:
        document["guards"] = [list(guard) for guard in columns.guards]
    return document


def _written(custom: Custom) -> dict[str, Any]:
    return {
        "name": custom.name,
        "value": encode_number(custom.value),
        "partials": [encode_number(partial) for partial in custom.partials],
        "live": custom.live,
    }


def _check_version(document: Mapping[str, Any]) -> None:
    if "version" not in document:
        refuse('"version" is missing')
    version = document["version"]
    if (number := whole(version, inf)) is not None and number > VERSION:
        refuse(f"version {shown(version)} is from the future, and this engine reads version {VERSION}")
    if number != VERSION:
        refuse(f"the version is {shown(version)}, and this engine reads version {VERSION}")


def _read_ops(op: Any) -> list[str]:
    if not isinstance(op, list):
        refuse('"op" is not a list')
    if not op:
        refuse('"op" is empty')
    for i, name in enumerate(op):
        if not isinstance(name, str) or (name not in OPS and name not in (LEAF, CONST, CUSTOM)):
            refuse(f"node {i} has the op {shown(name)}, which is not in the table")
    return list(op)


def _read_inputs(inputs: Any, ops: list[str]) -> list[tuple[int, ...]]:
    if not isinstance(inputs, list):
        refuse('"inputs" is not a list')
    if len(inputs) != len(ops):
        refuse(f'"op" has {len(ops)} entries and "inputs" has {len(inputs)}')
    for i, operands in enumerate(inputs):
        if not isinstance(operands, list):
            refuse(f"the inputs of node {i} are not a list")
        _check_arity(ops[i], i, len(operands))
        for j in operands:
            if whole(j, i) is None:
                refuse(f"node {i} has the input {shown(j)}, {ID_OF_AN_EARLIER_NODE}")
    return [tuple([int(j) for j in operands]) for operands in inputs]


def _check_arity(op: str, i: int, count: int) -> None:
    arity = 0 if op in SOURCES else None if op == CUSTOM else OPS[op].arity
    if count >= 1 if arity is None else count == arity:
        return
    wanted = "1 input or more" if arity is None else _inputs(arity)
    refuse(f"node {i} has {_inputs(count)}, and {shown(op)} takes {wanted}")


def _inputs(count: int) -> str:
    return "1 input" if count == 1 else f"{count or 'no'} inputs"


def _read_values(value: Any, ops: list[str]) -> list[float]:
    if not isinstance(value, Mapping):
        refuse('"value" is not an object')
    values = [0.0] * len(ops)
    given = set()
    for key, wire in entries_of(value):
        i = _id_of(key, len(ops))
        if i is None or ops[i] not in SOURCES:
            refuse(f'"value" names {shown(key)}, which is not a leaf or a const')
        values[i] = _read_number(wire, f"the value of node {i}")
        given.add(i)
    for i, op in enumerate(ops):
        if op in SOURCES and i not in given:
            refuse(f"node {i} is a {op} and has no value")
    return values


def _read_number(wire: Any, what: str) -> float:
    number = decode_number(wire)
    if number is None:
        refuse(f'{what} is {shown(wire)}, which is not a finite number, "nan", "inf" or "-inf"')
    return number


def _read_labels(label: Any, size: int) -> dict[int, str]:
    if not isinstance(label, Mapping):
        refuse('"label" is not an object')
    labels = {}
    for key, text in entries_of(label):
        i = _id_of(key, size)
        if i is None:
            refuse(f'"label" names {shown(key)}, which is not a node')
        if not isinstance(text, str):
            refuse(f"the label of node {i} is {shown(text)}, which is not a string")
        labels[i] = text
    return labels


def _read_frozen(frozen: Any, ops: list[str]) -> list[int]:
    if not isinstance(frozen, list):
        refuse('"frozen" is not a list')
    seen = set()
    for x in frozen:
        i = whole(x, len(ops))
        if i is None or ops[i] != LEAF:
            refuse(f'"frozen" names {shown(x)}, which is not a leaf')
        if i in seen:
            refuse(f'"frozen" names {i} twice')
        seen.add(i)
    return list(map(int, frozen))


def _read_outputs(outputs: Any, size: int) -> list[int]:
    if not isinstance(outputs, list):
        refuse('"outputs" is not a list')
    if not outputs:
        refuse('"outputs" is empty')
    for x in outputs:
        if whole(x, size) is None:
            refuse(f'"outputs" names {shown(x)}, which is not a node')
    return list(dict.fromkeys(map(int, outputs)))


def _read_customs(customs: Any, ops: list[str], inputs: Sequence[Sequence[int]]) -> dict[int, Custom]:
    if not isinstance(customs, Mapping):
        refuse('"custom" is not an object')
    read_customs = {}
    for key, entry in entries_of(customs):
        i = _id_of(key, len(ops))
        if i is None or ops[i] != CUSTOM:
            refuse(f'"custom" names {shown(key)}, which is not a node with a custom op')
        read_customs[i] = _read_custom(i, entry, len(inputs[i]))
    for i, op in enumerate(ops):
        if op == CUSTOM and i not in read_customs:
            refuse(f'node {i} has a custom op and no entry in "custom"')
    return read_customs


def _read_custom(i: int, entry: Any, arity: int) -> Custom:
    if not isinstance(entry, Mapping):
        refuse(f'the entry of node {i} in "custom" is not an object')
    name, partials, live = entry.get("name"), entry.get("partials"), entry.get("live")
    if not isinstance(name, str) or not name:
        refuse(f'the entry of node {i} in "custom" has no name')
    if not isinstance(partials, list) or len(partials) != arity:
        refuse(f"node {i} has {_inputs(arity)}, and its partials are not a list of as many")
    if not isinstance(live, bool):
        refuse(f'the entry of node {i} in "custom" does not say whether it is live')
    return Custom(
        name,
        live,
        _read_number(entry.get("value"), f"the value of node {i}"),
        tuple([_read_number(wire, f"a partial of node {i}") for wire in partials]),
    )


def _id_of(key: Any, size: int) -> int | None:
    i = index_of(key)
    return None if i is None or i >= size else i


def refuse(why: str) -> NoReturn:
    """Raise the error of an invalid document."""
    raise ValueError(f"graph document: {why}")
