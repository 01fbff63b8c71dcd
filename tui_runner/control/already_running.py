"""What to say when a root has a supervisor already. Pure."""

from tui_runner.control.lock import Holder
from tui_runner.control.places import Places
from tui_runner.errors.problem import Problem, ProblemKind


def already_running(places: Places, holder: Holder) -> Problem:
    """Return the problem of a root that has a supervisor already."""
    who = f"process {holder.pid}" if holder.pid else "another process"
    run = f", run {holder.run_id}" if holder.run_id else ""
    return Problem(
        kind=ProblemKind.ALREADY_RUNNING,
        message=f"{places.root} is up already ({who}{run})",
        help="`tui-runner attach` shows it, `tui-runner logs -f` prints what it prints, `tui-runner down` stops it",
    )
