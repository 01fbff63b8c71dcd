"""Changes of watched files can be made to wait from any client."""

from typing import TYPE_CHECKING

import msgspec
import pytest
from control_steps import reply

from tui_runner.control.protocol import Command
from tui_runner.model.view import FileWatch

if TYPE_CHECKING:
    from tests.control.conftest import Setup


async def test_watching_is_paused_and_resumed_and_the_answer_tells_how_it_is_now(setup: "Setup") -> None:
    setup.run.run_view = msgspec.structs.replace(setup.run.run_view, file_watch=FileWatch.ON)
    guest = await setup.guest()
    paused = await reply(guest, Command(id=1, verb="pause-watching"))
    assert (paused.ok, paused.message) == (True, "changes of watched files wait until you resume watching")
    assert paused.run is not None
    assert paused.run.file_watch is FileWatch.PAUSED
    looked = await reply(await setup.guest(), Command(id=1, verb="ps"))
    assert looked.run is not None
    assert looked.run.file_watch is FileWatch.PAUSED
    resumed = await reply(guest, Command(id=2, verb="resume-watching"))
    assert (resumed.ok, resumed.message) == (True, "files are watched; what has changed meanwhile counts now")
    assert resumed.run is not None
    assert resumed.run.file_watch is FileWatch.ON


@pytest.mark.parametrize("verb", ["pause-watching", "resume-watching"])
async def test_where_nothing_is_watched_nothing_can_be_paused(setup: "Setup", verb: str) -> None:
    guest = await setup.guest()
    answer = await reply(guest, Command(id=1, verb=verb))  # type: ignore[arg-type]  # one of the verbs
    assert (answer.ok, answer.message) == (False, "no task of this run watches files")
