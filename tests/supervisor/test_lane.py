"""Short pieces of blocking work: in order, never beside each other, unless one takes long."""

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from tui_runner.supervisor.lane import Lane


@pytest.fixture
def lane() -> Iterator[Lane]:
    with ThreadPoolExecutor(2) as pool:
        yield Lane(pool)


@pytest.fixture
def patient_lane() -> Iterator[Lane]:
    """One in which nothing is ever overtaken."""
    with ThreadPoolExecutor(2) as pool:
        yield Lane(pool, long_s=600)


async def test_work_is_done_in_the_order_asked_for_and_answers_go_to_who_asked(patient_lane: Lane) -> None:
    done: list[int] = []

    def work(number: int) -> int:
        done.append(number)
        return -number

    answers = await asyncio.gather(*(patient_lane.do(partial(work, number)) for number in range(200)))
    assert done == list(range(200))
    assert answers == [-number for number in range(200)]


async def test_short_work_is_never_done_beside_other_work_or_while_the_loop_deals_with_it(patient_lane: Lane) -> None:
    busy = threading.Lock()

    def work() -> None:
        assert busy.acquire(blocking=False)
        busy.release()

    async def ask() -> None:
        await patient_lane.do(work)
        with busy:
            threading.Event().wait(0.001)

    await asyncio.gather(*(ask() for _ in range(30)))


async def test_what_comes_next_is_prepared_once_and_before_its_turn(patient_lane: Lane) -> None:
    done: list[tuple[str, int]] = []
    await asyncio.gather(
        *(
            patient_lane.do(partial(done.append, ("did", number)), partial(done.append, ("prepared", number)))
            for number in range(50)
        )
    )
    assert [number for what, number in done if what == "did"] == list(range(50))
    prepared = [number for what, number in done if what == "prepared"]
    assert prepared == sorted(set(prepared))
    assert all(done.index(("prepared", number)) < done.index(("did", number)) for number in prepared)
    assert len(prepared) > 30


async def test_what_takes_long_is_overtaken(lane: Lane) -> None:
    next_done = threading.Event()
    long = asyncio.create_task(lane.do(next_done.wait))
    await asyncio.sleep(0)
    await lane.do(next_done.set)
    assert await long


async def test_after_work_that_took_long_others_are_still_done_in_order(lane: Lane) -> None:
    go_on, done = threading.Event(), list[str]()
    long = asyncio.create_task(lane.do(go_on.wait))
    await asyncio.sleep(0)
    await lane.do(lambda: done.append("beside"))
    go_on.set()
    await long
    await asyncio.gather(*(lane.do(partial(done.append, name)) for name in "abc"))
    assert done == ["beside", "a", "b", "c"]


async def test_what_work_raises_is_raised_where_it_is_awaited_and_the_next_is_done(lane: Lane) -> None:
    def broken() -> None:
        raise ValueError("broken")

    asked = [asyncio.create_task(lane.do(call)) for call in (broken, broken)]
    assert await lane.do(lambda: "fine") == "fine"
    for task in asked:
        with pytest.raises(ValueError, match="broken"):
            await task


async def test_who_gives_up_waiting_holds_nobody_up(lane: Lane) -> None:
    go_on = threading.Event()
    asked = asyncio.create_task(lane.do(go_on.wait))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.wait([asked])
    go_on.set()
    assert await lane.do(lambda: "fine") == "fine"
