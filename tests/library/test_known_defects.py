"""The defects of the system this one grew from, one test for each: what it got wrong has to be right here.

Those that have a file of their own are only named: order of teardowns (test_teardowns), environment and PATH
(test_run_environment), records and names (test_records_of_runs).
"""

import asyncio
from typing import Any

import pytest
from rig import Rig, carriers, down, error_of, marks, python, service, serving, stats_of, statuses, waits_for

from tui_runner import Task, command, pipeline, task

pytestmark = pytest.mark.real


# 1. The first failure returned at once, while siblings ran on.


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


# 2. An abort turned into `task-failed` when a teardown took longer than the death of its task.


async def test_an_abort_stays_an_abort_however_slow_the_teardown(rig: Rig) -> None:
    cancel = asyncio.Event()
    slow = "sleep 0.3; echo done >> downs"
    running = rig.start([task("t", run=serving(teardown=slow)), task("u", run=serving(teardown=slow))], cancel=cancel)
    await rig.heard("ready:t", "ready:u")
    cancel.set()
    result = await running
    assert (error_of(result).code, result.stats.status) == ("aborted", "aborted")
    assert statuses(result) == {"t": "aborted", "u": "aborted"}
    teardowns = [stats_of(result, name).teardown for name in "tu"]
    assert [teardown.status for teardown in teardowns if teardown is not None] == ["completed", "completed"]
    assert rig.lines("downs") == ["done", "done"]


# 3. A dependency that became ready and later exited counted twice (test_run_readiness has the plain form).


async def test_many_dependencies_that_are_ready_and_then_end_let_nothing_start_too_early(rig: Rig) -> None:
    ends = [task(f"e{n}", run=command(f"echo ready; {waits_for('end')}", ready_when="ready")) for n in range(4)]
    slow = [task(f"s{n}", run=f"{waits_for('go')}; echo slow >> order") for n in range(4)]
    running = rig.start([*ends, marks("last", *ends, *slow)])
    await rig.heard(*(f"ready:e{n}" for n in range(4)))
    rig.touch("end")
    await rig.heard(*(f"complete:e{n}" for n in range(4)))
    assert "begin:last" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["slow"] * 4 + ["last"]


# 4. What inner tasks needed from outside was silently left out.


async def test_dependencies_of_inner_tasks_that_only_they_name_run(rig: Rig) -> None:
    deepest = marks("deepest")
    shared = marks("shared", deepest)
    middle = pipeline([marks("inner", shared)]).to_task("middle")
    result = await rig.run([pipeline([middle]).to_task("outer")])
    assert result.ok
    assert rig.lines("order") == ["deepest", "shared", "inner"]


# 5. "Never raises" was not true.


def raises(*_: object) -> bool:
    raise ZeroDivisionError("of the user")


@pytest.mark.parametrize(
    ("tasks", "code"),
    [
        ([marks("a", "b"), marks("b", "a")], "invalid-graph"),
        ([task("a", run="")], "invalid-task"),
        ([task("a")], "invalid-task"),
        ([task("a", run="true", steps=["true"])], "invalid-task"),
        ([task("a", run=command("true", ready_when=raises))], None),
        ([task("a", run=command("echo x", ready_when=raises))], "task-failed"),
        ([task("a", run=command("true", stop_signal="SIGNOPE"))], "invalid-task"),
        ([task("a", run=command("true", ready_timeout="soon"))], "invalid-task"),
        ([marks("a"), marks("a")], "invalid-graph"),
        ([3], "invalid-task"),
    ],
)
async def test_run_never_raises_for_what_tasks_are_or_do(rig: Rig, tasks: list[Task], code: str | None) -> None:
    result = await rig.run(tasks)
    assert (result.error and result.error.code) == code


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
    if what != "failed":
        assert error_of(result).code == "internal-error"
        assert "ZeroDivisionError: of the user" in error_of(result).message


# 6. `max_concurrency=0` hung for ever: test_run_order.
# 7. Grandchildren and children that ignore SIGTERM survived: test_left_behind.
# 8. A thousand parallel tasks died of the open-file limit: test_scripts.


