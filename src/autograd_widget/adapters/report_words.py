"""The words of a report on an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from autograd_widget.messages import messages_in


@dataclass(frozen=True)
class Words:
    """The sentences of one language, to be filled in with `str.format`."""

    headline: str
    mend: str
    value: str
    gradient: str
    value_row: str
    gradient_row: str
    before: str
    raised: str
    made_of: str
    right: str
    note: str
    notes: str
    stop: str
    found: str
    absent: str
    no_backward: str
    run_again: str
    starts_anew: str
    graph_right: str
    graph_off: str
    last_writer: str
    node: str
    yours: str
    chain_rule: str
    columns: Mapping[str, str]
    hints: Mapping[str, tuple[str, str, str]]
    """By kind, or by op and known mistake, a question, where to look, and the answer."""


@cache
def words_of(language: str) -> Words:
    """The sentences of a language.

    Raises:
        ValueError: There is none.
    """
    return Words(**messages_in(language)["python"]["report"])


def hints_for(language: str, kind: str, op: str, mistake: str = "") -> tuple[str, ...]:
    """Three hints, the answer last: of the known mistake where it is one, else of the kind."""
    hints = words_of(language).hints
    return tuple(hint.format(op=op) for hint in hints.get(f"{op} {mistake}", hints[kind]))
