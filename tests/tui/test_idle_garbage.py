"""What covered screens leave behind is collected, but not while somebody types."""

import asyncio
import gc
import weakref
from collections.abc import Callable, Iterator

import pytest

from tui_runner.tui.idle_garbage import IDLE_S, IdleGarbage


class Knot:
    """Refers to itself, as screens do: no reference count frees it."""

    def __init__(self) -> None:
        self.itself = self


class Cover:
    """Whether a screen is up that will be left."""

    is_up = False


@pytest.fixture
def cover() -> Cover:
    return Cover()


@pytest.fixture
def garbage(cover: Cover) -> Iterator[IdleGarbage]:
    thresholds = gc.get_threshold()
    gc.collect()
    one = IdleGarbage()
    one.begin(lambda: cover.is_up)
    yield one
    one.close()
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def a_knot(gone: Callable[[], None], *, looks: int, generation: int) -> "weakref.ref[Knot]":
    """Return garbage that a look at this generation has left out so often, and that tells that it is gone."""
    knot = Knot()
    for _ in range(looks):
        gc.collect(generation)
    return weakref.ref(knot, lambda _: gone())


@pytest.mark.parametrize(
    ("looks", "generation"), [pytest.param(8, 0, id="young"), pytest.param(30, 1, id="of-long-ago")]
)
async def test_it_goes_when_somebody_has_typed_and_stopped(garbage: IdleGarbage, looks: int, generation: int) -> None:
    gone = asyncio.Event()
    knot = a_knot(gone.set, looks=looks, generation=generation)
    garbage.touched()
    assert knot() is not None
    async with asyncio.timeout(10):
        await gone.wait()


async def test_it_stays_while_a_screen_is_up_and_goes_after_the_next_key(garbage: IdleGarbage, cover: Cover) -> None:
    gone = asyncio.Event()
    cover.is_up = True
    knot = a_knot(gone.set, looks=8, generation=0)
    garbage.touched()
    await asyncio.sleep(2 * IDLE_S)
    assert knot() is not None
    cover.is_up = False
    garbage.touched()
    async with asyncio.timeout(10):
        await gone.wait()


async def test_it_stays_when_the_screen_has_been_left(garbage: IdleGarbage) -> None:
    garbage.touched()
    garbage.close()
    assert garbage._looking is None


@pytest.mark.usefixtures("garbage")
def test_what_is_there_at_the_first_picture_is_left_alone() -> None:
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
