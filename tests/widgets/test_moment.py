"""Times as people type them."""

import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.moment import moment

NOW = 1_700_000_000.0
"""22:13:20 in UTC."""


@pytest.fixture(autouse=True)
def in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC0")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("text", "before_now"),
    [
        ("22:13:20", 0.0),
        ("22:13", 20.0),
        ("22:12:20.5", 59.5),
        (" 9:13:20 ", 13 * 3600.0),
        ("22:13:21", 86_399.0),
        ("5m", 300.0),
        ("-90s", 90.0),
        ("1.5h ago", 5400.0),
        ("250ms", 0.25),
    ],
)
def test_a_time_of_day_is_the_latest_one_and_spans_count_back(text: str, before_now: float) -> None:
    assert moment(text, NOW) == pytest.approx(NOW - before_now)


@pytest.mark.parametrize(
    "text", ["", "noon", "24:00", "12:60", "12:00:61", "5", "5 parsecs", "12:00 ago", "\u0661\u0662:\u0660\u0660"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert moment(text, NOW) is None


@given(st.text(max_size=20))
def test_nothing_typed_raises(text: str) -> None:
    moment(text, NOW)
