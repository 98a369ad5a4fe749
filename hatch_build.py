"""Puts the page's bundle into wheel and sdist, built where its sources are; and compiles the engine.

A wheel, and an editable install, has the engine compiled where a C compiler is found, and as plain Python
elsewhere. The variable AUTOGRAD_WIDGET_COMPILE decides: 0 is the wheel for every platform, which JupyterLite
needs, and 1 fails where the engine can't be compiled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLE = "src/autograd_widget/static/widget.js"
REMEDY = "install Node 20 or a released wheel"
COMPILE = "AUTOGRAD_WIDGET_COMPILE"
EXTENSION = sysconfig.get_config_var("EXT_SUFFIX")
PLAIN = "The engine is installed as plain Python, at less than half its speed"


class BuildHook(BuildHookInterface[Any]):
    """The hook that hatchling calls before each wheel, sdist and editable install."""

    _compiled: TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """The requirements of a build besides hatchling."""
        return ["cython>=3.1", "setuptools"] if self.target_name == "wheel" and wants_compiled() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure that the bundle is there and as new as its sources, and compile the engine.

        Raises:
            SystemExit: One of the two must be made, and can't be made here.
        """
        root = Path(self.root)
        bundle = root / BUNDLE
        if (root / "PKG-INFO").is_file():  # an unpacked sdist carries the bundle, so that no Node is needed
            if not bundle.is_file():
                raise SystemExit(f"This source distribution lacks {BUNDLE}: {REMEDY}.")
        elif not is_current(bundle, sources(root / "js")):
            build(root / "js", "out of date" if bundle.is_file() else "missing")
        if self.target_name != "wheel":
            return
        if version == "editable":
            for old in (root / "src").rglob(f"*{EXTENSION}"):
                old.unlink()
            self._compile(root / "src")
            return
        self._compiled = TemporaryDirectory()
        into = Path(self._compiled.name)
        if self._compile(into):
            made = (path for path in into.rglob("*") if path.is_file())
            build_data["force_include"].update({str(path): str(path.relative_to(into)) for path in made})
            build_data.update(pure_python=False, infer_tag=True)

    def _compile(self, into: Path) -> bool:
        """Compile the engine into a folder, if it is wanted and can be; one line says where it can't.

        Raises:
            SystemExit: It must be, and can't.
        """
        if not wants_compiled():
            if os.environ.get(COMPILE) != "0":
                self.app.display_warning(f"{PLAIN}: install a C compiler, and install it again.")
            return False
        is_must = os.environ.get(COMPILE) == "1"
        command = (sys.executable, Path(self.root) / "compile.py", into)
        done = subprocess.run(command, cwd=self.root, check=False, capture_output=not is_must)
        if done.returncode and is_must:
            raise SystemExit(
                f"{COMPILE} is 1 and compiling failed, as said above: install a C compiler, or set 0."
            )
        if done.returncode:
            self.app.display_warning(f"{PLAIN}, because compiling failed: {COMPILE}=1 says why.")
        return not done.returncode

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Remove the compiled modules, which are in the wheel by now."""
        if self._compiled:
            self._compiled.cleanup()


def wants_compiled() -> bool:
    """Decide by the variable; where it says nothing, by the C compiler that this Python was made with."""
    said = os.environ.get(COMPILE, "")
    if said not in {"", "0", "1"}:
        raise SystemExit(
            f"{COMPILE} is {said!r}: set 1 to compile the engine, 0 for plain Python, or unset it."
        )
    if said or sys.platform == "win32":  # where only setuptools finds the compiler, by trying
        return said != "0"
    compiler = os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc"
    return shutil.which(compiler.split()[0]) is not None


def sources(js: Path) -> Iterator[Path]:
    """The sources of the bundle; folders too, because only their times show that a file was removed."""
    yield from (js / name for name in ("build.mjs", "package.json", "package-lock.json", "tsconfig.json"))
    yield js / "src"
    yield from (js / "src").rglob("*")


def is_current(made: Path, of: Iterator[Path]) -> bool:
    """Test whether a file exists and is no older than its sources."""
    if not made.is_file():
        return False
    made_at = made.stat().st_mtime
    return all(source.stat().st_mtime <= made_at for source in of)


def build(js: Path, state: str) -> None:
    """Build the bundle with npm.

    Raises:
        SystemExit: There is no npm, or it failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit(f"{BUNDLE} is {state} and npm was not found: {REMEDY}.")
    installed = is_current(js / "node_modules" / ".package-lock.json", iter([js / "package-lock.json"]))
    for command in ([] if installed else [["ci", "--ignore-scripts"]]) + [["run", "build"]]:
        if subprocess.run([npm, *command], cwd=js, check=False).returncode:
            raise SystemExit(f"{BUNDLE} is {state} and `npm {' '.join(command)}` failed, as said above.")
