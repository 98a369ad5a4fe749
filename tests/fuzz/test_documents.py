"""Mutated documents: both readers take the same ones, and refuse the others in the same sentence."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from autograd_widget import Graph, GraphWidget

CASES = 100_000 if os.environ.get("FUZZ") else 2_000

SOUND: dict[str, Any] = {
    "version": 1,
    "op": ["leaf", "const", "*", "custom", "tanh"],
    "inputs": [[], [], [0, 1], [2, 0], [3]],
    "value": {"0": 0.3, "1": 2},
    "label": {"0": "w", "2": "h1"},
    "frozen": [],
    "outputs": [2, 4],
    "custom": {"3": {"name": "mse", "value": 0.5, "partials": [1, "inf"], "live": False}},
    "guards": [["<", 0, 2, True]],
    "groups": [["outer", -1, [1, 4]], ["inner", 0, [2, 2, 4, 4]]],
    "sliders": {"0": [-1, 1, 0.5]},
    "passes": [
        2,
        {"root": 4, "gradient": 2},
        {"root": None, "count": 3, "added": {"0": 1.5}, "at": {"0": 1}},
    ],
    "preview": [4],
    "selected": 2,
    "opened": [0],
    "read_only": False,
    "language": "en",
    "rankdir": "TB",
    "later": {"keys": ["are", "ignored"]},
}

ODD: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    0.5,
    3,
    99,
    1e308,
    10**21,
    2**53,
    1e-7,
    1.5e-9,
    0.00001,
    123456.789,
    "",
    "0",
    "nan",
    "inf",
    "w",
    "😀" * 30,
    "\ud800",
    "\x00\x1f\u2028",
    "x" * 60,
    "__proto__",
    "constructor",
    "zh",
    "BT",
    "leaf",
    [],
    [0],
    [0, 0],
    [[0]],
    {},
    {"0": 1},
    {"b": 1, "1": 2, "0": 3},
    {"__proto__": 1},
    {"root": 2},
    {"hand": True, "added": {"0": 1}},
    {"live": True},
    {"added": {"00": 1}},
]

TEXTS = [
    "NaN",
    "Infinity",
    "-0.0",
    "-0",
    "1.0",
    "0.0",
    "9" * 5_000,
    "1e400",
    "-1e400",
    "1E5",
    "[" * 90 + "]" * 90,
]
"""Spellings that `json.dumps` has none of."""


def places(x: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path]
    if isinstance(x, dict):
        for key, item in x.items():
            found += places(item, (*path, key))
    elif isinstance(x, list):
        for i, item in enumerate(x):
            found += places(item, (*path, i))
    return found


def mutated(rng: random.Random, sound: dict[str, Any]) -> str:
    """A text with a few things of a sound document changed."""
    document = deepcopy(sound)
    spelled: dict[str, str] = {}
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        path = rng.choice(places(document)[1:] or [("op",)])
        holder: Any = document
        for step in path[:-1]:
            holder = holder[step]
        key, act = path[-1], rng.random()
        if act < 0.15:
            del holder[key]
        elif act < 0.25 and isinstance(holder, list):
            holder.insert(key, deepcopy(holder[key]))
        elif act < 0.35 and isinstance(holder, dict):
            holder[rng.choice(("07", "9", "1e0", "-0", "x", "__proto__", "4"))] = holder.pop(key)
        elif act < 0.55:
            spelled[f"<{len(spelled)}>"] = rng.choice(TEXTS)
            holder[key] = f"<{len(spelled) - 1}>"
        else:
            holder[key] = deepcopy(rng.choice(ODD))
    text = json.dumps(document, ensure_ascii=rng.random() < 0.5)
    for mark, spelling in spelled.items():
        text = text.replace(f'"{mark}"', spelling)
    if rng.random() < 0.02:
        at = rng.randrange(len(text))
        text = text[:at] + rng.choice('{}[],:"x1\\') + text[at + 1 :]
    return text


def said_by_python(text: str) -> str:
    try:
        Graph.from_json(text)
    except ValueError as error:
        said = str(error)
        return said.partition(" (")[0] if said.startswith("graph document: not JSON (") else said
    return ""


def said_by_the_page(texts: list[str]) -> list[str]:
    script = Path(__file__).with_name("documents.mjs")
    lines = "".join(f"{json.dumps(text)}\n" for text in texts)
    done = subprocess.run(["node", str(script)], input=lines, capture_output=True, text=True, check=True)
    said = [json.loads(line) for line in done.stdout.split("\n")[:-1]]
    return [one.partition(" (")[0] if one.startswith("graph document: not JSON (") else one for one in said]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
@pytest.mark.usefixtures("bundle")
def test_both_readers_decide_alike_in_the_same_words() -> None:
    rng = random.Random(23)
    texts = [mutated(rng, SOUND) for _ in range(CASES)]
    later = json.dumps({**SOUND, "later": "<>"})
    deep = "[" * 100_000 + "]" * 100_000
    texts += [later.replace('"<>"', spelling) for spelling in [*TEXTS, deep]]
    differ = []
    refused = 0
    for text, page in zip(texts, said_by_the_page(texts), strict=True):
        python = said_by_python(text)
        refused += bool(python)
        if python != page:
            differ.append((python, page, text[:2_000]))
    assert differ[:3] == [], f"{len(differ)} of {len(texts)} differ"
    assert len(texts) // 4 < refused < len(texts)


def test_what_is_taken_makes_a_widget() -> None:
    rng = random.Random(24)
    for _ in range(CASES // 20):
        text = mutated(rng, SOUND)
        if not said_by_python(text):
            refusal = ""
            try:
                GraphWidget.from_json(text).close()
            except ValueError as error:  # a preview from a node that no result needs
                refusal = str(error)
            assert not refusal or "is not in this graph" in refusal
