"""Scrolling up goes on where memory ends: in the log file."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tui_runner.model.state import Ready
from widgets.line_filter import TextFilter
from widgets.query import Query

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

LINES = 40_000


def top(stage: "Stage") -> str:
    """Return the first row of the log."""
    return stage.text().splitlines()[1][34:].strip()


async def a_log_that_memory_cannot_hold(peer: "Peer", on_stage: "Stage") -> None:
    logs = on_stage.app.session.logs
    logs._budget = 1 << 20
    feed = logs.feed("web")
    feed.keep(1 << 20)
    peer.output("web", b"".join(b"line %05d %s\n" % (number, b"x" * 60) for number in range(LINES)))
    await on_stage.until(lambda: feed.store.total == LINES and feed.store.first > 0)


@asynccontextmanager
async def a_long_log(peer: "Peer", stage: "OpenStage") -> AsyncIterator["Stage"]:
    """Show a task whose oldest lines only the disk holds."""
    peer.add("web", Ready(attempt=1, pid=13), target=True)
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        await a_log_that_memory_cannot_hold(peer, on_stage)
        yield on_stage


async def at_the_oldest_line(on_stage: "Stage") -> int:
    """Go to the oldest line that memory holds; return its number."""
    await on_stage.press("enter", "home")
    await on_stage.until(lambda: not on_stage.main.pane.log_pane.follow)
    await on_stage.settle()
    return int(top(on_stage).split()[1])


@pytest.mark.parametrize("back", [("G",), ("F",)])
async def test_up_from_the_oldest_line_reads_the_file_and_back_again(
    peer: "Peer", stage: "OpenStage", back: tuple[str, ...]
) -> None:
    async with a_long_log(peer, stage) as on_stage:
        await on_stage.press("enter", "home")
        await on_stage.until(lambda: top(on_stage).startswith("line") and not top(on_stage).startswith("line 39"))
        oldest = int(top(on_stage).split()[1])
        assert oldest > 0
        await on_stage.press("k")
        await on_stage.shows("from the file", f"line {oldest - 1:05}")
        await on_stage.press("home")
        await on_stage.until(lambda: top(on_stage).startswith("line 00000"))
        await on_stage.press("pageup")
        await on_stage.until(lambda: top(on_stage).startswith("line 00000"))
        await on_stage.press(*back)
        await on_stage.shows(f"line {LINES - 1:05}")
        assert "from the file" not in on_stage.text()
        assert on_stage.main.pane.log_pane.follow


async def test_scrolling_down_from_the_file_goes_on_in_memory(peer: "Peer", stage: "OpenStage") -> None:
    async with a_long_log(peer, stage) as on_stage:
        oldest = await at_the_oldest_line(on_stage)
        await on_stage.press("pageup")
        await on_stage.shows("from the file")
        await on_stage.press("pagedown")
        await on_stage.until(lambda: top(on_stage).startswith(f"line {oldest:05}"))
        assert on_stage.main.pane.history is None
        assert not on_stage.main.pane.log_pane.follow


@pytest.mark.parametrize("keys", [("home", "home", "end"), ("home", "pageup", "pageup", "pageup", "F")])
async def test_whoever_turns_back_at_once_sees_what_is_newest(
    peer: "Peer", stage: "OpenStage", keys: tuple[str, ...]
) -> None:
    async with a_long_log(peer, stage) as on_stage:
        await on_stage.press("enter")
        await on_stage.press(*keys)
        await on_stage.until(lambda: not on_stage.main.body._reading)
        await on_stage.shows(f"line {LINES - 1:05}")
        assert "from the file" not in on_stage.text()
        assert on_stage.main.pane.log_pane.follow


async def test_whoever_reads_on_while_older_lines_are_fetched_stays_there(peer: "Peer", stage: "OpenStage") -> None:
    async with a_long_log(peer, stage) as on_stage:
        oldest = await at_the_oldest_line(on_stage)
        on_stage.main.pane.log_pane.action_scroll_rows(-1)
        on_stage.main.pane.log_pane.action_scroll_rows(1)
        await on_stage.until(lambda: not on_stage.main.body._reading)
        await on_stage.settle()
        assert int(top(on_stage).split()[1]) == oldest + 1


async def test_filtered_lines_go_on_in_the_file_page_by_page(peer: "Peer", stage: "OpenStage") -> None:
    async with a_long_log(peer, stage) as on_stage:
        pane = on_stage.main.pane
        pane.set_filters((TextFilter(query=Query(text="7 x")),))
        await on_stage.until(lambda: not pane.log_pane.scanning)
        oldest = await at_the_oldest_line(on_stage)
        await on_stage.press("k")
        await on_stage.shows("from the file", f"line {oldest - 10:05}")
        await on_stage.until(lambda: not pane.log_pane.scanning)
        await on_stage.settle()
        last_page = top(on_stage)
        await on_stage.press("k")
        await on_stage.until(lambda: int(top(on_stage).split()[1]) == int(last_page.split()[1]) - 10)
        await on_stage.press("home")
        await on_stage.until(lambda: top(on_stage).startswith("line 00007"))


async def test_another_task_is_shown_from_memory(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=13), "db", target=True)
    peer.add("db", Ready(attempt=1, pid=14))
    peer.write("db", b"db is up\n")
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        await a_log_that_memory_cannot_hold(peer, on_stage)
        await on_stage.press("enter", "home", "home")
        await on_stage.shows("from the file")
        await on_stage.press("escape", "j")
        await on_stage.shows("db is up")
        assert "from the file" not in on_stage.text()


async def test_a_log_that_memory_holds_has_nothing_older(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True)
    peer.write("web", b"".join(b"line %d\n" % number for number in range(100)))
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("line 99")
        await on_stage.press("enter", "home", "home", "k", "pageup")
        await on_stage.settle()
        assert top(on_stage) == "line 0"
        assert on_stage.main.pane.history is None
