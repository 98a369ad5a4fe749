"""Compiles the engine for the Python that runs this: `hatch_build.py` does, for wheels and editable installs.

The modules stay plain Python, and do the same where nothing was compiled, only slower. What is made goes into
the folder that is named; without one, beside its source.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from Cython.Build import cythonize
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

ROOT = Path(__file__).parent
PACKAGE = "autograd_widget"

MODULES = {"engine.core": True, "engine.backward": False, "graph.tape": False}
"""Each with a `.pxd` file that says what is C's in it; and whether its annotations say so too, of variables
in operators, which a `.pxd` file has no place for."""

DIRECTIVES = {
    "language_level": 3,
    "nonecheck": True,  # also a scalar that somebody has broken by hand gives an exception
    "initializedcheck": False,
    "show_performance_hints": False,
}

FLAGS = [] if sys.platform == "win32" else ["-O2", "-g0", "-ffp-contract=off"]
"""The last one keeps a product and a sum two roundings, as they are in Python and on the page."""


def compile_engine(into: Path) -> None:
    """Write the compiled modules into a folder, as `autograd_widget/…` in it."""
    with TemporaryDirectory() as scratch:
        made: list[Any] = []
        for name, annotated in MODULES.items():
            source = f"src/{PACKAGE}/{name.replace('.', '/')}.py"
            extension = Extension(f"{PACKAGE}.{name}", [source], extra_compile_args=FLAGS)
            directives = {**DIRECTIVES, "annotation_typing": annotated}
            made += cythonize(extension, build_dir=scratch, compiler_directives=directives, quiet=True)  # type: ignore[no-untyped-call]
        command = build_ext(Distribution({"name": PACKAGE, "ext_modules": made}))
        command.build_lib, command.build_temp = str(into), scratch
        command.ensure_finalized()
        command.run()


if __name__ == "__main__":
    target = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else ROOT / "src"
    os.chdir(ROOT)  # sources have the same names wherever the checkout is
    compile_engine(target)
