"""What the failure of one task does to the others: stop, finish, continue."""

import pytest
from rig import SERVE, Rig, down, error_of, marks, python, service, serving, stats_of, statuses, waits_for

from tui_runner import command, pipeline, retry, task

pytestmark = pytest.mark.real

STUBBORN = python(
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(1000)"
)


async def test_failure_stops_siblings_before_their_teardowns(rig: Rig) -> None:
    sibling = task(
        "sibling",
        run=command(
            "trap 'echo stopped >> order; exit 0' TERM; echo ready; while :; do sleep 0.01; done",
            ready_when="ready",
            teardown="echo torn-down >> order",
        ),
    )
    bad = task("bad", run="exit 7", depends_on=[sibling])
    result = await rig.run([sibling, bad])
    assert rig.lines("order") == ["stopped", "torn-down"]
    assert statuses(result) == {"sibling": "aborted", "bad": "failed"}
    assert stats_of(result, "sibling").stopped


async def test_the_error_names_the_task_and_its_code(rig: Rig) -> None:
    error = error_of(await rig.run([task("task1", run="exit 1")]))
    assert (error.code, error.task_name) == ("task-failed", "task1")
    assert error.message == "[task1] Task failed with non-zero exit code: 1"


async def test_a_run_returns_only_after_siblings_that_ignore_the_stop_signal_are_gone(rig: Rig) -> None:
    sibling = task("sibling", run=command(STUBBORN, ready_when="ready", stop_timeout="100ms", teardown=down("sibling")))
    result = await rig.run([task("bad", run="false", depends_on=[sibling]), sibling])
    stats = stats_of(result, "sibling")
    assert (stats.status, stats.signal, stats.stopped) == ("aborted", "SIGKILL", True)
    assert rig.lines("downs") == ["sibling"]


async def test_an_exit_by_our_own_signal_is_never_a_failure(rig: Rig) -> None:
    sibling = task(
        "sibling",
        run=command("trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done", ready_when="ready"),
    )
    result = await rig.run([sibling, task("bad", run="exit 4", depends_on=[sibling])])
    assert error_of(result).task_name == "bad"
    stats = stats_of(result, "sibling")
    assert (stats.status, stats.exit_code, stats.error) == ("aborted", 9, None)
    assert rig.told("failed") == ["failed:bad"]


async def test_the_first_failure_is_the_error_of_the_run(rig: Rig) -> None:
    first = task("first", run="exit 1")
    second = task("second", run=f"{waits_for('go')}; exit 2")
    running = rig.start([first, second], on_failure="continue")
    await rig.heard("failed:first")
    rig.touch("go")
    error = error_of(await running)
    assert error.task_name == "first"
    assert rig.told("failed") == ["failed:first", "failed:second"]


async def test_what_did_not_start_is_pending_and_names_what_blocked_it(rig: Rig) -> None:
    bad = task("bad", run="exit 1")
    middle = marks("middle", bad)
    result = await rig.run([marks("last", middle), marks("other", "last")])
    assert statuses(result) == {"bad": "failed", "middle": "pending", "last": "pending", "other": "pending"}
    assert {stats_of(result, name).blocked_by for name in ("middle", "last", "other")} == {"bad"}
    assert rig.lines("order") == []


async def test_stop_starts_nothing_new(rig: Rig) -> None:
    result = await rig.run([task("bad", run="false"), *[marks(f"t{n}") for n in range(5)]], max_concurrency=1)
    assert rig.lines("order") == []
    assert statuses(result) == {"bad": "failed", **{f"t{n}": "pending" for n in range(5)}}
    assert stats_of(result, "t0").blocked_by is None


async def test_finish_lets_running_tasks_end_and_starts_nothing_new(rig: Rig) -> None:
    slow = task("slow", run=f"{waits_for('go')}; echo slow >> order")
    running = rig.start([slow, task("bad", run="false"), marks("after", slow)], on_failure="finish")
    await rig.heard("failed:bad")
    rig.touch("go")
    result = await running
    assert rig.lines("order") == ["slow"]
    assert statuses(result) == {"slow": "completed", "bad": "failed", "after": "pending"}
    assert error_of(result).task_name == "bad"


