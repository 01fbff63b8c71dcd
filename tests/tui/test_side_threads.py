"""Leaving does not wait for what is only looked at."""

import asyncio
import threading

from tui_runner.tui.side_threads import SideThreads

DEADLINE_S = 20.0


def test_the_event_loop_ends_before_a_thread_that_hangs_and_work_that_waits_for_one_is_dropped() -> None:
    answered = threading.Event()
    done: list[bool] = []

    async def leave() -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(SideThreads(max_workers=1))
        reading = asyncio.Event()

        def read() -> None:
            loop.call_soon_threadsafe(reading.set)
            done.append(answered.wait(DEADLINE_S))

        first, second = loop.run_in_executor(None, read), loop.run_in_executor(None, read)
        await reading.wait()
        del first, second

    asyncio.run(leave())
    assert done == []
    answered.set()
    for thread in threading.enumerate():
        if thread is not threading.current_thread():
            thread.join(DEADLINE_S)
    assert done == [True]
