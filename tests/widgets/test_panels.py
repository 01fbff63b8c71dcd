"""What panels, the status line and the query bar say and do."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui_runner.model.state import (
    Aborted,
    Completed,
    Failed,
    Pending,
    Queued,
    Ready,
    Stopping,
    StopReason,
    TaskState,
    TeardownStatus,
)
from tui_runner.model.view import RunPhase, RunView, TaskView
from widgets.failure_panel import failure_lines
from widgets.failure_report import again_text, report_of
from widgets.gallery_data import CRASH, NOW, START, every_state, leaving_run
from widgets.query import Query
from widgets.query_bar import QueryBar, QueryKind
from widgets.status_line import StatusLine
from widgets.stop_panel import stop_lines
from widgets.task_look import tally
from widgets.waiting_panel import waiting_lines

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]
TASKS = {view.id: view for view in every_state()}
RUN = RunView(run_id="1", root="/", mode="dev", started_at=START, phase=RunPhase.STOPPING, stopping_since=START + 9)


def _service(name: str, state: TaskState, **more: object) -> TaskView:
    """A task without a teardown in a run that leaves."""
    view = TaskView(id=name, name=name, state=state, since=NOW - 2, started_at=START, leaving=True)
    return msgspec.structs.replace(view, **more)


def test_a_failure_answers_what_people_ask() -> None:
    output = [b"\x1b[31mTraceback\x1b[0m [/red]", b"\x1b[2Jboom"]
    report = report_of(TASKS["mail"], list(TASKS.values()), output, "press r")
    assert report is not None
    assert [line.plain for line in failure_lines(report)] == [
        "✗ mail crash loop: 5 restarts in 2.9 s, exit 1, after 4.1 s",
        "ran      python -m mail --queue [inbox]",
        "in       /shop",
        "defined  /shop/pipeline.py:31",
        "blocked  newsletter",
        "again    press r",
        "said     its last lines:",
        "│ Traceback [/red]",
        "│ boom",
    ]


def test_a_plain_failure_is_not_called_a_crash_loop() -> None:
    report = report_of(msgspec.structs.replace(TASKS["mail"], state=Failed(failure=CRASH)), [], [], "")
    assert report is not None
    assert failure_lines(report)[0].plain == "✗ mail exit 1, after 4.1 s"


@pytest.mark.parametrize(
    ("key", "watched", "text"),
    [
        ("r", (), "press r, or: tui-runner restart mail"),
        ("", (), "tui-runner restart mail"),
        ("r", ("mail/**/*.py",), "press r, change mail/**/*.py, or: tui-runner restart mail"),
        ("", ("a", "b", "c", "d", "e"), "change a, b, c or 2 more, or: tui-runner restart mail"),
    ],
)
def test_a_failure_says_which_key_and_which_change_starts_the_task_again(
    key: str, watched: tuple[str, ...], text: str
) -> None:
    assert again_text(msgspec.structs.replace(TASKS["mail"], watched=watched), key) == text


def test_the_last_failure_of_a_task_that_runs_again_can_be_asked_for() -> None:
    assert report_of(TASKS["db"], [], [], "") is None
    again = msgspec.structs.replace(TASKS["db"], last_failure=report_of(TASKS["mail"], [], [], "").failure)  # type: ignore[union-attr] # mail failed
    report = report_of(again, [], [], "")
    assert report is not None
    assert report.ran_for is None


def test_a_waiting_task_names_what_it_waits_for_first() -> None:
    lines = [line.plain for line in waiting_lines(TASKS["web"], TASKS, NOW)]
    assert lines[0] == "web has not started; it waits for"
    assert "shop:worker" in lines[2]
    assert "shop:api" in lines[3]
    assert lines[-2] == "The shop window"
    assert lines[-1] == "will run  npm run dev -- --port 3000"


def test_a_task_that_cannot_start_says_why() -> None:
    assert waiting_lines(TASKS["newsletter"], TASKS, NOW)[0].plain == "newsletter cannot start: mail failed"
    queued = msgspec.structs.replace(TASKS["web"], state=Queued())
    assert "free slot" in waiting_lines(queued, TASKS, NOW)[0].plain
    leaving = msgspec.structs.replace(TASKS["web"], state=Pending(), leaving=True)
    assert "is stopping" in waiting_lines(leaving, TASKS, NOW)[0].plain


def test_the_teardown_of_a_task_that_failed_long_ago_is_waited_for_since_it_began() -> None:
    state = Failed(failure=CRASH)
    mail = msgspec.structs.replace(
        TASKS["mail"], state=state, since=START - 200, teardown=TeardownStatus.RUNNING, teardown_since=NOW - 3
    )
    lines = [line.plain for line in stop_lines(RUN, [mail], NOW, force_key="q")]
    assert lines[1] == "Waiting for mail since 3 s (its teardown)"
    assert lines[-1].endswith("mail  tearing down… 3 s")


def test_a_teardown_that_is_waited_for_is_ended_by_the_key_that_gives_it_up() -> None:
    torn_down = _service("api", Completed(stopped=True), teardown=TeardownStatus.RUNNING, teardown_since=NOW - 7)
    up = _service("db", Ready(attempt=1, pid=7), waiting_for=("api",))
    dead = _service("db", Aborted(signal="SIGKILL"), waiting_for=("api",), teardown=TeardownStatus.DUE)

    def shown(phase: RunPhase, *tasks: TaskView) -> list[str]:
        run = msgspec.structs.replace(RUN, phase=phase)
        return [line.plain for line in stop_lines(run, tasks, NOW, force_key="q")]

    stopping = shown(RunPhase.STOPPING, up, torn_down)
    assert stopping[1] == "Waiting for api since 7 s (its teardown)"
    assert stopping[2] == "q twice gives up on teardowns; once kills the one that still runs"
    killing = shown(RunPhase.KILLING, dead, torn_down)
    assert killing[2] == "q gives up on teardowns"
    assert killing[-1].endswith("db   teardown after api")


def test_the_stop_panel_shows_who_is_waited_for_and_what_the_key_does() -> None:
    lines = [line.plain for line in stop_lines(RUN, leaving_run(), NOW, force_key="q")]
    assert lines[0] == "Stopping for 3 s"
    assert lines[1].startswith("Waiting for api since 3 s (process 4310)")
    assert lines[2] == "q kills the 2 that still run; teardowns run all the same"
    assert [line.split()[1] for line in (lines[4], lines[6])] == ["web", "cache"]
    assert "[no such container]" in lines[5]


def test_a_stop_of_many_tasks_counts_those_that_are_gone_where_there_is_no_room() -> None:
    def services(count: int) -> list[TaskView]:
        gone = msgspec.structs.replace(leaving_run()[2], teardown=TeardownStatus.COMPLETED)
        return [*leaving_run(), *(msgspec.structs.replace(gone, id=f"gone{number}") for number in range(count))]

    def shown(count: int, room: int | None) -> list[str]:
        return [line.plain for line in stop_lines(RUN, services(count), NOW, force_key="q", room=room)]

    assert len(shown(40, None)) == 3 + 1 + 4 + 1 + 40
    assert len(shown(3, 12)) == 12
    crowded = shown(40, 12)
    assert crowded[:3] == shown(0, None)[:3]
    assert crowded[4] == "40 of 44 are gone"
    assert [line.split()[1] for line in crowded[5:] if "[no such" not in line] == ["web", "cache", "api", "db"]


def test_a_stop_of_many_shows_first_who_still_runs_whether_or_not_tasks_have_a_teardown() -> None:
    stopped = _service("gone", Completed(stopped=True))
    busy = _service("busy", Stopping(attempt=1, pid=7, reason=StopReason.RUN_ENDS))
    up = _service("up", Ready(attempt=1, pid=7), waiting_for=("busy0",))
    tasks = [
        *(msgspec.structs.replace(up, id=f"up{number}") for number in range(2)),
        *(msgspec.structs.replace(busy, id=f"busy{number}") for number in range(13)),
        *(msgspec.structs.replace(stopped, id=f"gone{number}") for number in range(45)),
    ]

    def rows(room: int) -> list[str]:
        lines = stop_lines(RUN, tasks, NOW, force_key="q", room=room)
        assert len(lines) <= room
        return [line.plain for line in lines[4:]]

    assert len(rows(64)) == 60
    roomy = rows(20)
    assert roomy[0] == "45 of 60 are gone"
    assert [row.split()[1] for row in roomy[1:]] == [*(f"busy{number}" for number in range(12, -1, -1)), "up1", "up0"]
    tight = rows(11)
    assert tight[0] == "45 of 60 are gone"
    assert [row.split()[1] for row in tight[1:-1]] == ["busy12", "busy11", "busy10", "busy9", "busy8"]
    assert tight[-1] == "and 10 more that are not gone"


def test_those_that_are_waited_for_are_shown_before_those_whose_turn_comes_later() -> None:
    tasks = [
        _service("db", Stopping(attempt=1, pid=7, reason=StopReason.RUN_ENDS)),
        *(_service(f"up{number}", Ready(attempt=1, pid=7), waiting_for=("db",)) for number in range(9)),
    ]
    lines = [line.plain for line in stop_lines(RUN, tasks, NOW, force_key="q", room=7)]
    assert [line.split()[1] for line in lines[4:]] == ["db", "up8", "8"]


def test_what_the_key_does_is_never_cut_off() -> None:
    lines = stop_lines(RUN, leaving_run(), NOW, force_key="q", width=44, room=11)
    assert [line.plain for line in lines[2:4]] == ["q kills the 2 that still run; teardowns run", "all the same"]
    assert all(line.cell_length <= 44 for line in lines[:4])
    assert len(lines) <= 11


def test_one_task_that_still_runs_is_spoken_of_as_one() -> None:
    busy = _service("api", Stopping(attempt=1, pid=7, reason=StopReason.RUN_ENDS))
    lines = [line.plain for line in stop_lines(RUN, [busy], NOW, force_key="q")]
    assert lines[2] == "q kills the one that still runs; teardowns run all the same"


def test_a_long_name_hides_neither_since_when_nor_for_which_process_a_stop_waits() -> None:
    name = "the-service-that-answers-questions-about-orders"
    tasks = [msgspec.structs.replace(view, id=name) if view.id == "api" else view for view in leaving_run()]
    lines = [line.plain for line in stop_lines(RUN, tasks, NOW, force_key="q", width=44)]
    assert lines[1] == "Waiting for the-ser… since 3 s (process 4310)"
    (row,) = (line for line in lines[3:] if "the-service" in line)
    assert row.endswith("…  stopping… 3 s")
    assert len(row) <= 44


def test_each_phase_of_a_stop_says_what_comes_next() -> None:
    gone = [msgspec.structs.replace(view, state=Completed(stopped=True)) for view in leaving_run()]

    def of_the_key(phase: RunPhase) -> list[str]:
        lines = stop_lines(msgspec.structs.replace(RUN, phase=phase), gone, NOW, force_key="q")
        return [line.plain for line in lines if line.plain.startswith("q ")]

    assert of_the_key(RunPhase.STOPPING) == ["q twice gives up on teardowns"]
    assert of_the_key(RunPhase.KILLING) == ["q gives up on teardowns"]
    assert of_the_key(RunPhase.ABANDONING) == of_the_key(RunPhase.ENDED) == []
    assert isinstance(leaving_run()[1].state, Stopping)


class LineApp(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.line = StatusLine()
        self.bar = QueryBar()
        self.pressed: list[str] = []
        self.heard: list[tuple[str, QueryKind, Query | None]] = []

    def compose(self) -> ComposeResult:
        yield self.bar
        yield self.line

    def on_status_line_pressed(self, message: StatusLine.Pressed) -> None:
        self.pressed.append(message.key)

    def on_query_bar_changed(self, message: QueryBar.Changed) -> None:
        self.heard.append(("changed", message.kind, message.query))

    def on_query_bar_submitted(self, message: QueryBar.Submitted) -> None:
        self.heard.append(("submitted", message.kind, message.query))

    def on_query_bar_closed(self, message: QueryBar.Closed) -> None:
        self.heard.append(("closed", message.kind, None))


async def test_the_status_line_shows_what_fits_and_hints_can_be_clicked(shown: Shown, wait: Wait) -> None:
    app = LineApp()
    async with app.run_test(size=(60, 4)) as pilot:
        app.line.set_counts(tally([TASKS["db"], TASKS["mail"]]))
        app.line.set_hints([("r", "restart"), ("[b]", "odd key"), ("q", "quit the whole thing")])
        await wait(pilot, lambda: shown(app)[0] == " ● 1 ready  ✗ 1 failed  r restart  [b] odd key")
        await pilot.click(app.line, offset=(shown(app)[0].index("restart"), 0))
        await pilot.click(app.line, offset=(shown(app)[0].index("odd"), 0))
        await pilot.click(app.line, offset=(1, 0))
        await pilot.pause()
        assert app.pressed == ["r", "[b]"]
        app.line.set_message("copied [red]\x1b[2J", error=True)
        await wait(pilot, lambda: shown(app)[0].endswith("copied [red]"))
        app.line.set_message("")
        await wait(pilot, lambda: "restart" in shown(app)[0])


async def test_the_status_line_leaves_room_for_the_hints_that_are_to_be_kept(shown: Shown, wait: Wait) -> None:
    app = LineApp()
    async with app.run_test(size=(60, 4)) as pilot:
        app.line.set_counts(tally([TASKS["db"], TASKS["mail"]]))
        app.line.set_hints(
            [("R", "again"), ("s", "stop"), ("q", "quit"), ("?", "help"), ("z", "zoom")], kept=("q", "?")
        )
        await wait(pilot, lambda: shown(app)[0].endswith("R again  s stop  q quit  ? help"))
        await pilot.resize_terminal(47, 4)
        await wait(pilot, lambda: shown(app)[0].endswith("failed  R again  q quit  ? help"))
        await pilot.click(app.line, offset=(shown(app)[0].index("help"), 0))
        await pilot.resize_terminal(29, 4)
        await wait(pilot, lambda: shown(app)[0].endswith("failed  q quit"))
        await pilot.pause()
        assert app.pressed == ["?"]


async def test_a_narrow_status_line_leaves_words_out_for_what_can_be_done_but_never_that_something_failed(
    shown: Shown, wait: Wait
) -> None:
    app = LineApp()
    async with app.run_test(size=(60, 4)) as pilot:
        app.line.set_counts(tally(TASKS.values()))
        app.line.set_hints([("q", "quit")])
        await wait(pilot, lambda: "1 failed  q quit" in shown(app)[0])
        assert "ready" not in shown(app)[0]
        await pilot.resize_terminal(200, 4)
        await wait(pilot, lambda: " ready  " in shown(app)[0])


async def test_the_bar_tells_of_every_valid_query_and_explains_the_others(shown: Shown, wait: Wait) -> None:
    app = LineApp()
    async with app.run_test(size=(60, 4)) as pilot:
        assert not app.bar.display
        app.bar.open(QueryKind.FILTER)
        await pilot.press("a", "enter")
        app.bar.open(QueryKind.SEARCH, "/x")
        await pilot.press("left_parenthesis")
        await wait(pilot, lambda: "missing )" in shown(app)[0])
        app.bar.set_status("3/7")
        await pilot.press("enter")
        await wait(pilot, lambda: "missing )" in shown(app)[0])
        await pilot.press("backspace")
        await pilot.pause()
        app.bar.set_status("3/7 [b]")
        await wait(pilot, lambda: shown(app)[0].endswith("3/7 [b]"))
        await pilot.press("escape")
        await pilot.pause()
        assert not app.bar.display
        a = Query(text="a", ignore_case=True)
        x = Query(text="x", regex=True, ignore_case=True)
        expected = [
            ("changed", QueryKind.FILTER, a),
            ("submitted", QueryKind.FILTER, a),
            ("changed", QueryKind.SEARCH, x),
            ("changed", QueryKind.SEARCH, x),
            ("closed", QueryKind.SEARCH, None),
        ]
        assert app.heard == expected
