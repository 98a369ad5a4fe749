"""The report on a person's own engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import quoteattr

from .report_words import Words, words_of

COLUMNS: Final = ("value", "derivative", "twice", "adds", "reflected")
PASS: Final = "backward"  # noqa: S105 # the pass over a graph


def two(yours: float, expected: float) -> tuple[str, str]:
    """Two numbers, with as many digits as it takes to tell them apart."""
    for digits in (2, 4, 6, 9, 12):
        first, second = f"{yours:.{digits}f}", f"{expected:.{digits}f}"
        if first != second:
            return first, second
    return repr(yours), repr(expected)


@dataclass(frozen=True)
class Finding:
    """One mistake: the smallest expression that shows it, with the engine's number and the right one.

    Attributes:
        op: The op, by its name in the op table; `"backward"` for the pass itself.
        kind: The kind of mistake: `"value"`, `"derivative"`, `"twice"` (an operand used twice), `"adds"` (`=`
            for `+=`), `"reflected"`, `"raises"`, `"order"` or `"seed"`.
        at: The expression and the numbers in it.
        of: The meaning of the two numbers: the value, or the gradient of a leaf.
        hints: Three steps, the answer last.
    """

    op: str
    kind: str
    at: str
    of: str
    yours: float
    expected: float
    hints: tuple[str, ...] = ()
    language: str = "en"

    @property
    def numbers(self) -> tuple[str, str]:
        """The engine's number and the right one, as shown."""
        return two(self.yours, self.expected)

    def __str__(self) -> str:
        """One sentence with both numbers."""
        words = words_of(self.language)
        yours, expected = self.numbers
        template = words.value if self.of == "value" else words.gradient
        return template.format(op=self.op, at=self.at, of=self.of, yours=yours, expected=expected)


@dataclass
class OpChecks:
    """The checks of one op.

    Attributes:
        checks: By column the finding, None where it is right; a column that does not apply is not there.
        made_of: The ops with mistakes that it is composed of.
    """

    op: str
    checks: dict[str, Finding | None] = field(default_factory=dict)
    made_of: tuple[str, ...] = ()

    @property
    def right(self) -> bool:
        """True if all checks of the op hold."""
        return not any(self.checks.values())


@dataclass
class Report:
    """The report of `check_engine`. Truthy if the engine is right.

    Attributes:
        name: The class's name.
        ops: The checks of each op.
        findings: The mistakes, those to mend first before their consequences, which are not among them.
        notes: Remarks that are no mistakes, such as an op that a first engine does not need.
    """

    name: str
    ops: list[OpChecks]
    findings: list[Finding]
    notes: list[str]
    passes: dict[str, Finding | None]
    language: str = "en"

    @property
    def ok(self) -> bool:
        """Test whether there is no mistake."""
        return not self.findings

    def __bool__(self) -> bool:
        return self.ok

    @property
    def score(self) -> float:
        """The share of checks that hold, from 0 to 1, those of the pass among them."""
        checks = [*(found for op in self.ops for found in op.checks.values()), *self.passes.values()]
        return sum(found is None for found in checks) / len(checks) if checks else 0.0

    @property
    def consequences(self) -> list[OpChecks]:
        """The ops whose only mistakes come from an op that they are composed of."""
        return [op for op in self.ops if not op.right and op.made_of]

    def hints(self, step: int = 1) -> list[str]:
        """A hint for each finding: 1 a question, 2 where to look, 3 the answer.

        Raises:
            ValueError: There is no such step.
        """
        if step not in (1, 2, 3):
            raise ValueError(f"hints have the steps 1, 2 and 3, and not {step!r}")
        return [f"{found.op}: {found.hints[step - 1]}" for found in self.findings if found.hints]

    def _headline(self, words: Words) -> str:
        right = sum(op.right for op in self.ops)
        return words.headline.format(name=self.name, right=right, count=len(self.ops))

    def __str__(self) -> str:
        words = words_of(self.language)
        lines = [self._headline(words)]
        hinted: set[str] = set()
        for op in dict.fromkeys(found.op for found in self.findings):
            for i, found in enumerate(f for f in self.findings if f.op == op):
                lines.append(f"  {op if not i else '':<9} {_shown(found, words)}")
                hint = found.hints[0] if found.hints else ""
                if hint and hint not in hinted:
                    hinted.add(hint)
                    lines.append(f"  {'':<9} {hint}")
        lines += [
            f"  {made.op:<9} {words.made_of.format(ops=' '.join(made.made_of))}" for made in self.consequences
        ]
        right = " ".join(op.op for op in self.ops if op.right)
        if right:
            lines.append(f"  {words.right:<9} {right}")
        lines += [f"  {words.note:<9} {note}" for note in self.notes]
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        words = words_of(self.language)
        columns = [c for c in COLUMNS if any(c in op.checks for op in self.ops)]
        head = " | ".join(["op", *(words.columns[c] for c in columns), words.found])
        rows = [f"**{self._headline(words)}**{self._to_mend(words)}", "", f"| {head} |"]
        rows.append("|" + " --- |" * (len(columns) + 2))
        for op in self.ops:
            cells = [_cell(op, column) for column in columns]
            rows.append(f"| {_code(op.op)} | {' | '.join([*cells, self._found(op, words)])} |")
        for found in self.passes.values():
            if found:
                blank = " | ".join(["–"] * len(columns))
                rows.append(f"| {_code(PASS)} | {blank} | {_escaped(_shown(found, words))} |")
        rows.append("")
        rows += [f"- {_code(found.op)}: {found.hints[0]}" for found in self.findings if found.hints]
        if self.notes:
            rows += ["", words.notes + " " + "; ".join(self.notes) + words.stop]
        return "\n".join(rows)

    def _to_mend(self, words: Words) -> str:
        ops = list(dict.fromkeys(found.op for found in self.findings))
        return " " + words.mend.format(ops=", ".join(map(_code, ops))) if ops else ""

    def _found(self, op: OpChecks, words: Words) -> str:
        if op.right:
            return ""
        if op.made_of:
            return words.made_of.format(ops=" ".join(map(_code, op.made_of)))
        first = next(found for found in op.checks.values() if found)
        return _escaped(_shown(first, words))

    def to_junit(self) -> str:
        """The checks as JUnit's XML, one test case each, for a grading script."""
        cases = [(f"{op.op}.{column}", found) for op in self.ops for column, found in op.checks.items()]
        cases += [(f"{PASS}.{name}", found) for name, found in self.passes.items()]
        failures = sum(found is not None for _, found in cases)
        suite = (
            f'<testsuite name={quoteattr(self.name)} tests="{len(cases)}" failures="{failures}" errors="0">'
        )
        lines = ['<?xml version="1.0" encoding="UTF-8"?>', suite]
        for name, found in cases:
            start = f"  <testcase classname={quoteattr(self.name)} name={quoteattr(name)}"
            if found is None:
                lines.append(start + "/>")
            else:
                lines.append(f"{start}><failure message={quoteattr(str(found))}/></testcase>")
        return "\n".join([*lines, "</testsuite>", ""])


def _shown(found: Finding, words: Words) -> str:
    yours, expected = found.numbers
    template = words.value_row if found.of == "value" else words.gradient_row
    return template.format(at=found.at, of=found.of, yours=yours, expected=expected)


def _cell(op: OpChecks, column: str) -> str:
    if column not in op.checks:
        return "–"
    found = op.checks[column]
    return "✓" if found is None else "**{} ≠ {}**".format(*found.numbers)


def _code(text: str) -> str:
    return f"`{text}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("*", "\\*")
