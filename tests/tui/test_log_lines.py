"""Going to lines of a log, marking and selecting them, taking them elsewhere."""

import os
from typing import TYPE_CHECKING

from tui_runner.model.output import Stream
from tui_runner.model.state import Ready

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    import pytest

    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0


async def a_long_log(peer: "Peer", on_stage: "Stage") -> None:
    """300 lines, one a second until now: an error at 100 and at 200, a restart at 250."""
    await peer.until(lambda: "web" in peer.subscribed)
    for number in range(300):
        word = "ERROR" if number in {100, 200} else "INFO"
        if number == 250:
            peer.output("web", "── restarting ──\n".encode(), Stream.NOTE, NOW - 50.5)
        peer.output("web", f"{word} line {number:03}\n".encode(), at=NOW - 300 + number)
    await on_stage.shows("line 299")


def one_task(peer: "Peer") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True, started_at=NOW - 50.25, cwd=str(peer.root))


def top(stage: "Stage") -> str:
    """Return the first row of the log."""
    return stage.text().splitlines()[1][34:].strip()


def pointed(stage: "Stage") -> bytes:
    """Return the line commands mean."""
    log = stage.main.pane.log_pane
    number = log.line_at_hand
    assert number is not None
    return log.store.line(number)


async def test_e_goes_back_from_error_to_error_and_a_parenthesis_goes_on(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("e")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 200")
        await on_stage.shows("ERROR line 200")
        await on_stage.press("e")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 100")
        await on_stage.press("e")
        await on_stage.shows("no error before this")
        await on_stage.press("right_parenthesis")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 200")
        await on_stage.press("right_parenthesis")
        await on_stage.shows("no error after this")


async def test_errors_that_filters_hide_are_passed_by(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("minus", *"line 2", "enter", "e")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 100")


async def test_the_last_start_is_found_with_why_it_was_started(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("circumflex_accent")
        await on_stage.until(lambda: top(on_stage).startswith("── restarting"))
        await on_stage.shows("INFO line 250")


async def test_a_time_can_be_gone_to(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("at", *"2m ago", "enter")
        await on_stage.until(lambda: top(on_stage) == "INFO line 180")
        await on_stage.press("at", *"22:10:00", "enter")
        await on_stage.until(lambda: top(on_stage) == "ERROR line 100")
        await on_stage.press("at", *"noon", "enter")
        await on_stage.shows("a time is 14:03")
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.main.body.in_log and not on_stage.main.prompt.display)


async def test_marks_are_set_gone_to_and_taken_away(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("m", "e")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 200")
        await on_stage.press("m")
        await on_stage.shows("▸ ERROR line 200")
        await on_stage.press("right_square_bracket")
        await on_stage.shows("▸ INFO line 299")
        await on_stage.press("left_square_bracket")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 200")
        await on_stage.press("m")
        await on_stage.shows("mark taken away")
        await on_stage.press("left_square_bracket", "m")
        await on_stage.until(lambda: on_stage.main.pane.log_pane.marks == 0)
        assert "▸ " not in on_stage.text()


async def test_lines_are_selected_by_keyboard_and_copied(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("V", "k", "up")
        peer.output("web", b"later\n")
        await on_stage.shows("1 new line")
        await on_stage.press("y")
        assert on_stage.app.clipboard == "INFO line 297\nINFO line 298\nINFO line 299"
        await on_stage.until(lambda: not on_stage.main.pane.log_pane.selecting)
        await on_stage.press("V", "pageup", "pageup", "k", "escape")
        await on_stage.until(lambda: not on_stage.main.selections)
        assert top(on_stage) != ""
        assert not on_stage.main.pane.log_pane.selecting


async def test_selecting_goes_on_beyond_the_screen(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("V", "home")
        await on_stage.until(lambda: top(on_stage) == "INFO line 000")
        await on_stage.press("y")
        assert len(on_stage.app.clipboard.splitlines()) == 301


async def test_a_click_behind_times_and_names_selects_the_right_characters(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("t")
        await on_stage.shows("22:13:19.000 INFO line 299")
        log = on_stage.main.pane.log_pane
        await on_stage.pilot.mouse_down(log, offset=(13 + 5, 17))
        await on_stage.pilot.hover(log, offset=(13 + 8, 17))
        await on_stage.pilot.mouse_up(log, offset=(13 + 8, 17))
        await on_stage.press("y")
        assert on_stage.app.clipboard.startswith("line")


async def test_what_is_filtered_is_saved_as_plain_text(peer: "Peer", stage: "OpenStage", tmp_path: "Path") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await a_long_log(peer, on_stage)
        peer.output("web", b"\x1b[31mERROR\x1b[0m in red\r\n")
        await on_stage.press("f", *"ERROR", "enter", "ctrl+s", "ctrl+u", *f"{tmp_path}/found.log", "enter")
        await on_stage.shows("saved 3 lines")
        saved = (tmp_path / "found.log").read_text()
        assert saved == "ERROR line 100\nERROR line 200\nERROR in red\n"
        await on_stage.press("ctrl+s", "ctrl+u", *f"{tmp_path}/found.log", "enter")
        await on_stage.shows("this file exists already")
        await on_stage.press("escape")


async def test_a_file_that_is_not_there_is_told(peer: "Peer", stage: "OpenStage") -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        await on_stage.press("o")
        await on_stage.shows("nothing on the screen points to")
        peer.output("web", b"src/gone.py:12: oh\n")
        await on_stage.shows("gone.py:12: oh")
        await on_stage.press("o")
        await on_stage.shows("no such file: src/gone.py")


async def test_a_line_that_was_gone_to_and_points_nowhere_is_told_with_how_to_get_at_another(
    peer: "Peer", stage: "OpenStage"
) -> None:
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        peer.output("web", b"src/gone.py:12: oh\nERROR here\n")
        await on_stage.shows("ERROR here")
        await on_stage.press("e", "o")
        await on_stage.shows("this line points to no file or web page: Ctrl-click another, or choose it by V")
        await on_stage.press("V", "k", "o")
        await on_stage.shows("no such file: src/gone.py")


async def test_a_web_page_is_handed_to_the_program_that_opens_pages(
    peer: "Peer", stage: "OpenStage", tmp_path: "Path", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    opener = tmp_path / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text(
        f'#!/bin/sh\nprintf %s "$1" > {tmp_path}/opened.part && mv {tmp_path}/opened.part {tmp_path}/opened\n'
    )
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}{os.pathsep}{os.environ['PATH']}")
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        peer.output("web", b"ready on http://localhost:3000/?a=1&b=$(id).\n")
        await on_stage.shows("ready on")
        await on_stage.press("o")
        await on_stage.until((tmp_path / "opened").exists)
        assert (tmp_path / "opened").read_text() == "http://localhost:3000/?a=1&b=$(id"


async def test_ctrl_click_opens_what_that_line_points_to_and_a_click_points_at_it(
    peer: "Peer", stage: "OpenStage", tmp_path: "Path", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        peer.output("web", b"one http://localhost:1000\ntwo http://localhost:2000\nthree\n")
        await on_stage.shows("three")
        log = on_stage.main.pane.log_pane
        await on_stage.pilot.click(log, offset=(1, 1))
        await on_stage.until(lambda: pointed(on_stage).startswith(b"two"))
        assert on_stage.app.clipboard == ""
        await on_stage.pilot.click(log, offset=(1, 0), control=True)
        await on_stage.until(lambda: on_stage.app.clipboard == "http://localhost:1000")


async def test_without_such_a_program_the_address_is_copied(
    peer: "Peer", stage: "OpenStage", tmp_path: "Path", monkeypatch: "pytest.MonkeyPatch"
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    one_task(peer)
    async with stage(size=(120, 20)) as on_stage:
        await peer.until(lambda: "web" in peer.subscribed)
        peer.output("web", b"ready on http://localhost:3000\n")
        await on_stage.shows("ready on")
        await on_stage.press("o")
        await on_stage.until(lambda: on_stage.app.clipboard == "http://localhost:3000")


async def test_a_line_that_was_jumped_to_and_marks_can_be_seen(
    peer: "Peer", stage: "OpenStage", picture: "Callable[[Stage], Awaitable[None]]"
) -> None:
    one_task(peer)
    async with stage(size=(100, 16)) as on_stage:
        await a_long_log(peer, on_stage)
        await on_stage.press("e")
        await on_stage.until(lambda: pointed(on_stage) == b"ERROR line 200")
        await on_stage.press("m", "k", "k")
        on_stage.main.say("")
        await picture(on_stage)
