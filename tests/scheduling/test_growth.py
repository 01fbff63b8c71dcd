"""What a task costs does not depend on how many others there are: planning, building the graph, running it."""

from collections import deque
from collections.abc import Callable, Sequence

import pytest
from effort import effort_of
from scheduling_world import planned

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.task import Task, task
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.effect import PhaseChanged, Spawn, Stop
from tui_runner.scheduling.event import Begin, Event, Exited, ProbePassed, Spawned
from tui_runner.scheduling.scheduler import Scheduler

FEW, MANY = 300, 3000
WIDTH = 10


def layered(count: int) -> list[Task]:
    """Rows of ten tasks; each needs all ten of the row before."""
    tasks: list[Task] = []
    for number in range(count):
        row = number - number % WIDTH
        tasks.append(task(f"t{number}", run="x", depends_on=tasks[max(0, row - WIDTH) : row]))
    return tasks


def named(count: int) -> list[Task]:
    """The same with names instead of objects."""
    return [
        task(one.name, run="x", depends_on=[other.name for other in one.depends_on if isinstance(other, Task)])
        for one in layered(count)
    ]


def chained(count: int) -> list[Task]:
    return [task(f"t{number}", run="x", depends_on=[f"t{number - 1}"] if number else []) for number in range(count)]


def apart(count: int) -> list[Task]:
    return [task(f"t{number}", run="x") for number in range(count)]


def nested(count: int) -> list[Task]:
    """Nested pipelines of ten tasks, each pipeline after the one before."""
    groups: list[Task] = []
    for number in range(0, count, WIDTH):
        inner = pipeline([task(f"t{n}", run="x") for n in range(WIDTH)])
        groups.append(inner.to_task(f"g{number}", depends_on=groups[-1:], max_concurrency=3))
    return groups


def served(count: int) -> list[Task]:
    """Rows of ten tasks behind a service that is up all the time."""
    up = task("up", run=command("x", ready_when="up"))
    return [task(one.name, run="x", depends_on=one.depends_on or [up]) for one in named(count)]


SHAPES = pytest.mark.parametrize("shape", [layered, named, chained, apart, nested, served])
Shape = Callable[[int], Sequence[Task]]


def exited(name: str, attempt: int) -> Exited:
    return Exited(task=name, attempt=attempt, exit_code=0, signal=None, group_gone=True, escaped=False)


def run_through(plan: Plan) -> int:
    """Let every task start and end well, and services be ready until they are stopped; return how many started."""
    scheduler = Scheduler(plan)
    events: deque[Event] = deque([Begin()])
    spawned = 0
    ended = False
    while events:
        for effect in scheduler.feed(events.popleft()):
            match effect:
                case Spawn(task=name, attempt=attempt):
                    spawned += 1
                    events.append(Spawned(task=name, attempt=attempt, pid=spawned))
                    stays = name == "up"
                    events.append(ProbePassed(task=name, attempt=attempt) if stays else exited(name, attempt))
                case Stop(task=name, attempt=attempt):
                    events.append(exited(name, attempt))
                case PhaseChanged(phase="ended"):
                    ended = True
                case _:
                    pass
    assert ended
    return spawned


@SHAPES
def test_planning_costs_the_same_per_task_however_many_there_are(shape: Shape) -> None:
    few, many = pipeline(shape(FEW)), pipeline(shape(MANY))
    effort = effort_of(lambda: planned(few)) / FEW
    assert effort_of(lambda: planned(many)) / MANY < effort * 1.1


@SHAPES
def test_building_the_graph_costs_the_same_per_task_however_many_there_are(shape: Shape) -> None:
    few, many = planned(shape(FEW)), planned(shape(MANY))
    effort = effort_of(lambda: Scheduler(few)) / FEW
    assert effort_of(lambda: Scheduler(many)) / MANY < effort * 1.1


@SHAPES
def test_running_costs_the_same_per_task_however_many_there_are(shape: Shape) -> None:
    few, many = planned(shape(FEW), max_concurrency=50), planned(shape(MANY), max_concurrency=50)
    effort = effort_of(lambda: run_through(few)) / FEW
    assert effort_of(lambda: run_through(many)) / MANY < effort * 1.2


def test_ten_thousand_tasks_in_layers_are_planned_and_run() -> None:
    assert run_through(planned(layered(10_000))) == 10_000
