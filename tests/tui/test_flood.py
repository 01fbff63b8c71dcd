"""Output in any amount costs frames, not messages, and keys get through. Counted, never timed."""

import asyncio
from typing import TYPE_CHECKING

from tui_runner.control.protocol import Chunk
from tui_runner.model.output import Stream
from tui_runner.model.state import Ready
from widgets.log_pane import LogPane

if TYPE_CHECKING:
    import pytest

    from tests.tui.conftest import OpenStage, Peer

CHUNKS = 3000
LINE = b"x" * 99 + b"\n"


def a_chunk(number: int) -> Chunk:
    data = LINE * 20
    return Chunk(task="api", offset=number * len(data), time=0, stream=Stream.STDOUT, attempt=1, data=data)


async def test_a_key_pressed_during_a_flood_is_handled_during_the_flood(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("api", Ready(attempt=1, pid=11), target=True)
    peer.add("web", Ready(attempt=1, pid=12), target=True)
    async with stage() as on_stage:
        tree = on_stage.main.body.tree_view
        moved_at: int | None = None
        pressed: asyncio.Task[None] | None = None
        for number in range(CHUNKS):
            on_stage.app._received(a_chunk(number))
            await asyncio.sleep(0)
            if number == 100:
                pressed = asyncio.create_task(on_stage.press("j"))
            if moved_at is None and tree.cursor_task == "web":
                moved_at = number
        assert moved_at is not None
        assert pressed is not None
        await pressed


async def test_chunks_become_frames_and_every_line_is_kept(
    peer: "Peer", stage: "OpenStage", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    peer.add("api", Ready(attempt=1, pid=11), target=True)
    async with stage() as on_stage:
        frames = 0
        draw = LogPane._frame

        def counted(pane: LogPane) -> None:
            nonlocal frames
            frames += 1
            draw(pane)

        monkeypatch.setattr(LogPane, "_frame", counted)
        for number in range(CHUNKS):
            on_stage.app._received(a_chunk(number))
        await on_stage.settle()
        assert on_stage.app.session.logs.feed("api").store.total == CHUNKS * 20
        assert frames <= 3


async def test_a_hidden_task_costs_nothing(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=12), target=True)
    peer.add("api", Ready(attempt=1, pid=11), target=True)
    async with stage() as on_stage:
        for number in range(CHUNKS):
            on_stage.app._received(a_chunk(number))
        assert on_stage.app.session.logs.feed("api").store.total == 0


async def test_a_large_log_is_caught_up_with_in_slices(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=12), target=True)
    peer.add("api", Ready(attempt=1, pid=11), target=True)
    peer.write("api", LINE * 300_000)
    async with stage() as on_stage:
        logs = on_stage.app.session.logs
        await on_stage.press("j")
        await on_stage.until(lambda: logs.feed("api").end > 0)
        await on_stage.until(lambda: logs.feed("api").store.total == 300_000)
        assert not logs.behind


async def test_nothing_is_drawn_while_nothing_moves(
    peer: "Peer", stage: "OpenStage", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    peer.add("api", Ready(attempt=1, pid=11), target=True)
    async with stage() as on_stage:
        await on_stage.until(lambda: on_stage.main._frame_timer is None)
        drawn: list[str] = []
        monkeypatch.setattr(type(on_stage.main), "_draw", lambda _: drawn.append("screen"))
        monkeypatch.setattr(LogPane, "_frame", lambda _: drawn.append("log"))
        for _ in range(100):
            await on_stage.pilot.pause()
        assert drawn == []
