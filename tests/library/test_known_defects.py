"""The defects of the system this one grew from, named tests for each: what it got wrong has to be right here.

Where to find them; the numbers are those of the research notes:

     1 siblings of a failed task          here
     2 an abort that became a failure     here; test_cancelling
     3 a dependency that counted twice    test_known_defects_of_graphs
     4 dependencies of inner tasks        test_known_defects_of_graphs
     5 "never throws"                     here
     6 a concurrency of 0                 test_known_defects_of_graphs
     7 what survived its run              here; more of it: test_left_behind
     8 too many open files                here
     9 cubic planning                     test_known_defects_of_graphs; scheduling/test_growth
    10 the cache                          test_cache; test_cache_together
    11 order of teardowns                 test_known_defects_of_graphs; more of it: test_teardowns
    12 output                             test_known_defects_of_output; test_output_without_bound
    13 what surrounds a task              test_known_defects_of_output; more of it: test_run_environment
    14 names and errors                   test_known_defects_of_graphs
"""

import asyncio
import os
import signal
from typing import Any

import pytest
from rig import Rig, carriers, down, error_of, is_alive, marks, python, service, serving, stats_of, statuses, waits_for
from script import Script

from tui_runner import Task, command, pipeline, task

pytestmark = pytest.mark.real


def leaves_slowly(name: str) -> str:
    """A service that takes its time to leave and notes when it has."""
    return f"trap 'sleep 0.1; echo {name} gone >> order; exit 0' TERM; echo ready; while :; do sleep 0.01; done"


# 1. The first failure returned at once: siblings ran on, and teardowns ran beside them.


async def test_a_failure_does_not_return_while_siblings_run(rig: Rig) -> None:
    siblings = [task(f"s{n}", run=command("exec sleep 1000", teardown=down(f"s{n}"))) for n in range(3)]
    bad = task("bad", run=f"{waits_for('go')}; exit 1")
    running = rig.start([*siblings, bad])
    await rig.heard("begin:s0", "begin:s1", "begin:s2", "begin:bad")
    rig.touch("go")
    result = await running
    assert {statuses(result)[f"s{n}"] for n in range(3)} == {"aborted"}
    assert result.stats.summary.running == 0
    assert sorted(rig.lines("downs")) == ["s0", "s1", "s2"]
    assert carriers(rig.token) == {}


async def test_after_a_failure_no_teardown_runs_beside_its_own_task_or_a_dependent_of_it(rig: Rig) -> None:
    def slow(name: str, *depends_on: Task) -> Task:
        run = command(leaves_slowly(name), ready_when="ready", teardown=f"echo {name} torn >> order")
        return task(name, run=run, depends_on=depends_on)

    db = slow("db")
    api = slow("api", db)
    web = slow("web", api)
    await rig.run([web, task("bad", run="exit 1", depends_on=[web])])
    assert rig.lines("order") == ["web gone", "web torn", "api gone", "api torn", "db gone", "db torn"]


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"ready_when": "never", "ready_timeout": "50ms"}, "task-ready-timeout"),
        ({"completed_timeout": "50ms"}, "task-completed-timeout"),
    ],
)
async def test_a_timeout_stops_siblings_too(rig: Rig, options: dict[str, str], code: str) -> None:
    late = task("late", run=command("exec sleep 1000", **options))  # type: ignore[arg-type]  # options of all kinds
    result = await rig.run([task("sibling", run=command("exec sleep 1000", teardown=down("sibling"))), late])
    assert error_of(result).code == code
    assert statuses(result) == {"sibling": "aborted", "late": "failed"}
    assert rig.lines("downs") == ["sibling"]


async def test_timers_of_siblings_are_forgotten_when_the_run_fails(rig: Rig) -> None:
    sibling = task(
        "sibling", run=command("exec sleep 1000", completed_timeout=3000, ready_when="x", ready_timeout=3000)
    )
    result = await rig.run([sibling, task("bad", run="exit 1", depends_on=[task("first", run="true")])])
    assert error_of(result).task_name == "bad"
    assert statuses(result)["sibling"] == "aborted"


