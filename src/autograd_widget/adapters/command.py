"""From the shell: check an engine.

python -m autograd_widget check my_engine:Value --junit report.xml
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograd_widget.messages import LANGUAGES, command_words, language_of_shell

from .check import check_engine

MISTAKES = 1
"""The exit code where the engine has mistakes."""
WRONG = 2
"""The exit code where there is no such engine, as for a wrong option."""


def main(arguments: Sequence[str]) -> int:
    """Check the engine; returns the exit code."""
    words = command_words()
    parser = ArgumentParser(prog="python -m autograd_widget check", description=words["check"])
    parser.add_argument("engine", metavar="MODULE:CLASS", help=words["engine"])
    parser.add_argument("--junit", metavar="FILE", help=words["junit"])
    parser.add_argument("--markdown", action="store_true", help=words["markdown"])
    parser.add_argument("--language", choices=LANGUAGES, default=language_of_shell())
    options = parser.parse_args(arguments)
    try:
        report = check_engine(class_named(options.engine), language=options.language)
        if options.junit:
            Path(options.junit).write_text(report.to_junit(), "utf-8")
    except (ImportError, AttributeError, TypeError, OSError, SyntaxError) as error:
        sys.stderr.write(f"autograd_widget: {error}\n")
        return WRONG
    text = report._repr_markdown_() if options.markdown else str(report)
    sys.stdout.write(f"{text}\n")
    return 0 if report.ok else MISTAKES


def class_named(name: str) -> Any:
    """The class that `module:Class` or `path/to/file.py:Class` names.

    Raises:
        ImportError: There is no such module or file.
        AttributeError: It has no such class.
    """
    place, colon, attribute = name.rpartition(":")
    if not colon:
        raise ImportError(command_words()["no_class"].format(name=name))
    if place.endswith(".py"):
        found = _module_of(Path(place))
    else:
        sys.path.insert(0, "")  # what lies in the current folder, as for `python -m`
        try:
            found = importlib.import_module(place)
        finally:
            sys.path.remove("")
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise AttributeError(command_words()["has_no"].format(place=place, attribute=attribute))
        found = getattr(found, part)
    return found


def _module_of(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ImportError(command_words()["no_file"].format(path=path))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
