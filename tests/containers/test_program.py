"""The program in front of containers, run as tasks run it, between engines that are stood in for."""

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine_stand_in import DEADLINE_S, PROGRAM, EngineStandIn, container

pytestmark = pytest.mark.real

COMPOSE: dict[str, object] = {
    "files": ["compose.yaml"],
    "services": ["db"],
    "project": "shop",
    "options": [],
    "remove_volumes": False,
    "take_over": False,
    "engine": None,
    "stop_timeout_s": 3.0,
    "announce": True,
}
CONTAINER: dict[str, object] = {
    "image": "busybox",
    "arguments": [],
    "ports": [],
    "volumes": [],
    "variables": [],
    "options": [],
    "stop_signal": None,
    "engine": None,
    "stop_timeout_s": 3.0,
    "announce": True,
}


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[EngineStandIn]:
    made = EngineStandIn(tmp_path)
    yield made
    made.close()


def up(
    engines: EngineStandIn, verb: str = "compose-up", order: dict[str, object] | None = None
) -> "subprocess.Popen[str]":
    return engines.start(verb, COMPOSE if order is None else order)


def until(process: "subprocess.Popen[str]", words: str) -> None:
    """Read until a line holds these words."""
    assert process.stdout is not None
    for line in process.stdout:
        if words in line:
            return
    raise AssertionError(f"{words!r} was not printed")


@pytest.mark.parametrize("way", ["docker compose", "docker-compose", "podman compose", "podman-compose"])
def test_services_come_up_are_stopped_by_a_signal_and_removed_by_the_teardown(engines: EngineStandIn, way: str) -> None:
    engine = way.partition(" ")[0].removesuffix("-compose")
    engines.install(engine, way)
    process = up(engines)
    until(process, "the service speaks")
    until(process, "db: up and healthy")
    os.killpg(process.pid, signal.SIGTERM)
    rest, _ = process.communicate(timeout=DEADLINE_S)
    assert process.returncode == 128 + signal.SIGTERM
    assert "the service is silent" in rest, "output is shown to the end"
    assert f"{engine} stop -t 3 0123456789abcdef" in engines.calls()
    assert engines.run("compose-down", COMPOSE) == (0, "")
    assert f"{way} --project-name shop --file compose.yaml down --timeout 3" in engines.calls()
    assert not (engines.room / "state").exists()


def test_the_signal_does_not_reach_the_compose_program(engines: EngineStandIn) -> None:
    engines.install("podman", "podman-compose")
    process = up(engines)
    until(process, "up and healthy")
    os.killpg(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=DEADLINE_S)
    assert "the service is silent" in rest
    assert process.returncode == 128 + signal.SIGINT


def test_a_service_that_fails_gives_its_exit_code(engines: EngineStandIn) -> None:
    engines.install("docker", "docker-compose")
    (engines.room / "running").write_text(container("exited", exit_code=5))
    code, printed = engines.run("compose-up", COMPOSE)
    assert code == 5
    assert "db exited with code 5" in printed


def test_a_compose_program_that_brings_nothing_up_has_failed(engines: EngineStandIn) -> None:
    engines.install("docker", "docker-compose")
    (engines.room / "running").write_text(container("exited", service="other"))
    code, printed = engines.run("compose-up", COMPOSE)
    assert code == 1
    assert "there is no container of db" in printed


def test_without_an_engine_the_exit_code_says_so_and_the_teardown_is_content(engines: EngineStandIn) -> None:
    code, printed = engines.run("compose-up", COMPOSE)
    assert code == 69
    assert printed == (
        "tui-runner: no container engine can be used here: docker is not installed; podman is not installed\n"
    )
    assert engines.run("compose-down", COMPOSE) == (0, "")
    assert engines.run("container-run", CONTAINER)[0] == 69
    assert engines.run("container-remove", CONTAINER) == (0, "")


def test_an_engine_that_went_away_makes_the_teardown_fail_and_say_what_may_be_left(engines: EngineStandIn) -> None:
    engines.install("podman", "podman-compose")
    process = up(engines)
    until(process, "up and healthy")
    engines.fails("podman", "out of order")
    process.kill()
    code, printed = engines.run("compose-down", COMPOSE)
    assert code == 1
    assert "containers of shop may be left" in printed
    assert "out of order" in printed


def test_a_container_that_exits_with_the_code_for_no_engine_is_no_missing_engine(engines: EngineStandIn) -> None:
    engines.install("docker", "docker-compose")
    (engines.room / "running").write_text(container("exited", exit_code=69))
    assert engines.run("compose-up", COMPOSE)[0] == 1


@pytest.mark.parametrize(("verb", "order"), [("compose-up", COMPOSE), ("container-run", CONTAINER)])
def test_when_nobody_listens_any_more_containers_are_taken_down(
    engines: EngineStandIn, verb: str, order: dict[str, object]
) -> None:
    engines.install("podman", "podman-compose")
    process = up(engines, verb, order)
    until(process, "up and healthy")
    assert process.stdout is not None
    process.stdout.close()
    assert process.wait(DEADLINE_S) == 129
    assert not (engines.room / "state").exists()
    assert any(" rm --force " in call for call in engines.calls())


def test_a_service_in_use_is_neither_stopped_nor_removed(engines: EngineStandIn) -> None:
    engines.install("podman", "podman-compose")
    first, second = up(engines), up(engines)
    for process in (first, second):
        until(process, "up and healthy")
    first.terminate()
    first.communicate(timeout=DEADLINE_S)
    assert engines.run("compose-down", COMPOSE)[0] == 0
    assert not any(word in call for call in engines.calls() for word in (" stop ", " rm ", " down "))
    second.terminate()
    second.communicate(timeout=DEADLINE_S)
    assert engines.run("compose-down", COMPOSE)[0] == 0
    assert not (engines.room / "state").exists()


def test_somebody_who_starts_the_program_by_hand_is_told_what_it_is() -> None:
    told = subprocess.run(PROGRAM, capture_output=True, text=True, timeout=DEADLINE_S, check=False)
    assert told.returncode == 2
    assert "started by tasks" in told.stdout
