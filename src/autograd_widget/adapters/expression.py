"""Expressions as text: `relu(w1*x1 + b)` becomes a graph, without running anything as code.

Operators bind as Python's do; `^` is a power, and `·`, `×`, `÷`, `−` are read as `*`, `*`, `/`, `-`. An error
points at one place in the text. Nothing recurses.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Final, NoReturn

from autograd_widget.engine.core import computed
from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import Scalar
from autograd_widget.messages import messages_in

START: Final = 1.0
"""The value of a name without a given value."""
RESULT: Final = ("y", "f", "out")
"""Labels for the result: the first one that the expression does not use is taken."""
UNARY: Final = 7
BINDS: Final = {
    **dict.fromkeys((">", ">=", "<", "<=", "==", "!="), 1),
    **dict.fromkeys("+-", 5),
    **dict.fromkeys(("*", "/", "%", "//"), 6),
    "**": 8,
}
"""The precedence of operators; a sign before an operand lies between `*` and `**`."""
SPELLED: Final = {"^": "**", "·": "*", "×": "*", "⋅": "*", "÷": "/", "−": "-"}
FUNCTIONS: Final = [name for name in OPS if name.isidentifier()]
ALIASES: Final = {"ln": "log"}
TOKEN: Final = re.compile(
    r"(?P<space>\s+)|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<op>\*\*|//|>=|<=|==|!=|[-+*/%^<>·×⋅÷−])|(?P<mark>[(),=])|(?P<other>.)",
    re.DOTALL,
)


class ExpressionError(ValueError):
    """The error of an invalid expression, with its place in the text.

    Attributes:
        sentence: The mistake, in a sentence.
        start: The first character that it is about.
        end: The one after the last.
    """

    def __init__(self, text: str, sentence: str, start: int, end: int) -> None:
        self.sentence, self.start, self.end = sentence, start, end
        line = text.replace("\n", " ").replace("\t", " ")
        super().__init__(f"{sentence}\n  {line}\n  {' ' * start}{'^' * max(1, end - start)}")


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text, spelled as Python does, with its place."""

    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the computation: a number, a name, or an op of the last `count` results."""

    kind: str
    number: float = 0.0
    name: str = ""
    count: int = 0


@dataclass(slots=True)
class Open:
    """An operator or parenthesis that waits for its right end; a function's parenthesis has its name."""

    token: Token
    binds: int = 0
    count: int = 2
    function: Token | None = None


def graph_of(text: str, values: Mapping[str, float], language: str = "en") -> Scalar:
    """The result of an expression as a scalar; its names are leaves with these values.

    Raises:
        ExpressionError: The text is no expression.
        TypeError: It is no text, or a value is no number.
        ValueError: A value is given for a name that is not in it.
    """
    names = names_in(text, language)
    steps = parse(text, language)
    for name in values:
        if name not in names:
            near = get_close_matches(name, names, 1, 0.5)
            hint = f": did you mean {near[0]}?" if near else ""
            raise ValueError(f"the expression has no {name}{hint}")
    leaves = {name: Scalar(values.get(name, START), label=name) for name in names}
    root = _run(steps, leaves)
    if not isinstance(root, Scalar):
        raise ExpressionError(text, faults_in(language)["nothingToMove"], 0, len(text))
    if not root.label:
        root.label = next((name for name in RESULT if name not in leaves), "")
    return root


def names_in(text: str, language: str = "en") -> list[str]:
    """The names in an expression, each once, as they come.

    Raises:
        ExpressionError: The text is no expression.
        TypeError: It is no text.
    """
    if not isinstance(text, str):
        raise TypeError(f"an expression is a text, as in 'relu(w*x + b)', and not {type(text).__name__}")
    return list(dict.fromkeys(step.name for step in parse(text, language) if step.kind == "name"))


def _run(steps: list[Step], leaves: Mapping[str, Scalar]) -> Any:
    results: list[Any] = []
    for step in steps:
        if step.kind == "number":
            results.append(step.number)
        elif step.kind == "name":
            results.append(leaves[step.name])
        else:
            operands = results[-step.count :]
            del results[-step.count :]
            results.append(computed(step.name, operands))
    return results[0]


def parse(text: str, language: str = "en") -> list[Step]:
    """The steps that compute an expression, operands before ops.

    Raises:
        ExpressionError: It is none.
    """
    return _Parser(text, language).run()


