"""Explanations without a browser: every number against one that was computed independently."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from math import exp, inf, nan, tanh
from string import Formatter
from typing import Any

import pytest

from autograd_widget import GraphWidget, Scalar, custom_op, greater, prod, relu, where
from autograd_widget import max as max_of
from autograd_widget.engine.digits import shown
from autograd_widget.engine.ops import OPS
from autograd_widget.engine.scalar import apply
from autograd_widget.explain.explanation import Explanation
from autograd_widget.explain.formula import partial_formula, value_formula, with_names, with_numbers
from autograd_widget.explain.messages import CHINESE, ENGLISH
from autograd_widget.explain.spelling import Spelling
from autograd_widget.explain.text import counted, product


def recurrence(*, names: bool = True) -> tuple[Scalar, Scalar, list[Scalar]]:
    w, wh = Scalar(0.3, label="w"), Scalar(0.5, label="wh")
    x = [Scalar(1.0, label=f"x{i}", requires_grad=False) for i in (1, 2, 3)]
    h1 = w * x[0]
    h2 = w * x[1] + wh * h1
    h3 = w * x[2] + wh * h2
    for i, h in enumerate((h1, h2, h3), 1):
        h.label = f"h{i}" if names else ""
    return w, wh, [h1, h2, h3]


@pytest.fixture
def seed() -> GraphWidget:
    _, _, h = recurrence()
    for root in h:
        root.backward()
    return GraphWidget(*h)


def closes(of: Explanation) -> bool:
    """Test whether each contribution is upstream times local, and they add up to the gradient."""
    return all(
        each.amount == pytest.approx(each.upstream * each.local) for each in of.contributions
    ) and of.gradient == pytest.approx(sum(each.amount for each in of.contributions))


# -- the seed ------------------------------------------------------------------------------------------------


def test_a_leaf_of_the_seed(seed: GraphWidget) -> None:
    of = seed.explain("w")
    assert (of.name, of.kind, of.value, of.formula, of.root) == ("w", "parameter", 0.3, None, "h3")
    assert [(each.consumer, each.upstream, each.local, each.amount) for each in of.contributions] == [
        ("h1", 0.25, 1.0, 0.25),
        ("w·x2", 0.5, 1.0, 0.5),
        ("w·x3", 1.0, 1.0, 1.0),
    ]
    assert [each.formula for each in of.contributions] == ["x1", "x2", "x3"]
    assert (of.gradient, of.grad, of.diagnosis, of.locals) == (1.75, 4.25, None, ())
    assert [(row.name, row.added["w"]) for row in of.ledger] == [
        ("h1.backward()", 1.0),
        ("h2.backward()", 1.5),
        ("h3.backward()", 1.75),
    ]
    assert of.paths is not None
    assert [path.product for path in of.paths] == [1.0, 0.5, 0.25]


def test_an_operation_of_the_seed(seed: GraphWidget) -> None:
    of = seed.explain("h2")
    assert (of.kind, of.formula, of.with_numbers) == ("operation", "w·x2 + wh·h1", "0.30 + 0.15")
    assert [(each.operand, each.formula, each.value, each.sent) for each in of.locals] == [
        ("w·x2", "1", 1.0, 0.5),
        ("wh·h1", "1", 1.0, 0.5),
    ]
    (used,) = of.contributions
    assert (used.consumer, used.upstream, used.local, used.formula) == ("wh·h2", 1.0, 0.5, "wh")
    assert (of.gradient, of.grad, of.paths) == (0.5, 1.5, None)


def test_the_root_and_an_input_of_the_seed(seed: GraphWidget) -> None:
    root = seed.explain("h3")
    assert (root.is_root, root.gradient, root.contributions) == (True, 1.0, ())
    assert "∂h3/∂h3 = 1" in str(root)
    frozen = seed.explain("x1")
    assert (frozen.kind, frozen.gradient, len(frozen.ledger)) == ("input", None, 0)
    assert "requires_grad=False" in str(frozen)


def test_the_sums_close_everywhere_after_a_drag(seed: GraphWidget) -> None:
    seed["wh"], seed["w"], seed["x2"] = -0.7, 1.3, 2.5
    for node in seed._nodes:
        of = seed.explain(node)
        assert of.gradient is None or of.is_root or closes(of)
        assert of.grad == pytest.approx(sum(sum(row.added.values()) for row in of.ledger))


TEXT = """\
wh = 0.50. It is a leaf (parameter): given, not computed.

