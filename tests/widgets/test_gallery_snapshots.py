"""Pictures of the widgets with every state and every kind of output in them."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from widgets.gallery import GalleryApp
from widgets.gallery_data import NOW
from widgets.log_pane import LogPane

Compare = Callable[[App[Any]], None]
Keys = list[str]
SIZE = (120, 30)


def still(*, ascii: bool = False) -> GalleryApp:  # noqa: A002 - the widget's name
    return GalleryApp(clock=lambda: NOW, ascii=ascii)


async def settle(pilot: Pilot[Any], shows: str = "") -> None:
    """Wait until the screen shows the text and nothing is scanned or waits to be painted."""
    pane = pilot.app.query_one(LogPane)

    def still_busy() -> bool:
        strips = pilot.app.screen._compositor.render_strips()
        waiting = pane.scanning or pane._timer is not None or pilot.app.focused is None
        return waiting or not any(shows in strip.text for strip in strips)

    for _ in range(2000):
        await pilot.pause(0.01)
        if not still_busy():
            await pilot.pause()
            return
    pytest.fail(f"the screen never settled with {shows!r} on it")


@pytest.mark.parametrize(
    ("keys", "shows"),
    [
        pytest.param([], "prompt without a newline", id="log"),
        pytest.param(["w"], "prompt without a newline", id="wrapped"),
        pytest.param(["j", "j", "j", "j", "left"], "worker", id="folded"),
        pytest.param(["enter", "pageup", "pageup"], "request 35", id="scrolled"),
        pytest.param(["f", *"/took 7"], " lines", id="filtered"),
        pytest.param(["slash", *"wide"], "1/1", id="searched"),
        pytest.param(["slash", *"/(x"], "/(x", id="bad_pattern"),
        pytest.param(["p"], "Stopping", id="panels"),
        pytest.param(["t"], "python -m shop.worker", id="terminal"),
    ],
)
async def test_the_gallery_looks_as_before(keys: Keys, shows: str, same_picture: Compare) -> None:
    async with still().run_test(size=SIZE) as pilot:
        await settle(pilot, "prompt without a newline")
        await pilot.press(*keys)
        await settle(pilot, shows)
        same_picture(pilot.app)


async def test_ascii_looks_as_before(same_picture: Compare) -> None:
    async with still(ascii=True).run_test(size=SIZE) as pilot:
        await settle(pilot)
        same_picture(pilot.app)


async def test_a_narrow_terminal_looks_as_before(same_picture: Compare) -> None:
    async with still().run_test(size=(64, 16)) as pilot:
        await settle(pilot)
        same_picture(pilot.app)
