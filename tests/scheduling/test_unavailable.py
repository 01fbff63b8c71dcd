"""A task whose command says that it cannot run on this machine: skipped when it may be, else a failure that says so."""

import msgspec
from scheduling_world import World, failure_of, planned

from tui_runner.model.command import Command, command
from tui_runner.model.policy import restart, retry
from tui_runner.model.state import Skipped, SkipReason, TeardownStatus
from tui_runner.model.task import Task, task
from tui_runner.scheduling.event import RestartWanted

UNAVAILABLE = Skipped(reason=SkipReason.UNAVAILABLE)


def mail_command() -> Command:
    made = command("mail", teardown="clean", ready_when="up", retry=retry(attempts=3), restart=restart("always"))
    return msgspec.structs.replace(made, unavailable_exit_code=69)


def mail_task(*, allow_skip: bool) -> Task:
    return task("mail", run=mail_command(), allow_skip=allow_skip)


def test_what_cannot_run_here_is_skipped_and_its_dependents_start() -> None:
    mail = mail_task(allow_skip=True)
    world = World(planned([task("worker", run="worker", depends_on=[mail])])).begin()
    world.exits("mail", 69)
    assert world.state("mail") == UNAVAILABLE
    assert world.alive.keys() == {"worker"}


def test_what_cannot_run_here_has_nothing_to_tear_down() -> None:
    mail = mail_task(allow_skip=True)
    world = World(planned([task("worker", run="worker", depends_on=[mail])])).begin()
    world.exits("mail", 69)
    assert world.due["mail"] is TeardownStatus.NOT_RUN
    world.closes("mail")
    world.exits("worker")
    world.leave_all()
    assert world.ended
    assert world.teardowns == []


def test_a_skipped_task_is_tried_again_when_somebody_asks() -> None:
    mail = mail_task(allow_skip=True)
    world = World(planned([task("worker", run="worker", depends_on=[mail])])).begin()
    world.exits("mail", 69)
    world.feed(RestartWanted(task="mail"))
    world.closes("mail")
    world.acknowledge()
    assert world.alive.keys() == {"mail", "worker"}
    world.becomes_ready("mail")
    world.exits("worker")
    world.leave_all()
    assert world.teardowns == ["mail"]


def test_what_cannot_run_here_and_must_fails_at_once_and_says_how_to_go_on() -> None:
    world = World(planned([mail_task(allow_skip=False)])).begin()
    world.exits("mail", 69)
    assert "cannot run on this machine" in failure_of(world.state("mail"))
    assert "allow_skip=True" in failure_of(world.state("mail"))
    assert world.spawned == ["mail"]
    world.leave_all()
    assert world.ended


def test_any_other_exit_code_is_a_failure_like_any_other() -> None:
    world = World(
        planned([task("mail", run=msgspec.structs.replace(mail_command(), retry=None), allow_skip=True)])
    ).begin()
    world.exits("mail", 1)
    assert world.states()["mail"] == "backoff"


def test_the_code_means_nothing_for_commands_that_do_not_declare_it() -> None:
    world = World(planned([task("mail", run="mail", allow_skip=True)])).begin()
    world.exits("mail", 69)
    assert failure_of(world.state("mail")).endswith("non-zero exit code: 69")