this pass, from h3, upstream × local:
  through wh·h1  ∂(wh·h1)/∂wh = h1  0.50 · 0.30 =  +0.15
  through wh·h2  ∂(wh·h2)/∂wh = h2     1 · 0.45 =  +0.45
  ──────────────────────────────────────────────────────
  ∂h3/∂wh                                          +0.60

every path from h3 to wh:
  ∂h3/∂wh = h2 + wh·h1
  h3 → wh·h2 → wh               1 · 0.45 =             +0.45  75 %
  h3 → wh·h2 → h2 → wh·h1 → wh  1 · 0.50 · 1 · 0.30 =  +0.15  25 %
  ────────────────────────────────────────────────────────────────
  all paths                                            +0.60

wh.grad, the sum of passes:
  h1.backward()      –
  h2.backward()  +0.30
  h3.backward()  +0.60
  ────────────────────
  wh.grad         0.90"""

MARKDOWN = """\
wh·h2 = 0.50·0.45 = 0.225

**local derivatives:**

|  |  |  |  |
| :-- | :-- | --: | --: |
| ∂(wh·h2)/∂wh | = h2 | = 0.45 | sends +0.45 |
| ∂(wh·h2)/∂h2 | = wh | = 0.50 | sends +0.50 |

**this pass, from h3, upstream × local:**

|  |  |  |  |
| :-- | :-- | --: | --: |
| through h3 | ∂h3/∂(wh·h2) = 1 | 1 · 1 = | +1.00 |
| **∂h3/∂(wh·h2)** |  |  | **+1.00** |

**(wh·h2).grad, the sum of passes:**

