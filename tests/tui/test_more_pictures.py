"""States that are met less often, as pictures in `snapshots/`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec
import pytest
from overview_steps import a_shop, select

from tui_runner.control.protocol import Reply
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.errors.site import Site
from tui_runner.model.plan_changes import ChangedTask, KnownTask, PlanChanges
from tui_runner.model.state import (
    Completed,
    CrashLoop,
    Failed,
    Failure,
    Pending,
    Ready,
    Stopping,
    StopReason,
    TeardownStatus,
)
from tui_runner.model.view import RunPhase

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0
LOOP = Failure(
    code=ErrorCode.TASK_FAILED,
    message="[mail] exited with 1; crash loop: 5 restarts in 2.9 s",
    exit_code=1,
    crash_loop=CrashLoop(restarts=5, within_s=2.9),
)
CHANGES = PlanChanges(
    removed=("db",),
    changed=(ChangedTask(task="worker", fields=("teardown",), restarts=True),),
    unchanged=3,
    lost=("db",),
)
KNOWN = (
    KnownTask(id="web", wanted=True, target=True, modes=("dev", "test")),
    KnownTask(id="db", wanted=True, modes=("dev", "test", "lint")),
    KnownTask(id="mail", description="catches mail"),
)
PROBLEM = Problem(
    kind=ProblemKind.UNKNOWN_TASK, message="`api` depends on `dd`", site=Site(file="/app/pipeline.py", line=7)
)

Picture = Callable[["Stage"], Awaitable[None]]


def many_services(peer: "Peer") -> None:
    """Add ten stacks of three services each; all is well."""
    for number in range(10):
        peer.add(f"web{number}", Ready(attempt=1, pid=1), f"api{number}", ready_at=NOW - 2, target=True)
        peer.add(f"api{number}", Ready(attempt=1, pid=2), f"db{number}", ready_at=NOW - 3, target=True)
        peer.add(f"db{number}", Ready(attempt=1, pid=3), ready_at=NOW - 4, target=True)
    peer.write("web0", b"ready\n")


async def caught_up(on_stage: "Stage") -> None:
    await on_stage.until(lambda: not on_stage.app.session.logs.behind)


async def test_crash_loop(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    peer.add("mail", Failed(failure=LOOP), target=True, started_at=NOW - 8, finished_at=NOW - 5.5, restarts=5)
    peer.add("newsletter", Pending(blocked_by="mail"), "mail", target=True)
    peer.write("mail", b"cannot bind port 25\n")
    async with stage() as on_stage:
        await select(on_stage, "mail")
        await caught_up(on_stage)
        await on_stage.shows("crash loop")
        await picture(on_stage)


async def test_blocked_by_a_failure(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    peer.add("mail", Failed(failure=LOOP), target=True, started_at=NOW - 8, finished_at=NOW - 5.5)
    peer.add("newsletter", Pending(blocked_by="mail"), "mail", target=True, description="sends letters")
    async with stage() as on_stage:
        await select(on_stage, "newsletter")
        await on_stage.shows("cannot start")
        await picture(on_stage)


async def test_branches_that_are_well_are_folded(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    many_services(peer)
    async with stage() as on_stage:
        await caught_up(on_stage)
        await on_stage.shows("+1")
        await picture(on_stage)


async def test_stopping_many(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    many_services(peer)
    for name, view in peer.views.items():
        gone = Completed(stopped=True, exit_code=0)
        peer.views[name] = msgspec.structs.replace(view, state=gone, leaving=True, teardown=TeardownStatus.COMPLETED)
    left = Stopping(attempt=1, pid=4310, reason=StopReason.RUN_ENDS)
    peer.views["db3"] = msgspec.structs.replace(peer.views["db3"], state=left, teardown=TeardownStatus.DUE)
    async with stage() as on_stage:
        peer.move_to(RunPhase.STOPPING, stopping_since=NOW - 9, cause="q")
        await on_stage.shows("Waiting for db3 since 5 s (process 4310)", "29 of 30 are gone")
        await caught_up(on_stage)
        await picture(on_stage)


async def test_the_tree_narrowed(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    many_services(peer)
    async with stage() as on_stage:
        await caught_up(on_stage)
        await on_stage.press("=", *"db", "enter")
        await on_stage.shows("10 match")
        await caught_up(on_stage)
        await picture(on_stage)


async def test_filters_in_a_stack(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    peer.add("web", Ready(attempt=1, pid=14), ready_at=NOW - 1, target=True)
    peer.write(
        "web", b"".join(b"GET /item/%d %s\n" % (item, b"error" if item % 7 == 0 else b"ok") for item in range(99))
    )
    async with stage(size=(120, 24)) as on_stage:
        await caught_up(on_stage)
        await on_stage.press("f", *"item", "enter", "minus", *"/3$|ok/", "enter")
        await on_stage.until(lambda: len(on_stage.main.pane.filters) == 2)
        await on_stage.until(lambda: on_stage.main.pane.log_pane.filter_count == 15)
        await picture(on_stage)


async def test_a_full_disk(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12)
    async with stage(size=(120, 16)) as on_stage:
        peer.move_to(peer.run.phase, trouble="cannot write /shop/api.log: No space left on device")
        await on_stage.shows("disk full", "No space left on device")
        await picture(on_stage)


async def test_what_an_earlier_run_had_left(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12)
    peer.run = msgspec.structs.replace(peer.run, recovered=("the teardown of `db` was due and has run now",))
    async with stage(size=(120, 16)) as on_stage:
        await on_stage.shows("was due and has run now")
        await picture(on_stage)


@pytest.mark.parametrize(
    ("key", "reply", "shows"),
    [
        pytest.param("ctrl+l", Reply(id=0, ok=True, changes=CHANGES), "- db", id="reload"),
        pytest.param("ctrl+l", Reply(id=0, ok=False, message="no", problems=(PROBLEM,)), "`dd`", id="problems"),
        pytest.param("A", Reply(id=0, ok=True, known=KNOWN), "[ ] mail", id="tasks"),
        pytest.param("E", Reply(id=0, ok=True, known=KNOWN), "lint", id="modes"),
    ],
)
async def test_questions(
    peer: "Peer", stage: "OpenStage", picture: Picture, key: str, reply: Reply, shows: str
) -> None:
    a_shop(peer)
    peer.replies["reload"] = peer.replies["known"] = reply
    async with stage(size=(100, 28)) as on_stage:
        await select(on_stage, "db")
        await caught_up(on_stage)
        await on_stage.press(key)
        await on_stage.shows(shows)
        await picture(on_stage)
