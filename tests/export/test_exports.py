"""Exports of a widget: documents, programs, pictures, files."""

from __future__ import annotations

import ast
import json
import math
import os
import shutil
import stat
import struct
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pytest

import autograd_widget as aw
from autograd_widget import Graph, GraphWidget, Scalar, custom_op, group
from autograd_widget.engine.ops import OPS
from autograd_widget.export.files import write_whole
from autograd_widget.export.load import scalars_of
from autograd_widget.export.programs import names_in, to_micrograd, to_pytorch
from browser.examples import document_of, mlp, neuron, node, seed
from programs import grad_of, run, value_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

HOSTILE = ['"; import os; os.abort() #', "a\nimport os", "\\", "'''", '"""', "lambda", "__import__", "w", "w"]
HOSTILE += [
    "权重",
    "n3",
    "op",
    "print",
    "import",
    "math",
    "torch",
    "Value",
    "x y",
    "1x",
    "",
    "\ud800",
    "\0",
    "data",
]

needs_dot = pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's `dot` is not installed here")


# -- programs --------------------------------------------------------------------------------------------


def assert_reproduces(widget: GraphWidget, program: str) -> str:
    """The program has a variable for each node, with its value and its accumulated gradient."""
    names, printed = run(program)
    graph, history = widget._graph, widget._history
    for i, name in enumerate(names_in(graph)):
        assert value_of(names[name]) == pytest.approx(graph.values[i], rel=1e-9, nan_ok=True), name
        told = f"{name} " in {line.split(" ")[0] + " " for line in printed.splitlines()}
        if told and graph.needs_grad[i]:
            assert grad_of(names[name]) == pytest.approx(history.grad(i), rel=1e-9, abs=1e-12, nan_ok=True), (
                name
            )
    return printed


EXAMPLES: dict[str, Callable[[], GraphWidget]] = {"bptt": seed, "neuron": neuron, "mlp": mlp}
WRITERS = {"pytorch": GraphWidget.to_pytorch, "micrograd": GraphWidget.to_micrograd}


@pytest.mark.parametrize("to", WRITERS)
@pytest.mark.parametrize("example", EXAMPLES)
def test_a_program_reproduces_the_numbers(example: str, to: str) -> None:
    widget = EXAMPLES[example]()
    printed = assert_reproduces(widget, WRITERS[to](widget))
    assert len(printed.splitlines()) >= len(widget.graph["label"])


@pytest.mark.parametrize("to", WRITERS)
def test_with_moved_leaves_more_passes_frozen_leaves_and_what_is_carried(to: str) -> None:
    widget = seed("h2", "h3", "h3")
    widget["wh"] = -0.8
    widget.backward("h1")
    widget.freeze("w")
    widget.carried = {str(node(widget, "wh")): 0.25}
    assert_reproduces(widget, WRITERS[to](widget))


@pytest.mark.parametrize("to", WRITERS)
@pytest.mark.parametrize("op", OPS)
def test_every_op_of_the_table_is_written(op: str, to: str) -> None:
    row = OPS[op]
    for count in (row.arity,) if row.arity else (1, 2, 4):
        leaves = [1.7 if op == "acosh" else 0.7, 0.4, -0.2, 0.4][: int(count or 0)]
        widget = GraphWidget.from_json(document_of(*leaves, (op, *range(len(leaves)))))
        assert_reproduces(widget, WRITERS[to](widget))


@pytest.mark.parametrize("to", WRITERS)
@pytest.mark.parametrize("op", ["max", "min"])
def test_a_tie_is_shared(op: str, to: str) -> None:
    widget = GraphWidget.from_json(document_of(0.5, 0.5, 0.2 if op == "max" else 0.9, (op, 0, 1, 2)))
    assert_reproduces(widget, WRITERS[to](widget))


@pytest.mark.parametrize("to", WRITERS)
def test_powers_of_constants_frozen_leaves_and_parameters(to: str) -> None:
    a, b = Scalar(1.5, label="a"), Scalar(0.5, label="b")
    n = Scalar(3.0, label="n", requires_grad=False)
    widget = GraphWidget(a**2 + a**n + (a * 2) ** (n + 1) + 2**a + a**b)
    assert_reproduces(widget, WRITERS[to](widget))


