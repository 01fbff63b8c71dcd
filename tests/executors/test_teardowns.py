"""Teardowns, and the activations they belong to."""

from typing import Any

import msgspec
import pytest
from workshop import Workshop

from tui_runner.model.output import Stream
from tui_runner.scheduling.event import ActivationClosed, Exited, TeardownEnded

pytestmark = pytest.mark.real


async def test_the_teardown_runs_once_in_the_task_s_place_and_prints_into_its_log(workshop: Workshop) -> None:
    workshop.spawn("a", "true", teardown="echo down $TUI_RUNNER_TASK $ADDED; pwd", env={"ADDED": "yes"})
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert ended.error is None
    assert workshop.sink.text("a", Stream.TEARDOWN) == f"down a yes\n{workshop.directory}\n"


@pytest.mark.parametrize(
    ("teardown", "words"),
    [
        ("exit 4", "it exited with code 4"),
        ("kill -9 $$", "it was ended by SIGKILL"),
        (["no-such-program", "x"], "no-such-program could not be started: No such file or directory"),
        ("sleep 100", "longer than its timeout of 0.1 s"),
    ],
)
async def test_a_teardown_that_fails_says_how(workshop: Workshop, teardown: Any, words: str) -> None:
    workshop.spawn("a", "true", teardown=teardown, teardown_timeout="100ms")
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    assert words in ((await workshop.sink.event(TeardownEnded, "a")).error or "")


async def test_a_teardown_whose_directory_is_gone_names_it(workshop: Workshop) -> None:
    here = workshop.directory / "here"
    here.mkdir()
    planned = msgspec.structs.replace(workshop.task("a", "true", teardown="true"), cwd=str(here))
    workshop.executor.spawn(planned, 1, ())
    await workshop.sink.event(Exited, "a")
    here.rmdir()
    workshop.executor.run_teardown("a")
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert ended.error == f"its directory {here} cannot be entered: No such file or directory"


async def test_a_teardown_can_be_abandoned(workshop: Workshop) -> None:
    workshop.spawn("a", "true", teardown="echo begun; sleep 1000", teardown_timeout=1000)
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    await workshop.sink.printed("a", "begun")
    workshop.executor.abandon_teardown("a")
    assert "SIGKILL" in ((await workshop.sink.event(TeardownEnded, "a")).error or "")


async def test_a_restart_keeps_the_activation_and_its_log(workshop: Workshop) -> None:
    for attempt in (1, 2, 3):
        workshop.spawn("a", "echo hello", attempt=attempt, teardown="echo down")
        exited = await workshop.sink.event(Exited, "a", count=attempt)
        assert exited.attempt == attempt
    workshop.executor.run_teardown("a")
    await workshop.sink.event(TeardownEnded, "a")
    assert workshop.executor.log("a").read(0, 1 << 30).decode() == "hello\nhello\nhello\ndown\n"
    assert [c.attempt for _, c in workshop.sink.chunks] == [1, 2, 3, 3]


async def test_a_new_activation_after_a_close_has_a_teardown_again(workshop: Workshop) -> None:
    for count in (1, 2):
        workshop.spawn("a", "true", attempt=count, teardown="echo down")
        await workshop.sink.event(Exited, "a", count=count)
        workshop.executor.run_teardown("a")
        await workshop.sink.event(TeardownEnded, "a", count=count)
        workshop.executor.close_activation("a")
        await workshop.sink.event(ActivationClosed, "a", count=count)
    assert workshop.sink.text("a") == "down\ndown\n"
