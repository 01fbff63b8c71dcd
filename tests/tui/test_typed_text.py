"""What a terminal sends, cut anywhere by reads, comes out as whole sequences and pastes."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.tui.typed_text import Pasted, TypedText, escape_patience_s

SENT = ["a", "é", "\x1b[A", "\x1b[1;5B", "\x1bOP", "\x1b[<35;10;5M", "\x1b[[A", "\x1bx", "\x1b[?2026;2$y", "\r"]
PASTED = ["q", "\x1b", "\x1b[A", "\x1b[200~", "\x1b[201", "\r"]


def typed() -> TypedText:
    return TypedText(0.025)


def whole(pieces: list[str | Pasted]) -> list[str | Pasted]:
    """Join keys that no paste parts."""
    joined: list[str | Pasted] = []
    for piece in pieces:
        last = joined[-1] if joined else None
        if isinstance(piece, str) and isinstance(last, str):
            joined[-1] = last + piece
        else:
            joined.append(piece)
    return joined


pastes = st.lists(st.sampled_from(PASTED)).map("".join).filter(lambda text: "\x1b[201~" not in text + "\x1b[201")
keys = st.lists(st.sampled_from(SENT), min_size=1).map("".join)


@given(sent=st.lists(keys | pastes.map(Pasted)), data=st.data())
def test_however_it_is_cut_no_sequence_is_and_pastes_are_whole(sent: list[str | Pasted], data: st.DataObject) -> None:
    stream = "".join(piece if isinstance(piece, str) else f"\x1b[200~{piece.text}\x1b[201~" for piece in sent)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    text = typed()
    got: list[str | Pasted] = []
    for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        got += text.feed(stream[start:end])
    assert text.patience_s is None
    assert whole(got) == whole(sent)
    for piece in got:
        if isinstance(piece, str):
            assert piece[-1] != "\x1b"
            assert not piece.endswith(("\x1b[", "\x1b[<35;10;5", "\x1b[1;5", "\x1bO"))


def test_a_lone_escape_is_waited_for_shortly_and_then_a_key() -> None:
    text = typed()
    assert list(text.feed("a\x1b")) == ["a"]
    assert text.patience_s == 0.025
    assert list(text.give_up()) == ["\x1b"]
    assert text.patience_s is None
    assert list(text.feed("q")) == ["q"]


def test_a_sequence_that_has_begun_is_waited_for_longer_as_nobody_types_one() -> None:
    text = typed()
    assert list(text.feed("\x1b[<35;1")) == []
    assert text.patience_s == 0.25
    assert list(text.feed("0;5M")) == ["\x1b[<35;10;5M"]


def test_a_paste_takes_as_long_as_it_takes() -> None:
    text = typed()
    assert list(text.feed("\x1b[200~rm -r\x1b")) == []
    assert text.patience_s is None


@pytest.mark.parametrize(
    ("environment", "patience_s"),
    [
        ({}, 0.025),
        ({"ESCDELAY": "300"}, 0.3),
        ({"ESCDELAY": "0"}, 0.025),
        ({"ESCDELAY": "-5"}, 0.025),
        ({"ESCDELAY": "x"}, 0.025),
    ],
)
def test_how_long_an_escape_is_waited_for_can_be_set_as_for_curses(
    environment: Mapping[str, str], patience_s: float
) -> None:
    assert escape_patience_s(environment) == patience_s
