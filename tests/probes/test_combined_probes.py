"""Several probes in one, and how they ask: with real files, sockets and time."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from itertools import pairwise
from pathlib import Path

import pytest
from probe_stage import Outcome, answering, free_port, outcome_of, serving

from tui_runner.model.output import Stream
from tui_runner.model.probe import all_of, any_of, delay, exec_probe, file_exists, http, log_line, tcp
from tui_runner.model.run import Run

Until = Callable[[Callable[[], bool]], Awaitable[None]]


async def test_all_of_passes_when_the_line_the_port_and_the_file_are_there(tmp_path: Path, until: Until) -> None:
    port = free_port()
    outcome = Outcome()
    running = outcome.start(all_of("listening", tcp(port), file_exists("flag")), str(tmp_path))
    running.feed(Stream.STDOUT, b"listening\n")
    await until(lambda: "nothing listens there" in running.last_seen and "the file does" in running.last_seen)
    assert "listening" not in running.last_seen.replace(f"port {port}", "")
    (tmp_path / "flag").touch()
    await until(lambda: "flag" not in running.last_seen)
    assert outcome.told == []
    async with await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", port):
        assert await outcome.wait() == "passed"
    await running.wait_stopped()
    assert running.over


async def test_all_of_wants_all_at_the_same_time(tmp_path: Path, until: Until) -> None:
    flag, other = tmp_path / "flag", tmp_path / "other"
    flag.touch()
    outcome = Outcome()
    running = outcome.start(all_of(file_exists(str(flag)), file_exists(str(other))))
    await until(lambda: "other" in running.last_seen and "flag" not in running.last_seen.replace("other", ""))
    flag.unlink()
    await until(lambda: "flag: " in running.last_seen)
    other.touch()
    await until(lambda: "other: " not in running.last_seen)
    assert outcome.told == []
    flag.touch()
    assert await outcome.wait() == "passed"


async def test_any_of_passes_with_the_first_and_stops_asking_for_the_rest(until: Until) -> None:
    outcome = Outcome()
    running = outcome.start(any_of(tcp(free_port()), all_of(re.compile("up$"), delay(0)), lambda line: "go" in line))
    await until(lambda: "nothing listens there" in running.last_seen)
    running.feed(Stream.STDERR, b"up\n")
    assert outcome.told == ["passed"]
    await running.wait_stopped()
    assert running.over


async def test_a_function_that_raises_fails_all_of_and_leaves_any_of_its_other_ways() -> None:
    def raises(_line: str) -> bool:
        raise LookupError("no such line")

    every, some = Outcome(), Outcome()
    for outcome, probe in ((every, all_of(raises, "up")), (some, any_of(raises, "up"))):
        running = outcome.start(probe)
        running.feed(Stream.STDOUT, b"first\n")
        running.feed(Stream.STDOUT, b"up\n")
        await running.wait_stopped()
    assert "LookupError: no such line" in every.told[0]
    assert some.told == ["passed"]


async def test_what_settles_counts_from_its_last_failure() -> None:
    answers = iter([1, 0, 1, 0, 0, 0, 0, 0, 0, 0])
    times: list[tuple[int, float]] = []

    async def run_command(_run: Run, _timeout_s: float) -> int:
        answer = next(answers)
        times.append((answer, asyncio.get_running_loop().time()))
        return answer

    assert await outcome_of(exec_probe("x", interval=0.02, settle=0.05), run_command=run_command) == "passed"
    good = [at for answer, at in times[3:] if answer == 0]
    assert len(times) > 4
    assert good[-1] - good[0] >= 0.05


async def test_a_line_settles_while_nothing_is_printed() -> None:
    outcome = Outcome()
    running = outcome.start(log_line("up", settle="50ms"))
    begun = asyncio.get_running_loop().time()
    running.feed(Stream.STDOUT, b"up\n")
    assert outcome.told == []
    assert await outcome.wait() == "passed"
    assert asyncio.get_running_loop().time() - begun >= 0.05


async def test_a_task_that_dies_while_its_line_settles_was_never_ready() -> None:
    outcome = Outcome()
    running = outcome.start(log_line("up", settle="30s"))
    running.feed(Stream.STDOUT, b"up\n")
    running.stop()
    await running.wait_stopped()
    assert outcome.told == []


async def test_the_interval_and_the_timeout_of_a_probe_are_kept() -> None:
    asked: list[tuple[float, float]] = []

    async def run_command(_run: Run, timeout_s: float) -> int:
        asked.append((asyncio.get_running_loop().time(), timeout_s))
        return int(len(asked) < 4)

    probe = exec_probe("x", interval="20ms", backoff="exponential", max_interval="40ms", timeout="7s")
    assert await outcome_of(probe, run_command=run_command) == "passed"
    gaps = [later - earlier for (earlier, _), (later, _) in pairwise(asked)]
    assert [timeout_s for _, timeout_s in asked] == [7] * 4
    assert all(gap >= least for gap, least in zip(gaps, (0.02, 0.04, 0.04), strict=True))


async def test_a_silent_server_is_given_up_after_the_timeout_of_the_probe(until: Until) -> None:
    async def silent(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with serving(silent) as port:
        outcome = Outcome()
        running = outcome.start(http(f"http://127.0.0.1:{port}/", timeout="50ms"))
        await until(lambda: running.last_seen == "no answer within 0.05 s")
        running.stop()
        await running.wait_stopped()


CHUNKED = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{"state\r\n6;x=y\r\n":"up"\r\n1\r\n}\r\n0\r\n\r\n'
LENGTH = b'HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n{"state":"up"}'
CLOSED = b'HTTP/1.0 200 OK\r\n\r\n{"state":"up"}'


@pytest.mark.parametrize("answer", [CHUNKED, LENGTH, CLOSED])
async def test_http_finds_a_text_in_the_body_however_it_is_sent(answer: bytes) -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await answering(answer)(reader, writer)
        if answer is not CLOSED:
            await reader.read()  # keeps the connection open, as some do

    async with serving(handler) as port:
        assert await outcome_of(http(f"http://127.0.0.1:{port}/", contains='"state":"up"')) == "passed"


async def test_http_is_not_ready_without_the_text(until: Until) -> None:
    async with serving(answering(b"HTTP/1.1 200 OK\r\nX: up\r\n\r\nstarting")) as port:
        outcome = Outcome()
        running = outcome.start(http(f"http://127.0.0.1:{port}/", contains="up"))
        await until(lambda: running.last_seen == "it answered 200 without the text")
        running.stop()
        await running.wait_stopped()
        assert outcome.told == []


async def test_http_sends_the_headers_it_is_given_in_place_of_its_own() -> None:
    requests: list[bytes] = []
    async with serving(answering(b"HTTP/1.1 200 OK\r\n\r\n", requests)) as port:
        headers = {"host": "shop.test", "Authorization": "Bearer 1"}
        assert await outcome_of(http(f"http://me:x@localhost:{port}/", headers=headers)) == "passed"
    assert b"\r\nhost: shop.test\r\n" in requests[0]
    assert b"\r\nAuthorization: Bearer 1\r\n" in requests[0]
    assert requests[0].lower().count(b"\r\nhost:") == requests[0].count(b"uthorization:") == 1
