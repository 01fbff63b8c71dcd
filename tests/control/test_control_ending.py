import asyncio
import contextlib
from typing import TYPE_CHECKING

import pytest
from control_steps import OWNER_GONE, PERSON, reply, subscribe, until_asked, until_gone

from tui_runner.control.protocol import (
    Command,
    Ended,
)
from tui_runner.model.state import Stopping, StopReason

if TYPE_CHECKING:
    from tests.control.conftest import Setup


class TestOwner:
    async def test_the_end_of_the_owner_stops_the_run_in_order(self, setup: "Setup") -> None:
        owner = await setup.owner()
        owner.sock.close()
        await until_asked(setup, *OWNER_GONE)

    async def test_an_owner_that_says_garbage_is_gone_as_well(self, setup: "Setup") -> None:
        owner = await setup.owner()
        await owner.send_bytes(b"\xff" * 10)
        await until_asked(setup, *OWNER_GONE)

    async def test_an_owner_that_leaves_while_it_waits_for_the_stop_does_not_make_it_harder(
        self, setup: "Setup"
    ) -> None:
        owner, guest = await setup.owner(), await setup.guest()
        await owner.send(Command(id=1, verb="down"))
        await until_asked(setup, *PERSON)
        owner.sock.close()
        await until_gone(setup, 1)
        assert (await reply(guest, Command(id=1, verb="ps"))).ok
        assert setup.run.asked == [PERSON]

    async def test_after_a_detach_the_end_of_the_owner_means_nothing(self, setup: "Setup") -> None:
        owner, guest = await setup.owner(), await setup.guest()
        answer = await reply(owner, Command(id=1, verb="detach"))
        assert answer.message == "the run goes on without this terminal"
        owner.sock.close()
        await until_gone(setup, 1)
        assert (await reply(guest, Command(id=1, verb="ps"))).ok
        assert setup.run.asked == []

    async def test_the_end_of_a_guest_means_nothing(self, setup: "Setup") -> None:
        owner, guest = await setup.owner(), await setup.guest()
        guest.sock.close()
        await until_gone(setup, 1)
        assert (await reply(owner, Command(id=1, verb="ps"))).ok
        assert setup.run.asked == []

    async def test_an_owner_that_does_not_read_is_not_taken_for_dead(self, setup: "Setup") -> None:
        owner, guest = await setup.owner(), await setup.guest()
        await subscribe(owner, "db")
        for _ in range(200):
            setup.run.write("db", b"z" * 65536)
            await asyncio.sleep(0)
        assert (await reply(guest, Command(id=1, verb="ps"))).ok
        assert setup.run.asked == []
        owner.sock.close()
        await until_asked(setup, *OWNER_GONE)


class TestEnd:
    async def test_everybody_is_told_how_the_run_ended(self, setup: "Setup") -> None:
        owner, guest = await setup.owner(), await setup.guest()
        setup.run.end()
        await setup.server.finish(Ended(exit_code=0, summary="all fine"))
        for peer in (owner, guest):
            assert await peer.receive_until_eof() == [Ended(exit_code=0, summary="all fine")]
        assert setup.run.listeners == []

    async def test_a_client_that_never_reads_cannot_hold_the_end_up(
        self, setup: "Setup", monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("tui_runner.control.server.FLUSH_TIMEOUT_S", 0.05)
        guest = await setup.guest()
        await subscribe(guest, "db")
        for _ in range(50):
            setup.run.write("db", b"z" * 65536)
            setup.run.enter("job", Stopping(attempt=1, pid=5, reason=StopReason.PERSON))
        setup.run.end()
        async with asyncio.timeout(5):
            await setup.server.finish(Ended(exit_code=0, summary=""))
        with contextlib.suppress(EOFError):
            while True:
                await guest.receive()
