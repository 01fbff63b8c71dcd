"""Containers as tasks: `compose` and `container` make commands that bring them up and leave nothing of them behind.

Data only: the engine is looked for when the command is started, by the program in `tui_runner/containers`. Public
names: `compose`, `container`, `healthy`.
"""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tui_runner.errors.problem import ProblemKind
from tui_runner.errors.site import caller_site
from tui_runner.model.cache import CacheSpec
from tui_runner.model.command import Command, as_dependencies
from tui_runner.model.duration import Duration
from tui_runner.model.notes import Notes
from tui_runner.model.policy import Restart, Retry, Watch
from tui_runner.model.probe import LogPattern, Probe, ReadyWhen
from tui_runner.model.ready_when import as_probe
from tui_runner.model.run import Run
from tui_runner.model.signal_name import parse_signal

if TYPE_CHECKING:
    from tui_runner.model.task import Dependency

UNAVAILABLE_EXIT_CODE: Final = 69
"""What the program exits with when no container engine can be used."""
ENGINES: Final = ("docker", "podman")
COMPOSE_ENGINES: Final = (*ENGINES, "docker compose", "docker-compose", "podman compose", "podman-compose")
_PROGRAM: Final = str(Path(__file__).parent.parent / "containers")
_HEALTHY: Final = LogPattern(pattern="^tui-runner: .*: up and healthy$")
_ENGINE_OVERHEAD_S: Final = 5.0
"""What stopping a container takes beside its own time."""
_TEARDOWN_S: Final = 30.0
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]*")
_SERVICE = re.compile(r"[a-zA-Z0-9._][a-zA-Z0-9._-]*")


class Healthy(msgspec.Struct, frozen=True, kw_only=True):
    """Ready when the containers run and those with a health check pass it. Made by `healthy`."""


def healthy() -> Healthy:
    """Ready when every container runs, and passes its health check if it has one; or has ended with 0.

    For `ready_when` of `compose`, where it is the default, and of `container`.
    """
    return Healthy()


def compose(
    file: str | Sequence[str] = "compose.yaml",
    services: str | Sequence[str] = (),
    *,
    project: str | None = None,
    options: Sequence[str] = (),
    engine: str | None = None,
    remove_volumes: bool = False,
    take_over: bool = False,
    depends_on: "Sequence[Dependency]" = (),
    ready_when: ReadyWhen | Healthy | None = None,
    ready_timeout: Duration | None = None,
    stop_timeout: Duration = 10,
    teardown_timeout: Duration | None = None,
    env: Mapping[str, str] | None = None,
    retry: Retry | None = None,
    restart: Restart | None = None,
    watch: Watch | None = None,
) -> Command:
    """Describe a command that brings services of a compose file up and takes them down.

    `file` is relative to the task's directory; several are merged as the compose programs do. No `services` means all.
    `project` None makes a name that differs for every checkout. `options` are further options of `up`. `engine` None
    takes the first of `docker compose`, `docker-compose`, `podman compose` and `podman-compose` that can be used; or
    name one of them, or `docker` or `podman`. `ready_when` None is `healthy()`. `stop_timeout` is what containers get
    to end by themselves, `teardown_timeout` None is that and 30 seconds. Volumes stay unless `remove_volumes`. What a
    `project` of your name holds already stays as it is, unless you `take_over`.
    """
    notes = Notes(caller_site(), ProblemKind.INVALID_COMMAND)
    files = _words(notes, "file", file) or ("compose.yaml",)
    wanted = _words(notes, "services", services)
    for name in wanted:
        if not _SERVICE.fullmatch(name):
            notes.add(f"`services`: {name!r} cannot be the name of a service")
    if project is not None and not (isinstance(project, str) and _NAME.fullmatch(project)):
        notes.add(f"`project` {project!r}: only a-z, 0-9, `-` and `_`, a letter or digit first")
        project = None
    stop_timeout_s = notes.seconds("stop_timeout", stop_timeout) or 0.0
    ready = _ready(notes, Healthy() if ready_when is None else ready_when)
    order = {
        "files": files,
        "services": wanted,
        "project": project,
        "options": _words(notes, "options", options),
        "remove_volumes": remove_volumes,
        "take_over": take_over,
        "engine": _engine(notes, engine, COMPOSE_ENGINES),
        "stop_timeout_s": stop_timeout_s,
        "announce": ready is _HEALTHY,
    }
    return Command(
        run=_run("compose-up", order),
        title=" ".join(("compose", *(f"-f {name}" for name in files), "up", *wanted)),
        depends_on=as_dependencies(depends_on),
        ready_when=ready,
        ready_timeout_s=notes.seconds("ready_timeout", ready_timeout),
        stop_timeout_s=stop_timeout_s + _ENGINE_OVERHEAD_S,
        teardown=_run("compose-down", order),
        teardown_timeout_s=_teardown_seconds(notes, teardown_timeout, stop_timeout_s),
        env=notes.environment("env", env),
        retry=notes.made_by("retry", Retry, retry),
        restart=notes.made_by("restart", Restart, restart),
        watch=notes.made_by("watch", Watch, watch),
        unavailable_exit_code=UNAVAILABLE_EXIT_CODE,
        site=notes.site,
        problems=tuple(notes.problems),
    )


