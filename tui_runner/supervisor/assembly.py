"""Puts a supervised run together: run id, records, supervisor. The one place that does it, for all ways to run."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tui_runner.executors.capacity import default_concurrency, open_file_limit
from tui_runner.planning.plan import Plan
from tui_runner.process.guardian.open_files import raise_limit
from tui_runner.process.guardian_process import GuardianProcess
from tui_runner.records.recorder import RunRecorder
from tui_runner.records.run_directory import RecordsError, new_run_id
from tui_runner.scheduling.course import Until
from tui_runner.supervisor.options import SupervisorOptions
from tui_runner.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from tui_runner.supervisor.definitions import Definitions


class RunSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What differs between the ways to run a plan."""

    environment: Mapping[str, str]
    """The process environment tasks start from."""
    until: Until = Until.TARGETS
    color: bool = False
    """Whoever looks at the output shows colour."""
    interactive: bool = False
    """Somebody can type into terminals of tasks."""
    watch_files: bool = True
    force: bool = False
    """Run every task, cached or not."""
    records: bool = True
    guardian: GuardianProcess | None = None
    """One that was started ahead, to be up when the engine is; None starts it when the run begins."""
    held: tuple[int, ...] = ()
    """Descriptors the guardian keeps open until it has cleaned up: the lock of the root."""
    journal: int | None = None
    """Descriptor of the journal that the guardian writes, for whoever comes after both of us; None keeps none."""
    own_process: bool = False
    """No host program: this process is ours alone, and may have the orphans of a killed guardian as its children."""
    recovered: tuple[str, ...] = ()
    """What was cleaned up before, because a run was killed with its guardian; for people, line by line."""


def claim_open_files(plan: Plan, guardian: GuardianProcess | None) -> Plan:
    """Let this process open as many files as it may, and return the plan with the concurrency it would have had.

    For processes of ours only. Tasks keep the limit that the guardian has inherited, so it must run already: None
    changes nothing.
    """
    if guardian is None:
        return plan
    if plan.max_concurrency is None:
        plan = msgspec.structs.replace(plan, max_concurrency=default_concurrency(open_file_limit()))
    raise_limit()
    return plan


def assemble(plan: Plan, settings: RunSettings, definitions: "Definitions | None" = None) -> Supervisor:
    """Return a supervisor ready to run. When records cannot be kept, it runs without and `warning` says why.

    `definitions` are what the plan was made of, for a run that may go over to other plans; None: it stays as it is.
    """
    run_id = new_run_id(time.time())
    recorder: RunRecorder | None = None
    warning: str | None = None
    if settings.records:
        try:
            recorder = RunRecorder.open(Path(plan.root), run_id, plan)
        except RecordsError as error:
            warning = str(error)
    supervisor = Supervisor(
        plan,
        SupervisorOptions(
            run_id=run_id,
            environment=settings.environment,
            log_directory=None if recorder is None else recorder.places.logs,
            until=settings.until,
            color=settings.color,
            interactive=settings.interactive,
            watch_files=settings.watch_files,
            force=settings.force,
            supervisor_pid=os.getpid(),
            guardian=settings.guardian,
            held=settings.held,
            journal=settings.journal,
            own_process=settings.own_process,
            recovered=settings.recovered,
        ),
        recorder=recorder,
        warning=warning,
    )
    supervisor.define(definitions)
    return supervisor
