"""The modes a program has chosen are found in whatever it printed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.tui.mode_changes import ModeChanges


def found(*pieces: bytes) -> bytes:
    changes = ModeChanges()
    for piece in pieces:
        changes.take(piece)
    return changes.sequences


def test_only_changes_of_modes_are_kept_each_once_in_the_order_of_the_last() -> None:
    text = b"a\x1b[?1049h\x1b[31mb\x1b[?25l\x1b[2J\x1b[?1049h\x1b]0;x\x07\x1b=c"
    assert found(text) == b"\x1b[?25l\x1b[?1049h\x1b="


def test_a_reset_forgets_what_was_before() -> None:
    assert found(b"\x1b[?1049h\x1bc\x1b[?25l") == b"\x1bc\x1b[?25l"


@pytest.mark.parametrize("cut", range(1, 9))
def test_a_sequence_may_be_cut(cut: int) -> None:
    text = b"\x1b[?1049hrest"
    assert found(text[:cut], text[cut:]) == b"\x1b[?1049h"


@given(st.lists(st.one_of(st.binary(max_size=80), st.sampled_from([b"\x1b", b"\x1b[?", b"1049;", b"h"]))))
def test_whatever_is_printed_what_is_kept_is_bounded(pieces: list[bytes]) -> None:
    changes = ModeChanges()
    for piece in pieces:
        changes.take(piece)
    assert len(changes.sequences) <= sum(map(len, pieces))
    assert changes.sequences.count(b"\x1b") * 2 <= len(changes.sequences)
