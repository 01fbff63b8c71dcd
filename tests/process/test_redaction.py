"""Secrets never come through, in whatever pieces output arrives; all else does, unchanged."""

from hypothesis import given
from hypothesis import strategies as st

from tui_runner.process.redaction import RedactedStream, Redaction, spellings

_SECRETS = st.lists(st.text(alphabet="abX", min_size=4, max_size=9), min_size=1, max_size=3)
_WORDS = st.lists(st.text(alphabet="abXc ", max_size=12), max_size=8)


def _through(redaction: Redaction, pieces: list[bytes]) -> bytes:
    stream = RedactedStream(redaction)
    return b"".join(stream.feed(piece) for piece in pieces) + stream.flush()


@given(secrets=_SECRETS, words=_WORDS, data=st.data())
def test_no_secret_comes_through_however_the_output_is_cut(
    secrets: list[str], words: list[str], data: st.DataObject
) -> None:
    text = "".join(word + data.draw(st.sampled_from(["", *secrets])) for word in words).encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    shown = _through(Redaction(spellings(secrets)), pieces)

    assert not any(secret.encode() in shown for secret in secrets)


@given(text=st.binary(max_size=200), size=st.integers(1, 50))
def test_output_without_secrets_comes_through_unchanged(text: bytes, size: int) -> None:
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    redaction = Redaction(spellings(["no-such-text-in-it!"]))
    assert _through(redaction, pieces) == text.replace(b"no-such-text-in-it!", b"***")


def test_a_secret_cut_in_the_middle_is_hidden_and_nothing_else_waits() -> None:
    stream = RedactedStream(Redaction(spellings(["hunter2secret"])))
    assert stream.feed(b"password: hunt") == b"password: "
    assert stream.holds
    assert stream.feed(b"er2secret ok\n") == b"*** ok\n"
    assert not stream.holds


def test_a_secret_that_begins_with_another_one_is_hidden_whole() -> None:
    stream = RedactedStream(Redaction(spellings(["abcd", "abcd-efgh"])))
    assert stream.feed(b"see abcd") == b"see "
    assert stream.feed(b"-efgh") == b"***"
    assert stream.feed(b"see abcd") == b"see "
    assert stream.feed(b" ") == b"*** "


def test_a_secret_whose_end_could_begin_another_one_is_hidden_at_once() -> None:
    stream = RedactedStream(Redaction(spellings(["key-XY", "XYZ-key"])))
    assert stream.feed(b"a key-XY") == b"a ***"
    assert stream.feed(b"Z-key b") == b"Z-key b"


def test_a_beginning_that_was_none_is_shown_after_all() -> None:
    stream = RedactedStream(Redaction(spellings(["hunter2secret"])))
    assert stream.feed(b"the hunt") == b"the "
    assert stream.feed(b" is on\n") == b"hunt is on\n"
    assert stream.feed(b"hun") == b""
    assert stream.flush() == b"hun"


def test_other_spellings_of_a_secret_are_hidden_too() -> None:
    redaction = Redaction(spellings(['p@ss "word"', "line one is long\nline two is longer"]))
    shown = redaction.clean(
        b'url p%40ss%20%22word%22 form p%40ss+%22word%22 json "p@ss \\"word\\"" crlf line one is long\r\nline two is longer; '
        b"alone: line two is longer"
    )
    assert shown == b'url *** form *** json "***" crlf ***; alone: ***'


def test_without_secrets_there_is_nothing_to_do() -> None:
    redaction = Redaction(spellings([""]))
    assert not redaction
    assert redaction.text("as it is") == "as it is"
    assert redaction.text("with a lone byte \udcff") == "with a lone byte \udcff"


def test_secrets_that_could_overlap_are_taken_from_the_left() -> None:
    stream = RedactedStream(Redaction(spellings(["XXXX"])))
    assert stream.feed(b"XXXXX") + stream.feed(b"XXX") + stream.flush() == b"******"
