"""The built module's engine against the same loop in C, and against an engine of objects with closures."""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import examples
from rows import Row

from autograd_widget import Graph, Scalar

HERE = Path(__file__).parent
ROUNDS = 7
CODES = {"leaf": 0, "const": 0, "+": 1, "*": 2, "**": 3, "tanh": 4, "relu": 5, "neg": 6}


def rows() -> Iterator[Row]:
    """Forward + backward of two graphs."""
    moons = Graph.of(examples.moons_loss(Scalar, examples.network(Scalar))).to_dict()
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "engine"
        subprocess.run(["gcc", "-O2", "-o", program, HERE / "engine.c", "-lm"], check=True)
        for name, document, limit in (
            ("moons graph", moons, "<= 1.6"),
            ("mix, 20% each of + * ** tanh relu", examples.mix(len(moons["op"])), "<= 1.3"),
        ):
            yield from compared(name, document, limit, program, Path(folder))


def compared(name: str, document: dict[str, Any], limit: str, program: Path, folder: Path) -> Iterator[Row]:
    """The rows of one graph: all three by turns."""
    (folder / "graph.json").write_text(json.dumps(document), "utf-8")
    (folder / "graph.txt").write_text(flat(document), "utf-8")
    found: dict[str, list[float]] = {"c": [], "ours": [], "closures": []}
    for _ in range(ROUNDS):
        found["c"].append(float(output(program, folder / "graph.txt")))
        for key, times in json.loads(output("node", HERE / "engine.mjs", folder / "graph.json")).items():
            found[key].append(times)
    middle = {key: f"{statistics.median(times):.3g} ns/node" for key, times in found.items()}
    to_c = statistics.median(a / b for a, b in zip(found["ours"], found["c"], strict=True))
    to_closures = statistics.median(b / a for a, b in zip(found["ours"], found["closures"], strict=True))
    what = f"JavaScript, forward + backward, {name}"
    yield Row(f"{what}, against C", middle["ours"], middle["c"], to_c, limit, "times its time")
    wanted = ">= 60" if name == "moons graph" else ""
    yield Row(
        f"{what}, against objects with closures, built anew as these are",
        middle["ours"],
        middle["closures"],
        to_closures,
        wanted,
    )


def flat(document: dict[str, Any]) -> str:
    """Write the graph as the C program reads it: per node its code, two operands and a value."""
    lines = [f"{len(document['op'])} {document['outputs'][0]}"]
    for i, (op, operands) in enumerate(zip(document["op"], document["inputs"], strict=True)):
        a, b = [*operands, 0, 0][:2]
        lines.append(f"{CODES[op]} {a} {b} {document['value'].get(str(i), 0.0)!r}")
    return "\n".join(lines)


def output(*command: str | Path) -> str:
    """Run a program, and return its output."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
