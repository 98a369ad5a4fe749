"""Runs every benchmark, prints the table and writes it to `results.md`: `make bench`.

    python benchmarks/run.py [subject …]

A subject is a file `bench_*.py` here; with subjects named, only these run and nothing is written.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from importlib import import_module
from pathlib import Path

from rows import Row

from autograd_widget.engine import core

HERE = Path(__file__).parent


def main(subjects: list[str]) -> None:
    """Print rows as they come, and write them when all have."""
    started = load()
    table = []
    for row in all_rows(subjects):
        table.append(row)
        print(line(row), flush=True)
    if not subjects:
        (HERE / "results.md").write_text(page(table, started), "utf-8")


def all_rows(subjects: list[str]) -> Iterator[Row]:
    """The rows of all subjects, or of those that were named."""
    found = sorted(path.stem.removeprefix("bench_") for path in HERE.glob("bench_*.py"))
    for subject in subjects or found:
        yield from import_module(f"bench_{subject}").rows()


def line(row: Row) -> str:
    """A row as Markdown."""
    verdict = {True: "holds", False: "**does not hold**", None: ""}[row.holds]
    return (
        f"| {row.what} | {row.ours} | {row.other} | {row.result:.3g} {row.unit} | {row.wanted} | {verdict} |"
    )


def page(table: list[Row], started: str) -> str:
    """The table, with the machine and the date."""
    when = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M} UTC"
    busy = (
        f"Processes waiting (load average): {started} at the start, {load()} at the end. Above the number of "
        "processors the machine was shared, and single rounds are noisy."
    )
    how = (
        "Each result is the median over rounds of a ratio of two times taken one after the other. Times are "
        "medians too, of the processor in Python and of the clock in JavaScript and C."
    )
    columns = "| what | ours | the other | result | wanted | |\n|---|---|---|---|---|---|"
    head = [f"# Benchmarks\n\nWritten by `make bench` on {when}.\n\n{machine()}. {busy}\n\n{how}\n", columns]
    return "\n".join([*head, *map(line, table), ""])


def machine() -> str:
    """Describe the machine."""
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        names = [
            x.split(":", 1)[1].strip() for x in info.read_text().splitlines() if x.startswith("model name")
        ]
        processor = names[0] if names else processor
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    engine = "compiled" if core.IS_COMPILED else "plain Python"
    return (
        f"{os.cpu_count()} × {processor}, Python {platform.python_version()}, Node {node}; "
        f"the Python engine is {engine}"
    )


def load() -> str:
    """The load of the machine."""
    return f"{os.getloadavg()[0]:.1f}"


if __name__ == "__main__":
    main(sys.argv[1:])
