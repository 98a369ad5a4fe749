"""The package: wheel and sdist have the files that users need and nothing else, and need no Node."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from email import message_from_bytes
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hatch_build import is_current, wants_compiled
from trove_classifiers import classifiers

from autograd_widget import __version__
from autograd_widget.engine import backward, core
from autograd_widget.graph import tape

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parents[1]
BUNDLE = "autograd_widget/static/widget.js"
LAB = "autograd_widget-0.1.0.data/data/share/jupyter/labextensions/autograd-widget"
"""The folder of the extension that JupyterLab loads at its start."""

PURE = {**os.environ, "AUTOGRAD_WIDGET_COMPILE": "0"}
"""For a wheel that goes anywhere."""
AS_IT_IS = {name: value for name, value in os.environ.items() if name != "AUTOGRAD_WIDGET_COMPILE"}
"""For `pip install .` of somebody who has read nothing."""


def build(
    source: Path, to: Path, *targets: str, path: str | None = None, env: Mapping[str, str] = PURE
) -> subprocess.CompletedProcess[str]:
    """Build wheel or sdist with the installed hatchling; `path` is what the hook finds programs in."""
    return run(
        sys.executable,
        *("-m", "hatchling", "build", "--directory", to),
        *(part for target in targets for part in ("--target", target)),
        cwd=source,
        env=env if path is None else {**env, "PATH": path},
    )


def run(
    *command: str | Path, cwd: Path, env: Mapping[str, str] = os.environ
) -> subprocess.CompletedProcess[str]:
    """Run a program to its end, and keep what it says."""
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an sdist of this checkout."""
    to = tmp_path_factory.mktemp("dist")
    done = build(ROOT, to, "wheel", "sdist")
    assert done.returncode == 0, done.stdout + done.stderr
    return to


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what a build needs, without a bundle."""
    root = tmp_path / "checkout"
    shutil.copytree(ROOT / "src", root / "src", ignore=shutil.ignore_patterns("widget.js", "__pycache__"))
    shutil.copytree(ROOT / "js", root / "js", ignore=shutil.ignore_patterns("node_modules"))
    for name in ("pyproject.toml", "hatch_build.py", "compile.py", "README.md", "LICENSE", ".gitignore"):
        shutil.copy2(ROOT / name, root)
    return root


def wheel_in(folder: Path) -> Path:
    return next(folder.glob("*.whl"))


def unpacked_wheel(folder: Path, to: Path) -> dict[str, str]:
    """The environment of a Python that finds the package of a wheel first."""
    with zipfile.ZipFile(wheel_in(folder)) as wheel:
        for name in wheel.namelist():
            wheel.extract(name, to)
    return {**os.environ, "PYTHONPATH": str(to)}


def unpack_sdist(folder: Path, to: Path) -> Path:
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(to, filter="data")
    return next(to.iterdir())


def test_the_wheel_holds_the_package_and_its_bundle_and_nothing_else(built: Path) -> None:
    with zipfile.ZipFile(wheel_in(built)) as wheel:
        names = set(wheel.namelist())
        assert wheel.read(BUNDLE) == (ROOT / "src" / BUNDLE).read_bytes()
        assert wheel.read(f"{LAB}/static/widget.js") == wheel.read(BUNDLE)
        assert json.loads(wheel.read(f"{LAB}/package.json"))["version"] == __version__
    source = ROOT / "src"
    ours = [*source.rglob("*.py"), *source.rglob("messages/*.json")]
    modules = {str(path.relative_to(source)) for path in ours}
    info = {name for name in names if name.startswith("autograd_widget-0.1.0.dist-info/")}
    lab = {f"{LAB}/{name}" for name in ("package.json", "static/reader.js", "static/widget.js")}
    assert names - info == {*modules, "autograd_widget/py.typed", BUNDLE, *lab}
    assert "autograd_widget-0.1.0.dist-info/licenses/LICENSE" in info


def test_it_builds_to_the_same_bytes_wherever_and_whenever(built: Path, tmp_path: Path) -> None:
    copy = tmp_path / "elsewhere"
    shutil.copytree(
        ROOT, copy, ignore=shutil.ignore_patterns(".git", ".venv", "node_modules", "test-results")
    )
    for path in copy.rglob("*"):
        os.utime(path, (10**9, 10**9))
    done = build(copy, tmp_path / "again", "wheel", "sdist")
    assert done.returncode == 0, done.stdout + done.stderr
    again = {path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()}
    assert again == {path.name: path.read_bytes() for path in built.iterdir()}


def test_the_engine_is_compiled_where_there_is_a_compiler() -> None:
    if not wants_compiled():
        pytest.skip("there is no C compiler here, or the engine is not to be compiled")
    for module in (core, backward, tape):
        made = Path(str(module.__file__))
        assert made.suffix in (".so", ".pyd"), "run `make setup`, which says what is wrong"
        source = made.with_name(f"{made.name.split('.')[0]}.py")
        sources = iter([source, source.with_suffix(".pxd"), ROOT / "compile.py"])
        assert is_current(made, sources), f"{made.name} is out of date: run `make setup`"


def test_the_engine_as_plain_python_passes_its_tests(built: Path, tmp_path: Path) -> None:
    """The engine as plain Python, as in the pure wheel, passes its tests."""
    env = unpacked_wheel(built, tmp_path)
    code = "import autograd_widget.engine.core as core; print(core.__file__)"
    where = run(sys.executable, "-c", code, cwd=tmp_path, env=env)
    assert where.stdout.strip() == str(tmp_path / "autograd_widget" / "engine" / "core.py"), where.stderr
    files = [
        "tests/engine",
        "tests/graph",
        *(f"tests/test_{name}.py" for name in ("conformance", "depth", "seeds")),
    ]
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", "not million")
    done = run(sys.executable, *command, *files, cwd=ROOT, env=env)
    assert done.returncode == 0, done.stdout


def test_where_there_is_a_compiler_a_wheel_has_the_engine_compiled(tmp_path: Path) -> None:
    if not wants_compiled():
        pytest.skip("there is no C compiler here")
    done = build(ROOT, tmp_path, "wheel", env=AS_IT_IS)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "plain Python" not in done.stdout + done.stderr
    assert re.match(r"autograd_widget-0\.1\.0-cp3\d+-cp3\d+-(?!any)", wheel_in(tmp_path).name)
    code = (
        "from autograd_widget import Graph, Scalar; from autograd_widget.engine import core; "
        "from autograd_widget.graph import tape\n"
        "w = Scalar(3.0); y = w * w; y.backward()\n"
        "graph = Graph.of(y); graph.replay(graph.outputs)\n"
        "print(tape.__file__, core.IS_COMPILED, w.grad, graph.grads[0])"
    )
    done = run(sys.executable, "-c", code, cwd=tmp_path, env=unpacked_wheel(tmp_path, tmp_path))
    place, *said = done.stdout.split()
    assert Path(place).parent == tmp_path / "autograd_widget" / "graph"
    assert said == ["True", "6.0", "6.0"]


@pytest.mark.parametrize(
    ("compiler", "remedy"), [("no-such-compiler", "install a C compiler"), ("false", "=1 says why")]
)
def test_where_there_is_none_that_works_the_wheel_goes_anywhere_and_one_line_says_so(
    tmp_path: Path, compiler: str, remedy: str
) -> None:
    done = build(ROOT, tmp_path, "wheel", env={**AS_IT_IS, "CC": compiler})
    assert done.returncode == 0, done.stdout + done.stderr
    assert wheel_in(tmp_path).name.endswith("-py3-none-any.whl")
    said = [line for line in (done.stdout + done.stderr).splitlines() if "plain Python" in line]
    assert len(said) == 1
    assert remedy in said[0]


def test_a_compiler_that_must_be_there_and_fails_is_an_error(tmp_path: Path) -> None:
    done = build(ROOT, tmp_path, "wheel", env={**os.environ, "AUTOGRAD_WIDGET_COMPILE": "1", "CC": "false"})
    assert done.returncode != 0
    assert "install a C compiler, or set 0" in done.stdout + done.stderr
    assert not list(tmp_path.iterdir())


def test_a_variable_that_says_neither_is_an_error(tmp_path: Path) -> None:
    done = build(ROOT, tmp_path, "wheel", env={**os.environ, "AUTOGRAD_WIDGET_COMPILE": "yes"})
    assert done.returncode != 0
    assert "AUTOGRAD_WIDGET_COMPILE is 'yes': set 1 to compile the engine" in done.stdout + done.stderr


def test_its_metadata_is_of_the_lists_that_there_are(built: Path) -> None:
    with zipfile.ZipFile(wheel_in(built)) as wheel:
        name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(wheel.read(name))
    classified = metadata.get_all("Classifier", [])
    assert set(classified) <= classifiers
    assert {"Typing :: Typed", "Framework :: Jupyter"} <= set(classified)
    needs = [need for need in metadata.get_all("Requires-Dist", []) if "extra ==" not in need]
    assert {re.split(r"\W", need)[0] for need in needs} == {
        "anywidget",
        "graphviz",
        "ipywidgets",
        "traitlets",
    }
    assert metadata.get_all("Provides-Extra") == ["dev"]


def test_the_engine_is_imported_in_less_than_three_tenths_of_a_second() -> None:
    def seconds(code: str) -> float:
        """Measure processor time, so that other processes on the machine don't count."""
        before = os.times()
        subprocess.run([sys.executable, "-c", code], check=True)
        after = os.times()
        return after.children_user + after.children_system - before.children_user - before.children_system

    assert min(seconds("import autograd_widget") for _ in range(5)) < 0.3


