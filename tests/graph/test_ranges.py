"""Ranges of sliders, and rounding: `conformance/page/ranges.json`, which vitest reads too."""

from __future__ import annotations

import json
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from autograd_widget import Scalar
from autograd_widget.graph.number import decode_number
from autograd_widget.graph.ranges import checked_range, chosen_range

VECTORS: dict[str, list[dict[str, Any]]] = json.loads(
    (Path(__file__).parents[1] / "conformance/page/ranges.json").read_text("utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["ranges"], ids=lambda vector: str(vector["value"]))
def test_the_range_chosen_for(vector: dict[str, Any]) -> None:
    value = decode_number(vector["value"])
    assert value is not None
    assert chosen_range(value) == tuple(vector["range"])


@pytest.mark.parametrize("vector", VECTORS["texts"], ids=lambda vector: vector["text"])
def test_two_decimals_of(vector: dict[str, Any]) -> None:
    assert repr(Scalar(vector["value"])) == f"Scalar(value={vector['text']}, grad=0.00)"


def test_a_given_range_is_kept() -> None:
    assert checked_range("w", (-2, 2, 0.01)) == (-2.0, 2.0, 0.01)
    assert checked_range("w", [0, 4]) == (0.0, 4.0, 0.01)


@pytest.mark.parametrize(
    "given",
    [(1, 1), (2, -2), (0,), (0, 1, 2, 3), (0, nan), (0, inf), (0, 1, 0), (0, 1, -0.1), (0, 1, 2), "ab", 3],
)
def test_a_range_that_makes_no_sense_is_refused_by_name(given: Any) -> None:
    with pytest.raises(ValueError, match="the slider of w "):
        checked_range("w", given)
