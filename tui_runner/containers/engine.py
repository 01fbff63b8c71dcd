"""The engine's own program, `docker` or `podman`: asked about containers, told to stop and remove them."""

import json
import subprocess
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from tui_runner.containers.problem import ContainerError

PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
"""Every compose program sets both, also those of podman."""

_ASK_TIMEOUT_S = 20.0
"""For a question; a daemon that takes longer hangs."""


class Container(NamedTuple):
    """What the engine says about a container."""

    id: str
    name: str
    service: str
    """Of a compose file; empty for others."""
    status: str
    """`created`, `running`, `restarting`, `exited` …"""
    exit_code: int
    health: str
    """`starting`, `healthy`, `unhealthy`; empty without a health check."""
    started_at: str
    """When it was last started, in the words of the engine: only for comparing."""
    volumes: tuple[str, ...]
    """Names of the volumes it uses."""

    @property
    def is_up(self) -> bool:
        """It has a process."""
        return self.status not in {"created", "exited", "dead", "stopped"}

    @property
    def title(self) -> str:
        """The name people know it by."""
        return self.service or self.name


class Engine:
    """A container engine that answers."""

    def __init__(self, program: str) -> None:
        self.program = program
        """`docker` or `podman`."""

    def ask(self, *arguments: str, timeout_s: float = _ASK_TIMEOUT_S) -> str:
        """Run the program and return what it prints.

        Raises:
            ContainerError: it failed or took too long; with its own words.
        """
        done = self._run(arguments, timeout_s)
        if done.returncode != 0:
            raise ContainerError(f"`{self.program} {arguments[0]}` failed: {last_line(done.stderr)}")
        return done.stdout

    def containers(self, labels: Mapping[str, str]) -> list[Container]:
        """Return all containers with these labels, running or not.

        Raises:
            ContainerError: the engine does not answer.
        """
        filters = [part for name, value in labels.items() for part in ("--filter", f"label={name}={value}")]
        ids = self.ask("ps", "--all", "--quiet", "--no-trunc", *filters).split()
        if not ids:
            return []
        # One that has gone meanwhile makes it fail, but the others are printed all the same.
        told = self._run(("inspect", "--type", "container", *ids), _ASK_TIMEOUT_S).stdout
        try:
            return [_container(entry) for entry in json.loads(told or "[]")]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ContainerError(f"`{self.program} inspect` printed what cannot be understood: {error}") from error

    def is_healthy_now(self, container: str) -> bool:
        """Run the health check of a container: podman runs it by itself only where there is systemd."""
        return self._run(("healthcheck", "run", container), _ASK_TIMEOUT_S).returncode == 0

    def stop(self, containers: Iterable[Container], timeout_s: float) -> None:
        """Ask them to end, each with its own stop signal; after `timeout_s` they are killed. Returns when they have.

        Raises:
            ContainerError: some could not be stopped.
        """
        ids = [one.id for one in containers]
        if ids:
            self.ask("stop", "-t", seconds(timeout_s), *ids, timeout_s=timeout_s + _ASK_TIMEOUT_S)

    def remove(self, containers: Iterable[Container], *, with_volumes: bool) -> None:
        """Kill and remove them. `with_volumes`: also the nameless volumes that are theirs alone. Gone ones are fine."""
        chosen = list(containers)
        running = [one.id for one in chosen if one.is_up]
        if running:  # `podman rm --force` would wait for them to end by themselves
            self._run(("kill", *running), _ASK_TIMEOUT_S)
        if chosen:
            volumes = ("--volumes",) if with_volumes else ()
            self._run(("rm", "--force", *volumes, *(one.id for one in chosen)), 2 * _ASK_TIMEOUT_S)

    def named(self, kind: str, project: str) -> list[str]:
        """Return the names of the `volume`s or `network`s that were made for a compose project."""
        column = "{{.Name}}"
        label = f"label={PROJECT_LABEL}={project}"
        return self.ask(kind, "ls", "--filter", label, "--format", column).split()

    def remove_named(self, kind: str, names: Iterable[str]) -> None:
        """Remove volumes or networks; those that are gone or in use by others are left alone."""
        for name in names:
            self._run((kind, "rm", name), _ASK_TIMEOUT_S)

    def _run(self, arguments: tuple[str, ...], timeout_s: float) -> "subprocess.CompletedProcess[str]":
        return run_quietly((self.program, *arguments), timeout_s)


def run_quietly(command: tuple[str, ...], timeout_s: float) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end and take what it prints.

    Raises:
        ContainerError: it cannot be started, or it takes too long.
    """
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        raise ContainerError(f"`{' '.join(command[:2])}` did not end within {timeout_s:g} s") from None
    except OSError as error:
        raise ContainerError(f"`{command[0]}` could not be started: {error.strerror}") from error


def last_line(text: str) -> str:
    """Return the last line with something in it."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "it said nothing")


def _container(entry: Any) -> Container:  # JSON of another program
    state = entry["State"]
    health = (state.get("Health") or state.get("Healthcheck") or {}).get("Status") or ""
    return Container(
        id=entry["Id"],
        name=entry["Name"].lstrip("/"),
        service=(entry.get("Config") or {}).get("Labels", {}).get(SERVICE_LABEL, ""),
        status=state["Status"],
        exit_code=int(state.get("ExitCode") or 0),
        health="" if health == "none" else health,
        started_at=str(state.get("StartedAt") or ""),
        volumes=tuple(m["Name"] for m in entry.get("Mounts") or () if m.get("Type") == "volume" and m.get("Name")),
    )


def seconds(timeout_s: float) -> str:
    """Return whole seconds, as all engines take them."""
    return str(max(0, round(timeout_s)))
