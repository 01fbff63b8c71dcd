"""Journals of other times, other machines and other people: nobody is signalled who is not meant, nothing runs twice."""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from killed_run import story_of
from live_workspace import Workspace

from tui_runner.control.places import prepare
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.journal import FORMAT, boot_id, machine_id

pytestmark = pytest.mark.real

MARKER = "0123456789abcdef0123456789abcdef"
Line = dict[str, object]


class Left:
    """A workspace in which a journal can be left, and a process that has nothing to do with it."""

    def __init__(self, root: Path) -> None:
        self.workspace = Workspace(root).write('main = pipeline([task("quick", run="true")])')
        prepare(self.workspace.places)
        self.innocent = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        start = process_table.start_of(self.innocent.pid)
        assert start is not None
        self.start = start

    @property
    def journal(self) -> Path:
        return self.workspace.places.journal

    def task(self, name: str, *after: str, **more: object) -> Line:
        """Return the line of a task with a teardown that is due."""
        line: Line = {"is": "task", "id": name, "after": after, "stop_signal": 15, "stop_timeout": 10.0}
        line |= {"cwd": str(self.workspace.root), "env": {}, "stop": None, "log": None, "teardown_timeout": 10.0}
        line["teardown"] = ["/bin/sh", "sh", "-c", f"echo {name} >> story"]
        return line | more

    def leader(self, name: str, *, late: int = 0, kind: str = "leader") -> Line:
        """Return the line that says the innocent process is a task's, started so many ticks later than it was."""
        return {"is": kind, "id": name, "pid": self.innocent.pid, "start": self.start + late}

    def leave(self, *lines: Line, **run: object) -> None:
        """Leave a journal; `run` are changes to its first line."""
        first = {"is": "run", "format": FORMAT, "marker": MARKER, "boot": boot_id(), "machine": machine_id(), **run}
        text = "".join(json.dumps(line) + "\n" for line in (first, *lines))
        self.journal.write_text(text)
        self.journal.chmod(0o600)

    def clean(self) -> str:
        """Start something; return what is told."""
        return self.workspace.cli("run", "quick").err

    def is_unharmed(self) -> bool:
        return self.innocent.poll() is None


@pytest.fixture
def left(tmp_path: Path) -> Iterator[Left]:
    made = Left(tmp_path)
    yield made
    made.innocent.kill()
    made.innocent.wait()
    made.workspace.close()


def test_a_process_that_is_the_one_of_the_journal_is_ended(left: Left) -> None:
    left.leave(left.task("a"), left.leader("a"))
    assert "1 process, of `a`, still ran" in left.clean()
    assert left.innocent.wait() == -15
    assert story_of(left.workspace) == ["a"]


@pytest.mark.parametrize("late", [-1, 1, -100_000])
def test_a_process_that_has_got_the_pid_of_a_task_later_is_never_signalled(left: Left, late: int) -> None:
    left.leave(
        left.task("a"),
        left.leader("a", late=late),
        left.task("b"),
        {"is": "teardown", "id": "b"},
        left.leader("b", late=late, kind="teardown-leader"),
        {"is": "orphan", "pid": left.innocent.pid, "start": left.start + late},
    )
    told = left.clean()
    assert "still ran" not in told
    assert "the teardown of `b` had begun when the run was killed" in told
    assert left.is_unharmed()
    assert story_of(left.workspace) == ["a"], "only the one that had not begun"


def test_after_a_restart_of_the_machine_only_teardowns_run(left: Left) -> None:
    left.leave(left.task("a"), left.leader("a"), left.task("b", "a"), boot="another one")
    told = left.clean()
    assert "the machine, or its container, was restarted during the run before" in told
    assert "the teardowns of `b`, `a` were due and have run now" in told
    assert left.is_unharmed()
    assert story_of(left.workspace) == ["b", "a"]


def test_what_another_machine_has_left_is_told_and_left_alone(left: Left) -> None:
    left.leave(left.task("a"), left.leader("a"), boot="another one", machine="another one")
    assert "the run before was on another machine and did not end in order; the teardown of `a` was due" in left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == []
    assert "note:" not in left.clean()


