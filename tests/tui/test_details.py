"""The details of a task: what is told, when it is asked for, and where Enter goes."""

from typing import TYPE_CHECKING

import pytest
from overview_steps import FAILURE, NOW, a_shop, cursor_task, details_of_db, open_overview, select

from tui_runner.model.details import TaskDetails
from tui_runner.model.state import Failed, Ready, Running

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

TALL = (120, 50)


async def test_everything_about_a_task_is_told(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.details["db"] = details_of_db()
    async with stage(size=TALL) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, "D", "Details of db", "run-db", "/app/db", "pipeline.py:12", "db.log")
        await on_stage.shows("Needed by", "migrate", "PGDATA", "/app/db/data", "••••••", "postgres://me:***@replica")
        await on_stage.shows("restarted by hand", "exit 3", "ready after 2.5 s", "checkpointer", "41 MB")
        await on_stage.shows("listens on port 5432 (127.0.0.1, ::1)")


async def test_processes_are_looked_at_when_it_opens_and_when_the_task_changes_and_on_request(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_shop(peer)
    peer.details["db"] = TaskDetails(task="db")
    async with stage(size=TALL) as on_stage:
        await select(on_stage, "db")
        assert peer.asked == []
        await open_overview(on_stage, "f2", "Details of db")
        await peer.until(lambda: peer.asked == [("details", "db")])
        peer.enter("api", Running(attempt=2, pid=40))
        await on_stage.press("r")
        await peer.until(lambda: peer.asked == [("details", "db")] * 2)
        peer.enter("db", Ready(attempt=2, pid=41), attempt=2)
        await peer.until(lambda: peer.asked == [("details", "db")] * 3)


async def test_enter_goes_to_a_task_it_needs_or_is_needed_by(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=TALL) as on_stage:
        await select(on_stage, "migrate")
        await open_overview(on_stage, "D", "Needed by")
        assert cursor_task(on_stage) == "db"
        await on_stage.press("j")
        assert cursor_task(on_stage) == "api"
        await on_stage.press("enter")
        await on_stage.until(lambda: on_stage.main.body.task_id == "api")
        assert on_stage.app.screen is on_stage.main


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_it_is_left_as_it_was_entered_and_nothing_is_quit(peer: "Peer", stage: "OpenStage", key: str) -> None:
    a_shop(peer)
    async with stage() as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, "D", "Details of db")
        await on_stage.press(key)
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        assert on_stage.main.body.task_id == "db"
        assert ("down", None) not in peer.asked


async def test_a_task_that_fails_meanwhile_is_shown_as_failed_here_and_on_the_screen_below(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_shop(peer)
    async with stage(size=TALL) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, "D", "● db")
        peer.enter("db", Failed(failure=FAILURE), finished_at=NOW, last_failure=FAILURE)
        await on_stage.shows("✗ db", "[worker] exited with 3")
        await on_stage.press("escape")
        await on_stage.shows("2 failed")


async def test_what_a_stranger_wrote_is_shown_as_text(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.add("db", Ready(attempt=1, pid=1), command="a\x1b[2J\x1b]0;title\x07b [red]c[/red]", cwd="/tmp/\u202ex")
    async with stage(size=TALL) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, "D", "ab [red]c[/red]")
        assert "\u202e" not in on_stage.text()
        assert "\x1b" not in on_stage.text()
