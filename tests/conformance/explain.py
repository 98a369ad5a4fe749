"""Writes `explained.json`: what both languages say of the vectors in `graphs.json` that are exact.

    python tests/conformance/explain.py

Both engines read it unchanged. Writing it again changes nothing unless the explanations have changed.

    name        the vector's
    names       per node its name in English
    gradients   per node the diagnosis of its gradient in the last pass: [kind, at, factor]; null for a number
    values      per node the diagnosis of its value
    paths       by parameter its largest paths from the root of the last pass, in order: [nodes, slots];
                and how many paths there are
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from autograd_widget import Graph
from autograd_widget.explain.diagnose import Diagnosis, diagnose_gradient, diagnose_value
from autograd_widget.explain.names import name_of
from autograd_widget.explain.paths import top_paths
from autograd_widget.graph.number import decode_number

HERE: Final = Path(__file__).parent
EXPLAINED: Final = HERE / "explained.json"
LISTED: Final = 3
"""The number of paths that are listed of each parameter."""


def explained() -> list[dict[str, Any]]:
    """The explanations of the exact vectors: others may differ in the last digit, and so in an order."""
    vectors = json.loads((HERE / "graphs.json").read_text("utf-8"))
    return [_explained(vector) for vector in vectors if vector["exact"] and vector["passes"]]


def _explained(vector: dict[str, Any]) -> dict[str, Any]:
    graph = Graph.from_json(vector["graph"])
    for root, gradient in vector["passes"]:
        graph.backward(root, decode_number(gradient) or 0.0)
    root = graph.passes[-1]
    found = {i: top_paths(graph, root, i, LISTED) for i in graph.leaves if graph.needs_grad[i]}
    return {
        "name": vector["name"],
        "names": [name_of(graph, i) for i in range(len(graph))],
        "gradients": [_written(diagnose_gradient(graph, i)) for i in range(len(graph))],
        "values": [_written(diagnose_value(graph, i)) for i in range(len(graph))],
        "paths": {
            str(i): [*[[list(path.nodes), list(path.slots)] for path in paths.paths], paths.count]
            for i, paths in found.items()
        },
    }


def _written(diagnosis: Diagnosis | None) -> list[Any] | None:
    return None if diagnosis is None else [diagnosis.kind, diagnosis.at, diagnosis.factor]


if __name__ == "__main__":
    lines = ",\n".join(json.dumps(one, separators=(",", ":"), ensure_ascii=False) for one in explained())
    EXPLAINED.write_text(f"[\n{lines}\n]\n", "utf-8")
