"""Filter and search over a million lines, in the widget that does it, without the terminal."""

import asyncio
import gc
from statistics import median
from time import perf_counter

import msgspec

from benchmarks.bench import Bench
from benchmarks.row import Row, Unit
from benchmarks.widgets_bench import CHUNK_BYTES, PLAIN, BenchApp
from widgets.line_filter import TextFilter
from widgets.line_store import LineStore
from widgets.query import Query

LINES = 1_000_000
FIRST_LIMIT_MS, COMPLETE_LIMIT_MS, STALL_LIMIT_MS = 50.0, 100.0, 20.0
_QUERIES = (
    ("rare text", "INFO  app.server request id=0009999"),
    ("rare text, case ignored", "info  app.server request id=0009999"),
    ("text in every line", "INFO"),
    ("rare pattern", r"/request id=0009\d99 (path|PATH)/"),
)


class Search(msgspec.Struct, frozen=True, kw_only=True):
    """One filter over everything, in milliseconds."""

    first: float
    complete: float
    stall: float
    """Longest turn of the event loop."""


def measure(bench: Bench) -> list[Row]:
    """Filter for something rare, for something everywhere, and by a pattern."""
    return asyncio.run(_measure(bench.rounds))


async def _measure(rounds: int) -> list[Row]:
    app = BenchApp()
    async with app.run_test(size=(160, 45)):
        store = LineStore(1 << 30)
        data = b"".join(PLAIN % number for number in range(LINES))
        for start in range(0, len(data), CHUNK_BYTES):
            store.feed(data[start : start + CHUNK_BYTES], 0.0)
        del data
        app.pane.show(store, "bench")
        gc.collect()
        gc.freeze()  # as the program does once it is up
        rows: list[Row] = []
        for what, text in _QUERIES:
            taken = [await _filter(app, text) for _ in range(rounds)]
            rows += _rows(what, taken, literal=what.startswith("rare text"))
        return rows


def _rows(what: str, taken: list[Search], *, literal: bool) -> list[Row]:
    name = f"filter 1M lines, {what}"
    return [
        Row(
            what=f"{name}: first hits",
            value=median(search.first for search in taken),
            unit=Unit.MILLISECONDS,
            limit=FIRST_LIMIT_MS,
            bar="≤ 50 ms",
        ),
        Row(
            what=f"{name}: complete",
            value=median(search.complete for search in taken),
            unit=Unit.MILLISECONDS,
            limit=COMPLETE_LIMIT_MS if literal else None,
            bar="≤ 100 ms" if literal else "",
        ),
        Row(
            what=f"{name}: longest stall",
            value=median(search.stall for search in taken),
            unit=Unit.MILLISECONDS,
            limit=STALL_LIMIT_MS,
            bar="≤ 20 ms",
        ),
    ]


async def _filter(app: BenchApp, text: str) -> Search:
    query = Query.parse(text)
    if not isinstance(query, Query):
        raise TypeError(text)
    app.pane.set_filters()
    await asyncio.sleep(0.2)
    start = turn = perf_counter()
    first = stall = 0.0
    app.pane.set_filters(TextFilter(query=query))
    while app.pane.scanning:
        await asyncio.sleep(0)
        now = perf_counter()
        stall, turn = max(stall, now - turn), now
        if not first and app.pane.filter_count:
            first = now - start
    complete = perf_counter() - start
    return Search(first=(first or complete) * 1000, complete=complete * 1000, stall=stall * 1000)
