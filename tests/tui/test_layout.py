"""The tree beside the logs and above them, its edge by mouse and keys, and what the settings say of it."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui_runner.model.state import Ready
from tui_runner.tui.settings.reading import Reading, read_settings

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

UP = Ready(attempt=1, pid=1)


@pytest.fixture
def shop(peer: "Peer") -> "Peer":
    for name in ("web", "api", "db"):
        peer.add(name, UP)
    return peer


def settings(tmp_path: Path, text: str) -> Reading:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    reading = read_settings(path)
    assert not reading.problems
    return reading


def tree_region(on_stage: "Stage") -> tuple[int, int, int, int]:
    """Return x, y, width and height of the tree."""
    region = on_stage.main.body.tree_view.region
    return (region.x, region.y, region.width, region.height)


def grid_region(on_stage: "Stage") -> tuple[int, int, int, int]:
    region = on_stage.main.body.grid.region
    return (region.x, region.y, region.width, region.height)


async def drag(on_stage: "Stage", start: tuple[int, int], *ways: tuple[int, int]) -> None:
    await on_stage.pilot.mouse_down(offset=start)
    for way in ways:
        await on_stage.pilot.hover(offset=way)
    await on_stage.pilot.mouse_up(offset=ways[-1])


@pytest.mark.parametrize(
    ("size", "tree", "grid"),
    [
        ((80, 24), (0, 0, 34, 23), (34, 0, 46, 23)),
        ((300, 100), (0, 0, 60, 99), (60, 0, 240, 99)),
        ((60, 24), (0, 0, 60, 7), (0, 7, 60, 16)),
        ((80, 60), (0, 0, 80, 8), (0, 8, 80, 51)),
    ],
)
async def test_by_itself_the_tree_is_where_there_is_room(
    shop: "Peer", stage: "OpenStage", size: tuple[int, int], tree: tuple[int, ...], grid: tuple[int, ...]
) -> None:
    del shop
    async with stage(size=size) as on_stage:
        assert (tree_region(on_stage), grid_region(on_stage)) == (tree, grid)


async def test_a_terminal_that_becomes_narrow_has_the_tree_above_and_back(shop: "Peer", stage: "OpenStage") -> None:
    del shop
    async with stage(size=(120, 36)) as on_stage:
        await on_stage.pilot.resize_terminal(60, 36)
        await on_stage.until(lambda: tree_region(on_stage)[2] == 60)
        assert tree_region(on_stage)[3] == 8
        await on_stage.pilot.resize_terminal(120, 36)
        await on_stage.until(lambda: tree_region(on_stage) == (0, 0, 34, 35))


async def test_settings_put_the_tree_to_the_right(shop: "Peer", stage: "OpenStage", tmp_path: Path) -> None:
    del shop
    wanted = settings(tmp_path, '[screen]\ntree_side = "right"\ntree_width = 40\n')
    async with stage(size=(120, 36), settings=wanted) as on_stage:
        assert tree_region(on_stage) == (80, 0, 40, 35)
        assert grid_region(on_stage) == (0, 0, 80, 35)
        await drag(on_stage, (80, 5), (75, 5), (70, 6))
        assert tree_region(on_stage) == (70, 0, 50, 35)


async def test_settings_put_the_tree_above(shop: "Peer", stage: "OpenStage", tmp_path: Path) -> None:
    del shop
    wanted = settings(tmp_path, '[screen]\nlayout = "above"\ntree_height = 5\n')
    async with stage(size=(120, 36), settings=wanted) as on_stage:
        assert tree_region(on_stage) == (0, 0, 120, 5)
        await on_stage.press("greater_than_sign")
        await on_stage.until(lambda: tree_region(on_stage)[3] == 7)
        await drag(on_stage, (20, 7), (20, 10))
        assert tree_region(on_stage) == (0, 0, 120, 10)


async def test_keys_make_the_tree_wider_and_narrower_as_far_as_there_is_room(shop: "Peer", stage: "OpenStage") -> None:
    del shop
    async with stage(size=(80, 24)) as on_stage:
        await on_stage.press("greater_than_sign")
        await on_stage.until(lambda: tree_region(on_stage)[2] == 38)
        await on_stage.press(*["less_than_sign"] * 20)
        await on_stage.until(lambda: tree_region(on_stage)[2] == 16)
        await on_stage.press(*["greater_than_sign"] * 20)
        await on_stage.until(lambda: tree_region(on_stage)[2] == 56)


async def test_the_edge_is_dragged_by_mouse_and_the_cursor_of_the_tree_stays(shop: "Peer", stage: "OpenStage") -> None:
    del shop
    async with stage(size=(120, 36)) as on_stage:
        await drag(on_stage, (33, 2), (40, 2), (49, 3), (59, 30))
        assert tree_region(on_stage) == (0, 0, 60, 35)
        assert grid_region(on_stage) == (60, 0, 60, 35)
        assert on_stage.main.body.task_id == "web"
        assert not on_stage.main.selections
        await on_stage.pilot.hover(offset=(20, 20))
        assert tree_region(on_stage)[2] == 60


async def test_a_click_beside_the_edge_still_chooses_a_task(shop: "Peer", stage: "OpenStage") -> None:
    del shop
    async with stage(size=(120, 36)) as on_stage:
        await on_stage.pilot.click(offset=(32, 1))
        await on_stage.until(lambda: on_stage.main.body.task_id == "api")
        await drag(on_stage, (30, 2), (50, 2))
        assert tree_region(on_stage)[2] == 34


async def test_one_key_puts_the_tree_above_and_beside_again(shop: "Peer", stage: "OpenStage") -> None:
    del shop
    async with stage(size=(120, 36)) as on_stage:
        await on_stage.press("B")
        await on_stage.until(lambda: tree_region(on_stage) == (0, 0, 120, 8))
        await on_stage.press("B")
        await on_stage.until(lambda: tree_region(on_stage) == (0, 0, 34, 35))
