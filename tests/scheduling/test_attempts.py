"""One attempt after the other: retries, restarts, crash loops, timeouts, late news."""

import pytest
from scheduling_world import World, failure_of, planned

from tui_runner.model.command import command
from tui_runner.model.policy import OnFailure, restart, retry
from tui_runner.model.state import Aborted, Backoff, Completed, Failed, Pending, Ready, Running, Stopping, StopReason
from tui_runner.model.task import Task, task
from tui_runner.scheduling.effect import RestartNoted
from tui_runner.scheduling.event import (
    Exited,
    ProbeFailed,
    ProbePassed,
    RestartWanted,
    Spawned,
    StopCause,
    StopWanted,
    TimerFired,
    TimerKind,
    Unhealthy,
)


def one(**options: object) -> Task:
    return task("t", run=command("x", **options))  # type: ignore[arg-type]  # passed on


def world_of(*tasks: Task, on_failure: OnFailure = OnFailure.STOP) -> World:
    return World(planned(list(tasks), on_failure=on_failure)).begin()


def delays(world: World, codes: list[int], at_s: float = 0.0) -> list[float]:
    found: list[float] = []
    for code in codes:
        world.exits("t", code, at_s=at_s)
        state = world.state("t")
        assert isinstance(state, Backoff)
        found.append(state.delay_s)
        world.fires("t", TimerKind.BACKOFF)
    return found


def test_retries_wait_longer_each_time_up_to_the_limit() -> None:
    world = world_of(one(retry=retry(attempts=6, delay=1, backoff="exponential", max_delay=5)))
    assert delays(world, [1] * 5) == [1, 2, 4, 5, 5]
    world.exits("t", 1)
    assert isinstance(world.state("t"), Failed)


def test_fixed_retries_wait_the_same_each_time() -> None:
    world = world_of(one(retry=retry(attempts=3, delay=2)))
    assert delays(world, [1, 1]) == [2, 2]


def test_a_retry_keeps_the_activation_so_that_the_teardown_runs_once() -> None:
    world = world_of(one(retry=retry(attempts=3, delay=0), teardown="y"))
    delays(world, [1, 1])
    world.exits("t", 0)
    world.leave_all()
    assert world.teardowns == ["t"]


def test_restarts_wait_longer_each_time_and_give_their_reason() -> None:
    world = world_of(one(restart=restart("on-failure", delay=1, factor=3, max_delay=8, limit=9)))
    assert delays(world, [7, 7, 7]) == [1, 3, 8]
    effects = world.feed(Exited(task="t", attempt=4, exit_code=None, signal="SIGKILL", group_gone=True, escaped=False))
    assert RestartNoted(task="t", reason="killed by SIGKILL") in effects


def test_too_many_restarts_within_the_window_are_a_crash_loop() -> None:
    world = world_of(one(restart=restart("on-failure", delay=0, limit=2, window=10)))
    delays(world, [1, 1])
    world.exits("t", 1, at_s=9)
    assert "crash loop: 2 restarts in 9.0 s" in failure_of(world.state("t"))


def test_restarts_before_the_window_make_no_crash_loop_but_delays_go_on_growing() -> None:
    world = world_of(one(restart=restart("on-failure", delay=1, factor=2, limit=2, window=10)))
    assert delays(world, [1, 1]) == [1, 2]
    assert delays(world, [1], at_s=11) == [4]


def test_ending_well_again_and_again_is_a_crash_loop_too() -> None:
    world = world_of(one(restart=restart("always", delay=0, limit=1)))
    delays(world, [0])
    world.exits("t", 0)
    state = world.state("t")
    assert "ended again and again; crash loop" in failure_of(state)
    assert isinstance(state, Failed)
    assert state.failure.exit_code == 0


@pytest.mark.parametrize("code", [126, 127])
def test_what_cannot_run_is_not_repeated_and_no_crash_loop(code: int) -> None:
    world = world_of(one(retry=retry(attempts=5), restart=restart("always", limit=1)))
    world.exits("t", code)
    assert failure_of(world.state("t")).endswith(f"exit code: {code}")


