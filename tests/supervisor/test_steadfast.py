"""A step is seen through however often its asyncio task is cancelled; the cancellation comes out at the end."""

import asyncio

import pytest

from tui_runner.supervisor.steadfast import Steadfast


async def test_a_step_goes_on_through_cancellations_which_propagate_at_the_end() -> None:
    asked: list[int] = []
    gate: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    story: list[str] = []

    async def work() -> None:
        steadfast = Steadfast(lambda: asked.append(1))
        await steadfast.see_through(lambda: asyncio.wait((gate,)))
        story.append("done")
        steadfast.propagate()
        story.append("never")

    running = asyncio.get_running_loop().create_task(work())
    for _ in range(3):
        await asyncio.sleep(0)
        running.cancel()
    await asyncio.sleep(0)
    gate.set_result(None)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (story, asked) == (["done"], [1, 1, 1])


async def test_a_step_that_waits_for_something_cancelled_has_ended() -> None:
    future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    future.cancel()
    steadfast = Steadfast(lambda: None)

    async def step() -> None:
        await future

    await steadfast.see_through(step)
    steadfast.propagate()


async def test_the_error_of_a_step_is_not_hidden() -> None:
    async def step() -> None:
        raise LookupError

    with pytest.raises(LookupError):
        await Steadfast(lambda: None).see_through(step)
