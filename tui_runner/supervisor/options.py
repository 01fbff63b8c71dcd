"""How a run is supervised. Data only."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from tui_runner.process.guardian_process import GuardianProcess
from tui_runner.scheduling.course import Until


class SupervisorOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is supervised."""

    run_id: str
    environment: Mapping[str, str]
    """The process environment tasks start from."""
    log_directory: Path | None = None
    """None keeps only a tail of each output in memory."""
    until: Until = Until.TARGETS
    color: bool = False
    """Whoever looks at the output shows colour."""
    interactive: bool = False
    """Somebody can type into terminals of tasks."""
    watch_files: bool = True
    force: bool = False
    """Run every task, cached or not."""
    supervisor_pid: int = 0
    guardian: GuardianProcess | None = None
    """One that was started ahead; None starts it when the run begins."""
    held: tuple[int, ...] = ()
    """Descriptors the guardian keeps open until it has cleaned up: the lock of the root."""
    journal: int | None = None
    """Descriptor of the journal that the guardian writes, for whoever comes after both of us; None keeps none."""
    own_process: bool = False
    """No host program: this process is ours alone, and may have the orphans of a killed guardian as its children."""
    recovered: tuple[str, ...] = ()
    """What was cleaned up before, because a run was killed with its guardian; for people, line by line."""
