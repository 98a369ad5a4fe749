"""The examples of `docs/own-engines.md` run as they stand, in both languages."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.engines import Bare
from adapters.mistakes import engine
from autograd_widget import GraphWidget

DOCS = Path(__file__).parents[2] / "docs"
LANGUAGES = ("own-engines.md", "own-engines.zh.md")


def examples(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (DOCS / name).read_text("utf-8"), re.DOTALL)


class Cell:
    """Names of attributes that nothing guesses."""

    def __init__(self, content: float, made_from: Any = (), kind: str = "") -> None:
        self.content, self.made_from, self.kind, self.sensitivity = content, made_from, kind, 0.0


class Var:
    """Attributes of attributes."""

    def __init__(self, x: float, args: Any = (), opcode: str = "", tag: str = "") -> None:
        self.payload, self.tape, self.tag = (
            SimpleNamespace(x=x),
            SimpleNamespace(args=args, opcode=opcode),
            tag,
        )


class Term:
    """Everything behind methods."""

    def __init__(self, number: float, of: Any = (), head: str = "", slopes: Any = ()) -> None:
        self._all, self.head = (number, of, slopes), head

    def result(self) -> float:
        return float(self._all[0])

    def terms(self) -> Any:
        return self._all[1]

    def slopes(self) -> Any:
        return self._all[2]


@pytest.mark.parametrize("name", LANGUAGES)
def test_the_examples_run(name: str) -> None:
    names: dict[str, Any] = {"Cell": Cell, "Var": Var, "Term": Term, "Plain": Bare}
    blocks = examples(name)
    micrograd: Any = None
    for i, block in enumerate(blocks):
        if i == 1:  # of one's own class, with a mistake
            micrograd, names["Value"] = names["Value"], engine("assigns")
        exec(compile(block, f"{name}:{i}", "exec"), names)  # noqa: S102 # our own documentation
        if i == 1:
            assert not names["report"].ok
            assert str(names["report"].findings[0]) in block.replace("# ", "")
            names["Value"] = micrograd
    cell = GraphWidget(Cell(6.0, (Cell(2.0), Cell(3.0)), "mul"))
    var = GraphWidget(Var(5.0, (Var(2.0, tag="u"), Var(3.0, tag="v")), "+", tag="sum"))
    term = GraphWidget(Term(8.0, (Term(2.0),), "cube", (12.0,)))
    assert (cell.root_value, var["u"], var["sum"]) == (6.0, 2.0, 5.0)
    term.backward()
    assert term.grads[next(iter(term.grads))] == 12.0


def test_both_languages_have_the_same_examples() -> None:
    def code(name: str) -> list[str]:
        return [re.sub(r"#.*|, language=\"zh\"", "", block) for block in examples(name)]

    english, chinese = (code(name) for name in LANGUAGES)
    assert [block.split() for block in english] == [block.split() for block in chinese]