async def test_finish_stops_services_when_the_work_is_done(rig: Rig) -> None:
    up = service("up")
    slow = task("slow", run=waits_for("go"), depends_on=[up])
    bad = task("bad", run=f"{waits_for('fail')}; false")
    running = rig.start([slow, bad], on_failure="finish")
    await rig.heard("begin:slow")
    rig.touch("fail")
    await rig.heard("failed:bad")
    rig.touch("go")
    result = await running
    assert statuses(result) == {"slow": "completed", "up": "completed", "bad": "failed"}


async def test_continue_lets_independent_branches_go_on(rig: Rig) -> None:
    bad = task("bad", run="false")
    good = marks("good")
    result = await rig.run([marks("blocked", bad), marks("free", good), bad], on_failure="continue")
    assert rig.lines("order") == ["good", "free"]
    assert statuses(result) == {"blocked": "pending", "bad": "failed", "free": "completed", "good": "completed"}
    assert stats_of(result, "blocked").blocked_by == "bad"
    assert error_of(result).task_name == "bad"


async def test_continue_ends_when_nothing_can_move_any_more(rig: Rig) -> None:
    up = service("up")
    bad = task("bad", run="false", depends_on=[up])
    result = await rig.run([marks("blocked", bad)], on_failure="continue")
    assert statuses(result) == {"blocked": "pending", "bad": "failed", "up": "completed"}


async def test_a_service_that_fails_while_another_uses_it_ends_the_run(rig: Rig) -> None:
    up = task("up", run=command(f"echo ready; {waits_for('go')}; exit 5", ready_when="ready"))
    user = task("user", run=command(SERVE, ready_when="ready", teardown=down("user")), depends_on=[up])
    running = rig.start([user])
    await rig.heard("ready:user")
    rig.touch("go")
    result = await running
    assert statuses(result) == {"user": "aborted", "up": "failed"}
    assert stats_of(result, "up").exit_code == 5
    assert rig.lines("downs") == ["user"]


async def test_a_task_killed_from_outside_is_a_failure_with_its_signal(rig: Rig) -> None:
    result = await rig.run([task("t", run="kill -KILL $$")])
    stats = stats_of(result, "t")
    assert (stats.status, stats.exit_code, stats.signal, stats.stopped) == ("failed", None, "SIGKILL", False)
    assert "SIGKILL" in error_of(result).message


async def test_failure_policies_see_only_the_last_try(rig: Rig) -> None:
    flaky = task(
        "flaky", run=command("echo x >> tries; [ $(wc -l < tries) -ge 3 ]", retry=retry(attempts=3, delay="1ms"))
    )
    result = await rig.run([flaky, marks("next", flaky)])
    assert result.ok
    assert rig.told("failed") == []


async def test_a_failure_inside_a_nested_pipeline_stops_the_outer_siblings(rig: Rig) -> None:
    sibling = task("sibling", run=serving(teardown=down("sibling")))
    bad = task("bad", run="exit 3", depends_on=[sibling])
    result = await rig.run([pipeline([bad]).to_task("nested"), sibling])
    assert error_of(result).task_name == "nested:bad"
    assert statuses(result) == {"nested": "failed", "sibling": "aborted"}
    assert rig.lines("downs") == ["sibling"]


@pytest.mark.parametrize("policy", ["", "explode", None, 3])
async def test_an_unknown_policy_is_a_problem_and_nothing_starts(rig: Rig, policy: object) -> None:
    error = error_of(await rig.run([marks("t")], on_failure=policy))
    assert error.code == "invalid-task"
    assert "on_failure" in error.message
    assert rig.lines("order") == []


async def test_what_cannot_be_spawned_fails_its_task_only(rig: Rig) -> None:
    missing = task("missing", run=command(["no-such-program-anywhere"], teardown=down("missing")))
    result = await rig.run([missing, marks("other")], on_failure="continue")
    error = error_of(result)
    assert (error.code, error.task_name) == ("task-failed", "missing")
    assert "no-such-program-anywhere" in error.message
    assert rig.lines("order") == ["other"]
    assert rig.lines("downs") == []
