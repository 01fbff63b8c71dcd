"""What saved files do to running tasks, with real files and real processes."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from live_system import System
from rig import DEADLINE_S, python

from tui_runner.model.cache import cache
from tui_runner.model.command import Command, command
from tui_runner.model.policy import watch
from tui_runner.model.state import Ready
from tui_runner.model.task import Task, task
from tui_runner.model.view import FileWatch
from tui_runner.watching.loop_guard import MOST_SOON

pytestmark = pytest.mark.real

HANDLES_HUP = python("""
import signal, sys
def reload(*_):
    print("reloaded", open("src/a.conf").read(), flush=True)
signal.signal(signal.SIGHUP, reload)
print("ready", flush=True)
while True:
    signal.pause()
""")


def lay(root: Path, **files: str) -> None:
    """Write files below `src`; two underscores in a name stand for a dot."""
    (root / "src").mkdir(exist_ok=True)
    for name, text in files.items():
        (root / "src" / name.replace("__", ".")).write_text(text)


def serves(**options: object) -> Command:
    """A service that says how often it was started."""
    return command("echo x >> starts; echo ready; exec sleep 1000", ready_when="ready", **options)  # type: ignore[arg-type]  # passed on


def starts(system: System) -> int:
    path = system.directory / "starts"
    return len(path.read_text().splitlines()) if path.exists() else 0


def has_restarted(system: System, attempt: int, reason: str, word: str = "ready") -> Callable[[], bool]:
    """Return what tells whether the task is up in this attempt, for this reason."""

    def condition() -> bool:
        view = system.supervisor.view("t")
        return view.attempt == attempt and view.restart_reason == f"changed: {reason}" and system.word("t") == word

    return condition


async def files_are_newer(system: System) -> None:
    """Wait until what happens to files is later than now for the file system too, whose clock is some milliseconds behind."""
    now_ns = time.time_ns()

    def condition() -> bool:
        clock = system.directory / "clock"
        clock.write_text("")
        return clock.stat().st_ctime_ns > now_ns

    await until(condition)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - files and logs set no events
            await asyncio.sleep(0.01)


async def test_a_saved_file_restarts_the_task_and_the_log_says_why(system: System) -> None:
    lay(system.directory, a__py="1")
    run = await system.up(task("t", run=serves(watch=watch("src"))))
    lay(system.directory, a__py="2")
    await until(lambda: run.view("t").attempt == 2 and system.word("t") == "ready")
    assert run.view("t").restart_reason == "changed: src/a.py"
    assert b"attempt 2: changed: src/a.py" in system.witness.log["t"]


async def test_what_depends_on_the_task_is_restarted_only_when_the_watch_asks_for_it(system: System) -> None:
    lay(system.directory, a__py="1")
    (system.directory / "conf").mkdir()
    alone = task("t", run=serves(watch=watch("src")))
    along = task("along", run=serves(watch=watch("conf", restart_dependents=True)))
    run = await system.up(alone, along, task("web", run=serves(), depends_on=[alone, along]))
    lay(system.directory, a__py="2")
    await until(has_restarted(system, 2, "src/a.py"))
    assert run.view("web").attempt == 1
    (system.directory / "conf/a.toml").write_text("x")
    await until(lambda: run.view("web").attempt == 2 and system.word("web") == "ready")
    assert (run.view("along").attempt, run.view("t").attempt) == (2, 2)


async def test_a_service_that_takes_a_signal_reloads_and_keeps_its_process(system: System) -> None:
    lay(system.directory, a__conf="1")
    hup = watch("src", on_change="signal:HUP")
    run = await system.up(task("t", run=command(HANDLES_HUP, ready_when="ready", watch=hup)))
    before = run.view("t").state
    assert isinstance(before, Ready)
    lay(system.directory, a__conf="2")
    await until(lambda: b"reloaded 2" in system.witness.log["t"])
    assert run.view("t").state == before
    assert f"{signal.SIGHUP.name} sent: changed: src/a.conf".encode() in system.witness.log["t"]


async def test_a_step_that_is_to_run_again_finishes_first(system: System) -> None:
    lay(system.directory, a__py="1")
    body = "cat src/a.py >> seen; echo begin >> story; while ! [ -e go ]; do sleep 0.01; done; echo end >> story"
    run = await system.up(task("t", run=command(body, watch=watch("src", on_change="run"))), wait=False)
    await until((system.directory / "story").exists)
    lay(system.directory, a__py="2")
    await until(lambda: run.scheduler.board.nodes["t"].unheeded is not None)
    (system.directory / "go").touch()
    await until(lambda: system.word("t") == "completed" and run.view("t").attempt == 2)
    assert (system.directory / "story").read_text().split() == ["begin", "end"] * 2
    assert (system.directory / "seen").read_text() == "12"


# -- what an attempt has seen already -------------------------------------------------------------------------


async def test_a_change_between_the_start_of_a_task_and_the_first_look_of_the_watcher_is_not_missed(
    system: System,
) -> None:
    """The task itself has somebody save a file as soon as it has read it: no watcher can have looked by then."""
    lay(system.directory, a__py="1")
    body = "cat src/a.py >> seen; [ -e saved ] || { touch saved; echo 2 > src/a.py; }; echo ready; exec sleep 1000"
    run = await system.up(task("t", run=command(body, ready_when="ready", watch=watch("src"))))
    await until(lambda: run.view("t").attempt == 2 and system.word("t") == "ready")
    assert (system.directory / "seen").read_text() == "12\n"


async def test_what_a_dependency_has_just_made_does_not_restart_the_task_that_was_started_with_it(
    system: System,
) -> None:
    lay(system.directory, a__py="1")
    gen = task("gen", run="date +%s%N > src/gen.py")
    run = await system.up(gen, task("t", run=serves(watch=watch("src")), depends_on=[gen]))
    lay(system.directory, a__py="2")
    await until(lambda: run.view("t").attempt == 2 and system.word("t") == "ready")
    assert run.view("t").restart_reason == "changed: src/a.py"
    run.restart_task("gen")
    await until(lambda: run.view("t").attempt == 3)
    assert run.view("t").restart_reason == "changed: src/gen.py"


async def test_files_that_come_with_a_directory_count_however_old_they_are(system: System) -> None:
    lay(system.directory, a__py="1")
    (system.directory / "elsewhere/deep").mkdir(parents=True)
    (system.directory / "elsewhere/deep/b.py").write_text("older than the task")
    await system.up(task("t", run=serves(watch=watch("src"))))
    await files_are_newer(system)
    (system.directory / "elsewhere").rename(system.directory / "src/in")
    await until(has_restarted(system, 2, "src/in/deep/b.py"))
    await files_are_newer(system)
    (system.directory / "src/in").rename(system.directory / "out")
    await until(has_restarted(system, 3, "src/in/deep/b.py"))


# -- git ------------------------------------------------------------------------------------------------------


FILES_OF_A_CHECKOUT = 10_000


def git(directory: Path, *words: str, told: str = "") -> None:
    subprocess.run(["git", "-c", "core.hooksPath=/dev/null", *words], cwd=directory, check=True, input=told.encode())


def lay_two_branches(root: Path) -> None:
    """Make a checkout of one branch, where another one has other contents of every one of many files."""
    told: list[str] = []
    for branch, text in (("one", "1"), ("other", "2")):
        told.append(f"commit refs/heads/{branch}\ncommitter t <t@t> 0 +0000\ndata 0\n")
        told += [
            f"M 644 inline src/d{number % 100}/{number}.py\ndata 1\n{text}\n" for number in range(FILES_OF_A_CHECKOUT)
        ]
    git(root, "init", "--quiet")
    git(root, "fast-import", "--quiet", told="".join(told))
    git(root, "checkout", "--quiet", "one")


async def test_a_checkout_of_ten_thousand_files_is_one_restart(system: System) -> None:
    lay_two_branches(system.directory)
    run = await system.up(task("t", run=serves(watch=watch("src"))))
    lay(system.directory, a__py="armed")
    await until(has_restarted(system, 2, "src/a.py"))
    await asyncio.to_thread(git, system.directory, "checkout", "--quiet", "other")
    await until(lambda: run.view("t").attempt == 3 and system.word("t") == "ready")
    lay(system.directory, z__py="after")
    await until(has_restarted(system, 4, "src/z.py"))


# -- tasks that write what they watch -------------------------------------------------------------------------


def loops(body: str, ready: str | None = None) -> Task:
    """Return a task that writes what it watches, but not in the very tick it is started in.

    Files tell their times in ticks of the kernel, 4 to 10 ms: a change within that of the start is older, for all we know.
    """
    late = f"echo x >> starts; sleep 0.02; {body}"
    return task("t", run=command(late, ready_when=ready, watch=watch(".", ignore="starts")))


@pytest.mark.parametrize(
    ("looping", "comes_to"),
    [
        (loops("date +%s%N > src/made"), "completed"),
        (loops("date +%s%N > src/made; echo ready; exec sleep 1000", "ready"), "ready"),
    ],
    ids=["step", "service"],
)
async def test_a_task_that_writes_what_it_watches_is_told_after_three_starts_and_not_looped(
    system: System, looping: Task, comes_to: str
) -> None:
    lay(system.directory, a__py="1")
    await system.up(looping)
    await until(lambda: b"src/made changed during each of the last" in system.witness.log["t"])
    assert b"ignore=" in system.witness.log["t"]
    assert starts(system) == MOST_SOON
    # Other files count as before.
    lay(system.directory, a__py="2")
    await until(has_restarted(system, MOST_SOON + 1, "src/a.py", comes_to))


async def test_a_log_that_a_service_keeps_open_restarts_it_once_at_most(system: System) -> None:
    lay(system.directory, a__py="1")
    body = "exec 3>> src/log; echo ready; while :; do date +%s%N >&3; sleep 0.2; done"
    run = await system.up(loops(body, "ready"))
    await until(lambda: b"src/log is written by the task itself" in system.witness.log["t"])
    assert starts(system) <= 2
    lay(system.directory, a__py="2")
    await until(lambda: run.view("t").restart_reason == "changed: src/a.py")


async def test_what_only_one_task_should_know_is_told_in_its_log_alone(system: System) -> None:
    lay(system.directory, a__py="1")
    await system.up(loops("date +%s%N > src/made"), task("other", run=serves(watch=watch("elsewhere"))))
    await until(lambda: b"changed during each" in system.witness.log["t"])
    assert b"changed during each" not in system.witness.log.get("other", b"")


async def test_cached_outputs_of_a_task_never_restart_it(system: System) -> None:
    lay(system.directory, a__py="1")
    kept = cache(inputs="src/a.py", outputs=["src/dist/**", "src/*.lock"])
    body = "echo x >> starts; mkdir -p src/dist; date +%s%N > src/dist/app.js; date +%s%N > src/app.lock"
    run = await system.up(task("t", run=command(body, cache=kept, watch=watch("src"))))
    await system.reaches("t", "completed")
    lay(system.directory, a__py="2")
    await until(lambda: starts(system) == 2 and system.word("t") == "completed")
    assert run.view("t").restart_reason == "changed: src/a.py"
    assert run.view("t").restarts == 1


# -- pausing --------------------------------------------------------------------------------------------------


async def test_changes_during_a_pause_restart_a_task_once_when_watching_goes_on(system: System) -> None:
    lay(system.directory, a__py="1", b__py="1")
    run = await system.up(task("t", run=serves(watch=watch("src"))), task("u", run=serves(watch=watch("src/u"))))
    lay(system.directory, a__py="armed")
    await until(lambda: run.view("t").attempt == 2 and system.word("t") == "ready")
    assert run.turn_file_watch(FileWatch.PAUSED) is FileWatch.PAUSED
    assert run.run_view.file_watch is FileWatch.PAUSED
    lay(system.directory, a__py="2", b__py="2", c__py="new")
    lay(system.directory, a__py="3")
    assert run.turn_file_watch(FileWatch.ON) is FileWatch.ON
    await until(lambda: run.view("t").attempt == 3 and system.word("t") == "ready")
    lay(system.directory, d__py="after")
    await until(lambda: run.view("t").restart_reason == "changed: src/d.py")
    assert run.view("t").restarts == 3
    assert run.view("u").attempt == 1


async def test_a_run_that_watches_nothing_cannot_be_paused(system: System) -> None:
    run = await system.up(task("t", run=serves()))
    assert run.turn_file_watch(FileWatch.PAUSED) is FileWatch.OFF


async def test_a_run_that_is_stopped_while_watching_is_paused_leaves_nothing(system: System) -> None:
    lay(system.directory, a__py="1")
    run = await system.up(task("t", run=serves(watch=watch("src"))))
    run.turn_file_watch(FileWatch.PAUSED)
    await system.down()
