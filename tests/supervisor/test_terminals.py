"""Terminals of tasks, as a viewer sees and uses them."""

import pytest
from live_system import System

from tui_runner.model.command import command
from tui_runner.model.task import task
from tui_runner.model.window_size import WindowSize

pytestmark = pytest.mark.real

READ = "stty size; read line; stty size; echo got $line"


async def test_a_terminal_is_resized_and_typed_into_and_the_view_tells_its_size(system: System) -> None:
    run = await system.up(task("t", run=command(READ, tty=True)), wait=False, interactive=True)
    await system.prints("t", b"24 80")
    run.resize_terminal("t", WindowSize(rows=30, columns=99))
    assert run.view("t").terminal == WindowSize(rows=30, columns=99)
    assert system.witness.views[-1].terminal == WindowSize(rows=30, columns=99)
    run.type_into("t", b"me\n")
    await system.reaches("t", "completed")
    assert b"30 99\r\ngot me\r\n" in system.witness.log["t"]


async def test_the_same_size_again_is_no_news(system: System) -> None:
    run = await system.up(task("t", run=command("true", tty=True)), interactive=True)
    told = len(system.witness.views)
    run.resize_terminal("t", WindowSize())
    assert len(system.witness.views) == told


async def test_a_task_without_a_terminal_has_none_to_show(system: System) -> None:
    run = await system.up(task("t", run="true"), interactive=True)
    run.resize_terminal("t", WindowSize(rows=5, columns=5))
    run.type_into("t", b"x")
    assert run.view("t").terminal is None
    with pytest.raises(KeyError):
        run.type_into("nobody", b"x")


async def test_where_nobody_can_type_a_terminal_is_not_shown_as_one(system: System) -> None:
    run = await system.up(task("t", run=command("echo hi", tty=True)))
    assert run.view("t").terminal is None
    assert b"hi\n" in system.witness.log["t"]
