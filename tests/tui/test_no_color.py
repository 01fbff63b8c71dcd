"""NO_COLOR: no colour reaches the terminal, and everything can still be told apart."""

from typing import TYPE_CHECKING

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.color import Color

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failed, Failure, Ready
from tui_runner.tui.colorless import Colorless

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage


def styles_of(on_stage: "Stage") -> list[Style]:
    """Return the styles of everything on the screen, as the terminal gets them."""
    return [
        segment.style
        for strip in on_stage.app.screen._compositor.render_strips()
        for segment in strip
        if segment.style is not None
    ]


def a_shop(peer: "Peer") -> None:
    peer.add("web", Ready(attempt=1, pid=1), "db")
    failure = Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 3", exit_code=3)
    peer.add("api", Failed(failure=failure), "db")
    peer.add("db", Ready(attempt=1, pid=2))
    peer.write("web", b"\x1b[31mred\x1b[0m \x1b[42;30m 200 \x1b[0m \x1b[38;2;1;2;3mtrue\x1b[0m\n" * 50)


async def test_nothing_on_the_screen_has_a_color(
    peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    a_shop(peer)
    async with stage(size=(120, 36)) as on_stage:
        await on_stage.press("v", "slash", *"200", "enter")
        await on_stage.shows("200", "exit 3")
        styles = styles_of(on_stage)
    colors = [color for style in styles for color in (style.color, style.bgcolor) if color is not None]
    assert all(color.is_default for color in colors)
    assert any(style.reverse for style in styles)


async def test_the_row_under_the_cursor_is_reversed(
    peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    a_shop(peer)
    async with stage() as on_stage:
        first, second = (
            [segment.style.reverse for segment in strip if segment.style is not None and "db" not in segment.text][:3]
            for strip in on_stage.app.screen._compositor.render_strips()[:2]
        )
    assert first == [True] * 3
    assert not any(second)


async def test_the_match_one_is_at_looks_different_from_the_others(
    peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    peer.add("web", Ready(attempt=1, pid=1))
    peer.write("web", b"answered needle\n" * 5)
    async with stage() as on_stage:
        await on_stage.press("slash", *"needle", "enter")
        await on_stage.shows("5/5")
        strips = on_stage.app.screen._compositor.render_strips()
        looks = [
            (bool(style.reverse), bool(style.bold), bool(style.underline))
            for strip in strips
            for text, style, _ in strip
            if text == "needle" and style is not None
        ]
    assert looks.count((True, False, False)) == 4
    assert looks.count((True, True, True)) == 1


async def test_an_empty_variable_asks_for_nothing(
    peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "")
    a_shop(peer)
    async with stage() as on_stage:
        colors = {
            style.color.triplet for style in styles_of(on_stage) if style.color is not None and style.color.triplet
        }
    assert any(len(set(color)) > 1 for color in colors), "all is grey"


def test_a_million_colors_of_a_task_take_no_memory() -> None:
    colorless = Colorless()
    for number in range(10_000):
        style = Style.parse(f"#{number:06x} on #ffffff")
        [plain] = colorless.apply([Segment("x", style)], Color(0, 0, 0))
        assert plain.style is not None
        assert plain.style.color is None
    assert len(colorless._known) <= 4096
