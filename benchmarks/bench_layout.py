"""The layout against Graphviz's `dot` and dagre, on families of graphs that it was tuned on and on others."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

from rows import Row

HERE = Path(__file__).parent
LIMITS = {
    "recurrence of 100 steps": "<= 50",
    "recurrence of 1,000 steps": "<= 200",
    "MLP of 19,799": "<= 1000",
}
FIGURES = {
    "crossings": "crossings as drawn",
    "straight": "crossings of straight lines",
    "length": "length as drawn",
    "straightLength": "length of straight lines",
}


def rows() -> Iterator[Row]:
    """Per family the median ratio of crossings and lengths; then times."""
    command = ["node", HERE / "layout" / "compare.mjs", "--all", "--json"]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    for other, is_there in (("dot", found["hasDot"]), ("dagre", found["hasDagre"])):
        if not is_there:
            yield Row(f"layout, against {other}", "", f"{other} is not installed", 0.0, "")
    for row in found["rows"]:
        for key, what in FIGURES.items():
            middle, worst = row["figures"][key]
            yield Row(
                f"layout, {what}, {row['name']}, against {row['other']}",
                f"{row['graphs']} graphs",
                f"at worst {worst:.2f}",
                middle,
                ">= 1",
            )
    for row in found["times"]:
        name, ours, dot = row["name"], row["ours"], row["dot"]
        if dot is not None:
            what = f"layout, time, {name}, against dot"
            yield Row(what, f"{ours:.0f} ms", f"{dot:.0f} ms", ours / dot, "<= 1", "times its time")
        if name in LIMITS:
            yield Row(f"layout, time, {name}", f"{ours:.0f} ms", "", ours, LIMITS[name], "ms")
