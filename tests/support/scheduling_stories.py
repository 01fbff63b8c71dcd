"""Random pipelines, and random stories of what happens to them."""

from typing import Literal

from hypothesis import strategies as st
from scheduling_world import World

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import restart, retry
from tui_runner.model.state import TeardownStatus, is_alive
from tui_runner.model.task import Task, task
from tui_runner.scheduling.event import StopCause


@st.composite
def single_tasks(draw: st.DrawFn, name: str, earlier: list[Task]) -> Task:
    """A task that may depend on some earlier ones."""
    depends_on = draw(st.lists(st.sampled_from(earlier), max_size=3, unique_by=id)) if earlier else []
    if draw(st.integers(0, 9)) == 0:
        return task(name, commands={"build": "true"}, depends_on=depends_on)
    policy: Literal["never", "on-failure"] = draw(st.sampled_from(["never", "never", "on-failure"]))
    return task(
        name,
        depends_on=depends_on,
        run=command(
            draw(st.sampled_from(["true", "true again"])),
            ready_when=draw(st.sampled_from([None, "ready"])),
            ready_timeout=draw(st.sampled_from([None, 5])),
            teardown=draw(st.sampled_from([None, "true"])),
            retry=draw(st.sampled_from([None, retry(attempts=2)])),
            restart=restart(policy, limit=2),
        ),
    )


@st.composite
def task_lists(draw: st.DrawFn) -> list[Task]:
    """A random graph, with nested pipelines that have edges in, out and across."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 4)) == 0:
            inner: list[Task] = []
            for k in range(draw(st.integers(0, 3))):
                inner.append(draw(single_tasks(f"inner{number}-{k}", [*tasks, *inner])))
            depends_on = draw(st.lists(st.sampled_from(tasks), max_size=2, unique_by=id)) if tasks else []
            limit = draw(st.sampled_from([None, 1]))
            tasks.append(pipeline(inner).to_task(f"nested{number}", depends_on=depends_on, max_concurrency=limit))
            tasks += inner[:1] if draw(st.booleans()) else []
        else:
            tasks.append(draw(single_tasks(f"task{number}", tasks)))
    return tasks


def drive(world: World, data: st.DataObject, steps: int) -> None:
    """Let the world do something possible, so many times."""
    for _ in range(steps):
        moves = world.moves()
        if world.ended or not moves:
            return
        moves[data.draw(st.integers(0, len(moves) - 1))]()


def finish(world: World) -> None:
    """Bring the run to its end: ask for it, then let everything that is asked to leave do so."""
    world.acknowledge()
    if not world.ended:
        world.stop_run(StopCause.PERSON)
        world.acknowledge()
    world.leave_all()


def check_end(world: World) -> None:
    """Nothing is left, and every teardown that became due has run."""
    assert world.ended
    assert not world.alive
    assert not world.tearing_down
    assert world.scheduler.board.present == 0
    assert world.scheduler.board.progressing == 0
    for name in world.plan.tasks:
        assert not is_alive(world.state(name))
        assert world.due.get(name) in {None, TeardownStatus.COMPLETED}
