"""The map in CONTRIBUTING.md: packages depend on those before them, and no module on itself in a circle."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1] / "src" / "autograd_widget"

ORDER = ("messages", "engine", "graph", "explain", "adapters", "export", "widget", "")
"""Each package imports only from itself and from those before it; the public face, "", from all."""

ON_DEMAND = {
    (
        "widget.draw",
        "widget.widget",
    ): "where `dot` is installed, a picture needs no ipywidgets, slow to import",
    ("__main__", "widget.widget"): "on the command line, only a program needs ipywidgets",
}
"""The imports inside functions, each with its reason; a circle is none."""


class Import(NamedTuple):
    """An import of one of our modules by another, for types or not."""

    by: str
    of: str
    is_inside: bool
    """In a function, not at the top of the file."""


def name_of(path: Path) -> str:
    """The dotted name within the package; "" for the package itself."""
    *folders, last = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(folders if last == "__init__" else [*folders, last])


MODULES = {name_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def targets(node: ast.AST, module: str) -> list[str]:
    """The full names that an import statement of a module takes from our package."""
    if isinstance(node, ast.Import):
        names = [alias.name for alias in node.names]
    elif isinstance(node, ast.ImportFrom):
        within = f"{ROOT.name}.{module}".strip(".").split(".")
        is_package = MODULES[module].name == "__init__.py"
        start = within[: len(within) - node.level + is_package] if node.level else []
        names = [".".join([*start, *filter(None, [node.module]), alias.name]) for alias in node.names]
    else:
        return []
    return [name.partition(".")[2] for name in names if name.partition(".")[0] == ROOT.name]


def imports_in(module: str) -> list[Import]:
    found = []
    waiting: list[tuple[ast.AST, bool]] = [(ast.parse(MODULES[module].read_text("utf-8")), False)]
    while waiting:
        node, is_inside = waiting.pop()
        for target in targets(node, module):
            of = target if target in MODULES else target.rpartition(".")[0]  # a module, or a name in one
            assert of in MODULES, f"{module} imports {target}, which is not there"
            found.append(Import(module, of, is_inside))
        is_inside = is_inside or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        waiting += [(child, is_inside) for child in ast.iter_child_nodes(node)]
    return found


IMPORTS = [found for module in MODULES for found in imports_in(module)]


def place_of(module: str) -> int:
    folder, dot, _ = module.partition(".")
    return ORDER.index(folder if dot or (ROOT / folder).is_dir() else "")


def circle_in(edges: dict[str, set[str]]) -> list[str]:
    """The modules of a circle; none where there is none."""
    try:
        TopologicalSorter(edges).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def test_packages_depend_only_on_those_before_them() -> None:
    assert len(IMPORTS) > 100
    assert [found for found in IMPORTS if place_of(found.of) > place_of(found.by)] == []


def test_no_module_depends_on_itself() -> None:
    edges: dict[str, set[str]] = {module: set() for module in MODULES}
    for by, of, _ in IMPORTS:
        edges[by].add(of)
    assert circle_in(edges) == []


def test_imports_inside_functions_have_reasons() -> None:
    assert {(found.by, found.of) for found in IMPORTS if found.is_inside} == ON_DEMAND.keys()


@pytest.mark.parametrize(
    ("statement", "of"),
    [
        ("from . import document", "graph.document"),
        ("from .document import read", "graph.document.read"),
        ("from ..engine import ops", "engine.ops"),
        ("from autograd_widget.engine.ops import OPS", "engine.ops.OPS"),
        ("import autograd_widget.nn", "nn"),
        ("from json import loads", None),
    ],
)
def test_every_kind_of_import_is_found(statement: str, of: str | None) -> None:
    assert targets(ast.parse(statement).body[0], "graph.graph") == ([] if of is None else [of])


def test_a_circle_is_found() -> None:
    assert set(circle_in({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}})) == {"a", "b", "c"}
