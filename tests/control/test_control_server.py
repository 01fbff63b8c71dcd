import asyncio
import socket
import struct
from typing import TYPE_CHECKING

import pytest
from control_steps import PERSON, chunks, reply, subscribe, until_asked

from tui_runner.control.protocol import (
    CHUNK_BYTES,
    PROTOCOL,
    Chunk,
    Command,
    Ended,
    Hello,
    Refused,
    Reply,
    Run,
    Snapshot,
    State,
    Subscribe,
    Transition,
    Unsubscribe,
)
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.output import Stream
from tui_runner.model.state import Completed, Failed, Failure, Ready, Running
from tui_runner.model.view import RunPhase
from tui_runner.scheduling.event import StopCause

if TYPE_CHECKING:
    from tests.control.conftest import Setup


class TestGreeting:
    async def test_a_client_gets_a_hello_and_after_its_own_the_snapshot(self, setup: "Setup") -> None:
        peer = await setup.peer()
        hello = await peer.receive()
        assert isinstance(hello, Hello)
        assert (hello.protocol, hello.run_id) == (PROTOCOL, setup.run.run_view.run_id)
        await peer.send(Hello())
        snapshot = await peer.receive()
        assert isinstance(snapshot, Snapshot)
        assert [task.id for task in snapshot.tasks] == ["db", "api", "web", "job"]

    async def test_the_socket_is_private(self, setup: "Setup") -> None:
        assert setup.places.socket.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("garbage", [b"\xff\xff\xff\xff", struct.pack("!I", 3) + b"\xc1\xc1\xc1"])
    async def test_garbage_ends_one_connection_and_leaves_others_alone(self, setup: "Setup", garbage: bytes) -> None:
        guest, bad = await setup.guest(), await setup.guest()
        await bad.send_bytes(garbage)
        [refused] = await bad.receive_until_eof()
        assert isinstance(refused, Refused)
        assert refused.problems[0].message.startswith("the control connection is closed: a frame")
        assert (await reply(guest, Command(id=1, verb="ps"))).ok

    async def test_a_command_before_the_hello_is_refused(self, setup: "Setup") -> None:
        peer = await setup.peer()
        await peer.send(Command(id=1, verb="down"))
        refused = (await peer.receive_until_eof())[-1]
        assert isinstance(refused, Refused)
        assert "the first frame must be a hello" in refused.problems[0].message
        assert setup.run.asked == []

    async def test_a_silent_client_is_sent_away(self, setup: "Setup", monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tui_runner.control.server.HELLO_TIMEOUT_S", 0.01)
        refused = (await (await setup.peer()).receive_until_eof())[-1]
        assert isinstance(refused, Refused)
        assert "no hello came" in refused.problems[0].message

    async def test_too_many_clients_are_told_so(self, setup: "Setup", monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tui_runner.control.server.MAX_CONNECTIONS", 1)
        guest = await setup.guest()
        [refused] = await (await setup.peer()).receive_until_eof()
        assert isinstance(refused, Refused)
        assert refused.problems[0].message == "1 clients are connected already"
        assert (await reply(guest, Command(id=1, verb="ps"))).ok

    async def test_a_client_of_another_version_may_only_look_and_stop(self, setup: "Setup") -> None:
        peer = await setup.peer()
        await peer.receive()
        await peer.send(Hello(protocol=PROTOCOL + 1))
        assert len((await reply(peer, Command(id=1, verb="ps"))).tasks) == 4
        setup.run.write("db", b"nothing for strangers\n")
        assert (await reply(peer, Command(id=2, verb="down", wait=False))).ok
        await peer.send(Command(id=3, verb="restart", task="db"))
        [refused] = await peer.receive_until_eof()
        assert isinstance(refused, Refused)
        assert refused.problems[0].message == "only `ps` and `down` work between different versions"
        assert setup.run.asked == [PERSON]

    async def test_a_socket_left_by_a_dead_supervisor_is_replaced(self, setup: "Setup") -> None:
        await setup.server.finish(None)
        with socket.socket(socket.AF_UNIX) as stale:
            stale.bind(str(setup.places.socket))
        with pytest.raises(ConnectionRefusedError):
            await setup.peer()
        await setup.server.listen(setup.places.socket)
        await setup.guest()


class TestStates:
    async def test_changes_are_forwarded_in_order(self, setup: "Setup") -> None:
        guest = await setup.guest()
        setup.run.enter("job", Running(attempt=1, pid=5))
        entered, changed = await guest.receive(), await guest.receive()
        assert isinstance(entered, Transition)
        assert (entered.task, entered.state, entered.time) == ("job", Running(attempt=1, pid=5), 2.0)
        assert isinstance(changed, State)
        assert changed.task.state == Running(attempt=1, pid=5)
        setup.run.stop_run(StopCause.SIGNAL, "received SIGTERM")
        stopping = await guest.receive()
        assert isinstance(stopping, Run)
        assert (stopping.run.phase, stopping.run.cause) == (RunPhase.STOPPING, "received SIGTERM")

    async def test_a_client_that_lags_gets_the_latest_state_of_each_task_only(self, setup: "Setup") -> None:
        guest = await setup.guest()
        await subscribe(guest, "db")
        for number in range(100):
            setup.run.write("db", b"x" * CHUNK_BYTES)
            setup.run.enter("job", Running(attempt=number, pid=5))
            setup.run.enter("web", Running(attempt=number, pid=6))
        await asyncio.sleep(0)
        states: list[tuple[str, object]] = []
        while ("web", Running(attempt=99, pid=6)) not in states:
            message = await guest.receive()
            if isinstance(message, State):
                states.append((message.task.id, message.task.state))
        assert ("job", Running(attempt=99, pid=5)) in states
        assert len(states) < 50


class TestOutput:
    async def test_output_goes_to_subscribers_only(self, setup: "Setup") -> None:
        guest, other = await setup.guest(), await setup.guest()
        await subscribe(guest, "db")
        setup.run.write("db", b"hello\n")
        setup.run.write("api", b"unheard\n")
        assert await guest.receive() == Chunk(
            task="db", offset=0, time=3.0, stream=Stream.STDERR, attempt=2, data=b"hello\n"
        )
        assert isinstance(await reply(other, Command(id=1, verb="ps")), Reply)
        await guest.send(Unsubscribe(task="db"))
        assert isinstance(await reply(guest, Command(id=1, verb="ps")), Reply)
        setup.run.write("db", b"more\n")
        await guest.send(Command(id=2, verb="ps"))
        assert isinstance(await guest.receive(), Reply)

    async def test_a_subscription_from_an_offset_gets_every_byte_once(self, setup: "Setup") -> None:
        setup.run.write("db", b"0123456789")
        guest = await setup.guest()
        await guest.send(Subscribe(task="db", start=4))
        [first] = await chunks(guest, 6)
        assert (first.offset, first.data) == (4, b"456789")
        setup.run.write("db", b"ab")
        [second] = await chunks(guest, 2)
        assert (second.offset, second.data) == (10, b"ab")

    async def test_a_chunk_that_was_in_the_file_already_is_not_sent_twice(self, setup: "Setup") -> None:
        guest = await setup.guest()
        setup.run.write("db", b"early", tell=False)
        await guest.send(Subscribe(task="db", start=0))
        assert [chunk.data for chunk in await chunks(guest, 5)] == [b"early"]
        # The listeners hear of bytes the subscription has read back, and of some more in the same chunk.
        log, setup.run._logs["db"] = setup.run._logs["db"], bytearray()
        setup.run.write("db", bytes(log) + b"-late")
        [chunk] = await chunks(guest, 5)
        assert (chunk.offset, chunk.data) == (5, b"-late")

    async def test_a_long_backlog_is_left_to_the_file(self, setup: "Setup") -> None:
        setup.run.write("db", bytes(1 << 20))
        guest = await setup.guest()
        await guest.send(Subscribe(task="db", start=0))
        backlog = await chunks(guest, 256 << 10)
        assert backlog[0].offset == (1 << 20) - (256 << 10)
        assert backlog[-1].offset + len(backlog[-1].data) == 1 << 20

    async def test_a_client_that_does_not_read_skips_to_the_newest_output(self, setup: "Setup") -> None:
        slow, quick = await setup.guest(), await setup.guest()
        for peer in (slow, quick):
            await subscribe(peer, "db")
        line = b"y" * 65536
        total = 0
        for _ in range(100):
            setup.run.write("db", line)
            total += len(line)
            [chunk] = await chunks(quick, len(line))
            assert chunk.offset == total - len(line)
        assert all(c.transport.get_write_buffer_size() < 2 << 20 for c in setup.server._connections)
        received: list[Chunk] = []
        while not received or received[-1].offset + len(received[-1].data) < total:
            message = await slow.receive()
            assert isinstance(message, Chunk)
            received.append(message)
        assert sum(len(chunk.data) for chunk in received) < total / 2
        ends = [chunk.offset + len(chunk.data) for chunk in received]
        assert all(later.offset >= end for end, later in zip(ends, received[1:], strict=False))
        setup.run.write("db", b"live again")
        assert [chunk.offset for chunk in await chunks(slow, 10)] == [total]

    async def test_an_unknown_task_cannot_be_subscribed_to(self, setup: "Setup") -> None:
        guest = await setup.guest()
        await guest.send(Subscribe(task="dbb"))
        [refused] = await guest.receive_until_eof()
        assert isinstance(refused, Refused)
        assert "there is no task `dbb`" in refused.problems[0].message


class TestCommands:
    async def test_ps_returns_the_run_and_its_tasks(self, setup: "Setup") -> None:
        answer = await reply(await setup.guest(), Command(id=7, verb="ps"))
        assert answer.run == setup.run.run_view
        assert answer.tasks == setup.run.views()

    async def test_a_restart_is_answered_when_the_task_is_ready(self, setup: "Setup") -> None:
        guest = await setup.guest()
        await guest.send(Command(id=1, verb="restart", task="api"))
        await until_asked(setup, "restart", "api")
        setup.run.enter("api", Running(attempt=2, pid=20))
        assert isinstance(await guest.receive(), Transition)
        assert isinstance(await guest.receive(), State)
        setup.run.enter("api", Ready(attempt=2, pid=20))
        answers = [await guest.receive() for _ in range(3)]
        assert isinstance(answers[2], Reply)
        assert (answers[2].ok, answers[2].message) == (True, "`api` is ready")
        assert answers[2].tasks[0].state == Ready(attempt=2, pid=20)

    async def test_a_start_that_fails_is_answered_with_the_failure(self, setup: "Setup") -> None:
        guest = await setup.guest()
        await guest.send(Command(id=1, verb="start", task="job"))
        await until_asked(setup, "start", "job")
        failure = Failure(code=ErrorCode.TASK_FAILED, message="[job] exited with 3", exit_code=3)
        setup.run.enter("job", Failed(failure=failure))
        setup.run._settling["job"][0].set_result(setup.run.view("job"))
        answers = [await guest.receive() for _ in range(3)]
        assert isinstance(answers[2], Reply)
        assert (answers[2].ok, answers[2].message) == (False, "`job` failed: [job] exited with 3")

    async def test_without_waiting_the_answer_comes_at_once(self, setup: "Setup") -> None:
        answer = await reply(await setup.guest(), Command(id=1, verb="restart", task="api", wait=False))
        assert (answer.ok, answer.message) == (True, "restarting `api`")

    async def test_stop_names_what_goes_first(self, setup: "Setup") -> None:
        guest = await setup.guest()
        answer = await reply(guest, Command(id=1, verb="stop", task="db", wait=False))
        assert answer.message == "stopping `api` and `web` first, which need `db`"
        assert [task.id for task in answer.tasks] == ["db", "api", "web"]
        await guest.send(Command(id=2, verb="stop", task="api"))
        await until_asked(setup, "stop", "api")
        setup.run.enter("api", Completed(stopped=True))
        answers = [await guest.receive() for _ in range(3)]
        assert isinstance(answers[2], Reply)
        assert answers[2].message == "`api` is stopped, after `web`, which needs it"

    async def test_an_unknown_name_is_answered_with_the_nearest_names(self, setup: "Setup") -> None:
        setup.run.add("shop:cart")
        guest = await setup.guest()
        for name, message in {
            "wev": "there is no task `wev`: did you mean `web`?",
            "cart": "there is no task `cart`: did you mean `shop:cart`?",
            "zzzzzz": "there is no task `zzzzzz`: the tasks are `db`, `api`, `web`, `job`, `shop:cart`",
        }.items():
            answer = await reply(guest, Command(id=1, verb="restart", task=name))
            assert (answer.ok, answer.message) == (False, message)
        assert (await reply(guest, Command(id=1, verb="stop"))).message == "`stop` needs the name of a task"

    async def test_nothing_is_started_while_the_run_is_being_stopped(self, setup: "Setup") -> None:
        guest = await setup.guest()
        await reply(guest, Command(id=1, verb="down", wait=False))
        answer = await reply(guest, Command(id=2, verb="restart", task="db"))
        assert (answer.ok, answer.message) == (False, "cannot restart `db`: the whole run is being stopped")

    async def test_down_again_is_harder_each_time(self, setup: "Setup") -> None:
        guest = await setup.guest()
        messages = [(await reply(guest, Command(id=1, verb="down", wait=False))).message for _ in range(3)]
        assert messages == [
            "stopping everything in order",
            "killing what still runs; teardowns still run",
            "giving up on teardowns",
        ]
        assert setup.run.asked == [PERSON] * 3

    async def test_down_is_answered_when_everything_is_gone_and_then_the_run_ends(self, setup: "Setup") -> None:
        guest = await setup.guest()
        await guest.send(Command(id=1, verb="down"))
        await until_asked(setup, *PERSON)
        setup.run.end()
        await setup.server.finish(Ended(exit_code=1, summary="1 task failed"))
        stopping, answer, ended = await guest.receive_until_eof()
        assert isinstance(stopping, Run)
        assert isinstance(answer, Reply)
        assert answer.message == "everything has stopped"
        assert ended == Ended(exit_code=1, summary="1 task failed")
        assert not setup.places.socket.exists()

    async def test_too_many_waiting_commands_are_refused(self, setup: "Setup", monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tui_runner.control.server.MAX_WAITING", 1)
        guest = await setup.guest()
        await guest.send(Command(id=1, verb="restart", task="db"))
        await until_asked(setup, "restart", "db")
        answer = await reply(guest, Command(id=2, verb="restart", task="db"))
        assert (answer.ok, answer.message) == (False, "1 commands of this client are waiting already")
