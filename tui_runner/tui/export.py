"""Writes the lines that a pane shows to a file, a few milliseconds at a time."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from time import perf_counter

from widgets.ansi import safe_text, with_colours_only, without_escapes
from widgets.line_origin import source_of
from widgets.log_rows import LogRows
from widgets.stamp import StampMode, stamp

_SLICE_S = 0.005
_LINES = 256
_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


async def export(rows: LogRows, path: str, names: tuple[str, ...], stamps: StampMode, since: float) -> int:
    """Write the lines that are shown as plain text to a new file; return how many.

    Names and times are written as they are shown. What comes while it is written is left out.

    Raises:
        OSError: the file exists, or cannot be written.
    """
    return await _write(os.open(path, _FLAGS, 0o644), rows, names, stamps, since, colours=False)


async def export_to_page(rows: LogRows, names: tuple[str, ...], stamps: StampMode, since: float) -> str:
    """Write the same with colours to a new private file in the temp directory and return its path.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, path = tempfile.mkstemp(prefix="tui-runner-page-", suffix=".log")
    await _write(descriptor, rows, names, stamps, since, colours=True)
    return path


async def _write(
    descriptor: int, rows: LogRows, names: tuple[str, ...], stamps: StampMode, since: float, *, colours: bool
) -> int:
    store = rows.store
    # Numbers stay with their lines while some are dropped and others come.
    last = store.total
    numbers = rows.numbers(store.first, last - 1)
    width = max((len(name) for name in names), default=0)
    padded = [safe_text(name).ljust(width) for name in names]
    clean = with_colours_only if colours else without_escapes

    def lines(low: int) -> Iterator[bytes]:
        before = (
            store.time_of(numbers[max(0, low - 1)]) if len(numbers) and numbers[max(0, low - 1)] >= store.first else 0.0
        )
        for number in numbers[low : low + _LINES]:
            if number < store.first:
                continue  # dropped meanwhile
            front = ""
            if stamps is not StampMode.NONE:
                time = store.time_of(number)
                front = stamp(stamps, time, before if stamps is StampMode.DELTA else since) + " "
                before = time
            if padded:
                front += padded[min(source_of(store.origin_of(number)), len(padded) - 1)] + " "
            yield front.encode("utf-8", "replace") + clean(store.line(number)).removesuffix(b"\r") + b"\n"

    deadline = perf_counter() + _SLICE_S
    with os.fdopen(descriptor, "wb") as file:
        for low in range(0, len(numbers), _LINES):
            file.write(b"".join(lines(low)))
            if perf_counter() > deadline:
                await asyncio.sleep(0)
                deadline = perf_counter() + _SLICE_S
    return len(numbers)
