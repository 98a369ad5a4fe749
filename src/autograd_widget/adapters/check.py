"""A check of a learner's engine: finds its mistakes.

    >>> report = check_engine(Value)
    >>> report.ok
    False
    >>> print(report.findings[0])
    +: a + a at a = 2 gives a.grad 1.00, and the chain rule gives 2.00

Every op of the class is run on fresh nodes and compared with the op table, first its value, then what its own
backward function brings, to leaves without a gradient, to leaves that have one, and to an operand used twice.
The engine's pass is compared with its own backward functions run in the right order, so that a wrong op
is not taken for a wrong order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final

from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import Scalar

from . import cases
from .cases import Case
from .closures import parameters_of
from .foreign import collect
from .numbers import close
from .op_names import row_named
from .own_ops import NO_OPS, constructs
from .raw import Raw, read_raw
from .report import PASS, Finding, OpChecks, Report
from .report_words import hints_for, words_of
from .trial import Trial

USUAL: Final = ("+", "-", "*", "/", "**", "neg", "exp", "log", "tanh", "relu", "sigmoid")
"""The ops whose absence is noted."""
VARIANTS: Final = ("silu", "gelu", "leaky_relu", "elu", "softplus")
"""Names under which people have ops with other parameters, as swish with its beta."""
STEP: Final = 1e-5
BEFORE: Final = 7.0
"""The gradient of a leaf before an op adds to it."""


def check_engine(cls: type, *, language: str = "en") -> Report:
    """Check an engine of one's own: each op's value and derivative, accumulation, the order of the pass.

    Args:
        cls: The class of the nodes, as `Value`.
        language: `"en"` or `"zh"`.

    Raises:
        TypeError: It is no class of nodes that can be made of a plain number, or has no ops.
    """
    return _Check(Trial(cls), language).report()


def checkable(methods: Iterable[str]) -> list[str]:
    """Select the rows that can be checked: operators, and functions of one number."""
    order = ("+", "-", "*", "/", "**", "neg")
    unary = [row for row in methods if row not in order and OPS[row].arity == 1 and hasattr(Scalar, row)]
    return [row for row in order if row in methods] + sorted(unary, key=list(OPS).index)


class _Check:
    def __init__(self, trial: Trial, language: str) -> None:
        self.trial, self.language = trial, language
        self.words = words_of(language)
        self.notes: list[str] = []
        self.missing: list[str] = []

    def report(self) -> Report:
        rows = [row for row in checkable(self.trial.methods) if not self._is_another(row)]
        ops = [checks for row in rows if (checks := self._op(row)) is not None]
        by_name = {op.op: op for op in ops}
        for op in ops:
            if not op.right:
                parts = [by_name[part] for part in self._parts(op.op) if part != op.op and part in by_name]
                op.made_of = _to_blame(op, parts) or self._by_negation(op, by_name.get("neg"))
        ops += [checks for name in self._own_names(rows) if (checks := self._own_op(name)) is not None]
        if not ops:
            raise TypeError(
                f"a {self.trial.cls.__name__} has no operators, nor methods that make a node of a node: "
                "there is nothing to check"
            )
        passes = self._pass([op.op for op in ops if op.op in rows and _adds_up(op)])
        findings = [found for op in ops if not op.made_of for found in _own(op)]
        findings += [found for found in passes.values() if found]
        self._note_second_pass()
        absent = [row for row in USUAL if row not in rows] + self.missing
        if absent:
            self.notes.append(self.words.absent.format(ops=" ".join(absent)))
        return Report(self.trial.cls.__name__, ops, findings, self.notes, passes, self.language)

    # -- one op ----------------------------------------------------------------------------------------------

    def _op(self, row: str) -> OpChecks | None:
        checks = OpChecks(row)
        singles = [case for case in cases.single(row, self.trial.methods[row]) if self._is_finite(case)]
        if not self._is_there(singles[0]):
            self.missing.append(row)
            return None
        if row == "**":
            singles += [case for case in cases.powers_of_nodes() if self._is_there(case)]
        checks.checks["value"] = self._search(row, singles, self._value)
        checks.checks["derivative"] = self._search(row, singles, self._derivative)
        checks.checks["adds"] = self._search(row, singles, self._adds)
        if double := cases.twice(row):
            checks.checks["twice"] = self._search(row, double, self._twice)
        reflected = [case for case in cases.numbers_left(row) if self._is_there(case)]
        if reflected:
            checks.checks["reflected"] = self._search(row, reflected, self._reflected)
        elif cases.numbers_left(row):
            self.missing.append(f"2{row}a")
        right = cases.numbers_right(row)
        if right and not self._is_there(right[0]):
            self.missing.append(f"a{row}2")
        return checks

    def _search(
        self, row: str, among: Sequence[Case], test: Callable[[str, Case], Finding | None]
    ) -> Finding | None:
        """Find the first case that fails a test."""
        for case in among:
            try:
                found = test(row, case)
            except Exception as error:  # noqa: BLE001 # the person's own code may raise anything
                at = self.words.raised.format(case=case, error=f"{type(error).__name__}: {error}")
                found = self._finding(row, "raises", at, "value", float("nan"), self._expected(case)[0])
            if found:
                return found
        return None

    def _is_there(self, case: Case) -> bool:
        """Test whether the engine supports a case: an operand of that type, a method that runs."""
        try:
            self.trial.value(case.compute(*self.trial.fresh(*case.at)))
        except (TypeError, AttributeError, AssertionError, NotImplementedError):
            return False
        except Exception:  # noqa: BLE001
            return True
        return True

    def _expected(self, case: Case) -> tuple[float, list[float]]:
        """The value and the leaves' gradients by the op table and the chain rule."""
        leaves = [Scalar(x) for x in case.at]
        out = (case.ours or case.compute)(*leaves)
        out.backward()
        return out.value, [leaf.grad for leaf in leaves]

    def _is_finite(self, case: Case) -> bool:
        value, grads = self._expected(case)
        return all(x - x == 0.0 for x in (value, *grads))

    def _value(self, row: str, case: Case) -> Finding | None:
        yours = self.trial.value(case.compute(*self.trial.fresh(*case.at)))
        expected, _ = self._expected(case)
        if close(yours, expected):
            return None
        return self._finding(row, "value", str(case), "value", yours, expected)

    def _local(self, case: Case, before: float = 0.0) -> list[float] | None:
        """The leaves' gradients by the engine's own backward functions; None where it has none."""
        leaves = self.trial.fresh(*case.at)
        out = case.compute(*leaves)
        if self.trial.shape(out).grad is None:
            return None if before else self.trial.kept_derivatives(out, leaves)
        if self.trial.local_pass(out, before, leaves):
            return self.trial.grads(leaves)
        if before or self.trial.backward is None:
            return None
        self.trial.whole_pass(out)
        if self.trial.grads([out]) == [0.0]:
            self.trial.whole_pass(out, seeded=True)
        return self.trial.grads(leaves)

    def _derivative(self, row: str, case: Case) -> Finding | None:
        yours = self._local(case)
        _, expected = self._expected(case)
        if yours is None or self._same(yours, expected):
            return None
        mistake = cases.mistake_in(row, case.numbers, yours, close)
        return self._off(row, "derivative", case, yours, expected, mistake)

    def _adds(self, row: str, case: Case) -> Finding | None:
        yours, first = self._local(case, BEFORE), self._local(case)
        if yours is None or first is None:
            return None
        due = [BEFORE + x for x in first]
        if self._same(yours, due):
            return None
        at = self.words.before.format(case=case, before=f"{BEFORE:g}")
        return self._off(row, "adds", case, yours, due, "", at)

    def _twice(self, row: str, case: Case) -> Finding | None:
        yours = self._local(case)
        _, expected = self._expected(case)
        if yours is None or self._same(yours, expected):
            return None
        return self._off(row, "twice", case, yours, expected)

    def _reflected(self, row: str, case: Case) -> Finding | None:
        out = case.compute(*self.trial.fresh(*case.at))
        value, expected = self._expected(case)
        if not close(self.trial.value(out), value):
            return self._finding(row, "reflected", str(case), "value", self.trial.value(out), value)
        yours = self._local(case)
        if yours is None or close(yours[0], expected[0]):
            return None
        return self._off(row, "reflected", case, yours, expected)

    def _off(
        self,
        row: str,
        kind: str,
        case: Case,
        yours: Sequence[float],
        expected: Sequence[float],
        mistake: str = "",
        at: str = "",
    ) -> Finding:
        """Find the first gradient that is wrong."""
        i = next(i for i, (p, q) in enumerate(zip(yours, expected, strict=True)) if not close(p, q))
        of = f"{cases.NAMES[i]}.grad"
        return self._finding(row, kind, at or str(case), of, yours[i], expected[i], mistake)

    def _finding(
        self, op: str, kind: str, at: str, of: str, yours: float, expected: float, mistake: str = ""
    ) -> Finding:
        hints = hints_for(self.language, kind, op, mistake)
        return Finding(op, kind, at, of, yours, expected, hints, self.language)

    # -- ops that are not in the table -----------------------------------------------------------------------

    def _is_another(self, row: str) -> bool:
        """Test whether a method that is called like one of several variants computes another of them."""
        if row not in VARIANTS:
            return False
        singles = cases.single(row, self.trial.methods[row])
        return self._is_there(singles[0]) and self._search(row, singles, self._value) is not None

    def _own_names(self, rows: Sequence[str]) -> list[str]:
        """The methods that make a node of one, and are no op of the table."""
        cls = self.trial.cls
        known = {self.trial.methods[row] for row in rows} | NO_OPS
        methods = [(name, getattr(cls, name, None)) for name in dir(cls) if not name.startswith("_")]
        return [
            name
            for name, method in methods
            if name not in known
            and constructs(method, cls)
            and _takes_one(method)
            and (row_named(name)[0] or "") not in rows
        ]

    def _own_op(self, name: str) -> OpChecks | None:
        """Check the derivative of an op that only the engine has, by differences of its own values."""
        singles = [case for case in cases.single(name, name) if self._is_there(case)]
        if not singles or not all(self._makes_node(case) for case in singles):
            return None
        return OpChecks(name, {"derivative": self._search(name, singles, self._by_differences)})

    def _makes_node(self, case: Case) -> bool:
        (leaf,) = self.trial.fresh(*case.at)
        out = case.compute(leaf)
        return out is not leaf and bool(read_raw(out).items)

    def _by_differences(self, name: str, case: Case) -> Finding | None:
        yours = self._local(case)
        (x,) = case.at
        near = [self.trial.value(case.compute(*self.trial.fresh(x + h))) for h in (STEP, -STEP)]
        expected = (near[0] - near[1]) / (2 * STEP)
        if yours is None or abs(yours[0] - expected) <= 1e-4 * max(1.0, abs(expected)):
            return None
        return self._off(name, "derivative", case, yours, [expected])

    def _parts(self, row: str) -> set[str]:
        """The ops that an op of the engine is composed of."""
        case = cases.single(row, self.trial.methods[row])[0]
        try:
            order, _ = collect([case.compute(*self.trial.fresh(*case.at))])
        except Exception:  # noqa: BLE001
            return set()
        made = [raw for raw in order if raw.items]
        by_itself = len(made) == 1 and len(made[0].items) <= len(case.numbers)
        named = (
            raw.row or row_named(raw.maker[0])[0] or ("" if by_itself else self._by_value(raw))
            for raw in made
        )
        return {name for name in named if name}

    def _by_negation(self, op: OpChecks, neg: OpChecks | None) -> tuple[str, ...]:
        """Blame a wrong negation for a wrong difference that uses it."""
        if op.op != "-" or neg is None or not (op.checks.get("value") and neg.checks.get("value")):
            return ()
        (a, b), (c, d) = self.trial.fresh(2.0, -3.0), self.trial.fresh(2.0, -3.0)
        try:
            same = close(self.trial.value(a - b), self.trial.value(c + (-d)))
        except Exception:  # noqa: BLE001
            return ()
        return ("neg",) if same else ()

    def _by_value(self, raw: Raw) -> str:
        numbers = [item.value if isinstance(item, Raw) else item for item in raw.items]
        if len(numbers) == 1:
            return "**"  # what other ops are made of
        fits = (row for row in ("*", "+", "-", "/") if len(numbers) == 2 and row in self.trial.methods)
        return next((row for row in fits if close(OPS[row].forward(*numbers), raw.value)), "")

    # -- the pass --------------------------------------------------------------------------------------------

    def _pass(self, rows: Sequence[str]) -> dict[str, Finding | None]:
        if self.trial.backward is None:
            self.notes.append(self.words.no_backward)
            return {}
        single = [case for row in rows for case in cases.single(row, self.trial.methods[row])][:1]
        found: dict[str, Finding | None] = {"seed": self._search(PASS, single, self._seed)}
        seeded = found["seed"] is not None
        if found["seed"] is not None and found["seed"].kind == "raises":
            return found
        double = [case for row in rows if not self._parts(row) - {row} for case in cases.twice(row)]
        for kind, among in (("adds", double), ("order", cases.passes(rows))):
            if kind == "adds" or found["adds"] is None:
                there = [case for case in among if self._is_there(case)]
                found[kind] = self._search(PASS, there, partial(self._order, kind, seeded))
        return found

    def _seed(self, _row: str, case: Case) -> Finding | None:
        leaves = self.trial.fresh(*case.at)
        out = case.compute(*leaves)
        self.trial.whole_pass(out)
        (yours,) = self.trial.grads([out])
        others = self.trial.fresh(*case.at)
        sent = self.trial.local_pass(case.compute(*others), 0.0, others)
        expected = self.trial.grads(others) if sent else self._expected(case)[1]
        if close(yours, 1.0) or self._same(self.trial.grads(leaves), expected):
            return None
        return self._finding(PASS, "seed", f"y = {case.text}; y.backward()", "y.grad", yours, 1.0)

    def _order(self, kind: str, seeded: bool, _row: str, case: Case) -> Finding | None:
        leaves = self.trial.fresh(*case.at)
        self.trial.whole_pass(case.compute(*leaves), seeded=seeded)
        yours = self.trial.grads(leaves)
        others = self.trial.fresh(*case.at)
        if self.trial.recurses or not self.trial.local_pass(case.compute(*others), 0.0, others):
            expected = self._expected(case)[1]
        else:
            expected = self.trial.grads(others)
        return None if self._same(yours, expected) else self._off(PASS, kind, case, yours, expected)

    @staticmethod
    def _same(some: Sequence[float], others: Sequence[float]) -> bool:
        return all(close(p, q) for p, q in zip(some, others, strict=True))

    def _note_second_pass(self) -> None:
        """Note the amounts that a second pass over the same graph adds."""
        try:
            (a,) = self.trial.fresh(2.0)
            out = 3 * a**2
            self.trial.whole_pass(out)
            (first,) = self.trial.grads([a])
            getattr(out, self.trial.backward or "")()
            (second,) = self.trial.grads([a])
        except Exception:  # noqa: BLE001
            return
        if not close(first, 12.0) or close(second, 24.0):
            return
        words = self.words.starts_anew if close(second, 12.0) else self.words.run_again
        self.notes.append(words.format(first=f"{first:g}", second=f"{second:g}"))


