"""A workspace is come back to as it was left."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tui_runner.control.places import places_for, prepare
from tui_runner.model.state import Ready
from tui_runner.tui.layout_memory import PaneLayout, ScreenLayout, keep_layout, read_layout
from tui_runner.tui.settings.reading import Reading
from tui_runner.tui.settings.settings import Arrangement, ScreenSettings, Settings

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

UP = Ready(attempt=1, pid=1)


@pytest.fixture
def shop(peer: "Peer", tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> "Peer":
    """A supervisor with three tasks, and private directories that are nobody else's."""
    for variable in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        (tmp_path / variable).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(tmp_path / variable))
    prepare(places_for(peer.root))
    for name in ("web", "api", "db"):
        peer.add(name, UP)
    return peer


def shown(on_stage: "Stage") -> list[str | None]:
    return [pane.task_id for pane in on_stage.main.body.grid]


async def test_what_is_left_is_kept(shop: "Peer", stage: "OpenStage") -> None:
    async with stage(size=(160, 45), remember=True) as on_stage:
        await on_stage.press("greater_than_sign", "v", "a")
        await on_stage.until(lambda: len(shown(on_stage)) == 2)
        await on_stage.until(lambda: on_stage.main.pane.together is not None)
        await on_stage.press("b")
        await on_stage.until(lambda: on_stage.main.body.tree_hidden)
    assert read_layout(shop.root) == ScreenLayout(
        tree_width=38,
        tree_hidden=True,
        panes=(PaneLayout(task="web"), PaneLayout(task="api", everything=True)),
        current=1,
    )


async def test_it_is_come_back_to(shop: "Peer", stage: "OpenStage") -> None:
    panes = (PaneLayout(task="db"), PaneLayout(task="api", together=("api", "web")), PaneLayout(task="web"))
    assert keep_layout(shop.root, ScreenLayout(arrangement=Arrangement.ABOVE, tree_height=6, panes=panes, current=1))
    async with stage(size=(160, 45), remember=True) as on_stage:
        await on_stage.until(lambda: shown(on_stage) == ["db", "api", "web"])
        await on_stage.until(lambda: on_stage.main.body.task_id == "api")
        together = on_stage.main.pane.together
        assert together is not None
        assert together.tasks == ("api", "web")
        assert on_stage.main.body.tree_view.region.height == 6
        assert on_stage.main.body.tree_view.cursor_task == "api"
        assert on_stage.main.body.tree_view.has_focus


async def test_tasks_that_are_gone_are_left_out(shop: "Peer", stage: "OpenStage") -> None:
    panes = (PaneLayout(task="gone"), PaneLayout(task="db", together=("gone", "db")), PaneLayout(task="old"))
    keep_layout(shop.root, ScreenLayout(panes=panes, current=2))
    async with stage(size=(160, 45), remember=True) as on_stage:
        await on_stage.until(lambda: shown(on_stage) == ["db"])
        assert on_stage.main.pane.shown == ("db",)


async def test_a_hidden_tree_stays_hidden_and_comes_back_by_its_key(shop: "Peer", stage: "OpenStage") -> None:
    keep_layout(shop.root, ScreenLayout(tree_hidden=True))
    async with stage(remember=True) as on_stage:
        await on_stage.until(lambda: not on_stage.main.body.tree_view.display)
        await on_stage.press("b")
        await on_stage.until(lambda: on_stage.main.body.tree_view.display)


async def test_nothing_is_kept_unless_it_is_wanted(shop: "Peer", stage: "OpenStage") -> None:
    keep_layout(shop.root, ScreenLayout(tree_hidden=True))
    async with stage(remember=False) as on_stage:
        assert on_stage.main.body.tree_view.display
        await on_stage.press("greater_than_sign")
    assert read_layout(shop.root) == ScreenLayout(tree_hidden=True)


async def test_what_was_not_changed_by_hand_is_left_to_the_settings(shop: "Peer", stage: "OpenStage") -> None:
    wanted = Reading(path=shop.root, settings=Settings(screen=ScreenSettings(tree_width=50, layout=Arrangement.ABOVE)))
    async with stage(size=(160, 45), remember=True, settings=wanted) as on_stage:
        await on_stage.until(lambda: shown(on_stage) == ["web"])
    assert read_layout(shop.root) == ScreenLayout(panes=(PaneLayout(task="web"),))


@pytest.mark.parametrize(
    "content", [b"", b"[]", b'{"tree_width": "wide"}', b'{"panes": [{}]}', b"\xff\xfe", b"9" * 1000]
)
async def test_a_file_that_makes_no_sense_means_the_usual_layout(
    shop: "Peer", stage: "OpenStage", content: bytes
) -> None:
    places_for(shop.root).layout.write_bytes(content)
    async with stage(remember=True) as on_stage:
        await on_stage.until(lambda: shown(on_stage) == ["web"])


async def test_numbers_that_make_no_sense_do_no_harm(shop: "Peer", stage: "OpenStage") -> None:
    keep_layout(shop.root, ScreenLayout(tree_width=-5, current=-7, panes=(PaneLayout(task="api"),) * 9))
    async with stage(size=(160, 45), remember=True) as on_stage:
        await on_stage.until(lambda: shown(on_stage) == ["api"] * 4)
        assert on_stage.main.body.tree_view.region.width == 16


async def test_a_pipe_in_the_place_of_the_file_holds_nothing_up(shop: "Peer", stage: "OpenStage") -> None:
    os.mkfifo(places_for(shop.root).layout)
    async with stage(remember=True) as on_stage:
        await on_stage.until(lambda: shown(on_stage) == ["web"])


def test_without_a_private_directory_nothing_is_kept_and_nothing_breaks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "nowhere"))
    assert not keep_layout(tmp_path, ScreenLayout())
    assert read_layout(tmp_path) is None
