"""The main states of the screen, as pictures in `snapshots/`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import (
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Stopping,
    StopReason,
    TeardownStatus,
)
from tui_runner.model.view import RunPhase

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0
SMALL, LARGE = (80, 24), (160, 45)
FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[worker] exited with 3", exit_code=3)

Picture = Callable[["Stage"], Awaitable[None]]


def a_shop(peer: "Peer") -> None:
    """A web shop while it comes up."""
    peer.add("web", Pending(), "api", target=True, waiting_for=("api",), description="the shop window")
    peer.add("api", Running(attempt=1, pid=13), "db", "codegen", ready_when="GET /health answers", started_at=NOW - 3)
    peer.add("codegen", Skipped(reason=SkipReason.CACHE_HIT), description="client from the schema")
    peer.add("migrate", Completed(exit_code=0), "db", started_at=NOW - 9, finished_at=NOW - 8)
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12, address="localhost:5432")
    peer.add("worker", Pending(), "migrate", "db", target=True, description="sends mail")
    peer.write("api", b"".join(b"\x1b[32mINFO\x1b[0m  loading part %d\n" % part for part in range(1, 40)))
    peer.write("db", b"database system is ready to accept connections\n")
    peer.write("worker", b"connecting\nTraceback (most recent call last):\nConnectionError: no mail server\n")


def all_ready(peer: "Peer") -> None:
    a_shop(peer)
    peer.add("web", Ready(attempt=1, pid=14), "api", target=True, ready_at=NOW - 1, description="the shop window")
    peer.add("api", Ready(attempt=1, pid=13), "db", "codegen", ready_at=NOW - 2, started_at=NOW - 5)
    peer.add("worker", Ready(attempt=1, pid=15), "migrate", "db", target=True, ready_at=NOW - 1)
    peer.write("web", b"".join(b"GET /item/%d \x1b[33m200\x1b[0m\n" % item for item in range(60)))


def one_failed(peer: "Peer") -> None:
    all_ready(peer)
    peer.add("worker", Failed(failure=FAILURE), "migrate", "db", target=True, started_at=NOW - 8, finished_at=NOW - 5.5)
    peer.add("mailbox", Pending(blocked_by="worker"), "worker", target=True)


async def select(on_stage: "Stage", task: str) -> None:
    on_stage.main.body.tree_view.move_to(task)
    await on_stage.until(lambda: on_stage.main.body.task_id == task)
    await caught_up(on_stage)


async def caught_up(on_stage: "Stage") -> None:
    await on_stage.until(lambda: not on_stage.app.session.logs.behind)


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])
class TestBothSizes:
    async def test_starting(self, peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
        a_shop(peer)
        async with stage(size=size) as on_stage:
            await select(on_stage, "api")
            await picture(on_stage)

    async def test_all_ready(self, peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
        all_ready(peer)
        async with stage(size=size) as on_stage:
            await caught_up(on_stage)
            await picture(on_stage)

    async def test_failed(self, peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
        one_failed(peer)
        async with stage(size=size) as on_stage:
            await select(on_stage, "worker")
            await picture(on_stage)

    async def test_pending(self, peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
        a_shop(peer)
        async with stage(size=size) as on_stage:
            await picture(on_stage)

    async def test_stopping(self, peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
        all_ready(peer)
        peer.add("web", Completed(stopped=True, exit_code=0), "api", target=True, leaving=True, finished_at=NOW - 1)
        peer.add(
            "api",
            Stopping(attempt=1, pid=13, reason=StopReason.RUN_ENDS),
            "db",
            "codegen",
            leaving=True,
            teardown=TeardownStatus.DUE,
        )
        peer.add("db", Ready(attempt=1, pid=11), leaving=True, waiting_for=("api",), teardown=TeardownStatus.DUE)
        async with stage(size=size) as on_stage:
            peer.move_to(RunPhase.STOPPING, stopping_since=NOW - 4, cause="q")
            await on_stage.until(lambda: on_stage.main.body.stop_panel.display)
            await caught_up(on_stage)
            await picture(on_stage)

    async def test_help(self, peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
        all_ready(peer)
        async with stage(size=size) as on_stage:
            await caught_up(on_stage)
            await on_stage.press("question_mark")
            await on_stage.shows("Move")
            await picture(on_stage)


async def test_before_the_first_word_of_the_supervisor(stage: "OpenStage", picture: Picture) -> None:
    async with stage() as on_stage:
        await picture(on_stage)


async def test_skipped(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    a_shop(peer)
    async with stage() as on_stage:
        await select(on_stage, "codegen")
        await picture(on_stage)


async def test_backoff(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    a_shop(peer)
    peer.add("api", Backoff(attempt=3, delay_s=8, failure=FAILURE), "db", "codegen", restarts=2, last_failure=FAILURE)
    async with stage() as on_stage:
        await select(on_stage, "api")
        await picture(on_stage)


async def test_filter(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    all_ready(peer)
    async with stage() as on_stage:
        await caught_up(on_stage)
        await on_stage.press("f", *"item/1", "enter")
        await on_stage.until(lambda: on_stage.main.pane.log_pane.filter_count == 11)
        await picture(on_stage)


async def test_search_while_typing(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    all_ready(peer)
    async with stage() as on_stage:
        await caught_up(on_stage)
        await on_stage.press("slash", *"item/5")
        await on_stage.until(lambda: on_stage.main.pane.log_pane.match_count == 11)
        await on_stage.shows("11 lines")
        await picture(on_stage)


async def test_scrolled_up(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    all_ready(peer)
    async with stage() as on_stage:
        await caught_up(on_stage)
        await on_stage.press("enter", "pageup")
        peer.output("web", b"one more\n")
        await on_stage.shows("1 new line")
        await picture(on_stage)


async def test_split_in_four(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    one_failed(peer)
    async with stage(size=LARGE) as on_stage:
        for count in (2, 3, 4):
            await on_stage.press("v")
            while len(on_stage.main.body.grid.shown()) < count:
                await on_stage.pilot.pause()
        await caught_up(on_stage)
        await picture(on_stage)


async def test_too_small(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    all_ready(peer)
    async with stage(size=(38, 9)) as on_stage:
        await on_stage.shows("too small")
        await picture(on_stage)


async def test_a_guest_leaves(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    all_ready(peer)
    async with stage(owner=False) as on_stage:
        await caught_up(on_stage)
        await on_stage.press("q")
        await on_stage.shows("detach: leave the screen")
        await picture(on_stage)


async def test_palette(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    one_failed(peer)
    async with stage() as on_stage:
        await caught_up(on_stage)
        await on_stage.press("colon")
        await on_stage.shows("Restart failed")
        for cursor in on_stage.app.screen.query("Input"):
            cursor.cursor_blink = False  # type: ignore[attr-defined]  # an Input, found by its name
        await picture(on_stage)
