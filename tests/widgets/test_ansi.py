"""What a child prints becomes safe, styled text."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from widgets.ansi import SHOWN_BYTES, parse_line, sgr_after, without_escapes
from widgets.sgr import PLAIN, apply_sgr, style_of

BASE = Style(color="white", bgcolor="black")
PIECES = st.sampled_from(
    [
        b"\x1b[",
        b"\x1b]8;;",
        b"\x1b]",
        b"\x1bP",
        b"\x1b",
        b"\x9b",
        "\x9b".encode(),
        b"\x07",
        b"\x1b\\",
        b"\r",
        b"\x08",
        b"\t",
        b"m",
        b"K",
        b"2K",
        b"G",
        b";",
        b":",
        b"38",
        b"48:2::",
        b"9" * 5000,
        b"0",
        b"5",
        "٣".encode(),
        "日".encode(),
        "e\u0301".encode(),
        b"http://x",
        b"javascript:x",
        "\u202e".encode(),
        "\u200d".encode(),
        "\ufe0f".encode(),
        b"\xff",
        b"\n",
        b"text",
        b"A",
        b"?",
    ]
)
HOSTILE = st.lists(PIECES | st.binary(max_size=4), max_size=40).map(b"".join)


@given(HOSTILE | st.binary(max_size=200))
def test_no_control_character_comes_out_and_nothing_is_raised(raw: bytes) -> None:
    parsed = parse_line(raw)
    for character in parsed.plain:
        assert unicodedata.category(character) not in {"Cc", "Cs", "Zl", "Zp"}
        assert character not in "\u061c\u200b\u200d\u200e\u200f\u202a\u202d\u202e\u2066\u2069\ufe0f\ufeff"
    assert parsed.plain == "".join(run.text for run in parsed.runs)
    assert "".join(segment.text for segment in parsed.segments(BASE)) == parsed.plain
    assert parsed.cells == cell_len(parsed.plain)
    for run in parsed.runs:
        assert not run.link or run.link.startswith(("http://", "https://", "file://", "mailto:"))
        style_of(run.sgr, run.link, BASE).render("x")


@given(st.text("0123456789;:", max_size=300))
def test_any_numbers_of_a_colour_sequence_are_survived(parameters: str) -> None:
    style_of(apply_sgr(PLAIN, parameters), "", BASE).render("x")


@given(HOSTILE)
def test_search_text_keeps_every_newline(raw: bytes) -> None:
    assert without_escapes(raw).count(b"\n") == raw.count(b"\n")


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        (b"\x1b[31mred\x1b[0m plain", "red plain"),
        (b"\x1b]8;;https://e.com\x1b\\link\x1b]8;;\x1b\\ after", "link after"),
        (b"\x1b]8;id=1;https://e.com/a;b\x07link\x1b]8;;\x07", "link"),
        (b"\x1b]0;title\x07text", "text"),
        (b"10%\r20%\r100% done", "100% done"),
        (b"long line here\rab", "abng line here"),
        (b"long line here\r\x1b[Kab", "ab"),
        (b"long line\x1b[2K\x1b[1Gab", "ab"),
        (b"abc\x1b[1Gx", "xbc"),
        (b"abcdef\x08\x08\x08\x1b[1K|", "   |ef"),
        (b"hello\r", "hello"),
        (b"a\tb\tccccccccc\td", "a       b       ccccccccc       d"),
        (b"\x1b[31ma\x1b[0m\tb", "a       b"),
        ("日\tb".encode(), "日      b"),
        (b"abc\x08\x08X", "aXc"),
        ("日本\rx".encode(), "x 本"),
        ("e\u0301\rx".encode(), "x"),
        ("\re\u0301".encode(), "e\u0301"),
        (b"a\x07b\x00c", "abc"),
        (b"a\x1b[2Ab\x1b[10;3Hc\x1b[2Jd\x1b[?25l", "abcd"),
        (b"abc\x1b[3", "abc"),
        (b"abc\x1b", "abc"),
        (b"a\x1bP1$r0m\x1b\\b", "ab"),
        (b"\x1b(Bx\x1b(0qqq\x1b(B", "xqqq"),
        ("\x9b31mred\x9d0;t\x9cx".encode(), "redx"),
        (b"ab\xff\xfecd", "ab\ufffd\ufffdcd"),
        ("a\u200b\u202eb".encode(), "ab"),
        ("a\x0bb\x0cc\x85d\u2028e".encode(), "abcde"),
        (b"[bold]not markup[/]", "[bold]not markup[/]"),
    ],
)
def test_a_line_is_shown_as_a_terminal_would_show_it(raw: bytes, plain: str) -> None:
    assert parse_line(raw).plain == plain


@pytest.mark.parametrize(
    ("codes", "color"),
    [
        ("31", "color(1)"),
        ("91", "color(9)"),
        ("38;5;208", "color(208)"),
        ("38:5:208", "color(208)"),
        ("38;2;255;100;0", "#ff6400"),
        ("38:2::255:100:0", "#ff6400"),
        ("38:2:255:100:0", "#ff6400"),
        ("1;38;2;999;0;0;4", "#ff0000"),
    ],
)
def test_colours_of_every_form_are_understood(codes: str, color: str) -> None:
    style = style_of(apply_sgr(PLAIN, codes), "", Style())
    assert style.color == Style.parse(color).color


def test_attributes_switch_on_and_off() -> None:
    state = apply_sgr(PLAIN, "1;3;4:3;7;9;53")
    assert state.attributes == {"bold", "italic", "underline", "reverse", "strike", "overline"}
    assert apply_sgr(state, "22;23;4:0;27;29;55") == PLAIN
    assert apply_sgr(state, "") == PLAIN


def test_colours_left_on_reach_the_next_line() -> None:
    state = sgr_after(b"plain \x1b[31mred and on\n", PLAIN)
    assert parse_line(b"next", state).runs[0].sgr.ink == 1


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ssh://h", "http://a\u202eb", "http://" + "x" * 5000]
)
def test_links_of_other_kinds_are_shown_as_text_alone(url: str) -> None:
    runs = parse_line(f"\x1b]8;;{url}\x1b\\label\x1b]8;;\x1b\\".encode()).runs
    assert [(run.text, run.link) for run in runs] == [("label", "")]


def test_only_the_start_of_a_huge_line_is_parsed() -> None:
    assert len(parse_line(b"x" * 1_000_000).plain) == SHOWN_BYTES
    assert parse_line(b"x" * 1_000_000 + b"\r\x1b[Klast").plain == "last"
