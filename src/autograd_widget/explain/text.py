"""Text for a terminal and Markdown for a notebook: numbers, tables and whole accounts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import log10
from typing import Final
from unicodedata import east_asian_width

LARGEST_COUNTED: Final = 10**6

MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")
"""Characters that are special in Markdown, or in the mathematics in it."""


def product(*factors: str) -> str:
    """Write a product; negative factors after the first in parentheses."""
    return " · ".join(
        f"({text})" if i > 0 and text.startswith("-") else text for i, text in enumerate(factors)
    )


def counted(n: int) -> str:
    """Write a count, which may have more digits than Python converts."""
    if n < LARGEST_COUNTED:
        return str(n)
    exponent = int(log10(n))
    return f"{10 ** (log10(n) - exponent):.1f}e{exponent}"


def shortened(parts: list[str], limit: int) -> list[str]:
    """Keep the first and the last parts, with dots for those between."""
    kept = limit // 2
    return parts if len(parts) <= limit else [*parts[:kept], "…", *parts[-kept:]]


@dataclass
class Table:
    """Rows of cells: first columns of text, then of numbers. Columns with nothing in them are left out."""

    rows: list[list[str]]
    header: list[str] | None = None
    total: list[str] | None = None
    texts: int = 1
    """The number of text columns."""

    def __post_init__(self) -> None:
        lines = [line for line in (self.header, *self.rows, self.total) if line is not None]
        used = [any(column) for column in zip(*lines, strict=True)]
        self.texts = sum(used[: self.texts])
        self.header, self.total = (line and _of(line, used) for line in (self.header, self.total))
        self.rows = [_of(row, used) for row in self.rows]


def _of(line: list[str], used: list[bool]) -> list[str]:
    return [one_line(cell) for cell, is_used in zip(line, used, strict=True) if is_used]


@dataclass
class Account:
    """Headings, sentences and tables, one after the other."""

    parts: list[tuple[str, str | Table]]
    """`("heading", text)`, `("line", text)` or `("table", table)`."""

    def as_text(self) -> str:
        """Format for a terminal."""
        lines, indent = [], ""
        for kind, part in self.parts:
            if kind == "heading":
                lines += ["", one_line(str(part))]
            elif isinstance(part, Table):
                lines += [f"{indent}{line}".rstrip() for line in _aligned(part)]
            else:
                lines.append(indent + one_line(part))
            indent = "  " if kind == "heading" else indent
        return "\n".join(lines).strip("\n")

    def as_markdown(self) -> str:
        """Format for a notebook."""
        blocks = []
        for kind, part in self.parts:
            if isinstance(part, Table):
                blocks.append("\n".join(_markdown_table(part)))
            else:
                blocks.append(f"**{escaped(part)}**" if kind == "heading" else escaped(part))
        return "\n\n".join(blocks)


def escaped(text: str) -> str:
    """Escape the characters that are special in Markdown."""
    return MARKS.sub(r"\\\1", one_line(text))


def one_line(text: str) -> str:
    """Join the lines of a label, which may have line breaks."""
    return " ".join(text.splitlines())


def _aligned(table: Table) -> Iterator[str]:
    rows = [*([table.header] if table.header else []), *table.rows, *([table.total] if table.total else [])]
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        if row is table.total:
            yield "─" * (sum(widths) + 2 * (len(widths) - 1))
        cells = []
        for i, (cell, width) in enumerate(zip(row, widths, strict=True)):
            room = " " * (width - _width(cell))
            cells.append(cell + room if i < table.texts else room + cell)
        yield "  ".join(cells)


def _markdown_table(table: Table) -> Iterator[str]:
    columns = len((table.rows or [table.header or table.total or []])[0])

    def line(cells: list[str], write: Callable[[str], str] = escaped) -> str:
        return f"| {' | '.join(write(cell) for cell in cells)} |"

    yield line(table.header or [""] * columns)
    yield line([":--" if i < table.texts else "--:" for i in range(columns)], str)
    for row in table.rows:
        yield line(row)
    if table.total:
        yield line(table.total, lambda cell: f"**{escaped(cell)}**" if cell else "")


def _width(text: str) -> int:
    """The width in a terminal, where Chinese characters take two columns."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
