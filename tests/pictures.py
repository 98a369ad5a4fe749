"""Reads what a Graphviz picture says from its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd_widget.widget.draw import Picture

STATEMENT = re.compile(r"^\t(\w+)(?: -> (\w+))?(?: \[(.*)\])?$")
LABEL = re.compile(r"label=(?:<(?P<html>.*?)>(?= |$)|(?P<plain>\"[^\"]*\"|\S+))")
ATTRIBUTE = re.compile(r'(\w+)=("[^"]*"|\S+)')


@dataclass(frozen=True)
class Edge:
    """An arrow, with the number on it."""

    tail: str
    head: str
    label: str | None
    dashed: bool


@dataclass(frozen=True)
class Read:
    """The nodes by id, line by line, and how they look; the edges."""

    lines: dict[str, list[str]]
    look: dict[str, dict[str, str]]
    edges: list[Edge]

    def texts(self) -> list[list[str]]:
        return sorted(self.lines.values())

    def find(self, name: str) -> str:
        """The id of the one node with this name."""
        (found,) = (i for i, lines in self.lines.items() if re.split("=", lines[-1])[0] == name)
        return found

    def into(self, name: str) -> list[Edge]:
        return [edge for edge in self.edges if edge.head == self.find(name)]

    def labels_into(self, name: str) -> list[str | None]:
        return sorted((edge.label for edge in self.into(name)), key=str)


def read(picture: Picture) -> Read:
    """Read the nodes and edges of a picture."""
    lines, looks, edges = {}, {}, []
    for tail, head, text in (m.groups("") for m in map(STATEMENT.match, picture.source.splitlines()) if m):
        if tail in {"graph", "node", "edge"}:
            continue
        found = LABEL.search(text)
        label = (found["html"] or found["plain"].strip('"')) if found else None
        look = {key: value.strip('"') for key, value in ATTRIBUTE.findall(LABEL.sub("", text))}
        if head:
            edges.append(Edge(tail, head, label, "dashed" in look.get("style", "")))
        else:
            lines[tail] = [unescape(line).replace("\\\\", "\\") for line in (label or "").split("<BR/>")]
            looks[tail] = look
    return Read(lines, looks, edges)
