"""One container as a task: `docker run` in front of it, removed when it has ended, and by its teardown at the latest.

A run beside another one gets a container of its own, as it would get a process of its own.
"""

import os
import time
from collections.abc import Callable, Iterable

from tui_runner.containers.condition import first_failed
from tui_runner.containers.engine import Container, Engine
from tui_runner.containers.engine_search import find_engine
from tui_runner.containers.foreground import Abandoned, Poll, PollingDone, attend
from tui_runner.containers.order import ContainerOrder
from tui_runner.containers.problem import ContainerError, NoEngineError
from tui_runner.containers.project import container_name, short_hash
from tui_runner.containers.say import say
from tui_runner.containers.usage import Usage
from tui_runner.containers.watch import first_ended, until_healthy

TASK_LABEL = "tui-runner.task"
"""The name a task's containers have in common."""
RUN_LABEL = "tui-runner.run"
"""Stands for the run that started the container."""
_HUNG_UP = 129
_EARLY_S = 3.0


def run(order: ContainerOrder) -> int:
    """Run the container until it ends, or until a signal comes; then stop it. Return its exit code."""
    engine = find_engine(order.engine)
    task = _task_name()
    usage = Usage(task)
    with usage.settled():
        _remove_leftovers(engine, task, usage)
        name = _free_name(task, usage)
        usage.hold([name])
    say(f"{engine.program}, container {name}")

    def found() -> list[Container]:
        return [one for one in engine.containers({TASK_LABEL: task}) if one.name == name]

    def stop() -> bool:
        engine.stop(found(), order.stop_timeout_s)
        return True

    command = run_command(engine.program, order, name, {TASK_LABEL: task, RUN_LABEL: _run_name()})
    try:
        code = attend(command, poll=_poll(engine, found, announce=order.announce), stop=stop)
    except Abandoned:
        engine.remove(found(), with_volumes=True)
        return _HUNG_UP
    ended = found()
    engine.remove(ended, with_volumes=True)
    failed = first_failed(ended)  # not every engine tells by the exit code of `run`
    return failed.exit_code if code == 0 and failed is not None else code


def _poll(engine: Engine, found: Callable[[], list[Container]], *, announce: bool) -> Poll | None:
    """Look after the container until it is healthy, and for a moment in any case with `docker`.

    Where a podman answers it, `docker run` of a container that ends at once may never hear of that.
    """
    health = until_healthy(engine, found, ()) if announce else None
    if engine.program != "docker":
        return health
    looks_until = time.monotonic() + _EARLY_S

    def look() -> int | None:
        nonlocal health
        if time.monotonic() < looks_until:
            ended = first_ended(found)
            if ended is not None:
                return ended.exit_code
        elif health is None:
            raise PollingDone
        if health is not None:
            try:
                return health()
            except PollingDone:
                health = None
        return None

    return look


def run_command(program: str, order: ContainerOrder, name: str, labels: dict[str, str]) -> tuple[str, ...]:
    """Return the command that runs the container and stays attached to it."""
    words = [program, "run", "--name", name]
    words += [part for label, value in labels.items() for part in ("--label", f"{label}={value}")]
    words += [part for port in order.ports for part in ("--publish", port)]
    words += [part for volume in order.volumes for part in ("--volume", _mount(volume))]
    words += [part for variable in order.variables for part in ("--env", variable)]
    if order.stop_signal is not None:
        words += ["--stop-signal", order.stop_signal]
    return (*words, *order.options, order.image, *order.arguments)


def remove(order: ContainerOrder) -> int:
    """Remove the container of this run, if it is still there."""
    task = _task_name()
    if not Usage(task).ever_begun:
        return 0  # no engine was found when the task was to start
    try:
        engine = find_engine(order.engine)
    except NoEngineError as error:
        raise ContainerError(f"a container of {task} may be left: {error}") from error
    labels = {TASK_LABEL: task, RUN_LABEL: _run_name()}
    engine.remove(engine.containers(labels), with_volumes=True)
    left = engine.containers(labels)
    if left:
        raise ContainerError(f"the container {', '.join(one.name for one in left)} could not be removed")
    return 0


def _remove_leftovers(engine: Engine, task: str, usage: Usage) -> None:
    left = [one for one in engine.containers({TASK_LABEL: task}) if not usage.is_used(one.name)]
    if left:
        say(f"removing what is left of {_names(left)} from before")
        engine.remove(left, with_volumes=True)


def _free_name(task: str, usage: Usage) -> str:
    number = 1
    name = task
    while usage.is_used(name):
        number += 1
        name = f"{task}-{number}"
    return name


def _names(containers: Iterable[Container]) -> str:
    return ", ".join(one.name for one in containers)


def _mount(volume: str) -> str:
    """Return the mount with an absolute source where it is a path of the workspace: older engines want that."""
    source, colon, target = volume.partition(":")
    return f"{os.path.abspath(source)}{colon}{target}" if source.startswith(".") and colon else volume  # noqa: PTH100 - plain strings


def _task_name() -> str:
    return container_name(os.environ.get("TUI_RUNNER_TASK", "container"), os.getcwd())  # noqa: PTH109 - plain strings


def _run_name() -> str:
    return short_hash(os.environ.get("TUI_RUNNER_RUN", ""))
