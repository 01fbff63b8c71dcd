import os
from pathlib import Path

import pytest
from file_time import let_time_pass

from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.stat_record import UNKNOWN, record_of

SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND + 500_000_000
OURS, FOREIGN = 7, 8


def touched(mtime_ns: int, ctime_ns: int, device: int = OURS) -> os.stat_result:
    """Return what `stat` would say of a file."""
    times = {"st_mtime_ns": mtime_ns, "st_ctime_ns": ctime_ns}
    return os.stat_result((0o100644, 1, device, 1, 0, 0, 5, 0, mtime_ns // SECOND, ctime_ns // SECOND), times)


@pytest.mark.parametrize(
    ("mtime_age_s", "ctime_age_s", "settled"),
    [
        (1, 1, True),
        (0.03, 0.03, True),
        (0.01, 0.01, False),
        (0, 0, False),
        (1000, 0.01, False),  # its time was put back just now
        (0.01, 1000, False),
        (-1000, 1000, False),
    ],
)
def test_a_file_is_settled_when_it_was_touched_clearly_before(
    mtime_age_s: float, ctime_age_s: float, *, settled: bool
) -> None:
    clock = FileClock(now_ns=NOW, device=OURS)
    found = touched(NOW - int(mtime_age_s * SECOND) - 1, NOW - int(ctime_age_s * SECOND) - 1)
    assert clock.is_settled(found) is settled
    assert (clock.record(found) != UNKNOWN) is settled


def test_where_whole_seconds_are_kept_it_takes_two_of_them() -> None:
    clock = FileClock(now_ns=NOW, device=OURS)
    second = NOW - NOW % SECOND
    assert not clock.is_settled(touched(second - SECOND, second - SECOND))
    assert clock.is_settled(touched(second - 2 * SECOND, second - 2 * SECOND))
    # A time that was set to a whole second says nothing about the file system.
    assert clock.is_settled(touched(second, NOW - SECOND))


def test_the_clock_of_another_file_system_may_be_two_minutes_off() -> None:
    clock = FileClock(now_ns=NOW, device=OURS)
    for device in (OURS, FOREIGN):
        assert clock.is_settled(touched(NOW - 119 * SECOND, NOW - 119 * SECOND, device)) is (device == OURS)
        assert clock.is_settled(touched(NOW - 121 * SECOND, NOW - 121 * SECOND, device))
    assert not FileClock(now_ns=NOW, device=None).is_settled(touched(NOW - SECOND, NOW - SECOND))


def test_the_clock_is_that_of_the_file_system(tmp_path: Path) -> None:
    (tmp_path / "before").touch()
    let_time_pass(tmp_path)
    clock = FileClock.read(tmp_path)
    (tmp_path / "after").touch()
    assert clock.device == tmp_path.stat().st_dev
    assert clock.is_settled((tmp_path / "before").stat())
    assert not clock.is_settled((tmp_path / "after").stat())


def test_without_a_directory_of_ours_the_clock_of_the_machine_is_taken(tmp_path: Path) -> None:
    (tmp_path / "before").touch()
    for clock in (FileClock.read(None), FileClock.read(tmp_path / "gone")):
        assert clock.device is None
        assert clock.now_ns >= (tmp_path / "before").stat().st_mtime_ns
        assert not clock.is_settled((tmp_path / "before").stat())


def test_a_record_tells_files_apart_by_all_that_stat_says_but_the_last_access() -> None:
    numbers = [0o100644, 1, OURS, 1, 0, 0, 5, 0, 0, 0]
    times = {"st_mtime_ns": NOW, "st_ctime_ns": NOW}
    records = {
        record_of(os.stat_result(numbers, times)),
        *(record_of(os.stat_result(numbers, times | {name: NOW + 1})) for name in times),
        *(
            record_of(os.stat_result([*numbers[:index], number, *numbers[index + 1 :]], times))
            for index, number in [(0, 0o100755), (1, 2), (2, FOREIGN), (6, 6)]
        ),
    }
    assert len(records) == 7
    assert record_of(os.stat_result(numbers, times | {"st_atime_ns": NOW})) in records


def test_numbers_that_do_not_fit_still_make_a_record() -> None:
    records = {record_of(touched(mtime_ns, NOW)) for mtime_ns in (NOW, -(1 << 70), (1 << 70) + 1)}
    assert len(records) == 3
