"""What tasks leave behind: members of their groups, and daemons in sessions of their own."""

import contextlib
import os
from pathlib import Path

import pytest
from workshop import Workshop

from tui_runner.process.guardian import process_table
from tui_runner.scheduling.event import ActivationClosed, Exited, GroupGone

pytestmark = pytest.mark.real


async def test_a_group_member_left_behind_is_ended_when_its_leader_exits(workshop: Workshop) -> None:
    workshop.spawn("a", "(trap 'echo ended; exit' TERM; echo ready; while :; do sleep 0.01; done) & sleep 0.2; exit 0")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 0
    if not exited.group_gone:
        await workshop.sink.event(GroupGone, "a")
    assert "ended" in workshop.sink.text("a")


async def test_a_member_that_ignores_the_signal_is_killed_after_the_timeout(workshop: Workshop) -> None:
    left_behind = "(trap '' TERM; echo ready; while :; do sleep 0.01; done) & sleep 0.2"
    workshop.spawn("a", left_behind, stop_timeout="100ms")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 0
    assert not exited.group_gone
    await workshop.sink.event(GroupGone, "a")
    assert workshop.sink.escalations == ["a"]


async def test_a_daemon_lives_until_its_activation_is_closed(workshop: Workshop) -> None:
    workshop.spawn(
        "a", "setsid sh -c 'trap \"\" TERM; echo $$ > pid; echo up; while :; do sleep 0.05; done' & sleep 0.3"
    )
    exited = await workshop.sink.event(Exited, "a")
    assert exited.escaped
    await workshop.sink.printed("a", "up")
    daemon = int((workshop.directory / "pid").read_text())
    os.kill(daemon, 0)
    workshop.executor.close_activation("a")
    await workshop.sink.event(ActivationClosed, "a")
    assert daemon not in process_table.everyone()


async def test_closing_one_activation_leaves_the_daemons_of_others(workshop: Workshop) -> None:
    for name in ("a", "b"):
        workshop.spawn(name, f"setsid sh -c 'echo $$ > pid-{name}; echo up; exec sleep 100' & sleep 0.3")
    for name in ("a", "b"):
        await workshop.sink.event(Exited, name)
        await workshop.sink.printed(name, "up")
    workshop.executor.close_activation("a")
    await workshop.sink.event(ActivationClosed, "a")
    assert int((workshop.directory / "pid-a").read_text()) not in process_table.everyone()
    os.kill(int((workshop.directory / "pid-b").read_text()), 0)


async def test_a_daemon_s_whole_tree_goes_even_without_its_environment(workshop: Workshop) -> None:
    nested = "env -i setsid sh -c 'echo $$ > inner; echo up; exec sleep 100'"
    workshop.spawn(
        "a", f'setsid sh -c "{nested} & wait" & while [ ! -s inner ]; do sleep 0.01; done'.replace("$$", r"\$\$")
    )
    await workshop.sink.event(Exited, "a")
    inner = int((workshop.directory / "inner").read_text())
    workshop.executor.close_activation("a")
    await workshop.sink.event(ActivationClosed, "a")
    assert inner not in process_table.everyone()


async def test_the_exit_is_reported_while_a_daemon_still_holds_the_pipe(workshop: Workshop) -> None:
    workshop.spawn(
        "a",
        "setsid sh -c 'touch up; sleep 0.3; echo late; exec sleep 100' & while [ ! -e up ]; do sleep 0.01; done; exit 5",
    )
    assert (await workshop.sink.event(Exited, "a")).exit_code == 5
    await workshop.sink.printed("a", "late")


async def test_what_a_task_put_into_another_session_goes_before_its_next_attempt(workshop: Workshop) -> None:
    """Its port, its lock or its file would be in the way of the next one."""
    leaves = "setsid sh -c 'echo $$ > pid; echo up; trap \"\" TERM; while :; do sleep 0.05; done' & exec sleep 100"
    workshop.spawn("a", leaves)
    workshop.spawn("b", leaves.replace("> pid", "> pid-b"))
    for name in ("a", "b"):
        await workshop.sink.printed(name, "up")
    workshop.executor.sweep("a")
    workshop.executor.stop("a")
    exited = await workshop.sink.event(Exited, "a")
    assert not exited.group_gone
    await workshop.sink.event(GroupGone, "a")
    assert int((workshop.directory / "pid").read_text()) not in process_table.everyone()
    os.kill(int((workshop.directory / "pid-b").read_text()), 0)
    workshop.spawn("a", "echo again; exec sleep 100", attempt=2)
    await workshop.sink.printed("a", "again")
    workshop.executor.stop("a")
    await workshop.sink.event(Exited, "a")


async def test_a_stop_for_good_leaves_to_the_teardown_what_is_in_another_session(workshop: Workshop) -> None:
    workshop.spawn("a", "setsid sh -c 'echo $$ > pid; echo up; exec sleep 100' & exec sleep 100")
    await workshop.sink.printed("a", "up")
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).escaped
    os.kill(int((workshop.directory / "pid").read_text()), 0)


HOPS = """
import os, sys, time
def hop():
    for _ in range(2_000):
        if os.fork():
            os._exit(0)
        os.setsid()
        time.sleep(0.001)
for _ in range(int(sys.argv[1])):
    if os.fork() == 0:
        os.setsid()
        hop()
        os._exit(0)
print("ready", flush=True)
time.sleep(1000)
"""
"""Processes that are never the same for long, each in a session of its own: no look at the table has them all."""


@pytest.mark.parametrize(
    ("environment", "begins_anew"),
    [
        pytest.param([], False, id="marked"),
        pytest.param(["env", "-i"], False, id="cleared"),
        pytest.param([], True, id="closed-while-it-begins-anew"),
    ],
)
async def test_processes_that_fork_on_and_on_are_caught_when_the_activation_is_closed(
    workshop: Workshop, environment: list[str], *, begins_anew: bool
) -> None:
    workshop.spawn("bomb", [*environment, *workshop.python(HOPS), "10", workshop.marker], stop_timeout="50ms")
    await workshop.sink.printed("bomb", "ready")
    if begins_anew:
        workshop.executor.sweep("bomb")
    workshop.executor.stop("bomb")
    await workshop.sink.event(Exited, "bomb")
    workshop.executor.close_activation("bomb")
    await workshop.sink.event(ActivationClosed, "bomb")
    await workshop.executor.bye()
    assert with_argument(workshop.marker) == set()


def with_argument(text: str) -> set[int]:
    """Return the processes that were started with a text in their arguments."""
    found = set()
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and text.encode() in (entry / "cmdline").read_bytes():
                found.add(int(entry.name))
    return found
