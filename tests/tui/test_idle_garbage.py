"""What covered screens leave behind is collected, but not while somebody types."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from tui_runner.tui.idle_garbage import IdleGarbage


class Knot:
    """Refers to itself, as screens do: no reference count frees it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture
def garbage() -> Iterator[IdleGarbage]:
    thresholds = gc.get_threshold()
    one = IdleGarbage()
    one.begin()
    yield one
    one.close()
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def an_old_knot(gone: Callable[[], None]) -> "weakref.ref[Knot]":
    """Return garbage that only a full collection finds, and tells that it is gone; such a collection is due."""
    knot = Knot()
    for _ in range(12):
        gc.collect(1)
    return weakref.ref(knot, lambda _: gone())


async def test_it_goes_when_somebody_has_typed_and_stopped(garbage: IdleGarbage) -> None:
    gone = asyncio.Event()
    knot = an_old_knot(gone.set)
    garbage.touched()
    assert knot() is not None
    async with asyncio.timeout(10):
        await gone.wait()


async def test_it_stays_when_the_screen_has_been_left(garbage: IdleGarbage) -> None:
    garbage.touched()
    garbage.close()
    assert garbage._looking is None


def test_what_is_there_at_the_first_picture_is_left_alone(garbage: IdleGarbage) -> None:
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
    garbage.close()
