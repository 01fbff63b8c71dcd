"""Editor and pager get the terminal, and give it back."""

import os
import sys
from pathlib import Path

import pytest
from terminal import Terminal

PROGRAM = Path(__file__).with_name("screen_program.py")

pytestmark = pytest.mark.real


def program(path: Path, body: str) -> Path:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def started(directory: Path, log: bytes, **environment: str) -> Terminal:
    (directory / "api.log").write_bytes(log)
    environ = dict(os.environ, PYTHONPATH=str(PROGRAM.parents[2]), **environment)
    return Terminal([sys.executable, str(PROGRAM), str(directory)], columns=100, rows=24, cwd=directory, env=environ)


def test_the_pager_gets_the_lines_with_colours_only_and_ctrl_c_is_its_own(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    pager = program(
        tmp_path / "pager",
        f'trap "echo interrupted" INT; cat "$1" > {seen}; echo paging; read line; read line; echo over',
    )
    log = b"one\x1b]0;title\x07\n\x1b[31mred\x1b[0m\x1b[2J\n"
    with started(tmp_path, log, PAGER=str(pager)) as terminal:
        terminal.wait_for("red")
        terminal.press("P")
        terminal.wait_for("paging")
        assert seen.read_bytes() == b"one\n\x1b[31mred\x1b[0m\n"
        terminal.press("ctrl+c")
        terminal.wait_for("interrupted")
        terminal.press("enter")
        terminal.press("enter")
        terminal.wait_for("filter")
        terminal.wait_for("red")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


def test_the_editor_opens_the_file_at_its_line(tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    (tmp_path / "app.py").write_text("x = 1\n")
    editor = program(tmp_path / "vim", f'printf "%s " "$@" > {seen}; echo editing; read line')
    with started(tmp_path, b"app.py:1: oh\n", EDITOR=str(editor), VISUAL="") as terminal:
        terminal.wait_for("oh")
        terminal.press("o")
        terminal.wait_for("editing")
        assert seen.read_text() == f"+1 {tmp_path}/app.py "
        terminal.press("enter")
        terminal.wait_for("filter")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


def test_an_editor_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("x = 1\n")
    with started(tmp_path, b"app.py:1: oh\n", EDITOR="/no/such/editor", VISUAL="") as terminal:
        terminal.wait_for("oh")
        terminal.press("o")
        terminal.wait_for("cannot be run")
        terminal.press("q")
        assert terminal.wait_exit() == 0
