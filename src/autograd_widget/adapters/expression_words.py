"""Sentences about invalid expressions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from autograd_widget.messages import messages_in


@dataclass(frozen=True)
class Words:
    """The sentences of one language, to be filled in with `str.format`."""

    missing: str
    missing_at_end: str
    empty: str
    no_function: str
    no_function_but: str
    no_operator: str
    never_closed: str
    never_opened: str
    no_comma: str
    takes: str
    assignment: str
    unknown: str
    nothing_to_move: str


@cache
def words_of(language: str) -> Words:
    """The sentences of a language."""
    return Words(**messages_in(language)["python"]["expression"])
