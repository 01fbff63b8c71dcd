import asyncio
import contextlib
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui_runner.control.blocking_client import BlockingClient
from tui_runner.control.client import RECEIVE_BYTES, ControlClient
from tui_runner.control.protocol import (
    PROTOCOL,
    Chunk,
    Ended,
    Hello,
    Refused,
    Reply,
    ServerMessage,
    Snapshot,
    State,
    encode,
)
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.output import Stream
from tui_runner.model.state import Ready, Running
from tui_runner.scheduling.event import StopCause

if TYPE_CHECKING:
    from tests.control.conftest import Setup

REFUSAL = Problem(kind=ProblemKind.LOAD_FAILED, message="pipeline.py cannot be loaded")


def one_chunk(offset: int, data: bytes) -> bytes:
    return encode(Chunk(task="db", offset=offset, time=0.0, stream=Stream.STDOUT, attempt=1, data=data))


class TestControlClient:
    async def test_messages_are_delivered_in_order(self, setup: "Setup") -> None:
        got: list[ServerMessage] = []
        client = await ControlClient.connect(setup.places.socket, got.append)
        client.subscribe("db")
        assert (await client.request("ps")).run == setup.run.run_view
        setup.run.enter("job", Running(attempt=1, pid=3))
        setup.run.write("db", b"one\n")
        setup.run.end()
        await setup.server.finish(Ended(exit_code=0, summary="done"))
        farewell = await client.closed
        assert farewell.ended == Ended(exit_code=0, summary="done")
        assert [type(message).__name__ for message in got] == [
            "Hello", "Snapshot", "Transition", "State", "Chunk", "Ended",
        ]  # fmt: skip

    async def test_a_request_is_answered_when_it_is_done(self, setup: "Setup") -> None:
        client = await ControlClient.connect(setup.places.socket, lambda _: None)
        restarting = asyncio.create_task(client.request("restart", "api"))
        assert (await client.request("ps")).ok
        assert not restarting.done()
        setup.run.enter("api", Ready(attempt=2, pid=9))
        assert (await restarting).message == "`api` is ready"
        client.close()
        await client.closed

    async def test_requests_fail_when_the_supervisor_dies(self, setup: "Setup") -> None:
        client = await ControlClient.connect(setup.places.socket, lambda _: None)
        waiting = asyncio.create_task(client.request("restart", "api"))
        assert (await client.request("ps")).ok
        for connection in setup.server._connections:
            connection.transport.abort()
        with pytest.raises(ConnectionResetError, match="the supervisor closed the connection"):
            await waiting
        assert (await client.closed).ended is None
        with pytest.raises(ConnectionResetError):
            await client.request("ps")

    async def test_nobody_listening_is_an_os_error(self, tmp_path: Path) -> None:
        with pytest.raises(OSError, match="No such file"):
            await ControlClient.connect(tmp_path / "sock", lambda _: None)

    async def test_an_owner_is_told_why_the_supervisor_could_not_start(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            adopting = asyncio.create_task(ControlClient.adopt(ours, lambda _: None))
            theirs.sendall(encode(Refused(problems=(REFUSAL,))))
            with pytest.raises(DefinitionError) as caught:
                await adopting
            assert caught.value.problems == (REFUSAL,)

    async def test_an_owner_learns_that_the_supervisor_died_before_it_said_anything(self) -> None:
        ours, theirs = socket.socketpair()
        theirs.close()
        with pytest.raises(ConnectionResetError, match="the supervisor closed the connection"):
            await ControlClient.adopt(ours, lambda _: None)

    async def test_last_words_are_heard_when_a_request_comes_too_late(self) -> None:
        ours, theirs = socket.socketpair()
        got: list[ServerMessage] = []
        with theirs:
            theirs.sendall(encode(Hello()))
            client = await ControlClient.adopt(ours, got.append)
            theirs.sendall(encode(Ended(exit_code=0, summary="done")))
        with pytest.raises(ConnectionResetError):
            await client.request("ps")
        farewell = await client.closed
        assert (farewell.ended, farewell.error) == (Ended(exit_code=0, summary="done"), "")
        assert got[-1] == farewell.ended

    async def test_a_supervisor_of_another_version_is_explained(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(encode(Hello(protocol=PROTOCOL + 1, version="9.9")))
            with pytest.raises(DefinitionError) as caught:
                await ControlClient.adopt(ours, lambda _: None)
            [problem] = caught.value.problems
            assert "another version (tui-runner 9.9, protocol 2)" in problem.message
            assert "tui-runner down" in problem.help

    async def test_a_flood_leaves_turns_of_the_loop_to_others(self) -> None:
        ours, theirs = socket.socketpair()
        count = 4000
        got: list[ServerMessage] = []
        most_in_one_turn = 0

        def flood() -> None:
            with theirs:
                theirs.sendall(encode(Hello()))
                for number in range(count):
                    theirs.sendall(one_chunk(number * 4000, b"f" * 4000))

        thread = threading.Thread(target=flood)
        thread.start()
        client = await ControlClient.adopt(ours, got.append)
        before = len(got)
        while not client.closed.done():
            await asyncio.sleep(0)
            most_in_one_turn = max(most_in_one_turn, len(got) - before)
            before = len(got)
        thread.join()
        assert len(got) == count + 1
        assert [m.offset for m in got[1:] if isinstance(m, Chunk)] == [number * 4000 for number in range(count)]
        assert most_in_one_turn <= RECEIVE_BYTES // 4000 + 1

    async def test_what_the_receiver_raises_is_reported_and_the_next_message_delivered(self) -> None:
        ours, theirs = socket.socketpair()
        reported: list[str] = []
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: reported.append(repr(context["exception"])))
        got: list[bytes] = []

        def receive(message: ServerMessage) -> None:
            if isinstance(message, Chunk):
                if message.data == b"1":
                    raise ValueError("bad look")
                got.append(message.data)

        with theirs:
            theirs.sendall(encode(Hello()))
            client = await ControlClient.adopt(ours, receive)
            theirs.sendall(one_chunk(0, b"0") + one_chunk(1, b"1") + one_chunk(2, b"2"))
        await client.closed
        assert got == [b"0", b"2"]
        assert reported == ["ValueError('bad look')"]

    async def test_garbage_from_the_server_ends_the_connection_with_a_reason(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            theirs.sendall(encode(Hello()))
            client = await ControlClient.adopt(ours, lambda _: None)
            theirs.sendall(b"\xff" * 8)
            assert "larger than" in (await client.closed).error


class TestBlockingClient:
    async def test_ps_and_logs_work_without_an_event_loop(self, setup: "Setup") -> None:
        setup.run.write("db", b"hello\n")

        def talk() -> tuple[str, list[str]]:
            with BlockingClient.connect(setup.places.socket) as client:
                client.subscribe("db", 0)
                seen = []
                for message in client.messages():
                    if isinstance(message, Chunk):
                        seen.append(message.data.decode())
                        break
                    assert isinstance(message, Snapshot | State)
                answer = client.request("ps")
                assert answer.run is not None
                return answer.run.run_id, seen

        assert await asyncio.to_thread(talk) == (setup.run.run_view.run_id, ["hello\n"])

    async def test_down_waits_until_the_supervisor_closes(self, setup: "Setup") -> None:
        def down() -> str:
            with BlockingClient.connect(setup.places.socket, any_version=True) as client:
                answer = client.request("down")
                client.wait_closed()
                return answer.message

        stopping = asyncio.create_task(asyncio.to_thread(down))
        async with asyncio.timeout(10):
            while not setup.run.asked:  # noqa: ASYNC110 - the thread has no other way to tell
                await asyncio.sleep(0.001)
        assert setup.run.asked[0][1] is StopCause.PERSON
        setup.run.end()
        await setup.server.finish(Ended(exit_code=0, summary=""))
        assert await stopping == "everything has stopped"

    async def test_a_server_of_another_version_answers_ps(self, tmp_path: Path) -> None:
        path = tmp_path / "sock"

        served = asyncio.Semaphore(0)

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            unknown = b"\x00\x00\x00\x0d\x81\xa4type\xa6future"
            with contextlib.suppress(ConnectionError):
                writer.write(encode(Hello(protocol=99, version="9.9")) + unknown)
                said = b""
                while (more := await reader.read(1 << 16)) and b"ps" not in said + more:
                    said += more
                if more:
                    writer.write(unknown + encode(Reply(id=1, ok=True, message="from the future")))
                    await writer.drain()
                writer.close()
                await writer.wait_closed()
            served.release()

        server = await asyncio.start_unix_server(serve, path)

        def ask() -> str:
            with pytest.raises(DefinitionError, match="another version"):
                BlockingClient.connect(path)
            with BlockingClient.connect(path, any_version=True) as client:
                return client.request("ps").message

        assert await asyncio.to_thread(ask) == "from the future"
        for _ in range(2):
            await served.acquire()
        server.close()
        await server.wait_closed()
