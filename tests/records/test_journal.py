import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.memory_limit import MemoryAction
from tui_runner.model.state import Failed, Failure, Pending, Ready, Running, TeardownStatus
from tui_runner.model.view import RunPhase
from tui_runner.records.journal import (
    Entry,
    Journal,
    MemoryExceeded,
    PhaseEntered,
    StateEntered,
    TeardownMoved,
    is_locked,
    read_journal,
)

ENTRIES: list[Entry] = [
    StateEntered(at=1.0, task="shop:api", state=Pending()),
    StateEntered(at=1.5, task="shop:api", state=Running(attempt=1, pid=4711)),
    StateEntered(at=2.0, task="shop:api", state=Ready(attempt=1, pid=4711)),
    PhaseEntered(at=3.0, run=RunPhase.STOPPING, cause="received SIGTERM"),
    MemoryExceeded(at=3.5, task="shop:api", memory=612, most=512, action=MemoryAction.RESTART),
    TeardownMoved(at=4.0, task="shop:api", teardown=TeardownStatus.FAILED, error="exit code 3"),
    StateEntered(
        at=5.0,
        task="ü\n",
        state=Failed(failure=Failure(code=ErrorCode.TASK_FAILED, message="[ü] ended\n", exit_code=1)),
    ),
]


def test_entries_come_back_in_order(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    for entry in ENTRIES:
        journal.append(entry)
    journal.close()
    assert list(read_journal(tmp_path / "events.jsonl")) == ENTRIES
    assert (tmp_path / "events.jsonl").stat().st_mode & 0o777 == 0o600
    assert journal.problem is None


def test_one_line_is_one_transition_with_the_documented_keys(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    journal.append(ENTRIES[1])
    journal.close()
    line = '{"at":1.5,"task":"shop:api","state":{"type":"running","attempt":1,"pid":4711}}\n'
    assert (tmp_path / "events.jsonl").read_text() == line


def test_nothing_is_written_before_a_flush(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    journal.append(ENTRIES[0])
    assert journal.pending
    assert (tmp_path / "events.jsonl").stat().st_size == 0
    journal.flush()
    assert not journal.pending
    assert list(read_journal(tmp_path / "events.jsonl")) == ENTRIES[:1]
    journal.close()


@given(st.integers(0, 2000))
def test_a_torn_last_line_is_ignored(kept: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        journal = Journal(path)
        for entry in ENTRIES:
            journal.append(entry)
        journal.close()
        whole = path.read_bytes()
        path.write_bytes(whole[:kept])
        read = list(read_journal(path))
        assert read == ENTRIES[: len(read)]
        assert len(read) >= whole[:kept].count(b"\n")


def test_a_full_disk_never_raises_and_the_rest_stays_readable(tmp_path: Path) -> None:
    """A limit on the file size stands for a full disk: a write is cut in the middle of a line, then refused."""
    program = f"""
import resource, signal
from pathlib import Path
from tui_runner.model.memory_limit import MemoryAction
from tui_runner.model.state import Pending
from tui_runner.records.journal import Journal, StateEntered
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path({str(tmp_path / "events.jsonl")!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
for number in range(40):
    journal.append(StateEntered(at=number, task="x", state=Pending()))
    journal.flush()
journal.flush()
assert journal.problem is not None and "cannot write" in journal.problem, journal.problem
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append(StateEntered(at=40, task="x", state=Pending()))
journal.close()
"""
    subprocess.run([sys.executable, "-c", program], check=True)
    times = [entry.at for entry in read_journal(tmp_path / "events.jsonl")]
    assert times == [float(number) for number in range(41)]


def test_a_living_journal_is_locked_and_a_crashed_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    program = f"""
import time
from pathlib import Path
from tui_runner.records.journal import Journal
journal = Journal(Path({str(path)!r}))
print("ready", flush=True)
time.sleep(600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n"
            assert is_locked(path)
        finally:
            child.kill()
    assert not is_locked(path)


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / "events.jsonl").symlink_to(victim)
    with pytest.raises(FileExistsError):
        Journal(tmp_path / "events.jsonl")
    assert victim.read_text() == "precious"


def test_entries_after_the_end_are_ignored(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "events.jsonl")
    journal.close()
    journal.append(ENTRIES[0])
    journal.flush()
    journal.close()
    assert (tmp_path / "events.jsonl").read_bytes() == b""
