"""What a terminal sends for keys, pasted text and the mouse."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.emulator import MouseTracking, TerminalModes
from widgets.terminal_keys import encode_key, encode_paste
from widgets.terminal_mouse import MouseAction, MouseButton, MouseNews, encode_mouse


@pytest.mark.parametrize(
    ("key", "character", "sent"),
    [
        ("a", "a", b"a"),
        ("A", "A", b"A"),
        ("é", "é", "é".encode()),
        ("日", "日", "日".encode()),
        ("space", " ", b" "),
        ("enter", "\r", b"\r"),
        ("tab", "\t", b"\t"),
        ("shift+tab", None, b"\x1b[Z"),
        ("backspace", "\x7f", b"\x7f"),
        ("ctrl+backspace", None, b"\x08"),
        ("alt+backspace", None, b"\x1b\x7f"),
        ("escape", "\x1b", b"\x1b"),
        ("ctrl+a", "\x01", b"\x01"),
        ("ctrl+c", "\x03", b"\x03"),
        ("ctrl+shift+a", None, b"\x01"),
        ("ctrl+@", "\0", b"\0"),
        ("ctrl+space", None, b"\0"),
        ("ctrl+backslash", "\x1c", b"\x1c"),
        ("ctrl+right_square_bracket", "\x1d", b"\x1d"),
        ("ctrl+circumflex_accent", "\x1e", b"\x1e"),
        ("ctrl+underscore", "\x1f", b"\x1f"),
        ("ctrl+slash", None, b"\x1f"),
        ("ctrl+plus", None, b"+"),
        ("alt+a", None, b"\x1ba"),
        ("alt+shift+a", None, b"\x1bA"),
        ("alt+shift+A", None, b"\x1bA"),
        ("alt+full_stop", None, b"\x1b."),
        ("alt+enter", None, b"\x1b\r"),
        ("ctrl+alt+a", None, b"\x1b\x01"),
        ("up", None, b"\x1b[A"),
        ("home", None, b"\x1b[H"),
        ("end", None, b"\x1b[F"),
        ("shift+left", None, b"\x1b[1;2D"),
        ("alt+up", None, b"\x1b[1;3A"),
        ("ctrl+right", None, b"\x1b[1;5C"),
        ("ctrl+shift+right", None, b"\x1b[1;6C"),
        ("f1", None, b"\x1bOP"),
        ("f4", None, b"\x1bOS"),
        ("f5", None, b"\x1b[15~"),
        ("f12", None, b"\x1b[24~"),
        ("shift+f5", None, b"\x1b[15;2~"),
        ("ctrl+f1", None, b"\x1b[1;5P"),
        ("insert", None, b"\x1b[2~"),
        ("delete", None, b"\x1b[3~"),
        ("ctrl+delete", None, b"\x1b[3;5~"),
        ("pageup", None, b"\x1b[5~"),
        ("pagedown", None, b"\x1b[6~"),
        ("caps_lock", None, b""),
        ("super+a", None, b"a"),
    ],
)
def test_keys_are_sent_as_by_xterm(key: str, character: str | None, sent: bytes) -> None:
    assert encode_key(key, character) == sent


@pytest.mark.parametrize(("key", "sent"), [("up", b"\x1bOA"), ("end", b"\x1bOF"), ("shift+up", b"\x1b[1;2A")])
def test_programs_may_ask_for_other_cursor_keys(key: str, sent: bytes) -> None:
    assert encode_key(key, None, application_cursor=True) == sent


@pytest.mark.parametrize("character", string.printable[:95])
def test_every_character_arrives_by_its_name_alone(character: str) -> None:
    from textual.keys import _character_to_key

    name = _character_to_key(character)
    assert encode_key(name, character) == character.encode()
    assert encode_key(f"alt+{name}", None) == b"\x1b" + character.encode()


def test_pasted_text_is_marked_where_programs_ask_for_it() -> None:
    assert encode_paste("a\nb", bracketed=True) == b"\x1b[200~a\nb\x1b[201~"
    assert encode_paste("a\r\nb\tc\n", bracketed=False) == b"a\rb\tc\r"


@given(st.text())
def test_pasted_text_cannot_end_the_paste_or_press_keys(text: str) -> None:
    sent = encode_paste(text, bracketed=True)
    assert sent.startswith(b"\x1b[200~")
    assert sent.endswith(b"\x1b[201~")
    assert b"\x1b" not in sent[6:-6]
    assert not set(encode_paste(text, bracketed=False)) & (set(range(32)) - {9, 13})


CLICK = MouseNews(MouseAction.PRESS, MouseButton.LEFT, 4, 9)


def modes(mouse: MouseTracking, *, sgr: bool = True) -> TerminalModes:
    return TerminalModes(mouse=mouse, sgr_mouse=sgr)


@pytest.mark.parametrize(
    ("news", "sent"),
    [
        (CLICK, b"\x1b[<0;5;10M"),
        (CLICK._replace(action=MouseAction.RELEASE), b"\x1b[<0;5;10m"),
        (CLICK._replace(action=MouseAction.MOVE), b"\x1b[<32;5;10M"),
        (CLICK._replace(button=MouseButton.RIGHT, ctrl=True), b"\x1b[<18;5;10M"),
        (CLICK._replace(button=MouseButton.WHEEL_DOWN), b"\x1b[<65;5;10M"),
    ],
)
def test_the_mouse_is_told_as_by_xterm(news: MouseNews, sent: bytes) -> None:
    assert encode_mouse(news, modes(MouseTracking.DRAGS)) == sent


def test_a_program_hears_of_the_mouse_what_it_asked_for() -> None:
    drag, move = CLICK._replace(action=MouseAction.MOVE), MouseNews(MouseAction.MOVE, MouseButton.NONE, 4, 9)
    heard = {
        tracking: [bool(encode_mouse(news, modes(tracking))) for news in (CLICK, drag, move)]
        for tracking in MouseTracking
    }
    assert heard == {
        MouseTracking.NONE: [False, False, False],
        MouseTracking.PRESSES: [True, False, False],
        MouseTracking.CLICKS: [True, False, False],
        MouseTracking.DRAGS: [True, True, False],
        MouseTracking.MOVES: [True, True, True],
    }


def test_old_programs_are_told_cells_that_fit_into_a_byte() -> None:
    old = modes(MouseTracking.CLICKS, sgr=False)
    assert encode_mouse(CLICK, old) == b"\x1b[M" + bytes((32, 32 + 5, 32 + 10))
    assert encode_mouse(CLICK._replace(action=MouseAction.RELEASE), old) == b"\x1b[M" + bytes((32 + 3, 37, 42))
    assert encode_mouse(CLICK._replace(column=223), old) == b""
