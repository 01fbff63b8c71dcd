"""Which engine is taken, and what is said where there is none: with programs that answer as engines do."""

from pathlib import Path

import pytest
from engine_stand_in import EngineStandIn

from tui_runner.containers.engine_search import find_compose_engine, find_engine
from tui_runner.containers.problem import NoEngineError


@pytest.fixture
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EngineStandIn:
    made = EngineStandIn(tmp_path)
    monkeypatch.setenv("PATH", made.env["PATH"])
    return made


@pytest.mark.parametrize(
    ("there", "wanted", "taken"),
    [
        (("docker", "docker compose", "docker-compose", "podman", "podman-compose"), None, "docker compose"),
        (("docker", "docker-compose", "podman", "podman-compose"), None, "docker-compose"),
        (("docker", "podman", "podman-compose"), None, "podman-compose"),
        (("podman", "podman compose", "podman-compose"), None, "podman compose"),
        (("docker", "docker compose", "podman", "podman-compose"), "podman", "podman-compose"),
        (("docker", "docker compose", "docker-compose"), "docker-compose", "docker-compose"),
    ],
)
def test_the_first_compose_program_whose_engine_answers_is_taken(
    engines: EngineStandIn, there: tuple[str, ...], wanted: str | None, taken: str
) -> None:
    engines.install(*there)
    assert find_compose_engine(wanted).name == taken


def test_an_engine_that_does_not_answer_is_passed_over(engines: EngineStandIn) -> None:
    engines.install("docker", "docker-compose", "podman", "podman-compose")
    engines.fails("docker", "Cannot connect to the Docker daemon")
    assert find_compose_engine(None).name == "podman-compose"
    assert find_engine(None).program == "podman"


@pytest.mark.parametrize(
    ("there", "wanted", "words"),
    [
        ((), None, ["docker is not installed", "podman is not installed"]),
        (("podman",), "docker", ["docker is not installed"]),
        (
            ("docker",),
            None,
            ["docker answers, but `docker compose` nor `docker-compose` is not there", "podman is not"],
        ),
    ],
)
def test_where_there_is_none_everything_that_was_tried_is_told(
    engines: EngineStandIn, there: tuple[str, ...], wanted: str | None, words: list[str]
) -> None:
    engines.install(*there)
    with pytest.raises(NoEngineError) as caught:
        find_compose_engine(wanted)
    for word in words:
        assert word in str(caught.value)


def test_what_an_engine_says_of_itself_is_told(engines: EngineStandIn) -> None:
    engines.install("docker")
    engines.fails("docker", "first line\npermission denied while trying to connect")
    with pytest.raises(NoEngineError, match="docker does not answer: permission denied while trying to connect"):
        find_engine("docker")
