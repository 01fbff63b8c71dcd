"""What holds for every plan, found by throwing random pipelines at the planner."""

from collections.abc import Callable, Sequence
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise

from hypothesis import assume, given
from hypothesis import strategies as st

from tui_runner import Pipeline, Task, pipeline, task
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.planning.plan import NodeId, Plan, gate_of
from tui_runner.planning.planner import PlanRequest, plan_pipeline

Planned = Callable[..., Plan]


class Builder:
    """Builds a random pipeline. Nothing depends on what was made later, so there can be no circle between tasks."""

    def __init__(self, data: st.DataObject) -> None:
        self.draw = data.draw
        self.made: list[Task] = []

    def pipeline(self, depth: int) -> Pipeline:
        tasks = [self.member(depth) for _ in range(self.draw(st.integers(0, 4)))]
        return pipeline([*tasks, *self.some(self.made, 1)] if depth < 2 else tasks)

    def member(self, depth: int) -> Task:
        # A nested pipeline depends only on what was made before its first inner task: it may contain no other.
        before = self.some(self.made, 3)
        if depth < 3 and self.draw(st.booleans()):
            made = self.pipeline(depth + 1).to_task(self.fresh(), depends_on=before)
        else:
            made = task(self.fresh(), run="true", depends_on=before)
        self.made.append(made)
        return made

    def some(self, tasks: Sequence[Task], most: int) -> list[Task]:
        return self.draw(st.lists(st.sampled_from(tasks), max_size=most)) if tasks else []

    def fresh(self) -> str:
        return f"t{self.draw(st.integers(0, 10**9))}-{len(self.made)}"


def check_sound(plan: Plan) -> None:
    gates = {gate_of(task_id) for task_id, planned in plan.tasks.items() if planned.composite}
    assert set(plan.after) == set(plan.tasks) | gates
    for node, others in plan.after.items():
        assert len(set(others)) == len(others), node
        assert set(others) <= set(plan.after), node
    TopologicalSorter(plan.after).prepare()
    place = {task_id: index for index, task_id in enumerate(plan.tasks)}
    for planned in plan.tasks.values():
        entry = plan.after[gate_of(planned.id) if planned.composite else planned.id]
        assert set(planned.depends_on) <= set(entry)
        assert all(planned.id in plan.tasks[other].dependents for other in planned.depends_on)
        assert set(planned.subtasks) <= set(plan.after[planned.id])
        if planned.parent is not None:
            assert gate_of(planned.parent) in entry
            assert planned.id in plan.tasks[planned.parent].subtasks
            assert place[planned.parent] < place[planned.id]
    assert plan.top_level == tuple(task_id for task_id, planned in plan.tasks.items() if planned.parent is None)


def reachable(after: dict[NodeId, tuple[NodeId, ...]], starts: Sequence[NodeId]) -> set[NodeId]:
    found = set(starts)
    stack = list(starts)
    while stack:
        fresh = set(after[stack.pop()]) - found
        found |= fresh
        stack += fresh
    return found


@given(st.data())
def test_a_pipeline_without_circles_gives_a_sound_plan_and_always_the_same(
    planned: Planned, data: st.DataObject
) -> None:
    root = Builder(data).pipeline(0)
    plan = plan_pipeline(root, PlanRequest(mode="dev", root="/work"))
    if not isinstance(plan, Plan):
        # Referring to a task that another pipeline owns may close a circle through that pipeline; nothing else may fail.
        assert {problem.kind for problem in plan} == {ProblemKind.CYCLE}
        return
    check_sound(plan)
    again = planned(root)
    assert list(again.tasks) == list(plan.tasks)
    assert list(again.after.items()) == list(plan.after.items())


@given(st.data())
def test_targets_select_a_part_that_holds_all_it_depends_on_and_no_more(planned: Planned, data: st.DataObject) -> None:
    root = Builder(data).pipeline(0)
    whole = plan_pipeline(root, PlanRequest(mode="dev", root="/work"))
    assume(isinstance(whole, Plan))
    assert isinstance(whole, Plan)
    targets = tuple(data.draw(st.lists(st.sampled_from(list(whole.tasks) or [""]), unique=True))) if whole.tasks else ()
    part = planned(root, targets=targets)
    check_sound(part)
    assert part.targets == targets
    needed = reachable(dict(whole.after), targets)
    for node, others in part.after.items():
        if node in plan_composites(part) and node not in needed:
            assert set(others) == {n for n in whole.after[node] if n in part.after}, "a part of a nested pipeline"
        else:
            assert node in needed
            assert others == whole.after[node]


def plan_composites(plan: Plan) -> set[NodeId]:
    return {task_id for task_id, planned in plan.tasks.items() if planned.composite}


@given(edges=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=24))
def test_circles_are_reported_exactly_when_there_are_any(
    planned: Planned, refused: Callable[..., tuple[Problem, ...]], edges: list[tuple[int, int]]
) -> None:
    needs = {f"t{n}": [f"t{b}" for a, b in edges if a == n] for n in range(8)}
    root = pipeline([task(name, run="true", depends_on=others) for name, others in needs.items()])
    try:
        TopologicalSorter(needs).prepare()
    except CycleError:
        problems = refused(root)
        assert {problem.kind for problem in problems} == {ProblemKind.CYCLE}
        shown = [problem.message.rpartition(": ")[2].split(" -> ") for problem in problems]
        assert len({tuple(circle) for circle in shown}) == len(shown)
        for circle in shown:
            assert circle[0] == circle[-1]
            assert len(set(circle)) == len(circle) - 1
            assert all(other in needs[one] for one, other in pairwise(circle))
    else:
        check_sound(planned(root))
