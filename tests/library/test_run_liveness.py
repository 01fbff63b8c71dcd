"""A service that does not answer any more, and ports that are somebody else's: seen by a program that uses the library."""

import asyncio
import sys
from pathlib import Path

import pytest
from rig import SERVE, Rig, down, error_of, marks, python, stats_of, waits_for

from tui_runner import (
    RunResult,
    alive,
    all_of,
    any_of,
    command,
    exec_probe,
    file_exists,
    http,
    log_line,
    restart,
    task,
    tcp,
)

WELL = exec_probe("! [ -e sick ]")
"""Asks whether the file `sick` is there."""
SERVICE = f"rm -f sick; {SERVE}"
AGAIN = restart("on-failure", delay=0, limit=2)


def log_of(result: RunResult, name: str) -> str:
    path = stats_of(result, name).log_file
    assert path is not None
    return Path(path).read_text()


async def test_a_service_that_does_not_answer_any_more_is_restarted_by_its_policy(rig: Rig) -> None:
    checked = alive(WELL, interval="20ms", failures=2)
    up = task("up", run=command(SERVICE, ready_when="ready", alive=checked, restart=AGAIN, teardown=down("up")))
    cancel = asyncio.Event()
    running = rig.start([up], cancel=cancel, records=True)
    await rig.heard("ready:up")
    rig.touch("sick")
    await rig.until(lambda: rig.story.count("ready:up") == 2)
    cancel.set()
    result = await running
    assert stats_of(result, "up").restarts == 1
    assert rig.lines("downs") == ["up"]
    log = log_of(result, "up")
    assert "── does not answer: `! [ -e sick ]`: the command ended with 1 (1 of 2) ──" in log
    assert "attempt 2: Task does not answer any more: `! [ -e sick ]`: the command ended with 1 (2 times in" in log


async def test_without_a_restart_policy_it_fails_with_what_was_seen(rig: Rig) -> None:
    up = task("up", run=command(SERVICE, ready_when="ready", alive=alive(WELL, interval="20ms", failures=2)))
    running = rig.start([up])
    await rig.heard("ready:up")
    rig.touch("sick")
    error = error_of(await running)
    assert error.task_name == "up"
    assert error.code == "task-failed"
    assert error.message == (
        "[up] Task does not answer any more: `! [ -e sick ]`: the command ended with 1 (2 times in a row)"
    )


async def test_a_service_that_never_lives_long_is_a_crash_loop(rig: Rig) -> None:
    checked = alive(exec_probe("false"), interval="10ms", failures=1)
    result = await rig.run([task("up", run=command(SERVE, ready_when="ready", alive=checked, restart=AGAIN))])
    assert "crash loop" in error_of(result).message
    assert stats_of(result, "up").restarts == 2


async def test_without_ready_when_it_is_asked_from_its_start(rig: Rig) -> None:
    checked = alive(exec_probe("[ -e begun ]"), interval="20ms", failures=3, start_after="50ms")
    up = task("up", run=command("touch begun; exec sleep 1000", alive=checked))
    running = rig.start([up])
    await rig.until((rig.directory / "begun").exists)
    (rig.directory / "begun").unlink()
    assert "does not answer any more" in error_of(await running).message


async def test_a_service_that_recovers_is_left_alone(rig: Rig) -> None:
    checked = alive(WELL, interval="20ms", failures=1000)
    up = task("up", run=command(SERVICE, ready_when="ready", alive=checked))
    cancel = asyncio.Event()
    running = rig.start([up], cancel=cancel, records=True)
    await rig.heard("ready:up")
    log = next(iter((rig.directory / ".tui_runner" / "runs").glob("*/logs/up.log")))
    rig.touch("sick")
    await rig.until(lambda: "does not answer" in log.read_text())
    (rig.directory / "sick").unlink()
    await rig.until(lambda: "answers again" in log.read_text())
    cancel.set()
    assert stats_of(await running, "up").restarts == 0


