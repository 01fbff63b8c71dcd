"""`=` narrows the tree to tasks whose names match."""

from typing import TYPE_CHECKING

import pytest

from tui_runner.model.state import Pending, Ready

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0


@pytest.fixture
def shop(peer: "Peer") -> "Peer":
    for number, (name, *needs) in enumerate((("db",), ("api", "db"), ("web", "api"), ("mail",))):
        peer.add(name, Ready(attempt=1, pid=number + 11), *needs, ready_at=NOW - 10, started_at=NOW - 12)
        peer.write(name, f"output of {name}\n".encode())
    peer.add("docs", Pending())
    return peer


def tree(stage: "Stage") -> list[str]:
    """Return the names in the tree, from top to bottom."""
    return [row.task for row in stage.main.body.tree_view._shown.rows]


async def test_typing_narrows_to_matches_and_what_is_above_and_escape_shows_all(
    shop: "Peer", stage: "OpenStage"
) -> None:
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("mail")
        everything = tree(on_stage)
        await on_stage.press("=", "d", "B")
        await on_stage.shows("0 tasks")
        await on_stage.press("backspace", "b")
        await on_stage.shows("1 task")
        assert tree(on_stage) == ["web", "api", "db"]
        await on_stage.shows("output of db")
        await on_stage.press("escape")
        assert tree(on_stage) == everything
        assert "match" not in on_stage.text()
        assert shop.asked == []  # what is typed is no command


async def test_enter_keeps_it_commands_are_about_the_match_and_escape_ends_it(shop: "Peer", stage: "OpenStage") -> None:
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("mail")
        await on_stage.press("=", *"/ai", "enter")
        await on_stage.shows("= 1 match /ai/")
        assert tree(on_stage) == ["mail"]
        await on_stage.press("r")
        await shop.until(lambda: shop.asked == [("restart", "mail")])
        await on_stage.press("escape")
        await on_stage.until(lambda: len(tree(on_stage)) > 4)
        assert "match" not in on_stage.text()


async def test_a_task_that_comes_to_match_is_shown(shop: "Peer", stage: "OpenStage") -> None:
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("mail")
        await on_stage.press("=", *"mai", "enter")
        assert tree(on_stage) == ["mail"]
        shop.add("mailer", Pending(), "mail")
        shop.enter("mailer", Pending())
        await on_stage.until(lambda: tree(on_stage) == ["mailer", "mail"])
        await on_stage.shows("= 2 match")
