"""The list of events: what is told, that it is bounded, filtered and stays at the newest."""

from typing import TYPE_CHECKING

from overview_steps import FAILURE, NOW, a_restart, a_shop, cursor_task, happens, open_overview

from tui_runner.control.protocol import Transition
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import (
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Ready,
)
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.event_log import MOST_EVENTS, EventLog
from widgets.event_lines import TaskEvent, event_lines

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

WIDE = (120, 20)


async def test_what_happens_is_listed_newest_last_without_steps_on_the_way(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        a_restart(peer)
        await open_overview(on_stage, "W", "22:13:22.000", "blocked by db")
        rows = [row.split(maxsplit=3) for row in on_stage.text().splitlines() if "22:13:2" in row]
        assert [(row[0], row[2], row[3]) for row in rows] == [
            ("22:13:21.500", "db", "restarting: files changed"),
            ("22:13:21.750", "db", "started, attempt 2, process 40"),
            ("22:13:22.000", "db", "exit 3 after 1 min 2 s"),
            ("22:13:22.000", "migrate", "blocked by db"),
        ]


async def test_the_cursor_stays_at_the_newest_until_it_is_moved(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        a_restart(peer)
        await open_overview(on_stage, "f5", "blocked by db")
        assert cursor_task(on_stage) == "migrate"
        for number in range(40):
            happens(peer, "web", Ready(attempt=number, pid=3), 10 + number)
        await on_stage.shows("22:14:09.000")
        assert cursor_task(on_stage) == "web"
        before = len(on_stage.app.session.events.events)
        await on_stage.press("g")
        assert cursor_task(on_stage) == "db"
        happens(peer, "api", Completed(exit_code=0), 90)
        await on_stage.until(lambda: len(on_stage.app.session.events.events) == before + 1)
        await on_stage.shows(f"{before + 1} events")
        assert cursor_task(on_stage) == "db"
        assert "22:14:09" not in on_stage.text()


async def test_a_filter_is_typed_and_escape_takes_it_away_before_it_goes_back(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        a_restart(peer)
        await open_overview(on_stage, "W", "blocked by db")
        await on_stage.press("f", *"exit", "enter")
        await on_stage.until(lambda: "blocked by" not in on_stage.text())
        await on_stage.shows("exit 3 after")
        await on_stage.press("escape")
        await on_stage.shows("blocked by db")
        await on_stage.press("slash", *"/attempt 2|zzz/")
        await on_stage.until(lambda: "blocked by" not in on_stage.text())
        await on_stage.shows("attempt 2", "1 lines")
        await on_stage.press("escape")
        await on_stage.shows("blocked by db")
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)


async def test_what_was_before_this_screen_is_told_by_the_first_picture(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 30)) as on_stage:
        await open_overview(on_stage, "W", "worker", "exit 3 after", "blocked by worker")
        rows = [row.split(maxsplit=3) for row in on_stage.text().splitlines() if " db " in row]
        assert [(row[0], row[3]) for row in rows] == [
            ("22:12:20.100", "started"),
            ("22:12:24.000", "ready after 3.9 s"),
        ]


async def test_enter_goes_to_the_task_of_an_event(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        a_restart(peer)
        await open_overview(on_stage, "W", "blocked by db")
        await on_stage.press("k", "enter")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        assert on_stage.main.task_id == "db"


async def test_the_stop_of_the_run_is_an_event(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        peer.move_to(RunPhase.STOPPING, stopping_since=NOW, cause="the terminal is gone")
        await open_overview(on_stage, "W", "everything is being stopped: the terminal is gone", "events told")


def test_a_failure_without_an_exit_says_what_went_wrong() -> None:
    failure = Failure(code=ErrorCode.TASK_FAILED, message="[db] no such directory: /app\nsecond line")
    [line] = event_lines([TaskEvent(number=1, time=NOW, task="db", state=Failed(failure=failure), after_s=None)])
    assert "".join(piece.text for piece in line.pieces).endswith("failed: no such directory: /app")


def test_the_oldest_events_are_forgotten() -> None:
    log = EventLog()
    view = TaskView(id="db", name="db", state=Pending(), started_at=NOW)
    for number in range(MOST_EVENTS + 10):
        state = Backoff(attempt=number + 1, delay_s=1.0, failure=FAILURE)
        log.entered(Transition(time=NOW + number, task="db", state=state), view)
    assert (len(log.events), log.forgotten) == (MOST_EVENTS, 10)
    assert len({line.ident for line in event_lines(log.events)}) == MOST_EVENTS


def test_a_phase_that_is_told_again_is_no_event() -> None:
    log = EventLog()
    run = RunView(run_id="r", root="/app", mode="dev", started_at=NOW, phase=RunPhase.STOPPING)
    log.run_moved(run, RunPhase.RUNNING, NOW)
    log.run_moved(run, RunPhase.STOPPING, NOW + 1)
    assert len(log.events) == 1
