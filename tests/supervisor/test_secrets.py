"""Secrets reach the tasks they are meant for and nobody else: no listener, no log, no record, no message."""

import pytest
from live_system import System
from rig import python

from tui_runner import command, secret, task
from tui_runner.model.state import Failed

pytestmark = pytest.mark.real

TOKEN = "s3cr3t-t0ken/with=signs"
IN_PIECES = (
    "import os, sys, time\n"
    "token = os.environ['WITH']\n"
    "print('begin', token, 'end', flush=True)\n"
    "for piece in (token[:5], token[5:9], token[9:]):\n"
    "    sys.stdout.write(piece); sys.stdout.flush(); time.sleep(0.02)\n"
    "print()\n"
    "print('done', file=sys.stderr)\n"
)


async def test_what_a_task_prints_of_a_secret_is_in_no_log_and_reaches_no_listener(system: System) -> None:
    run = await system.up(task("t", run=command(python(IN_PIECES), env={"WITH": secret(TOKEN)})))
    log = system.witness.log["t"]
    assert b"begin *** end" in log
    assert b"done" in log
    assert TOKEN.encode() not in log
    assert TOKEN[5:].encode() not in log
    assert run.read_log("t", 0, 1 << 16) == log


async def test_a_secret_of_one_task_is_hidden_in_the_output_of_all(system: System) -> None:
    await system.up(
        task("has", run=command("true", env={"WITH": secret(TOKEN)})),
        task("finds", run=f"printf 'it is %s\\n' '{TOKEN}' >&2"),
    )
    assert b"it is ***\n" in system.witness.log["finds"]


async def test_commands_messages_and_details_show_no_secret(system: System) -> None:
    env = {"WITH": secret(TOKEN), "URL": f"http://user:{TOKEN}@host/"}
    run = await system.up(task("t", run=command([f"/nowhere/{TOKEN}"], env=env)))
    view = run.view("t")
    assert isinstance(view.state, Failed)
    assert "***" in view.state.failure.message
    assert TOKEN not in view.state.failure.message
    assert view.command == "/nowhere/***"
    shown = {one.name: one for one in (await run.details("t")).environment}
    assert (shown["WITH"].value, shown["WITH"].masked) == ("", True)
    assert (TOKEN in shown["URL"].value, shown["URL"].masked) == (False, True)


async def test_a_prompt_that_could_be_the_beginning_of_a_secret_is_shown_after_a_moment(system: System) -> None:
    asks = "printf 's3c'; sleep 1000"
    run = await system.up(task("t", run=command(asks, ready_when="s3c", env={"WITH": secret(TOKEN)})))
    assert system.witness.log["t"].endswith(b"s3c")
    assert run.view("t").ready_at is not None
