"""Trying again and starting again: retry, restart, backoff, crash loops, and what is never repeated."""

import asyncio
import re
from pathlib import Path

import pytest
from rig import SERVE, Rig, down, error_of, marks, stats_of, statuses, waits_for

from tui_runner import RunResult, command, restart, retry, task

pytestmark = pytest.mark.real

COUNT = "echo x >> tries; "


def tries(rig: Rig) -> int:
    return len(rig.lines("tries"))


def log_of(result: RunResult, name: str) -> str:
    log = stats_of(result, name).log_file
    assert log is not None
    return Path(log).read_text()


async def test_retry_counts_the_first_try_too(rig: Rig) -> None:
    result = await rig.run([task("t", run=command(COUNT + "exit 4", retry=retry(attempts=3, delay="1ms")))])
    assert tries(rig) == 3
    stats = stats_of(result, "t")
    assert (stats.status, stats.exit_code, stats.attempts, stats.restarts) == ("failed", 4, 3, 0)
    assert error_of(result).task_name == "t"


async def test_a_try_that_succeeds_ends_the_trying(rig: Rig) -> None:
    flaky = command(COUNT + "[ $(wc -l < tries) -ge 2 ]", retry=retry(attempts=5, delay="1ms"))
    result = await rig.run([marks("next", task("t", run=flaky))])
    assert result.ok
    stats = stats_of(result, "t")
    assert (tries(rig), stats.attempts, stats.error) == (2, 2, None)
    assert rig.lines("order") == ["next"]


async def test_the_output_of_every_try_is_in_one_log(rig: Rig) -> None:
    talks = command("echo try; false", retry=retry(attempts=2, delay="1ms"))
    result = await rig.run([task("t", run=talks)], records=True)
    assert log_of(result, "t").count("try\n") == 2
    assert "attempt 2: exit code" in log_of(result, "t")


async def test_a_try_that_is_not_ready_in_time_is_tried_again(rig: Rig) -> None:
    flaky = command(
        COUNT + f"[ $(wc -l < tries) -ge 2 ] && {{ {SERVE}; }}; exec sleep 1000",
        ready_when="ready",
        ready_timeout="300ms",
        retry=retry(attempts=2, delay="1ms"),
    )
    result = await rig.run([marks("next", task("t", run=flaky))])
    assert result.ok
    assert tries(rig) == 2


async def test_tries_that_all_time_out_fail_with_the_timeout(rig: Rig) -> None:
    never = command(COUNT + "exec sleep 1000", completed_timeout="100ms", retry=retry(attempts=2, delay="1ms"))
    result = await rig.run([task("t", run=never)])
    assert error_of(result).code == "task-completed-timeout"
    assert tries(rig) == 2


@pytest.mark.parametrize("code", [126, 127])
@pytest.mark.parametrize("policy", ["retry", "restart"])
async def test_a_command_that_cannot_run_is_never_repeated(rig: Rig, code: int, policy: str) -> None:
    t = command(
        COUNT + f"exit {code}",
        retry=retry(attempts=5, delay=0) if policy == "retry" else None,
        restart=restart("always", delay=0) if policy == "restart" else None,
    )
    result = await rig.run([task("t", run=t)])
    assert tries(rig) == 1
    assert stats_of(result, "t").exit_code == code
    assert "crash loop" not in error_of(result).message


async def test_a_program_that_is_not_there_is_never_repeated(rig: Rig) -> None:
    t = task("t", run=command(["./missing"], retry=retry(attempts=5, delay=0)))
    result = await rig.run([t])
    assert stats_of(result, "t").attempts == 1
    assert stats_of(result, "t").status == "failed"


async def test_restart_on_failure_starts_a_crashed_service_again_and_keeps_its_activation(rig: Rig) -> None:
    crashes = command(
        COUNT + f"[ $(wc -l < tries) -lt 3 ] && exit 7; {SERVE}",
        ready_when="ready",
        restart=restart("on-failure", delay="1ms"),
        teardown=down("t"),
    )
    result = await rig.run([marks("next", task("t", run=crashes))], records=True)
    assert result.ok
    stats = stats_of(result, "t")
    assert (stats.restarts, stats.attempts, stats.status) == (2, 3, "completed")
    assert rig.lines("downs") == ["t"]
    assert rig.told("failed") == []
    assert "exit code 7" in log_of(result, "t")


async def test_a_dependent_waits_through_the_restart_of_its_dependency(rig: Rig) -> None:
    crashes = command(
        COUNT + f"[ $(wc -l < tries) -lt 2 ] && exit 7; echo up >> order; {SERVE}",
        ready_when="ready",
        restart=restart("on-failure", delay="1ms"),
    )
    result = await rig.run([marks("dependent", task("t", run=crashes))])
    assert result.ok
    assert rig.lines("order") == ["up", "dependent"]


