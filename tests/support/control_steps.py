"""Steps that tests of the control server have in common."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runner.control.protocol import Chunk, Command, Reply, Subscribe
from tui_runner.scheduling.event import StopCause

if TYPE_CHECKING:
    from tests.control.conftest import Peer, Setup

PERSON = ("stop_run", StopCause.PERSON, "asked to stop")
OWNER_GONE = ("stop_run", StopCause.OWNER_GONE, "the terminal that started it is gone")


async def reply(peer: "Peer", command: Command) -> Reply:
    await peer.send(command)
    while True:
        message = await peer.receive()
        if isinstance(message, Reply):
            assert message.id == command.id
            return message


async def until_asked(setup: "Setup", *asked: object) -> None:
    await until(lambda: tuple(asked) in setup.run.asked)


async def until_gone(setup: "Setup", left: int) -> None:
    await until(lambda: len(setup.server._connections) <= left)


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - the server has nothing to wait on from outside
            await asyncio.sleep(0.001)


async def subscribe(peer: "Peer", task: str) -> None:
    """Subscribe from the end on; an answer to a later request proves that it was understood."""
    await peer.send(Subscribe(task=task))
    assert (await reply(peer, Command(id=0, verb="ps"))).ok


async def chunks(peer: "Peer", size: int) -> list[Chunk]:
    """Return the next chunks, until this many bytes have come."""
    found: list[Chunk] = []
    while sum(len(chunk.data) for chunk in found) < size:
        message = await peer.receive()
        if isinstance(message, Chunk):
            found.append(message)
    return found
