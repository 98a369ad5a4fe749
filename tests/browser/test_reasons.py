"""Why a gradient is 0, not finite or not there: a word on the card, a sentence in the inspector."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from playwright.sync_api import expect

from browser.by_hand import H1, H3, WH, W, document_of, labels, seed, view_of
from browser.harness import receive

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from browser.by_hand import Document
    from view import View


class Case(NamedTuple):
    """A document, the node that is asked about, what is said of it and where that leads."""

    document: Document
    node: int
    word: str
    sentence: str
    cause: int | None = None
    traits: dict[str, Any] = {}  # noqa: RUF012 (never written)


def neuron(w: float = 0.5, b: float = -3.0) -> Document:
    """y = 3·relu(w·x + b), dead with these."""
    parts = (w, 2.0, b, ("*", 0, 1), ("+", 3, 2), ("relu", 4), (3.0,), ("*", 5, 6))
    return document_of(*parts, label=labels("w", "x", "b", "", "z", "r", "", "y"), frozen=[1])


def product(a: float, b: float) -> Document:
    return document_of(a, b, ("*", 0, 1), label=labels("a", "b", "y"))


def tiny() -> Document:
    """y = a·c·c with c so small that c·c is 0."""
    return document_of(1.0, (1e-200,), ("*", 0, 1), ("*", 2, 1), label=labels("a", "", "p", "y"))


def saturated() -> Document:
    return document_of(50.0, ("tanh", 0), (2.0,), ("*", 1, 2), label=labels("a", "t", "", "y"))


def logarithm(x: float) -> Document:
    """y = a·log(x) + 1."""
    parts = (x, 2.0, ("log", 0), ("*", 1, 2), (1.0,), ("+", 3, 4))
    return document_of(*parts, label=labels("x", "a", "l", "p", "", "y"))


def root_of_zero() -> Document:
    return document_of(0.0, 2.0, ("sqrt", 0), ("*", 1, 2), label=labels("x", "a", "s", "y"))


CASES = {
    "frozen": Case(seed(frozen=[W]), W, "not tracked", "Frozen: no gradient is wanted here"),
    "not tracked": Case(
        document_of(
            1.0, 2.0, ("*", 0, 1), 3.0, ("*", 2, 3), frozen=[0, 1], label=labels("a", "b", "p", "c", "y")
        ),
        2,
        "not tracked",
        "nothing it depends on asks for one",
    ),
    "not connected": Case(
        seed(), WH, "not in this pass", "h1 does not depend on this node", traits={"passes": [H1]}
    ),
    "cut off": Case(
        document_of(3.0, ("detach", 0), 2.0, ("*", 1, 2), label=labels("x", "kept", "w", "y")),
        0,
        "not in this pass",
        "No gradient flows through kept",
        1,
    ),
    "dead relu": Case(neuron(), 0, "relu off", "0, because r is off: it opens at b > ", 5),
    "zero factor": Case(product(3.0, 0.0), 0, "times 0", "in y it is multiplied by b, which is 0", 1),
    "cancels": Case(
        document_of(3.0, ("-", 0, 0), label=labels("a", "y")), 0, "cancels", "contributions to a cancel"
    ),
    "underflow": Case(tiny(), 0, "underflow", "too small: it underflowed", 2),
    "flat": Case(saturated(), 0, "flat", "t is flat here", 1),
    "first nan": Case(logarithm(-1.0), 1, "from l", "nan (not a number): first made at l", 2),
    "first inf": Case(root_of_zero(), 0, "from s", "Infinite: first made at s", 2),
}


def word_of(view: View, node: int) -> str:
    """Read the word about its gradient on a card, besides the number and its name."""
    texts = view.node(node).locator(".agw-pass > *").all_text_contents()
    return next((text for text in texts if text and not re.match(r"^(∂|[+−]?\d|0$)", text)), "")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_card_says_it_in_a_word(page: Page, case: Case) -> None:
    view = view_of(page, case.document, **case.traits)
    assert word_of(view, case.node) == case.word
    expect(view.node(case.node)).to_have_accessible_name(re.compile(re.escape(case.word)))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_inspector_says_it_in_a_sentence(page: Page, case: Case) -> None:
    view = view_of(page, case.document, selected=case.node, **case.traits)
    expect(view.inspector(case.node).locator(".agw-why")).to_contain_text(case.sentence)


@pytest.mark.parametrize(
    "case", [case for case in CASES.values() if case.cause is not None], ids=lambda case: case.word
)
@pytest.mark.parametrize("how", ["click", "Enter"])
def test_the_cause_is_one_step_away(page: Page, case: Case, how: str) -> None:
    assert case.cause is not None
    view = view_of(page, case.document, selected=case.node)
    name = case.document["label"][str(case.cause)]
    link = view.inspector(case.node).locator(".agw-why").get_by_role("button", name=name, exact=True)
    if how == "click":
        link.click()
    else:
        link.press("Enter")
    expect(view.inspector(case.cause)).to_be_visible()
    expect(view.node(case.cause)).to_have_class(re.compile("agw-chosen"))


def test_reasons_are_told_apart(page: Page) -> None:
    assert len({case.sentence for case in CASES.values()}) == len(CASES)
    words = [case.word for name, case in CASES.items() if name not in ("not tracked", "cut off")]
    assert len(set(words)) == len(words)
    assert page.url  # the words themselves are looked for above


def test_an_ordinary_gradient_has_no_reason(page: Page) -> None:
    view = view_of(page, seed())
    for node in (W, WH, H1, H3):
        assert word_of(view, node) in ("", "seed")
        receive(page, selected=node)
        expect(view.inspector(node).locator(".agw-why")).to_have_count(0)


def test_a_number_that_is_not_finite_is_explained_where_it_was_made(page: Page) -> None:
    view = view_of(page, logarithm(-1.0), selected=5)
    why = view.inspector(5).locator(".agw-why").first
    expect(why).to_contain_text("nan (not a number): first made at l")
    why.get_by_role("button").click()
    expect(view.inspector(2).locator(".agw-why").first).to_contain_text("first made at l")
    expect(view.inspector(2).locator(".agw-why").first.get_by_role("button")).to_have_count(0)


def test_an_infinite_value_is_explained(page: Page) -> None:
    view = view_of(page, logarithm(0.0), selected=3)
    expect(view.inspector(3).locator(".agw-why").first).to_contain_text("Infinite: first made at l")


def test_a_neuron_wakes_up_while_its_bias_is_dragged(page: Page) -> None:
    view = view_of(page, neuron(), selected=0)
    why = view.inspector(0).locator(".agw-why")
    expect(why).to_contain_text("because r is off")
    page.evaluate(
        """() => {
          window.seen = [];
          const root = document.querySelector(".autograd-widget");
          root.addEventListener("input", (event) => window.seen.push([
            Number(event.target.value),
            root.querySelector('[data-node="0"] .agw-pass').textContent,
            root.querySelector(".agw-why")?.textContent ?? "",
          ]));
        }"""
    )
    view.drag(2, 2.0)
    seen = page.evaluate("window.seen")
    for b, card, sentence in seen:
        awake = 0.5 * 2 + b > 0
        assert ("relu off" in card) is not awake
        assert ("is off" in sentence) is not awake
    assert {0.5 * 2 + b > 0 for b, *_ in seen} == {True, False}
    expect(why).to_have_count(0)
    assert view.pass_grad(0) == 6.0
    view.drag(2, -4.0)
    expect(why).to_contain_text("because r is off")


def test_a_factor_that_leaves_0_takes_the_reason_with_it(page: Page) -> None:
    view = view_of(page, product(3.0, 0.0), selected=0)
    view.slider(1).press("ArrowRight")
    assert word_of(view, 0) == ""
    expect(view.inspector(0).locator(".agw-why")).to_have_count(0)
    view.slider(1).press("ArrowLeft")
    assert word_of(view, 0) == "times 0"


def test_it_is_said_however_far_away_the_cause_is(page: Page) -> None:
    steps = 140
    chain = [("neg", i) for i in range(steps)]
    document = document_of(1.0, *chain, (-1.0,), ("*", steps, steps + 1), ("relu", steps + 2))
    why = view_of(page, document, selected=0).inspector(0).locator(".agw-why")
    expect(why).to_contain_text("is off: up to 0 a relu")
    receive(page, values={"0": -1.0})
    expect(why).to_have_count(0)


def test_in_a_replay_nothing_is_explained_that_has_not_happened(page: Page) -> None:
    view = view_of(page, neuron(), selected=0)
    view.node(0).press("Home")
    assert word_of(view, 0) == "·"
    expect(view.inspector(0).locator(".agw-why")).to_have_count(0)


def test_reasons_in_chinese(page: Page) -> None:
    view = view_of(page, neuron(), selected=0, language="zh")
    assert word_of(view, 0) == "relu 关闭"
    expect(view.inspector(0).locator(".agw-why")).to_contain_text("r 关闭")
    view.inspector(0).locator(".agw-why").get_by_role("button", name="r").click()
    expect(view.inspector(5)).to_be_visible()


def test_the_card_says_where_a_number_that_is_not_finite_is_made(page: Page) -> None:
    view = view_of(page, logarithm(-1.0))
    assert [word_of(view, node) for node in (2, 1, 3)] == ["nan here", "from l", ""]
    receive(page, values={"0": 0.0, "1": 2.0})
    assert word_of(view, 2) == "inf here"
    receive(page, values={"0": 1.0, "1": 2.0})
    assert word_of(view, 2) == ""


def test_what_stands_before_a_gradient_says_on_pointing_what_it_is(page: Page) -> None:
    view = view_of(page, neuron(), width=1280)
    titles = {node: view.node(node).locator(".agw-pass").get_attribute("title") or "" for node in range(8)}
    assert titles[0].startswith("0, because r is off: it opens at b > −1")
    assert titles[1] == "Frozen: no gradient is wanted here (requires_grad=False)"
    assert titles[5] == "∂y/∂r"
    assert titles[7] == "Backward starts at y: its gradient is ∂y/∂y = 1."
    view = view_of(page, seed(), width=1280)
    expect(view.node(H1).locator(".agw-pass")).to_have_attribute("title", "∂h3/∂h1")
    expect(view.root.get_by_title("sum of passes").first).to_have_text(".grad")
