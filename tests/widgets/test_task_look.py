"""Every state of a task can be told apart, with and without colour."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    CrashLoop,
    Failed,
    Failure,
    Pending,
    Queued,
    Ready,
    RepeatKind,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TaskState,
    TeardownStatus,
)
from tui_runner.model.view import TaskView
from widgets.span_text import growing_text, span_text
from widgets.task_look import look, tally
from widgets.tone import Tone

EXIT_1 = Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 1", exit_code=1)
LOOP = Failure(
    code=ErrorCode.TASK_FAILED,
    message="[api] exited with 1; crash loop: 5 restarts in 12.3 s",
    exit_code=1,
    crash_loop=CrashLoop(restarts=5, within_s=12.3),
)
KILLED = Failure(code=ErrorCode.PROCESS_TERMINATED, message="[api] was killed", signal="SIGKILL")
LATE = Failure(code=ErrorCode.TASK_READY_TIMEOUT, message="[api] not ready", signal="SIGTERM")


def view(state: TaskState, **more: Any) -> TaskView:
    return TaskView(id="shop:api", name="api", state=state, **{"since": 100.0, **more})


CASES: list[tuple[TaskView, str, str, Tone]] = [
    (view(Pending(), waiting_for=("shop:db", "x")), "◌", "waiting for db, x", Tone.PENDING),
    (view(Pending(), waiting_for=("a", "b", "c", "d", "e")), "◌", "waiting for a, b, c +2", Tone.PENDING),
    (view(Pending(blocked_by="shop:db")), "⊘", "blocked by db", Tone.PENDING),
    (view(Pending(), leaving=True), "◌", "not started", Tone.GONE),
    (view(Queued()), "○", "queued", Tone.PENDING),
    (view(Starting(attempt=1)), "⠋", "starting…", Tone.ACTIVE),
    (view(Running(attempt=1, pid=1), started_at=98.0, ready_when="port 1"), "⠋", "2 s", Tone.ACTIVE),
    (view(Running(attempt=3, pid=1), started_at=98.0, attempt=3), "▶", "try 3, running", Tone.ACTIVE),
    (view(Ready(attempt=1, pid=1), started_at=98.0, ready_at=99.2), "●", "ready 1.2 s", Tone.READY),
    (
        view(Ready(attempt=1, pid=1), started_at=98.0, ready_at=99.2, restarts=2, address="http://localhost:8000/x"),
        "●",
        "ready 1.2 s ↻2 :8000",
        Tone.READY,
    ),
    (view(Ready(attempt=1, pid=1), unhealthy="port 80: 1 of 3"), "●", "ready, does not answer", Tone.READY),
    (view(Running(attempt=1, pid=1), unhealthy="port 80: 1 of 3"), "▶", "does not answer", Tone.ACTIVE),
    (view(Ready(attempt=1, pid=1), leaving=True, waiting_for=("web",)), "●", "stops after web", Tone.LEAVING),
    (view(Stopping(attempt=1, pid=1, reason=StopReason.PERSON), since=97.0), "⠋", "stopping… 3 s", Tone.LEAVING),
    (view(Stopping(attempt=1, pid=1, reason=StopReason.PERSON, forced=True)), "⠋", "killing…", Tone.LEAVING),
    (view(Stopping(attempt=1, pid=1, reason=StopReason.CHANGED)), "⠋", "restarting…", Tone.LEAVING),
    (view(Backoff(attempt=2, delay_s=4.0, failure=EXIT_1)), "↻", "exit 1, restart in 4 s", Tone.ACTIVE),
    (view(Backoff(attempt=2, delay_s=4.0), since=97.5), "↻", "restart in 2 s", Tone.ACTIVE),
    (
        view(Backoff(attempt=3, delay_s=4.0, failure=EXIT_1, number=2, most=5), since=99.0),
        "↻",
        "exit 1, restart 2/5 in 3 s",
        Tone.ACTIVE,
    ),
    (
        view(Backoff(attempt=2, delay_s=1.0, failure=EXIT_1, kind=RepeatKind.RETRY, number=2, most=3)),
        "↻",
        "exit 1, try 2/3 in 1 s",
        Tone.ACTIVE,
    ),
    (view(Stopping(attempt=1, pid=1, reason=StopReason.DEPENDENCY)), "⠋", "restarting…", Tone.LEAVING),
    (view(Completed(exit_code=0), started_at=90.0, finished_at=90.3), "✓", "done 0.3 s", Tone.DONE),
    (view(Completed(stopped=True)), "■", "stopped", Tone.GONE),
    (view(Failed(failure=EXIT_1)), "✗", "exit 1", Tone.FAILED),
    (view(Failed(failure=LOOP)), "✗", "crash loop: 5 restarts in 12 s", Tone.FAILED),
    (view(Failed(failure=KILLED)), "✗", "SIGKILL", Tone.FAILED),
    (view(Failed(failure=LATE)), "✗", "not ready in time", Tone.FAILED),
    (view(Aborted(signal="SIGTERM")), "■", "aborted (SIGTERM)", Tone.GONE),
    (view(Skipped(reason=SkipReason.COMMAND_NOT_FOUND), mode="dev"), "⊘", "skipped: no command for dev", Tone.GONE),
    (view(Skipped(reason=SkipReason.CACHE_HIT)), "✓", "cached: nothing changed", Tone.DONE),
    (view(Skipped(reason=SkipReason.INNER_TASKS_SKIPPED)), "⊘", "skipped: nothing to run", Tone.GONE),
    (view(Skipped(reason=SkipReason.UNAVAILABLE)), "⊘", "skipped: not available here", Tone.GONE),
    (
        view(Completed(stopped=True), leaving=True, teardown=TeardownStatus.RUNNING),
        "⠋",
        "tearing down…",
        Tone.LEAVING,
    ),
    (
        view(Completed(stopped=True), leaving=True, teardown=TeardownStatus.RUNNING, teardown_since=93.0),
        "⠋",
        "tearing down… 7 s",
        Tone.LEAVING,
    ),
    (view(Completed(stopped=True), leaving=True, teardown=TeardownStatus.COMPLETED), "■", "torn down", Tone.GONE),
    (
        view(Aborted(), leaving=True, teardown=TeardownStatus.DUE, waiting_for=("web",)),
        "■",
        "teardown after web",
        Tone.LEAVING,
    ),
    (view(Completed(), leaving=True, teardown=TeardownStatus.DUE), "■", "teardown due", Tone.LEAVING),
    (
        view(Completed(), leaving=True, teardown=TeardownStatus.FAILED, teardown_error="x"),
        "✗",
        "teardown failed",
        Tone.FAILED,
    ),
]


@pytest.mark.parametrize(("shown", "glyph", "note", "tone"), CASES)
def test_a_state_has_its_glyph_its_words_and_its_tone(shown: TaskView, glyph: str, note: str, tone: Tone) -> None:
    seen = look(shown, 100.0)
    assert (seen.glyph, seen.note, seen.tone) == (glyph, note, tone)


@pytest.mark.parametrize("shown", [case[0] for case in CASES])
def test_without_unicode_everything_is_ascii(shown: TaskView) -> None:
    seen = look(shown, 100.0, ascii=True)
    assert seen.note.isascii()
    assert seen.glyph.isascii()
    assert cell_len(seen.glyph) == 1


def test_a_backoff_counts_down_however_little_room_there_is() -> None:
    waiting = view(Backoff(attempt=3, delay_s=30.0, failure=EXIT_1, number=2, most=5), since=98.6)
    assert [look(waiting, now).brief for now in (98.6, 99.6, 128.0, 140.0)] == [
        "in 30 s",
        "in 29 s",
        "in 1 s",
        "in 0 s",
    ]
    assert look(waiting, 99.0).changes_in == pytest.approx(0.6)


def test_glyphs_tell_endings_apart_without_colour() -> None:
    endings: list[TaskState] = [
        Completed(),
        Completed(stopped=True),
        Failed(failure=EXIT_1),
        Skipped(reason=SkipReason.COMMAND_NOT_FOUND),
    ]
    assert len({look(view(state), 0.0, ascii=True).glyph for state in endings}) == len(endings)


@pytest.mark.parametrize("shown", [case[0] for case in CASES])
def test_a_look_stays_until_the_moment_it_announces(shown: TaskView) -> None:
    seen = look(shown, 100.0)
    until = 1000.0 if seen.changes_in is None else 100.0 + seen.changes_in * 0.99
    later = look(shown, until)
    assert (later.glyph, later.note, later.tone) == (seen.glyph, seen.note, seen.tone)


def test_a_service_without_a_probe_does_not_keep_the_screen_busy() -> None:
    seen = look(view(Running(attempt=1, pid=1), started_at=0.0), 7300.0)
    assert seen.note == "running 2 h"
    assert seen.changes_in == pytest.approx(3500.0)


def test_the_tally_counts_tasks_by_condition_and_leaves_out_pipelines() -> None:
    views = [case[0] for case in CASES] + [view(Ready(attempt=1, pid=0), composite=True)]
    counts = {count.label: count.number for count in tally(views)}
    told = {"ready": 4, "running": 2, "starting": 6, "waiting": 3, "blocked": 1, "done": 2, "stopping": 6, "failed": 5}
    assert counts == told
    assert tally([]) == ()


def test_what_will_not_start_by_itself_is_not_counted_as_waiting() -> None:
    views = [view(Pending(blocked_by="db")), view(Pending(blocked_by="db")), view(Pending(), waiting_for=("api",))]
    assert [(count.glyph, count.number, count.label) for count in tally(views)] == [
        ("◌", 1, "waiting"),
        ("⊘", 2, "blocked"),
    ]


def test_only_what_is_being_stopped_or_torn_down_is_counted_as_stopping() -> None:
    later = ("mule",)
    views = [
        view(Stopping(attempt=1, pid=1, reason=StopReason.RUN_ENDS), leaving=True),
        view(Completed(stopped=True), leaving=True, teardown=TeardownStatus.RUNNING),
        view(Ready(attempt=1, pid=1), leaving=True, waiting_for=later, teardown=TeardownStatus.DUE),
        view(Running(attempt=1, pid=1), leaving=True, waiting_for=later),
        view(Aborted(), leaving=True, waiting_for=later, teardown=TeardownStatus.DUE),
    ]
    counts = {count.label: count.number for count in tally(views)}
    assert counts == {"ready": 1, "running": 1, "stopping": 2}


@given(st.floats(0, 10_000_000))
def test_spans_are_short_and_growing_ones_announce_their_change(seconds: float) -> None:
    assert len(span_text(seconds)) <= 13
    text, changes_in = growing_text(seconds)
    assert 0 < changes_in <= 3600
    if seconds < 1_000_000:
        assert growing_text(seconds + changes_in + 1e-6)[0] != text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-1, "0.0 s"),
        (1.24, "1.2 s"),
        (12.4, "12 s"),
        (59.7, "1 min"),
        (185, "3 min 5 s"),
        (7380, "2 h 3 min"),
        (3600, "1 h"),
    ],
)
def test_finished_spans_read_well(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_what_has_ended_by_itself_has_nothing_to_stop_while_the_run_leaves() -> None:
    migrate = view(Completed(), leaving=True, waiting_for=("web",), started_at=98.0, finished_at=99.2)
    assert look(migrate, 100.0).note == "done 1.2 s"
