"""Made-up tasks and output for the gallery: every state once. Data only."""

from typing import Any

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.errors.site import Site
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
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TaskState,
    TeardownStatus,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.load import Load

START = 1_750_000_000.0
"""When the made-up run began, in seconds since the epoch."""
NOW = START + 12.3
"""The moment the gallery shows while its clock stands."""

CRASH = Failure(code=ErrorCode.TASK_FAILED, message="[mail] exited with 1", exit_code=1)
LOOP = Failure(
    code=ErrorCode.TASK_FAILED,
    message="[mail] exited with 1; crash loop: 5 restarts in 2.9 s",
    exit_code=1,
    crash_loop=CrashLoop(restarts=5, within_s=2.9),
)


def every_state() -> list[TaskView]:
    """Return a run in which every state occurs, in scheduling order."""
    return [
        _task("install", Completed(exit_code=0), finished_at=START + 3.4),
        _task("codegen", Skipped(reason=SkipReason.CACHE_HIT), needs=("install",)),
        _task("docs", Skipped(reason=SkipReason.COMMAND_NOT_FOUND), needs=("install",)),
        _task("db", Ready(attempt=1, pid=4301), ready_at=START + 1.2, address="localhost:5432", watching=False),
        _task("shop", Running(attempt=1, pid=0), needs=("db",), composite=True),
        _task("shop:schema", Completed(exit_code=0), needs=("db",), parent="shop", finished_at=START + 0.8),
        _task(
            "shop:api",
            Ready(attempt=1, pid=4310),
            needs=("shop:schema",),
            parent="shop",
            ready_at=START + 2.5,
            address="http://localhost:8000/health",
            restarts=2,
        ),
        _task(
            "shop:worker", Running(attempt=1, pid=4311), needs=("shop:schema",), parent="shop", ready_when="port 9000"
        ),
        _task("shop:cron", Starting(attempt=1), needs=("shop:schema",), parent="shop"),
        _task(
            "web",
            Pending(),
            needs=("shop:api", "shop:worker"),
            waiting_for=("shop:worker",),
            target=True,
            command="npm run dev -- --port 3000",
            description="The shop window",
        ),
        _task("watch-css", Running(attempt=1, pid=4320), target=True),
        _task(
            "mail",
            Failed(failure=LOOP),
            needs=("db",),
            finished_at=START + 4.1,
            target=True,
            command="python -m mail --queue [inbox]",
            site=Site(file="/shop/pipeline.py", line=31),
            cwd="/shop",
        ),
        _task("newsletter", Pending(blocked_by="mail"), needs=("mail",), target=True),
        _task(
            "metrics", Backoff(attempt=3, delay_s=8.0, failure=CRASH, number=2, most=5), since=START + 9, target=True
        ),
        _task("search", Stopping(attempt=1, pid=4330, reason=StopReason.CHANGED), since=START + 11.5, target=True),
        _task("proxy", Completed(stopped=True), target=True, leaving=True, teardown=TeardownStatus.COMPLETED),
        _task("tunnel", Completed(stopped=True), target=True, leaving=True, teardown=TeardownStatus.RUNNING),
        _task("bench", Aborted(signal="SIGTERM"), target=True),
        _task("lint", Queued(), target=True),
    ]


def leaving_run() -> list[TaskView]:
    """Return a run on its way down, in scheduling order."""
    return [
        _task("db", Ready(attempt=1, pid=1), leaving=True, waiting_for=("api",), teardown=TeardownStatus.DUE),
        _task("api", Stopping(attempt=1, pid=4310, reason=StopReason.RUN_ENDS), since=START + 9.1, leaving=True),
        _task(
            "cache",
            Completed(stopped=True),
            leaving=True,
            teardown=TeardownStatus.RUNNING,
            teardown_since=NOW - 1.5,
        ),
        _task(
            "web",
            Completed(stopped=True),
            leaving=True,
            teardown=TeardownStatus.FAILED,
            teardown_error="exited with 3: [no such container]",
        ),
    ]


def output_of(task: TaskId, lines: int = 400) -> bytes:
    """Return made-up output: colours, links, wide characters, tabs, a progress bar, and things that must not work."""
    rows = [
        f"\x1b[2m12:00:{n % 60:02}\x1b[0m \x1b[32mINFO\x1b[0m {task} request {n} took {n * 7 % 90} ms"
        for n in range(lines)
    ]
    rows += [
        "\x1b[1;31mERROR\x1b[0m could not reach \x1b]8;;https://example.org/help\x1b\\the help page\x1b]8;;\x1b\\",
        "\x1b[38;5;208mpalette\x1b[0m \x1b[38;2;90;200;250mtrue colour\x1b[0m \x1b[4:3munderlined\x1b[24m \x1b[7mreverse\x1b[0m",
        "wide: 日本語 한국어 | tab:\tstop\tstop",
        "downloading  10%\rdownloading  55%\rdownloading 100%",
        "\x1b[2J\x1b[10;10H\x1b]0;owned\x07[bold]no markup[/bold], no cursor movement, no title",
        f"── restarted (changed: src/{task.rpartition(':')[2]}.py) ──",
        "ready",
    ]
    return ("\r\n".join(rows) + "\r\n> prompt without a newline").encode()


def _task(task: TaskId, state: TaskState, needs: tuple[TaskId, ...] = (), **more: Any) -> TaskView:
    # Any: the other fields of a view as they are.
    fields = {"since": NOW - 2, "started_at": START, "mode": "dev", **more}
    return TaskView(id=task, name=task.rpartition(":")[2], state=state, depends_on=needs, **fields)


def loads() -> dict[TaskId, Load]:
    """Return what those tasks use that run."""
    return {
        "db": Load(cpu_percent=1.2, memory=71_000_000, history=(0, 0, 3, 1, 0, 0, 1, 1.2)),
        "shop:api": Load(cpu_percent=38, memory=112_000_000, history=(5, 12, 64, 98, 40, 22, 30, 38)),
        "watch-css": Load(cpu_percent=0, memory=48_000_000, history=(80, 40, 3, 0, 0, 0, 0, 0)),
        "shop:worker": Load(cpu_percent=184, memory=1_250_000_000, history=(20, 60, 110, 150, 170, 181, 190, 184)),
    }


def terminal_output() -> bytes:
    """Return what a program has written to its terminal, with colours and a cursor that waits."""
    return (
        b"\x1b[1;1H\x1b[7m  PID  TASK     CPU%   MEM   COMMAND                              \x1b[0m\r\n"
        b" 4711  \x1b[32mdb\x1b[0m        1.2   71M   postgres\r\n"
        b" 4720  \x1b[33mapi\x1b[0m      38.0  112M   python -m shop.api\r\n"
        b" 4733  \x1b[31mworker\x1b[0m  184.0  1.3G   python -m shop.worker\r\n"
        b"\r\n\x1b[38;5;208m256\x1b[0m and \x1b[38;2;90;200;250mtrue\x1b[0m colours, "
        b"\x1b[1mbold\x1b[0m, \x1b[3mitalic\x1b[0m, \x1b[4munderlined\x1b[0m, wide \xe4\xb8\xad\xe6\x96\x87\r\n"
        b"\r\n>>> "
    )
