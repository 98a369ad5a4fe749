"""Puts the page's bundle into wheel and sdist: built where its sources are, never an old one.

With the variable AUTOGRAD_WIDGET_COMPILE set, a wheel is one for this platform, with the engine compiled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLE = "src/autograd_widget/static/widget.js"
REMEDY = "install Node 20 or a released wheel"
COMPILE = "AUTOGRAD_WIDGET_COMPILE"


class BundleHook(BuildHookInterface[Any]):
    """What hatchling calls before each wheel, sdist and editable install."""

    _compiled: TemporaryDirectory[str] | None = None

    def dependencies(self) -> list[str]:
        """What a build takes besides hatchling."""
        return ["cython>=3.1", "setuptools"] if os.environ.get(COMPILE) else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make sure that the bundle is there and as new as its sources.

        Raises:
            SystemExit: It is not, and can't be built here; or the engine is to be compiled, and can't be.
        """
        root = Path(self.root)
        bundle = root / BUNDLE
        if (root / "PKG-INFO").is_file():  # an unpacked sdist carries the bundle, so that no Node is needed
            if not bundle.is_file():
                raise SystemExit(f"This source distribution lacks {BUNDLE}: {REMEDY}.")
        elif not is_current(bundle, sources(root / "js")):
            build(root / "js", "out of date" if bundle.is_file() else "missing")
        if self.target_name == "wheel" and version != "editable" and os.environ.get(COMPILE):
            self._compiled = TemporaryDirectory()
            compile_into(self._compiled.name, root)
            for made in Path(self._compiled.name).glob("autograd_widget/*/*"):
                build_data["force_include"][str(made)] = f"autograd_widget/{made.parent.name}/{made.name}"
            build_data.update(pure_python=False, infer_tag=True)

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:  # noqa: ARG002
        """Take away what is in the wheel by now."""
        if self._compiled:
            self._compiled.cleanup()


def sources(js: Path) -> Iterator[Path]:
    """Whatever the bundle is made from; folders too, because only they tell that a file was removed."""
    yield from (js / name for name in ("build.mjs", "package.json", "package-lock.json", "tsconfig.json"))
    yield js / "src"
    yield from (js / "src").rglob("*")


def is_current(made: Path, of: Iterator[Path]) -> bool:
    """Whether a file is there and no older than what it is made from."""
    if not made.is_file():
        return False
    made_at = made.stat().st_mtime
    return all(source.stat().st_mtime <= made_at for source in of)


def compile_into(folder: str, root: Path) -> None:
    """Compile the engine.

    Raises:
        SystemExit: It fails.
    """
    if subprocess.run([sys.executable, root / "compile.py", folder], cwd=root, check=False).returncode:
        raise SystemExit(
            f"{COMPILE} is set and compiling failed, as said above: install a C compiler, or unset it."
        )


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
