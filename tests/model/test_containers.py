"""`compose` and `container`: what they make, and that every wrong value is told at once."""

import json
from pathlib import Path
from typing import Any

import pytest

from tui_runner import Command, compose, container, healthy, log_line, tcp
from tui_runner.model.probe import LogPattern


def order_of(command: Command) -> dict[str, Any]:  # JSON
    assert not isinstance(command.run, str)
    order: dict[str, Any] = json.loads(command.run[-1])
    return order


def test_services_are_ready_when_healthy_and_torn_down_by_the_same_program() -> None:
    made = compose("infra/compose.yaml", ["db", "cache"], stop_timeout="20s")
    assert made.problems == ()
    assert isinstance(made.ready_when, LogPattern)
    assert (made.run[-2], made.teardown and made.teardown[-2]) == ("compose-up", "compose-down")
    assert made.teardown is not None
    assert made.run[-1] == made.teardown[-1]
    assert (order_of(made)["files"], order_of(made)["services"]) == (["infra/compose.yaml"], ["db", "cache"])
    assert made.stop_timeout_s > order_of(made)["stop_timeout_s"] == 20, "the engine needs time of its own"
    assert made.teardown_timeout_s == 50


def test_a_container_is_a_step_unless_something_makes_it_ready() -> None:
    assert container("busybox", "true").ready_when is None
    assert isinstance(container("busybox", ready_when=healthy()).ready_when, LogPattern)
    assert container("busybox", ready_when=tcp(80)).ready_when == tcp(80)


@pytest.mark.parametrize("ready", [log_line("db-1 .*ready"), tcp(5432)])
def test_another_probe_takes_the_place_of_health(ready: Any) -> None:
    made = compose(ready_when=ready)
    assert made.ready_when == ready
    assert order_of(made)["announce"] is False


def test_values_of_variables_stand_in_no_command_line() -> None:
    made = container("busybox", env={"TOKEN": "private"})
    assert order_of(made)["variables"] == ["TOKEN"]
    assert "private" not in str(made.run)
    assert made.env == {"TOKEN": "private"}


def test_the_program_that_is_started_exists() -> None:
    made = compose()
    assert Path(made.run[-3], "__main__.py").is_file()


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (lambda: compose(""), "`file` must be"),
        (lambda: compose(services=["db", "rm -rf"]), "'rm -rf' cannot be the name of a service"),
        (lambda: compose(services=["--help"]), "'--help' cannot be"),
        (lambda: compose(project="My Shop"), "`project` 'My Shop': only a-z"),
        (lambda: compose(engine="rocket"), "`engine` 'rocket' is not known"),
        (lambda: compose(stop_timeout="soon"), "stop_timeout"),
        (lambda: compose(options=[3]), "`options` must be"),  # type: ignore[list-item]
        (lambda: container(""), "needs the name of an image"),
        (lambda: container("--privileged"), "needs the name of an image"),
        (lambda: container("busybox", engine="docker compose"), "is not known"),
        (lambda: container("busybox", stop_signal="SIGNOTHING"), "stop_signal"),
        (lambda: container("busybox", env={"A": 1}), "env"),  # type: ignore[dict-item]
    ],
)
def test_wrong_values_are_problems_of_the_definition(made: Any, words: str) -> None:
    command = made()
    assert [words in problem.message for problem in command.problems] == [True], command.problems
    assert command.problems[0].site is not None


def test_all_mistakes_are_told_together() -> None:
    made = compose("", ["a b"], project="X", engine="rocket", stop_timeout=-1)
    assert len(made.problems) == 5
