"""The overviews, as pictures in `snapshots/`."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import pytest
from overview_steps import a_restart, a_shop, details_of_db, open_overview, select
from past_runs import write_past_runs

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

SMALL, LARGE = (80, 24), (160, 45)

Picture = Callable[["Stage"], Awaitable[None]]

pytestmark = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "160x45"])


async def test_details(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    peer.details["db"] = details_of_db()
    async with stage(size=size) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, "D", "Attempts")
        await picture(on_stage)


async def test_timeline(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    async with stage(size=size) as on_stage:
        await open_overview(on_stage, "T", "Start-up")
        await picture(on_stage)


async def test_events(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    async with stage(size=size) as on_stage:
        a_restart(peer)
        await open_overview(on_stage, "W", "blocked by db")
        await picture(on_stage)


async def test_graph(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    async with stage(size=size) as on_stage:
        await select(on_stage, "migrate")
        await open_overview(on_stage, "M", "migrate needs db")
        await picture(on_stage)


async def test_runs(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    async with stage(size=size) as on_stage:
        await open_overview(on_stage, "H", "3 runs")
        await picture(on_stage)


async def test_signals(peer: "Peer", stage: "OpenStage", picture: Picture, size: tuple[int, int]) -> None:
    a_shop(peer)
    async with stage(size=size) as on_stage:
        await select(on_stage, "db")
        await on_stage.until(lambda: not on_stage.app.session.logs.behind)
        await on_stage.press("S")
        await on_stage.shows("SIGKILL")
        await picture(on_stage)
