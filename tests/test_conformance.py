"""The vectors of `conformance/`, read by the Python engine. Its `generate.py` says what is in them."""

from __future__ import annotations

import json
from math import copysign, inf
from pathlib import Path
from typing import Any

import pytest

from autograd_widget import Graph
from autograd_widget.engine.ops import OPS
from autograd_widget.graph.number import decode_number
from conformance.explain import EXPLAINED, explained
from conformance.expressions import vector as vector_of_expression

Vector = dict[str, Any]

HERE = Path(__file__).parent / "conformance"
FILES = [HERE / "ops.json", HERE / "graphs.json"]
REFUSED: dict[str, Any] = json.loads((HERE / "refused.json").read_text("utf-8"))
EXPRESSIONS: list[dict[str, Any]] = json.loads((HERE / "expressions.json").read_text("utf-8"))
OPTIONAL: dict[str, Any] = json.loads((HERE / "refused_optional.json").read_text("utf-8"))
TABLE: list[dict[str, Any]] = json.loads((HERE / "ops_table.json").read_text("utf-8"))
VECTORS: list[Vector] = [vector for file in FILES for vector in json.loads(file.read_text("utf-8"))]


def decoded(numbers: list[float | str]) -> list[float]:
    found = [decode_number(x) for x in numbers]
    assert None not in found
    return [x for x in found if x is not None]


def agree(ours: float, theirs: float, tolerance: float) -> bool:
    if ours == theirs or (ours != ours and theirs != theirs):
        return True
    return abs(ours - theirs) <= tolerance < inf


def same_bits(ours: float, theirs: float) -> bool:
    both_nan = ours != ours and theirs != theirs
    return both_nan or (ours == theirs and copysign(1.0, ours) == copysign(1.0, theirs))


def disagreements(vector: Vector) -> list[str]:
    graph = Graph.from_json(vector["graph"])
    for root, gradient in vector["passes"]:
        graph.backward(root, *decoded([gradient]))
    found = []
    for i, (ours, theirs) in enumerate(zip(graph.values, decoded(vector["values"]), strict=True)):
        exact = vector["exact"]
        if not (same_bits(ours, theirs) if exact else agree(ours, theirs, 1e-12 * abs(theirs))):
            found.append(f"value of {i} ({graph.ops[i]}): {ours!r}, and not {theirs!r}")
    scale = decoded(vector["grad_scale"])
    for i, (ours, theirs) in enumerate(zip(graph.grads, decoded(vector["grads"]), strict=True)):
        if not agree(ours, theirs, 1e-9 * scale[i]):
            found.append(f"gradient of {i} ({graph.ops[i]}): {ours!r}, and not {theirs!r}")
    operands = [j for slots in graph.inputs for j in slots]
    edges = zip(operands, graph.edge_grads, decoded(vector["edge_grads"]), strict=True)
    for slot, (j, ours, theirs) in enumerate(edges):
        if not agree(ours, theirs, 1e-9 * scale[j]):
            found.append(f"edge {slot}: {ours!r}, and not {theirs!r}")
    if [int(reached) for reached in graph.reached] != vector["reached"]:
        found.append(f"reached: {graph.reached}")
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_vector_of(file: Path) -> None:
    vectors: list[Vector] = json.loads(file.read_text("utf-8"))
    assert vectors
    wrong = {v["name"]: found for v in vectors if (found := disagreements(v))}
    assert not wrong


def test_every_op_has_vectors() -> None:
    assert {op for vector in VECTORS for op in vector["graph"]["op"]} - {"leaf", "const"} == set(OPS)


def test_the_table_is_the_one_that_both_languages_have() -> None:
    ours = [
        {"name": row.name, "arity": row.arity, "formula": row.formula, "partials": list(row.partials)}
        for row in OPS.values()
    ]
    assert ours == TABLE


@pytest.mark.parametrize("case", [*REFUSED["refused"], *OPTIONAL["refused"]], ids=lambda case: case["name"])
@pytest.mark.parametrize("as_text", [False, True], ids=["object", "text"])
def test_a_document_that_is_off_is_refused_in_the_same_words(case: dict[str, Any], as_text: bool) -> None:
    changed = {**REFUSED["sound"], **case["change"]}
    document = {key: value for key, value in changed.items() if value is not None}
    with pytest.raises(ValueError, match=r"^graph document: ") as refused:
        Graph.from_json(json.dumps(document) if as_text else document)
    assert str(refused.value) == f"graph document: {case['sentence']}"


def test_what_is_refused_is_sound_but_for_one_thing() -> None:
    assert Graph.from_json(REFUSED["sound"]).to_dict() == REFUSED["sound"]


def test_the_documents_come_back_as_they_are() -> None:
    for vector in VECTORS:
        assert Graph.from_json(vector["graph"]).to_dict() == vector["graph"], vector["name"]


def test_the_explanations_are_those_that_both_languages_have() -> None:
    assert explained() == json.loads(EXPLAINED.read_text("utf-8"))


@pytest.mark.parametrize("case", EXPRESSIONS, ids=lambda case: case["text"])
def test_an_expression_is_read_or_refused_at_a_place(case: dict[str, Any]) -> None:
    assert vector_of_expression(case["text"]) == case
