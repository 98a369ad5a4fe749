"""The command line: graph documents to one standalone page, or a document to a picture or a program.

python -m autograd_widget graph.json -o page.html
python -m autograd_widget page.html --program micrograd
python -m autograd_widget check my_engine:Value
"""

from __future__ import annotations

import sys
import webbrowser
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from . import __version__
from .adapters.command import main as check
from .export.browser import NO_BROWSER, find_browser, picture_of
from .export.files import write_whole
from .export.html import element, page
from .export.load import json_of, kept_in, text_of
from .graph.graph import Graph
from .messages import command_words

STDOUT = ("-", "/dev/stdout", "/dev/fd/1")
"""Names for stdout. Opening one by its name would empty a file that it was redirected to."""
WRITERS = ("pytorch", "micrograd")
"""Libraries that programs are written for."""
WRONG = 2
"""The exit code for a wrong option, and for a file that can't be read or written."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the page, or check an engine; returns the exit code."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    if given[:1] == ["check"]:
        return check(given[1:])
    options = parser().parse_args(given)
    try:
        documents = [document_of(name) for name in options.graph]
        if options.program and options.output in (None, *STDOUT):
            sys.stdout.buffer.write(program_of(documents, options.program))
            return 0
        if options.output in STDOUT:
            sys.stdout.buffer.write(page(documents).encode("utf-8", "backslashreplace"))
            return 0
        target = target_of(options.output, options.graph)
        written = write_whole(target, content_of(target, documents, options.program))
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        sys.stderr.write(f"autograd_widget: {sentence(error)}\n")
        return WRONG
    sys.stdout.write(f"{written}\n")
    if options.open:
        webbrowser.open(written.resolve().as_uri())
    return 0


def parser() -> ArgumentParser:
    """Make the parser of the options."""
    words = command_words()
    found = ArgumentParser(
        prog="python -m autograd_widget", description=words["page"], epilog=words["check_instead"]
    )
    found.add_argument("graph", nargs="+", help=words["graph"])
    found.add_argument("-o", "--output", metavar="FILE", help=words["output"])
    found.add_argument("--program", choices=WRITERS, help=words["program"])
    found.add_argument("--open", action="store_true", help=words["open"])
    found.add_argument("--version", action="version", version=__version__)
    return found


def document_of(name: str) -> Any:
    """Read and check a document, from a file or from stdin.

    Raises:
        OSError: There is no such file, or it can't be read.
        ValueError: The document is invalid.
    """
    try:
        document = json_of(sys.stdin.read() if name == "-" else text_of(Path(name)))
        kept_in(document, Graph.from_json(document))
        element(document)  # also the keys that nobody knows have to be written
    except ValueError as error:
        raise ValueError(f"{'stdin' if name == '-' else name}: {error}") from None
    return document


def content_of(target: Path, documents: Sequence[Any], program: str | None) -> str | bytes:
    """Make the program that is wanted, else the page, picture or program that the target's name asks for.

    Raises:
        ValueError: There are several documents for one picture, or the name asks for something else.
        RuntimeError: No browser is installed, or it gave no picture.
    """
    kind = target.suffix.lower()
    if program or kind == ".py":
        return program_of(documents, program or "pytorch")
    if kind in ("", ".html", ".htm"):
        return page(documents)
    if kind not in (".svg", ".png"):
        raise ValueError(command_words()["no_kind"].format(target=target))
    if len(documents) > 1:
        raise ValueError(command_words()["one_picture"].format(target=target))
    if browser := find_browser():
        return picture_of(documents[0], "svg" if kind == ".svg" else "png", browser)
    raise RuntimeError(NO_BROWSER)


def program_of(documents: Sequence[Any], library: str) -> bytes:
    """Write the program of a document for PyTorch or micrograd.

    Raises:
        ValueError: There are several documents.
    """
    from .widget.widget import GraphWidget  # noqa: PLC0415 # pages and pictures need no notebook's packages

    if len(documents) > 1:
        raise ValueError(command_words()["one_program"])
    widget = GraphWidget.from_json(documents[0])
    text = widget.to_pytorch() if library == "pytorch" else widget.to_micrograd()
    return text.encode("utf-8", "backslashreplace")


def target_of(output: str | None, documents: Sequence[str]) -> Path:
    """Choose the target: the given path, else beside the first document.

    Raises:
        ValueError: It is one of the documents.
    """
    first = Path("graph" if documents[0] == "-" else documents[0])
    target = Path(output) if output else first.with_suffix(".html")
    for name in documents:
        if name != "-" and target.exists() and target.samefile(name):
            raise ValueError(command_words()["is_document"].format(target=target))
    return target


def sentence(error: Exception) -> str:
    """Write an error as a sentence, without the number of a system error."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}"
    return str(error)


if __name__ == "__main__":
    sys.exit(main())
