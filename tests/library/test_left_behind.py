"""Nothing a task has started outlives the run; the fixture looks for the token of the test in every process."""

import sys
from pathlib import Path

import pytest
from rig import Rig, carriers, down, error_of, is_alive, marks, python, service, stats_of, waits_for

from tui_runner import command, task

pytestmark = pytest.mark.real

ESCAPEE = Path(__file__).parent.parent / "executors" / "programs" / "escapee.py"


def alive(rig: Rig, name: str) -> bool:
    """Tell whether the process lives whose id is in the file."""
    return is_alive(int(rig.lines(name)[0]))


@pytest.mark.parametrize(
    "kind", ["stubborn", "daemon", "daemon-exits", "daemon-clean", "forker", "group", "leader-exits"]
)
async def test_whatever_tries_to_escape_is_gone_at_the_end(rig: Rig, kind: str) -> None:
    argv = [sys.executable, "-I", "-S", str(ESCAPEE), kind, rig.token]
    escapee = task("escapee", run=command(argv, ready_when=lambda _: False, stop_timeout="200ms", teardown=down("t")))
    running = rig.start([escapee, task("bad", run=f"{waits_for('go')}; false")])
    await rig.heard("begin:escapee", "begin:bad")
    await rig.until(lambda: len(carriers(rig.token)) >= 2)
    rig.touch("go")
    result = await running
    assert error_of(result).task_name == "bad"
    assert carriers(rig.token) == {}
    assert rig.lines("downs") == ["t"]


async def test_grandchildren_of_a_service_die_with_it(rig: Rig) -> None:
    up = command("sleep 1000 & sleep 1000 | sleep 1000 & echo ready; wait", ready_when="ready")
    assert (await rig.run([marks("work", task("up", run=up))])).ok


async def test_what_a_finished_task_left_in_its_group_is_ended_at_once(rig: Rig) -> None:
    leaves = task("leaves", run="sleep 1000 & echo $! > pid")
    running = rig.start([leaves, task("other", run=waits_for("go"))])
    await rig.heard("complete:leaves")
    await rig.until(lambda: not alive(rig, "pid"))
    rig.touch("go")
    assert (await running).ok


async def test_a_daemon_lives_while_the_run_needs_it_and_dies_at_the_end(rig: Rig) -> None:
    start = f"setsid sh -c 'echo $$ > pid; exec sleep 1000' & {waits_for('pid')}; sleep 0.05"
    user = task("user", run="kill -0 $(cat pid) && echo alive > seen", depends_on=[task("daemon", run=start)])
    assert (await rig.run([user])).ok
    assert rig.lines("seen") == ["alive"]
    assert not alive(rig, "pid")


async def test_a_process_that_holds_the_output_open_does_not_hold_up_the_run(rig: Rig) -> None:
    holds = task("holds", run="setsid sleep 1000 & echo said")
    assert (await rig.run([marks("next", holds)])).ok
    assert rig.text("holds") == "said\n"


async def test_a_child_that_ignores_the_signal_is_killed_after_its_time_and_not_before(rig: Rig) -> None:
    stubborn = python(
        "import signal, sys, time\n"
        "def note(*_): open('terms', 'a').write('TERM\\n')\n"
        "signal.signal(signal.SIGTERM, note)\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(60)"
    )
    up = task("up", run=command(stubborn, ready_when="ready", stop_timeout="200ms"))
    result = await rig.run([marks("work", up)])
    stats = stats_of(result, "up")
    assert (stats.signal, stats.status) == ("SIGKILL", "completed")
    assert rig.lines("terms") == ["TERM"]


async def test_a_stopped_process_is_ended_too(rig: Rig) -> None:
    frozen = task("frozen", run=command("echo ready; kill -STOP $$; exec sleep 1000", ready_when="ready"))
    assert (await rig.run([marks("work", frozen)])).ok


async def test_a_stop_command_ends_a_task_that_would_not_listen(rig: Rig) -> None:
    listens = command(
        f"trap '' TERM; echo ready; {waits_for('leave')}; echo left >> downs",
        ready_when="ready",
        stop="echo asked >> downs; touch leave",
        teardown=down("torn"),
    )
    result = await rig.run([marks("work", task("up", run=listens))])
    stats = stats_of(result, "up")
    assert (stats.status, stats.exit_code, stats.stopped) == ("completed", 0, True)
    assert rig.lines("downs") == ["asked", "left", "torn"]


@pytest.mark.parametrize("stop", ["false", "sleep 1000", ["./missing"]])
async def test_a_stop_command_that_is_of_no_use_does_not_keep_the_task_alive(rig: Rig, stop: str | list[str]) -> None:
    up = task("up", run=command("echo ready; exec sleep 1000", ready_when="ready", stop=stop, stop_timeout="200ms"))
    result = await rig.run([marks("work", up)])
    assert stats_of(result, "up").status == "completed"


async def test_another_stop_signal_is_sent(rig: Rig) -> None:
    polite = "trap 'echo int >> downs; exit 0' INT; echo ready; while :; do sleep 0.01; done"
    up = task("up", run=command(polite, ready_when="ready", stop_signal="SIGINT"))
    assert (await rig.run([marks("work", up)])).ok
    assert rig.lines("downs") == ["int"]


async def test_stop_signals_reach_a_leader_once(rig: Rig) -> None:
    counts = python(
        "import signal, time\n"
        "seen = []\n"
        "signal.signal(signal.SIGTERM, lambda *_: seen.append(1))\n"
        "print('ready', flush=True)\n"
        "while not seen: time.sleep(0.01)\n"
        "time.sleep(0.2)\n"
        "open('seen', 'w').write(str(len(seen)))"
    )
    assert (await rig.run([marks("work", task("up", run=command(counts, ready_when="ready")))])).ok
    assert rig.lines("seen") == ["1"]


async def test_thirty_services_leave_together(rig: Rig) -> None:
    services = [service(f"s{n}") for n in range(30)]
    result = await rig.run([marks("work", *services)])
    assert result.ok
    assert {stats_of(result, f"s{n}").signal for n in range(30)} == {"SIGTERM"}


async def test_a_chain_of_services_leaves_in_reverse_order(rig: Rig) -> None:
    def polite(name: str) -> str:
        return f"trap 'echo {name} >> downs; exit 0' TERM; echo ready; while :; do sleep 0.01; done"

    names = [f"s{n}" for n in range(6)]
    chain = [
        task(name, run=command(polite(name), ready_when="ready"), depends_on=names[:n][-1:])
        for n, name in enumerate(names)
    ]
    assert (await rig.run([*chain, marks("work", "s5")], targets=["work"])).ok
    assert rig.lines("downs") == names[::-1]
