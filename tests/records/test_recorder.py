import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from tui_runner.errors.runner_error import ErrorCode, PipelineError
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.result import RunResult, RunStats, Summary, TaskStats
from tui_runner.model.retention import Retention
from tui_runner.model.state import Failed, Failure, Running, TeardownStatus
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.planning.plan import Plan
from tui_runner.records.execution import read_execution
from tui_runner.records.history import find_runs, list_runs, read_run
from tui_runner.records.journal import PhaseEntered, StateEntered, TeardownMoved, read_journal
from tui_runner.records.pruning import prune_runs
from tui_runner.records.recorder import RunRecorder
from tui_runner.records.run_directory import RecordsError, create_run_directory, new_run_id, runs_directory
from tui_runner.supervisor.listener import Listener

MakePlan = Callable[..., Plan]
NOW = 1_800_000_000.0


def failed_result(log_file: Path | None = None) -> RunResult:
    bad = TaskStats(
        id="api",
        name="api",
        mode="dev",
        status="failed",
        exit_code=3,
        error="[api] ended with exit code 3",
        log_file=None if log_file is None else str(log_file),
    )
    return RunResult(
        ok=False,
        error=PipelineError(ErrorCode.TASK_FAILED, "[api] ended with exit code 3", "api"),
        stats=RunStats(
            mode="dev",
            status="failed",
            started_at=100.0,
            finished_at=102.0,
            duration_s=2.0,
            tasks=(bad,),
            summary=Summary(total=1, completed=0, failed=1, skipped=0, aborted=0, pending=0),
        ),
    )


def test_a_run_is_recorded_from_start_to_end(tmp_path: Path, make_plan: MakePlan) -> None:
    recorder = RunRecorder.open(tmp_path, new_run_id(), make_plan("api"), started_at=100.0)
    places = recorder.places
    assert json.loads(places.execution.read_text())["status"] == "running"
    assert read_run(tmp_path, places.run_id).status == "running"

    listener: Listener = recorder
    failure = Failure(code=ErrorCode.TASK_FAILED, message="[api] ended with exit code 3", exit_code=3)
    running, ended = Running(attempt=1, pid=7), Failed(failure=failure)
    listener.task_entered("api", running, 100.5)
    listener.task_changed(TaskView(id="api", name="api", state=running, teardown=TeardownStatus.DUE))
    listener.task_changed(TaskView(id="api", name="api", state=running, teardown=TeardownStatus.DUE))
    listener.output("api", OutputChunk(offset=0, time=100.6, stream=Stream.STDOUT, attempt=1, data=b"x"))
    listener.task_entered("api", ended, 101.0)
    not_run = TeardownStatus.NOT_RUN
    listener.task_changed(TaskView(id="api", name="api", state=ended, teardown=not_run, teardown_error="given up"))
    view = RunView(run_id=places.run_id, root=str(tmp_path), mode="dev", started_at=100.0)
    listener.run_changed(view)
    listener.run_changed(view)
    recorder.flush()
    assert not recorder.pending

    places.log_of("api").write_bytes(b"starting\n\x1b[31mboom\x1b[0m\r\n")
    assert recorder.close(failed_result(places.log_of("api"))) is None
    entries = list(read_journal(places.events))
    assert entries[0] == StateEntered(at=100.5, task="api", state=running)
    assert isinstance(entries[1], TeardownMoved)
    assert entries[2] == StateEntered(at=101.0, task="api", state=ended)
    assert isinstance(entries[3], TeardownMoved)
    assert (entries[3].teardown, entries[3].error) == (not_run, "given up")
    assert isinstance(entries[4], PhaseEntered)
    assert entries[4].run is RunPhase.RUNNING
    assert len(entries) == 5

    execution = read_execution(places.execution)
    assert (execution.version, execution.status, execution.duration_s) == (1, "failed", 2.0)
    assert execution.error is not None
    assert (execution.error.code, execution.error.task) == ("task-failed", "api")
    assert execution.definitions[0].command == "run api"
    assert execution.definitions[0].defined_at == "/shop/pipeline.py:3"
    assert "```text\nstarting\nboom\n```" in places.summary.read_text()
    for path in (places.execution, places.events, places.summary):
        assert path.stat().st_mode & 0o777 == 0o600
    assert sorted(entry.name for entry in places.path.iterdir()) == [
        "events.jsonl",
        "execution.json",
        "logs",
        "summary.md",
    ]


def test_values_of_the_environment_are_never_written(tmp_path: Path, make_plan: MakePlan) -> None:
    recorder = RunRecorder.open(tmp_path, new_run_id(), make_plan("api"))
    recorder.close(failed_result())
    for path in recorder.places.path.rglob("*"):
        assert path.is_dir() or b"s3cr3t" not in path.read_bytes()


def test_records_that_can_not_be_kept_say_why_and_how_to_go_on(tmp_path: Path, make_plan: MakePlan) -> None:
    (tmp_path / ".tui_runner").symlink_to("/nowhere")
    with pytest.raises(RecordsError, match="remove it to have records kept"):
        RunRecorder.open(tmp_path, new_run_id(), make_plan("api"))


def test_records_deleted_under_a_run_are_a_problem_and_not_a_crash(tmp_path: Path, make_plan: MakePlan) -> None:
    import shutil

    recorder = RunRecorder.open(tmp_path, new_run_id(), make_plan("api"))
    shutil.rmtree(tmp_path / ".tui_runner")
    recorder.task_entered("api", Running(attempt=1, pid=7), 100.5)
    problem = recorder.close(failed_result())
    assert problem is not None
    assert "cannot write" in problem


