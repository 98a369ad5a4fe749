"""`python -m autograd_widget check` for teachers' scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.mistakes import MISTAKES, SOURCE
from autograd_widget.__main__ import main


def test_a_right_engine_ends_with_0(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "engine.py"
    path.write_text(SOURCE)
    assert main(["check", f"{path}:Value"]) == 0
    assert capsys.readouterr().out.startswith("Value: 9 of 9 ops right")


def test_mistakes_end_with_1_and_are_written_for_a_script(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, right, wrong = MISTAKES["relu without mask"]
    (tmp_path / "homework_of_anna.py").write_text(SOURCE.replace(right, wrong))
    monkeypatch.chdir(tmp_path)
    assert main(["check", "homework_of_anna:Value", "--junit", "out.xml", "--markdown"]) == 1
    assert "| `relu` |" in capsys.readouterr().out
    assert 'failures="1"' in (tmp_path / "out.xml").read_text("utf-8")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere", "module:Class"),
        ("no_such_module:Value", "no_such_module"),
        ("math:Value", "math has no Value"),
    ],
)
def test_what_is_not_there_ends_with_2(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", name]) == 2
    assert says in capsys.readouterr().err


def test_the_shell_s_locale_chooses_the_language(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["check", "nowhere"]) == 2
    assert "nowhere 没有指明类" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["--help"])
    assert "计算图文档" in capsys.readouterr().out
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    assert main(["check", "nowhere"]) == 2
    assert "nowhere names no class" in capsys.readouterr().err