async def test_a_failure_in_a_nested_pipeline_stops_its_own_siblings(rig: Rig) -> None:
    nested = pipeline([service("up"), task("bad", run="exit 1", depends_on=["up"])]).to_task("nested")
    result = await rig.run([nested])
    assert stats_of(result, "nested:up").status == "aborted"
    assert stats_of(result, "nested:bad").status == "failed"


async def test_a_later_failure_does_not_overwrite_the_first(rig: Rig) -> None:
    first = task("first", run="exit 1")
    later = task("later", run=f"{waits_for('go')}; exit 2")
    running = rig.start([first, later], on_failure="finish")
    await rig.heard("failed:first", "begin:later")
    rig.touch("go")
    result = await running
    assert (error_of(result).task_name, stats_of(result, "later").exit_code) == ("first", 2)


# 2. An abort turned into `task-failed` when a teardown took longer than the death of its task.


@pytest.mark.parametrize("how", ["event", "signal"])
async def test_an_abort_stays_an_abort_however_slow_the_teardown(rig: Rig, how: str) -> None:
    cancel = asyncio.Event()
    slow = f"echo begun >> downs; {waits_for('go')}; echo done >> downs"
    running = rig.start(
        [task("t", run=serving(teardown=slow)), task("u", run=serving(teardown=slow))],
        cancel=cancel,
        handle_signals=how == "signal",
    )
    await rig.heard("ready:t", "ready:u")
    if how == "event":
        cancel.set()
    else:
        os.kill(os.getpid(), signal.SIGTERM)
    await rig.until(lambda: rig.lines("downs") == ["begun", "begun"])
    assert not running.done()
    rig.touch("go")
    result = await running
    assert error_of(result).code == ("aborted" if how == "event" else "process-terminated")
    assert result.stats.status == "aborted"
    assert statuses(result) == {"t": "aborted", "u": "aborted"}
    teardowns = [stats_of(result, name).teardown for name in "tu"]
    assert [teardown.status for teardown in teardowns if teardown is not None] == ["completed", "completed"]
    assert rig.lines("downs") == ["begun", "begun", "done", "done"]


async def test_an_aborted_nested_pipeline_has_its_subtasks_in_the_statistics(rig: Rig) -> None:
    cancel = asyncio.Event()
    inner = [
        marks("done"),
        service("up"),
        task("skipped", commands={"other": "true"}),
        task("stuck", run="exec sleep 1000", depends_on=["up"]),
        marks("never", "stuck"),
    ]
    running = rig.start([pipeline(inner).to_task("nested"), marks("after", "nested")], "dev", cancel=cancel)
    await rig.heard("complete:nested:done", "begin:nested:stuck")
    cancel.set()
    result = await running
    assert statuses(result) == {"nested": "aborted", "after": "pending"}
    assert {one.name: one.status for one in stats_of(result, "nested").subtasks} == {
        "done": "completed",
        "up": "aborted",
        "skipped": "skipped",
        "stuck": "aborted",
        "never": "pending",
    }


# 5. "Never raises" was not true.


def raises(*_: object) -> bool:
    raise ZeroDivisionError("of the user")


class UnspeakableError(Exception):
    """An exception that cannot even be shown."""

    def __str__(self) -> str:
        raise ZeroDivisionError


class Final(BaseException):
    """An exception that most handlers do not see, such as those with which test frameworks fail a test."""


def raises_unspeakable(*_: object) -> bool:
    raise UnspeakableError


def raises_final(*_: object) -> bool:
    raise Final("of the user")


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ([marks("a", "b"), marks("b", "a")], "invalid-graph"),
        ([task("a", run="")], "invalid-task"),
        ([task("a", run=[])], "invalid-task"),
        ([task("a")], "invalid-task"),
        ([task("a", run="true", steps=["true"])], "invalid-task"),
        ([task("a", run=command("true", ready_when=raises))], None),
        ([task("a", run=command("echo x", ready_when=raises))], "task-failed"),
        ([task("a", run=command("echo x", ready_when=raises_unspeakable))], "task-failed"),
        ([task("a", run=command("echo x; exec sleep 1000", ready_when=raises_final))], "task-failed"),
        ([task("a", run=command("true", stop_signal="SIGNOPE"))], "invalid-task"),
        ([task("a", run=command("true", ready_timeout="soon"))], "invalid-task"),
        ([marks("a"), marks("a")], "invalid-graph"),
        ([pipeline([marks("a")]).to_task("n", max_concurrency=raises)], "invalid-task"),
        ([pipeline([marks("a")]).to_task("n", max_concurrency=raises_unspeakable)], "invalid-task"),
        ([pipeline([marks("a")]).to_task("n", max_concurrency=raises_final)], "invalid-task"),
        ([3], "invalid-task"),
    ],
)
async def test_run_never_raises_for_what_tasks_are_or_do(rig: Rig, tasks: list[Task], code: str | None) -> None:
    result = await rig.run(tasks)
    assert (result.error and result.error.code) == code