def test_nothing_is_repeated_once_the_run_ends() -> None:
    world = world_of(one(restart=restart("always")), task("other", run="x"))
    world.stop_run(StopCause.CANCEL)
    world.exits("t", 1)
    assert isinstance(world.state("t"), Aborted)


def test_a_backoff_is_over_when_the_run_ends() -> None:
    world = world_of(one(retry=retry(attempts=2, delay=99), teardown="y"))
    world.exits("t", 1)
    world.stop_run(StopCause.CANCEL)
    assert world.timers == {}
    world.leave_all()
    assert world.ended
    assert world.teardowns == ["t"]
    assert isinstance(world.state("t"), Aborted)


def test_a_dependency_that_restarts_sends_waiting_dependents_back_to_wait() -> None:
    up = task("up", run=command("x", ready_when="up", restart=restart("on-failure", delay=0)))
    plan = planned([up, task("slow", run="x"), task("last", run="x", depends_on=["up", "slow"])])
    world = World(plan).begin()
    world.becomes_ready("up")
    world.exits("up", 1)
    world.exits("slow")
    assert isinstance(world.state("last"), Pending)
    world.fires("up", TimerKind.BACKOFF)
    assert "last" not in world.spawned
    world.becomes_ready("up")
    assert "last" in world.spawned


# -- timeouts -------------------------------------------------------------------------------------------------


def test_a_task_that_is_not_ready_in_time_is_stopped_and_then_failed() -> None:
    world = world_of(one(ready_when="up", ready_timeout=5))
    world.fires("t", TimerKind.READY)
    state = world.state("t")
    assert isinstance(state, Stopping)
    assert state.reason is StopReason.TIMEOUT
    world.exits("t", -15)
    assert failure_of(world.state("t")) == "[t] Task did not become ready within 5 s"


def test_a_timeout_stops_the_siblings_at_once_and_not_after_the_task_has_left() -> None:
    world = world_of(one(completed_timeout=5), task("sibling", run="x"))
    world.fires("t", TimerKind.COMPLETED)
    assert world.signalled == {"t", "sibling"}


def test_a_timed_out_task_that_exits_0_when_stopped_has_failed_all_the_same() -> None:
    world = world_of(one(completed_timeout=5))
    world.fires("t", TimerKind.COMPLETED)
    world.exits("t", 0)
    assert isinstance(world.state("t"), Failed)


def test_becoming_ready_forgets_the_ready_timeout_but_not_the_other() -> None:
    world = world_of(one(ready_when="up", ready_timeout=5, completed_timeout=9))
    world.becomes_ready("t")
    assert set(world.timers) == {("t", TimerKind.COMPLETED)}


def test_an_exit_forgets_all_timers_and_the_probe() -> None:
    world = world_of(one(ready_when="up", ready_timeout=5, completed_timeout=9), task("other", run="x"))
    world.exits("t", 0)
    assert world.timers == {}
    assert world.probing == {}


def test_a_timeout_that_is_tried_again_fails_nobody() -> None:
    world = world_of(one(completed_timeout=5, retry=retry(attempts=2, delay=0)), task("sibling", run="x"))
    world.fires("t", TimerKind.COMPLETED)
    assert world.signalled == {"t"}
    world.exits("t", -15)
    assert isinstance(world.state("t"), Backoff)
    assert world.scheduler.course.first_failure is None


def test_a_stop_before_another_attempt_takes_along_what_is_in_other_sessions() -> None:
    policy = retry(attempts=2, delay=0)
    world = world_of(one(completed_timeout=5, retry=policy), task("other", run="x"), on_failure=OnFailure.CONTINUE)
    world.fires("t", TimerKind.COMPLETED)
    assert world.swept == ["t"]
    world.exits("t", -15)
    world.fires("t", TimerKind.BACKOFF)
    world.feed(RestartWanted(task="t"))
    assert world.swept == ["t", "t"]
    world.exits("t", -15)
    world.feed(StopWanted(task="t"))
    assert world.swept == ["t", "t"]
    world.feed(RestartWanted(task="t"))
    assert world.swept == ["t", "t", "t"]


def test_a_stop_for_good_leaves_what_is_in_other_sessions_to_the_teardown() -> None:
    world = world_of(one(completed_timeout=5), task("other", run="x"), on_failure=OnFailure.CONTINUE)
    world.fires("t", TimerKind.COMPLETED)
    world.exits("t", -15)
    world.feed(StopWanted(task="other"))
    assert world.swept == []


