"""Turning SIGINT, SIGTERM and SIGHUP into stop requests while a run lasts, and giving them back afterwards.

Only for programs of ours and `run_sync`: a host program's handlers are its own.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_to(received: Callable[[signal.Signals], None]) -> Iterator[None]:
    """Call `received` on the running loop for every signal, instead of what happened before.

    An inherited SIG_IGN of SIGHUP (nohup) is respected. Does nothing in a thread that is not the main one: Python hands
    signals to the main thread only.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    taken: dict[signal.Signals, signal.Handlers | int | Callable[..., object] | None] = {}
    for number in _SIGNALS:
        before = signal.getsignal(number)
        if number is signal.SIGHUP and before is signal.SIG_IGN:
            continue
        loop.add_signal_handler(number, received, number)
        taken[number] = before
    try:
        yield
    finally:
        for number, before in taken.items():
            loop.remove_signal_handler(number)
            if before is not None:
                signal.signal(number, before)
