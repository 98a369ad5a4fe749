"""Puts the page's bundle into wheel and sdist: built where its sources are, never an old one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

if TYPE_CHECKING:
    from collections.abc import Iterator

BUNDLE = "src/autograd_widget/static/widget.js"
REMEDY = "install Node 20 or a released wheel"


class BundleHook(BuildHookInterface[Any]):
    """What hatchling calls before each wheel, sdist and editable install."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (hatchling's signature)
        """Make sure that the bundle is there and as new as its sources.

        Raises:
            SystemExit: It is not, and can't be built here.
        """
        root = Path(self.root)
        bundle = root / BUNDLE
        if (root / "PKG-INFO").is_file():  # an unpacked sdist carries the bundle, so that no Node is needed
            if not bundle.is_file():
                raise SystemExit(f"This source distribution lacks {BUNDLE}: {REMEDY}.")
        elif not is_current(bundle, sources(root / "js")):
            build(root / "js", "out of date" if bundle.is_file() else "missing")


def sources(js: Path) -> Iterator[Path]:
    """Whatever the bundle is made from; folders too, because only they tell that a file was removed."""
    yield from (
        js / name
        for name in ("build.mjs", "closures.mjs", "package.json", "package-lock.json", "tsconfig.json")
    )
    yield js / "src"
    yield from (js / "src").rglob("*")


def is_current(made: Path, of: Iterator[Path]) -> bool:
    """Whether a file is there and no older than what it is made from."""
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
