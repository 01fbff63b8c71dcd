"""JSON is laid out for people; everything else, and everything hostile, stays one harmless line."""

from hypothesis import given
from hypothesis import strategies as st

from widgets.ansi import SHOWN_BYTES
from widgets.pretty_json import key_spans, pretty


def test_members_get_rows_of_their_own_in_the_order_they_came() -> None:
    parsed = pretty(b'{"level":"info","b":[1,2.50],"a":{"c":null}}\r')
    assert parsed is not None
    assert parsed.plain.split("\n") == [
        "{", '  "level": "info",', '  "b": [', "    1,", "    2.50", "  ],", '  "a": {', '    "c": null', "  }", "}",
    ]  # fmt: skip
    assert [parsed.plain[start:end] for start, end in key_spans(parsed.plain)] == ['"level"', '"b"', '"a"', '"c"']


def test_what_is_no_json_stays_as_it_is() -> None:
    for raw in (b"plain", b"{", b"{}x", b"{not json}", b"[1, 2", b"", b"12", b'{"a":1} {"b":2}'):
        assert pretty(raw) is None


def test_what_is_too_long_or_too_deep_stays_as_it_is() -> None:
    assert pretty(b'{"a":"' + b"x" * SHOWN_BYTES + b'"}') is None
    assert pretty(b"[" * 4000 + b"]" * 4000) is None


def test_colours_around_json_are_no_hindrance_and_signs_that_reorder_text_are_dropped() -> None:
    parsed = pretty('\x1b[32m{"a": "x\u202ey"}\x1b[0m'.encode())
    assert parsed is not None
    assert parsed.plain == '{\n  "a": "xy"\n}'


@given(st.binary(max_size=200).map(lambda data: b"{" + data + b"}"))
def test_no_bytes_raise_or_leave_control_characters(raw: bytes) -> None:
    parsed = pretty(raw)
    if parsed is not None:
        assert all(row.isprintable() for row in parsed.plain.split("\n"))