def _takes_one(method: Any) -> bool:
    """Test whether a method needs nothing but the node itself."""
    parameters = parameters_of(method)
    return len(parameters) - len(getattr(method, "__defaults__", None) or ()) == 1


def _adds_up(op: OpChecks) -> bool:
    """Test whether an op adds to the gradients that are there, so that any right order gives the same."""
    found = op.checks
    return not found.get("adds") and not (found.get("twice") and not found.get("derivative"))


def _own(op: OpChecks) -> list[Finding]:
    """The mistakes of an op without consequences: a wrong value or derivative fails all other checks."""
    found = {column: each for column, each in op.checks.items() if each is not None}
    first = found.get("value") or found.get("derivative")
    own = [first] if first else []
    adds, twice, reflected = (found.get(column) for column in ("adds", "twice", "reflected"))
    if adds:
        # The smallest expression with this mistake has an operand used twice.
        own.append(replace(twice, kind="adds", hints=adds.hints) if twice and not first else adds)
    elif twice and not first:
        own.append(twice)
    if reflected and (not first or (reflected.of == "value" and first.of != "value")):
        own.append(reflected)
    return own


def _to_blame(op: OpChecks, parts: Sequence[OpChecks]) -> tuple[str, ...]:
    """The ops that explain the mistakes of an op composed of them; none if it has mistakes of its own."""
    wrong = [part for part in parts if not part.right]
    if not any(part.checks.get("value") for part in wrong):
        of_values = [found for found in op.checks.values() if found and found.of == "value"]
        if of_values:
            return ()
    return tuple(sorted(part.op for part in wrong))
