"""Graphviz pictures: what is in them, and what is shown where `dot` is missing."""

from __future__ import annotations

import os
import shutil
import sys
from base64 import b64decode
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import graphviz  # type: ignore[import-untyped]
import pytest

from autograd_widget import GraphWidget, Node, Scalar, draw_dot, draw_graph
from autograd_widget.widget.draw import DOT_FAILED, NO_DOT, Picture
from pictures import read

VIEW = "application/vnd.jupyter.widget-view+json"

FAKE_DOT = """#!{python}
import sys
source = sys.stdin.buffer.read().decode("utf-8")
sys.stdout.buffer.write(("<svg>" + str(len(source)) + "</svg>").encode("utf-8"))
"""


@pytest.fixture
def no_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without Graphviz's programs."""
    monkeypatch.setenv("PATH", str(tmp_path))
    assert shutil.which("dot") is None


@pytest.fixture
def fake_dot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `dot` that draws nothing much, on any machine."""
    program = tmp_path / "dot"
    program.write_text(FAKE_DOT.format(python=sys.executable))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    return program


def product() -> tuple[Scalar, Scalar, Scalar]:
    w, x = Scalar(2.0, label="w"), Scalar(3.0, label="x", requires_grad=False)
    return w, x, w * x + 1.0


def test_forward_has_values_and_no_gradients() -> None:
    *_, y = product()
    y.backward()
    picture = read(draw_graph(y))
    assert picture.texts() == [
        ["1.00"],
        ["value=2.00", "w"],
        ["value=6.00", "*"],
        ["value=7.00", "+"],
        ["x=3.00"],
    ]
    total = next(i for i, lines in picture.lines.items() if lines[-1] == "+")
    assert sorted(edge.head == total for edge in picture.edges) == [False, False, True, True]
    assert {edge.label for edge in picture.edges} == {None}
    assert not any(edge.dashed for edge in picture.edges)


def test_backward_has_the_edges_the_other_way() -> None:
    *_, y = product()
    y.backward()
    picture = read(draw_graph(y, "backward"))
    product_ = next(i for i, lines in picture.lines.items() if lines[-1] == "*")
    assert picture.labels_into("w") == ["3.00"]
    assert [(edge.tail, edge.dashed) for edge in picture.into("x")] == [(product_, True)]
    assert picture.lines[product_] == ["grad=1.00", "value=6.00", "*"]


def test_both_has_both() -> None:
    *_, y = product()
    y.backward()
    assert len(read(draw_graph(y, "both")).edges) == 2 * len(read(draw_graph(y, "backward")).edges)


def test_before_a_pass_every_edge_back_is_dashed() -> None:
    *_, y = product()
    assert all(edge.dashed and edge.label is None for edge in read(draw_graph(y, "backward")).edges)


def test_not_run_yet_is_not_drawn_as_a_gradient_of_zero() -> None:
    w, x = Scalar(2.0, label="w"), Scalar(0.0, label="x")
    y = w * x
    z = y + w
    z.label = "z"
    y.backward()
    picture = read(draw_graph(z, "backward"))
    assert [picture.lines[picture.find(name)][0] for name in "wxz"] == [
        "grad=0.00",
        "grad=2.00",
        "grad=not run yet",
    ]


def test_only_the_last_pass_is_on_the_edges() -> None:
    w, _, y = product()
    z = y * w
    z.backward()
    y.backward()
    picture = read(draw_graph(z, "backward"))
    assert picture.labels_into("w") == ["3.00", None]
    assert picture.lines[picture.find("w")][0] == f"grad={w.grad:.2f}"


def test_an_operand_that_is_used_twice_has_two_edges() -> None:
    x = Scalar(3.0, label="x")
    y = x - x
    y.backward()
    assert read(draw_graph(y, "backward")).labels_into("x") == ["-1.00", "1.00"]


def test_no_character_of_a_name_means_anything() -> None:
    nasty = '<b>"\\n{|}&amp; \\N\\Gamma\\\\ 你好'
    x = Scalar(1.0, label=nasty)
    for picture in (draw_graph(x * x), draw_dot(x * x)):
        assert nasty in [line for lines in read(picture).lines.values() for line in lines]


@pytest.mark.parametrize("draw", [draw_graph, draw_dot])
def test_only_scalars_are_drawn(draw: Any) -> None:
    with pytest.raises(TypeError, match=r"draws a Scalar, .* it was given float"):
        draw(3.0)


def test_bad_directions() -> None:
    *_, y = product()
    with pytest.raises(ValueError, match="'forward', 'backward' or 'both', not 'sideways'"):
        draw_graph(y, "sideways")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'LR' or 'TB', not 'BT'"):
        draw_dot(y, rankdir="BT")


def test_draw_dot_has_a_node_per_op_as_micrograd_has() -> None:
    a, b = Node(2.0, label="a"), Node(-3.0, _op="b")
    y = a * b
    y.backward()
    dot = draw_dot(y, format="png", rankdir="TB")
    assert isinstance(dot, graphviz.Digraph)
    assert (dot.format, dot.graph_attr["rankdir"]) == ("png", "TB")
    picture = read(dot)
    assert picture.texts() == sorted(
        [
            ["*"],
            ["a", "data 2.0000", "grad -3.0000"],
            ["b", "data -3.0000", "grad 2.0000"],
            ["data -6.0000", "grad 1.0000"],
        ]
    )
    assert len(picture.edges) == 3


def test_a_deep_graph_is_drawn() -> None:
    y = x = Scalar(1.0)
    for _ in range(5_000):
        y = y + x
    y.backward()
    assert len(read(draw_graph(y, "backward")).edges) == 10_000


@pytest.mark.usefixtures("fake_dot")
def test_with_dot_the_picture_is_its_svg() -> None:
    *_, y = product()
    bundle = draw_graph(y)._repr_mimebundle_()
    assert bundle["image/svg+xml"].startswith("<svg>")
    assert set(bundle) <= {"image/svg+xml", "image/png"}
    assert list(draw_dot(y)._repr_mimebundle_(include=["image/png"])) == ["image/png"]


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz's `dot` is not installed here")
def test_the_real_dot_takes_our_source() -> None:
    *_, y = product()
    y.prevs[0].label = label = '<&"\\Gamma \\N\\\\'
    y.backward()
    for picture in (draw_graph(y), draw_graph(y, "both"), draw_dot(y)):
        bundle = picture._repr_mimebundle_()
        assert b64decode(bundle["image/png"]).startswith(b"\x89PNG")
        svg = ET.fromstring(bundle["image/svg+xml"])  # noqa: S314
        texts = [element.text or "" for element in svg.iter("{http://www.w3.org/2000/svg}text")]
        assert any(label in text for text in texts)


@pytest.mark.usefixtures("no_dot")
@pytest.mark.parametrize(
    "draw", [draw_graph, lambda y: draw_graph(y, "backward"), draw_dot, lambda y: draw_dot(y, format="png")]
)
def test_without_dot_the_graph_is_shown_all_the_same(draw: Any) -> None:
    *_, y = product()
    y.backward()
    picture: Picture = draw(y)
    bundle = picture._repr_mimebundle_()
    assert VIEW in bundle
    sentence, rest = bundle["text/plain"].split("\n")
    assert sentence == NO_DOT
    assert rest == "GraphWidget(w·x + 1 = 7.00; w.grad = 3.00)"
    assert VIEW in picture._repr_mimebundle_(include=["image/svg+xml"], exclude=["text/html"])


def test_where_no_program_can_be_started_the_graph_is_shown_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(*_: Any, **__: Any) -> None:  # as in a browser
        raise OSError(138, "emscripten does not support processes.")

    monkeypatch.setattr("subprocess.Popen", none)
    *_, y = product()
    assert draw_graph(y)._repr_mimebundle_()["text/plain"].startswith(NO_DOT)


@pytest.mark.usefixtures("no_dot")
def test_without_dot_the_widget_is_read_only_and_has_the_passes_that_were_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shown: list[GraphWidget] = []
    wrapped = GraphWidget._repr_mimebundle_

    def show(self: GraphWidget, **kwargs: Any) -> Any:
        shown.append(self)
        return wrapped(self, **kwargs)

    monkeypatch.setattr(GraphWidget, "_repr_mimebundle_", show)
    w, _, y = product()
    z = y * w
    for root in (z, y, z):
        root.backward()
    grads = [node.grad for node in (w, y, z)]
    draw_graph(z, "backward")._repr_mimebundle_()
    (widget,) = shown
    assert (widget.read_only, widget.notice) == (True, "noDot")
    assert [widget._nodes[one["root"]] for one in widget.passes] == [z, y, z]
    assert [widget.grads[node] for node in (w, y, z)] == grads == [node.grad for node in (w, y, z)]


@pytest.mark.usefixtures("no_dot")
@pytest.mark.parametrize("draw", [draw_dot, draw_graph])
@pytest.mark.parametrize("write", [lambda picture: picture.render(), lambda picture: picture.pipe()])
def test_without_dot_writing_a_file_names_what_needs_none(draw: Any, write: Any, tmp_path: Path) -> None:
    picture = draw(Scalar(2.0) * 3.0)
    picture.directory = str(tmp_path)
    with pytest.raises(graphviz.ExecutableNotFound, match=r'not installed.*g\.save\("y\.svg"\)'):
        write(picture)


def test_draw_dot_does_not_draw_not_run_yet_as_a_gradient_of_zero() -> None:
    w = Scalar(0.5, label="w")
    y = w * 0.0
    assert draw_dot(y).source.count("grad not run yet") == 2
    y.backward()
    source = draw_dot(y).source
    assert ("w<BR/>data 0.5000<BR/>grad 0.0000" in source, source.count("not run yet")) == (True, 0)


@pytest.mark.usefixtures("no_dot")
def test_without_dot_what_was_not_run_yet_says_so() -> None:
    *_, y = product()
    text = draw_graph(y)._repr_mimebundle_()["text/plain"]
    assert text.endswith("GraphWidget(w·x + 1 = 7.00; w.grad not run yet)")


@pytest.mark.usefixtures("no_dot")
def test_without_dot_after_a_widget_has_replayed() -> None:
    w, _, y = product()
    z = y * w
    g = GraphWidget(y, z)
    g.backward()
    for value in (5.0, 2.0):
        g["w"] = value
    text = draw_graph(z)._repr_mimebundle_()["text/plain"]
    assert f"w.grad = {w.grad:.2f}" in text
    assert w.grad != 0.0


@pytest.mark.usefixtures("no_dot")
def test_without_dot_an_op_that_is_not_in_the_table_does_not_raise() -> None:
    y = Scalar(1.0, (Scalar(2.0),), "frobnicate")
    bundle = draw_graph(y)._repr_mimebundle_()
    assert list(bundle) == ["text/plain"]
    assert "'frobnicate' is not in the table" in bundle["text/plain"]


def test_a_dot_that_fails_does_not_raise(fake_dot: Path) -> None:
    fake_dot.write_text("#!/bin/sh\nexit 1\n")
    *_, y = product()
    bundle = draw_graph(y)._repr_mimebundle_()
    assert VIEW in bundle
    assert bundle["text/plain"].startswith(DOT_FAILED)
