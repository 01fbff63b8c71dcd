"""Where the tree is, for every size of terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from tui_runner.tui.settings.settings import Arrangement, ScreenSettings, Side
from tui_runner.tui.too_small import LEAST_HEIGHT, LEAST_WIDTH
from tui_runner.tui.tree_place import TreePlace, place_of

SIZES = st.builds(Size, st.integers(LEAST_WIDTH, 500), st.integers(LEAST_HEIGHT, 200))
PLACES = st.builds(
    TreePlace,
    layout=st.sampled_from(Arrangement),
    side=st.sampled_from(Side),
    width=st.none() | st.integers(16, 200),
    height=st.none() | st.integers(3, 100),
)


@pytest.mark.parametrize(
    ("width", "height", "above", "extent"),
    [
        (80, 24, False, 34),
        (120, 36, False, 34),
        (200, 60, False, 40),
        (300, 100, False, 60),
        (60, 24, True, 8),
        (60, 15, True, 5),
        (80, 60, True, 8),
        (40, 10, True, 3),
        (110, 90, False, 34),
    ],
)
def test_by_itself_the_tree_suits_the_terminal(width: int, height: int, above: bool, extent: int) -> None:
    place, size = TreePlace(), Size(width, height)
    assert (place.above(size), place.extent(size)) == (above, extent)


def test_settings_decide_where_and_how_large_it_is() -> None:
    place = place_of(
        ScreenSettings(layout=Arrangement.ABOVE, tree_side=Side.RIGHT, tree_width=50, tree_height=12),
    )
    assert place == TreePlace(layout=Arrangement.ABOVE, side=Side.RIGHT, width=50, height=12)
    assert place.extent(Size(300, 100)) == 12
    assert place.turned(Size(300, 100)).extent(Size(300, 100)) == 50


def test_turning_it_twice_is_beside_or_above_again() -> None:
    size = Size(120, 36)
    assert TreePlace().turned(size).above(size)
    assert not TreePlace().turned(size).turned(size).above(size)


@given(PLACES, SIZES, st.integers(-500, 500))
def test_whatever_is_wanted_tree_and_log_can_both_be_seen(place: TreePlace, size: Size, extent: int) -> None:
    for wanted in (place, place.with_extent(extent, size)):
        whole = size.height if wanted.above(size) else size.width
        assert 3 <= wanted.extent(size) < whole


@given(PLACES, SIZES)
def test_dragging_the_edge_to_where_it_is_changes_nothing(place: TreePlace, size: Size) -> None:
    assert place.with_extent(place.extent(size), size).extent(size) == place.extent(size)