def test_an_sdist_installs_without_node(built: Path, tmp_path: Path) -> None:
    unpacked = unpack_sdist(built, tmp_path / "sdist")
    assert not (unpacked / "tests").exists()
    assert not (unpacked / "js" / "node_modules").exists()
    done = build(unpacked, tmp_path / "wheel", "wheel", path="")
    assert done.returncode == 0, done.stdout + done.stderr
    with zipfile.ZipFile(wheel_in(tmp_path / "wheel")) as wheel:
        assert wheel.read(BUNDLE) == (ROOT / "src" / BUNDLE).read_bytes()


def test_the_wheel_works_in_an_environment_of_its_own(built: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", symlinks=os.name != "nt")
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    pip = (sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index")
    done = run(*pip, wheel_in(built), cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    # Its dependencies come from the environment of the tests, behind its own packages.
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    own, ours = (Path(run(each, "-c", ask, cwd=tmp_path).stdout.strip()) for each in (python, sys.executable))
    (own / "dependencies.pth").write_text(f"{ours}\n")

    code = (
        "import autograd_widget as a; w = a.Scalar(2.0, label='w'); g = a.GraphWidget(w * w); "
        "print(a.__file__, len(g._esm) > 1000, g.root_value)"
    )
    done = run(python, "-c", code, cwd=tmp_path)
    assert done.stdout.split() == [str(own / "autograd_widget" / "__init__.py"), "True", "4.0"], done.stderr


@pytest.mark.parametrize("state", ["missing", "out of date"])
def test_without_node_a_checkout_says_what_to_install(checkout: Path, tmp_path: Path, state: str) -> None:
    if state == "out of date":
        bundle = checkout / "src" / BUNDLE
        bundle.write_text("export default {};")
        os.utime(bundle, (0, 0))
    done = build(checkout, tmp_path / "dist", "wheel", path="")
    assert done.returncode != 0
    said = done.stderr.strip()
    assert said == (f"src/{BUNDLE} is {state} and npm was not found: install Node 20 or a released wheel.")
    assert not (tmp_path / "dist").exists() or not any((tmp_path / "dist").iterdir())


def test_without_node_a_checkout_takes_a_bundle_that_is_up_to_date(checkout: Path, tmp_path: Path) -> None:
    (checkout / "src" / BUNDLE).write_text("export default {};")
    done = build(checkout, tmp_path / "dist", "wheel", path="")
    assert done.returncode == 0, done.stderr