@pytest.mark.parametrize("mode", [3, ["dev"], object()])
async def test_run_never_raises_for_a_mode_that_is_none(rig: Rig, mode: Any) -> None:
    error = error_of(await rig.run([marks("a")], mode))
    assert error.code == "invalid-task"
    assert "mode" in error.message


@pytest.mark.parametrize(
    "what", ["begin", "ready", "complete", "failed", "skipped", "teardown", "teardown_error", "output"]
)
async def test_run_never_raises_for_what_callbacks_do(rig: Rig, what: str) -> None:
    whole = [
        task("up", run=command("echo ready; exec sleep 1000", ready_when="ready", teardown="true")),
        task("broken", run=command("true", teardown="false"), depends_on=["up"]),
        task("skipped", commands={"x": "true"}),
        task("bad", run="false", depends_on=["broken"]),
    ]
    broken: dict[str, Any] = {f"on_task_{what}": raises}
    result = await rig.run(whole, on_failure="continue", targets=["broken", "skipped"], **broken)
    if what == "failed":
        assert result.ok
        return
    assert error_of(result).code == "internal-error"
    assert "ZeroDivisionError: of the user" in error_of(result).message


@pytest.mark.parametrize("callback", [raises_unspeakable, raises_final, 3])
async def test_run_never_raises_however_odd_what_a_callback_raises(rig: Rig, callback: Any) -> None:
    seen: list[str] = []
    t = task("t", run=command("true", teardown=down("t")))
    result = await rig.run([t], on_task_begin=callback, on_task_complete=lambda name, _: seen.append(name))
    error = error_of(result)
    assert error.code == "internal-error"
    assert "on_task_begin" in error.message
    assert (seen, rig.lines("downs")) == (["t"], ["t"])


# 7. Only the direct child was ended: grandchildren and those that ignore SIGTERM lived on after the run.


async def test_grandchildren_are_gone_when_an_aborted_run_returns(rig: Rig) -> None:
    cancel = asyncio.Event()
    family = "sh -c 'sleep 1000 & echo $! > grandchild; wait' & echo $! > child; wait"
    running = rig.start([task("family", run=family)], cancel=cancel)
    await rig.until(lambda: rig.lines("grandchild") and rig.lines("child"))
    pids = [int(rig.lines(name)[0]) for name in ("child", "grandchild")]
    assert all(map(is_alive, pids))
    cancel.set()
    await running
    assert not any(map(is_alive, pids))


async def test_a_child_that_ignores_sigterm_is_gone_when_an_aborted_run_returns(rig: Rig) -> None:
    cancel = asyncio.Event()
    ignores = python(
        "import os, signal, time; signal.signal(15, signal.SIG_IGN); open('pid', 'w').write(str(os.getpid()))\n"
        "print('ready', flush=True); time.sleep(1000)"
    )
    running = rig.start([task("t", run=command(ignores, ready_when="ready", stop_timeout="100ms"))], cancel=cancel)
    await rig.heard("ready:t")
    cancel.set()
    stats = stats_of(await running, "t")
    assert (stats.status, stats.signal) == ("aborted", "SIGKILL")
    assert not is_alive(int(rig.lines("pid")[0]))


# 8. A thousand parallel tasks died of the usual limit of open files.


@pytest.mark.slow
def test_a_thousand_parallel_tasks_succeed_with_the_usual_limit_of_open_files(script: Script) -> None:
    script.start(
        """
        result = pipeline([task(f"t{n}", run=["true"]) for n in range(1000)]).run_sync()
        print(result.stats.summary.completed, result.error, flush=True)
        """,
        open_files=1024,
    )
    code, out, err = script.finish()
    assert (code, out, err) == (0, "1000 None\n", "")
