"""Turns at short pieces of work."""

import asyncio

import pytest

from tui_runner.supervisor.turns import Turns


async def test_work_is_done_one_after_the_other_in_the_order_asked_for() -> None:
    turns, done = Turns(), list[str]()

    async def work(name: str) -> None:
        async with turns.take():
            done.append(f"{name} begins")
            await asyncio.sleep(0)
            done.append(f"{name} ends")

    await asyncio.gather(*map(work, "abc"))
    assert done == ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]


async def test_who_takes_long_lets_the_next_begin_and_no_other() -> None:
    turns, next_began, done = Turns(), asyncio.Event(), list[str]()

    async def takes_long() -> None:
        async with turns.take():
            await next_began.wait()
            await asyncio.sleep(0)
            done.append("long")

    async def comes_next() -> None:
        async with turns.take():
            next_began.set()
            for _ in range(5):
                await asyncio.sleep(0)
            done.append("next")

    async def comes_last() -> None:
        async with turns.take():
            done.append("last")

    await asyncio.gather(takes_long(), comes_next(), comes_last())
    assert done == ["long", "next", "last"]


async def test_work_that_fails_ends_its_turn() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="broken"):
        async with turns.take():
            raise ValueError("broken")
    async with turns.take():
        pass


async def test_who_gives_up_waiting_is_passed_over() -> None:
    turns = Turns()

    async def wait_in_vain() -> None:
        async with turns.take():
            pytest.fail("it was given up")

    async with turns.take():
        waiting = asyncio.create_task(wait_in_vain())
        await asyncio.sleep(0)
        waiting.cancel()
    async with turns.take():
        await asyncio.wait([waiting])
    assert waiting.cancelled()
