"""When dependents may start: every form of `ready_when`, and what happens when it never comes."""

import asyncio
import os
import re
import socket
import time
from pathlib import Path

import pytest
from rig import SERVE, Rig, error_of, marks, python, serving, stats_of, waits_for

from tui_runner import command, delay, exec_probe, file_exists, http, log_line, task, tcp

pytestmark = pytest.mark.real

SPLIT = python(
    "import sys, time\n"
    "out = sys.stdout.buffer\n"
    "for byte in b'now \\x1b[32mre\\x1b[0mady\\xc3\\xa9':\n"
    "    out.write(bytes([byte])); out.flush(); time.sleep(0.002)\n"
    "time.sleep(1000)"
)
PORT = python(
    "import socket, time\n"
    "s = socket.create_server(('127.0.0.1', 0))\n"
    "open('port.tmp', 'w').write(str(s.getsockname()[1]))\n"
    "import os; os.rename('port.tmp', 'port')\n"
    "time.sleep(1000)"
)


def upper(line: str) -> bool:
    return line.strip() == "READY"


@pytest.mark.parametrize(
    ("says", "ready_when"),
    [
        ("echo booting; echo server ready", "ready"),
        ("echo booting; echo ready >&2", "ready"),
        ("echo listening on 80", re.compile(r"listening on \d+$")),
        ("echo Listening >&2", re.compile("^listening", re.IGNORECASE)),
        ("echo READY", upper),
        ("echo READY >&2", upper),
        ("echo x; echo READY", lambda line: "READY" in line),
        ("printf 'mysql> '", "mysql>"),
        ("printf 'mysql> '", re.compile("mysql> ")),
        ("printf 'READY'", upper),
        ("printf '\\033[1mrea\\033[0mdy\\n'", "ready"),
        ("printf 'a\\rb\\rready\\r'", "ready"),
        ("echo ready", log_line("ready")),
        ("echo ready", log_line(re.compile("^ready$"))),
        ("touch up", file_exists("up")),
        ("true", delay("20ms")),
        ("touch up", exec_probe("test -e up")),
        ("touch up", exec_probe(["test", "-e", "up"])),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
async def test_a_dependent_starts_when_the_service_is_ready(rig: Rig, says: str, ready_when: object) -> None:
    up = task("up", run=command(f"{says}; exec sleep 1000", ready_when=ready_when, ready_timeout=30))  # type: ignore[arg-type]  # all forms
    result = await rig.run([marks("dependent", up)])
    assert result.ok
    assert rig.story.index("ready:up") < rig.story.index("begin:dependent")
    stats = stats_of(result, "up")
    assert (stats.status, stats.stopped, stats.signal) == ("completed", True, "SIGTERM")
    assert stats.ready_at is not None


@pytest.mark.parametrize(
    "ready_when", ["ready\u00e9", re.compile("ready\u00e9"), lambda line: line == "now ready\u00e9"]
)
async def test_text_that_comes_byte_by_byte_with_colours_is_found_once(rig: Rig, ready_when: object) -> None:
    up = task("up", run=command(SPLIT, ready_when=ready_when))  # type: ignore[arg-type]  # all forms
    result = await rig.run([marks("dependent", up)])
    assert result.ok
    assert rig.told("ready") == ["ready:up"]


async def test_a_line_is_never_put_together_from_two_streams(rig: Rig) -> None:
    up = task("up", run=command("printf rea; printf dy >&2; exec sleep 1000", ready_when="ready", ready_timeout=0.3))
    assert error_of(await rig.run([up])).code == "task-ready-timeout"


async def test_a_port_that_somebody_else_holds_is_an_error_and_no_readiness(rig: Rig) -> None:
    holder = task("holder", run=command(PORT, ready_when=file_exists("port")))
    cancel = asyncio.Event()
    running = rig.start([holder], cancel=cancel)
    await rig.heard("ready:holder")
    port = int(Path(rig.directory / "port").read_text())  # noqa: ASYNC240 - a tiny file
    refused = await rig.run([task("refused", run=command(SERVE, ready_when=tcp(port, host="127.0.0.1")))])
    cancel.set()
    await running
    assert error_of(refused).task_name == "refused"
    assert str(port) in error_of(refused).message
    assert "begin:refused" not in rig.story


@pytest.mark.parametrize("kind", ["tcp", "http"])
async def test_something_that_listens_makes_ready(rig: Rig, kind: str, unused_tcp_port: int) -> None:
    program = python(
        "import socket, time\n"
        f"s = socket.create_server(('127.0.0.1', {unused_tcp_port}))\n"
        "while True:\n"
        "    c, _ = s.accept()\n"
        "    c.recv(1000); c.sendall(b'HTTP/1.1 204 No Content\\r\\n\\r\\n'); c.close()\n"
    )
    port = unused_tcp_port
    probe = tcp(port, host="127.0.0.1") if kind == "tcp" else http(f"http://127.0.0.1:{port}/health", status=204)
    result = await rig.run([marks("dependent", task("up", run=command(program, ready_when=probe, ready_timeout=30)))])
    assert result.ok
    assert rig.told("ready") == ["ready:up"]


async def test_an_exec_probe_sees_the_environment_and_the_directory_of_the_task(rig: Rig) -> None:
    (rig.directory / "sub").mkdir()
    probe = exec_probe('[ "$A" = b ] && [ "$(basename "$PWD")" = sub ]')
    up = task("up", run=command("exec sleep 1000", ready_when=probe, ready_timeout=30), env={"A": "b"}, cwd="sub")
    assert (await rig.run([marks("dependent", up)])).ok


async def test_without_ready_when_dependents_wait_for_the_end(rig: Rig) -> None:
    first = task("first", run=f"echo begin >> order; {waits_for('go')}; echo end >> order")
    running = rig.start([marks("dependent", first)])
    await rig.until(lambda: rig.lines("order"))
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["begin", "end", "dependent"]


async def test_a_dependent_waits_for_all_its_dependencies(rig: Rig) -> None:
    quick = task("quick", run=command("echo ready; exec sleep 1000", ready_when="ready"))
    slow = task("slow", run=command(f"{waits_for('go')}; echo slow >> order; {SERVE}", ready_when="ready"))
    done = marks("done")
    running = rig.start([marks("dependent", quick, slow, done)])
    await rig.heard("ready:quick", "complete:done")
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["done", "slow", "dependent"]


async def test_all_dependents_start_when_a_service_becomes_ready(rig: Rig) -> None:
    up = task("up", run=serving())
    result = await rig.run([marks(name, up) for name in "abc"])
    assert result.ok
    assert sorted(rig.lines("order")) == ["a", "b", "c"]


async def test_a_dependency_that_is_ready_and_then_ends_lets_its_dependents_start_once_and_no_sooner(rig: Rig) -> None:
    """It used to count twice: once when ready and once when ended."""
    ends = task("ends", run=command(f"echo ready; {waits_for('end')}", ready_when="ready"))
    slow = task("slow", run=f"{waits_for('go')}; echo slow >> order")
    running = rig.start([ends, marks("dependent", ends, slow)])
    await rig.heard("ready:ends")
    rig.touch("end")
    await rig.heard("complete:ends")
    assert "begin:dependent" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["slow", "dependent"]
    assert rig.told("begin").count("begin:dependent") == 1


async def test_exit_0_before_ready_is_completed(rig: Rig) -> None:
    up = task("up", run=command("echo no", ready_when="ready", ready_timeout=30))
    result = await rig.run([marks("dependent", up)])
    assert result.ok
    stats = stats_of(result, "up")
    assert (stats.status, stats.ready_at, stats.stopped) == ("completed", None, False)
    assert rig.told("ready") == []


async def test_another_exit_before_ready_is_a_failure_and_blocks_dependents(rig: Rig) -> None:
    result = await rig.run([marks("dependent", task("up", run=command("exit 3", ready_when="ready")))])
    assert error_of(result).code == "task-failed"
    assert stats_of(result, "up").exit_code == 3
    assert stats_of(result, "dependent").blocked_by == "up"


async def test_a_predicate_that_raises_fails_its_task_only(rig: Rig) -> None:
    def broken(line: str) -> bool:
        raise RuntimeError(f"no sense in {line!r}")

    bad = task("bad", run=command("echo hello; exec sleep 1000", ready_when=broken))
    result = await rig.run([bad, marks("other"), marks("dependent", bad)], on_failure="continue")
    error = error_of(result)
    assert (error.code, error.task_name) == ("task-failed", "bad")
    assert "RuntimeError: no sense in 'hello'" in error.message
    assert rig.lines("order") == ["other"]
    assert stats_of(result, "dependent").blocked_by == "bad"


async def test_a_slow_predicate_is_warned_about_in_the_log(rig: Rig) -> None:
    def slow(line: str) -> bool:
        time.sleep(0.06)
        return "ready" in line

    up = task("up", run=command("echo x; echo y; echo ready", ready_when=slow))
    result = await rig.run([up], records=True)
    assert result.ok
    log = stats_of(result, "up").log_file
    assert log is not None
    assert Path(log).read_text().count("slow") == 1  # noqa: ASYNC240 - a tiny file


async def test_a_port_that_somebody_else_has_fails_the_task_and_is_told_once(rig: Rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = await rig.run([task("up", run=command(SERVE, ready_when=tcp(port)))], records=True)
    told = f"port {port} is already taken by pid {os.getpid()}"
    assert told in error_of(result).message
    assert stats_of(result, "up").started_at is None
    log = stats_of(result, "up").log_file
    assert log is not None
    assert Path(log).read_text().count(told) == 1  # noqa: ASYNC240 - a tiny file


async def test_a_predicate_is_not_called_any_more_once_ready(rig: Rig) -> None:
    seen: list[str] = []

    def once(line: str) -> bool:
        seen.append(line)
        return line == "ready"

    await rig.run([task("up", run=command("echo ready; echo more; echo ready", ready_when=once))])
    assert seen == ["ready"]


async def test_never_ready_in_time_stops_the_task_and_fails_with_its_own_code(rig: Rig) -> None:
    up = task("up", run=command("echo no; exec sleep 1000", ready_when="ready", ready_timeout="50ms"))
    result = await rig.run([marks("dependent", up)])
    error = error_of(result)
    assert (error.code, error.task_name) == ("task-ready-timeout", "up")
    assert error.message.startswith("[up] ")
    assert "ready within" in error.message
    stats = stats_of(result, "up")
    assert (stats.status, stats.error) == ("failed", error.message)
    assert stats_of(result, "dependent").blocked_by == "up"


async def test_a_service_that_was_ready_is_not_bothered_by_its_ready_timeout(rig: Rig) -> None:
    up = task("up", run=serving(ready_timeout="2s"))
    result = await rig.run([task("work", run="sleep 0.1", depends_on=[up])])
    assert result.ok


@pytest.mark.parametrize("ready_when", [None, "ready"])
async def test_not_completed_in_time_stops_the_task_and_fails_with_its_own_code(
    rig: Rig, ready_when: str | None
) -> None:
    late = task("late", run=command(SERVE, ready_when=ready_when, completed_timeout="50ms"))
    error = error_of(await rig.run([late]))
    assert (error.code, error.task_name) == ("task-completed-timeout", "late")
    assert "complete within" in error.message


async def test_a_task_that_completes_in_time_does_not_hear_of_its_timeouts(rig: Rig) -> None:
    result = await rig.run([task("t", run=command("true", completed_timeout=30)), marks("next", "t")])
    assert result.ok


async def test_a_task_that_ignores_the_end_of_its_time_is_killed(rig: Rig) -> None:
    stubborn = python(
        "import signal, time; signal.signal(15, signal.SIG_IGN); print('up', flush=True); time.sleep(1000)"
    )
    late = task("late", run=command(stubborn, completed_timeout="300ms", stop_timeout="50ms"))
    result = await rig.run([late])
    assert error_of(result).code == "task-completed-timeout"
    assert stats_of(result, "late").status == "failed"