|  |  |
| :-- | --: |
| h1.backward() | – |
| h2.backward() | – |
| h3.backward() | +1.00 |
| **(wh·h2).grad** | **1.00** |"""


def test_the_account_as_text_and_as_markdown(seed: GraphWidget) -> None:
    assert str(seed.explain("wh")) == repr(seed.explain("wh")) == TEXT
    product_ = seed._nodes[seed._id("h3")].prevs[1]
    assert seed.explain(product_)._repr_markdown_() == MARKDOWN


def test_an_account_says_that_it_is_of_a_preview(seed: GraphWidget) -> None:
    seed.zero_grad()
    account = seed.explain("wh")
    would = "  Preview: h3.backward() would add this; in Python wh.grad is 0.00 until it is run.\n"
    assert str(account) == TEXT.replace("local:\n", f"local:\n{would}", 1)
    assert (account.preview, account.grad, account.ledger.preview) == (True, 0.30 + 0.60, True)
    seed.language = "zh"
    assert "预览：若运行 h3.backward()" in str(seed.explain("wh"))


def test_in_chinese(seed: GraphWidget) -> None:
    seed.language = "zh"
    text = str(seed.explain("w"))
    assert text.startswith("w = 0.30。它是叶子节点（参数）")
    assert "从 h3 到 w 的每条路径" in text
    assert not re.search("[a-z]{5}", re.sub("backward|Python", "", text))
    rows = [line for line in text.splitlines() if line.startswith("  经过")]
    assert len({len(line) for line in rows}) == 1


# -- the same operand twice ----------------------------------------------------------------------------------


def test_a_square_and_a_difference() -> None:
    x = Scalar(3.0, label="x")
    square = GraphWidget(x * x).explain("x")
    assert [(each.upstream, each.local, each.formula) for each in square.contributions] == [(1, 3, "x")] * 2
    assert (square.gradient, square.diagnosis) == (6.0, None)
    z = Scalar(3.0, label="z")
    nothing = GraphWidget(z - z).explain("z")
    assert [each.amount for each in nothing.contributions] == [1.0, -1.0]
    assert (nothing.gradient, nothing.diagnosis) == (0.0, ENGLISH.diagnoses["cancels"].format("z"))
    assert nothing.paths is not None
    assert [path.share for path in nothing.paths] == [None, None]


# -- paths ---------------------------------------------------------------------------------------------------


def test_the_paths_of_the_seed(seed: GraphWidget) -> None:
    paths = seed.paths("w")
    assert [path.names for path in paths] == [
        ("h3", "w·x3", "w"),
        ("h3", "wh·h2", "h2", "w·x2", "w"),
        ("h3", "wh·h2", "h2", "wh·h1", "h1", "w"),
    ]
    assert [path.factors for path in paths] == [(1, 1), (1, 0.5, 1, 1), (1, 0.5, 1, 0.5, 1)]
    assert [path.share for path in paths] == [1 / 1.75, 0.5 / 1.75, 0.25 / 1.75]
    assert (paths.total, paths.count, paths.rest, paths.root, paths.target) == (1.75, 3, 0.0, "h3", "w")
    assert paths[0].nodes[-1].label == "w"
    fewer = seed.paths("w", limit=1)
    assert (len(fewer), fewer.count, fewer.rest) == (1, 3, 0.75)
    assert "and 2 more, together" in str(fewer)
    assert "| and 2 more, together |" in fewer._repr_markdown_()


def test_two_to_the_sixty_paths() -> None:
    y = Scalar(1.0, label="x")
    for _ in range(60):
        y = y + y
    paths = GraphWidget(y).paths("x", limit=3)
    assert (paths.count, paths.total) == (2**60, 2.0**60)
    assert paths.rest == pytest.approx(2.0**60)
    assert [path.product for path in paths] == [1.0] * 3
    assert len(paths[0].names) == 61
    lines = str(paths).splitlines()
    assert lines[4].split() == ["and", "1.2e18", "more,", "together", "+1.2e18"]
    assert max(map(len, lines)) < 120


def test_paths_from_where_nothing_comes(seed: GraphWidget) -> None:
    assert str(seed.paths("x1")) == "There is no path from h3 to x1."
    seed.zero_grad()
    assert (seed.paths("w").root, len(seed.paths("w"))) == ("h3", 3), "those of the preview"
    nothing = GraphWidget(seed._nodes[-1], passes=[])
    assert (nothing.paths("w").root, len(nothing.paths("w"))) == (None, 0)
    assert str(nothing.paths("w")) == "No backward pass has run yet."


@pytest.mark.parametrize(
    ("of", "written"),
    [
        (lambda a, b: a * a, "a + a"),
        (lambda a, b: a - a, "1 − 1"),
        (lambda a, b: b - (-a) * b, "b"),
        (lambda a, b: b * -(a * b), "−b·b"),
        (lambda a, b: b * (-3 * a), "−b·3"),
        (lambda a, b: (a * b).tanh() * b, "b·(1 − tanh(a·b)²)·b"),
        (lambda a, b: relu(a) * b, "b·∂relu(a)/∂a"),
        (lambda a, b: (a * b) ** 2, "2·a·b·b"),
        (lambda a, b: a**3 + b / a**2, "3·a² − b/(a²)²·2·a"),
        (lambda a, b: a**-1, "−1·a^(−2)"),
        (lambda a, b: a**0.5, "0.5·a^(0.5 − 1)"),
        (lambda a, b: a**b, "b·a^(b − 1)"),
    ],
)
def test_the_sum_over_paths_has_names_in(of: Callable[[Scalar, Scalar], Scalar], written: str) -> None:
    a, b = Scalar(3.0, label="a"), Scalar(2.0, label="b")
    assert GraphWidget(of(a, b)).paths("a").formula == written


def test_a_sum_over_many_paths_is_not_written_out() -> None:
    y = Scalar(1.5, label="a")
    for _ in range(3):
        y = y + y
    assert GraphWidget(y).paths("a").formula == ""


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "all", None])
def test_how_many_paths_to_list(seed: GraphWidget, limit: Any) -> None:
    with pytest.raises(ValueError, match="`limit` says how many paths to list"):
        seed.paths("w", limit=limit)
    with pytest.raises(ValueError, match="`limit` says how many paths to list"):
        seed.explain("w", limit=limit)


# -- why -----------------------------------------------------------------------------------------------------


def why(y: Scalar, node: Scalar, **options: Any) -> str | None:
    return GraphWidget(y, names=False, **options).explain(node).diagnosis


def test_a_dead_relu_above() -> None:
    w, x, b = Scalar(-2.0, label="w"), Scalar(3.0, label="x"), Scalar(1.0, label="b")
    z = w * x + b
    z.label = "z"
    y = relu(z)
    expected = ENGLISH.opens.format("relu(z)", "b", "6.00")
    assert [why(y, node) for node in (w, x, b, z)] == [expected] * 4
    assert "relu(z)" in expected


def test_a_factor_that_is_zero() -> None:
    w, x = Scalar(2.0, label="w"), Scalar(0.0, label="x")
    y = (w * x) * 3.0
    assert why(y, w) == "0, because in w·x it is multiplied by x, which is 0."
    assert why(y, x) is None


def test_other_zeros() -> None:
    w, tiny = Scalar(40.0, label="w"), Scalar(1e-200, label="tiny")
    assert why(w.tanh(), w) == "0, because tanh(w) is flat here: its local derivative is 0."
    power = tiny * (tiny * w)
    assert why(power, w) == "0, because a product at tiny·w is too small: it underflowed."
    assert why(w.max(50.0), w) == "0, because max(w, 50) does not take w here."
    assert why(w.clamp(0.0, 1.0), w) == "0, because clamp(w, 0, 1) does not take w here."
    branch = where(greater(w, 50.0), w * w, tiny)
    assert why(branch, branch.prevs[1]) == "0, because where(w > 50, w·w, tiny) does not take w·w here."


def test_no_gradient_at_all() -> None:
    w, x, v = (Scalar(i + 1.0, label=name) for i, name in enumerate("wxv"))
    y, z = w * x, v * 2.0
    assert why(y, w, passes=[]) == ENGLISH.diagnoses["not run yet"]
    g = GraphWidget(z, y, names=False)
    assert g.explain("v").diagnosis == "w·x does not depend on this node, so its pass does not come here."
    g.freeze("x", "v")
    assert g.explain("x").diagnosis == ENGLISH.diagnoses["frozen"]
    assert g.explain(z).diagnosis == ENGLISH.diagnoses["not tracked"]
    (used,) = g.explain("w").contributions
    assert (used.formula, used.amount, len(g.explain(y).locals)) == ("x", 2.0, 1)


def test_formulas_of_branches_and_comparisons() -> None:
    u, v = Scalar(-2.0, label="u"), Scalar(3.0, label="v")
    is_greater = greater(u + v, v)
    g = GraphWidget(where(greater(is_greater, 0.5), -u, v % 2), names=False)
    assert g.explain(is_greater).formula == "1 if u + v > v else 0"
    again = g._nodes[-1].prevs[0]
    assert g.explain(again).formula == "1 if (u + v > v) > 0.5 else 0"
    assert g.explain(g._nodes[-1]).formula == "−u if (u + v > v) > 0.5 else v % 2"
    assert g.explain(g._nodes[-1]).with_numbers == "2.00 if 0.00 else 1.00"


def test_what_lets_no_gradient_through() -> None:
    w, x = Scalar(3.0, label="w"), Scalar(2.0, label="x")
    kept = (w * w).detach()
    y = kept * x + greater(w, x)
    expected = ENGLISH.diagnoses["cut off"].format
    assert [why(y, node) for node in (kept.prevs[0], kept)] == [expected("detach(w·w)")] * 2
    assert why(y, w) == expected("detach(w·w)")
    assert why(y, y.prevs[1]) == expected("w > x")
    assert why(y, x) is None
    assert why(x.detach() * w + x, x) is None
    root = GraphWidget(kept, names=False)
    root.backward()
    assert root.explain(w).diagnosis == expected("detach(w·w)")


def test_nan_in_the_middle() -> None:
    x, w = Scalar(-1.0, label="x"), Scalar(2.0, label="w")
    middle = x.log()
    y = (middle * w).tanh()
    g = GraphWidget(y)
    assert g.explain("y").value_diagnosis == "nan (not a number): first made at middle."
    assert g.explain("w").diagnosis == "nan (not a number): first made at middle."
    assert g.explain("w").value_diagnosis is None
    assert g.explain("middle").value_diagnosis == "nan (not a number): first made at middle."
    g["x"] = exp(2.0)
    of = g.explain("w")
    assert of.diagnosis is None
    assert of.gradient == pytest.approx(2.0 * (1 - tanh(4.0) ** 2))


def test_infinite_gradients() -> None:
    x = Scalar(0.0, label="x")
    y = x.sqrt() * 2.0
    assert why(y, x) == "Infinite: first made at sqrt(x)."
    a = Scalar(1e200, label="a")
    assert why((a * a) * (a * a), a) == "Infinite: first made at a·a."


# -- formulas ------------------------------------------------------------------------------------------------


def written(y: Scalar, *, numbers: bool = False) -> str:
    graph = GraphWidget(y, names=False)._graph
    term = with_numbers(graph, shown) if numbers else with_names(graph)
    return value_formula(graph, len(graph) - 1, term)


def test_formulas_bind_as_they_are_computed() -> None:
    a, b, c = (Scalar(x, label=name) for x, name in ((2.0, "a"), (-3.0, "b"), (0.5, "c")))
    s = a + b
    assert written(s * c) == "(a + b)·c"
    assert written(c * s) == "c·(a + b)"
    assert written(c - s) == "c − (a + b)"
    assert written(s - c) == "a + b − c"
    assert written(c / (a * b)) == "c/(a·b)"
    assert written(s**2) == "(a + b)²"
    assert written(a ** (b * c)) == "a^(b·c)"
    assert written(-s) == "−(a + b)"
    assert written(s.tanh()) == "tanh(a + b)"
    assert written(a * b, numbers=True) == "2.00·(-3.00)"
    assert written(a - b, numbers=True) == "2.00 − (-3.00)"
    assert written(b * a, numbers=True) == "-3.00·2.00"
    assert written(b.relu(), numbers=True) == "max(0, -3.00)"
    assert written(a.max(b, c)) == "max(a, b, c)"
    assert written(apply("mean", a, b, c)) == "(a + b + c)/3"
    assert written(apply("sum", *[a] * 9)) == "a + a + … + a"


def test_every_row_of_the_table_is_written() -> None:
    for name, row in OPS.items():
        operands = [Scalar(0.25 + i, label=f"p{i}") for i in range(row.arity or 3)]
        g = GraphWidget(apply(name, *operands), names=False)
        graph, root = g._graph, len(g._graph) - 1
        for term in (with_names(graph), with_numbers(graph, shown)):
            formulas = [value_formula(graph, root, term)]
            formulas += [partial_formula(graph, root, p, term) for p in range(len(operands))]
            for formula in formulas:
                assert not re.search(r"\b(a|b|c|y|n|a_\w+)\b|…|==|(?<!\*)\*(?!\*)|  ", formula), (
                    name,
                    formula,
                )
        assert "p0" in value_formula(graph, root, with_names(graph))
        assert name_in(str(g.explain(operands[0])), operands[0])


def name_in(text: str, node: Scalar) -> bool:
    return text.startswith(f"{node.label} = ")


def test_a_custom_op_is_explained_by_its_numbers() -> None:
    @custom_op(partials=lambda _, a, b: (2 * (a - b), 2 * (b - a)))
    def squared_error(a: float, b: float) -> float:
        return (a - b) ** 2

    p, t = Scalar(3.0, label="p"), Scalar(1.0, label="t")
    g = GraphWidget(squared_error(p * 2.0, t))
    of = g.explain(g._nodes[-1])
    assert (of.name, of.formula, of.value) == ("squared_error(p·2, t)", "squared_error(p·2, t)", 25.0)
    assert [(each.formula, each.value) for each in of.locals] == [("", 10.0), ("", -10.0)]
    assert (g.explain("p").gradient, g.explain("t").gradient) == (20.0, -10.0)
    assert "10" in str(g.explain("t"))


# -- how it is written ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.125, "0.125"),
        (-2.0625, "-2.0625"),
        (0.03125, "0.03"),
        (0.1 + 0.2, "0.30"),
        (-0.0, "-0.00"),
        (0.0049, "0.0049"),
        (0.00495, "5.0e-3"),
        (1.25e-7, "1.2e-7"),
        (123456.0, "1.2e5"),
        (99999.0, "99999.00"),
        (-2e300, "-2.0e300"),
        (inf, "inf"),
        (nan, "nan"),
    ],
)
def test_numbers(x: float, text: str) -> None:
    assert shown(x) == text


def test_signs_and_factors() -> None:
    assert [Spelling().gradient(x) for x in (1.5, -1.5, 0.0, -0.0, inf, nan)] == [
        "+1.50",
        "-1.50",
        "0",
        "0",
        "+inf",
        "nan",
    ]
    assert [Spelling().factor(x) for x in (1.0, -2.0, 0.5, 1e9, inf, nan)] == [
        "1",
        "-2",
        "0.50",
        "1.0e9",
        "inf",
        "nan",
    ]
    assert product("1", "-2", "-0.50") == "1 · (-2) · (-0.50)"
    assert [counted(n) for n in (3, 999_999, 2**60, 10**5000)] == ["3", "999999", "1.2e18", "1.0e5000"]


def test_no_character_of_a_name_means_anything() -> None:
    w = Scalar(2.0, label="a|b *c* [d](e) $x$ `f` <g> {h} ∂")
    g = GraphWidget(w * w)
    markdown = g.explain(w)._repr_markdown_()
    assert r"a\|b \*c\* \[d\](e) \$x\$ \`f\` \<g\> \{h\} ∂ = 2.00" in markdown
    rows = [line for line in markdown.splitlines() if line.startswith("| through")]
    assert [len(re.findall(r"(?<!\\)\|", row)) for row in rows] == [5, 5]
    assert "{h}" in str(g.explain(w))
    assert "{h}" in str(g.paths(w))


def test_many_uses_are_cut_and_still_add_up() -> None:
    w = Scalar(1.0, label="w")
    y: Any = sum(w * float(i) for i in range(100))
    text = str(GraphWidget(y, names=False).explain(w))
    through = [line for line in text.splitlines() if line.startswith("  through")]
    more = next(line for line in text.splitlines() if "more, together" in line)
    assert len(through) == 20
    amounts = [float(line.split()[-1]) for line in [*through, more]]
    assert sum(amounts) == sum(range(100))


def test_a_deep_graph_is_explained() -> None:
    y = x = Scalar(0.5, label="x")
    for _ in range(5_000):
        y = y + x
    g = GraphWidget(y)
    of = g.explain("x", limit=2)
    assert (of.gradient, len(of.contributions)) == (5001.0, 5001)
    assert of.paths is not None
    assert (of.paths.count, of.paths.rest) == (5001, 4999.0)
    assert len(str(of)) < 10_000


def test_both_languages_have_the_same_sentences() -> None:
    def places(text: str) -> set[str | None]:
        return {place for _, place, _, _ in Formatter().parse(text)} - {None}

    english, chinese = dataclasses.asdict(ENGLISH), dataclasses.asdict(CHINESE)
    for key, sentence in english.items():
        if isinstance(sentence, str):
            assert places(sentence) == places(chinese[key]), key
        else:
            assert sentence.keys() == chinese[key].keys()
            for inner in sentence:
                assert places(sentence[inner]) == places(chinese[key][inner]), (key, inner)


def test_an_unnamed_graph_is_explained_too() -> None:
    _, _, h = recurrence(names=False)
    g = GraphWidget(h[2], names=False)
    of = g.explain("w")
    assert [each.consumer for each in of.contributions] == ["w·x1", "w·x2", "w·x3"]
    assert g.explain(h[2]).name == "sum"


def test_a_formula_is_left_out_where_it_does_not_hold() -> None:
    x, q = Scalar(2.0, label="x"), Scalar(2.0, label="q")
    m = max_of(x, q)
    m.label = "m"
    assert "if" not in str(GraphWidget(m).explain("m"))
    q.value = 1.0
    m.forward()
    assert "∂m/∂x = 1 if x = m else 0 = 1" in re.sub(" +", " ", str(GraphWidget(m).explain("m")))
    c, k = Scalar(0.0, label="c"), Scalar(2.0, label="k")
    e = prod([c, k, 5.0])
    e.label = "e"
    text = re.sub(" +", " ", str(GraphWidget(e).explain("e")))
    assert "∂e/∂c = 10" in text
    assert "∂e/∂k = e/k = 0" in text
    p = c**k
    p.label = "p"
    text = re.sub(" +", " ", str(GraphWidget(p).explain("p")))
    assert "∂p/∂c = k·c^(k − 1) = 0" in text
    assert "∂p/∂k = 0" in text


def test_what_a_max_does_not_take_is_said_so() -> None:
    a, b = Scalar(1.0, label="a"), Scalar(2.0, label="b")
    m = max_of(a, b)
    m.label = "m"
    assert GraphWidget(m).explain("a").diagnosis == "0, because m does not take a here."


def test_a_label_of_two_lines_stays_in_its_row() -> None:
    a = Scalar(2.0, label="a\nb")
    account = GraphWidget(a * a).explain(a)
    assert "a b" in str(account)
    assert "a\nb" not in account._repr_markdown_()


def test_a_relu_that_is_off_names_the_value_at_which_a_bias_opens_it() -> None:
    w, x, b = Scalar(0.5, label="w"), Scalar(-4.0, requires_grad=False), Scalar(0.25, label="b")
    y = (w * x + b).relu()
    y.label = "y"
    y.backward()
    g = GraphWidget(y)
    assert g.explain("w").diagnosis == "0, because y is off: it opens at b > 2.00."
    for value, is_open in ((2.0, False), (2.001, True)):
        g["b"] = value
        assert (y.value > 0.0) is is_open


@pytest.mark.parametrize(
    "below",
    [lambda a: a * 2.0, lambda a: a + a, lambda a: (a + -1.0) + (a * 1.0)],
    ids=["multiplied", "added twice", "used elsewhere"],
)
def test_a_relu_that_no_bias_opens_alone_has_the_usual_reason(below: Callable[[Scalar], Scalar]) -> None:
    a = Scalar(-1.0, label="a")
    y = below(a).relu()
    y.backward()
    assert str(GraphWidget(y).explain("a").diagnosis).endswith("lets no gradient through.")
