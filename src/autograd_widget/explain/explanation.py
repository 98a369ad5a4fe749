"""Explanations of a node, as the page's inspector gives them: as data, as text and as Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isfinite
from typing import Final

from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import Scalar
from autograd_widget.graph.graph import Graph
from autograd_widget.graph.history import History

from .branches import other_way
from .diagnose import (
    Diagnosis,
    Use,
    diagnose_gradient,
    diagnose_value,
    local_derivative,
    opening_of,
    uses_in_pass,
)
from .formula import (
    as_part,
    derivative,
    partial_formula,
    path_formula,
    value_formula,
    with_names,
    with_numbers,
)
from .ledger import Ledger, ledger_of
from .messages import Messages
from .names import MINUS, kind_in, name_of
from .paths import TopPaths, top_paths
from .spelling import Relation, Spelling, product_of, sum_of
from .text import Account, Table, counted, product, shortened

MAX_ROWS: Final = 20
MAX_FACTORS: Final = 40
"""The longest path that is written in full; of a longer one only the first and last nodes are."""
ENDS: Final = 7
MAX_WRITTEN: Final = 16
"""The most factors of a sum over paths that is written out."""


@dataclass(frozen=True)
class Local:
    """The derivative of a node towards one of its operands."""

    operand: str
    """The name of the operand."""
    formula: str
    """The formula, with names; empty for a custom op."""
    value: float
    sent: float | None
    """The contribution to the operand, upstream times local; None where the pass did not come."""


@dataclass(frozen=True)
class Contribution:
    """The contribution of one consumer to a gradient: `upstream` times `local`."""

    consumer: str
    """The name of the consumer."""
    upstream: float
    local: float
    formula: str
    """The formula of the local derivative; empty for a custom op."""
    amount: float


@dataclass(frozen=True)
class Path:
    """A path from the root of the pass to a node."""

    names: tuple[str, ...]
    """The names of the nodes, from the root on."""
    nodes: tuple[Scalar, ...] = field(repr=False)
    factors: tuple[float, ...]
    """The local derivatives along the path."""
    product: float
    share: float | None
    """The product divided by the gradient; None where that is 0 or not finite."""


@dataclass(frozen=True, repr=False)
class Paths:
    """The paths of a gradient from the root of the last pass to a node, the largest first."""

    root: str | None
    """The name of the root; None if no pass has run."""
    target: str
    paths: tuple[Path, ...]
    """The largest paths."""
    total: float
    """The sum over all paths, which is the gradient."""
    count: int
    """The number of all paths, listed or not."""
    rest: float
    """The sum over the unlisted paths."""
    formula: str
    """The sum over all paths, with names: `x3 + wh·x2 + wh·wh·x1`. Empty where it would be long."""
    messages: Messages = field(repr=False, compare=False)

    def __iter__(self) -> Iterator[Path]:
        return iter(self.paths)

    def __getitem__(self, i: int) -> Path:
        return self.paths[i]

    def __len__(self) -> int:
        return len(self.paths)

    def __str__(self) -> str:
        return Account(self._parts()).as_text()

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return Account(self._parts()).as_markdown()

    def _relations(self) -> list[Relation]:
        parts = [path.product for path in self.paths]
        total = sum_of([*parts, self.rest] if self.rest else parts, self.total)
        return [*[product_of(path.factors, path.product) for path in self.paths], total]

    def _parts(self, spelling: Spelling | None = None) -> list[tuple[str, str | Table]]:
        messages = self.messages
        spelling = spelling or Spelling(self._relations())
        if self.root is None:
            return [("line", messages.nothing_run)]
        if self.count == 0:
            return [("line", messages.no_paths.format(root=self.root, name=self.target))]
        rows = [_path_row(path, spelling) for path in self.paths]
        if more := self.count - len(self.paths):
            rows.append([messages.more.format(counted(more)), "", spelling.gradient(self.rest), ""])
        total = [messages.all_paths, "", spelling.gradient(self.total), ""]
        heading = messages.paths.format(root=self.root, name=self.target)
        parts: list[tuple[str, str | Table]] = [("heading", heading)]
        if self.formula:
            parts.append(("line", f"{derivative(self.root, self.target)} = {self.formula}"))
        return [*parts, ("table", Table(rows, None, total, texts=2))]


@dataclass(frozen=True, repr=False)
class Explanation:
    """An explanation of the value and the gradient of a node."""

    name: str
    kind: str
    """`"parameter"`, `"input"`, `"constant"` or `"operation"`."""
    value: float
    formula: str | None
    """The formula of the value, with names; None for a leaf or a constant."""
    with_numbers: str | None
    """The formula of the value, with numbers."""
    locals: tuple[Local, ...]
    """The local derivative towards each operand that needs a gradient."""
    root: str | None
    """The root of the last pass; None if none has run."""
    gradient: float | None
    """The gradient of the last pass; None where it did not come."""
    contributions: tuple[Contribution, ...]
    """The contributions of its consumers, which add up to that gradient."""
    is_root: bool
    diagnosis: str | None
    """The diagnosis of a gradient that is missing, 0, nan or infinite; None for an ordinary number."""
    value_diagnosis: str | None
    """The diagnosis of a value that is nan or infinite; None for a finite one."""
    other_way: str | None
    """The comparisons that have turned, so that the program would compute something else; None for none."""
    paths: Paths | None
    """The paths from the root to a leaf; None for any other node."""
    ledger: Ledger
    """The ledger of its `.grad`, pass by pass."""
    grad: float
    """The accumulated `.grad`: all passes; in a preview what that would be."""
    preview: bool
    """True if no pass was run: the gradients are what passes would give."""
    held: float = field(repr=False)
    """The `.grad` in Python, also in a preview."""
    spelling: Spelling = field(repr=False, compare=False)
    """The digits of all its numbers."""
    messages: Messages = field(repr=False, compare=False)

    def __str__(self) -> str:
        return self._account().as_text()

    __repr__ = __str__

    def _repr_markdown_(self) -> str:
        return self._account().as_markdown()

    def _account(self) -> Account:
        spelling = self.spelling
        parts = [*self._value_parts(spelling), *self._gradient_parts(spelling)]
        if self.paths is not None and self.paths.count > 0 and not self.is_root:
            parts += self.paths._parts(spelling)
        if self.ledger:
            parts += self._ledger_parts(spelling)
        return Account(parts)

    def _value_parts(self, spelling: Spelling) -> list[tuple[str, str | Table]]:
        messages = self.messages
        parts: list[tuple[str, str | Table]] = []
        if self.formula is None:
            kind = messages.kinds[self.kind]
            given = messages.given.format(name=self.name, value=spelling.write(self.value), kind=kind)
            parts.append(("line", given))
        else:
            sides = [self.name, self.formula, self.with_numbers or "", spelling.write(self.value)]
            parts.append(("line", " = ".join(dict.fromkeys(sides))))
        if self.value_diagnosis:
            parts.append(("line", self.value_diagnosis))
        if self.other_way:
            parts.append(("line", self.other_way))
        if self.locals:
            rows = [
                [
                    derivative(self.name, of.operand),
                    *_equal_sides(of, spelling),
                    self._sent(of, spelling),
                ]
                for of in self.locals[:MAX_ROWS]
            ]
            if len(self.locals) > MAX_ROWS:
                rows.append(["…", "", "", ""])
            parts += [("heading", messages.locals), ("table", Table(rows, texts=2))]
        return parts

    def _sent(self, of: Local, spelling: Spelling) -> str:
        return "" if of.sent is None else self.messages.sends.format(amount=spelling.gradient(of.sent))

    def _gradient_parts(self, spelling: Spelling) -> list[tuple[str, str | Table]]:
        messages = self.messages
        heading = messages.gradient if self.root is None else messages.from_root.format(root=self.root)
        parts: list[tuple[str, str | Table]] = [("heading", heading)]
        if self.preview and self.gradient is not None:
            held = spelling.write(self.held)
            parts.append(
                ("line", messages.previewed.format(root=self.root, name=as_part(self.name), grad=held))
            )
        if self.is_root:
            parts.append(("line", messages.starts_here.format(root=self.root)))
        if self.diagnosis:
            parts.append(("line", self.diagnosis))
        if self.contributions:
            total = [derivative(self.root or "", self.name), "", "", spelling.gradient(self.gradient or 0.0)]
            parts.append(("table", Table(self._contribution_rows(spelling), None, total, texts=2)))
        return parts

    def _contribution_rows(self, spelling: Spelling) -> list[list[str]]:
        rows = [
            [
                self.messages.through.format(name=each.consumer),
                f"{derivative(each.consumer, self.name)} = {each.formula}" if each.formula else "",
                f"{product(spelling.factor(each.upstream), spelling.factor(each.local))} =",
                spelling.gradient(each.amount),
            ]
            for each in self.contributions[:MAX_ROWS]
        ]
        if rest := self.contributions[MAX_ROWS:]:
            together = sum(each.amount for each in rest)
            rows.append([self.messages.more.format(len(rest)), "", "", spelling.gradient(together)])
        return rows

    def _ledger_parts(self, spelling: Spelling) -> list[tuple[str, str | Table]]:
        name = as_part(self.name)
        rows = [[row.name, row.amounts(spelling)[0]] for row in self.ledger.summed_up()]
        total = Table(rows, None, [f"{name}.grad", spelling.write(self.grad)])
        return [("heading", self.messages.of_passes.format(name=name)), ("table", total)]


def explain_node(history: History, node: int, messages: Messages, limit: int) -> Explanation:
    """Explain a node.

    Args:
        history: The graph and its passes.
        node: The id of the node.
        messages: The language.
        limit: The number of paths to list.
    """
    graph = history.graph
    root = graph.passes[-1] if graph.passes else None
    reached = graph.pass_reached[node]
    computed = bool(graph.inputs[node])
    name = name_of(graph, node, messages)
    gradient = graph.pass_grads[node] if reached else None
    contributions = _contributions(graph, node, messages) if reached else []
    locals_ = _locals(graph, node, messages)
    paths = None if computed else paths_to(history, node, messages, limit)
    displayed = {node: name} if graph.needs_grad[node] or history.reached(node) else {}
    ledger = ledger_of(history, displayed, messages)
    relations = [
        *_value_relation(graph, node),
        *_gradient_relations(gradient or 0.0, contributions, locals_),
        *(paths._relations() if paths is not None else []),
        *(ledger._relations(ledger.rows) if ledger else []),
    ]
    spelling = Spelling(relations)
    return Explanation(
        name=name,
        kind=kind_in(graph, node),
        value=graph.values[node],
        formula=value_formula(graph, node, with_names(graph, messages)) if computed else None,
        with_numbers=value_formula(graph, node, with_numbers(graph, spelling.write)) if computed else None,
        locals=tuple(locals_),
        root=None if root is None else name_of(graph, root, messages),
        gradient=gradient,
        contributions=tuple(contributions),
        is_root=reached and node == root,
        diagnosis=_sentence(graph, _diagnosis(history, node), messages),
        value_diagnosis=_sentence(graph, diagnose_value(graph, node), messages),
        other_way=other_way(graph, messages),
        paths=paths,
        ledger=ledger,
        grad=history.grad(node),
        preview=history.is_preview and root is not None,
        held=history.nodes[node].grad,
        spelling=spelling,
        messages=messages,
    )


def paths_to(history: History, node: int, messages: Messages, limit: int) -> Paths:
    """Find the `limit` largest paths from the root of the last pass to a node.

    Raises:
        ValueError: `limit` is no whole number of at least 1.
    """
    if type(limit) is not int or limit < 1:
        raise ValueError(f"`limit` says how many paths to list, 1 or more, and not {limit!r}")
    graph = history.graph
    target = name_of(graph, node, messages)
    if not graph.passes:
        return Paths(None, target, (), 0.0, 0, 0.0, "", messages)
    found = top_paths(graph, graph.passes[-1], node, limit)
    paths = [
        Path(
            tuple([name_of(graph, i, messages) for i in path.nodes]),
            tuple([history.nodes[i] for i in path.nodes]),
            path.factors,
            path.product,
            _share(path.product, found.total),
        )
        for path in found.paths
    ]
    root = name_of(graph, graph.passes[-1], messages)
    formula = _sum_over(graph, found, messages)
    if formula == derivative(root, target):  # of one step whose slope is a choice between cases
        formula = ""
    return Paths(root, target, tuple(paths), found.total, found.count, found.rest, formula, messages)


def _sum_over(graph: Graph, found: TopPaths, messages: Messages) -> str:
    is_long = sum(len(path.slots) for path in found.paths) > MAX_WRITTEN
    if is_long or found.count > len(found.paths):
        return ""
    terms = [path_formula(graph, path.nodes, path.slots, messages) for path in found.paths]
    return " + ".join(terms).replace(f"+ {MINUS}", f"{MINUS} ")


def _locals(graph: Graph, node: int, messages: Messages) -> list[Local]:
    """The local derivatives of a node towards the operands that need a gradient."""
    return [
        _local(graph, node, position, messages)
        for position, operand in enumerate(graph.inputs[node])
        if graph.needs_grad[operand]
    ]


def _local(graph: Graph, node: int, position: int, messages: Messages) -> Local:
    operand = graph.inputs[node][position]
    use = Use(graph.offsets[node] + position, node)
    return Local(
        name_of(graph, operand, messages),
        partial_formula(graph, node, position, with_names(graph, messages)),
        local_derivative(graph, use),
        graph.edge_grads[use.slot] if graph.pass_reached[node] else None,
    )


def _contributions(graph: Graph, node: int, messages: Messages) -> list[Contribution]:
    """The parts of a gradient, one per use in the last pass."""
    return [_contribution(graph, use, messages) for use in uses_in_pass(graph)[node]]


def _contribution(graph: Graph, use: Use, messages: Messages) -> Contribution:
    i = use.consumer
    return Contribution(
        name_of(graph, i, messages),
        graph.pass_grads[i],
        local_derivative(graph, use),
        partial_formula(graph, i, use.slot - graph.offsets[i], with_names(graph, messages)),
        graph.edge_grads[use.slot],
    )


def _value_relation(graph: Graph, node: int) -> list[Relation]:
    operands = graph.inputs[node]
    if not operands or node in graph.customs:
        return []
    forward = OPS[graph.ops[node]].forward
    parts = [graph.values[operand] for operand in operands]
    is_sum = graph.ops[node] in ("+", "-", "sum")
    return [Relation(parts, graph.values[node], lambda x: forward(*x), is_sum=is_sum)]


def _gradient_relations(
    gradient: float, contributions: Sequence[Contribution], locals_: Sequence[Local]
) -> list[Relation]:
    """A gradient as a sum of products, and the products that the node sends on."""
    return [
        *[product_of([each.upstream, each.local], each.amount) for each in contributions],
        *[product_of([gradient, of.value], of.sent) for of in locals_ if of.sent is not None],
        *([sum_of([each.amount for each in contributions], gradient)] if contributions else []),
    ]


def _diagnosis(history: History, node: int) -> Diagnosis | None:
    """Diagnose the gradient, unless passes before the last gave it, as the ledger says."""
    diagnosis = diagnose_gradient(history.graph, node)
    return None if diagnosis == Diagnosis("not run yet") and history.reached(node) else diagnosis


def _sentence(graph: Graph, diagnosis: Diagnosis | None, messages: Messages) -> str | None:
    if diagnosis is None:
        return None
    at = "" if diagnosis.at is None else name_of(graph, diagnosis.at, messages)
    if diagnosis.kind == "dead relu" and diagnosis.at is not None and (o := opening_of(graph, diagnosis.at)):
        return messages.opens.format(at, name_of(graph, o[0], messages), Spelling([]).write(o[1]))
    multiplied = "" if diagnosis.factor is None else name_of(graph, diagnosis.factor, messages)
    return messages.diagnoses[diagnosis.kind].format(at, multiplied or at)


def _share(part: float, total: float) -> float | None:
    return part / total if total != 0.0 and isfinite(total) and isfinite(part / total) else None


def _path_row(path: Path, spelling: Spelling) -> list[str]:
    limit = MAX_FACTORS + 1 if len(path.factors) <= MAX_FACTORS else ENDS
    factors = shortened([spelling.factor(x) for x in path.factors], limit)
    share = "" if path.share is None else f"{100 * path.share + 0.0:.4g} %"
    stops = " → ".join(shortened(list(path.names), limit))
    return [stops, f"{product(*factors)} =" if factors else "", spelling.gradient(path.product), share]


def _equal_sides(of: Local, spelling: Spelling) -> list[str]:
    number = spelling.factor(of.value)
    return [f"= {of.formula}" if of.formula not in ("", number) else "", f"= {number}"]
