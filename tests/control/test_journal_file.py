"""What a guardian writes into its journal is what the next one reads, wherever it was cut off."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_runner.control.journal_file import Leftovers, claim_journal, read_journal
from tui_runner.process.guardian.journal import Journal
from tui_runner.process.guardian_client import ProcessId

MARKER = "0123456789abcdef0123456789abcdef"
SPAWN = {
    "after": ["db"],
    "stop_signal": 15,
    "stop_timeout": 1.5,
    "cwd": "/app",
    "env": {"A": 'ü\n"', "GONE": None, "RAW": "\udcff"},
    "stop": None,
    "teardown": ["/bin/sh", "sh", "-c", "true"],
    "teardown_timeout": 2.0,
    "log": "/app/a.log",
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def journal(path: Path) -> Iterator[Journal]:
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
    made = Journal(MARKER)
    made.open(descriptor, {"BASE": "1"})
    yield made
    os.close(descriptor)


def read(path: Path) -> Leftovers | None:
    descriptor = claim_journal(path)
    try:
        return read_journal(descriptor)
    finally:
        os.close(descriptor)


def states(left: Leftovers | None) -> dict[str, str]:
    return {} if left is None else {task.id: task.teardown_state for task in left.tasks}


def write_a_life(journal: Journal) -> None:
    journal.hiding((b"s3cret", b"\xff\xfe"))
    journal.spawning({"id": "a", **SPAWN})
    journal.spawned("a", 100, 7)
    journal.orphan(200, 8)
    journal.spawning({"id": "plain", **SPAWN, "teardown": None})
    journal.spawned("plain", 101, 9)
    journal.closed("plain")
    journal.tearing_down("a")
    journal.teardown_runs("a", 102, 10)


def test_everything_that_is_needed_to_go_on_comes_back(journal: Journal, path: Path) -> None:
    write_a_life(journal)
    left = read(path)
    assert left is not None
    assert (left.marker, left.environment, left.hidden) == (MARKER, {"BASE": "1"}, (b"s3cret", b"\xff\xfe"))
    assert left.orphans == (ProcessId(pid=200, start=8),)
    [task] = left.tasks
    assert (task.id, task.after, task.cwd, task.log) == ("a", ("db",), "/app", "/app/a.log")
    assert task.env == SPAWN["env"]
    assert task.teardown == ("/bin/sh", "sh", "-c", "true")
    assert (task.stop_signal, task.stop_timeout, task.teardown_timeout) == (15, 1.5, 2.0)
    assert task.leader == ProcessId(pid=100, start=7)
    assert (task.teardown_state, task.teardown_leader) == ("running", ProcessId(pid=102, start=10))


def test_a_journal_that_was_cut_off_anywhere_tells_what_was_true_before(journal: Journal, path: Path) -> None:
    write_a_life(journal)
    whole = path.read_bytes()
    seen: list[dict[str, str]] = []
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        now = states(read(path))
        if not seen or seen[-1] != now:
            seen.append(now)
    assert seen == [
        {},
        {"a": "due"},
        {"a": "due", "plain": "none"},
        {"a": "due"},
        {"a": "running"},
    ]


def test_a_task_without_teardown_costs_one_line_and_no_environment(journal: Journal, path: Path) -> None:
    before = path.read_bytes()
    journal.spawning({"id": "plain", **SPAWN, "teardown": None})
    assert path.read_bytes() == before, "written together with its leader"
    journal.spawned("plain", 101, 9)
    assert b"BASE" not in path.read_bytes()
    assert states(read(path)) == {"plain": "none"}


def test_restarts_do_not_describe_a_task_again(journal: Journal, path: Path) -> None:
    for start in range(3):
        journal.spawning({"id": "a", **SPAWN})
        journal.spawned("a", 100, start)
    assert path.read_bytes().count(b'"is":"task"') == 1
    left = read(path)
    assert left is not None
    assert left.tasks[0].leader == ProcessId(pid=100, start=2)


def test_a_journal_that_cannot_be_written_any_more_is_given_up() -> None:
    """Half of the truth would make teardowns run twice."""
    full = os.open("/dev/full", os.O_WRONLY)
    made = Journal(MARKER)
    made.open(full, {})
    assert not made.is_open
    os.close(full)


def test_a_journal_is_claimed_once(journal: Journal, path: Path) -> None:
    journal.spawning({"id": "a", **SPAWN})
    descriptor = claim_journal(path)
    with pytest.raises(BlockingIOError):
        claim_journal(path)
    os.close(descriptor)
    os.close(claim_journal(path))
