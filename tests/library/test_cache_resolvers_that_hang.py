"""Input resolvers are anybody's code: whatever they do, a run goes on and can be ended."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cached_tasks import builds, cached
from rig import Rig, statuses

from tui_runner import InputResolver, ResolveContext, input_resolver

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("source")]


class Blocking:
    """A resolver that begins, and goes on when the test lets it."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go_on = threading.Event()

    def plain(self, _: ResolveContext) -> list[str]:
        self.begun.set()
        self.go_on.wait()
        return []

    def step_by_step(self, _: ResolveContext) -> Iterator[str]:
        yield "src"
        self.begun.set()
        self.go_on.wait()

    async def on_the_loop(self, _: ResolveContext) -> list[str]:
        self.begun.set()
        await asyncio.Event().wait()
        return []


@pytest.fixture
def blocking() -> Iterator[Blocking]:
    resolver = Blocking()
    before = threading.active_count()
    yield resolver
    resolver.go_on.set()
    while threading.active_count() > before:
        threading.Event().wait(0.001)


@pytest.mark.parametrize("how", ["plain", "step_by_step", "on_the_loop"])
async def test_a_run_can_be_cancelled_while_a_resolver_blocks(rig: Rig, blocking: Blocking, how: str) -> None:
    cancel = asyncio.Event()
    running = rig.start([builds(inputs=[input_resolver("slow", getattr(blocking, how))])], cancel=cancel)
    await rig.until(blocking.begun.is_set)
    cancel.set()
    assert (await running).stats.status == "aborted"
    assert rig.lines("ran") == []


async def test_resolvers_that_block_keep_no_other_task_waiting(rig: Rig, blocking: Blocking) -> None:
    cancel = asyncio.Event()
    stuck = [builds(f"stuck{n}", inputs=[input_resolver("slow", blocking.plain)], outputs=f"s{n}") for n in range(3)]
    running = rig.start([*stuck, builds("other")], cancel=cancel)
    await rig.until(lambda: rig.lines("ran") == ["built"])
    cancel.set()
    assert (await running).stats.status == "aborted"


def leaving(_: ResolveContext) -> list[str]:
    raise SystemExit(3)


async def leaving_later(_: ResolveContext) -> list[str]:
    raise SystemExit(3)


async def cancelled_by_itself(_: ResolveContext) -> list[str]:
    raise asyncio.CancelledError


def out_of_steps(_: ResolveContext) -> list[str]:
    raise StopIteration


@pytest.mark.parametrize("resolve", [leaving, leaving_later, cancelled_by_itself, out_of_steps])
async def test_a_resolver_that_wants_to_leave_leaves_alone(rig: Rig, resolve: Callable[[ResolveContext], Any]) -> None:
    result = await rig.run([builds(inputs=["src", input_resolver("lock", resolve)])])
    assert result.ok
    assert (cached(result).reason or "").startswith("the resolver `lock` ")


def found(*paths: str) -> InputResolver:
    return input_resolver("finder", lambda _: list(paths))


async def test_a_file_that_a_resolver_found_counts_whatever_it_is_called(rig: Rig) -> None:
    (rig.directory / "!odd").write_text("1")
    odd = builds(inputs=[found("src", "!odd")])
    await rig.run([odd])
    (rig.directory / "!odd").write_text("2")
    assert statuses(await rig.run([odd])) == {"build": "completed"}