async def test_a_service_that_was_ready_and_crashed_does_not_restart_its_dependents(rig: Rig) -> None:
    crashes = command(
        COUNT + f"echo ready; [ $(wc -l < tries) -lt 2 ] && {{ {waits_for('crash')}; exit 7; }}; exec sleep 1000",
        ready_when="ready",
        restart=restart("on-failure", delay="1ms"),
    )
    up = task("up", run=crashes)
    dependent = task("dependent", run=f"echo dependent >> order; {waits_for('end')}", depends_on=[up])
    running = rig.start([dependent])
    await rig.until(lambda: rig.lines("order"))
    rig.touch("crash")
    await rig.until(lambda: rig.told("ready").count("ready:up") == 2)
    rig.touch("end")
    assert (await running).ok
    assert rig.lines("order") == ["dependent"]


async def test_a_crash_loop_is_given_up_and_called_so(rig: Rig) -> None:
    crashes = command(COUNT + "exit 7", restart=restart("on-failure", delay="1ms", limit=3))
    result = await rig.run([task("t", run=crashes)])
    assert tries(rig) == 4
    error = error_of(result)
    assert error.code == "task-failed"
    assert re.search(r"crash loop: 3 restarts in \d+ ms$", error.message)
    assert stats_of(result, "t").restarts == 3


async def test_a_service_that_keeps_ending_well_is_a_crash_loop_too(rig: Rig) -> None:
    ends = command(COUNT + "exit 0", restart=restart("always", delay="1ms", limit=2))
    result = await rig.run([task("t", run=ends)])
    assert tries(rig) == 3
    assert "crash loop" in error_of(result).message
    assert statuses(result) == {"t": "failed"}


async def test_a_service_that_never_gets_ready_is_a_crash_loop_too(rig: Rig) -> None:
    stuck = command(
        COUNT + "exec sleep 1000",
        ready_when="never",
        ready_timeout="30ms",
        restart=restart("on-failure", delay="1ms", limit=2),
    )
    result = await rig.run([task("t", run=stuck)], records=True)
    error = error_of(result)
    assert error.code == "task-ready-timeout"
    assert "crash loop" in error.message
    assert tries(rig) == 3
    assert "None" not in log_of(result, "t")
    assert "did not become ready" in log_of(result, "t")


async def test_crashes_longer_ago_than_the_window_do_not_count(rig: Rig) -> None:
    crashes = command(
        COUNT + f"sleep 0.1; [ $(wc -l < tries) -lt 5 ] && exit 7; {SERVE}",
        ready_when="ready",
        restart=restart("on-failure", delay="1ms", limit=1, window="50ms"),
    )
    result = await rig.run([marks("next", task("t", run=crashes))])
    assert result.ok
    assert tries(rig) == 5


async def test_restart_always_starts_a_service_again_that_ended_well(rig: Rig) -> None:
    cancel = asyncio.Event()
    ends = command(COUNT + f"[ $(wc -l < tries) -lt 3 ] && exit 0; {SERVE}", restart=restart("always", delay="1ms"))
    running = rig.start([task("t", run=ends)], cancel=cancel)
    await rig.printed("t", "ready")
    cancel.set()
    assert stats_of(await running, "t").restarts == 2


async def test_on_failure_does_not_start_a_service_again_that_ended_well(rig: Rig) -> None:
    result = await rig.run([task("t", run=command(COUNT + "exit 0", restart=restart("on-failure", delay=0)))])
    assert result.ok
    assert tries(rig) == 1


@pytest.mark.parametrize("policy", [None, restart(), restart("never")])
async def test_nothing_is_restarted_unless_asked(rig: Rig, policy: object) -> None:
    result = await rig.run([task("t", run=command(COUNT + "exit 7", restart=policy))])  # type: ignore[arg-type]  # all forms
    assert tries(rig) == 1
    assert stats_of(result, "t").restarts == 0


async def test_what_we_stop_is_not_restarted(rig: Rig) -> None:
    cancel = asyncio.Event()
    stays = command(COUNT + SERVE, ready_when="ready", restart=restart("always", delay=0))
    running = rig.start([task("t", run=stays)], cancel=cancel)
    await rig.heard("ready:t")
    cancel.set()
    result = await running
    assert statuses(result) == {"t": "aborted"}
    assert tries(rig) == 1


async def test_retries_come_before_restarts(rig: Rig) -> None:
    t = command(
        COUNT + "exit 7", retry=retry(attempts=2, delay="1ms"), restart=restart("on-failure", delay="1ms", limit=1)
    )
    result = await rig.run([task("t", run=t)])
    stats = stats_of(result, "t")
    assert stats.restarts == 1
    assert stats.attempts == tries(rig) == 3


async def test_a_wrong_policy_is_a_problem_of_the_definition(rig: Rig) -> None:
    wrong = task("t", run=command("true", retry=3, restart="always"))  # type: ignore[arg-type]  # wrong on purpose
    error = error_of(await rig.run([wrong]))
    assert error.code == "invalid-task"
    assert len(error.problems) == 2
