"""The compose programs there are, and the command lines they take. Pure."""

from typing import NamedTuple

from tui_runner.containers.engine import seconds


class ComposeEngine(NamedTuple):
    """One way to run compose files."""

    name: str
    """As users write it in `engine=`."""
    program: tuple[str, ...]
    engine: str
    """Whose containers they are: `docker` or `podman`."""
    lists_services: bool
    """It has `config --services`."""

    def head(self, project: str, files: tuple[str, ...]) -> tuple[str, ...]:
        """Return the beginning of every command line: program, project, files."""
        return (*self.program, "--project-name", project, *(part for file in files for part in ("--file", file)))

    def up(
        self,
        project: str,
        files: tuple[str, ...],
        services: tuple[str, ...],
        *,
        options: tuple[str, ...],
        stop_timeout_s: float,
    ) -> tuple[str, ...]:
        """Return the command that brings services up and stays attached to them; no services means all."""
        return (*self.head(project, files), "up", "--timeout", seconds(stop_timeout_s), *options, *services)

    def down(
        self, project: str, files: tuple[str, ...], *, stop_timeout_s: float, remove_volumes: bool
    ) -> tuple[str, ...]:
        """Return the command that removes containers and networks of the project, and volumes when asked to."""
        volumes = ("--volumes",) if remove_volumes else ()
        return (*self.head(project, files), "down", "--timeout", seconds(stop_timeout_s), *volumes)

    def services(self, project: str, files: tuple[str, ...]) -> tuple[str, ...] | None:
        """Return the command that lists the services of the files; None when the program has none."""
        return (*self.head(project, files), "config", "--services") if self.lists_services else None


COMPOSE_ENGINES = (
    ComposeEngine("docker compose", ("docker", "compose"), "docker", lists_services=True),
    ComposeEngine("docker-compose", ("docker-compose",), "docker", lists_services=True),
    ComposeEngine("podman compose", ("podman", "compose"), "podman", lists_services=True),
    ComposeEngine("podman-compose", ("podman-compose",), "podman", lists_services=False),
)
"""In the order in which they are tried. `docker-compose` may be version 1 or 2: what we ask of them is the same."""
