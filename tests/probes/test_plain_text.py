from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.plain_text import PlainTextReader, plain_text

PIECES = st.sampled_from(
    [
        b"a", b"ready", b"\n", b"\r", b"\r\n", b"\x1b", b"\x1b[", b"1;31", b"m", b"[", b"]", b"\x1b]0;t", b"\x07",
        b"\x1b\\", b"\x1bP", b"q", b"\x1b(", b"B", b"\x1b[31m", b"\x1b[2K", b" ", b"\\", b"\xc3\xa4", b"\x1b7", b";",
    ]
)  # fmt: skip


def read(chunks: list[bytes]) -> bytes:
    reader = PlainTextReader()
    return b"".join(reader.feed(chunk) for chunk in chunks)


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (b"rea\x1b[0K\x1b[1mdy", b"ready"),
        (b"\x1b]0;title ready\x07text", b"text"),
        (b"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\!", b"link!"),
        (b"10%\r20%\rdone\r\n", b"10%\n20%\ndone\n"),
        (b"a\r\r\nb", b"a\nb"),
        (b"\x1b(Bplain\x1b=\x1b>", b"plain"),
        (b"\x1bPq#0;2\x1b\\after", b"after"),
        (b"\x1b]never ended\nnext line", b"\nnext line"),
        (b"\x1b\x1b[1mx", b"x"),
        (b"\x1b[?25l\x1b[38;2;1;2;3mx", b"x"),
    ],
)
def test_escape_sequences_and_line_ends_become_plain_text(raw: bytes, plain: bytes) -> None:
    assert plain_text(raw) == plain


@given(st.lists(PIECES, max_size=24).map(b"".join), st.lists(st.integers(0, 120), max_size=12))
def test_chunks_give_the_same_text_as_the_whole(raw: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(raw), *(cut for cut in cuts if cut < len(raw))})
    chunks = [raw[start:end] for start, end in pairwise(edges)]
    assert read([*chunks, b"X\n"]) == read([raw, b"X\n"])


@given(st.lists(PIECES, max_size=24).map(b"".join))
def test_single_bytes_give_the_same_text_as_the_whole(raw: bytes) -> None:
    assert read([bytes([byte]) for byte in raw] + [b"X\n"]) == read([raw, b"X\n"])


def test_a_hostile_sequence_without_end_needs_no_memory() -> None:
    reader = PlainTextReader()
    for start in (b"\x1b]0;", b"\x1b[", b"\x1b(", b"\r"):
        reader.feed(start)
        for _ in range(100):
            reader.feed((b"1" if start != b"\x1b(" else b"(") * 4096 if start != b"\r" else b"\r" * 4096)
        assert len(reader._held) <= 8
        reader = PlainTextReader()
