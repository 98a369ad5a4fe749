"""The sentences of explanations. Those that the page has too are the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from autograd_widget.messages import messages_in


@dataclass(frozen=True)
class Messages:
    """The sentences of one language, to be filled in with `str.format`."""

    ops: Mapping[str, str]
    """The words for ops that have only a sign."""
    kinds: Mapping[str, str]
    leaf: str
    given: str
    locals: str
    sends: str
    from_root: str
    gradient: str
    through: str
    starts_here: str
    paths: str
    no_paths: str
    more: str
    all_paths: str
    of_passes: str
    by_hand: str
    elsewhere: str
    earlier_passes: str
    preview: str
    previewed: str
    nothing_run: str
    other_way: str
    guard_turned: str
    guard_holds: str
    between: str
    live: str
    no_script: str
    diagnoses: Mapping[str, str]
    opens: str


def _messages(language: str) -> Messages:
    table = messages_in(language)
    shared = table["shared"]
    return Messages(
        ops=shared["ops"],
        kinds=shared["kinds"],
        diagnoses=shared["diagnoses"],
        opens=shared["opens"],
        leaf=shared["unnamed"],
        by_hand=shared["byHand"],
        earlier_passes=shared["earlierPasses"],
        more=shared["more"],
        **table["python"]["explain"],
    )


ENGLISH: Final = _messages("en")
CHINESE: Final = _messages("zh")

MESSAGES: Final = {"": ENGLISH, "en": ENGLISH, "zh": CHINESE}
"""By the `language` of a widget."""
