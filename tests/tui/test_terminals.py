"""Tasks with a terminal: seen as terminals, typed into, left again."""

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.style import Style
from textual import events

from tui_runner.control.protocol import Chunk
from tui_runner.model.output import Stream
from tui_runner.model.state import Completed, Ready
from tui_runner.model.window_size import WindowSize
from tui_runner.tui.settings.reading import Reading
from tui_runner.tui.settings.settings import Settings, ThemeName, ThemeSettings
from widgets.emulator import TerminalModes, TerminalScreen

pytest.importorskip("pyghostty", reason="the extra `tty` is not installed")

from widgets.ghostty_emulator import GhosttyEmulator

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.tui.conftest import OpenStage, Peer, Stage

NOW = 1_700_000_000.0


def a_repl(peer: "Peer") -> None:
    peer.add("repl", Ready(attempt=1, pid=11), target=True, started_at=1.0, attempt=1, terminal=WindowSize())
    peer.add("api", Ready(attempt=1, pid=12), target=True, started_at=1.0, attempt=1)


async def seen(stage: "Stage", peer: "Peer") -> None:
    """Wait until the terminal is shown and the task knows its size."""
    await stage.until(lambda: stage.main.pane.terminal_shown)
    await stage.until(lambda: stage.main.pane.terminal is not None and all(stage.main.pane.terminal.cells))
    await stage.until(lambda: peer.views["repl"].terminal != WindowSize())
    await peer.until(lambda: "repl" in peer.subscribed)


def title_style(stage: "Stage") -> Style:
    """Return how the middle of the title of the pane looks."""
    row = stage.app.screen._compositor.render_strips()[0]
    return next(iter(row.crop(60, 61))).style or Style()


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