@pytest.mark.parametrize("to", WRITERS)
def test_a_custom_op_has_the_numbers_that_it_had(to: str) -> None:
    @custom_op(partials=lambda y, a, b: (2 * (a - b), 2 * (b - a)))
    def squared_error(a: float, b: float) -> float:
        return (a - b) ** 2

    w, x = Scalar(0.5, label="w"), Scalar(-1.5, label="x")
    widget = GraphWidget(squared_error(w * x, w) * w)
    assert_reproduces(widget, WRITERS[to](widget))


@pytest.mark.parametrize("to", WRITERS)
def test_no_label_becomes_code(to: str) -> None:
    leaves = [Scalar(i + 0.5, label=label) for i, label in enumerate(HOSTILE)]
    widget = GraphWidget(aw.sum(leaves), names=False)
    program = WRITERS[to](widget)
    assert_reproduces(widget, program)
    tree = ast.parse(program)
    imported = {name.name for each in ast.walk(tree) if isinstance(each, ast.Import) for name in each.names}
    assert imported == ({"torch"} if to == "pytorch" else {"math", "sys"})
    names = names_in(widget._graph)
    assert len(set(names)) == len(names) and all(name.isidentifier() and name.isascii() for name in names)
    program.encode("utf-8", "backslashreplace")


def test_labels_stay_where_they_can() -> None:
    labels = ["w", "wh", "x1", "h_2", "loss", "is", "n3", "or", "in1", "权重", "w"]
    graph = Graph.of(aw.sum([Scalar(1.0, label=label) for label in labels]))
    assert names_in(graph)[:-1] == [
        *("w", "wh", "x1", "h_2", "loss_", "is_", "n3_", "or_", "in1", "n9", "n10"),
    ]


@pytest.mark.parametrize("to", WRITERS)
def test_numbers_that_were_only_compared_with_have_no_line(to: str) -> None:
    v = Scalar(1.0, label="v")
    y = 1 + v if v > -7.5 else v.exp()
    program = WRITERS[to](GraphWidget(y))
    assert "7.5" not in program
    names, _ = run(program)
    assert (value_of(names["y"]), grad_of(names["v"])) == (2.0, 1.0)


def test_numbers_beyond_numbers_are_written_for_pytorch() -> None:
    widget = GraphWidget.from_json(document_of("inf", "nan", -0.0, 1e300, 1e-7, ("+", 0, 1)))  # type: ignore[arg-type]
    names, _ = run(widget.to_pytorch())
    found = [value_of(names[f"n{i}"]) for i in range(2)]
    assert found[0] == math.inf and math.isnan(found[1])


@pytest.mark.parametrize("to", ["pytorch", "micrograd"])
def test_what_a_seeded_pass_left_is_carried_over_to_where_no_pass_came(to: str) -> None:
    a = Scalar(2.0, label="a")
    y = a * 3.0
    y.backward(gradient=2.0)
    names, _ = run(getattr(GraphWidget(y), f"to_{to}")())
    assert grad_of(names["a"]) == 6.0


def test_a_root_that_needs_no_gradient_runs_no_pass() -> None:
    widget = GraphWidget(Scalar(2.0, label="x", requires_grad=False) * 3.0)
    for write in WRITERS.values():
        assert "backward()" not in write(widget)
        assert_reproduces(widget, write(widget))


def test_a_deep_graph_runs_in_micrograd() -> None:
    y = w = Scalar(0.5, label="w")
    for _ in range(3000):
        y = y + w
    graph = Graph.of(y)
    graph.backward(graph.outputs[0])
    names, _ = run(to_micrograd(graph, [(graph.outputs[0], 1.0)], {}))
    assert (value_of(names["w"]), grad_of(names["w"])) == (0.5, 3001.0)
    assert to_pytorch(graph, [(graph.outputs[0], 1.0)], {}).count("\n") > 3000


# -- the document ----------------------------------------------------------------------------------------


def moved() -> GraphWidget:
    widget = seed("h2", "h3")
    widget["wh"] = -0.25
    widget.freeze("w")
    widget.selected = node(widget, "h2")
    widget.language = "zh"
    widget.carried = {str(node(widget, "wh")): 0.5}
    return widget


