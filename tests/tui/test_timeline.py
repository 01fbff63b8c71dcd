"""The timeline of the start-up: live and afterwards."""

from typing import TYPE_CHECKING

from overview_steps import NOW, a_shop, cursor_task, open_overview, select

from tui_runner.model.state import Pending, Ready, Running

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

WIDE = (120, 30)


async def test_it_says_what_waited_for_what_and_what_took_so_long(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "T", "Start-up: 9,600 ms, because of db > migrate > api > web")
        rows = on_stage.text().splitlines()
        [api] = [row for row in rows if "● api" in row]
        assert "2,900 ms" in api
        assert "at 6,200 ms ← migrate" in api
        assert "◆" in api
        [worker] = [row for row in rows if "✗ worker" in row]
        assert "◆" not in worker
        assert "13,700 ms" in worker
        assert any("mailbox" in row and "blocked by worker" in row for row in rows)


async def test_it_follows_the_tasks_while_they_come_up(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Pending(), "db", target=True, waiting_for=("db",))
    peer.add("db", Running(attempt=1, pid=3), first_started_at=NOW - 10, started_at=NOW - 10, ready_when="it answers")
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "f3", "60,000 ms so far, because of db", "waits for db")
        peer.enter("db", Ready(attempt=1, pid=3), first_up_at=NOW - 1, ready_at=NOW - 1)
        peer.enter("web", Running(attempt=1, pid=4), first_started_at=NOW - 1, started_at=NOW - 1, waiting_for=())
        await on_stage.shows("59,000 ms", "because of db > web", "at 59,000 ms ← db")
        overview = on_stage.main.overview
        assert overview is not None
        assert overview._timer is None, "nothing ticks once everything is up"


async def test_the_cursor_begins_at_the_selected_task_and_enter_goes_to_another(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        await select(on_stage, "migrate")
        await open_overview(on_stage, "T", "Start-up")
        assert cursor_task(on_stage) == "migrate"
        await on_stage.press("k", "enter")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        assert on_stage.main.task_id == "assets"
