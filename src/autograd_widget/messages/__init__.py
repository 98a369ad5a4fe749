"""Text for people, one file per language. The page reads the same files.

In `shared`, which both read, and in `page`, `{0}` is the first value; of two sentences the first one is for a
count of 1. In `python`, a name says which value comes there.
"""

from __future__ import annotations

import json
import os
from functools import cache
from importlib import resources
from typing import Any, Final

LANGUAGES: Final = ("en", "zh")


@cache
def messages_in(language: str) -> dict[str, Any]:
    """Read the messages of a language; those in English for an empty one.

    Raises:
        ValueError: There are none.
    """
    if language not in ("", *LANGUAGES):
        known = " or ".join(f'"{one}"' for one in LANGUAGES)
        raise ValueError(f"language is {known}, not {language!r}")
    file = resources.files(__name__).joinpath(f"{language or 'en'}.json")
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return found


def language_of_shell() -> str:
    """Choose the language for texts in a shell by its locale; English where there are none in it."""
    names = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next((name for name in names if name), "")
    return next((one for one in LANGUAGES if locale.startswith(one)), LANGUAGES[0])


def command_words() -> dict[str, str]:
    """Read the texts of the command line, in the language of the shell."""
    found: dict[str, str] = messages_in(language_of_shell())["python"]["command"]
    return found
