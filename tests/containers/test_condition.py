"""When containers count as healthy, and when as failed. Pure."""

import pytest

from tui_runner.containers.condition import Condition, judge
from tui_runner.containers.engine import Container


def of(service: str, status: str, *, code: int = 0, health: str = "") -> Container:
    return Container(
        id=service,
        name=service,
        service=service,
        status=status,
        exit_code=code,
        health=health,
        started_at="",
        volumes=(),
    )


@pytest.mark.parametrize(
    ("found", "condition"),
    [
        ([], Condition.NOT_YET),
        ([of("db", "created")], Condition.NOT_YET),
        ([of("db", "running")], Condition.HEALTHY),
        ([of("db", "running", health="starting")], Condition.NOT_YET),
        ([of("db", "running", health="unhealthy")], Condition.NOT_YET),
        ([of("db", "running", health="healthy")], Condition.HEALTHY),
        ([of("db", "restarting", code=1)], Condition.NOT_YET),
        ([of("db", "running"), of("init", "exited")], Condition.HEALTHY),
        ([of("db", "running"), of("init", "exited", code=2)], Condition.FAILED),
        ([of("db", "dead", code=137)], Condition.FAILED),
        ([of("init", "running"), of("init", "exited")], Condition.NOT_YET),
    ],
)
def test_containers_are_judged_together(found: list[Container], condition: Condition) -> None:
    assert judge(found, ["db"]).condition is condition


def test_without_names_those_that_are_there_are_judged() -> None:
    assert judge([of("whatever", "running")], ()).condition is Condition.HEALTHY


def test_the_one_that_failed_is_named() -> None:
    failed = judge([of("db", "running"), of("init", "exited", code=2)], ["db"]).failed
    assert failed is not None
    assert (failed.title, failed.exit_code) == ("init", 2)
