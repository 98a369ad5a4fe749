"""The recipes of `docs/ecosystem.md`: what stands there is what the tests run."""

from __future__ import annotations

import re
from pathlib import Path

TEXT = Path(__file__).parents[1].joinpath("docs", "ecosystem.md").read_text()


def recipe(heading: str, nth: int = 0) -> str:
    """A code block below the heading that begins so; for `""`, the one that all begin with."""
    sections = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    (section,) = [each for each in sections[1:] if each.startswith(heading)] if heading else sections[:1]
    code: str = re.findall(r"^```python\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[nth]
    return code
