import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.output import Stream
from tui_runner.model.probe import LogPattern, LogPredicate, LogSubstring, log_line
from tui_runner.probes.matcher import MATCHED, NOT_YET, TAIL_BYTES, LogMatcher, LogProbe


def matches(probe: LogProbe, *chunks: bytes, stream: Stream = Stream.STDOUT) -> bool:
    matcher = LogMatcher(probe)
    return any(matcher.feed(stream, chunk).matched for chunk in chunks)


def cut(raw: bytes, cuts: list[int]) -> list[bytes]:
    edges = sorted({0, len(raw), *(place for place in cuts if place < len(raw))})
    return [raw[start:end] for start, end in pairwise(edges)]


VITE = b"  VITE v5  \x1b[32mready\x1b[39m in \x1b[1m432\x1b[22m ms\n\n  \xe2\x9e\x9c  Local:   http://localhost:5173/\n"


@pytest.mark.parametrize(
    ("probe", "raw", "expected"),
    [
        (LogSubstring(text="ready in 432 ms"), VITE, True),
        (log_line(re.compile(r"ready in \d+ ms")), VITE, True),
        (log_line(re.compile(r"^  VITE .*ms$")), VITE, True),
        (LogSubstring(text="➜  Local"), VITE, True),
        (log_line(re.compile("➜")), VITE, True),
        (log_line(re.compile("READY", re.IGNORECASE)), VITE, True),
        (LogSubstring(text="> prompt: "), b"noise\n> prompt: ", True),
        (log_line(re.compile("> prompt")), b"noise\n> prompt: ", True),
        (log_line(re.compile(r"ready in \d")), b"\x1b]0;title ready in 5 ms\x07 nothing\n", False),
        (LogSubstring(text="title"), b"\x1b]0;title\x1b\\ nothing\n", False),
        (log_line(re.compile("^done")), b"10%\r20%\rdone listening on :80", True),
        (log_line(re.compile("^done")), b"not done\n", False),
        (log_line(re.compile("a.*b")), b"a\nb\n", False),
        (log_line(re.compile("ready$")), b"ready to fail\n", False),
        (log_line(re.compile("ready$")), b"ready\r\n", True),
        (log_line(re.compile(r"\bready\b")), b"readiness ready-made\n", True),
        (log_line(re.compile(r"\bready\b")), b"already unready readyness\n", False),
        (log_line(re.compile(r"ready(?! to fail)")), b"ready to fail\n", False),
        (LogSubstring(text="\x1b[32mready"), VITE, True),
        (LogSubstring(text="ready\n"), b"ready\r\n", True),
        (LogSubstring(text="ready\n"), b"ready to fail\r\n", False),
    ],
)
@given(cuts=st.lists(st.integers(0, 120), max_size=10))
def test_any_chunking_gives_the_answer_of_the_whole_text(
    probe: LogProbe, raw: bytes, expected: bool, cuts: list[int]
) -> None:
    assert matches(probe, *cut(raw, cuts)) is expected
    assert matches(probe, *[bytes([byte]) for byte in raw]) is expected


TEXT = st.lists(
    st.sampled_from(["re", "ready", "y", " ", "\n", "\r\n", "\r", "\x1b[1m", "\x1b]2;ready\x07", "ä", "➜", "x" * 50]),
    max_size=30,
).map(lambda parts: "".join(parts).encode())


@given(TEXT, st.lists(st.integers(0, 400), max_size=20), st.sampled_from(["ready", "ä➜", "y re", "x" * 70]))
def test_a_substring_is_found_in_chunks_exactly_when_it_is_in_the_whole(raw: bytes, cuts: list[int], text: str) -> None:
    probe = LogSubstring(text=text)
    assert matches(probe, *cut(raw, cuts)) is matches(probe, raw)


@given(
    TEXT, st.lists(st.integers(0, 400), max_size=20), st.sampled_from([r"^re", r"ready$", r"y\s+r", r"ä.?➜", r"\by\b"])
)
def test_a_pattern_is_found_in_chunks_exactly_when_it_is_in_the_whole(
    raw: bytes, cuts: list[int], pattern: str
) -> None:
    probe = LogPattern(pattern=pattern)
    assert matches(probe, *cut(raw, cuts), b"\n") is matches(probe, raw, b"\n")