def test_a_document_comes_back_as_it_was(tmp_path: Path) -> None:
    widget = moved()
    text = widget.to_json()
    path = widget.save(tmp_path / "graph.json")
    for source in (text, json.loads(text), path, str(path)):
        again = GraphWidget.from_json(source)
        assert again.to_dict() == widget.to_dict() == json.loads(text)
        assert again.values == widget.values
        assert again.grads["wh"] == widget.grads["wh"]
        assert str(again.ledger) == str(widget.ledger)


def test_a_document_has_the_values_of_now_and_engines_read_it() -> None:
    graph = Graph.from_json(moved().to_json())
    assert graph.values[1] == -0.25
    assert not graph.needs_grad[0]


def test_what_came_back_has_scalars_of_its_own() -> None:
    widget = seed()
    again = GraphWidget.from_json(widget.to_dict())
    again["w"] = 2.0
    assert (widget["w"], again["w"]) == (0.3, 2.0)
    assert [each.label for each in again._nodes] == [widget.graph["label"].get(str(i), "") for i in range(12)]


def test_groups_and_what_is_open_come_back() -> None:
    w, h = Scalar(0.5, label="w"), Scalar(1.0, label="h")
    with group("outer"):
        for t in range(3):
            with group(f"t={t}"):
                h = (w * h).tanh()
    widget = GraphWidget(h * w, opened=[0, 2])
    again = GraphWidget.from_json(widget.to_json())
    assert again.to_dict() == widget.to_dict()
    assert [each.name for each in again._graph.groups] == ["outer", "t=0", "t=1", "t=2"]
    assert again.opened == [0, 2]


def test_traits_in_place_of_the_document_s() -> None:
    again = GraphWidget.from_json(moved().to_dict(), language="en", read_only=True, selected=None)
    assert (again.language, again.read_only, again.selected) == ("en", True, None)


def test_a_bare_document_is_shown_as_a_new_widget() -> None:
    document = document_of(2.0, (3.0,), ("*", 0, 1))
    widget = GraphWidget.from_json(document)
    assert (widget.passes, widget.is_preview) == ([], True)
    assert scalars_of(Graph.from_json(document))[1].op == "const"


def test_sliders_come_back() -> None:
    w = Scalar(0.5, label="w")
    widget = GraphWidget(w * w, sliders={"w": (-3, 3, 0.5)})
    assert GraphWidget.from_json(widget.to_json()).graph["sliders"] == {"0": [-3, 3, 0.5]}


@pytest.mark.parametrize(
    ("keys", "why"),
    [
        ({"version": 2}, "version 2 is from the future"),
        ({"passes": [9]}, '"passes" names 9, which is not a node or a record'),
        ({"passes": 1}, '"passes" is not a list'),
        ({"passes": [True]}, '"passes" names true, which is not a node or a record'),
        ({"selected": "w"}, '"selected" is "w", which is not a node'),
        ({"carried": {"7": 1.0}}, '"carried" names 7, which is not a leaf'),
        ({"carried": {"0": "1.0"}}, '"carried" has "1.0" for "0", which is not a number'),
        ({"language": "fr"}, '"language" is "fr"'),
        ({"read_only": 1}, '"read_only" is 1, which is not true or false'),
        ({"sliders": {"2": [0, 1]}}, '"sliders" names "2", which is not a leaf'),
        ({"sliders": {"0": [1, 0]}}, "graph document: the slider of leaf 0 needs"),
        ({"sliders": {"0": [0, 10**400]}}, "graph document: the slider of leaf 0 needs"),
        ({"rankdir": "XX"}, '"rankdir" is "XX", which is not auto, LR, TB or BT'),
        ({"opened": [-1]}, '"opened" names -1, which is not the number of a group'),
        ({"opened": "x"}, '"opened" is not a list'),
    ],
)
def test_a_document_that_is_off_is_refused_in_a_sentence(keys: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why.replace("[", "\\[")):
        GraphWidget.from_json(document_of(2.0, (3.0,), ("*", 0, 1), **keys))


