"""Times in front of lines are as wide as they say, and right."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.stamp import StampMode, clock_text, stamp


@pytest.fixture
def in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "CET-1")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_berlin")
def test_clock_times_are_local() -> None:
    assert stamp(StampMode.ABSOLUTE, 1_700_000_000.25, 0.0) == "23:13:20.250"
    assert clock_text(1_700_000_000.25) == "23:13:20"


@pytest.mark.parametrize(
    ("mode", "seconds", "text"),
    [
        (StampMode.RELATIVE, 1.5, "     +0:01.500"[-12:]),
        (StampMode.RELATIVE, 3723.004, "+1:02:03.004"),
        (StampMode.RELATIVE, -0.5, "   -0:00.500"),
        (StampMode.DELTA, 0.012, " +0.012 s"),
        (StampMode.DELTA, 99.5, "+99.500 s"),
        (StampMode.DELTA, 125.0, "   +2m05s"),
        (StampMode.DELTA, 7260.0, "   +2h01m"),
        (StampMode.NONE, 5.0, ""),
    ],
)
def test_spans_are_told_in_fixed_width(mode: StampMode, seconds: float, text: str) -> None:
    assert stamp(mode, 1000.0 + seconds, 1000.0) == text


@given(st.sampled_from(list(StampMode)), st.floats(0, 4e9), st.floats(0, 4e9))
def test_any_stamp_is_as_wide_as_its_mode_says(mode: StampMode, at: float, since: float) -> None:
    assert len(stamp(mode, at, since)) == mode.cells


def test_a_person_cycles_through_all_modes() -> None:
    mode, seen = StampMode.NONE, []
    for _ in StampMode:
        mode = mode.next
        seen.append(mode)
    assert seen == [StampMode.ABSOLUTE, StampMode.RELATIVE, StampMode.DELTA, StampMode.NONE]
