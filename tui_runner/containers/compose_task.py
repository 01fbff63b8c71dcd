"""Services of a compose file as a task: brought up in front of it, taken down by its teardown.

Several tasks may share a file, and runs may share a task: what others use is left alone, whoever leaves last takes the
project down. What was there before the first of them came stays.
"""

import os
from collections.abc import Callable, Iterable
from functools import partial

from tui_runner.containers.compose_project import ComposeProject
from tui_runner.containers.condition import first_failed
from tui_runner.containers.engine import Container, last_line, run_quietly
from tui_runner.containers.engine_search import find_compose_engine
from tui_runner.containers.foreground import Abandoned, Poll, PollingDone, attend
from tui_runner.containers.order import ComposeOrder
from tui_runner.containers.problem import ContainerError, NoEngineError
from tui_runner.containers.project import project_name
from tui_runner.containers.say import say
from tui_runner.containers.usage import Usage
from tui_runner.containers.watch import until_healthy

_DOWN_MARGIN_S = 60.0
_HUNG_UP = 129


def up(order: ComposeOrder) -> int:
    """Bring the services up and stay until they end, or until a signal comes; then stop them."""
    compose = find_compose_engine(order.engine)
    usage = Usage(project_name(order, _here()))
    project = ComposeProject(order, compose, usage.name, usage)
    say(f"{compose.name}, project {project.name}")
    turn = usage.take_turn(waits=lambda: say("waiting until another task has brought its services up"))
    with usage.settled():
        theirs = _clear(project)
        usage.hold(order.services)
    options = (*order.options, *(("--no-recreate",) if theirs else ()))
    command = compose.up(
        project.name, order.files, order.services, options=options, stop_timeout_s=order.stop_timeout_s
    )
    try:
        code = attend(command, poll=_poll(project, turn), stop=partial(_stop, project))
    except Abandoned:
        down(order)
        return _HUNG_UP
    return code or _what_became_of(project)


def _what_became_of(project: ComposeProject) -> int:
    """Return the exit code of a container that failed: compose programs end with 0 whatever became of containers."""
    containers = project.containers()
    failed = first_failed(containers)
    if failed is not None:
        say(f"{failed.title} exited with code {failed.exit_code}")
        return failed.exit_code
    missing = sorted({*project.order.services}.difference(one.service for one in containers))
    if missing or not containers:
        which = ", ".join(missing) or "the project"
        say(f"{project.compose.name} has ended, and there is no container of {which}; what it printed above says why")
        return 1
    return 0


def _clear(project: ComposeProject) -> list[Container]:
    """Stop what an earlier run has left behind; return what somebody else has brought up, which is left alone."""
    theirs = project.note_found()
    if theirs:
        say(f"{_titles(theirs)} of project {project.name} is up already: it is used, and stays when this task leaves")
    left = project.to_stop()
    if left:
        say(f"stopping {_titles(left)}, left behind by an earlier run")
        project.engine.stop(left, project.order.stop_timeout_s)
    project.note_stale()
    return theirs


def _poll(project: ComposeProject, end_turn: Callable[[], None]) -> Poll:
    """Look after the containers until they are healthy; let others come when all of them are there."""
    wanted = project.wanted_services()
    health = until_healthy(project.engine, project.containers, wanted) if project.order.announce else None
    there = False

    def look() -> int | None:
        nonlocal there
        if not there and _are_there(project, wanted):
            there = True
            end_turn()
        if health is not None and there:
            return health()
        if there:
            raise PollingDone
        return None

    return look


def _are_there(project: ComposeProject, wanted: Iterable[str]) -> bool:
    try:
        services = {one.service for one in project.containers()}
    except ContainerError:  # asked again
        return False
    return bool(services) and services.issuperset(wanted)


def _stop(project: ComposeProject) -> bool:
    """Stop what nobody else uses; tell whether nobody else uses anything of the project."""
    project.usage.release()
    with project.usage.settled():
        chosen = project.to_stop()
        alone = not project.usage.is_anything_used and not project.found.ids()
    project.engine.stop(chosen, project.order.stop_timeout_s)
    return alone


def down(order: ComposeOrder) -> int:
    """Remove the containers of the services; the last one to leave takes networks and the rest of the project along.

    What still runs of the services had its time to stop, and is killed.
    """
    usage = Usage(project_name(order, _here()))
    if not usage.ever_begun:
        return 0  # no engine was found when the task was to start
    try:
        compose = find_compose_engine(order.engine)
    except NoEngineError as error:
        raise ContainerError(f"containers of {usage.name} may be left: {error}") from error
    project = ComposeProject(order, compose, usage.name, usage)
    with usage.settled():
        mine = project.to_remove()
        project.engine.remove(mine, with_volumes=order.remove_volumes)
        if order.remove_volumes:
            _remove_volumes(project, mine)
        if not usage.is_anything_used:
            _take_down(project)
        left = [one for one in project.to_remove() if one.id in {gone.id for gone in mine}]
        if not usage.is_anything_used and not left:
            project.found.forget()
    if left:
        raise ContainerError(f"{_titles(left)} of project {project.name} could not be removed")
    return 0


def _remove_volumes(project: ComposeProject, gone: Iterable[Container]) -> None:
    """Remove the volumes of containers that are gone, but for those that the project did not make."""
    own = set(project.engine.named("volume", project.name))
    used = {volume for one in gone for volume in one.volumes}
    project.engine.remove_named("volume", sorted(own & used))


def _take_down(project: ComposeProject) -> None:
    """Take the whole project down; what `down` leaves, because the file has changed, is found by its labels.

    When something of it was there before us, only what has come since.
    """
    order, engine, kept = project.order, project.engine, project.found.ids()
    everything = order.remove_volumes and not order.services and not kept
    if not kept:
        command = project.compose.down(
            project.name, order.files, stop_timeout_s=order.stop_timeout_s, remove_volumes=everything
        )
        try:
            told = run_quietly(command, order.stop_timeout_s + _DOWN_MARGIN_S)
            objection = last_line(told.stderr) if told.returncode else None
        except ContainerError as error:
            objection = str(error)
        if objection is not None:
            say(f"{project.compose.name} down: {objection}")
    engine.remove([one for one in project.all_containers() if one.id not in kept], with_volumes=everything)
    if not kept:
        engine.remove_named("network", engine.named("network", project.name))
    if everything:
        engine.remove_named("volume", engine.named("volume", project.name))


def _titles(containers: Iterable[Container]) -> str:
    return ", ".join(sorted({one.title for one in containers}))


def _here() -> str:
    """Return the task's directory."""
    return os.getcwd()  # noqa: PTH109 - plain strings
