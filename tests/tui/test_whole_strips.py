"""What Textual's own widgets have drawn is gone with its last reference, in the process of the screen."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from rich.segment import Segment
from textual.strip import Strip

from tui_runner.tui.whole_strips import mend_strips


class Text(str):
    """A text whose end can be noticed."""

    __slots__ = ("__weakref__",)


@pytest.fixture
def uncollected(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let only reference counts free anything, and leave Textual as it was."""
    monkeypatch.setattr(Strip, "divide", Strip.divide)
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def a_divided_strip(cuts: list[int]) -> tuple[Strip, "weakref.ref[Text]"]:
    text = Text("abcdef")
    strip = Strip([Segment(text)], 6)
    assert "".join(piece.text for piece in strip.divide(cuts)) == "abcdef"
    return strip, weakref.ref(text)


@pytest.mark.usefixtures("uncollected")
@pytest.mark.parametrize("cuts", [[6], [6, 9]])
def test_a_strip_is_gone_with_its_last_reference(cuts: list[int]) -> None:
    mend_strips()
    mend_strips()
    strip, end = a_divided_strip(cuts)
    assert end() is not None
    del strip
    assert end() is None


@pytest.mark.usefixtures("uncollected")
def test_textual_still_needs_it() -> None:
    strip, end = a_divided_strip([6])
    del strip
    assert end() is not None, "Textual has been mended: whole_strips.py and RowStrip.divide can go"
