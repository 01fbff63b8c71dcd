"""Finds past runs for the verbs that show them, with errors as people need them."""

from pathlib import Path

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.records.history import LATEST, RunRecord, find_runs, list_runs, read_run
from tui_runner.records.run_directory import RecordsError


def all_runs(root: Path) -> list[RunRecord]:
    """Return all runs, newest first.

    Raises:
        DefinitionError: something else is in the place of the records.
    """
    try:
        return list_runs(root)
    except RecordsError as error:
        raise _problem(str(error), "") from error


def find_run(root: Path, text: str) -> RunRecord:
    """Return the run a person means by an id, the beginning or end of one, or `latest`.

    Raises:
        DefinitionError: there is none, or there are several.
    """
    try:
        found = find_runs(root, text)
    except RecordsError as error:
        raise _problem(str(error), "") from error
    match list(found):
        case [run_id]:
            return read_run(root, run_id)
        case [] if text == LATEST:
            raise _problem(f"nothing has run in {root} yet", "`tui-runner dev` or `tui-runner run` begins")
        case []:
            raise _problem(f"there is no run `{text}`", "`tui-runner history` lists them; `latest` is the newest")
        case several:
            listed = ", ".join(several[:5]) + (" …" if len(several) > 5 else "")
            raise _problem(f"`{text}` may mean {len(several)} runs: {listed}", "give more of the id")


def _problem(message: str, help_text: str) -> DefinitionError:
    return DefinitionError((Problem(kind=ProblemKind.USAGE, message=message, help=help_text),))
