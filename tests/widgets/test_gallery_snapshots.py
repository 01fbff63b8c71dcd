"""Pictures of the widgets with every state and every kind of output in them."""

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from widgets.gallery import GalleryApp
from widgets.gallery_data import NOW

Compare = Callable[..., bool]
Keys = list[str]
SIZE = (120, 30)


def still(*, ascii: bool = False) -> GalleryApp:  # noqa: A002 - the widget's name
    return GalleryApp(clock=lambda: NOW, ascii=ascii)


async def settle(pilot: Pilot[Any]) -> None:
    pane = pilot.app.query_one("LogPane")
    for _ in range(200):
        await pilot.pause(0.01)
        if not pane.scanning and pane.virtual_size.height:  # type: ignore[attr-defined] # it is a LogPane
            break
    await pilot.pause(0.15)


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("log", []),
        ("wrapped", ["w"]),
        ("folded", ["j", "j", "j", "j", "left"]),
        ("scrolled", ["enter", "pageup", "pageup"]),
        ("filtered", ["f", *"/took 7"]),
        ("searched", ["slash", *"wide"]),
        ("bad_pattern", ["slash", *"/(x"]),
        ("panels", ["p"]),
    ],
)
def test_the_gallery_looks_as_before(name: str, keys: Keys, snap_compare: Compare) -> None:
    del name  # part of the file name

    async def press(pilot: Pilot[Any]) -> None:
        await settle(pilot)
        await pilot.press(*keys)
        await settle(pilot)

    assert snap_compare(still(), run_before=press, terminal_size=SIZE)


def test_ascii_looks_as_before(snap_compare: Compare) -> None:
    assert snap_compare(still(ascii=True), run_before=settle, terminal_size=SIZE)


def test_a_narrow_terminal_looks_as_before(snap_compare: Compare) -> None:
    assert snap_compare(still(), run_before=settle, terminal_size=(64, 16))
