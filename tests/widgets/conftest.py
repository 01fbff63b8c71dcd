"""What tests of widgets share: the text on the screen, and waiting for frames without sleeping for luck."""

from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

DEADLINE_S = 10.0


def screen_text(app: App[Any]) -> list[str]:
    """Return the rows of the screen without trailing blanks."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]


async def until(pilot: Pilot[Any], condition: Callable[[], bool]) -> None:
    """Let the app run until the condition holds."""
    end = monotonic() + DEADLINE_S
    while not condition():
        assert monotonic() < end, "\n".join(screen_text(pilot.app))
        await pilot.pause(0.01)


@pytest.fixture
def shown() -> Callable[[App[Any]], list[str]]:
    return screen_text


@pytest.fixture
def wait() -> Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]:
    return until