@pytest.mark.parametrize("text", ["{", "[]", '{"version": 1'])
def test_a_text_that_is_no_document_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^graph document: "):
        GraphWidget.from_json(text)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        GraphWidget.from_json(tmp_path / "none.json")


# -- pictures --------------------------------------------------------------------------------------------


def test_dot_has_every_node_and_edge() -> None:
    source = seed().to_dot()
    assert source.count("value=") == 9 and source.count("x1=1.00") == 1
    assert source.count("->") == 14
    assert "h3" in source, "the names of the caller's variables"


@needs_dot
@pytest.mark.usefixtures("no_browser")
def test_pictures_by_graphviz() -> None:
    widget = seed()
    svg = ET.fromstring(widget.to_svg())  # noqa: S314 (Graphviz wrote it)
    texts = {element.text for element in svg.iter("{http://www.w3.org/2000/svg}text")}
    assert {"value=0.30", "grad=4.25", "wh"} <= texts
    png = widget.to_png()
    width, _ = struct.unpack(">II", png[16:24])
    points = float(svg.attrib["width"].removesuffix("pt"))
    assert width == pytest.approx(points / 72 * 192, rel=0.02)


@needs_dot
@pytest.mark.usefixtures("no_browser")
def test_a_picture_of_hostile_labels() -> None:
    leaves = [Scalar(1.0, label=label) for label in [*HOSTILE, "<b>", "a -> b", "\\N", "]"]]
    ET.fromstring(GraphWidget(aw.sum(leaves), names=False).to_svg())  # noqa: S314


@pytest.fixture
def no_browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROME", raising=False)
    monkeypatch.setattr("autograd_widget.export.browser.BROWSERS", ())


@pytest.fixture
def no_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.mark.usefixtures("no_browser", "no_dot")
def test_where_nothing_draws_a_sentence_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="none is installed where Python runs: install one, or take"):
        seed().save(tmp_path / "graph.svg")
    assert list(tmp_path.iterdir()) == []


# -- what a notebook keeps -------------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n"


def shown(widget: GraphWidget) -> dict[str, Any]:
    found = widget._repr_mimebundle_()
    assert found is not None
    return found[0]


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_text_says_where_the_graph_is_live() -> None:
    data = shown(seed())
    first, second = data["text/plain"].split("\n")
    assert first.startswith("GraphWidget(h1 = 0.30") and second.startswith("The graph is live where")
    assert "image/png" not in data
    zh = seed()
    zh.language = "zh"
    assert "计算图" in shown(zh)["text/plain"]


def fake_dot(folder: Path, program: str) -> None:
    dot = folder / "dot"
    dot.write_text(f"#!{sys.executable}\nimport sys, time\n{program}\n")
    dot.chmod(0o755)


@pytest.mark.parametrize(
    ("program", "has_picture"),
    [
        ("sys.stdout.buffer.write(b'PNG' + sys.argv[1].encode())", True),
        ("sys.exit(':gd' in sys.argv[1]) or sys.stdout.buffer.write(b'PNG')", False),
        ("sys.exit(1) if ':gd' in sys.argv[1] else sys.stdout.buffer.write(b'PNG')", True),
        ("sys.stdout.buffer.write(bytes(50_000))", False),
        ("time.sleep(30)", False),
    ],
    ids=["works", "fails", "no gd", "large", "slow"],
)
def test_with_dot_a_picture_goes_along_if_it_is_small_and_quick(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, has_picture: bool
) -> None:
    fake_dot(tmp_path, program)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("autograd_widget.export.graphviz.SECONDS", 0.5 if "sleep" in program else 60.0)
    data = shown(neuron())
    assert ("image/png" in data) is has_picture
    assert ("live" in data["text/plain"]) is not has_picture
    assert "application/vnd.jupyter.widget-view+json" in data


@needs_dot
def test_the_real_picture_is_small() -> None:
    encoded = shown(seed())["image/png"]
    assert len(encoded) < 20_000, "ten of them are in a notebook"


def test_a_large_graph_has_no_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake_dot(tmp_path, "sys.stdout.buffer.write(b'PNG')")
    monkeypatch.setenv("PATH", str(tmp_path))
    y = w = Scalar(0.5)
    for _ in range(100):
        y = y * w
    assert "image/png" not in shown(GraphWidget(y))


