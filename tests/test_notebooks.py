"""Every notebook runs from top to bottom in a kernel of this environment, and prints what its text says."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest

from autograd_widget import Graph
from autograd_widget.graph.document import MIME

NOTEBOOKS = sorted(Path(__file__).parents[1].joinpath("notebooks").rglob("*.ipynb"))

PRINTS = {
    "bptt": {
        "first": ["w.grad = 1.00"],
        "second": ["w.grad = 2.50, wh.grad = 0.30, h1.grad = 1.50"],
        "third": ["w.grad = 4.25, wh.grad = 0.90, h1.grad = 1.75, h2.grad = 1.50"],
        "read": ["wh = 0.50, h3 = 0.52, w.grad = 4.25"],
        "set": ["wh = 0.90, h3 = 0.81, w.grad = 5.61"],
        "explode": [
            "wh = 0.1: w.grad = 3.21, wh.grad = 0.66",
            "wh = 0.5: w.grad = 4.25, wh.grad = 0.90",
            "wh = 1.0: w.grad = 6.00, wh.grad = 1.20",
            "wh = 2.0: w.grad = 11.00, wh.grad = 1.80",
        ],
        "unequal": ["h1 = 0.15, h2 = -0.53, h3 = 0.64", "w.grad = 0.875, wh.grad = -0.300"],
        "zero": ["w.grad = 2.125"],
        "restored": ["GraphWidget(h1 = 0.30, h2 = 0.45, h3 = 0.52; w.grad = 4.25, wh.grad = 0.90)"],
    },
    "neuron": {
        "dead": ["ReLU(-1.3000) = 0.0000"],
        "dead-backward": [
            "∂y/∂w1 = 0.0000, ∂y/∂w2 = 0.0000, ∂y/∂b = 0.0000",
            "∂y/∂x1 = 0.0000, ∂y/∂x2 = 0.0000",
        ],
        "wake-read": ["w2 = -0.80, sum = -1.30, y = 0.00, ∂y/∂w2 = 0.00"],
        "wake-set": [
            "w2 = -0.5: sum = -0.40, y = 0.00, ∂y/∂w2 = 0.00",
            "w2 = -0.4: sum = -0.10, y = 0.00, ∂y/∂w2 = 0.00",
            "w2 = -0.3: sum =  0.20, y = 0.20, ∂y/∂w2 = 3.00",
            "w2 = -0.2: sum =  0.50, y = 0.50, ∂y/∂w2 = 3.00",
        ],
        "live": ["y = 3.6000", "∂y/∂w1 = 2.0000, ∂y/∂w2 = 3.0000, ∂y/∂b = 1.0000"],
        "sleep": ["sum = 0.00, y = 0.00, ∂y/∂w1 = 0.00"],
    },
    "own_engine": {
        "empty": [
            "3.0",
        ],
        "check": [
            "Value: 1 of 2 ops right",
            "  +         a + a at a = 2: yours a.grad 1.00, the chain rule 2.00",
            "            Two amounts arrive at a. When the second one comes, what becomes of the first?",
            "  right     *",
            "  note      not there: - / ** neg exp log tanh relu sigmoid",
        ],
        "hints": [
            "+: Two amounts arrive at a. When the second one comes, what becomes of the first?",
            "+: Read how your + writes into `.grad`: does it keep what was there?",
            "+: `.grad = …` forgets what was there; `.grad += …` adds to it.",
        ],
        "wrong": [
            (
                "Your pass is right until a: yours is 2.00, the chain rule gives 1.00. "
                "The last to write there was your +."
            ),
            "  +: a + a at a = 2 gives a.grad 1.00, and the chain rule gives 2.00",
        ],
        "mended": [
            "True",
        ],
        "more": [
            "Value: 8 of 8 ops right",
            "  right     + - * / ** neg tanh relu",
            (
                "  note      a second backward() counts the interior twice, as micrograd's does: "
                "12, then 36 (PyTorch 24)"
            ),
            "  note      not there: exp log sigmoid",
        ],
        "moved": [
            "w.data = 0.80, y.data = 0.86, w.grad = 0.51",
        ],
        "explore": [
            "-0.20",
            "3.00",
        ],
    },
    "pytorch": {
        "bptt": [
            "scalars: w.grad = 1.75, wh.grad = 0.60",
            "tensors: w.grad = 1.75, wh.grad = 0.60",
        ],
        "bptt-read": ["wh = 0.80, w.grad = 2.44, wh.grad = 0.78, h3 = 0.732"],
        "neuron": [
            "y = 0.0, w.grad = [0.0, 0.0], b.grad = 0.0",
            "0, because y is off: it opens at b > 1.40.",
        ],
        "accumulate": [
            "zeroed:    [-16.0, -3.2, -0.64] w = 2.98",
            "forgotten: [-16.0, -19.2, -7.04] w = 5.22",
        ],
        "detach": [
            "w * w:             w.grad = 6, in the graph 6",
            "w.detach() * w:    w.grad = 3, in the graph 3",
            "no_grad, m * w:    w.grad = 6, in the graph 6",
        ],
        "frozen": ["parameters: ['b']"],
        "network-step": [
            "model[0].weight[1, 0] = 0.90",
            "a step makes the loss smaller: True",
            "the graph has the new values: True",
        ],
        "limits": [
            (
                "this result is made of about 712,773 scalars, 628,000 of them in addmm of 100, "
                "8×784, 784×100 in Linear: the limit is 20,000; record fewer samples, a narrower "
                "layer or fewer steps, or raise it with record(limit=…)"
            ),
        ],
    },
    "training": {
        "line": ["L = 6.50, w.grad = -8.00, b.grad = -5.00"],
        "from": ["-2 × 1 = -2", "-3 × 2 = -6"],
        "double": [
            "w.grad = -16.00",
            "                   w       b",
            "L.backward()   -8.00   -5.00",
            "L.backward()   -8.00   -5.00",
            "────────────────────────────",
            ".grad         -16.00  -10.00",
            "after zero_grad(): w.grad = 0.00",
        ],
        "descent": [
            "zeroed:    6.50 0.65 0.07 0.01 0.01 0.01 0.01 0.01",
            "forgotten: 6.50 0.65 2.24 7.66 4.59 0.01 4.32 7.73",
        ],
        "frozen": [
            "w = 2.60, b = 0.00, L = 0.10, b.grad = 0.00",
            "w = 2.00, b = 1.00, L = 0.00",
        ],
        "network": ["17 parameters, loss = 0.50"],
        "network-train": [
            "step 0: loss = 0.497",
            "step 40: loss = 0.034",
            "step 80: loss = 0.003",
            "step 120: loss = 0.000",
        ],
    },
}
"""By notebook and cell what it must print."""

SHOWS = {
    "bptt": {"live"},
    "neuron": {"wake", "live-widget"},
    "own_engine": {"live"},
    "pytorch": {"bptt-live", "network", "lstm", "attention"},
    "training": {"live", "network-live"},
}
"""The cells that show a widget."""

NEEDS = {"pytorch": "torch"}
"""By notebook a module that the setup does not install."""

VIEW = "application/vnd.jupyter.widget-view+json"


RUN = """
import sys
import nbformat
from nbclient import NotebookClient
notebook = nbformat.read(sys.argv[1], as_version=4)
NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
nbformat.write(notebook, sys.argv[2])
"""


def executed(path: Path, into: Path) -> Any:
    """The notebook as it is after running all cells.

    In a process of its own, with no configuration and no kernel but those of this environment.
    """
    own = {
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "run",
        "IPYTHONDIR": "i",
    }
    environment = {**os.environ, **{variable: str(into / folder) for variable, folder in own.items()}}
    environment["JUPYTER_PREFER_ENV_PATH"] = "1"
    for variable in ("JUPYTER_PATH", "JUPYTER_CONFIG_PATH"):
        environment.pop(variable, None)
    result = into / path.name
    program = [sys.executable, "-c", RUN, str(path), str(result)]
    run = subprocess.run(
        program, check=False, env=environment, cwd=path.parent, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
    return nbformat.read(result, as_version=4)  # type: ignore[no-untyped-call]


def printed(cell: Any) -> list[str]:
    return "".join(o["text"] for o in cell.outputs if o.output_type == "stream").splitlines()


def shown(cell: Any) -> set[str]:
    return {mime for o in cell.outputs if o.output_type == "execute_result" for mime in o.data}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_file_is_a_sound_notebook(path: Path) -> None:
    text = path.read_text("utf-8")
    notebook: Any = nbformat.reads(text, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata.kernelspec.name == "python3"
    assert len({cell.id for cell in notebook.cells}) == len(notebook.cells)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == [i + 1 for i, _ in enumerate(code)]
    assert json.dumps(json.loads(text), ensure_ascii=False, indent=1) + "\n" == text
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            assert re.search("[\u4e00-\u9fff]", cell.source), f"no Chinese in {cell.id}"
            assert re.search("[a-z]{3}", cell.source), f"no English in {cell.id}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_outputs_are_what_a_run_gives(path: Path) -> None:
    """`docs/notebooks.py` writes them: pictures for GitHub, and documents that JupyterLab draws alive."""
    notebook: Any = nbformat.read(path, as_version=nbformat.NO_CONVERT)  # type: ignore[no-untyped-call]
    cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    assert {name: printed(cell) for name, cell in cells.items() if printed(cell)} == PRINTS[path.stem]
    for name in SHOWS[path.stem]:
        (output,) = cells[name].outputs
        document = output.data[MIME]
        assert document["passes"]
        assert Graph.from_json(document).outputs
    assert not any(VIEW in shown(cell) for cell in cells.values())
    assert "widgets" not in notebook.metadata


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_notebook_runs(path: Path, tmp_path: Path) -> None:
    if path.stem in NEEDS:
        pytest.importorskip(NEEDS[path.stem], reason=f"{NEEDS[path.stem]} is not installed here")
    notebook = executed(path, tmp_path)
    cells = {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}
    assert all(o.output_type != "error" for cell in cells.values() for o in cell.outputs)
    assert all(o.get("name") != "stderr" for cell in cells.values() for o in cell.outputs)
    assert {name: printed(cell) for name, cell in cells.items() if printed(cell)} == PRINTS[path.stem]
    for name in SHOWS[path.stem]:
        assert VIEW in shown(cells[name]), name


def test_every_notebook_has_its_numbers() -> None:
    assert {path.stem for path in NOTEBOOKS} == set(PRINTS) == set(SHOWS)
