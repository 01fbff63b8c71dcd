"""Looking at files together with another process: what it says, and what happens when it says nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tui_runner.caching.stat_partner import StatPartner
from tui_runner.caching.stat_record import RECORD_BYTES, records_below

pytestmark = pytest.mark.real

_COUNT = 500


@pytest.fixture
def names(tmp_path: Path) -> list[bytes]:
    """Names of files that differ in what `stat` says of them."""
    names = [b"f%03d" % number for number in range(_COUNT)]
    for number, name in enumerate(names):
        (tmp_path / os.fsdecode(name)).write_bytes(b"x" * number)
    return names


@pytest.fixture
def partner(tmp_path: Path, names: list[bytes]) -> Iterator[StatPartner]:
    """One whose process is up."""
    partner = StatPartner(enough=0)
    while not partner.is_up:
        partner.records_below(os.fsencode(tmp_path), names)
    yield partner
    partner.close()


def test_all_files_are_told_of_in_order(partner: StatPartner, tmp_path: Path, names: list[bytes]) -> None:
    directory = os.fsencode(tmp_path)
    for some in (names, names[:1], names[::-1], names * 11, [*names, os.fsencode(sys.executable)], []):
        assert partner.records_below(directory, some) == records_below(directory, some)
    assert partner.is_up


@pytest.mark.parametrize("gone", [0, _COUNT - 1])
def test_a_file_that_is_gone_is_named_and_the_next_answer_is_the_right_one(
    partner: StatPartner, tmp_path: Path, names: list[bytes], gone: int
) -> None:
    directory = os.fsencode(tmp_path)
    (tmp_path / os.fsdecode(names[gone])).unlink()
    with pytest.raises(FileNotFoundError) as caught:
        partner.records_below(directory, names)
    assert caught.value.filename == names[gone]
    del names[gone]
    assert partner.records_below(directory, names) == records_below(directory, names)
    assert partner.is_up


def test_when_it_dies_the_work_is_done_without_it(partner: StatPartner, tmp_path: Path, names: list[bytes]) -> None:
    killed = partner.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    directory = os.fsencode(tmp_path)
    assert partner.records_below(directory, names) == records_below(directory, names)
    assert not partner.is_up
    assert not psutil.pid_exists(killed)


def test_what_it_is_asked_ahead_is_told_of_in_any_order(
    partner: StatPartner, tmp_path: Path, names: list[bytes]
) -> None:
    directory = os.fsencode(tmp_path)
    sets = [names, names[::-1], names[100:400], names[::2]]
    asked = [partner.look_ahead(directory, some) for some in sets]
    assert partner.records_below(directory, names[50:]) == records_below(directory, names[50:])
    for some, take in reversed(list(zip(sets, asked, strict=True))):
        assert take is not None
        assert take() == records_below(directory, some)
    assert partner.is_up


def test_what_was_asked_ahead_and_not_taken_does_not_disturb(
    partner: StatPartner, tmp_path: Path, names: list[bytes]
) -> None:
    directory = os.fsencode(tmp_path)
    assert partner.look_ahead(directory, names[::-1]) is not None
    take = partner.look_ahead(directory, names)
    assert take is not None
    assert take() == records_below(directory, names)
    for _ in range(3 * 3000 // _COUNT):
        partner.look_ahead(directory, names)  # it is full some time, and answers all the same
    assert partner.records_below(directory, names) == records_below(directory, names)
    assert partner.is_up


@pytest.mark.parametrize("gone", [0, _COUNT - 1])
def test_a_file_that_goes_when_it_was_asked_for_ahead_is_named(
    partner: StatPartner, tmp_path: Path, names: list[bytes], gone: int
) -> None:
    directory = os.fsencode(tmp_path)
    (tmp_path / os.fsdecode(names[gone])).unlink()
    take = partner.look_ahead(directory, names)
    assert take is not None
    with pytest.raises(FileNotFoundError) as caught:
        take()
    assert caught.value.filename == names[gone]


def test_when_it_dies_what_was_asked_ahead_is_done_without_it(
    partner: StatPartner, tmp_path: Path, names: list[bytes]
) -> None:
    directory = os.fsencode(tmp_path)
    assert partner.pid is not None
    os.kill(partner.pid, signal.SIGSTOP)
    taken = [partner.look_ahead(directory, some) for some in (names, names[::-1])]
    os.kill(partner.pid, signal.SIGKILL)
    for some, take in zip((names, names[::-1]), taken, strict=True):
        assert take is not None
        assert take() == records_below(directory, some)
    assert partner.look_ahead(directory, names) is None


def test_few_files_very_many_and_long_names_are_not_asked_for_ahead(
    partner: StatPartner, tmp_path: Path, names: list[bytes]
) -> None:
    directory = os.fsencode(tmp_path)
    assert partner.look_ahead(directory, names[:10]) is None
    assert partner.look_ahead(directory, names * 7) is None
    assert partner.look_ahead(directory, [b"./" * 100 + name for name in names]) is None
    assert partner.records_below(directory, names) == records_below(directory, names)


def test_nothing_is_left_of_it_and_it_may_come_again(partner: StatPartner, tmp_path: Path, names: list[bytes]) -> None:
    first = partner.pid
    partner.close()
    partner.close()
    assert first is not None
    assert not psutil.pid_exists(first)
    partner.records_below(os.fsencode(tmp_path), names)
    assert partner.pid is not None


def test_few_files_are_looked_at_alone(tmp_path: Path, names: list[bytes]) -> None:
    partner = StatPartner(enough=_COUNT + 1)
    assert len(partner.records_below(os.fsencode(tmp_path), names)) == _COUNT * RECORD_BYTES
    assert partner.pid is None


@pytest.mark.skipif(sys.platform != "linux", reason="processors are given to processes on Linux only")
def test_a_single_processor_is_not_shared(tmp_path: Path, names: list[bytes]) -> None:
    processors = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(processors)})
    try:
        partner = StatPartner()
    finally:
        os.sched_setaffinity(0, processors)
    for _ in range(20):
        partner.records_below(os.fsencode(tmp_path), names)
    assert partner.pid is None


def test_it_goes_when_whoever_started_it_is_killed(tmp_path: Path, names: list[bytes]) -> None:
    program = (
        "import os, sys, time\n"
        "from tui_runner.caching.stat_partner import StatPartner\n"
        "partner = StatPartner(enough=0)\n"
        f"partner.records_below(os.fsencode(sys.argv[1]), {names!r})\n"
        "print(partner.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE) as owner:
        assert owner.stdout is not None
        process = psutil.Process(int(owner.stdout.readline()))
        owner.kill()
        owner.wait()
    psutil.wait_procs([process], timeout=30)
    assert not process.is_running()
