"""The run as a whole, as it is shown: how it begins, and how it moves on. Pure but for the wall clock."""

import time

import msgspec

from tui_runner.model.view import FileWatch, RunView
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.effect import PhaseChanged
from tui_runner.supervisor.options import SupervisorOptions


def begun(plan: Plan, options: SupervisorOptions, started_at: float, file_watch: FileWatch = FileWatch.OFF) -> RunView:
    """Return a run that begins at this time (seconds since the epoch)."""
    return RunView(
        run_id=options.run_id,
        root=plan.root,
        name=plan.name,
        mode=plan.mode,
        started_at=started_at,
        supervisor_pid=options.supervisor_pid,
        file_watch=file_watch,
        recovered=options.recovered,
    )


def moved_on(run: RunView, effect: PhaseChanged) -> RunView:
    """Return the run in its next phase. The first cause stays unless there is a new one."""
    cause = effect.detail or (effect.cause.value if effect.cause is not None else "") or run.cause
    since = run.stopping_since or time.time()
    return msgspec.structs.replace(run, phase=effect.phase, cause=cause, stopping_since=since)