async def test_keys_typed_right_after_i_wait_until_there_is_a_terminal(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("api", Ready(attempt=1, pid=12), target=True)
    peer.add("repl", Ready(attempt=1, pid=11), target=True, started_at=1.0, attempt=1, terminal=WindowSize())
    async with stage() as on_stage:
        await on_stage.press("j", "i", "q", "s")
        await peer.until(lambda: peer.typed.get("repl") == b"qs")
        assert peer.asked == []
        # Typed ahead of the way back, they are commands about the tree again.
        await on_stage.press("ctrl+z", "k", "r")
        await peer.until(lambda: peer.asked == [("restart", "api")])


async def test_i_leads_from_merged_logs_to_the_terminal(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await on_stage.press("a")
        await on_stage.shows("all logs")
        await on_stage.press("i", "x")
        await peer.until(lambda: peer.typed.get("repl") == b"x")
        await on_stage.shows("typing")


FLOOD = b"\x1b[32m" + b"x" * 1993 + b"\r\n"


def a_piece_of_a_flood(number: int) -> Chunk:
    return Chunk(task="repl", offset=number * len(FLOOD), time=NOW, stream=Stream.STDOUT, attempt=1, data=FLOOD)


async def test_a_key_that_is_typed_during_a_flood_reaches_the_task_during_the_flood(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        await on_stage.press("i")
        pressed: asyncio.Task[None] | None = None
        heard_at: int | None = None
        for number in range(2000):
            on_stage.app._received(a_piece_of_a_flood(number))
            await asyncio.sleep(0)
            if number == 100:
                pressed = asyncio.create_task(on_stage.press("k"))
            if peer.typed:
                heard_at = number
                break
        assert heard_at is not None
        assert pressed is not None
        await pressed


async def test_a_flood_is_looked_at_once_a_frame(
    peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
) -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        looks: list[int] = []
        look = GhosttyEmulator.look

        def counted(emulator: GhosttyEmulator) -> TerminalScreen:
            looks.append(1)
            return look(emulator)

        monkeypatch.setattr(GhosttyEmulator, "look", counted)
        for number in range(2000):
            on_stage.app._received(a_piece_of_a_flood(number))
        assert looks == []
        await on_stage.shows("xxxx")
        assert looks


async def test_pasted_text_goes_to_the_task(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        peer.output("repl", b"\x1b[?2004hready")
        await on_stage.shows("ready")
        await on_stage.press("i")
        on_stage.app.post_message(events.Paste("a\nq"))
        await peer.until(lambda: peer.typed.get("repl") == b"\x1b[200~a\nq\x1b[201~")


async def test_a_click_elsewhere_leaves_the_terminal_and_another_window_does_not(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        await on_stage.press("i")
        on_stage.app.post_message(events.AppBlur())
        await on_stage.until(lambda: on_stage.main.focused is None)
        on_stage.app.post_message(events.AppFocus())
        await on_stage.until(lambda: on_stage.main.typing is not None)
        await on_stage.press("x")
        await peer.until(lambda: peer.typed.get("repl") == b"x")
        await on_stage.pilot.click("#tree", offset=(3, 1))
        await on_stage.until(lambda: not on_stage.main.pane.typing)
        await on_stage.press("r")
        await peer.until(lambda: peer.asked == [("restart", "api")])


async def test_what_is_typed_when_the_task_has_ended_is_no_command(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        peer.output("repl", b"\x1b[?1049hwhole screen")
        await on_stage.press("i")
        peer.enter("repl", Completed(exit_code=0), finished_at=NOW)
        await on_stage.shows("not running: nobody reads")
        await on_stage.press("q", "s", "r")
        await on_stage.press("ctrl+z")
        await on_stage.shows("last screen", "whole screen")
        await on_stage.press("i")
        await on_stage.shows("repl does not run")
        assert not on_stage.main.pane.typing
        assert peer.asked == []


async def test_a_restart_begins_below_a_line_and_in_plain_modes(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage(size=(100, 14)) as on_stage:
        await seen(on_stage, peer)
        peer.output("repl", b"before\r\n\x1b[?1049h\x1b[?1003h\x1b[?25l\x1b[31mwhole screen")
        await on_stage.shows("whole screen")
        peer.output("repl", "── attempt 2: notes.txt changed ──\n".encode(), Stream.NOTE, NOW)
        peer.output("repl", b"after", at=NOW + 2, attempt=2)
        await on_stage.shows("before", "22:13:22  attempt 2: notes.txt changed ──", "after")
        assert "whole screen" not in on_stage.text()
        terminal = on_stage.main.pane.terminal
        assert terminal is not None
        assert terminal.modes == TerminalModes()


async def test_commands_about_lines_lead_to_the_log_and_esc_leads_back(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage(size=(140, 24)) as on_stage:
        await seen(on_stage, peer)
        peer.output("repl", b"alpha\r\nbeta\r\n")
        await on_stage.shows("beta")
        await on_stage.press("slash", *"alp", "enter")
        await on_stage.shows("search “alp”: 1/1")
        assert not on_stage.main.pane.terminal_shown
        await on_stage.press("escape", "escape")
        await on_stage.until(lambda: on_stage.main.pane.terminal_shown)
        await on_stage.press("I")
        await on_stage.until(lambda: not on_stage.main.pane.terminal_shown)
        await on_stage.shows("I terminal")
        await on_stage.press("i")
        await on_stage.until(lambda: on_stage.main.pane.typing)


async def test_the_log_of_a_task_is_left_with_the_task(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage() as on_stage:
        await seen(on_stage, peer)
        await on_stage.press("I", "j")
        await on_stage.until(lambda: on_stage.main.pane.task_id == "api")
        await on_stage.press("k")
        await on_stage.until(lambda: on_stage.main.pane.terminal_shown)


async def test_a_terminal_has_the_size_of_the_pane_that_is_typed_into(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage(size=(160, 30)) as on_stage:
        await seen(on_stage, peer)
        await on_stage.press("v")
        await on_stage.until(lambda: on_stage.main.pane.task_id == "api")
        narrow = WindowSize(columns=62, rows=28)
        await on_stage.until(lambda: peer.views["repl"].terminal == narrow)
        await on_stage.press("k")  # both panes show it now
        await on_stage.until(lambda: [pane.terminal_shown for pane in on_stage.main.body.grid] == [True, True])
        peer.output("repl", b"seen twice")
        await on_stage.until(lambda: on_stage.text().count("seen twice") == 2)
        await on_stage.press("z")
        await on_stage.until(lambda: peer.views["repl"].terminal == WindowSize(columns=160, rows=28))


async def test_a_terminal_that_is_used_elsewhere_keeps_that_size_until_somebody_types_here(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_repl(peer)
    peer.has_terminals = False
    async with stage() as on_stage:
        await on_stage.shows("80x24 elsewhere")
        await peer.until(lambda: "repl" in peer.subscribed)
        peer.output("repl", b"\x1b[24;1Hat the bottom")
        await on_stage.shows("at the bottom")
        await on_stage.press("i")
        await peer.until(lambda: peer.claimed == [("repl", 46, 22)])
        await on_stage.until(lambda: "elsewhere" not in on_stage.text())


async def test_questions_of_a_program_are_answered_once(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    peer.write("repl", b"\x1b[c asked a moment ago")
    async with stage() as on_stage:
        await on_stage.shows("asked a moment ago")
        await peer.until(lambda: peer.answers.get("repl") == b"\x1b[?62;22c")
        await seen(on_stage, peer)
        peer.output("repl", b"\x1b[1;1H\x1b[6n")
        await peer.until(lambda: peer.answers["repl"].endswith(b"c\x1b[1;1R"))
        peer.output("repl", b"\x1b[6n asked long ago", at=NOW - 60)
        await on_stage.shows("asked long ago")
        await on_stage.press("j", "k")
        peer.output("repl", b"\x1b[5n")
        await peer.until(lambda: peer.answers["repl"] == b"\x1b[?62;22c\x1b[1;1R\x1b[0n")


async def test_a_terminal_whose_task_has_ended_is_not_typed_into(peer: "Peer", stage: "OpenStage") -> None:
    a_repl(peer)
    async with stage(size=(120, 20)) as on_stage:
        await seen(on_stage, peer)
        await on_stage.shows("i interact")
        peer.enter("repl", Completed(exit_code=0))
        await on_stage.until(lambda: "i interact" not in on_stage.text())
        await on_stage.press("i")
        await on_stage.shows("repl does not run: nobody would read what you type")
        assert on_stage.main.typing is None


async def test_without_an_emulator_the_log_is_shown_and_says_what_to_install(
    peer: "Peer", stage: "OpenStage", monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "widgets.ghostty_emulator", None)
    a_repl(peer)
    peer.write("repl", b">>> hello\r\n")
    async with stage(size=(120, 20)) as on_stage:
        await on_stage.shows("install the extra `tty`", 'pip install "tui-runner[tty]"', ">>> hello")
        await on_stage.press("i")
        await on_stage.until(lambda: on_stage.text().count("This task has a terminal") == 2)
        assert not on_stage.main.pane.typing
        await on_stage.press("j")
        await on_stage.until(lambda: "pip install" not in on_stage.text())


async def test_a_terminal_looks_like_one(
    peer: "Peer", stage: "OpenStage", picture: "Callable[[Stage], Awaitable[None]]"
) -> None:
    a_repl(peer)
    async with stage(size=(110, 16)) as on_stage:
        await seen(on_stage, peer)
        colours = b"".join(b"\x1b[3%dmcolour %d \x1b[9%dmbright\x1b[m\r\n" % (n, n, n) for n in range(8))
        peer.output("repl", colours + b"\x1b[44;97m a bar \x1b[K\x1b[m\r\n>>> \x1b[1mprint\x1b[m(1)")
        await on_stage.shows("a bar", "print(1)")
        await on_stage.press("i")
        await on_stage.shows("typing")
        on_stage.main.say("")
        await picture(on_stage)


@pytest.mark.parametrize("theme", [ThemeName.LIGHT, ThemeName.ANSI, ThemeName.HIGH_CONTRAST])
async def test_the_title_that_is_typed_under_is_another_in_every_theme(
    peer: "Peer", stage: "OpenStage", theme: ThemeName
) -> None:
    a_repl(peer)
    settings = Reading(path=Path("config.toml"), settings=Settings(theme=ThemeSettings(name=theme)))
    async with stage(settings=settings) as on_stage:
        await seen(on_stage, peer)
        before = title_style(on_stage)
        await on_stage.press("i")
        await on_stage.shows("typing")
        after = title_style(on_stage)
        assert after.bgcolor != before.bgcolor
        assert after.color != after.bgcolor
        await on_stage.press("ctrl+z")
        await on_stage.until(lambda: title_style(on_stage) == before)
