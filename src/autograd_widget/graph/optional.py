"""The optional keys of a graph document, which views need: one description of each, and what checks it.

`js/src/engine/keys.ts` is the twin of this file: the same table, the same sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NoReturn

from autograd_widget.engine.guards import COMPARISONS
from autograd_widget.engine.ops import LEAF

from .json_text import entries_of, index_of, shown, whole
from .number import decode_number

OPTIONAL: Final = {
    "guards": "[a comparison of two nodes",
    "groups": "[a group within the one around it, 100 deep at most",
    "sliders": "{a leaf",
    "passes": "[a node or a record",
    "preview": "[a node",
    "selected": "a node",
    "opened": "[the number of a group",
    "read_only": "true or false",
    "language": "en or zh",
    "rankdir": "auto, LR, TB or BT",
    "expression": "a string",
    "explored": "true or false",
}
"""Kind by key, in the words of a refusal: with a bracket that of the items of a list, with a brace that of an
object's keys. A key may be missing, or null."""

RECORD: Final = {
    "root": "a node",
    "name": "a string",
    "gradient": "a number",
    "hand": "true or false",
    "count": "a count",
    "live": "true or false",
    "cleared": "[a leaf",
    "added": "{a leaf",
    "at": "{a leaf",
}
"""Kinds in a pass that is more than the node where it began."""

LIMITED: Final = ("passes", "preview")

MOST_PASSES: Final = 1_000
"""A document that was written has 51 at most."""

DEEPEST_GROUP: Final = 100

INDEX_LIMIT: Final = 2.0**53


class OptionalKeys:
    """Checks the optional keys of one document.

    Args:
        ops: The ops of its nodes.
        refuse: Raises the error of a document that is off.
    """

    def __init__(self, ops: Sequence[str], refuse: Callable[[str], NoReturn]) -> None:
        self.ops, self.refuse = ops, refuse
        self.innermost = [-1] * len(ops)
        self.depths: list[int] = []
        self.kinds: Mapping[str, Callable[[Any], bool]] = {
            "a node": self.is_node,
            "a leaf": self.is_leaf,
            "a node or a record": self.is_pass,
            "a comparison of two nodes": self.is_guard,
            "a group within the one around it, 100 deep at most": self.is_group,
            "the number of a group": lambda x: whole(x, INDEX_LIMIT) is not None,
            "a count": lambda x: bool(whole(x, INDEX_LIMIT)),
            "a number": lambda x: decode_number(x) is not None,
            "a string": lambda x: isinstance(x, str),
            "true or false": lambda x: isinstance(x, bool),
            "en or zh": lambda x: x in ("", "en", "zh"),
            "auto, LR, TB or BT": lambda x: x in ("auto", "LR", "TB", "BT"),
        }

    def check_all(self, document: Mapping[str, Any], table: Mapping[str, str] = OPTIONAL) -> None:
        """Check the keys of a table.

        Raises:
            ValueError: One is off; the sentence says where and why.
        """
        for key, kind in table.items():
            x = document.get(key)
            if x is None:
                continue
            if kind[0] == "[":
                self.check_list(key, x, kind[1:])
            elif kind[0] == "{":
                self.check_object(key, x, kind[1:])
            else:
                self.check(key, x, kind, "is")

    def check(self, key: str, x: Any, kind: str, verb: str) -> None:
        """Check one thing that a key has."""
        if not self.kinds[kind](x):
            self.refuse(f'"{key}" {verb} {shown(x)}, which is not {kind}')

    def check_list(self, key: str, given: Any, kind: str) -> None:
        """Check a list, item by item."""
        if not isinstance(given, list):
            self.refuse(f'"{key}" is not a list')
        for item in given:
            self.check(key, item, kind, "names")
        if key in LIMITED and len(given) > MOST_PASSES:
            self.refuse(f'"{key}" has {len(given)} entries, and {MOST_PASSES} is the limit')

    def check_object(self, key: str, given: Any, kind: str) -> None:
        """Check what each of some leaves has."""
        if not isinstance(given, Mapping):
            self.refuse(f'"{key}" is not an object')
        for spelled, x in entries_of(given):
            if not self.kinds[kind](index_of(spelled)):
                self.refuse(f'"{key}" names {shown(spelled)}, which is not {kind}')
            if key == "sliders":
                self.check_range(spelled, x)
            else:
                self.check(key, x, "a number", "has")

    def check_range(self, leaf: str, given: Any) -> None:
        """Check the range of a slider."""
        numbers = (
            [decode_number(x) for x in given if not isinstance(x, str)] if isinstance(given, list) else []
        )
        found = [x for x in numbers if x is not None]
        if len(found) not in (2, 3) or len(found) != len(given):
            low, high, step = 0.0, 0.0, 0.0
        else:
            low, high, step = (*found, (found[1] - found[0]) / 2)[:3]
        if not (low < high and 0 < step <= high - low):
            self.refuse(f"the slider of leaf {leaf} needs [lowest, highest, step], not {shown(given)}")

    def is_guard(self, x: Any) -> bool:
        """Test for `[sign, left, right, outcome]`."""
        op, left, right, outcome = x if isinstance(x, list) and len(x) == 4 else (None,) * 4
        is_sign = isinstance(op, str) and op in COMPARISONS
        return is_sign and self.is_node(left) and self.is_node(right) and isinstance(outcome, bool)

    def is_node(self, x: Any) -> bool:
        """Test whether something is the id of a node."""
        return whole(x, len(self.ops)) is not None

    def is_leaf(self, x: Any) -> bool:
        """Test whether something is the id of a leaf."""
        i = whole(x, len(self.ops))
        return i is not None and self.ops[i] == LEAF

    def is_pass(self, x: Any) -> bool:
        """Test for a node, or a record of a pass; the keys of a record are checked one by one."""
        if not isinstance(x, Mapping):
            return self.is_node(x)
        self.check_all(x, RECORD)
        return x.get("live") is not True or x.get("root") is not None

    def is_group(self, x: Any) -> bool:
        """Test for a group, `[name, parent, [first, last, …]]`, of its parent's own nodes."""
        name, parent, runs = x if isinstance(x, list) and len(x) == 3 else (None, None, None)
        if not (isinstance(name, str) and isinstance(runs, list) and runs and len(runs) % 2 == 0):
            return False
        outer = -1 if parent == -1 and not isinstance(parent, bool) else whole(parent, len(self.depths))
        ids = [i for i in [whole(i, len(self.ops)) for i in runs] if i is not None]
        if outer is None or len(ids) != len(runs):
            return False
        rises = all(a <= b if i % 2 == 0 else a < b for i, (a, b) in enumerate(pairwise(ids)))
        depth = 1 + (self.depths[outer] if outer >= 0 else 0)
        pairs = list(zip(ids[::2], ids[1::2], strict=True))
        inside = (found for first, last in pairs for found in self.innermost[first : last + 1])
        if not rises or depth > DEEPEST_GROUP or any(found != outer for found in inside):
            return False
        for first, last in pairs:
            self.innermost[first : last + 1] = [len(self.depths)] * (last + 1 - first)
        self.depths.append(depth)
        return True