async def test_a_combination_of_line_port_and_file_makes_ready(rig: Rig, unused_tcp_port: int) -> None:
    program = python(
        "import pathlib, socket, time\n"
        f"s = socket.create_server(('127.0.0.1', {unused_tcp_port}))\n"
        "print('listening', flush=True)\n"
        "while not pathlib.Path('go').exists(): time.sleep(0.01)\n"
        "pathlib.Path('flag').touch(); time.sleep(1000)\n"
    )
    probe = all_of(tcp(unused_tcp_port), any_of("listening", "never"), file_exists("flag"), settle="20ms")
    running = rig.start([marks("dependent", task("up", run=command(program, ready_when=probe)))])
    await rig.printed("up", "listening")
    assert rig.told("ready") == []
    rig.touch("go")
    assert (await running).ok
    assert rig.told("ready") == ["ready:up"]


async def test_a_service_that_dies_while_its_readiness_settles_lets_nothing_start(rig: Rig) -> None:
    up = task("up", run=command("echo ready; exit 3", ready_when=log_line("ready", settle="30s")))
    result = await rig.run([marks("dependent", up)])
    assert error_of(result).task_name == "up"
    assert rig.told("ready") == []
    assert rig.lines("order") == []


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
@pytest.mark.parametrize("kind", ["tcp", "http"])
async def test_the_server_of_another_task_is_no_readiness(rig: Rig, kind: str, unused_tcp_port: int) -> None:
    port = unused_tcp_port
    listens = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); time.sleep(1000)"
    other = task("other", run=command(f'{waits_for("go")}; exec {sys.executable} -I -S -c "{listens}"'))
    probe = tcp(port) if kind == "tcp" else http(f"http://localhost:{port}/")
    fooled = task("fooled", run=command("touch go; exec sleep 1000", ready_when=probe, ready_timeout="1s"))
    result = await rig.run([other, fooled], records=True)
    assert error_of(result).code == "task-ready-timeout"
    log = log_of(result, "fooled")
    assert f"what the probe saw last: port {port} belongs to pid" in log
    assert 'a process of the task `other`: that does not count; if it should, give the probe owner="anyone"' in log


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
async def test_a_port_that_another_task_has_already_is_told_with_its_name(rig: Rig, unused_tcp_port: int) -> None:
    port = unused_tcp_port
    listens = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('ready', flush=True)"
    web = task("web", run=command(python(f"{listens}; time.sleep(1000)"), ready_when="ready"))
    api = task("api", run=command(SERVE, ready_when=tcp(port)), depends_on=[web])
    told = error_of(await rig.run([api])).message
    assert told.startswith(f"[api] port {port} is already taken by pid ")
    assert told.endswith(") of the task `web`; give one of the two another port")


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
async def test_a_port_that_an_earlier_attempt_still_has_is_told_as_such(rig: Rig, unused_tcp_port: int) -> None:
    listens = f"import socket, time; s = socket.create_server(('127.0.0.1', {unused_tcp_port})); time.sleep(1000)"
    program = f'(setsid {sys.executable} -I -S -c "{listens}" &); {waits_for("go")}; exit 3'
    again = restart("on-failure", delay=0)
    running = rig.start([task("up", run=command(program, ready_when=tcp(unused_tcp_port), restart=again))])
    await rig.heard("ready:up")
    rig.touch("go")
    told = error_of(await running).message
    assert "which an earlier attempt of this task has left behind; stop the task to end it, then start it" in told


@pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")
async def test_a_server_that_went_into_the_background_is_still_the_task_s(rig: Rig, unused_tcp_port: int) -> None:
    listens = f"import socket, time; s = socket.create_server(('127.0.0.1', {unused_tcp_port})); time.sleep(1000)"
    program = f'(setsid {sys.executable} -I -S -c "{listens}" &) ; exec sleep 1000'
    up = task("up", run=command(program, ready_when=tcp(unused_tcp_port), ready_timeout=30))
    assert (await rig.run([marks("dependent", up)])).ok


async def test_with_owner_anyone_a_port_may_be_taken_before(rig: Rig) -> None:
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        up = task("up", run=command(SERVE, ready_when=tcp(port, owner="anyone"), ready_timeout=30))
        assert (await rig.run([marks("dependent", up)])).ok
