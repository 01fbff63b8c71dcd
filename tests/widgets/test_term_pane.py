"""The terminal pane: what a program prints is seen, what a person types is told."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from textual import events, on
from textual.app import App, ComposeResult
from textual.geometry import Region
from textual.pilot import Pilot

from widgets.term_pane import TermPane

pytest.importorskip("pyghostty", reason="the extra `tty` is not installed")

from widgets.ghostty_emulator import GhosttyEmulator

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]


class Stand(App[None]):
    """A pane that fills the screen, and what it tells."""

    def __init__(self) -> None:
        super().__init__()
        self.emulator = GhosttyEmulator(30, 6, ink=(255, 255, 255), paper=(0, 0, 0))
        self.typed = b""
        self.sizes: list[tuple[int, int]] = []

    def compose(self) -> ComposeResult:
        self.pane = TermPane()
        yield self.pane

    def on_mount(self) -> None:
        self.pane.show(self.emulator)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key) and not event.is_forwarded and self.pane.typing:
            self.pane.take_key(event)
            return
        await super().on_event(event)

    @on(TermPane.Typed)
    def _typed(self, event: TermPane.Typed) -> None:
        self.typed += event.data

    @on(TermPane.Resized)
    def _resized(self, event: TermPane.Resized) -> None:
        self.sizes.append(event.pane.cells)

    def prints(self, data: bytes) -> None:
        self.emulator.feed(data)
        self.pane.touched()


async def test_what_is_printed_is_shown_with_the_cursor(shown: Shown, wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.prints("hello \x1b[31m日本\x1b[m".encode())
        await wait(pilot, lambda: shown(app)[0] == "hello 日本")
        row = app.screen._compositor.render_strips()[0]
        assert any(segment.style and segment.style.underline for segment in row)
        app.pane.typing = True
        await pilot.pause()
        row = app.screen._compositor.render_strips()[0]
        assert [s.text for s in row if s.style and s.style.reverse] == [" "]


async def test_every_key_but_one_goes_to_the_program() -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.pane.typing = True
        await pilot.press("l", "s", "enter", "escape", "tab", "ctrl+c", "ctrl+q", "ctrl+p", "up", "f1")
        app.emulator.feed(b"\x1b[?1h")
        await pilot.press("up")
        assert app.typed == b"ls\r\x1b\t\x03\x11\x10\x1b[A\x1bOP\x1bOA"
        await pilot.press("ctrl+z")
        assert app.pane.typing is False
        await pilot.press("x")
        await pilot.pause()
        assert app.typed.endswith(b"\x1bOA")


async def test_pasted_text_goes_to_the_program(wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.pane.focus()
        app.emulator.feed(b"\x1b[?2004h")
        app.post_message(events.Paste("not yet"))
        await pilot.pause()
        app.pane.typing = True
        app.post_message(events.Paste("a\nb"))
        await wait(pilot, lambda: app.typed != b"")
        assert app.typed == b"\x1b[200~a\nb\x1b[201~"


async def test_the_mouse_is_the_program_s_when_it_asks_for_it() -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.pane.typing = True
        await pilot.click(TermPane, offset=(3, 2))
        assert app.typed == b""
        app.emulator.feed(b"\x1b[?1000h\x1b[?1006h")
        await pilot.click(TermPane, offset=(3, 2))
        assert app.typed == b"\x1b[<0;4;3M\x1b[<0;4;3m"
        app.pane.typing = False
        await pilot.click(TermPane, offset=(3, 2))
        assert app.typed.count(b"M") == 1


async def test_rows_above_are_reached_by_keys_and_a_badge_says_so(shown: Shown, wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.pane.focus()
        app.prints(b"".join(b"row %d\r\n" % number for number in range(20)))
        await wait(pilot, lambda: shown(app)[4] == "row 19")
        await pilot.press("k", "k", "pageup")
        await wait(pilot, lambda: shown(app)[0] == "row 8")
        assert "7 rows below ↓" in shown(app)[-1]
        app.pane.typing = True
        await wait(pilot, lambda: shown(app)[4] == "row 19")


async def test_the_wheel_scrolls_or_moves_the_cursor_of_full_screen_programs(wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.pane.typing = True
        app.prints(b"\r\n" * 20)
        await pilot._post_mouse_events([events.MouseScrollUp], TermPane, offset=(1, 1), button=0)
        await wait(pilot, lambda: app.emulator.look().below == 3)
        app.prints(b"\x1b[?1049h")
        await pilot._post_mouse_events([events.MouseScrollUp], TermPane, offset=(1, 1), button=0)
        assert app.typed == b"\x1b[A" * 3


async def test_selected_text_can_be_copied() -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.prints(b"first line\r\nsecond line")
        app.pane._frame()
        await pilot.pause()
        await pilot.mouse_down(TermPane, offset=(6, 0))
        await pilot.hover(TermPane, offset=(5, 1))
        await pilot.mouse_up(TermPane, offset=(5, 1))
        assert app.screen.get_selected_text() == "line\nsecond"


async def test_the_size_that_stays_is_told_last(wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        for width in range(31, 41):
            await pilot.resize_terminal(width, 10)
        await wait(pilot, lambda: (40, 10) in app.sizes)
        assert app.sizes[-1] == (40, 10)


async def test_a_program_that_asks_not_to_be_shown_is_not_waited_for_for_ever(shown: Shown, wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.prints(b"\x1b[?2026hhalf")
        await wait(pilot, lambda: shown(app)[0] == "half")


async def test_a_program_hears_when_it_is_typed_into_if_it_wants_to(wait: Wait) -> None:
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.emulator.feed(b"\x1b[?1004h")
        app.pane.typing = True
        await wait(pilot, lambda: app.typed == b"\x1b[I")
        app.pane.typing = False
        await wait(pilot, lambda: app.typed == b"\x1b[I\x1b[O")


async def test_a_pane_that_is_being_closed_is_painted_without_a_screen(shown: Shown, wait: Wait) -> None:
    """The compositor goes on with the map it has until the next layout."""
    app = Stand()
    async with app.run_test(size=(30, 6)) as pilot:
        app.prints(b"hello")
        await wait(pilot, lambda: shown(app)[0] == "hello")
        await app.pane.remove()
        strips = app.pane.render_lines(Region(0, 0, 30, 6))
        assert [strip.text.strip() for strip in strips] == [""] * 6
        assert app.pane.render_line(3).text.strip() == ""
