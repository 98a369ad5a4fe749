"""Numbers of an explanation hold for the digits shown: a product of shown factors is the shown result."""

from __future__ import annotations

import random
import re
from math import prod

import pytest

from autograd_widget import GraphWidget, Scalar, exp, log
from autograd_widget.explain.spelling import Spelling, product_of, sum_of


def unit(text: str) -> float:
    """One unit of the last digit."""
    mantissa, _, exponent = text.partition("e")
    return 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def assert_holds(computed: float, text: str) -> None:
    assert abs(computed - float(text)) <= unit(text), text


def softmax() -> Scalar:
    z = [Scalar(value, label=f"z{i}") for i, value in enumerate((2.0, 1.0, -0.5), 1)]
    e = [exp(x) for x in z]
    s = e[0] + e[1] + e[2]
    return -log(e[1] / s)


def test_products_in_a_text_hold_on_a_calculator() -> None:
    loss = softmax()
    widget = GraphWidget(loss)
    rows = 0
    for node in ("z1", "z2", "z3", loss, *loss.prevs, *loss.prevs[0].prevs):
        for line in str(widget.explain(node)).splitlines():
            found = re.search(r"((?:\(?-?[\d.e+-]+\)? · )+\(?-?[\d.e+-]+\)?) =\s+([+-]?[\d.e+-]+)", line)
            if found:
                rows += 1
                assert_holds(prod(float(one.strip("()")) for one in found[1].split(" · ")), found[2])
    assert rows >= 9


def test_random_relations_hold_with_few_digits() -> None:
    chance = random.Random(1)
    for _ in range(300):
        parts = [chance.choice((1, -1)) * 10 ** chance.uniform(-3, 2) for _ in range(chance.randint(2, 6))]
        for relation in (product_of(parts, prod(parts)), sum_of(parts, sum(parts))):
            spelling = Spelling([relation])
            seen = [float(spelling.write(x)) for x in parts]
            assert_holds(relation.of(seen), spelling.write(relation.result))


def test_a_number_has_one_spelling() -> None:
    spelling = Spelling([product_of([3.9443, -0.02315], -0.09131), sum_of([0.36788, 0.09131], 0.45919)])
    assert spelling.gradient(-0.09131) == "-" + spelling.gradient(0.09131)[1:]


@pytest.mark.parametrize(("total", "text"), [(2.8e-17, "0"), (0.0, "0"), (-1e-9, "-1.0e-9")])
def test_a_sum_below_rounding_error_is_nothing(total: float, text: str) -> None:
    assert Spelling([sum_of([0.1, -0.1], total)]).gradient(total) == text
