"""Letting changes of watched files wait: the key, what is shown meanwhile, going on."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec
import pytest

from tui_runner.model.state import Pending, Ready
from tui_runner.model.view import FileWatch
from tui_runner.tui.commands import applicable
from tui_runner.tui.ui_command import CommandContext

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0


def watch_files(peer: "Peer", file_watch: FileWatch) -> None:
    peer.run = msgspec.structs.replace(peer.run, file_watch=file_watch)


def two_of_three_watch(peer: "Peer") -> None:
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12)
    peer.add("api", Ready(attempt=1, pid=12), "db", ready_at=NOW - 8, started_at=NOW - 9, watching=True)
    peer.add("web", Pending(), "api", watching=True)
    peer.write("db", b"ready to accept connections\n")
    watch_files(peer, FileWatch.ON)


async def test_the_key_pauses_what_is_shown_until_the_key_goes_on(peer: "Peer", stage: "OpenStage") -> None:
    two_of_three_watch(peer)
    async with stage(size=(120, 20)) as on_stage:
        assert "paused" not in on_stage.text()
        await on_stage.press("C")
        await peer.until(lambda: peer.asked == [("pause-watching", None)])
        peer.move_to(peer.run.phase, file_watch=FileWatch.PAUSED)
        await on_stage.shows("|| watch paused (C)")
        await on_stage.press("C")
        await peer.until(lambda: len(peer.asked) == 2)
        assert peer.asked[1] == ("resume-watching", None)
        peer.move_to(peer.run.phase, file_watch=FileWatch.ON)
        await on_stage.until(lambda: "paused" not in on_stage.text())


async def test_a_screen_that_is_opened_during_a_pause_shows_it(
    peer: "Peer", stage: "OpenStage", picture: Callable[["Stage"], Awaitable[None]]
) -> None:
    two_of_three_watch(peer)
    watch_files(peer, FileWatch.PAUSED)
    async with stage(size=(100, 16)) as on_stage:
        await on_stage.shows("|| watch paused (C)")
        await picture(on_stage)


async def test_a_narrow_screen_shows_it_in_words_too(peer: "Peer", stage: "OpenStage") -> None:
    two_of_three_watch(peer)
    watch_files(peer, FileWatch.PAUSED)
    async with stage(size=(40, 16)) as on_stage:
        await on_stage.shows("|| watch paused (C)  ● 2")


async def test_the_palette_finds_it(peer: "Peer", stage: "OpenStage") -> None:
    two_of_three_watch(peer)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("colon", *"resume watch")
        await on_stage.shows("Pause/resume watching")
        await on_stage.press("enter")
        await peer.until(lambda: peer.asked == [("pause-watching", None)])


@pytest.mark.parametrize(
    ("file_watch", "offered"), [(FileWatch.OFF, False), (FileWatch.ON, True), (FileWatch.PAUSED, True)]
)
def test_it_is_offered_where_something_is_watched(file_watch: FileWatch, offered: bool) -> None:
    found = {command.id for command in applicable(CommandContext(file_watch=file_watch))}
    assert ("pause_watching" in found) is offered
