"""A pane that shows several logs as one."""

from typing import TYPE_CHECKING

import pytest

from tui_runner.model.output import Stream
from tui_runner.model.state import Ready

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.tui.conftest import OpenStage, Peer, Stage

AT = 1_700_000_000.0


def a_shop(peer: "Peer") -> None:
    peer.add("web", Ready(attempt=1, pid=13), "api", target=True)
    peer.add("api", Ready(attempt=1, pid=12), "db")
    peer.add("db", Ready(attempt=1, pid=11))


async def some_output(peer: "Peer", *tasks: str) -> None:
    await peer.until(lambda: set(tasks) <= set(peer.subscribed))
    for number, task in enumerate(tasks):
        peer.output(task, f"{task} line {number}\n".encode(), at=AT + number)


def rows(stage: "Stage") -> list[str]:
    """Return the rows right of the tree."""
    return [row[34:].strip() for row in stage.text().splitlines()]


async def test_a_shows_all_logs_with_names_and_again_one(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("a")
        await some_output(peer, "db", "web", "api", "db")
        await on_stage.shows("≡ all logs", "3 tasks", "db  db line 3")
        assert rows(on_stage)[1:5] == ["db  db line 0", "web web line 1", "api api line 2", "db  db line 3"]
        await on_stage.press("a")
        await on_stage.until(lambda: rows(on_stage)[1:3] == ["web line 1", ""])
        await peer.until(lambda: set(peer.subscribed) == {"web"})


async def test_moving_in_the_tree_keeps_merged_logs_and_changes_what_commands_are_about(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_shop(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("a", "j")
        await on_stage.until(lambda: on_stage.main.body.task_id == "api")
        await on_stage.shows("≡ all logs")
        await on_stage.press("r")
        await peer.until(lambda: peer.asked == [("restart", "api")])
        await on_stage.press("escape")
        await on_stage.shows("● api  ready")


async def test_plus_picks_logs_one_by_one_and_drops_them_again(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("plus")
        await on_stage.shows("≡ web", "web stays in this pane")
        await on_stage.press("j")
        await on_stage.until(lambda: on_stage.main.body.task_id == "api")
        await on_stage.press("plus")
        await on_stage.shows("≡ web + api")
        await peer.until(lambda: set(peer.subscribed) == {"web", "api"})
        await some_output(peer, "web", "api")
        await on_stage.until(lambda: rows(on_stage)[1:3] == ["web web line 0", "api api line 1"])
        await on_stage.press("plus")
        await on_stage.until(lambda: on_stage.main.pane.shown == ("web",))
        await on_stage.press("k")
        await on_stage.until(lambda: on_stage.main.body.task_id == "web")
        await on_stage.press("plus")
        await on_stage.until(lambda: on_stage.main.pane.together is None)
        await on_stage.shows("● web  ready")


async def test_filters_and_search_work_on_merged_logs(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("a", "f", *"line", "enter", "minus", *"api", "enter")
        await some_output(peer, "db", "web", "api")
        await on_stage.shows("2 lines", "db line 0", "web line 1")
        assert "api line" not in on_stage.text()


async def test_a_task_that_is_new_joins_all_logs(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("a")
        await on_stage.shows("3 tasks")
        peer.add("job", Ready(attempt=1, pid=14))
        peer.enter("job", Ready(attempt=1, pid=14))
        await on_stage.shows("4 tasks")
        await some_output(peer, "job", "web")
        await on_stage.shows("job job line 0", "web web line 1")


async def test_another_pane_shows_its_own_task_beside_merged_logs(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(160, 30)) as on_stage:
        await on_stage.press("a", "v")
        await on_stage.until(lambda: len(on_stage.main.body.grid.panes) == 2)
        await some_output(peer, "web", "api", "db")
        await on_stage.shows("≡ all logs", "● api  ready", "db  db line 2")
        await on_stage.press("x")
        await on_stage.until(lambda: len(on_stage.main.body.grid.panes) == 1)
        await peer.until(lambda: set(peer.subscribed) == {"web", "api", "db"})


@pytest.mark.parametrize("size", [(110, 18)])
async def test_merged_logs_have_coloured_names(
    peer: "Peer", stage: "OpenStage", picture: "Callable[[Stage], Awaitable[None]]", size: tuple[int, int]
) -> None:
    a_shop(peer)
    async with stage(size=size) as on_stage:
        await on_stage.press("a", "t")
        await some_output(peer, "db", "api", "web", "db")
        peer.output("api", "── restarting: files changed ──\n".encode(), Stream.NOTE, AT + 5)
        peer.output("api", b"\x1b[32mGET\x1b[0m /users 200\n", at=AT + 6)
        await on_stage.shows("/users", "db line 3")
        on_stage.main.say("")
        await picture(on_stage)
