"""How verbs reach the supervisor of a workspace, and what they say when there is none."""

from collections.abc import Collection, Iterable
from pathlib import Path

from tui_runner.control.blocking_client import BlockingClient
from tui_runner.control.lock import holder_of
from tui_runner.control.places import places_for
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.task import TaskId
from tui_runner.planning.nearest import suggestion


def connect(root: Path, *, any_version: bool = False) -> BlockingClient:
    """Return a connection to the supervisor of a root. With `any_version` only `ps` and `down` may be requested.

    Raises:
        DefinitionError: nothing is running there, or it is of another version.
    """
    client = connect_if_running(root, any_version=any_version)
    if client is not None:
        return client
    raise DefinitionError((
        Problem(
            kind=ProblemKind.NOT_RUNNING,
            message=f"nothing is running in {root}",
            help="`tui-runner dev` brings it up; `-C DIR` looks in another directory",
        ),
    ))  # fmt: skip


def connect_if_running(root: Path, *, any_version: bool = False) -> BlockingClient | None:
    """Return a connection to the supervisor of a root, or None when there is none.

    Raises:
        DefinitionError: it is just starting, does not answer, or is of another version.
    """
    places = places_for(root)
    try:
        return BlockingClient.connect(places.socket, any_version=any_version)
    except OSError as error:
        holder = holder_of(places.lock)
        if holder is None:
            return None
        starting = isinstance(error, FileNotFoundError)
        why = "is just starting" if starting else f"does not answer ({error})"
        killing = f"; if it stays so, `kill -9 {holder.pid}`: its guardian then stops everything in order"
        raise DefinitionError((
            Problem(
                kind=ProblemKind.NOT_RUNNING,
                message=f"the supervisor of {root} (process {holder.pid}) {why}",
                help=f"try again in a moment; its log is {places.log}{'' if starting or not holder.pid else killing}",
            ),
        )) from error  # fmt: skip


def check_names(names: Iterable[str], known: Collection[TaskId]) -> None:
    """Return when all names are ids of tasks.

    Raises:
        DefinitionError: some are not; the problems name the nearest ones.
    """
    problems = tuple(
        Problem(kind=ProblemKind.UNKNOWN_TASK, message=f"there is no task `{name}`", help=suggestion(name, known))
        for name in names
        if name not in known
    )
    if problems:
        raise DefinitionError(problems)
