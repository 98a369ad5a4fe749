"""The optional keys of a graph document, which views need: one description of each, and what checks it.

`js/src/engine/optional.ts` is the twin of this file: the same table, the same sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NoReturn

from autograd_widget.engine.ops import LEAF

from .json_text import entries_of, index_of, shown, whole
from .number import decode_number

OPTIONAL: Final = {
    "groups": "[group]",
    "sliders": "{range}",
    "passes": "[pass]",
    "preview": "[node]",
    "selected": "node",
    "opened": "[group number]",
    "read_only": "flag",
    "language": "|en|zh",
    "rankdir": "auto|LR|TB|BT",
}
"""Kind of each key: a list in brackets, by leaf in braces, one of some words between bars. A key may be
missing, or null."""

RECORD: Final = {
    "root": "node",
    "name": "text",
    "gradient": "number",
    "hand": "flag",
    "count": "count",
    "live": "flag",
    "cleared": "[leaf]",
    "added": "{number}",
    "at": "{number}",
}
"""The keys of a pass that is more than the node where it began."""

WORDS: Final = {
    "group": "not a group within the one around it",
    "pass": "neither a node nor a record",
    "node": "not a node",
    "leaf": "not a leaf",
    "group number": "not the number of a group",
    "flag": "not true or false",
    "text": "not a string",
    "number": "not a number",
    "count": "not a count",
}
"""Words for something that is not of a kind."""

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
        self.fits: Mapping[str, Callable[[Any], bool]] = {
            "group": self.is_group,
            "pass": self.is_pass,
            "node": self.is_node,
            "leaf": self.is_leaf,
            "group number": lambda x: whole(x, INDEX_LIMIT) is not None,
            "flag": lambda x: isinstance(x, bool),
            "text": lambda x: isinstance(x, str),
            "number": lambda x: decode_number(x) is not None,
            "count": lambda x: bool(whole(x, INDEX_LIMIT)),
        }

    def check(self, document: Mapping[str, Any], table: Mapping[str, str] = OPTIONAL) -> None:
        """Check the keys of a table.

        Raises:
            ValueError: One is off; the sentence says where and why.
        """
        for key, kind in table.items():
            x = document.get(key)
            if x is None:
                continue
            if kind[0] == "[":
                self.check_list(key, x, kind[1:-1])
            elif kind[0] == "{":
                self.check_object(key, x, kind[1:-1])
            elif "|" in kind:
                self.check_word(key, x, kind.split("|"))
            elif not self.fits[kind](x):
                self.refuse(
                    f'"{key}" {"names" if kind == "node" else "is"} {shown(x)}, which is {WORDS[kind]}'
                )

    def check_list(self, key: str, given: Any, kind: str) -> None:
        """Check a list, item by item."""
        if not isinstance(given, list):
            self.refuse(f'"{key}" is {shown(given)}, which is not a list')
        if key in LIMITED and len(given) > MOST_PASSES:
            self.refuse(f'"{key}" has {len(given)} entries, and {MOST_PASSES} is the limit')
        for item in given:
            if not self.fits[kind](item):
                is_number = isinstance(item, int | float) and not isinstance(item, bool)
                words = WORDS["node" if kind == "pass" and is_number else kind]
                self.refuse(f'"{key}" names {shown(item)}, which is {words}')

    def check_object(self, key: str, given: Any, kind: str) -> None:
        """Check what each of some leaves has."""
        if not isinstance(given, Mapping):
            self.refuse(f'"{key}" is {shown(given)}, which is not an object')
        for spelled, x in entries_of(given):
            i = index_of(spelled)
            if kind == "number" and decode_number(x) is None:
                self.refuse(f'"{key}" has {shown(x)} for {shown(spelled)}, which is not a number')
            if i is None or not self.is_leaf(i):
                named = spelled if i is None or kind == "range" else i
                self.refuse(f'"{key}" names {shown(named)}, which is not a leaf')
            if kind == "range":
                self.check_range(i, x)

    def check_range(self, leaf: int, given: Any) -> None:
        """Check the range of a slider."""
        numbers = (
            [decode_number(x) for x in given if not isinstance(x, str)] if isinstance(given, list) else []
        )
        found = [x for x in numbers if x is not None]
        if len(found) not in (2, 3) or len(found) != len(given):
            low, high, step = 0.0, 1.0, 0.0
        else:
            low, high, step = (*found, (found[1] - found[0]) / 2)[:3]
        if not low < high:
            self.refuse(f"the slider of leaf {leaf} is empty: {shown(given)}")
        if not 0 < step <= high - low:
            self.refuse(f"the slider of leaf {leaf} needs [lowest, highest, step], not {shown(given)}")

    def check_word(self, key: str, given: Any, words: Sequence[str]) -> None:
        """Check one of some words."""
        if given not in words:
            there_are = ", ".join(f'"{word}"' for word in words if word)
            self.refuse(f'"{key}" is {shown(given)}, and there are {there_are}')

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
        self.check(x, RECORD)
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
        if not rises or any(found != outer for found in inside):
            return False
        if depth > DEEPEST_GROUP:
            self.refuse(f'"groups" are {depth} deep in each other, and {DEEPEST_GROUP} is the limit')
        for first, last in pairs:
            self.innermost[first : last + 1] = [len(self.depths)] * (last + 1 - first)
        self.depths.append(depth)
        return True
