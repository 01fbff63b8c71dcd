"""Behind dialogs the run goes on, at every size of the terminal."""

from typing import TYPE_CHECKING

import pytest

from tui_runner.model.state import Ready, Stopping, StopReason

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

DIALOGS = pytest.mark.parametrize(
    ("key", "word"),
    [
        pytest.param("S", "HUP", id="signals"),
        pytest.param("question_mark", "Restart the selected", id="help"),
        pytest.param("colon", "Search for commands", id="palette"),
    ],
)


def a_shop(peer: "Peer") -> None:
    peer.add("database", Ready(attempt=1, pid=2))
    peer.add("website", Ready(attempt=1, pid=3), "database")


@DIALOGS
async def test_what_happens_is_seen_behind_it(peer: "Peer", stage: "OpenStage", key: str, word: str) -> None:
    a_shop(peer)
    async with stage(size=(160, 40)) as on_stage:
        await on_stage.press(key)
        await on_stage.shows(word, "database")
        peer.enter("database", Stopping(attempt=1, pid=2, reason=StopReason.PERSON))
        await on_stage.shows(word, "stopping")


async def test_what_happens_is_seen_behind_two_of_them(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(owner=False, size=(160, 40)) as on_stage:
        await on_stage.press("S")
        await on_stage.shows("SIGHUP", "database")
        await on_stage.press("ctrl+c")
        await on_stage.shows("This run was started elsewhere", "Send a signal", "database")
        peer.enter("database", Stopping(attempt=1, pid=2, reason=StopReason.PERSON))
        await on_stage.shows("This run was started elsewhere", "Send a signal", "stopping")


@DIALOGS
@pytest.mark.parametrize("size", [(170, 50), (90, 24), (41, 11)])
async def test_it_fits_every_size(peer: "Peer", stage: "OpenStage", key: str, word: str, size: tuple[int, int]) -> None:
    a_shop(peer)
    async with stage(size=(120, 40)) as on_stage:
        await on_stage.press(key)
        await on_stage.shows(word)
        await on_stage.pilot.resize_terminal(*size)
        await on_stage.until(lambda: on_stage.app.screen.size == size and on_stage.main.size == size)
        await on_stage.pilot.pause()
        rows = on_stage.app.screen._compositor.render_strips()
        assert [row.cell_length for row in rows] == [size[0]] * size[1]
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        await on_stage.shows("database")
