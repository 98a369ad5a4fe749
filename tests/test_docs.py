"""The code of `docs/numbers.md` runs, and is the same in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_widget

DOCS = Path(__file__).parents[1] / "docs"


def blocks(name: str) -> list[str]:
    found: list[str] = re.findall(r"```python\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)
    return found


def code_of(block: str) -> list[str]:
    """The lines without comments."""
    lines = [line.split("  # ")[0].rstrip() for line in block.splitlines() if not line.startswith("# ")]
    return [line for line in lines if line != "g"]


def test_both_languages_have_the_same_code() -> None:
    english, chinese = blocks("numbers.md"), blocks("numbers.zh.md")
    assert [code_of(block) for block in english] == [code_of(block) for block in chinese]
    assert len(english) == 4


@pytest.fixture(scope="module")
def names() -> dict[str, Any]:
    """Run the page's blocks one after the other, and return their variables."""
    x, y = autograd_widget.Value(2.0), autograd_widget.Value(-3.0)
    names: dict[str, Any] = {**vars(autograd_widget), "np": np, "x": x, "y": y}
    names["GraphWidget"] = autograd_widget.GraphWidget
    for block in blocks("numbers.md"):
        exec(block, names)  # noqa: S102 # of our own
    return names


def test_the_code_gives_what_the_page_says(names: dict[str, Any]) -> None:
    g, loss = names["g"], names["loss"]
    assert repr(g).splitlines()[1] in (DOCS / "numbers.md").read_text("utf-8")
    assert g.guards[0].turned
    assert (names["x"].grad, names["y"].grad, loss.grad) == (-3.0, 2.0, 1.0)
    names["cube"](names["x"]).backward()
    assert names["x"].grad == -3.0 + 12.0
    assert isinstance(names["h"], np.ndarray)
