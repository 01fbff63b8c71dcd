"""A world of services with restart policies, and what became of them."""

from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.policy import OnFailure, Restart
from tui_runner.model.state import Backoff, CrashLoop, Failed
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import TimerKind


def service(name: str, policy: Restart | None = None, *depends_on: str, **options: object) -> Task:
    run = command("x", ready_when="up", restart=policy, **options)  # type: ignore[arg-type]  # passed on
    return task(name, run=run, depends_on=depends_on)


def world_of(*tasks: Task) -> World:
    plan = planned(list(tasks), on_failure=OnFailure.CONTINUE)
    return World(plan, until=Until.TOLD).begin()


def crashes(world: World, name: str = "t", code: int = 1, at_s: float = 0.0) -> None:
    """Let a task end and, if it is to be started again, let the delay pass."""
    world.exits(name, code, at_s=at_s)
    if isinstance(world.state(name), Backoff):
        world.fires(name, TimerKind.BACKOFF)


def backoff(world: World, name: str = "t") -> Backoff:
    state = world.state(name)
    assert isinstance(state, Backoff), state
    return state


def crash_loop(world: World, name: str = "t") -> CrashLoop | None:
    state = world.state(name)
    assert isinstance(state, Failed), state
    return state.failure.crash_loop
