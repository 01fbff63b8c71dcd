"""The emulator behind terminal panes."""

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from widgets.emulator import Cursor, MouseTracking, TerminalScreen
from widgets.sgr import Sgr

pytest.importorskip("pyghostty", reason="the extra `tty` is not installed")

from widgets.ghostty_emulator import SCROLLBACK_ROWS, GhosttyEmulator

if TYPE_CHECKING:
    from widgets.emulator import Emulator


def emulator(columns: int = 20, rows: int = 4) -> "Emulator":
    return GhosttyEmulator(columns, rows, ink=(255, 255, 255), paper=(0, 0, 0))


def texts(screen: TerminalScreen) -> list[str]:
    return [row.text for row in screen.rows]


def test_text_colours_and_the_cursor_are_where_the_program_put_them() -> None:
    terminal = emulator()
    assert terminal.feed(b"\x1b[2;3Hhi \x1b[1;31mred\x1b[m\x1b[44m!") == b""
    screen = terminal.look()
    assert texts(screen) == ["", "  hi red!", "", ""]
    assert screen.cursor == Cursor(9, 1)
    looks = {run.text: run.sgr for run in screen.rows[1].runs}
    assert looks["red"] == Sgr(1, None, frozenset({"bold"}))
    assert looks["!"] == Sgr(None, 4)


def test_backgrounds_without_text_are_seen() -> None:
    terminal = emulator(6, 3)
    terminal.feed(b"\x1b[48;5;17m\x1b[2K\r\n\x1b[48;2;1;2;3mab\x1b[K")
    rows = terminal.look().rows
    assert [(run.text, run.sgr.paper) for run in rows[0].runs] == [(" " * 6, 17)]
    assert {run.sgr.paper for run in rows[1].runs} == {(1, 2, 3)}


@pytest.mark.parametrize(
    "text", ["日本語", "e\u0301", "👨\u200d👩\u200d👧", "❤\ufe0f", "\u0627\u0644", "\ue0b0", "a\u202eb", "🇩🇪"]
)
def test_every_row_is_as_wide_as_the_screen(text: str) -> None:
    terminal = emulator()
    terminal.feed(f"{text}|{text}".encode())
    for row in terminal.look().rows:
        assert sum(cell_len(run.text) for run in row.runs) == 20


@given(
    st.lists(
        st.one_of(
            st.binary(), st.text().map(str.encode), st.sampled_from([b"\x1b[", b"\x1b]", b"?1049h", b"\x1bP", b"\r\n"])
        )
    )
)
def test_whatever_is_printed_rows_are_whole_and_hold_no_controls(parts: list[bytes]) -> None:
    terminal = emulator()
    for part in parts:
        terminal.feed(part)
    for row in terminal.look().rows:
        text = "".join(run.text for run in row.runs)
        assert cell_len(text) == 20
        assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text)


def test_only_rows_that_changed_are_new() -> None:
    terminal = emulator()
    terminal.feed(b"one\r\ntwo")
    before = terminal.look()
    terminal.feed(b"!")
    assert [old is new for old, new in zip(before.rows, terminal.look().rows, strict=True)] == [True, False, True, True]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (b"\x1b[c", b"\x1b[?62;22c"),
        (b"\x1b[5n", b"\x1b[0n"),
        (b"ab\x1b[6n", b"\x1b[1;3R"),
        (b"\x1b]11;?\x07", b"\x1b]11;rgb:0000/0000/0000\x07"),
    ],
)
def test_what_programs_ask_is_answered(asked: bytes, answer: bytes) -> None:
    assert emulator().feed(asked) == answer


@pytest.mark.parametrize(
    "asked", [b"\x1b[?u", b"\x1b_Gi=1,a=q;AAAA\x1b\\", b"\x1b]52;c;?\x07", b"\x1b]0;title\x07\x1b[21t", b"\x05"]
)
def test_nothing_is_promised_or_given_away(asked: bytes) -> None:
    assert emulator().feed(asked) == b""


def test_the_modes_of_a_full_screen_program_are_known() -> None:
    terminal = emulator()
    terminal.feed(b"\x1b[?1049h\x1b[?1h\x1b[?2004h\x1b[?1002h\x1b[?1006h\x1b[?1004h\x1b[?25l")
    modes = terminal.modes
    assert all((modes.application_cursor, modes.bracketed_paste, modes.alternate_screen, modes.focus_events))
    assert (modes.mouse, modes.sgr_mouse) == (MouseTracking.DRAGS, True)
    assert terminal.look().cursor is None


def test_rows_above_can_be_seen_and_stay_while_more_comes() -> None:
    terminal = emulator()
    terminal.feed(b"".join(b"\r\n%d" % number for number in range(1, 10)))
    assert texts(terminal.look()) == ["6", "7", "8", "9"]
    terminal.scroll(-2)
    assert texts(terminal.look()) == ["4", "5", "6", "7"]
    terminal.feed(b"\r\n10")
    screen = terminal.look()
    assert (texts(screen), screen.below) == (["4", "5", "6", "7"], 3)
    assert terminal.text_of(screen.first, screen.first + 1) == ("4", "5")
    terminal.scroll_to(end=False)
    assert texts(terminal.look()) == ["", "1", "2", "3"]
    terminal.scroll_to(end=True)
    assert (texts(terminal.look())[-1], terminal.look().below) == ("10", 0)


def test_what_scrolled_out_of_sight_is_bounded() -> None:
    terminal = emulator()
    terminal.feed(b"x\r\n" * SCROLLBACK_ROWS * 4)
    assert terminal.look().first < SCROLLBACK_ROWS * 2


def test_a_new_size_lays_out_lines_anew() -> None:
    terminal = emulator()
    terminal.feed(b"0123456789" * 3)
    assert texts(terminal.look())[:2] == ["01234567890123456789", "0123456789"]
    terminal.resize(10, 5)
    assert (terminal.columns, terminal.rows) == (10, 5)
    assert texts(terminal.look())[:3] == ["0123456789"] * 3


def test_hidden_text_is_not_shown() -> None:
    terminal = emulator()
    terminal.feed(b"a\x1b[8msecret\x1b[mb")
    assert texts(terminal.look())[0] == "a      b"


def test_text_that_was_not_kept_is_not_there() -> None:
    assert emulator().text_of(50, 60) == ()
