"""What differs between two plans, and what it means to a task that runs."""

import re

import pytest
from scheduling_world import planned

from tui_runner.model.cache import cache
from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import restart, retry, watch
from tui_runner.model.probe import ReadyWhen, http
from tui_runner.model.task import Task, task
from tui_runner.planning.difference import ChangeKind, PlanDifference, difference


def between(old: Task, new: Task) -> PlanDifference:
    return difference(planned([old]), planned([new]))


def api(**options: object) -> Task:
    return task("api", run=command("serve", **options))  # type: ignore[arg-type]  # whatever a test is about


def same_everything() -> Task:
    """Return a task with all there is, made anew by every call, in the same place of the file."""
    port = 80
    return api(
        ready_when=lambda line: f"listening on {port}" in line,
        alive=http("http://localhost:80"),
        env={"A": "1"},
        cache=cache(inputs=["src"], outputs=["dist"]),
        retry=retry(attempts=2),
        restart=restart("always"),
        watch=watch(["src"]),
        teardown="rm -r tmp",
    )


def test_a_file_that_is_loaded_again_without_a_change_changes_nothing() -> None:
    told = between(same_everything(), same_everything())
    assert not told
    assert told.unchanged == 1


def test_a_line_that_moved_changes_nothing() -> None:
    here = task("api", run=command("serve", ready_when=lambda line: "up" in line))
    there = task("api", run=command("serve", ready_when=lambda line: "up" in line))
    assert not between(here, there)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("up", "ready"),
        (re.compile("up"), re.compile("up", re.IGNORECASE)),
        (lambda line: "up" in line, lambda line: "ready" in line),
        (lambda line: line == "1", lambda line: line == 1),
        ("up", None),
    ],
)
def test_another_readiness_restarts(old: ReadyWhen | None, new: ReadyWhen | None) -> None:
    told = between(api(ready_when=old), api(ready_when=new))
    assert told.changed["api"].kind is ChangeKind.RESTART
    assert told.changed["api"].fields == ("ready_when",)


def test_functions_that_carry_other_values_along_are_others() -> None:
    def until(port: int) -> Task:
        return api(ready_when=lambda line: str(port) in line)

    assert not between(until(80), until(80))
    assert between(until(80), until(81)).changed["api"].fields == ("ready_when",)


def test_what_an_attempt_was_started_with_restarts_it_and_all_of_it_is_told() -> None:
    told = between(
        task("api", run="serve", cwd="a", env={"A": "1"}), task("api", run="serve --new", cwd="b", env={"A": "2"})
    )
    assert told.changed["api"].kind is ChangeKind.RESTART
    assert told.changed["api"].fields == ("run", "cwd", "env")


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"retry": retry(attempts=2)}, "retry"),
        ({"restart": restart("always")}, "restart"),
        ({"watch": watch(["src"])}, "watch"),
        ({"ready_timeout": 5}, "ready_timeout"),
        ({"max_memory": "1GB"}, "max_memory"),
    ],
)
def test_policies_count_from_now_on_and_restart_nothing(options: dict[str, object], field: str) -> None:
    told = between(api(), api(**options))
    assert told.changed["api"].kind is ChangeKind.ADOPT
    assert told.changed["api"].fields == (field,)


def test_other_dependencies_restart_nothing() -> None:
    told = difference(
        planned([task("db", run="db"), api_needing()]), planned([task("db", run="db"), api_needing("db")])
    )
    assert told.changed["api"].kind is ChangeKind.ADOPT
    assert told.changed["api"].fields == ("depends_on",)
    assert told.unchanged == 1


def api_needing(*needs: str) -> Task:
    return task("api", run="serve", depends_on=needs)


@pytest.mark.parametrize(("old", "new"), [("a", "b"), ("a", None), (None, "b")])
def test_another_teardown_replaces(old: str | None, new: str | None) -> None:
    assert between(api(teardown=old), api(teardown=new)).changed["api"].kind is ChangeKind.REPLACE


def test_a_teardown_whose_directory_changes_is_run_where_it_belongs() -> None:
    old = task("db", cwd="a", run=command("db", teardown="rm data"))
    new = task("db", cwd="b", run=command("db", teardown="rm data"))
    assert between(old, new).changed["db"].kind is ChangeKind.REPLACE


def test_a_task_that_becomes_a_pipeline_is_replaced() -> None:
    told = between(api(), pipeline([task("inner", run="x")]).to_task("api"))
    assert told.changed["api"].kind is ChangeKind.REPLACE
    assert told.added == ("api:inner",)


def test_the_environment_of_a_nested_pipeline_changes_what_is_inside() -> None:
    def nested(value: str) -> Task:
        return pipeline([task("api", run="serve")]).to_task("shop", env={"A": value})

    told = between(nested("1"), nested("2"))
    assert told.changed["shop:api"].kind is ChangeKind.RESTART
    assert told.changed["shop:api"].fields == ("env",)


def test_what_came_and_went_is_told_in_the_order_of_the_plans() -> None:
    old = planned([task(name, run="x") for name in "abc"])
    new = planned([task(name, run="x") for name in "dbe"])
    told = difference(old, new)
    assert told.removed == ("a", "c")
    assert told.added == ("d", "e")
    assert told.unchanged == 1