# -- files -----------------------------------------------------------------------------------------------


def test_the_ending_says_what_is_saved(tmp_path: Path) -> None:
    widget = seed()
    for ending, wanted in (
        (".html", widget.to_html()),
        (".json", widget.to_json()),
        (".dot", widget.to_dot()),
        (".py", widget.to_pytorch()),
        (".JSON", widget.to_json()),
    ):
        path = tmp_path / f"graph{ending}"
        assert widget.save(str(path)) == path
        assert path.read_text("utf-8") == wanted
    with pytest.raises(ValueError, match=r"ends in one of \.html, .*, and not as 'graph.pdf'"):
        widget.save("graph.pdf")


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "page.html"
    path.write_text("old")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"No space left on device: .*page.html"):
        seed().save_html(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other permissions.")
def test_permissions_and_links_stay(tmp_path: Path) -> None:
    path, link = tmp_path / "page.html", tmp_path / "link.html"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    write_whole(link, "new")
    assert link.is_symlink() and path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    fresh = write_whole(tmp_path / "fresh", b"new")
    other = tmp_path / "other"
    other.touch()
    assert fresh.stat().st_mode == other.stat().st_mode, "not what the system gives new files"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError):
        write_whole(tmp_path, "text")
    with pytest.raises(FileNotFoundError, match=r"No such file or directory: .*page.html'$"):
        write_whole(tmp_path / "none" / "page.html", "text")


def test_exports_change_nothing() -> None:
    widget = moved()
    before = widget.get_state()
    for take in (
        widget.to_html,
        widget.to_json,
        widget.to_dot,
        *[lambda w=w: w(widget) for w in WRITERS.values()],
    ):
        take()
    assert widget.get_state() == before


def test_the_programs_run_by_themselves(tmp_path: Path) -> None:
    path = tmp_path / "graph.py"
    write_whole(path, seed().to_micrograd())
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "w 0.3 4.25" in done.stdout


def test_into_a_pipe_it_is_written(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()))
    reader.start()
    write_whole(pipe, "text")
    reader.join(10)
    assert read == ["text"]
    assert pipe.is_fifo()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no `chown`")
def test_the_owner_stays(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")
    others = [gid for gid in os.getgroups() if gid != os.getgid()] or ([12345] if os.getuid() == 0 else [])
    if not others:
        pytest.skip("this user is in one group only")
    os.chown(path, 12345 if os.getuid() == 0 else os.getuid(), others[0])
    before = path.stat()
    write_whole(path, "new")
    after = path.stat()
    assert path.read_text("utf-8") == "new"
    assert (after.st_uid, after.st_gid) == (before.st_uid, before.st_gid)


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right on Windows")
def test_links_that_lead_back_to_themselves_are_refused_and_stay(tmp_path: Path) -> None:
    a, b = tmp_path / "a.html", tmp_path / "b.html"
    a.symlink_to(b)
    b.symlink_to(a)
    with pytest.raises(OSError, match="leads back to itself"):
        write_whole(a, "new")
    assert a.readlink() == b
    assert b.readlink() == a
    assert len(list(tmp_path.iterdir())) == 2


KILLED = """
import os, sys
from pathlib import Path
from autograd_widget.export import files
real = os.fsync
def stop(fd):
    print("written", flush=True)
    sys.stdin.read()
os.fsync = stop
files.write_whole(sys.argv[1], "x" * 1000)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="drafts are removed an hour later there")
def test_the_draft_of_a_killed_writer_goes_with_the_next_write(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text("old", "utf-8")
    own = tmp_path / ".page.html.notes"
    own.write_text("a file of the user's", "utf-8")
    command = [sys.executable, "-c", KILLED, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        write_whole(path, "second")  # the draft of who is writing stays
        assert len(list(tmp_path.iterdir())) == 3
        writer.kill()
    assert path.read_text("utf-8") == "second"
    write_whole(path, "third")
    assert path.read_text("utf-8") == "third"
    assert sorted(tmp_path.iterdir()) == sorted([path, own])