def test_tasks_that_were_closed_are_left_alone_and_teardowns_that_have_run_do_not_run_again(left: Left) -> None:
    left.leave(
        left.task("a"),
        left.leader("a"),
        {"is": "closed", "id": "a"},
        left.task("b"),
        {"is": "teardown", "id": "b"},
        {"is": "torn-down", "id": "b", "code": 0, "message": None},
    )
    assert "note:" not in left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == []


def test_a_last_line_that_was_not_finished_does_not_count_and_all_before_does(left: Left) -> None:
    left.leave(left.task("a"), left.leader("a"))
    left.journal.write_bytes(left.journal.read_bytes()[:-2])
    assert "the teardown of `a` was due and has run now" in left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == ["a"]


def test_a_teardown_whose_directory_is_gone_is_told(left: Left) -> None:
    left.leave(left.task("a", cwd="/no/such/place"), left.task("b", log="/no/such/place/b.log"))
    told = left.clean()
    assert "the teardown of `a` was due; it failed: its directory /no/such/place cannot be entered" in told
    assert story_of(left.workspace) == ["b"]


def lines_for(left: Left) -> list[Line]:
    return [left.task("a"), left.leader("a")]


BROKEN: dict[str, Callable[[Left], object]] = {
    "another format": lambda left: left.leave(*lines_for(left), format=2),
    "no marker": lambda left: left.leave(*lines_for(left), marker="a b"),
    "two runs": lambda left: left.leave(
        *lines_for(left), {"is": "run", "format": 1, "marker": MARKER[::-1], "boot": ""}
    ),
    "a pid of init": lambda left: left.leave({"is": "orphan", "pid": 1, "start": 0}, *lines_for(left)),
    "a negative pid": lambda left: left.leave({"is": "orphan", "pid": -1, "start": 0}, *lines_for(left)),
    "no number": lambda left: left.leave(left.task("a", stop_timeout=float("nan")), left.leader("a")),
    "endless": lambda left: left.leave(left.task("a", teardown_timeout=float("inf")), left.leader("a")),
    "no signal": lambda left: left.leave(left.task("a", stop_signal=0), left.leader("a")),
    "empty command": lambda left: left.leave(left.task("a", teardown=[]), left.leader("a")),
    "deep": lambda left: left.journal.write_text("[" * 200_000),
    "bytes": lambda left: left.journal.write_bytes(b"\xff\0" * 5000),
    "empty": lambda left: left.journal.touch(),
    "a pipe": lambda left: os.mkfifo(left.journal),
    "a directory": lambda left: left.journal.mkdir(),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_journal_does_nothing(left: Left, kind: str) -> None:
    BROKEN[kind](left)
    if left.journal.is_file():
        left.journal.chmod(0o600)
    assert "note:" not in left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == []
    assert not left.journal.is_file()
    left.clean()


def test_a_journal_that_others_can_read_is_not_believed(left: Left) -> None:
    left.leave(*lines_for(left))
    left.journal.chmod(0o644)
    left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == []


@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_in_the_place_of_the_journal_is_not_followed(
    left: Left, link: Callable[[Path, Path], None], tmp_path: Path
) -> None:
    left.leave(*lines_for(left))
    elsewhere = left.journal.rename(tmp_path / "elsewhere")
    before = elsewhere.read_bytes()
    link(elsewhere, left.journal)
    left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == []
    assert elsewhere.read_bytes() == before
    assert not left.journal.is_symlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_journal_of_another_user_is_not_believed(left: Left) -> None:
    left.leave(*lines_for(left))
    os.chown(left.journal, 12345, 12345)
    left.clean()
    assert left.is_unharmed()
    assert story_of(left.workspace) == []


def test_a_command_of_the_killed_run_itself_does_not_end_what_it_belongs_to(left: Left) -> None:
    left.leave(*lines_for(left))
    done = left.workspace.cli("run", "quick", env={"TUI_RUNNER_RUN": MARKER})
    assert "note:" not in done.err
    assert left.is_unharmed()
    assert "the teardown of `a` was due and has run now" in left.clean(), "the journal was kept"
    assert story_of(left.workspace) == ["a"]