@given(TEXT, st.lists(st.integers(0, 400), max_size=20))
def test_a_predicate_sees_every_finished_line_once_and_a_partial_line_at_most_once_per_read(
    raw: bytes, cuts: list[int]
) -> None:
    def finished_lines(chunks: list[bytes]) -> list[str]:
        calls: list[str] = []
        matcher = LogMatcher(LogPredicate(predicate=calls.append))
        finished: list[str] = []
        for chunk in chunks:
            before = len(calls)
            matcher.feed(Stream.STDOUT, chunk)
            new = calls[before:]
            # Whatever the last call is, a partial line can only be the last one.
            finished += new
        return finished

    whole = finished_lines([raw + b"\n"])
    pieces = [*cut(raw, cuts), b"\n"]
    seen = finished_lines(pieces)
    expected = iter(seen)
    assert all(line in expected for line in whole), "each finished line is seen, in order"
    assert len(seen) <= len(whole) + len(pieces)


def test_streams_are_not_mixed_and_both_are_looked_at() -> None:
    probe = LogSubstring(text="ready")
    matcher = LogMatcher(probe)
    assert matcher.feed(Stream.STDOUT, b"rea") is NOT_YET
    assert matcher.feed(Stream.STDERR, b"dy\n") is NOT_YET
    assert matcher.feed(Stream.STDOUT, b"dy\n").matched
    assert matches(probe, b"ready", stream=Stream.STDERR)


def test_our_own_notes_and_teardown_output_never_make_a_task_ready() -> None:
    assert not matches(LogSubstring(text="ready"), b"ready\n", stream=Stream.NOTE)
    assert not matches(LogSubstring(text="ready"), b"ready\n", stream=Stream.TEARDOWN)


def test_a_predicate_that_raises_is_an_error_with_the_last_line_of_its_traceback() -> None:
    def is_up(line: str) -> bool:
        return line.index("x") > 0

    matcher = LogMatcher(LogPredicate(predicate=is_up))
    verdict = matcher.feed(Stream.STDOUT, b"hello\n")
    assert not verdict.matched
    assert verdict.error is not None
    assert "`is_up` raised ValueError: substring not found" in verdict.error
    assert __file__ in verdict.error
    assert matcher.feed(Stream.STDOUT, b"x\n").error == verdict.error


def test_a_predicate_that_exits_does_not_end_the_run() -> None:
    def is_up(_line: str) -> bool:
        raise SystemExit(3)

    verdict = LogMatcher(LogPredicate(predicate=is_up)).feed(Stream.STDOUT, b"hello\n")
    assert verdict.error is not None
    assert "SystemExit: 3" in verdict.error


def test_an_asynchronous_predicate_is_an_error_that_says_so() -> None:
    async def is_up(_line: str) -> bool:
        return True

    verdict = LogMatcher(LogPredicate(predicate=is_up)).feed(Stream.STDOUT, b"hello\n")
    assert not verdict.matched
    assert verdict.error is not None
    assert "plain function" in verdict.error


def test_a_slow_predicate_is_warned_about_once() -> None:
    now = 0.0

    def is_up(_line: str) -> bool:
        nonlocal now
        now += 0.06
        return False

    matcher = LogMatcher(LogPredicate(predicate=is_up), clock=lambda: now)
    first = matcher.feed(Stream.STDOUT, b"one\ntwo\nthree")
    assert first.warning is not None
    assert "took 60 ms" in first.warning
    assert matcher.feed(Stream.STDERR, b"four\n").warning is None


def test_after_a_match_nothing_is_looked_at_any_more() -> None:
    calls: list[str] = []

    def is_up(line: str) -> bool:
        calls.append(line)
        return "ready" in line

    matcher = LogMatcher(LogPredicate(predicate=is_up))
    assert matcher.feed(Stream.STDOUT, b"ready\nmore\n") == MATCHED
    assert matcher.feed(Stream.STDOUT, b"still more\n") == MATCHED
    assert calls == ["ready"]


def test_a_line_without_end_keeps_a_bounded_tail_and_its_middle_is_no_line_start() -> None:
    matcher = LogMatcher(log_line(re.compile("^x+ready")))
    assert not matcher.feed(Stream.STDOUT, b"y").matched
    for _ in range(50):
        assert not matcher.feed(Stream.STDOUT, b"x" * 4096).matched
    assert not matcher.feed(Stream.STDOUT, b"ready\n").matched
    assert matcher.feed(Stream.STDOUT, b"xready").matched


def test_text_is_found_in_a_line_of_megabytes() -> None:
    assert matches(log_line(re.compile("ready")), *[b"x" * 4096] * 500, b"rea", b"dy")
    assert matches(LogSubstring(text="ready"), *[b"x" * 4096] * 500, b"rea", b"dy")
    assert TAIL_BYTES == 8192


def test_bytes_that_are_no_text_do_no_harm() -> None:
    garbage = bytes(range(256)) * 4
    assert not matches(log_line(re.compile("ready")), garbage, b"\n", garbage)
    assert matches(log_line(re.compile("ready")), garbage, b"\nready")
