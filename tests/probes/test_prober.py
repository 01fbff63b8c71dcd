import asyncio
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from probe_stage import (
    Handler,
    Outcome,
    answering,
    descriptors,
    free_port,
    no_commands,
    outcome_of,
    seen_by,
    serving,
)

from tui_runner.errors.runner_error import GuardianError
from tui_runner.model.output import Stream
from tui_runner.model.probe import delay, exec_probe, file_exists, http, log_line, tcp
from tui_runner.model.run import Run
from tui_runner.probes.dial import _refuse_itself
from tui_runner.probes.endpoint import Endpoint, split_url
from tui_runner.probes.http_get import ask, request_head
from tui_runner.probes.probed_task import ProbedTask
from tui_runner.probes.prober import start_probe

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_a_log_probe_passes_once_when_the_line_comes() -> None:
    outcome = Outcome()
    running = outcome.start(log_line("ready"))
    running.feed(Stream.STDOUT, b"starting\nrea")
    assert outcome.told == []
    running.feed(Stream.STDOUT, b"dy\n")
    running.feed(Stream.STDOUT, b"ready again\n")
    assert outcome.told == ["passed"]


async def test_a_log_probe_that_was_stopped_says_nothing() -> None:
    outcome = Outcome()
    running = outcome.start(log_line(re.compile("ready")))
    running.stop()
    running.feed(Stream.STDOUT, b"ready\n")
    await running.wait_stopped()
    assert outcome.told == []


async def test_a_probe_is_over_when_nothing_of_it_is_left_to_wait_for() -> None:
    for probe in (log_line("up"), tcp(1)):
        running = Outcome().start(probe)
        assert not running.over
        running.stop()
        await running.wait_stopped()
        assert running.over


async def test_tcp_passes_when_a_server_appears_later(until: Until) -> None:
    port = free_port()
    outcome = Outcome()
    running = outcome.start(tcp(port))
    await until(lambda: running.last_seen == "nothing listens there")
    assert outcome.told == []
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port):
        assert await outcome.wait() == "passed"


