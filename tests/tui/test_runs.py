"""Past runs: how they went, which tasks failed, and the way to one of them and back."""

from typing import TYPE_CHECKING

from overview_steps import a_shop, open_overview
from past_runs import RUN_IDS, write_past_runs

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

WIDE = (130, 24)


async def test_they_are_told_newest_first_with_what_failed(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "H", "3 runs", "execution.json: it cannot be understood")
        rows = on_stage.text().splitlines()[1:4]
        assert [word in row for word, row in zip(("broken", "failed", "success"), rows, strict=True)] == [True] * 3
        assert "1 min 3 s" in rows[1]
        assert "failed: test" in rows[1]
        assert "2.0 s" in rows[2]


async def test_enter_shows_a_run_and_its_tasks_and_escape_comes_back(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "f6", "3 runs")
        await on_stage.press("j", "enter")
        await on_stage.shows(f"Run {RUN_IDS[1]}", "[test] exited with 3", "exit 3", "blocked by test")
        await on_stage.press("escape")
        await on_stage.shows("3 runs")
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)


async def test_a_task_chosen_in_a_run_is_gone_to_if_it_is_there_today(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    up_today = "build"
    peer.add(up_today, peer.views["db"].state, target=True)
    write_past_runs(peer.root)
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "H", "3 runs")
        await on_stage.press("j", "enter")
        await on_stage.shows("blocked by test")
        await on_stage.press("j", "enter")
        await on_stage.pilot.pause()
        assert on_stage.app.screen is not on_stage.main, "there is no task `test` today"
        await on_stage.press("k", "enter")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        assert on_stage.main.task_id == up_today


async def test_without_records_it_says_so(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "H", "no records are kept here")


async def test_what_is_no_directory_of_records_is_told(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    (peer.root / ".tui_runner").write_text("mine")
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "H", "the records cannot be read")
