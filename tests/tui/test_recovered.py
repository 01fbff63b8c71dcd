"""The screen says what was cleaned up before the run."""

from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer


async def test_the_screen_tells_what_an_earlier_run_had_left(peer: "Peer", stage: "OpenStage") -> None:
    told = ("the run before was killed together with its guardian", "the teardown of `db` was due and has run now")
    peer.run = msgspec.structs.replace(peer.run, recovered=told)
    async with stage(size=(140, 30)) as on_stage:
        await on_stage.shows("; ".join(told))
