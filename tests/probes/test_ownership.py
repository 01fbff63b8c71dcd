"""Whose port is it? With real processes: somebody else's server is no readiness."""

import os
import socket
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest
from probe_stage import Outcome, no_commands

from tui_runner.model.probe import Probe, http, tcp
from tui_runner.probes.ownership import stranger_at
from tui_runner.probes.probed_task import ProbedTask
from tui_runner.probes.prober import RunningProbe, start_probe
from tui_runner.process.kinship import belongs_to

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="read from /proc")

Until = Callable[[Callable[[], bool]], Awaitable[None]]

LISTEN = (
    "import socket,sys,time\n"
    "open('/proc/self/comm','w').write(sys.argv[3])\n"
    "s=socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)\n"
    "s.bind((sys.argv[1],int(sys.argv[2])));s.listen();print(s.getsockname()[1],flush=True)\n"
    "time.sleep(600)\n"
)


@contextmanager
def listener(
    host: str = "127.0.0.1", port: int = 0, name: str = "server", environment: dict[str, str] | None = None
) -> Iterator[tuple[int, int]]:
    """A process that listens; its pid and port."""
    with subprocess.Popen(
        [sys.executable, "-I", "-S", "-c", LISTEN, host, str(port), name],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(environment or {})},
    ) as child:
        try:
            assert child.stdout is not None
            yield child.pid, int(child.stdout.readline())
        finally:
            child.kill()


def started(probe: Probe, outcome: Outcome, own: set[int]) -> RunningProbe:
    return start_probe(
        probe,
        task=ProbedTask(cwd="/", run_command=no_commands, owns=own.__contains__),
        passed=outcome.passed,
        failed=outcome.failed,
        warn=outcome.warnings.append,
    )


@pytest.mark.parametrize("kind", ["tcp", "http"])
async def test_the_server_of_somebody_else_is_no_readiness_and_is_named_once(kind: str, until: Until) -> None:
    with listener() as (pid, port):
        outcome = Outcome()
        running = started(tcp(port) if kind == "tcp" else http(f"http://localhost:{port}/"), outcome, set())
        await until(lambda: f"port {port} belongs to pid {pid} (" in running.last_seen)
        running.stop()
        await running.wait_stopped()
    assert outcome.told == []
    assert len(outcome.warnings) == 1
    assert 'owner="anyone"' in outcome.warnings[0]


async def test_the_server_of_the_task_is_readiness() -> None:
    with listener() as (pid, port):
        outcome = Outcome()
        started(tcp(port), outcome, {pid})
        assert await outcome.wait() == "passed"
    assert outcome.warnings == []


async def test_with_owner_anyone_whoever_answers_will_do() -> None:
    with listener() as (_, port):
        outcome = Outcome()
        started(tcp(port, owner="anyone"), outcome, set())
        assert await outcome.wait() == "passed"


async def test_a_stranger_on_one_family_does_not_hide_the_task_on_the_other() -> None:
    with listener() as (_, port):
        try:
            with socket.socket(socket.AF_INET6) as free:
                free.bind(("::1", port))
        except OSError:
            pytest.skip("no IPv6 here")
        with listener("::1", port) as (own, _):
            outcome = Outcome()
            started(tcp(port), outcome, {own})
            assert await outcome.wait() == "passed"


def test_a_wildcard_listener_is_found_behind_every_address() -> None:
    for host, asked in (("0.0.0.0", "127.0.0.1"), ("::", "::1"), ("::", "127.0.0.1"), ("::", "::ffff:127.0.0.1")):
        with listener(host) as (pid, port):
            assert stranger_at(asked, port, lambda _: False) == pid
            assert stranger_at(asked, port, pid.__eq__) is None


def test_the_port_of_a_container_is_served_by_its_engine() -> None:
    with listener(name="com.docker.backend") as (_, port):
        assert stranger_at("127.0.0.1", port, lambda _: False) is None


def test_where_nobody_listens_there_is_no_stranger() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert stranger_at("127.0.0.1", bound.getsockname()[1], lambda _: False) is None


def test_what_a_task_has_started_belongs_to_it_and_to_no_other() -> None:
    with listener() as (pid, _), listener() as (other, _):
        leaders = {"api": pid, "web": other}
        assert belongs_to(pid, "api", leaders, "marker")
        assert not belongs_to(pid, "web", leaders, "marker")
        # We are its parent, as the leader of a task would be.
        assert belongs_to(pid, "shell", {"shell": os.getpid()}, "marker")


def test_what_has_nothing_to_do_with_the_run_belongs_to_no_task() -> None:
    with listener() as (leader, _):
        assert not belongs_to(1, "api", {"api": leader}, "marker")


def test_what_left_its_family_is_known_by_the_marker() -> None:
    marked = {"TUI_RUNNER_RUN": "marker", "TUI_RUNNER_TASK": "api"}
    with listener() as (api, _), listener() as (web, _), listener(environment=marked) as (left, _):
        leaders = {"api": api, "web": web}
        assert belongs_to(left, "api", leaders, "marker")
        assert not belongs_to(left, "web", leaders, "marker")
        assert belongs_to(left, "api", {}, "marker")