def test_history_is_newest_first_and_survives_broken_records(tmp_path: Path, make_plan: MakePlan) -> None:
    ids = [new_run_id(1_700_000_000 + number) for number in range(4)]
    for run_id in ids[:2]:
        RunRecorder.open(tmp_path, run_id, make_plan("api")).close(failed_result())
    (create_run_directory(tmp_path, ids[2]).execution).write_text('{"version": 1')
    crashed = RunRecorder.open(tmp_path, ids[3], make_plan("api"))
    crashed._journal.close()
    (runs_directory(tmp_path) / "notes").mkdir()
    (runs_directory(tmp_path) / new_run_id()).symlink_to("/etc")

    listed = list_runs(tmp_path)
    assert [record.run_id for record in listed] == ids[::-1]
    assert [record.status for record in listed] == ["interrupted", "broken", "failed", "failed"]
    assert "execution.json" in listed[1].problem
    assert find_runs(tmp_path, "latest") == [ids[3]]
    assert find_runs(tmp_path, ids[0][-4:])[-1] == ids[0]
    assert find_runs(tmp_path, ids[1]) == [ids[1]]
    assert find_runs(tmp_path, "zzz") == []


def test_a_record_of_a_newer_program_is_broken_with_a_reason(tmp_path: Path, make_plan: MakePlan) -> None:
    recorder = RunRecorder.open(tmp_path, new_run_id(), make_plan("api"))
    recorder.close(failed_result())
    newer = json.loads(recorder.places.execution.read_text()) | {"version": 99}
    recorder.places.execution.write_text(json.dumps(newer))
    record = read_run(tmp_path, recorder.places.run_id)
    assert record.status == "broken"
    assert "newer program" in record.problem


def test_a_root_without_records_has_no_history(tmp_path: Path) -> None:
    assert list_runs(tmp_path) == []
    assert prune_runs(tmp_path, Retention(), NOW) == 0


def test_pruning_keeps_the_newest_and_every_live_run(tmp_path: Path, make_plan: MakePlan) -> None:
    ids = [new_run_id(1_700_000_000 + number) for number in range(6)]
    live = RunRecorder.open(tmp_path, ids[0], make_plan("api"))
    for run_id in ids[1:]:
        places = create_run_directory(tmp_path, run_id)
        places.log_of("api").write_bytes(b"x")
    assert prune_runs(tmp_path, Retention(max_runs=2), NOW) == 3
    assert [record.run_id for record in list_runs(tmp_path)] == [ids[5], ids[4], ids[0]]
    live.close(failed_result())
    assert prune_runs(tmp_path, Retention(max_runs=2), NOW) == 1


def ended_runs(root: Path, *sizes: int) -> list[str]:
    """Make runs a day apart, the newest now, whose logs have these sizes; return their ids, oldest first."""
    ids = [new_run_id(NOW - 86400 * age) for age in range(len(sizes) - 1, -1, -1)]
    for run_id, size in zip(ids, sizes, strict=True):
        create_run_directory(root, run_id).log_of("api").write_bytes(b"x" * size)
    return ids


def test_runs_that_are_too_old_go(tmp_path: Path) -> None:
    ids = ended_runs(tmp_path, 1, 1, 1, 1)
    assert prune_runs(tmp_path, Retention(max_age_s=1.5 * 86400), NOW) == 2
    assert [record.run_id for record in list_runs(tmp_path)] == [ids[3], ids[2]]


def test_the_oldest_runs_go_when_all_together_are_too_large(tmp_path: Path) -> None:
    ids = ended_runs(tmp_path, 10, 900, 400, 500)
    assert prune_runs(tmp_path, Retention(max_total_size=1000), NOW) == 2
    assert [record.run_id for record in list_runs(tmp_path)] == [ids[3], ids[2]]


def test_a_run_that_printed_much_makes_room_at_its_end(tmp_path: Path, make_plan: MakePlan) -> None:
    old = ended_runs(tmp_path, 3_000_000, 900_000)
    plan = msgspec.structs.replace(make_plan("api"), retention=Retention(max_total_size=2_000_000))
    recorder = RunRecorder.open(tmp_path, new_run_id(NOW + 1), plan)
    recorder.places.log_of("api").write_bytes(b"x" * 500_000)
    recorder.close(failed_result())
    assert [record.run_id for record in list_runs(tmp_path)] == [recorder.places.run_id, old[1]]


def test_pruning_does_not_follow_links_out_of_the_records(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.mkdir()
    (victim / "precious").write_text("x")
    root = tmp_path / "root"
    root.mkdir()
    places = create_run_directory(root)
    places.logs.rmdir()
    places.logs.symlink_to(victim)
    assert prune_runs(root, Retention(max_runs=0), NOW) == 1
    assert (victim / "precious").exists()


def test_a_run_outlives_its_own_end_though_others_seem_to_be_newer(tmp_path: Path, make_plan: MakePlan) -> None:
    for number in range(60):
        (runs_directory(tmp_path) / f"99991231T2359{number:02}.000Z-0000").mkdir(parents=True)
    run_id = new_run_id()
    recorder = RunRecorder.open(tmp_path, run_id, make_plan("api"))
    recorder.close(failed_result())
    assert recorder.places.execution.exists()
    assert len(list_runs(tmp_path)) == 51
