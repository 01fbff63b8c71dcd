"""Who is told what tasks use, and that nobody looks while nobody wants to know."""

from typing import TYPE_CHECKING

from control_steps import reply, until

from tui_runner.control.connection import UNSENT_BYTES
from tui_runner.control.protocol import Command, Reply, Usage, WatchUsage, encode
from tui_runner.model.usage import TaskUsage

if TYPE_CHECKING:
    from tests.control.conftest import Peer, Setup

DB = TaskUsage(task="db", cpu_percent=12.0, rss=50_000_000, processes=3)
API = TaskUsage(task="api", cpu_percent=1.0, rss=9_000_000, processes=1)
GONE = TaskUsage(task="db")


async def usage(peer: "Peer") -> Usage:
    while True:
        message = await peer.receive()
        if isinstance(message, Usage):
            return message


async def test_a_client_gets_what_is_known_and_then_what_changes(setup: "Setup") -> None:
    setup.run.usage.known = (DB,)
    guest = await setup.guest()
    await guest.send(WatchUsage())
    assert await usage(guest) == Usage(tasks=(DB,), complete=True)
    setup.run.usage.tell(API)
    assert await usage(guest) == Usage(tasks=(API,))
    setup.run.usage.tell()
    assert await usage(guest) == Usage()
    setup.run.usage.tell(GONE)
    assert await usage(guest) == Usage(tasks=(GONE,))
    second = await setup.guest()
    await second.send(WatchUsage())
    assert await usage(second) == Usage(tasks=(API,), complete=True)
    assert len(setup.run.usage.watchers) == 1


async def test_nobody_looks_unless_a_client_wants_to_know(setup: "Setup") -> None:
    first, second = await setup.guest(), await setup.guest()
    assert setup.run.usage.watchers == []
    await first.send(WatchUsage())
    await second.send(WatchUsage())
    await usage(first)
    await usage(second)
    await first.send(WatchUsage(on=False))
    await first.send(WatchUsage(on=False))
    assert (await reply(first, Command(id=1, verb="ps"))).ok
    assert len(setup.run.usage.watchers) == 1
    second.sock.close()
    await until(lambda: not setup.run.usage.watchers)


async def test_a_client_that_was_behind_gets_everything_anew(setup: "Setup") -> None:
    slow = await setup.guest()
    await slow.send(WatchUsage())
    await usage(slow)
    connection = next(iter(setup.server._connections))
    connection.send(encode(Reply(id=0, ok=True, message="x" * (UNSENT_BYTES + 1))))
    assert connection.behind
    setup.run.usage.tell(DB)
    setup.run.usage.tell(API)
    setup.run.usage.tell(GONE)
    assert await usage(slow) == Usage(tasks=(API,), complete=True)


async def test_ps_tells_usage_when_it_is_asked_to(setup: "Setup") -> None:
    setup.run.usage.known = (DB,)
    guest = await setup.guest()
    assert (await reply(guest, Command(id=1, verb="ps"))).usage == ()
    assert (await reply(guest, Command(id=2, verb="ps", usage=True))).usage == (DB,)
