"""The terminal that the other tests look at shows what a real one would."""

import sys
from pathlib import Path

import pytest
from terminal import NotShownError, Terminal
from terminal_screen import TerminalScreen


def shown(data: bytes, columns: int = 10, rows: int = 3) -> list[str]:
    screen = TerminalScreen(columns, rows)
    screen.feed(data)
    return screen.lines()


def test_text_wraps_and_scrolls() -> None:
    assert shown(b"0123456789ab\r\nc\r\nd") == ["ab", "c", "d"]


def test_a_full_line_does_not_scroll_before_the_next_character() -> None:
    assert shown(b"0123456789\r\nb") == ["0123456789", "b", ""]


def test_the_cursor_goes_where_it_is_told() -> None:
    assert shown(b"\x1b[2;3Hx\x1b[Ay\x1b[1;1Hz") == ["z  y", "  x", ""]


def test_erasing_and_editing() -> None:
    assert shown(b"abcdef\x1b[1;3H\x1b[K") == ["ab", "", ""]
    assert shown(b"abc\r\ndef\x1b[2J") == ["", "", ""]
    assert shown(b"abcdef\x1b[1;2H\x1b[2P\x1b[1@") == ["a def", "", ""]
    assert shown(b"a\r\nb\x1b[1;1H\x1b[L") == ["", "a", "b"]


def test_characters_may_be_split_and_wide() -> None:
    screen = TerminalScreen(10, 2)
    for byte in "日本é".encode():
        screen.feed(bytes([byte]))
    screen.feed(b"\x1b[1;5H")
    screen.feed(b"\x1b[1")
    screen.feed(b";6H!")
    assert screen.lines() == ["日本é!", ""]


def test_the_alternate_screen_leaves_the_main_one_alone() -> None:
    screen = TerminalScreen(10, 2)
    screen.feed(b"main\x1b[?1049h\x1b[Hother")
    assert screen.lines() == ["other", ""]
    assert screen.in_alternate
    screen.feed(b"\x1b[?1049l")
    assert screen.lines() == ["main", ""]


@pytest.mark.parametrize("half", [b"\x1b", b"\x1b[", b"\x1b[38;2;1", b"\x1b[?", "─".encode()[:2]])
def test_what_was_cut_off_in_the_middle_does_not_swallow_the_next_sequence(half: bytes) -> None:
    screen = TerminalScreen(10, 2)
    screen.feed(b"main\x1b[?1049h" + half)
    screen.feed(b"\x1b[?1049l")
    assert not screen.in_alternate


def test_questions_are_answered() -> None:
    screen = TerminalScreen(10, 2)
    assert screen.feed(b"ab\x1b[6n") == b"\x1b[1;3R"
    assert screen.feed(b"\x1b[?2026$p") == b"\x1b[?2026;2$y"
    assert screen.feed(b"\x1b[?2048$p") == b"\x1b[?2048;0$y"


def test_titles_and_unknown_sequences_are_not_text() -> None:
    screen = TerminalScreen(20, 1)
    screen.feed(b"\x1b]0;name\x07\x1b[>5u\x1b[38;2;1;2;3mred\x1b[0m\x1b(B\x1bP1$r\x1b\\!")
    assert screen.lines() == ["red!"]
    assert screen.title == "name"


def test_a_program_runs_at_the_terminal_and_is_waited_for(tmp_path: Path) -> None:
    program = "import os, sys; print(os.getcwd(), sys.stdin.isatty(), os.ttyname(0)); input('name? '); sys.exit(7)"
    with Terminal([sys.executable, "-c", program], cwd=tmp_path, columns=200) as terminal:
        terminal.wait_for("name?")
        assert terminal.contains(f"{tmp_path} True /dev/")
        terminal.press("x", "enter")
        assert terminal.wait_exit() == 7
        terminal.assert_sane()


def test_what_does_not_come_fails_with_a_picture() -> None:
    program = ["/bin/sh", "-c", "echo here I am; read x"]
    with Terminal(program) as terminal, pytest.raises(NotShownError, match="here I am"):
        terminal.wait_for("somebody else", deadline_s=0.3)


def test_a_mess_left_behind_is_noticed() -> None:
    with Terminal(["/bin/sh", "-c", "stty -echo; printf '\\033[?1000h'"]) as terminal:
        assert terminal.wait_exit() == 0
        with pytest.raises(AssertionError, match="settings"):
            terminal.assert_sane()


def test_a_closed_window_hangs_the_program_up() -> None:
    with Terminal(["/bin/sh", "-c", "echo up; exec sleep 600"]) as terminal:
        terminal.wait_for("up")
        terminal.hang_up()
        assert terminal.wait_exit() == 129