def test_timeouts_in_a_crash_loop_are_seen_when_the_last_attempt_has_left() -> None:
    policy = restart("on-failure", delay=0, limit=1)
    world = world_of(one(ready_when="up", ready_timeout=5, restart=policy))
    for _ in range(2):
        world.fires("t", TimerKind.READY)
        world.exits("t", -15)
        if isinstance(world.state("t"), Backoff):
            world.fires("t", TimerKind.BACKOFF)
    assert "did not become ready within 5 s; crash loop" in failure_of(world.state("t"))


def test_a_probe_that_can_never_pass_fails_the_task() -> None:
    world = world_of(one(ready_when="up"), task("sibling", run="x"), on_failure=OnFailure.CONTINUE)
    world.feed(ProbeFailed(task="t", attempt=1, message="[t] the predicate raised"))
    world.exits("t", -15)
    assert failure_of(world.state("t")) == "[t] the predicate raised"
    assert isinstance(world.state("sibling"), Running)


# -- liveness -------------------------------------------------------------------------------------------------


def test_a_ready_task_that_does_not_answer_any_more_is_restarted_by_its_policy() -> None:
    world = world_of(one(ready_when="up", restart=restart("on-failure", delay=0)), on_failure=OnFailure.CONTINUE)
    world.becomes_ready("t")
    world.feed(Unhealthy(task="t", attempt=1, message="[t] no answer"))
    world.exits("t", -15)
    assert isinstance(world.state("t"), Backoff)
    world.fires("t", TimerKind.BACKOFF)
    assert isinstance(world.state("t"), Running)


def test_without_a_restart_policy_it_fails_and_says_what_was_seen() -> None:
    world = world_of(one(ready_when="up"), task("sibling", run="x"), on_failure=OnFailure.CONTINUE)
    world.becomes_ready("t")
    world.feed(Unhealthy(task="t", attempt=1, message="[t] no answer"))
    assert isinstance(world.state("t"), Stopping)
    world.exits("t", -15)
    assert failure_of(world.state("t")) == "[t] no answer"
    assert isinstance(world.state("sibling"), Running)


def test_not_answering_again_and_again_is_a_crash_loop() -> None:
    world = world_of(one(ready_when="up", restart=restart("on-failure", delay=0, limit=1)))
    for attempt in (1, 2):
        world.becomes_ready("t")
        world.feed(Unhealthy(task="t", attempt=attempt, message="[t] no answer"))
        world.exits("t", -15)
        if isinstance(world.state("t"), Backoff):
            world.fires("t", TimerKind.BACKOFF)
    assert "no answer; crash loop" in failure_of(world.state("t"))


# -- late news ------------------------------------------------------------------------------------------------


def test_news_of_an_attempt_that_is_over_is_ignored() -> None:
    world = world_of(one(ready_when="up", retry=retry(attempts=2, delay=0)))
    world.exits("t", 1)
    world.fires("t", TimerKind.BACKOFF)
    for event in (
        Spawned(task="t", attempt=1, pid=7),
        ProbePassed(task="t", attempt=1),
        ProbeFailed(task="t", attempt=1, message="late"),
        Unhealthy(task="t", attempt=1, message="late"),
        TimerFired(task="t", kind=TimerKind.READY, attempt=1),
        Exited(task="t", attempt=1, exit_code=0, signal=None, group_gone=True, escaped=False),
    ):
        assert world.feed(event) == []
    assert isinstance(world.state("t"), Running)


def test_a_probe_that_passes_after_the_exit_changes_nothing() -> None:
    world = world_of(one(ready_when="up"), task("other", run="x"))
    world.exits("t", 0)
    world.feed(ProbePassed(task="t", attempt=1))
    assert world.state("t") == Completed(exit_code=0)


def test_a_probe_passes_once() -> None:
    world = world_of(one(ready_when="up"))
    world.becomes_ready("t")
    world.feed(ProbePassed(task="t", attempt=1))
    assert isinstance(world.state("t"), Ready)
    assert world.story.count("t is ready") == 1
