"""Pictures from Python: `to_svg`, `to_png`, and the shell's, drawn by the browser that is installed."""

from __future__ import annotations

import struct
import subprocess
import sys
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

import autograd_widget as aw
from autograd_widget import GraphWidget, Scalar
from autograd_widget.__main__ import main
from autograd_widget.export.browser import BROWSERS, TAKE, WIDTH, find_browser, picture_of
from autograd_widget.export.html import POLICY
from browser.examples import mlp, neuron, seed, show_widget
from browser.test_exports import HOSTILE, SVG, in_groups, saved, texts_in

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from playwright.sync_api import Page

PNG = b"\x89PNG\r\n\x1a\n"
PADDING = 12
"""Around the graph on a page of its own."""


@pytest.fixture(autouse=True)
def named(chromium: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser of all tests."""
    monkeypatch.setenv("CHROME", chromium)


def texts_of(svg: str) -> list[str]:
    return [element.text or "" for element in ET.fromstring(svg).iter(f"{SVG}text")]  # noqa: S314 (ours)


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(PNG)
    width, height = struct.unpack(">II", png[16:24])
    return width, height


@pytest.mark.parametrize("of", [seed, neuron, in_groups, mlp], ids=lambda of: of.__name__)
def test_python_saves_what_the_menu_of_the_page_does(
    page: Page, tmp_path: Path, of: Callable[[], GraphWidget]
) -> None:
    widget = of()
    page.set_viewport_size({"width": WIDTH, "height": 1000})
    there = saved(show_widget(page, widget, width=WIDTH - 2 * PADDING), "SVG", tmp_path)
    here = widget.save(tmp_path / "here.svg")
    assert texts_in(here) == texts_in(there)
    (one, other) = (ET.parse(path).getroot().attrib for path in (here, there))  # noqa: S314
    assert one == other


def test_it_shows_what_python_knows() -> None:
    widget = seed("h1", "h3")
    widget["wh"] = -0.8
    widget.language = "zh"
    texts = texts_of(widget.to_svg())
    assert {"−0.80", "w·x1", "种子", "不跟踪梯度"} <= set(texts)


def test_a_png_has_two_pixels_for_one_of_the_screen(tmp_path: Path) -> None:
    widget = seed()
    svg = ET.fromstring(widget.to_svg()).attrib  # noqa: S314
    path = widget.save(tmp_path / "graph.png")
    assert size_of(path.read_bytes()) == (2 * int(svg["width"]), 2 * int(svg["height"]))


def test_a_large_graph_is_in_one_picture() -> None:
    h = w = Scalar(0.01, label="w")
    for _ in range(2_000):
        h = h * 0.9 + w
    width, _ = size_of(GraphWidget(h).to_png())
    assert width > 2 * WIDTH


def test_hostile_labels_are_texts() -> None:
    leaves = [Scalar(i + 0.5, label=label) for i, label in enumerate(HOSTILE)]
    texts = set(texts_of(GraphWidget(aw.sum(leaves), names=False).to_svg()))
    assert {"<b>&amp;</b>", "权重", "'''", "\\"} <= texts


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_the_shell_draws_a_document(tmp_path: Path, kind: str) -> None:
    document = seed().save(tmp_path / "graph.json")
    picture = tmp_path / f"graph.{kind}"
    assert main([str(document), "-o", str(picture)]) == 0
    assert picture.read_bytes().startswith(PNG if kind == "png" else b"<svg ")


def test_a_picture_has_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = str(seed().save(tmp_path / "graph.json"))
    assert main([document, document, "-o", str(tmp_path / "graph.svg")]) == 2
    assert "name one" in capsys.readouterr().err
    assert not (tmp_path / "graph.svg").exists()


def test_a_document_that_is_off_is_refused(chromium: str) -> None:
    with pytest.raises(ValueError, match="graph document"):
        picture_of({"version": 1}, "svg", chromium)


def script(path: Path, program: str) -> str:
    path.write_text(f"#!{sys.executable}\nimport sys, time\n{program}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(
    ("program", "said"),
    [
        ("sys.exit('No usable sandbox!\\n[1:2:ERROR:dbus/bus.cc(4)] No bus.')", "No usable sandbox!"),
        ("print('<html>')", "it did not say why"),
        ("time.sleep(30)", r"it took longer than \d+ seconds"),
    ],
    ids=["fails", "other text", "hangs"],
)
def test_a_browser_that_fails_is_quoted_and_no_file_is_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: str, said: str
) -> None:
    monkeypatch.setenv("CHROME", script(tmp_path / "chrome", program))
    script(tmp_path / "dot", "print('<svg>by dot</svg>')")  # two programs would give two pictures
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("autograd_widget.export.browser.SECONDS", 0.5 if "sleep" in program else 60.0)
    target = tmp_path / "graph.svg"
    target.write_text("old")
    with pytest.raises(
        RuntimeError, match=rf"gave no picture \({said}\): name another browser in CHROME, or take"
    ):
        seed().save(target)
    assert target.read_text() == "old"


def test_a_browser_that_is_not_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "chrome"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o755)
    monkeypatch.setenv("CHROME", str(program))
    with pytest.raises(RuntimeError, match=r"gave no picture .*Exec format error"):
        seed().to_svg()


def test_an_invalid_document_is_refused_in_a_sentence(chromium: str) -> None:
    with pytest.raises(ValueError, match='graph document: "rankdir" is "XX"'):
        picture_of({**seed().to_dict(), "rankdir": "XX"}, "svg", chromium)


def test_what_takes_its_time_is_waited_for(monkeypatch: pytest.MonkeyPatch, chromium: str) -> None:
    """Its own clock does not stand for what is done elsewhere, such as encoding on a busy machine."""
    slow = """
HTMLCanvasElement.prototype.toBlob = async function (done) {
  const worker = new Worker(URL.createObjectURL(new Blob(["setTimeout(() => postMessage(1), 300)"])));
  worker.onmessage = () => done(new Blob(["late"]));
};
"""
    monkeypatch.setattr("autograd_widget.export.browser.TAKE", slow + TAKE)
    monkeypatch.setattr(
        "autograd_widget.export.html.POLICY", POLICY.replace("img-src", "worker-src blob:; img-src")
    )
    assert picture_of(seed().to_dict(), "png", chromium) == b"late"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("HTMLCanvasElement.prototype.toBlob = (done) => done(null);", "it may be too large"),
        ("HTMLImageElement.prototype.decode = () => Promise.reject(Error('no room'));", "no room"),
    ],
)
def test_a_picture_that_cannot_be_made_ends_at_once(
    program: str, why: str, monkeypatch: pytest.MonkeyPatch, chromium: str
) -> None:
    monkeypatch.setattr("autograd_widget.export.browser.TAKE", program + TAKE)
    with pytest.raises(RuntimeError, match=rf"gave no picture \({why}\): name another browser"):
        picture_of(seed().to_dict(), "png", chromium)


def test_the_variable_has_to_name_a_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME", "no-such-program")
    with pytest.raises(FileNotFoundError, match="CHROME names 'no-such-program'"):
        find_browser()
    with pytest.raises(FileNotFoundError):
        seed().save(tmp_path / "graph.svg")
    assert list(tmp_path.iterdir()) == []


def test_a_browser_is_found_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHROME")
    monkeypatch.setenv("PATH", str(tmp_path))
    program = script(tmp_path / "microsoft-edge", "")
    assert find_browser() in {program, *BROWSERS}


def test_the_page_reaches_nobody(monkeypatch: pytest.MonkeyPatch, chromium: str) -> None:
    asked: list[str] = []

    class Listening(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with HTTPServer(("127.0.0.1", 0), Listening) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        curious = f"fetch('{url}/a').catch(() => 0); new Image().src = '{url}/b';"
        monkeypatch.setattr("autograd_widget.export.browser.TAKE", curious + TAKE)
        picture_of(seed().to_dict(), "svg", chromium)
        server.shutdown()
    assert asked == []


@pytest.mark.parametrize("seconds", [60.0, 0.3], ids=["in time", "too late"])
def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("autograd_widget.export.browser.SECONDS", seconds)
    with nullcontext() if seconds > 1.0 else pytest.raises(RuntimeError, match="took longer"):
        seed().to_svg()
    processes = subprocess.run(["ps", "-ef"], capture_output=True, text=True, check=True).stdout
    assert str(tmp_path) not in processes
    assert list(tmp_path.iterdir()) == []
