"""What settings make of the picture: themes, signs, narrow and large terminals, the tree above the logs."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Completed, Failed, Failure, Pending, Ready, Running, Skipped, SkipReason
from tui_runner.tui.settings.reading import Reading, read_settings
from tui_runner.tui.settings.settings import Choice

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0
FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[worker] exited with 3", exit_code=3)
COLORED = b"".join(
    b"\x1b[%dm%s\x1b[0m \x1b[1;%dmbold\x1b[0m \x1b[90mquiet\x1b[0m  GET /item/%d \x1b[42;30m 200 \x1b[0m\n"
    % (color, name, color, number)
    for number in range(3)
    for color, name in ((31, b"red"), (32, b"green"), (33, b"yellow"), (34, b"blue"), (35, b"magenta"), (36, b"cyan"))
)

Picture = Callable[["Stage"], Awaitable[None]]


def a_shop(peer: "Peer") -> None:
    """A web shop with one of everything."""
    peer.add("web", Pending(), "api", target=True, waiting_for=("api",), description="the shop window")
    peer.add("api", Running(attempt=1, pid=13), "db", "codegen", ready_when="GET /health answers", started_at=NOW - 3)
    peer.add("codegen", Skipped(reason=SkipReason.CACHE_HIT), description="client from the schema")
    peer.add("migrate", Completed(exit_code=0), "db", started_at=NOW - 9, finished_at=NOW - 8)
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12, address="localhost:5432")
    peer.add("worker", Failed(failure=FAILURE), "migrate", "db", target=True, started_at=NOW - 8, finished_at=NOW - 5.5)
    peer.add("mailbox", Pending(blocked_by="worker"), "worker", target=True)
    peer.write("api", COLORED)
    peer.write("db", b"database system is ready to accept connections\n")
    peer.write("worker", b"connecting\nTraceback (most recent call last):\nConnectionError: no mail server\n")


def settings(tmp_path: Path, text: str) -> Reading:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    reading = read_settings(path)
    assert not reading.problems
    return reading


async def select(on_stage: "Stage", task: str) -> None:
    on_stage.main.body.tree_view.move_to(task)
    await on_stage.until(lambda: on_stage.main.body.task_id == task)
    await caught_up(on_stage)


async def caught_up(on_stage: "Stage") -> None:
    await on_stage.until(lambda: not on_stage.app.session.logs.behind)


async def search_beside_a_failure(on_stage: "Stage") -> None:
    """Show colours of a log, matches of a search and a filter in one pane, a failure in the other."""
    await select(on_stage, "api")
    await on_stage.press("v")
    await on_stage.until(lambda: len(on_stage.main.body.grid.shown()) == 2)
    await select(on_stage, "worker")
    await on_stage.press("tab")
    await on_stage.until(lambda: on_stage.main.body.task_id == "api")
    await on_stage.press("minus", *"item/2", "enter", "slash", *"item/1", "enter")
    await on_stage.until(lambda: on_stage.main.pane.log_pane.match_count == 6)
    await caught_up(on_stage)


@pytest.mark.parametrize("name", ["dark", "light", "high-contrast", "high-contrast-light", "ansi"])
async def test_theme(peer: "Peer", stage: "OpenStage", picture: Picture, tmp_path: Path, name: str) -> None:
    a_shop(peer)
    async with stage(size=(150, 36), settings=settings(tmp_path, f'[theme]\nname = "{name}"\n')) as on_stage:
        await search_beside_a_failure(on_stage)
        await picture(on_stage)


@pytest.mark.parametrize(
    "size",
    [(40, 10), (60, 24), (80, 24), (80, 60), (120, 36), (200, 60), (300, 100)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
async def test_size(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    async with stage(size=size) as on_stage:
        await select(on_stage, "worker")
        await on_stage.press("v")
        await on_stage.until(lambda: len(on_stage.main.body.grid.shown()) == 2)
        await select(on_stage, "api")
        await picture(on_stage)


@pytest.mark.parametrize(
    "text",
    ['layout = "above"', 'tree_side = "right"\ntree_width = 50', "ascii = true"],
    ids=["above", "right", "ascii"],
)
async def test_screen_setting(peer: "Peer", stage: "OpenStage", picture: Picture, tmp_path: Path, text: str) -> None:
    a_shop(peer)
    wanted = settings(tmp_path, f"[screen]\n{text}\n")
    async with stage(size=(120, 30), settings=wanted, ascii=wanted.settings.screen.ascii is Choice.YES) as on_stage:
        await search_beside_a_failure(on_stage)
        await picture(on_stage)
