"""The picture of a run follows what the supervisor says."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from tui_runner.control.protocol import Chunk, Run, Snapshot, State
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.output import Stream
from tui_runner.model.state import Completed, Failed, Failure, Pending, Ready, Running, TaskState
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.session import RunSession

NOW = 1_700_000_000.0
FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 3", exit_code=3)


class Notes:
    """Writes down what it is told."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def tasks_replaced(self) -> None:
        self.heard.append("all")

    def task_changed(self, view: TaskView) -> None:
        self.heard.append(f"task {view.id}")

    def run_changed(self, run: RunView) -> None:
        self.heard.append(f"run {run.phase}")

    def log_grew(self, task: str) -> None:
        self.heard.append(f"log {task}")

    def log_behind(self) -> None:
        self.heard.append("behind")

    def usage_changed(self, tasks: Iterable[str]) -> None:
        self.heard.append(f"usage {' '.join(sorted(tasks))}".rstrip())


class Wire:
    """Notes who is subscribed to what."""

    def __init__(self) -> None:
        self.subscribed: dict[str, int | None] = {}

    def subscribe(self, task: str, start: int | None) -> None:
        self.subscribed[task] = start

    def unsubscribe(self, task: str) -> None:
        del self.subscribed[task]

    def watch_usage(self, on: bool) -> None:
        raise AssertionError(f"nobody shows usage here: {on}")


def a_task(directory: Path, name: str, state: TaskState, *depends_on: str) -> TaskView:
    return TaskView(
        id=name, name=name, state=state, depends_on=depends_on, log_file=str(directory / f"{name}.log"), command="run"
    )


def a_session(directory: Path, *tasks: TaskView, budget: int = 1 << 20) -> tuple[RunSession, Notes, Wire]:
    notes, wire = Notes(), Wire()
    session = RunSession(notes, clock=lambda: NOW, budget=budget)
    session.logs.connect(wire)
    run = RunView(run_id="r", root=str(directory), mode="dev", started_at=NOW)
    session.apply(Snapshot(run=run, tasks=tasks))
    notes.heard.clear()
    return session, notes, wire


def chunk(task: str, offset: int, data: bytes) -> Chunk:
    return Chunk(task=task, offset=offset, time=NOW, stream=Stream.STDOUT, attempt=1, data=data)


def test_states_and_phases_are_taken_over(tmp_path: Path) -> None:
    session, notes, _ = a_session(tmp_path, a_task(tmp_path, "api", Pending()))
    session.apply(State(task=a_task(tmp_path, "api", Ready(attempt=1, pid=5))))
    assert session.run is not None
    session.apply(Run(run=msgspec.structs.replace(session.run, phase=RunPhase.STOPPING)))
    assert isinstance(session.tasks["api"].state, Ready)
    assert session.phase is RunPhase.STOPPING
    assert notes.heard == ["task api", "run stopping"]


def test_a_task_nobody_knew_replaces_the_picture(tmp_path: Path) -> None:
    session, notes, _ = a_session(tmp_path)
    session.apply(State(task=a_task(tmp_path, "late", Pending())))
    assert notes.heard == ["all"]


def test_only_shown_logs_are_subscribed_to(tmp_path: Path) -> None:
    session, _, wire = a_session(tmp_path, a_task(tmp_path, "api", Pending()), a_task(tmp_path, "web", Pending()))
    session.show(("api",))
    assert wire.subscribed == {"api": 0}
    session.show(("web",))
    assert wire.subscribed == {"web": 0}


def test_switching_back_catches_up_from_the_file(tmp_path: Path) -> None:
    session, notes, wire = a_session(tmp_path, a_task(tmp_path, "api", Pending()), a_task(tmp_path, "web", Pending()))
    session.show(("api",))
    session.apply(chunk("api", 0, b"one\n"))
    session.show(("web",))
    (tmp_path / "api.log").write_bytes(b"one\ntwo\n")
    session.apply(chunk("api", 4, b"two\n"))
    session.show(("api",))
    assert notes.heard[-1] == "behind"
    assert wire.subscribed == {"api": 8}
    while session.pump():
        pass
    store = session.logs.feed("api").store
    assert [store.line(number) for number in range(store.end)] == [b"one", b"two"]


def test_hidden_logs_give_way_when_the_budget_is_used_up_and_come_back_whole(tmp_path: Path) -> None:
    tasks = [a_task(tmp_path, name, Pending()) for name in ("api", "web")]
    session, _, _ = a_session(tmp_path, *tasks, budget=10_000)
    for name in ("api", "web"):
        (tmp_path / f"{name}.log").write_bytes((name.encode() + b"\n") * 2000)
    for name in ("api", "web", "api"):
        session.show((name,))
        while session.pump():
            pass
        assert session.logs.feed(name).store.total == 2000
    assert session.logs.feed("web").held == 0


def test_shown_logs_share_the_budget(tmp_path: Path) -> None:
    tasks = [a_task(tmp_path, name, Pending()) for name in ("api", "web")]
    budget = 1 << 20
    session, _, _ = a_session(tmp_path, *tasks, budget=budget)
    session.show(("api", "web"))
    for step in range(40):
        for name in ("api", "web"):
            session.apply(chunk(name, step * 100_000, (b"x" * 99 + b"\n") * 1000))
    held = session.logs.feed("api").held + session.logs.feed("web").held
    assert held <= budget + 4 * (128 << 10)
    assert session.logs.feed("api").store.total == 40_000


def test_a_failure_is_reported_with_all_that_helps(tmp_path: Path) -> None:
    (tmp_path / "api.log").write_bytes(b"starting\nTraceback\nboom\n")
    failed = msgspec.structs.replace(
        a_task(tmp_path, "api", Failed(failure=FAILURE)),
        started_at=NOW - 9,
        finished_at=NOW - 7,
        attempt=2,
        watched=("src",),
    )
    web = a_task(tmp_path, "web", Pending(blocked_by="api"), "api")
    session, _, _ = a_session(tmp_path, failed, web)
    report = session.failure_report("api", last_lines=2)
    assert report is not None
    assert report.failure == FAILURE
    assert report.last_lines == (b"Traceback", b"boom")
    assert report.ran_for == 2
    assert report.attempts == 2
    assert report.blocked == ("web",)
    assert report.again == "press r, change src, or: tui-runner restart api"
    assert session.failure_report("web") is None
    assert [view.id for view in session.failed()] == ["api"]


def test_a_stop_takes_running_dependents_along(tmp_path: Path) -> None:
    session, _, _ = a_session(
        tmp_path,
        a_task(tmp_path, "web", Running(attempt=1, pid=7), "api"),
        a_task(tmp_path, "api", Ready(attempt=1, pid=6), "db"),
        a_task(tmp_path, "db", Ready(attempt=1, pid=5)),
        a_task(tmp_path, "job", Completed(), "db"),
    )
    assert session.goes_with("db") == ("web", "api")