# 9. Planning was cubic, and recursive.


async def test_a_thousand_tasks_in_layers_and_a_chain_of_five_thousand_plan_without_trouble(rig: Rig) -> None:
    layers = [
        task(f"l{row}-{n}", run="true", depends_on=[f"l{row - 1}-{k}" for k in range(100)] if row else [])
        for row in range(10)
        for n in range(100)
    ]
    assert (await rig.run(layers, dry_run=True)).stats.summary.pending == 1000
    chain = [task(f"c{n}", run="true", depends_on=[f"c{n - 1}"] if n else []) for n in range(5000)]
    assert (await rig.run(chain, dry_run=True)).stats.summary.pending == 5000


# 11. Teardowns came in the wrong order behind a task without one, and inside nested pipelines.


async def test_a_dependency_is_torn_down_last_even_through_tasks_and_pipelines_without_teardown(rig: Rig) -> None:
    y = task("y", run=command("true", teardown=down("y")))
    middle = pipeline([pipeline([marks("m", y)]).to_task("deep")]).to_task("middle")
    c = task("c", run=command("true", teardown=down("c")), depends_on=[middle])
    assert (await rig.run([c])).ok
    assert rig.lines("downs") == ["c", "y"]


async def test_an_inner_teardown_waits_for_tasks_that_still_use_the_nested_pipeline(rig: Rig) -> None:
    nested = pipeline([task("db", run=serving(teardown=down("db")))]).to_task("nested")
    user = task("user", run=f"{waits_for('go')}; echo user >> downs", depends_on=[nested])
    running = rig.start([user])
    await rig.heard("begin:user")
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("downs") == ["user", "db"]


# 12. Output was decoded chunk by chunk, kept whole in memory, and every chunk searched it all again.


async def test_text_behind_thirty_megabytes_is_found(rig: Rig) -> None:
    floods = python(
        "print('x' * 99 + '\\n', end='', flush=True)\nfor _ in range(300_000): print('y' * 99)\nprint('done')"
    )
    result = await rig.run([task("t", run=command(floods, ready_when="done"))], on_task_output=None, on_task_ready=None)
    assert result.ok
    assert stats_of(result, "t").ready_at is not None


# 13. Standard input was inherited by all, teardowns had no environment, PATH was overwritten: test_run_environment.
# 14. Equal names were accepted, nested readiness went by name, errors named ids nobody knew.


async def test_equal_names_are_an_error_that_names_both_places(rig: Rig) -> None:
    one, two = marks("same"), marks("same")
    error = error_of(await rig.run([one, two]))
    assert error.code == "invalid-graph"
    problem = error.problems[0]
    assert "same" in problem.message
    assert problem.site is not None
    assert problem.related


async def test_equal_names_at_different_depths_are_fine(rig: Rig) -> None:
    result = await rig.run([marks("x"), pipeline([marks("x")]).to_task("outer")])
    assert result.ok
    assert rig.lines("order") == ["x", "x"]


async def test_ids_are_the_same_in_every_process_and_every_run(rig: Rig) -> None:
    def build() -> list[Task]:
        return [pipeline([marks("x")]).to_task("outer"), marks("y")]

    first = await rig.run(build(), dry_run=True)
    second = await rig.run(build(), dry_run=True)
    assert list(statuses(first)) == list(statuses(second)) == ["outer", "y"]
    assert first.stats.tasks[0].subtasks[0].id == "outer:x"


async def test_readiness_of_a_nested_pipeline_is_not_confused_by_equal_names(rig: Rig) -> None:
    inner = task("server", run=command(f"{waits_for('go')}; echo ready; exec sleep 1000", ready_when="ready"))
    outer = pipeline([inner]).to_task("outer")
    running = rig.start(
        [service("server"), marks("dependent", outer)],
        targets=["dependent", "server"],
        cancel=(cancel := asyncio.Event()),
    )
    await rig.heard("ready:server")
    assert "begin:dependent" not in rig.story
    rig.touch("go")
    await rig.heard("complete:dependent")
    cancel.set()
    await running
