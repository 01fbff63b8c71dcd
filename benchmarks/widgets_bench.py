"""What the widgets cost: ingest, a frame, the filter, the tree. Prints one figure per line; a tool, never a test.

Run with `python -m benchmarks.widgets_bench [LINES]`. CPU seconds are sounder than wall times on a machine that is shared.
"""

import asyncio
import gc
import sys
from time import perf_counter, process_time

import msgspec
from textual.app import App, ComposeResult

from tui_runner.model.state import Ready, Running
from tui_runner.model.view import TaskView
from widgets.dag_tree import DagTree
from widgets.line_filter import TextFilter
from widgets.line_store import LineStore
from widgets.log_pane import LogPane
from widgets.query import Query

CHUNK_BYTES = 64 << 10
PLAIN = b"2025-01-01 12:00:00 INFO  app.server request id=%08d path=/api/v1 st=200 pad=xxxxxxxxxxxxxxxxxxxxxxx\n"
COLOURED = (
    b"\x1b[2m12:00:00\x1b[0m \x1b[32mINFO\x1b[0m app.server id=%08d path=\x1b[36m/api/v1\x1b[0m st=200 pad=xxxxx\n"
)
TASKS = 1000
FRAMES = 100


class BenchApp(App[None]):
    """A pane and a tree, 160 by 45."""

    CSS = "DagTree { width: 40; } Screen { layout: horizontal; }"

    def __init__(self) -> None:
        super().__init__()
        self.pane = LogPane()
        self.dag = DagTree()

    def compose(self) -> ComposeResult:
        """Put them side by side."""
        yield self.dag
        yield self.pane


def report(name: str, value: float, unit: str) -> None:
    """Print a figure."""
    print(f"{name:<40} {value:>12,.2f} {unit}")


async def ingest(app: BenchApp, lines: int, template: bytes) -> LineStore:
    """Feed chunks as the socket would, with the pane following."""
    data = b"".join(template % number for number in range(lines))
    store = LineStore(1 << 30)
    app.pane.show(store, "bench")
    wall, cpu = perf_counter(), process_time()
    for start in range(0, len(data), CHUNK_BYTES):
        store.feed(data[start : start + CHUNK_BYTES], perf_counter())
        app.pane.touched()
        await asyncio.sleep(0)
    seconds = perf_counter() - wall
    report("ingest", lines / seconds, "lines/s")
    report("ingest per 100,000 lines", (process_time() - cpu) * 1e5 / lines, "CPU s")
    return store


async def filters(app: BenchApp, store: LineStore) -> None:
    """Filter and measure until the first hits and until complete."""
    last = f"{store.total - 1:08d}"
    for text in (f"id={last}", f"ID={last}", "INFO", rf"/{last[:-1]}\d/", "/[5-9]{8}/"):
        query = Query.parse(text)
        if not isinstance(query, Query):
            raise TypeError(text)
        app.pane.set_filters()
        wall, cpu, first, longest = perf_counter(), process_time(), 0.0, 0.0
        app.pane.set_filters(TextFilter(query=query))
        while app.pane.scanning:
            turn = perf_counter()
            await asyncio.sleep(0)
            longest = max(longest, perf_counter() - turn)
            if not first and app.pane.filter_count:
                first = perf_counter() - wall
        report(f"filter {text}: first hits", first * 1e3, "ms")
        report(f"filter {text}: complete", (perf_counter() - wall) * 1e3, "ms")
        report(f"filter {text}: complete", (process_time() - cpu) * 1e3, "CPU ms")
        report(f"filter {text}: longest turn of the loop", longest * 1e3, "ms")
    app.pane.set_filters()


async def frames(app: BenchApp, template: bytes) -> None:
    """Measure frames in which every visible line is new."""
    spent = 0.0
    for frame in range(FRAMES):
        app.pane.store.feed(b"".join(template % (frame * 50 + line) for line in range(50)), perf_counter())
        before = process_time()
        app.pane._frame()  # noqa: SLF001 - the frame without its timer is what is measured
        app.pane.render_lines(app.pane.region.reset_offset)
        spent += process_time() - before
        await asyncio.sleep(0)
    report("frame, every line new", spent / FRAMES * 1e3, "CPU ms")


async def tree(app: BenchApp) -> None:
    """Change every label once."""
    views = [
        TaskView(
            id=f"t{n}", name=f"task {n}", depends_on=(f"t{n - 1}",) if n % 4 else (), state=Running(attempt=1, pid=1)
        )
        for n in range(TASKS)
    ]
    before = process_time()
    app.dag.set_tasks(views)
    report(f"tree of {TASKS}: layout", (process_time() - before) * 1e3, "CPU ms")
    await asyncio.sleep(0.3)
    before = process_time()
    for view in views:
        app.dag.update_task(msgspec.structs.replace(view, state=Ready(attempt=1, pid=1), started_at=0.0, ready_at=1.0))
    await asyncio.sleep(0.3)
    report(f"tree of {TASKS}: all labels changed", (process_time() - before) * 1e3, "CPU ms, with its repaint")


async def main() -> None:
    """Measure everything."""
    lines = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    app = BenchApp()
    async with app.run_test(size=(160, 45)):
        for name, template in (("plain", PLAIN), ("coloured", COLOURED)):
            print(f"-- {lines:,} {name} lines")
            store = await ingest(app, lines, template)
            gc.collect()
            gc.freeze()  # as the program does once it is up
            await filters(app, store)
            await frames(app, template)
        print("-- tree")
        await tree(app)


if __name__ == "__main__":
    asyncio.run(main())
