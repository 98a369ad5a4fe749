"""The files around the code: workflows, citation, changelog, bill of materials."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.sbom import bill
from packaging.utils import canonicalize_name

from autograd_widget import __version__

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted(ROOT.glob(".github/workflows/*.yml"))


def read(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def steps_of(workflow: Path) -> list[dict[str, Any]]:
    jobs = yaml.safe_load(workflow.read_text("utf-8"))["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("workflow", WORKFLOWS, ids=lambda path: path.stem)
def test_actions_are_pinned_by_their_major_version(workflow: Path) -> None:
    used = [step["uses"] for step in steps_of(workflow) if "uses" in step]
    assert used
    assert [use for use in used if not re.fullmatch(r"[\w.-]+/[\w.-]+@(release/)?v\d+", use)] == []


def test_every_python_that_is_promised_is_tested_on_every_system() -> None:
    matrix = yaml.safe_load(read(".github/workflows/test.yml"))["jobs"]["test"]["strategy"]["matrix"]
    promised = re.findall(r'"Programming Language :: Python :: (3\.\d+)"', read("pyproject.toml"))
    assert matrix["python"] == promised
    assert {os.split("-")[0] for os in matrix["os"]} == {"ubuntu", "macos", "windows"}


@pytest.mark.parametrize(
    "name", [".pre-commit-config.yaml", ".github/workflows/test.yml", ".github/pull_request_template.md"]
)
def test_the_targets_that_are_named_are_there(name: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    named = re.findall(r"\bmake ((?:[a-z-]+ ?)+)", read(name))
    assert named
    assert {target for names in named for target in names.split()} <= targets


def test_the_citation_is_of_this_version() -> None:
    citation = yaml.safe_load(read("CITATION.cff"))
    assert citation["version"] == __version__
    assert f'"{citation["repository-code"]}"' in read("pyproject.toml")


def test_a_change_is_one_line() -> None:
    _, _, changes = read("CHANGELOG.md").partition("\n## ")
    lines = [line for line in changes.splitlines()[1:] if line]
    assert [line for line in lines if not re.match(r"#{2,3} |- \S", line)] == []


def test_the_bill_of_materials_has_what_is_pinned() -> None:
    pins = re.findall(r"^([\w.-]+)==([^\s;]+)", read("constraints.txt"), re.MULTILINE)
    locked = json.loads(read("js/package-lock.json"))["packages"]
    pinned = {("pypi", canonicalize_name(name), version) for name, version in pins}
    pinned |= {
        ("npm", path.rpartition("node_modules/")[2], package["version"])
        for path, package in locked.items()
        if path
    }
    components = bill()["components"]
    listed = {(each["purl"][4:].partition("/")[0], each["name"], each["version"]) for each in components}
    assert listed == pinned
    needed = {each["name"] for each in components if each["scope"] == "required"}
    assert {"anywidget", "ipywidgets", "traitlets", "graphviz", "psygnal"} <= needed
    assert not needed & {"pytest", "ruff", "esbuild", "typescript"}


def test_what_the_page_is_built_with_has_a_licence() -> None:
    built_with = [each for each in bill()["components"] if each["purl"].startswith("pkg:npm/")]
    assert built_with
    assert [each["name"] for each in built_with if "licenses" not in each] == []


def test_every_promise_names_tests_that_are_there() -> None:
    rows = [line for line in read("docs/promises.md").splitlines() if line.startswith("| ")][1:]
    assert rows
    for row in rows:
        named = re.findall(r"`([\w/.]+\.(?:py|ts))(?:::([^`]+))?`", row.split("|")[-2])
        assert named, row
        for path, test in named:
            assert (ROOT / path).is_file(), path
            wanted = f"def {test}(" if path.endswith(".py") else f'"{test}"'
            assert not test or wanted in read(path), f"{path}::{test}"
