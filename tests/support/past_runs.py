"""Records of runs that never were."""

from pathlib import Path

from tui_runner.model.result import Summary, TaskStats
from tui_runner.records.execution import Execution, ExecutionError, write_execution

BEGAN = 1_699_900_000.0
RUN_IDS = ("20231113T172640.000Z-aaaa", "20231113T172740.000Z-bbbb", "20231113T172840.000Z-cccc")


def write_past_runs(root: Path) -> None:
    """Leave records of one run that went well, one that failed and one that cannot be read."""
    good, bad, broken = (root / ".tui_runner" / "runs" / name for name in RUN_IDS)
    for directory in (good, bad, broken):
        directory.mkdir(parents=True)
    done = TaskStats(id="build", name="build", mode="build", status="completed", duration_s=2.0, exit_code=0)
    failed = TaskStats(
        id="test", name="test", mode="build", status="failed", duration_s=61.0, exit_code=3,
        error="[test] exited with 3", dependencies=("build",),
    )  # fmt: skip
    late = TaskStats(id="ship", name="ship", mode="build", status="pending", blocked_by="test")
    _write(good, Execution(
        run_id=good.name, mode="build", root=str(root), pid=1, status="success", started_at=BEGAN,
        finished_at=BEGAN + 2, duration_s=2.0, definitions=(), tasks=(done,),
        summary=Summary(total=1, completed=1, failed=0, skipped=0, aborted=0, pending=0),
    ))  # fmt: skip
    _write(bad, Execution(
        run_id=bad.name, mode="build", root=str(root), pid=1, status="failed", started_at=BEGAN + 60,
        finished_at=BEGAN + 123, duration_s=63.0, definitions=(), tasks=(done, failed, late),
        error=ExecutionError(code="task-failed", message="[test] exited with 3", task="test"),
    ))  # fmt: skip
    (broken / "execution.json").write_text("{")


def _write(directory: Path, execution: Execution) -> None:
    write_execution(directory / "execution.json", execution, durable=False)
