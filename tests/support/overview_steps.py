"""A run to look at in the overviews, and steps to open and read them."""

from typing import TYPE_CHECKING

import msgspec

from tui_runner.control.protocol import Transition
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.details import Attempt, Listening, TaskDetails, TaskProcess, Variable
from tui_runner.model.state import (
    Completed,
    Failed,
    Failure,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TaskState,
)

if TYPE_CHECKING:
    from tests.tui.conftest import Peer, Stage

NOW = 1_700_000_000.0
BEGAN = NOW - 60
"""When the run started."""
FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[worker] exited with 3", exit_code=3)


def a_shop(peer: "Peer") -> None:
    """A shop that came up a minute ago: db, migrate, api and web are the critical path; its worker fails."""
    up(peer, "web", 9.1, 9.6, "api", "assets", address="http://localhost:8000", target=True)
    up(peer, "api", 6.2, 9.1, "migrate", address="http://localhost:8001/health", ready_when="GET /health answers 200")
    peer.add(
        "migrate", Completed(exit_code=0), "db",
        first_started_at=BEGAN + 4.0, started_at=BEGAN + 4.0, first_up_at=BEGAN + 6.2, finished_at=BEGAN + 6.2,
    )  # fmt: skip
    up(peer, "db", 0.1, 4.0, address="localhost:5432", description="orders and customers", cwd="/app/db")
    peer.add("assets", Skipped(reason=SkipReason.CACHE_HIT), first_up_at=BEGAN + 0.2, finished_at=BEGAN + 0.2)
    peer.add(
        "worker", Failed(failure=FAILURE), "migrate", target=True, last_failure=FAILURE,
        first_started_at=BEGAN + 6.3, started_at=BEGAN + 6.3, finished_at=BEGAN + 20, first_ended_at=BEGAN + 20,
    )  # fmt: skip
    peer.add("mailbox", Pending(blocked_by="worker"), "worker", target=True)

    for name, view in peer.views.items():
        peer.views[name] = msgspec.structs.replace(view, log_file=f"/app/.tui_runner/runs/now/logs/{name}.log")


def up(peer: "Peer", name: str, started_s: float, ready_s: float, *needs: str, **more: object) -> None:
    """Add a task that was started and ready so many seconds after the run began."""
    started, ready = BEGAN + started_s, BEGAN + ready_s
    peer.add(
        name, Ready(attempt=1, pid=len(peer.views) + 11), *needs,
        first_started_at=started, started_at=started, first_up_at=ready, ready_at=ready, **more,
    )  # fmt: skip


def details_of_db() -> TaskDetails:
    """What the supervisor tells of the database."""
    restarted = Stopping(attempt=1, pid=9, reason=StopReason.RESTART)
    return TaskDetails(
        task="db",
        environment=(
            Variable(name="PGDATA", value="/app/db/data"),
            Variable(name="PGPASSWORD", value="", masked=True),
            Variable(name="REPLICA", value="postgres://me:***@replica/shop", masked=True),
        ),
        attempts=(
            Attempt(number=1, started_at=BEGAN + 0.1, ready_at=BEGAN + 4, finished_at=BEGAN + 30, last=restarted),
            Attempt(number=2, started_at=BEGAN + 30, finished_at=BEGAN + 31, last=Failed(failure=FAILURE)),
            Attempt(number=3, started_at=BEGAN + 33, ready_at=BEGAN + 35.5, last=Ready(attempt=3, pid=14)),
        ),
        processes=(
            TaskProcess(pid=14, parent=1, name="postgres", rss=41_000_000),
            TaskProcess(pid=15, parent=14, name="checkpointer", rss=6_000_000),
        ),
        listening=(
            Listening(address="127.0.0.1", port=5432, pid=14),
            Listening(address="::1", port=5432, pid=14),
        ),
    )


def happens(peer: "Peer", task: str, state: TaskState, at_s: float) -> None:
    """Let a task enter a state so many seconds from now."""
    peer.send(Transition(time=NOW + at_s, task=task, state=state))
    peer.enter(task, state)


def a_restart(peer: "Peer") -> None:
    """Let db restart because files changed, and fail."""
    happens(peer, "db", Stopping(attempt=1, pid=14, reason=StopReason.CHANGED), 1.5)
    happens(peer, "db", Pending(), 1.6)
    happens(peer, "db", Queued(), 1.6)
    happens(peer, "db", Starting(attempt=2), 1.6)
    happens(peer, "db", Running(attempt=2, pid=40), 1.75)
    happens(peer, "db", Failed(failure=FAILURE), 2.0)
    happens(peer, "migrate", Pending(blocked_by="db"), 2.0)


async def select(stage: "Stage", task: str) -> None:
    """Put the cursor of the tree on a task."""
    stage.main.body.tree_view.move_to(task)
    await stage.until(lambda: stage.main.body.task_id == task)


async def open_overview(stage: "Stage", key: str, *parts: str) -> None:
    """Press a key and wait until the overview shows all of these."""
    await stage.press(key)
    await stage.until(lambda: stage.app.screen is stage.main.overview)
    await stage.shows(*parts)


def cursor_task(stage: "Stage") -> str:
    """Return the task of the line under the cursor of the overview; empty when there is none."""
    overview = stage.main.overview
    assert overview is not None
    line = overview.rows.cursor_line
    return "" if line is None else line.task