def nearest(name: str) -> str:
    """Find the function that a misspelt name means: the one with the fewest other letters."""
    letters = Counter(name.lower())

    def others(known: str) -> int:
        return (letters - Counter(known)).total() + (Counter(known) - letters).total()

    return min(FUNCTIONS, key=others)


def faults_in(language: str) -> dict[str, str]:
    """Read the sentences about invalid expressions in a language."""
    found: dict[str, str] = messages_in(language)["shared"]["faults"]
    return found


class _Parser:
    def __init__(self, text: str, language: str) -> None:
        self.text, self.faults = text, faults_in(language)
        self.tokens = [
            Token(
                str(found.lastgroup),
                SPELLED.get(found.group(), found.group()),
                found.start(),
                found.end(),
            )
            for found in TOKEN.finditer(text)
            if found.lastgroup != "space"
        ]
        self.steps: list[Step] = []
        self.open: list[Open] = []
        self.wants_operand = True

    def refuse(self, fault: str, at: Token, *values: object) -> NoReturn:
        raise ExpressionError(self.text, self.faults[fault].format(*values), at.start, at.end)

    def run(self) -> list[Step]:
        for i, token in enumerate(self.tokens):
            follows = self.tokens[i + 1] if i + 1 < len(self.tokens) else None
            if token.kind == "other":
                self.refuse("unknown", token, token.text)
            if token.text == "=":
                self.refuse("assignment", token)
            if self.wants_operand:
                self.operand(token, follows)
            else:
                self.operator(token, self.tokens[i - 1])
        if self.wants_operand:
            end = len(self.text.rstrip())
            self.refuse("missingAtEnd", Token("end", "", end, end))
        while self.open:
            waiting = self.open.pop()
            if waiting.token.text == "(":
                self.refuse("neverClosed", waiting.token)
            self.finish(waiting)
        return self.steps

    def operand(self, token: Token, follows: Token | None) -> None:
        """Take a token where an operand has to begin."""
        if token.kind == "number":
            self.steps.append(Step("number", number=float(token.text)))
            self.wants_operand = False
        elif token.kind == "name" and follows is not None and follows.text == "(":
            self.check_function(token)
            self.open.append(Open(token, function=token))
        elif token.kind == "name":
            self.steps.append(Step("name", name=token.text))
            self.wants_operand = False
        elif token.text == "(":
            called = self.open[-1].function if self.open else None
            if called is not None and self.open[-1].token is called:
                self.open.pop()
            else:
                called = None
            self.open.append(Open(token, count=1, function=called))
        elif token.text in ("+", "-"):
            self.open.append(Open(token, UNARY, 1))
        else:
            self.refuse("missing", token, token.text)

    def check_function(self, token: Token) -> None:
        if ALIASES.get(token.text, token.text) not in FUNCTIONS:
            self.refuse("noFunction", token, token.text, nearest(token.text))

    def operator(self, token: Token, before: Token) -> None:
        """Take a token where an operand has ended."""
        if token.kind == "op":
            binds = BINDS[token.text]
            self.close_down_to(binds + (token.text == "**"))
            self.open.append(Open(token, binds))
            self.wants_operand = True
        elif token.text == ")":
            self.close_parenthesis(token)
        elif token.text == ",":
            self.close_down_to(0)
            if not self.open or self.open[-1].function is None:
                self.refuse("unknown", token, token.text)
            self.open[-1].count += 1
            self.wants_operand = True
        else:
            self.refuse("noOperator", token, token.text, before.text)

    def close_down_to(self, binds: int) -> None:
        """Finish the operators that bind at least so tightly, down to the next parenthesis."""
        while self.open and self.open[-1].token.text != "(" and self.open[-1].binds >= binds:
            self.finish(self.open.pop())

    def close_parenthesis(self, token: Token) -> None:
        self.close_down_to(0)
        if not self.open:
            self.refuse("unknown", token, token.text)
        opened = self.open.pop()
        if opened.function is None:
            return
        row = ALIASES.get(opened.function.text, opened.function.text)
        takes = OPS[row].arity
        if takes is not None and takes != opened.count:
            self.refuse("takes", opened.function, opened.function.text, takes, opened.count)
        self.steps.append(Step("op", name=row, count=opened.count))

    def finish(self, operator: Open) -> None:
        if operator.count == 2:
            self.steps.append(Step("op", name=operator.token.text, count=2))
        elif operator.token.text == "-":
            self.steps.append(Step("op", name="neg", count=1))
