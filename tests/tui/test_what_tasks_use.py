"""The tree tells what tasks use, while it can be seen and has room."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest

from tui_runner.control.protocol import Usage
from tui_runner.model.state import Completed, Pending, Ready
from tui_runner.model.usage import TaskUsage

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0


@pytest.fixture
def shop(peer: "Peer") -> "Peer":
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12)
    peer.add("api", Ready(attempt=1, pid=12), "db", ready_at=NOW - 8, started_at=NOW - 9)
    peer.add("web", Pending(), "api")
    return peer


def used(api_percent: float, *, complete: bool = False) -> Usage:
    return Usage(
        tasks=(
            TaskUsage(task="api", cpu_percent=api_percent, rss=412_000_000, processes=7),
            TaskUsage(task="db", cpu_percent=0.0, rss=48_300_000, processes=6),
        ),
        complete=complete,
    )


async def test_cpu_and_memory_stand_right_of_tasks_with_bars_where_there_is_room(
    shop: "Peer", stage: "OpenStage", picture: Callable[["Stage"], Awaitable[None]]
) -> None:
    async with stage(size=(160, 16)) as on_stage:
        await shop.until(lambda: shop.watched)
        await on_stage.press(*[">"] * 6)
        shop.send(used(10.0, complete=True))
        for percent in (10.0, 40.0, 160.0, 90.0, 25.0):
            shop.send(used(percent))
        await on_stage.shows(" 25% 412M", "  0%  48M")
        assert "▁▃█▅▂" in on_stage.text()
        await picture(on_stage)


async def test_what_has_ended_uses_nothing(shop: "Peer", stage: "OpenStage") -> None:
    async with stage(size=(120, 16)) as on_stage:
        shop.send(used(33.0, complete=True))
        await on_stage.shows("33% 412M")
        shop.send(Usage(tasks=(TaskUsage(task="api"),)))
        await on_stage.until(lambda: "412M" not in on_stage.text())


async def test_a_task_that_ends_shows_no_usage_from_that_moment_on(shop: "Peer", stage: "OpenStage") -> None:
    async with stage(size=(120, 16)) as on_stage:
        shop.send(used(33.0, complete=True))
        await on_stage.shows("33% 412M", "0%  48M")
        shop.enter("api", Completed(stopped=True))
        await on_stage.until(lambda: "stopped" in on_stage.text())
        assert "412M" not in on_stage.text()
        assert "48M" in on_stage.text(), "what still runs is told"


async def test_nobody_is_asked_while_the_tree_is_hidden(shop: "Peer", stage: "OpenStage") -> None:
    async with stage(size=(120, 16)) as on_stage:
        await shop.until(lambda: shop.watched)
        await on_stage.press("b")
        await shop.until(lambda: not shop.watched)
        await on_stage.press("b")
        await shop.until(lambda: shop.watched)
