"""Filters of a pane: put on, shown as chips, applied to what comes, taken away one by one."""

from typing import TYPE_CHECKING

from tui_runner.model.output import Stream
from tui_runner.model.state import Ready

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.tui.conftest import OpenStage, Peer, Stage


def one_task(peer: "Peer") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True)
    peer.write("web", b"GET /a 200\nGET /b 500\nPOST /b 200\n")


async def test_filters_add_up_and_escape_takes_the_last_one_away(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("POST /b 200")
        await on_stage.press("f", *"GET", "enter", "minus", *"500", "enter")
        await on_stage.shows("+ “GET”", "- “500”", "1 line", "GET /a")
        assert "/b" not in on_stage.text()
        await on_stage.press("escape")
        await on_stage.shows("+ “GET”", "2 lines", "GET /b 500")
        assert "“500”" not in on_stage.text()
        await on_stage.press("escape")
        await on_stage.shows("POST /b 200")
        assert "“GET”" not in on_stage.text()


async def test_new_lines_pass_the_same_filters(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("minus", *"GET", "enter")
        await on_stage.shows("- “GET”", "1 line")
        peer.output("web", b"GET /late\nPUT /late\n")
        await on_stage.shows("PUT /late", "2 lines")
        assert "GET /late" not in on_stage.text()


async def test_what_is_being_typed_shows_its_effect_and_escape_forgets_it(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.press("f", *"POST")
        await on_stage.until(lambda: "GET" not in on_stage.text())
        await on_stage.press("escape")
        await on_stage.shows("GET /a", "POST /b")
        assert on_stage.main.pane.filters == ()


async def test_stderr_alone_can_be_shown(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("POST /b 200")
        peer.output("web", b"oh no\n", Stream.STDERR)
        await on_stage.press("O")
        await on_stage.shows("stderr", "1 line", "oh no")
        assert "GET" not in on_stage.text()
        await on_stage.press("O")
        await on_stage.shows("stdout", "3 lines")
        await on_stage.press("O", "O", "O")
        await on_stage.shows("GET /a", "oh no")


async def test_errors_are_shown_with_what_belongs_to_them(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        peer.output("web", b"INFO up\nERROR down\n  at here\nWARN slow\n")
        await on_stage.press("L")
        await on_stage.shows("error", "ERROR down", "at here")
        assert "INFO up" not in on_stage.text()
        await on_stage.press("L")
        await on_stage.shows("warn and up", "WARN slow")


async def test_filters_look_like_chips(
    peer: "Peer", stage: "OpenStage", picture: "Callable[[Stage], Awaitable[None]]"
) -> None:
    one_task(peer)
    async with stage(size=(100, 16)) as on_stage:
        await on_stage.press("f", *"/GET|POST/", "enter", "minus", *"500", "enter", "O", "O")
        await on_stage.shows("stdout", "2 lines")
        await picture(on_stage)
