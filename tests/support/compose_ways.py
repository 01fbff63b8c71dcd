"""The ways to run compose files, as far as this machine has them. Plugins are stood in for by programs that are there."""

import shutil

import pytest
from container_system import ContainerSystem

WAYS = ("docker compose", "docker-compose", "podman compose", "podman-compose")


def prepare(way: str, system: ContainerSystem) -> None:
    """Make a way work in this workspace, or skip the test with the reason."""
    engine = way.partition(" ")[0].partition("-")[0]
    program = f"{engine}-compose"
    for needed in (engine, program):
        if shutil.which(needed) is None:
            pytest.skip(f"{needed} is not installed")
    if engine == "docker":
        system.room.serve_docker()
    if " " in way:
        real = shutil.which(engine)
        system.stand_in(engine, f'[ "$1" = compose ] || exec {real} "$@"\nshift\nexec {program} "$@"')


def any_way(system: ContainerSystem) -> str:
    """Return one way that works here, or skip the test with the reason."""
    for way in ("podman-compose", "docker-compose"):
        if shutil.which(way) and shutil.which(way.partition("-")[0]):
            prepare(way, system)
            return way
    return pytest.skip("neither podman-compose nor docker-compose is installed")
