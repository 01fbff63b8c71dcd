"""Pictures of stops that are forced, of what the screen asks for in its bottom line, and of settings that are wrong."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import pytest
from overview_steps import a_shop

from tui_runner.model.state import Completed, Ready, Stopping, StopReason, TeardownStatus
from tui_runner.model.view import RunPhase
from tui_runner.tui.settings.checking import check_text
from tui_runner.tui.settings.reading import Reading

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0
SETTINGS = Path("/home/somebody/.config/tui-runner/config.toml")
WRONG = '[keys]\nrestrat = "x"\nzoom = "ctrl+"\n\n[screen]\ntheme = 7\n'

Picture = Callable[["Stage"], Awaitable[None]]


@pytest.mark.parametrize(
    ("phase", "shows"),
    [
        pytest.param(RunPhase.KILLING, "Killing what is left", id="killing"),
        pytest.param(RunPhase.ABANDONING, "Giving up on teardowns", id="giving-up"),
    ],
)
async def test_a_stop_that_is_forced(
    peer: "Peer", stage: "OpenStage", picture: Picture, phase: RunPhase, shows: str
) -> None:
    a_shop(peer)
    gone = Completed(stopped=True, exit_code=0)
    left = Stopping(attempt=1, pid=4310, reason=StopReason.RUN_ENDS)
    for name, view in peer.views.items():
        state, teardown = (left, TeardownStatus.DUE) if name == "db" else (gone, TeardownStatus.NOT_RUN)
        peer.views[name] = msgspec.structs.replace(view, state=state, leaving=True, teardown=teardown, since=NOW - 4)
    async with stage(size=(100, 28)) as on_stage:
        peer.move_to(phase, stopping_since=NOW - 9, cause="Ctrl-C")
        await on_stage.shows(shows, "Waiting for db since 4 s")
        await on_stage.until(lambda: not on_stage.app.session.logs.behind)
        await picture(on_stage)


@pytest.mark.parametrize(
    ("key", "shows"),
    [pytest.param("at", "go to", id="time"), pytest.param("ctrl+s", "save to", id="save")],
)
async def test_what_is_asked_for_in_the_bottom_line(
    peer: "Peer", stage: "OpenStage", picture: Picture, key: str, shows: str
) -> None:
    peer.add("api", Ready(attempt=1, pid=4), ready_at=NOW - 8, target=True)
    peer.write("api", b"listening\n")
    async with stage(size=(80, 24)) as on_stage:
        await on_stage.shows("listening")
        await on_stage.press("enter", key)
        await on_stage.shows(shows)
        await picture(on_stage)


async def test_settings_that_are_wrong(peer: "Peer", stage: "OpenStage", picture: Picture) -> None:
    peer.add("api", Ready(attempt=1, pid=4), ready_at=NOW - 8, target=True)
    settings, problems = check_text(WRONG, SETTINGS)
    reading = Reading(path=SETTINGS, found=True, settings=settings, problems=problems)
    async with stage(size=(100, 28), settings=reading) as on_stage:
        await on_stage.shows("things are wrong in the settings")
        await picture(on_stage)
