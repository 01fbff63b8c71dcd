"""What clients may ask of one task beside starting and stopping it."""

from typing import TYPE_CHECKING

import pytest
from control_steps import reply, until_asked

from tui_runner.control.protocol import Command
from tui_runner.model.details import Listening

if TYPE_CHECKING:
    from tests.control.conftest import Setup


async def test_details_are_told_on_request(setup: "Setup") -> None:
    guest = await setup.guest()
    answer = await reply(guest, Command(id=1, verb="details", task="db"))
    assert answer.ok
    assert answer.details is not None
    assert answer.details.listening == (Listening(address="127.0.0.1", port=5432, pid=11),)
    assert (await reply(guest, Command(id=2, verb="ps"))).details is None


async def test_a_signal_reaches_a_running_task(setup: "Setup") -> None:
    guest = await setup.guest()
    answer = await reply(guest, Command(id=1, verb="signal", task="db", signal="SIGHUP"))
    assert (answer.ok, answer.message) == (True, "sent SIGHUP to `db`")
    assert setup.run.asked == [("signal", "db", "SIGHUP")]


@pytest.mark.parametrize(
    ("task", "signal", "why"),
    [
        ("job", "SIGHUP", "`job` does not run"),
        ("db", "SIGNONSENSE", "there is no signal `SIGNONSENSE`"),
        ("db", "", "there is no signal"),
        ("dbb", "SIGHUP", "there is no task `dbb`"),
    ],
)
async def test_a_signal_that_cannot_be_sent_is_refused(setup: "Setup", task: str, signal: str, why: str) -> None:
    guest = await setup.guest()
    answer = await reply(guest, Command(id=1, verb="signal", task=task, signal=signal))
    assert not answer.ok
    assert why in answer.message
    assert setup.run.asked == []


@pytest.mark.parametrize("verb", ["details", "signal"])
async def test_a_task_has_to_be_named(setup: "Setup", verb: str) -> None:
    guest = await setup.guest()
    answer = await reply(guest, Command(id=1, verb=verb))  # type: ignore[arg-type]  # one of the verbs
    assert (answer.ok, answer.message) == (False, f"`{verb}` needs the name of a task")


async def test_a_restart_takes_dependents_along_when_asked_to(setup: "Setup") -> None:
    guest = await setup.guest()
    await reply(guest, Command(id=1, verb="restart", task="db", with_dependents=True, wait=False))
    await until_asked(setup, "restart", "db", "with dependents")