async def test_localhost_means_ipv6_too() -> None:
    async def hang_up(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        return

    try:
        async with serving(hang_up, "::1") as port:
            assert await outcome_of(tcp(port)) == "passed"
            assert await outcome_of(tcp(port, host="[::1]")) == "passed"
            await seen_by(tcp(port, host="127.0.0.1"), "nothing listens there")
    except OSError:
        pytest.skip("no IPv6 here")


async def test_a_connection_to_itself_is_no_server() -> None:
    # The kernel picks source ports by itself; ask for the same one on both sides, which is what it sometimes does.
    port = free_port()

    with socket.socket() as connection:
        connection.bind(("127.0.0.1", port))
        connection.connect(("127.0.0.1", port))
        assert connection.getsockname() == connection.getpeername()
        with pytest.raises(ConnectionRefusedError):
            _refuse_itself(connection)


async def test_a_port_that_cannot_be_fails_at_once() -> None:
    assert "70000 is not between" in await outcome_of(tcp(70000))


@pytest.mark.parametrize("status", [b"200 OK", b"204 No Content", b"301 Moved", b"302", b"399 Odd"])
async def test_http_takes_200_to_399_for_ready(status: bytes) -> None:
    async with serving(answering(b"HTTP/1.1 " + status + b"\r\nLocation: http://127.0.0.1:1/\r\n\r\n")) as port:
        assert await outcome_of(http(f"http://127.0.0.1:{port}/health?deep=1")) == "passed"


@pytest.mark.parametrize("status", [b"404 Not Found", b"500 Oops", b"503 Starting"])
async def test_http_does_not_take_errors_for_ready(status: bytes) -> None:
    async with serving(answering(b"HTTP/1.1 " + status + b"\r\n\r\n")) as port:
        await seen_by(http(f"http://127.0.0.1:{port}/"), f"it answered {status[:3].decode()}")


async def test_http_with_a_status_wants_exactly_that() -> None:
    async with serving(answering(b"HTTP/1.1 401 Unauthorized\r\n\r\n")) as port:
        assert await outcome_of(http(f"http://127.0.0.1:{port}", status=401)) == "passed"
    async with serving(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        await seen_by(http(f"http://127.0.0.1:{port}", status=204), "it answered 200")


async def test_interim_answers_are_skipped() -> None:
    async with serving(answering(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")) as port:
        assert await outcome_of(http(f"http://localhost:{port}/")) == "passed"


async def test_proxies_from_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    requests: list[bytes] = []
    async with serving(answering(b"HTTP/1.0 200 OK\r\n\r\n", requests)) as port:
        assert await outcome_of(http(f"http://localhost:{port}/a b?c=ü#frag")) == "passed"
    assert requests[0].startswith(b"GET /a%20b?c=%C3%BC HTTP/1.1\r\nHost: localhost:")


async def test_a_url_cannot_smuggle_a_second_request() -> None:
    head = request_head(split_url("http://user:p%0d%0aw@localhost:1/x\r\nX: y"))
    assert head.count(b"\r\n") == 7
    assert b"\r\nX:" not in head


async def _silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def _dripping(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"H")
        await writer.drain()
        await asyncio.sleep(0.02)


async def _flooding(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)
        await writer.drain()


async def _garbage(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"SSH-2.0-OpenSSH_9\r\n")
    await writer.drain()


async def _closing(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    return


@pytest.mark.parametrize("handler", [_silent, _dripping])
async def test_a_server_that_never_finishes_a_status_line_does_not_hold_the_probe(handler: Handler) -> None:
    async with serving(handler) as port:
        with pytest.raises(TimeoutError):
            await ask(split_url(f"http://127.0.0.1:{port}/"), 0.2)


@pytest.mark.parametrize("handler", [_flooding, _garbage, _closing])
async def test_a_server_that_speaks_no_http_is_not_ready(handler: Handler) -> None:
    async with serving(handler) as port:
        with pytest.raises(OSError, match=r"not HTTP|closed|reset"):
            await ask(split_url(f"http://127.0.0.1:{port}/"), 10)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> ssl.SSLContext:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs openssl to make a certificate")
    folder = tmp_path_factory.mktemp("certificate")
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-subj", "/CN=somebody.example", "-days", "2", "-keyout", "key.pem", "-out", "cert.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


async def test_https_on_this_machine_accepts_a_self_signed_certificate(certificate: ssl.SSLContext) -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\n\r\n"), context=certificate) as port:
        assert await outcome_of(http(f"https://localhost:{port}/")) == "passed"


async def test_https_elsewhere_wants_a_trusted_certificate(
    certificate: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\n\r\n"), context=certificate) as port:
        # This address stands for a host that is not ours.
        monkeypatch.setattr(Endpoint, "loopback", property(lambda _: False))
        with pytest.raises(ssl.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
            await ask(split_url(f"https://127.0.0.1:{port}/"), 5)


async def test_https_to_a_server_without_tls_is_not_ready() -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\n\r\n")) as port:
        with pytest.raises((OSError, TimeoutError)):
            await ask(split_url(f"https://127.0.0.1:{port}/"), 1)


@pytest.mark.parametrize("url", ["ftp://localhost/", "localhost:8000", "http://", "http://localhost:99999/", ""])
async def test_a_url_that_is_none_fails_at_once(url: str) -> None:
    outcome = await outcome_of(http(url))
    assert "URL" in outcome or "ort" in outcome


async def test_exec_asks_until_the_command_ends_with_zero() -> None:
    answers: Iterator[int | TimeoutError] = iter([1, TimeoutError(), 0])
    asked: list[tuple[Run, float]] = []

    async def run_command(run: Run, timeout_s: float) -> int:
        asked.append((run, timeout_s))
        answer = next(answers)
        if isinstance(answer, TimeoutError):
            raise answer
        return answer

    assert await outcome_of(exec_probe("pg_isready"), run_command=run_command) == "passed"
    assert [run for run, _ in asked] == ["pg_isready"] * 3


async def test_exec_that_cannot_be_run_fails_with_the_reason() -> None:
    async def run_command(_run: Run, _timeout_s: float) -> int:
        raise GuardianError("the guardian is gone")

    assert "the guardian is gone" in await outcome_of(exec_probe(["x"]), run_command=run_command)


async def test_a_probe_command_that_is_not_there_is_told_once_and_asked_on() -> None:
    answers = iter([127, 127, 0])

    async def run_command(_run: Run, _timeout_s: float) -> int:
        return next(answers)

    outcome = Outcome()
    running = outcome.start(exec_probe("pg_isready -q"), run_command=run_command)
    assert await outcome.wait() == "passed"
    running.stop()
    await running.wait_stopped()
    assert outcome.warnings == [
        "the probe `pg_isready -q` cannot be asked: the command ended with 127: it was not found"
    ]


async def test_a_stopped_exec_probe_cancels_its_command() -> None:
    cancelled = asyncio.Event()
    running_now = asyncio.Event()

    async def run_command(_run: Run, _timeout_s: float) -> int:
        running_now.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return 0

    outcome = Outcome()
    running = outcome.start(exec_probe("sleep"), run_command=run_command)
    await running_now.wait()
    running.stop()
    await running.wait_stopped()
    assert cancelled.is_set()
    assert outcome.told == []


async def test_file_passes_when_it_appears_in_the_tasks_directory(tmp_path: Path, until: Until) -> None:
    outcome = Outcome()
    running = outcome.start(file_exists("out/ready.flag"), str(tmp_path))
    await until(lambda: bool(running.last_seen))
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "ready.flag").touch()
    assert await outcome.wait() == "passed"


async def test_delay_passes_after_its_time() -> None:
    assert await outcome_of(delay("20ms")) == "passed"


async def test_a_callback_may_stop_the_probe() -> None:
    stopped = asyncio.Event()

    def passed() -> None:
        running.stop()
        stopped.set()

    running = start_probe(
        delay(0),
        task=ProbedTask(cwd="/", run_command=no_commands),
        passed=passed,
        failed=pytest.fail,
        warn=pytest.fail,
    )
    async with asyncio.timeout(20):
        await stopped.wait()


async def test_stopping_leaves_no_socket_behind(until: Until) -> None:
    async with serving(_silent) as port:
        before = descriptors()
        outcome = Outcome()
        probes = [outcome.start(http(f"http://127.0.0.1:{port}/")) for _ in range(5)]
        await until(lambda: descriptors() >= before + 10)
        for running in probes:
            running.stop()
            await running.wait_stopped()
        await until(lambda: descriptors() <= before)
        assert outcome.told == []
