"""The key sees all that a result depends on, part by part, and nothing else."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner import cache, command, pipeline, task, virtual_input
from tui_runner.caching.entry import KeyPart
from tui_runner.caching.key import Found, Surroundings, file_changes, key_of, key_parts, part_changes
from tui_runner.planning.plan import Plan, PlannedTask
from tui_runner.planning.planner import PlanRequest, plan_pipeline

AROUND = Surroundings(root="/work", environment={"CI": "1"}, platform="linux-x86_64")
FOUND = Found(input_files=b"1", virtual=(("npm", virtual_input("deps", "2")),), artifacts=(("lib:build", b"3"),))


def planned(
    run: Any = "make", *, cwd: str = "app", env: Any = None, root: str = "/work", run_env: Any = None, **options: Any
) -> PlannedTask:
    options.setdefault("inputs", "src")
    one = task("t", run=command(run, cache=cache(**options), env=env), cwd=cwd)
    plan = plan_pipeline(pipeline([one]), PlanRequest(mode="build", root=root, env=run_env or {}))
    assert isinstance(plan, Plan)
    return plan.tasks["t"]


def key(task: PlannedTask, around: Surroundings = AROUND, found: Found = FOUND) -> str:
    return key_of(key_parts(task, around, found))


def test_the_same_task_has_the_same_key_wherever_its_workspace_lies() -> None:
    elsewhere = Surroundings(root="/elsewhere", environment={"CI": "1"}, platform="linux-x86_64")
    assert key(planned()) == key(planned(root="/elsewhere"), elsewhere)


@pytest.mark.parametrize(
    ("other", "part"),
    [
        (planned("make all"), "command"),
        (planned(["make"]), "command"),
        (planned(cwd="web"), "cwd"),
        (planned(env={"A": "1"}), "env A"),
        (planned(run_env={"B": "1"}), "env B"),
        (planned(inputs=["src", "!x"]), "options: inputs"),
        (planned(outputs="out"), "options: outputs"),
        (planned(key={"node": "20"}), "key node"),
        (planned(env=None, inputs="src", ttl=5), None),
    ],
)
def test_each_thing_a_result_depends_on_is_a_part_of_its_own(other: PlannedTask, part: str | None) -> None:
    changes = part_changes(key_parts(planned(), AROUND, FOUND), key_parts(other, AROUND, FOUND))
    assert [change.what for change in changes] == ([] if part is None else [part])
    assert (key(other) == key(planned())) == (part is None)


def test_what_is_found_counts() -> None:
    found = [
        FOUND,
        Found(input_files=b"x", virtual=FOUND.virtual, artifacts=FOUND.artifacts),
        Found(input_files=b"1", virtual=(("npm", virtual_input("deps", "x")),), artifacts=FOUND.artifacts),
        Found(input_files=b"1", virtual=FOUND.virtual, artifacts=(("lib:build", b"x"),)),
        Found(input_files=b"1", virtual=FOUND.virtual),
        Found(input_files=b"1", resolved_files=b"1", virtual=FOUND.virtual, artifacts=FOUND.artifacts),
    ]
    assert len({key(planned(), found=one) for one in found}) == len(found)


def test_a_description_is_for_people_and_does_not_count() -> None:
    told = Found(
        input_files=b"1", virtual=(("npm", virtual_input("deps", "2", "3 packages")),), artifacts=FOUND.artifacts
    )
    assert key(planned(), found=told) == key(planned())


def test_the_platform_and_named_variables_of_the_process_count_others_do_not() -> None:
    other = Surroundings(root="/work", environment={"CI": "2", "HOME": "/root"}, platform="linux-x86_64")
    arm = Surroundings(root="/work", environment={"CI": "1"}, platform="linux-aarch64")
    assert key(planned(), other) == key(planned())
    assert key(planned(), arm) != key(planned())
    assert key(planned(inputs="src"), AROUND) != key(named := _with_env(), AROUND)
    assert key(named, other) != key(named, AROUND)
    assert key(named, Surroundings(root="/work", environment={}, platform="linux-x86_64")) != key(named, AROUND)


def _with_env() -> PlannedTask:
    one = task("t", run=command("make", cache=cache(inputs="src", env="CI")), cwd="app")
    plan = plan_pipeline(pipeline([one]), PlanRequest(mode="build", root="/work"))
    assert isinstance(plan, Plan)
    return plan.tasks["t"]


def test_values_of_variables_are_never_shown() -> None:
    before = key_parts(planned(env={"TOKEN": "old-secret"}), AROUND, FOUND)
    after = key_parts(planned(env={"TOKEN": "new-secret"}), AROUND, FOUND)
    assert "secret" not in repr([part.shown for part in (*before, *after)])
    assert [change.describe() for change in part_changes(before, after)] == ["env TOKEN changed"]


def test_a_change_tells_what_was_and_what_is() -> None:
    before, after = key_parts(planned("make"), AROUND, FOUND), key_parts(planned("make all"), AROUND, FOUND)
    assert [change.describe() for change in part_changes(before, after)] == ["command changed (make → make all)"]


def test_files_are_told_by_name() -> None:
    changes = file_changes({b"a": b"1", b"b": b"1", b"c\xff": b"1"}, {b"a": b"2", b"d": b"1", b"b": b"1"})
    assert [change.describe() for change in changes] == ["a changed", "c\\xff removed", "d added"]


PARTS = st.lists(st.builds(KeyPart, name=st.text(max_size=4), digest=st.binary(max_size=4)), max_size=5)


@given(PARTS, PARTS)
def test_different_parts_make_different_keys(one: list[KeyPart], other: list[KeyPart]) -> None:
    """No part can look like the end of one and the beginning of the next."""
    assert (key_of(one) == key_of(other)) == (one == other)
