"""The command lines that compose programs and engines are given, as their manuals want them. Pure."""

import pytest

from tui_runner.containers.compose_engine import COMPOSE_ENGINES, ComposeEngine
from tui_runner.containers.container_task import run_command
from tui_runner.containers.order import ContainerOrder


def engine(name: str) -> ComposeEngine:
    return next(one for one in COMPOSE_ENGINES if one.name == name)


ORDER = ContainerOrder(
    image="postgres:17",
    arguments=("-c", "fsync=off"),
    ports=("127.0.0.1:5432:5432",),
    volumes=("data:/var/lib/postgresql/data",),
    variables=("POSTGRES_PASSWORD",),
    options=("--memory", "1g"),
    stop_signal="SIGINT",
    engine=None,
    stop_timeout_s=10.0,
    announce=True,
)


@pytest.mark.parametrize(
    ("name", "program"),
    [
        ("docker compose", "docker compose"),
        ("docker-compose", "docker-compose"),
        ("podman compose", "podman compose"),
        ("podman-compose", "podman-compose"),
    ],
)
def test_every_compose_program_takes_the_same_options_in_the_same_places(name: str, program: str) -> None:
    one = engine(name)
    up = one.up("shop", ("a.yaml", "b.yaml"), ("db", "api"), options=("--build",), stop_timeout_s=7.6)
    down = one.down("shop", ("a.yaml",), stop_timeout_s=0.2, remove_volumes=False)
    assert " ".join(up) == (f"{program} --project-name shop --file a.yaml --file b.yaml up --timeout 8 --build db api")
    assert " ".join(down) == f"{program} --project-name shop --file a.yaml down --timeout 0"


def test_volumes_go_only_when_asked() -> None:
    down = engine("docker compose").down("shop", ("a.yaml",), stop_timeout_s=1, remove_volumes=True)
    assert down[-1] == "--volumes"


def test_services_are_asked_of_programs_that_can_tell_them() -> None:
    asked = engine("docker-compose").services("shop", ("a.yaml",))
    assert asked is not None
    assert asked[-2:] == ("config", "--services")
    assert engine("podman-compose").services("shop", ("a.yaml",)) is None


def test_a_container_is_run_with_everything_in_its_place() -> None:
    assert run_command("podman", ORDER, "db-1", {"a": "b"}) == (
        *("podman", "run", "--name", "db-1", "--label", "a=b", "--publish", "127.0.0.1:5432:5432"),
        *("--volume", "data:/var/lib/postgresql/data", "--env", "POSTGRES_PASSWORD", "--stop-signal", "SIGINT"),
        *("--memory", "1g", "postgres:17", "-c", "fsync=off"),
    )


@pytest.mark.parametrize("volume", ["data:/data", "/srv/data:/data:ro", "/data"])
def test_volumes_that_are_no_paths_of_the_workspace_are_left_as_they_are(volume: str) -> None:
    assert volume in run_command("docker", ORDER._replace(volumes=(volume,)), "it", {})
