"""Tasks with a terminal: seen as terminals, typed into, left again."""

from typing import TYPE_CHECKING

import pytest

from tui_runner.model.state import Ready
from tui_runner.model.window_size import WindowSize

pytest.importorskip("pyghostty", reason="the extra `tty` is not installed")

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage


def a_repl(peer: "Peer") -> None:
    peer.add("repl", Ready(attempt=1, pid=11), target=True, started_at=1.0, attempt=1, terminal=WindowSize())
    peer.add("api", Ready(attempt=1, pid=12), target=True, started_at=1.0, attempt=1)


async def seen(stage: "Stage", peer: "Peer") -> None:
    """Wait until the terminal is shown and the task knows its size."""
    await stage.until(lambda: stage.main.pane.terminal_shown)
    await stage.until(lambda: stage.main.pane.terminal is not None and all(stage.main.pane.terminal.cells))
    await stage.until(lambda: peer.views["repl"].terminal != WindowSize())
    await peer.until(lambda: "repl" in peer.subscribed)


async def test_a_task_with_a_terminal_is_shown_as_one(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        peer.output("repl", b"first\r\nsecond\x1b[1;1Hover")
        await on_stage.shows("overt", "second")
        assert peer.views["repl"].terminal == WindowSize(columns=46, rows=22)


async def test_keys_go_to_the_task_between_i_and_ctrl_z(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        await on_stage.press("i")
        await on_stage.shows("typing · Ctrl-Z leaves", "Ctrl-Z leave the terminal")
        assert peer.claimed == [("repl", 46, 22)]
        await on_stage.press(*"quit()", "enter", "ctrl+c", "q", "escape", "tab")
        await peer.until(lambda: peer.typed.get("repl") == b"quit()\r\x03q\x1b\t")
        await on_stage.press("ctrl+z")
        await on_stage.shows("i interact")
        assert "typing" not in on_stage.text()
        await on_stage.press("j")
        await on_stage.until(lambda: on_stage.main.pane.task_id == "api")
        assert peer.typed == {"repl": b"quit()\r\x03q\x1b\t"}
        assert peer.asked == []
