"""The standalone page as text, and the command that makes it."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import subprocess
import sys
from base64 import b64encode
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import autograd_widget
from autograd_widget import GraphWidget, Scalar, custom_op
from autograd_widget.__main__ import main
from autograd_widget.export import html
from autograd_widget.export.bundle import BUNDLE
from browser.examples import document_of, node, seed

HOSTILE = "</script><script>alert(1)</script><!--<script>&amp;\u2028\"'\\"


class Reader(HTMLParser):
    """The elements of a page with their attributes and texts, as a browser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None], str]] = []
        self._inside = False
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attributes), ""))
        self._inside = True

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 (the base class's signature)
        self._inside = False

    def handle_data(self, data: str) -> None:
        if self._inside:
            tag, attributes, text = self.found[-1]
            self.found[-1] = (tag, attributes, text + data)

    def texts(self, tag: str, **attributes: str) -> list[str]:
        return [
            text for name, given, text in self.found if name == tag and attributes.items() <= given.items()
        ]

    def documents(self) -> list[Any]:
        return [json.loads(text) for text in self.texts("script", type="application/json")]


def test_it_is_one_small_file_with_the_document_and_the_program() -> None:
    widget = seed()
    page = widget.to_html()
    assert len(gzip.compress(page.encode())) < 80_000  # little besides the bundle, which has its own limit
    read = Reader(page)
    assert read.documents() == [widget.to_dict()]
    assert read.texts("script", type="module") == [BUNDLE.read_text("utf-8")]
    assert len(read.texts("script")) == 2
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!data:)""", page.split("<script")[0]), (
        "it loads something"
    )


def test_its_policy_lets_only_its_own_program_run() -> None:
    read = Reader(seed().to_html())
    (policy,) = (given["content"] for _, given, _ in read.found if "http-equiv" in given)
    assert policy is not None
    rules = {rule.split()[0]: rule.split()[1:] for rule in policy.split(";")}
    (program,) = read.texts("script", type="module")
    digest = b64encode(hashlib.sha256(program.encode()).digest()).decode()
    assert rules["default-src"] == ["'none'"]
    assert rules["script-src"] == [f"'sha256-{digest}'"]
    assert set(rules) == {"default-src", "script-src", "style-src", "img-src", "base-uri", "form-action"}


def test_it_keeps_the_state() -> None:
    widget = seed("h2", "h3")
    widget["wh"] = -0.25
    widget.freeze("w")
    widget.selected = node(widget, "h2")
    widget.language = "zh"
    (document,) = Reader(widget.to_html()).documents()
    assert (
        GraphWidget.from_json(document).get_state().items()
        >= {
            name: getattr(widget, name) for name in ("values", "passes", "frozen", "selected", "language")
        }.items()
    )
    assert '<html lang="zh">' in widget.to_html()


def test_no_label_gets_out_of_its_place() -> None:
    x = Scalar(1.0, label=HOSTILE)
    read = Reader(GraphWidget(x, names=False).to_html())
    assert read.documents()[0]["label"] == {"0": HOSTILE}
    assert len(read.texts("script")) == 2
    assert read.texts("title") == [f"{HOSTILE} = 1.00"]


def test_what_could_end_a_script_is_escaped_in_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "bundle_text", lambda: 'const a = "<!-- </script> <script>";')
    assert html.script_tag() == (
        '<script type="module">const a = "\\x3c!-- \\x3c/script> \\x3cscript>";</script>'
    )


def test_a_language_of_a_document_is_one_of_ours() -> None:
    with pytest.raises(ValueError, match=r'"language" is .*, which is not en or zh'):
        html.page([document_of(1.0, language='"><script>')])
    assert '<html lang="zh">' in html.page([document_of(1.0, language="zh")])


def test_an_element_for_another_page() -> None:
    widget = seed()
    element = widget.to_html(whole=False)
    read = Reader(element)
    assert [tag for tag, *_ in read.found] == ["autograd-graph", "script"]
    assert read.documents() == [widget.to_dict()]
    assert html.page([widget.to_dict()] * 2).count(element) == 2


def test_a_custom_op_stays_one_that_takes_a_kernel() -> None:
    @custom_op(partials=lambda y, a: (2 * a,))
    def squared(a: float) -> float:
        return a * a

    widget = GraphWidget(squared(Scalar(3.0, label="w")))
    (document,) = Reader(widget.to_html()).documents()
    assert document["custom"]["1"] == {"name": "squared", "value": 9.0, "partials": [6.0], "live": True}


def test_a_document_that_is_off_makes_no_page() -> None:
    with pytest.raises(ValueError, match="which is not in the table"):
        html.page([document_of(1.0, ("eval", 0))])


# -- the command ---------------------------------------------------------------------------------------------


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return seed().save(tmp_path / "graph.json")


def test_the_command_makes_the_same_page(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = saved.with_name("page.html")
    assert main([str(saved), "-o", str(page)]) == 0
    assert capsys.readouterr().out == f"{page}\n"
    assert page.read_text("utf-8") == GraphWidget.from_json(saved).to_html()


def test_by_itself_it_writes_beside_the_document(saved: Path) -> None:
    assert main([str(saved)]) == 0
    assert saved.with_suffix(".html").is_file()


def test_several_documents_make_one_page(saved: Path) -> None:
    page = saved.with_name("page.html")
    assert main([str(saved), str(saved), "-o", str(page)]) == 0
    assert len(Reader(page.read_text("utf-8")).documents()) == 2


def test_to_stdout_by_its_name_adds_to_a_file(saved: Path, tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("kept\n")
    command = [sys.executable, "-m", "autograd_widget", str(saved), "-o", "/dev/stdout"]
    with log.open("a") as stdout:
        subprocess.run(command, stdout=stdout, check=True)
    assert log.read_text() == "kept\n" + GraphWidget.from_json(saved).to_html()


def test_from_stdin_to_stdout(saved: Path) -> None:
    command = [sys.executable, "-m", "autograd_widget", "-", "-o", "-"]
    done = subprocess.run(command, input=saved.read_bytes(), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.decode() == GraphWidget.from_json(saved).to_html()


def test_a_program_of_a_document_or_of_a_page(saved: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    widget = GraphWidget.from_json(saved)
    assert main([str(saved), "--program", "micrograd"]) == 0
    assert capfdbinary.readouterr().out.decode() == widget.to_micrograd()
    target = saved.with_name("graph.py")
    page = widget.save_html(saved.with_name("page.html"))
    assert main([str(page), "-o", str(target)]) == 0
    assert target.read_text("utf-8") == widget.to_pytorch()
    assert GraphWidget.from_json(page).to_dict() == widget.to_dict()
    assert GraphWidget.from_json(widget.to_html()).to_dict() == widget.to_dict()


def test_a_program_is_of_one_graph(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(saved), str(saved), "--program", "pytorch"]) == 2
    assert "a program is of one document" in capsys.readouterr().err
    page = saved.with_name("page.html")
    assert main([str(saved), str(saved), "-o", str(page)]) == 0
    capsys.readouterr()
    assert main([str(page), "--program", "pytorch"]) == 2
    assert "this page has 2 graphs, and one is read" in capsys.readouterr().err


def test_open_opens_the_page(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main([str(saved), "--open"]) == 0
    assert opened == [saved.with_suffix(".html").as_uri()]


def test_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--version"])
    assert capsys.readouterr().out == f"{autograd_widget.__version__}\n"


WRONG = {
    "{": "not JSON",
    '{"version": 2}': "version 2 is from the future",
    json.dumps(document_of(1.0, passes=[3])): '"passes" names 3, which is not a node',
    "\xff": "not a text in UTF-8",
    json.dumps(document_of(1.0, rankdir="XX")): '"rankdir" is "XX"',
    json.dumps(document_of(1.0, sliders={"0": [2, 1]})): "the slider of leaf 0 needs",
    json.dumps(document_of(1.0, more="?")).replace('"?"', "1e999"): "a number in it is not finite",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_is_wrong_is_said_in_one_sentence(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, page = tmp_path / "graph.json", tmp_path / "page.html"
    path.write_text(text, "latin-1")
    page.write_text("old")
    assert main([str(path), "-o", str(page)]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert said.err.startswith(f"autograd_widget: {path}: graph document: ") and WRONG[text] in said.err
    assert page.read_text() == "old"


def test_files_that_are_not_there(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    none = saved.with_name("none.json")
    assert main([str(none)]) == 2
    assert capsys.readouterr().err == f"autograd_widget: {none}: No such file or directory\n"
    page = saved.with_name("none") / "page.html"
    assert main([str(saved), "-o", str(page)]) == 2
    assert capsys.readouterr().err == f"autograd_widget: {page}: No such file or directory\n"


def test_a_wrong_option_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["--frobnicate"])
    assert "usage: python -m autograd_widget" in capsys.readouterr().err


def test_the_command_needs_no_notebook() -> None:
    code = (
        "import sys, autograd_widget.__main__; "
        "print(sorted({'ipywidgets', 'anywidget', 'traitlets', 'graphviz', 'IPython'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_name_that_asks_for_something_else(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = saved.with_name("graph.gif")
    assert main([str(saved), "-o", str(target)]) == 2
    assert "end it in .html" in capsys.readouterr().err
    assert not target.exists()


def test_a_document_is_not_written_over(saved: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = saved.read_bytes()
    assert main([str(saved), "-o", str(saved)]) == 2
    assert "is the document itself" in capsys.readouterr().err
    assert saved.read_bytes() == before