def container(
    image: str,
    arguments: str | Sequence[str] = (),
    *,
    ports: str | Sequence[str] = (),
    volumes: str | Sequence[str] = (),
    options: Sequence[str] = (),
    engine: str | None = None,
    depends_on: "Sequence[Dependency]" = (),
    ready_when: ReadyWhen | Healthy | None = None,
    ready_timeout: Duration | None = None,
    completed_timeout: Duration | None = None,
    stop_signal: str | int | None = None,
    stop_timeout: Duration = 10,
    teardown_timeout: Duration | None = None,
    env: Mapping[str, str] | None = None,
    cache: CacheSpec | None = None,
    retry: Retry | None = None,
    restart: Restart | None = None,
    watch: Watch | None = None,
) -> Command:
    """Describe a command that runs one container, as `docker run` does, and leaves nothing of it behind.

    `arguments` follow the image: a list as it stands, a string as one word. `ports` and `volumes` are written as the
    engines take them; a source that begins with `.` is relative to the task's directory. `env` is what the container
    gets. `options` are further options of `run`. `engine` is `docker`, `podman`, or None for the first that answers.
    `ready_when` None: dependents wait until it has exited with 0. `stop_signal` None is that of the image. Named
    volumes stay.
    """
    notes = Notes(caller_site(), ProblemKind.INVALID_COMMAND)
    if not isinstance(image, str) or not image.strip() or image.startswith("-"):
        notes.add(f"`container` needs the name of an image, not {image!r}")
    stop_timeout_s = notes.seconds("stop_timeout", stop_timeout) or 0.0
    if stop_signal is not None:
        notes.value("stop_signal", parse_signal, stop_signal, 0)
    ready = None if ready_when is None else _ready(notes, ready_when)
    variables = notes.environment("env", env)
    words = _words(notes, "arguments", arguments)
    order = {
        "image": image if isinstance(image, str) else "",
        "arguments": words,
        "ports": _words(notes, "ports", ports),
        "volumes": _words(notes, "volumes", volumes),
        "variables": tuple(variables),
        "options": _words(notes, "options", options),
        "stop_signal": None if stop_signal is None else str(stop_signal),
        "engine": _engine(notes, engine, ENGINES),
        "stop_timeout_s": stop_timeout_s,
        "announce": ready is _HEALTHY,
    }
    return Command(
        run=_run("container-run", order),
        title=" ".join(("container", "run", str(order["image"]), *words)),
        depends_on=as_dependencies(depends_on),
        ready_when=ready,
        ready_timeout_s=notes.seconds("ready_timeout", ready_timeout),
        completed_timeout_s=notes.seconds("completed_timeout", completed_timeout),
        stop_timeout_s=stop_timeout_s + _ENGINE_OVERHEAD_S,
        teardown=_run("container-remove", order),
        teardown_timeout_s=_teardown_seconds(notes, teardown_timeout, stop_timeout_s),
        env=variables,
        cache=notes.made_by("cache", CacheSpec, cache),
        retry=notes.made_by("retry", Retry, retry),
        restart=notes.made_by("restart", Restart, restart),
        watch=notes.made_by("watch", Watch, watch),
        unavailable_exit_code=UNAVAILABLE_EXIT_CODE,
        site=notes.site,
        problems=tuple(notes.problems),
    )


def _run(verb: str, order: Mapping[str, object]) -> Run:
    """Return the command line of our program: no environment and no package of the user's changes what it is."""
    return (sys.executable, "-I", "-S", _PROGRAM, verb, json.dumps(order))


def _ready(notes: Notes, ready_when: ReadyWhen | Healthy) -> Probe | None:
    return _HEALTHY if isinstance(ready_when, Healthy) else notes.value("ready_when", as_probe, ready_when, None)


def _words(notes: Notes, option: str, raw: str | Sequence[str]) -> tuple[str, ...]:
    """Return one or several words as a tuple; wrong ones are noted."""
    words = (raw,) if isinstance(raw, str) else tuple(raw) if isinstance(raw, Sequence) else (raw,)
    if all(isinstance(word, str) and word and "\0" not in word for word in words):
        return words
    notes.add(f"`{option}` must be a string or a list of strings, none of them empty, not {raw!r:.80}")
    return ()


def _engine(notes: Notes, engine: str | None, known: Sequence[str]) -> str | None:
    if engine is None or engine in known:
        return engine
    notes.add(f"`engine` {engine!r} is not known", f"one of {', '.join(known)}; leave it out to take what is there")
    return None


def _teardown_seconds(notes: Notes, raw: Duration | None, stop_timeout_s: float) -> float:
    given = notes.seconds("teardown_timeout", raw)
    return stop_timeout_s + _TEARDOWN_S if given is None else given
