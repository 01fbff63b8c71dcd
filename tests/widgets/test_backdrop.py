"""What shines through behind a dialog looks as Textual would draw it, and is drawn only where it has changed."""

from hypothesis import given
from hypothesis import strategies as st
from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

from widgets.backdrop import Backdrop, Tint

SHADE = Color(10, 20, 30, 0.6)
COLORS = st.none() | st.builds(RichColor.from_rgb, *[st.integers(0, 255)] * 3)
STYLES = st.none() | st.builds(
    lambda color, back, *, bold: Style.from_color(color, back) + Style(bold=bold, link="https://example.org"),
    COLORS,
    COLORS,
    bold=st.booleans(),
)
PIECES = st.builds(Segment, st.text(max_size=3), STYLES, st.none())
ROWS = st.lists(st.builds(Strip, st.lists(PIECES, max_size=4)), max_size=4)
BASE = Style(color="white", bgcolor="black")


@given(ROWS, st.sampled_from([SHADE, Color(0, 0, 0, 0)]))
def test_rows_look_as_textual_draws_them(rows: list[Strip], shade: Color) -> None:
    drawn = Backdrop().rows(rows, Tint(shade, BASE))
    assert [list(row) for row in drawn] == [
        list(Segment.apply_style(BackgroundScreen.process_segments(row, shade), BASE)) for row in rows
    ]


def test_only_rows_that_have_changed_are_drawn_again() -> None:
    backdrop, tint = Backdrop(), Tint(SHADE, BASE)
    before = backdrop.rows([Strip([Segment(text)]) for text in ("one", "two")], tint)
    after = backdrop.rows([Strip([Segment(text)]) for text in ("one", "three", "four")], tint)
    assert after[0] is before[0]
    assert [row.text for row in after] == ["one", "three", "four"]


def test_another_shade_draws_all_again() -> None:
    backdrop, rows = Backdrop(), [Strip([Segment("red", Style(color="#ff0000"))])]
    (dark,) = backdrop.rows(rows, Tint(SHADE, BASE))
    (light,) = backdrop.rows(rows, Tint(SHADE.with_alpha(0.1), BASE))
    assert list(dark) != list(light)


def test_filters_come_last() -> None:
    tint = Tint(SHADE, BASE, (Monochrome(),), SHADE)
    ((piece,),) = Backdrop().rows([Strip([Segment("red", Style(color="#ff0000"))])], tint)
    assert piece.style is not None
    assert piece.style.color is not None
    red, green, blue = piece.style.color.get_truecolor()
    assert red == green == blue
