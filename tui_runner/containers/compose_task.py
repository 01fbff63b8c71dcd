"""Services of a compose file as a task: brought up in front of it, taken down by its teardown.

Several tasks may share a file, and runs may share a task: what others use is left alone, whoever leaves last takes the
project down. Containers are found by their labels, so that they can be stopped and removed when the file has been
changed or has gone.
"""

import os
import subprocess
from collections.abc import Iterable

from tui_runner.containers.compose_engine import ComposeEngine
from tui_runner.containers.condition import first_failed
from tui_runner.containers.engine import PROJECT_LABEL, Container, Engine, run_quietly
from tui_runner.containers.engine_search import find_compose_engine
from tui_runner.containers.foreground import attend
from tui_runner.containers.order import ComposeOrder
from tui_runner.containers.problem import ContainerError, NoEngineError
from tui_runner.containers.project import project_name
from tui_runner.containers.say import say
from tui_runner.containers.usage import Usage
from tui_runner.containers.watch import until_healthy

_LIST_TIMEOUT_S = 20.0
_DOWN_MARGIN_S = 60.0


class _Project:
    """The containers of one order."""

    def __init__(self, order: ComposeOrder, compose: ComposeEngine, name: str, usage: Usage) -> None:
        self.order = order
        self.compose = compose
        self.engine = Engine(compose.engine)
        self.name = name
        self.usage = usage

    def all_containers(self) -> list[Container]:
        """Return every container of the project."""
        return self.engine.containers({PROJECT_LABEL: self.name})

    def containers(self) -> list[Container]:
        """Return the containers of the wanted services."""
        wanted = self.order.services
        return [one for one in self.all_containers() if not wanted or one.service in wanted]

    def free_containers(self) -> list[Container]:
        """Return those of them that nobody uses. Not while we hold them ourselves."""
        return [one for one in self.containers() if not self.usage.is_used(one.service)]

    def wanted_services(self) -> tuple[str, ...]:
        """Return the services that have to be healthy; empty when only the containers can tell."""
        command = self.compose.services(self.name, self.order.files)
        if self.order.services or command is None:
            return self.order.services
        told = run_quietly(command, _LIST_TIMEOUT_S)
        return tuple(told.stdout.split()) if told.returncode == 0 else ()


def up(order: ComposeOrder) -> int:
    """Bring the services up and stay until they end, or until a signal comes; then stop them."""
    compose = find_compose_engine(order.engine)
    name = project_name(order, _here())
    usage = Usage(name)
    project = _Project(order, compose, name, usage)
    say(f"{compose.name}, project {name}")
    with usage.settled():
        _remove_leftovers(project)
        usage.hold(order.services)
    command = compose.up(name, order.files, order.services, options=order.options, stop_timeout_s=order.stop_timeout_s)
    poll = until_healthy(project.engine, project.containers, project.wanted_services()) if order.announce else None
    code = attend(command, poll=poll, stop=lambda: _stop(project))
    if code == 0:
        failed = first_failed(project.containers())  # the compose programs end with 0 whatever became of containers
        if failed is not None:
            say(f"{failed.title} exited with code {failed.exit_code}")
            return failed.exit_code
    return code


def _remove_leftovers(project: _Project) -> None:
    left = project.free_containers()
    if left:
        say(f"removing what is left of {_titles(left)} from before")
        project.engine.remove(left, with_volumes=False)


def _stop(project: _Project) -> bool:
    """Stop what nobody else uses; tell whether nobody else uses anything of the project."""
    project.usage.release()
    with project.usage.settled():
        free = project.free_containers()
        alone = not project.usage.is_anything_used
    project.engine.stop(free, project.order.stop_timeout_s)
    return alone


def down(order: ComposeOrder) -> int:
    """Remove the containers of the services; the last one to leave takes networks and the rest of the project along.

    What still runs of the services had its time to stop, and is killed.
    """
    name = project_name(order, _here())
    usage = Usage(name)
    if not usage.ever_begun:
        return 0  # no engine was found when the task was to start
    try:
        compose = find_compose_engine(order.engine)
    except NoEngineError as error:
        raise ContainerError(f"containers of {name} may be left: {error}") from error
    project = _Project(order, compose, name, usage)
    with usage.settled():
        mine = project.free_containers()
        project.engine.remove(mine, with_volumes=order.remove_volumes)
        if order.remove_volumes:
            _remove_volumes(project, mine)
        if not usage.is_anything_used:
            _take_down(project)
        left = [one for one in project.free_containers() if one.id in {gone.id for gone in mine}]
    if left:
        raise ContainerError(f"{_titles(left)} of project {name} could not be removed")
    return 0


def _remove_volumes(project: _Project, gone: Iterable[Container]) -> None:
    """Remove the volumes of containers that are gone, but for those that the project did not make."""
    own = set(project.engine.named("volume", project.name))
    used = {volume for one in gone for volume in one.volumes}
    project.engine.remove_named("volume", sorted(own & used))


def _take_down(project: _Project) -> None:
    """Take the whole project down; what `down` leaves, because the file has changed, is found by its labels."""
    order = project.order
    everything = order.remove_volumes and not order.services
    command = project.compose.down(
        project.name, order.files, stop_timeout_s=order.stop_timeout_s, remove_volumes=everything
    )
    try:
        subprocess.run(command, stdin=subprocess.DEVNULL, check=False, timeout=order.stop_timeout_s + _DOWN_MARGIN_S)
    except (OSError, subprocess.TimeoutExpired) as error:
        say(f"{project.compose.name} down: {error}")
    engine = project.engine
    engine.remove(project.all_containers(), with_volumes=everything)
    engine.remove_named("network", engine.named("network", project.name))
    if everything:
        engine.remove_named("volume", engine.named("volume", project.name))


def _titles(containers: Iterable[Container]) -> str:
    return ", ".join(sorted({one.title for one in containers}))


def _here() -> str:
    """Return the task's directory."""
    return os.getcwd()  # noqa: PTH109 - plain strings
