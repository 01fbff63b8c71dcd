"""Calls that come once, after a while."""

from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from textual import _time
from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

import tui_runner
import widgets
from widgets.later import later

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]


class OneWidget(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.widget = Widget()

    def compose(self) -> ComposeResult:
        yield self.widget


async def test_a_call_comes_even_when_the_process_is_held_up(monkeypatch: pytest.MonkeyPatch, wait: Wait) -> None:
    app = OneWidget()
    called: list[str] = []
    async with app.run_test() as pilot:
        clock = count(1_000.0, 0.01)  # ten milliseconds pass between any two looks at Textual's clock
        monkeypatch.setattr(_time, "get_time", lambda: next(clock))
        later(app.widget, 0.005, lambda: called.append("due"))
        await wait(pilot, lambda: called == ["due"])


async def test_what_was_cancelled_or_belongs_to_a_removed_widget_is_not_called(wait: Wait) -> None:
    app = OneWidget()
    called: list[str] = []
    async with app.run_test() as pilot:
        later(app.screen, 0.001, lambda: called.append("cancelled")).cancel()
        later(app.widget, 0.05, lambda: called.append("removed"))
        await app.widget.remove()
        later(app.screen, 0.1, lambda: called.append("due"))
        await wait(pilot, lambda: "due" in called)
    assert called == ["due"]


async def test_nothing_is_called_while_the_app_leaves() -> None:
    app = OneWidget()
    called: list[str] = []
    async with app.run_test():
        later(app.screen, 0.0, lambda: called.append("due"))
        app.exit()
    assert called == []


def test_nothing_on_the_screen_waits_for_a_single_timer_of_textual() -> None:
    """It may never come, and a tree or a log that waits for it stands still for ever."""
    sources = [path for package in (widgets, tui_runner) for path in Path(package.__file__ or "").parent.rglob("*.py")]
    assert len(sources) > 100
    assert [path.name for path in sources if ".set_timer(" in path.read_text(encoding="utf-8")] == []
