"""Asking a running task whether it still lives."""

import asyncio
from collections.abc import Awaitable, Callable

from tui_runner.model.liveness import alive
from tui_runner.model.probe import ReadyWhen, all_of, any_of, exec_probe, file_exists, tcp
from tui_runner.model.run import Run
from tui_runner.probes.liveness import LivenessWatch
from tui_runner.probes.probed_task import ProbedTask

RunCommand = Callable[[Run, float], Awaitable[int]]


class Heard:
    """Collects what a watch reports."""

    def __init__(self) -> None:
        self.news: list[str] = []
        self.lost_it = asyncio.Event()

    def sick(self, failures: int, seen: str) -> None:
        self.news.append(f"sick {failures}: {seen}")

    def well(self) -> None:
        self.news.append("well")

    def lost(self, seen: str) -> None:
        self.news.append(f"lost: {seen}")
        self.lost_it.set()

    def warn(self, text: str) -> None:
        self.news.append(f"warning: {text}")


async def news_of(probe: ReadyWhen, run_command: RunCommand, failures: int = 3) -> list[str]:
    """Watch until it is lost; return what was reported."""
    heard = Heard()
    checked = alive(probe, interval="1ms", timeout="100ms", failures=failures)
    watch = LivenessWatch(checked, ProbedTask(cwd="/", run_command=run_command), heard)
    async with asyncio.timeout(20):
        await heard.lost_it.wait()
    await watch.wait_stopped()
    assert watch.over
    return heard.news


def answering(*codes: int) -> RunCommand:
    left = iter(codes)

    async def run_command(_run: Run, _timeout_s: float) -> int:
        return next(left, 9)

    return run_command


async def test_only_failures_in_a_row_count() -> None:
    assert await news_of(exec_probe("x"), answering(0, 1, 1, 0, 0, 2, 3, 4)) == [
        "sick 1: the command ended with 1",
        "sick 2: the command ended with 1",
        "well",
        "sick 1: the command ended with 2",
        "sick 2: the command ended with 3",
        "lost: the command ended with 4",
    ]


async def test_with_one_failure_allowed_the_first_is_the_last() -> None:
    assert await news_of(exec_probe("x"), answering(0, 0, 1), failures=1) == ["lost: the command ended with 1"]


async def test_a_question_that_hangs_has_failed() -> None:
    async def run_command(_run: Run, _timeout_s: float) -> int:
        await asyncio.Event().wait()
        return 0

    assert await news_of(exec_probe("x"), run_command, failures=1) == ["lost: no answer within 0.1 s"]


async def test_a_probe_without_a_timeout_of_its_own_has_that_of_the_check() -> None:
    given: list[float] = []

    async def run_command(_run: Run, timeout_s: float) -> int:
        given.append(timeout_s)
        return 1

    await news_of(any_of(exec_probe("x"), exec_probe("y", timeout="20ms")), run_command, failures=1)
    assert sorted(given) == [0.02, 0.1]


async def test_all_of_dies_with_one_part_and_any_of_with_the_last() -> None:
    dead, living = file_exists("/nonsense/gone"), exec_probe("x")
    told = await news_of(all_of(living, dead), answering(0), failures=1)
    assert told == ["lost: the file /nonsense/gone: the file does not exist"]
    told = await news_of(any_of(living, dead), answering(0, 0, 0, 5), failures=1)
    assert told == ["lost: `x`: the command ended with 5; the file /nonsense/gone: the file does not exist"]


async def test_a_task_is_left_alone_until_start_after_and_after_a_stop() -> None:
    heard = Heard()
    checked = alive(tcp(1), interval="1ms", failures=1, start_after="1h")
    watch = LivenessWatch(checked, ProbedTask(cwd="/", run_command=answering(0)), heard)
    await asyncio.sleep(0)
    watch.stop()
    await watch.wait_stopped()
    assert heard.news == []
    assert watch.over
