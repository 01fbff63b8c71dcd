"""What holds for every overview: any size, any terminal, and never in the way of a stop."""

import gc
from typing import TYPE_CHECKING

import pytest
from overview_steps import NOW, a_restart, a_shop, details_of_db, open_overview, select
from past_runs import write_past_runs
from textual.strip import Strip

from tui_runner.model.view import RunPhase
from tui_runner.tui.app import RunnerApp
from tui_runner.tui.screens.graph import GraphScreen
from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.screens.runs import PastRunScreen

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

KEYS = {"D": "Details of db", "T": "Start-up", "M": "layers", "W": "events", "H": "3 runs"}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("size", [(40, 10), (300, 100)], ids=["40x10", "300x100"])
async def test_it_can_be_opened_moved_in_and_left_at_any_size(
    peer: "Peer", stage: "OpenStage", key: str, size: tuple[int, int]
) -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    peer.details["db"] = details_of_db()
    async with stage(size=size) as on_stage:
        await select(on_stage, "db")
        a_restart(peer)
        await open_overview(on_stage, key, KEYS[key])
        await on_stage.press("j", "pagedown", "G", "k", "g", "pageup", "h", "l")
        await on_stage.pilot.resize_terminal(20, 3)
        await on_stage.pilot.resize_terminal(*size)
        await on_stage.shows(KEYS[key])
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)


@pytest.mark.parametrize("key", KEYS)
async def test_a_stop_of_the_run_is_seen_at_once(peer: "Peer", stage: "OpenStage", key: str) -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    async with stage(size=(120, 40)) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, key, KEYS[key].replace("events", "event"))
        await on_stage.press("enter" if key == "H" else "j")
        peer.move_to(RunPhase.STOPPING, stopping_since=NOW, cause="asked to")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        await on_stage.shows("Stopping", "asked to")


@pytest.mark.parametrize("key", ["M", "H"])
async def test_a_stop_of_the_run_is_seen_behind_a_dialog_over_an_overview_too(
    peer: "Peer", stage: "OpenStage", key: str
) -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    async with stage(owner=False, size=(120, 40)) as on_stage:
        await open_overview(on_stage, key, KEYS[key])
        if key == "H":
            await on_stage.press("enter")
            await on_stage.until(lambda: isinstance(on_stage.app.screen, PastRunScreen))
        await on_stage.press("ctrl+c")
        await on_stage.shows("This run was started elsewhere")
        await on_stage.pilot.resize_terminal(100, 30)
        peer.move_to(RunPhase.STOPPING, stopping_since=NOW, cause="asked to")
        await on_stage.shows("This run was started elsewhere", "asked to")
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        await on_stage.shows("Stopping", "asked to")
        assert on_stage.main.size == (100, 30)


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("D", "Look at processes and ports again"),
        ("T", "Go to the task of the line"),
        ("M", "to another layer"),
        ("W", "Show only lines that match"),
        ("H", "Show the run"),
    ],
)
async def test_question_mark_shows_the_keys_that_work_in_it(
    peer: "Peer", stage: "OpenStage", key: str, told: str
) -> None:
    a_shop(peer)
    write_past_runs(peer.root)
    async with stage(size=(120, 40)) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, key, "? help")
        overview = on_stage.app.screen
        await on_stage.press("question_mark")
        await on_stage.shows(told, "Go back")
        assert "Restart the selected" not in on_stage.text()
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is overview)


@pytest.mark.parametrize("key", ["colon", "ctrl+p"])
async def test_a_command_of_the_palette_leaves_the_overview_it_was_chosen_over(
    peer: "Peer", stage: "OpenStage", key: str
) -> None:
    a_shop(peer)
    async with stage(size=(120, 40)) as on_stage:
        await open_overview(on_stage, "T", "Start-up")
        await on_stage.press(key, *"restart failed")
        await on_stage.shows("Restart every task that has failed")
        await on_stage.press("enter")
        await peer.until(lambda: peer.asked == [("restart", "worker")])
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        await on_stage.shows("restarting worker")


async def test_the_palette_leads_from_one_overview_to_another(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 40)) as on_stage:
        await open_overview(on_stage, "T", "Start-up")
        await on_stage.press("ctrl+p", *"map of")
        await on_stage.shows("what needs what")
        await on_stage.press("enter")
        await on_stage.until(lambda: isinstance(on_stage.main.overview, GraphScreen))
        await on_stage.shows("7 tasks in")
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)


async def test_ctrl_c_in_an_overview_stops_the_run_like_everywhere(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 40)) as on_stage:
        await open_overview(on_stage, "T", "Start-up")
        await on_stage.press("ctrl+c")
        await peer.until(lambda: ("down", None) in peer.asked)


@pytest.mark.parametrize("key", ["D", "T", "M", "W"])
async def test_a_terminal_without_other_characters_gets_ascii_only(peer: "Peer", key: str) -> None:
    a_shop(peer)
    peer.details["db"] = details_of_db()
    await peer.serve()
    app = RunnerApp(peer.client_end, owner=True, clock=lambda: NOW, ascii=True)
    async with app.run_test(size=(48, 40)) as pilot:
        from tests.tui.conftest import Stage

        on_stage = Stage(app, pilot, peer)
        await on_stage.until(lambda: app.connected and app.session.run is not None)
        await select(on_stage, "db")
        a_restart(peer)
        await open_overview(on_stage, key, KEYS[key])
        if key == "D":
            await on_stage.shows("PGPASSWORD")
        scrollbars = set("▁▂▃▄▅▆▇█▉▊▋▌▍▎▏▐")
        assert [sign for sign in on_stage.text() if not sign.isascii() and sign not in scrollbars] == []


@pytest.mark.parametrize("key", ["T", "M", "W", "D"])
async def test_keys_typed_ahead_of_leaving_do_no_harm(peer: "Peer", stage: "OpenStage", key: str) -> None:
    a_shop(peer)
    peer.details["db"] = details_of_db()
    async with stage(size=(120, 40)) as on_stage:
        await select(on_stage, "db")
        await open_overview(on_stage, key, KEYS[key])
        overview = on_stage.app.screen
        assert isinstance(overview, Overview)
        overview.action_leave()
        overview.action_leave()
        for line in overview.rows.lines:
            overview.choose(line)
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        await on_stage.press("j", "?")
        await on_stage.shows("Shift-Tab")


async def test_nothing_of_what_was_painted_is_kept_when_screens_have_been_left(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_shop(peer)

    async def look_around() -> int:
        for key in ("question_mark", "W", "M"):
            await on_stage.press(key)
            await on_stage.until(lambda: on_stage.app.screen is not on_stage.main)
            await on_stage.pilot.pause()
            await on_stage.press("escape")
            await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        gc.collect()
        return sum(isinstance(one, Strip) for one in gc.get_objects())

    async with stage(size=(120, 40)) as on_stage:
        await select(on_stage, "db")
        first = latest = await look_around()
        for _ in range(4):
            latest = await look_around()
        assert latest <= first * 1.2
