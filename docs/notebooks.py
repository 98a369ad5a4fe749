"""Runs the notebooks and keeps their outputs: `.venv/bin/python docs/notebooks.py`.

Texts, pictures and the documents of graphs are kept: GitHub shows the pictures, and JupyterLab graphs that
are alive before anything is run. The widgets themselves end with their kernel. Graphviz's `dot` must be
installed.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parent / "tests")]

from test_notebooks import NEEDS, NOTEBOOKS, VIEW, executed  # noqa: E402 (its folder is no package)

ADDRESS = re.compile(" at 0x[0-9a-f]+")


def kept(output: Any) -> Any:
    """Strip an output down to the parts that stay in the file."""
    if "data" in output:
        output["data"].pop(VIEW, None)
        output["data"]["text/plain"] = [ADDRESS.sub("", line) for line in output["data"]["text/plain"]]
        output["metadata"] = {}
    return output


def main() -> None:
    """Write the outputs into the notebooks."""
    if not shutil.which("dot"):
        sys.exit("Install Graphviz: its program dot draws the pictures that GitHub shows.")
    for path in NOTEBOOKS:
        if path.stem in NEEDS and not find_spec(NEEDS[path.stem]):
            print(f"{path.name} stays as it is: {NEEDS[path.stem]} is not installed.")
            continue
        written = json.loads(path.read_text("utf-8"))
        with TemporaryDirectory() as folder:
            executed(path, Path(folder))
            run = json.loads((Path(folder) / path.name).read_text("utf-8"))
        for cell, ran in zip(written["cells"], run["cells"], strict=True):
            if cell["cell_type"] == "code":
                cell["outputs"] = [kept(output) for output in ran["outputs"]]
                cell["execution_count"] = ran["execution_count"]
        path.write_text(json.dumps(written, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
