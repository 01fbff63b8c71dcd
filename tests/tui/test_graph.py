"""The graph in layers: where the cursor goes, what lights up, and that fifty tasks can be read."""

from typing import TYPE_CHECKING

from overview_steps import BEGAN, FAILURE, a_shop, open_overview, select, up

from tui_runner.model.state import Failed
from tui_runner.tui.screens.graph import GraphScreen

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

WIDE = (120, 30)


def cursor(stage: "Stage") -> str | None:
    screen = stage.app.screen
    assert isinstance(screen, GraphScreen)
    return screen.graph.cursor_task


def row_of(stage: "Stage", text: str) -> str:
    return next(row for row in stage.text().splitlines() if text in row)


async def test_it_tells_layers_and_the_critical_path_and_what_a_task_has_to_do_with(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        await select(on_stage, "migrate")
        await open_overview(on_stage, "M", "7 tasks in 4 layers", "1 needs nothing")
        await on_stage.shows("migrate needs db", "migrate is needed by api, worker")
        text = on_stage.text()
        assert all(
            f"◆{glyph} {task}" in text for glyph, task in (("●", "db"), ("✓", "migrate"), ("●", "api"), ("●", "web"))
        )
        assert "◆✗ worker" not in text
        assert "→◆● api" in text
        assert "→ ✗ worker" in text
        assert row_of(on_stage, "◆● db").index("→") < row_of(on_stage, "◆✓ migrate").index("◆✓ migrate")


async def test_h_j_k_l_move_and_enter_goes_to_the_task(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        await select(on_stage, "migrate")
        await open_overview(on_stage, "f4", "migrate needs db")
        for key, task in (
            ("l", "worker"),
            ("j", "api"),
            ("h", "migrate"),
            ("left", "db"),
            ("down", "assets"),
            ("G", "assets"),
            ("g", "db"),
            ("l", "migrate"),
            ("right", "worker"),
            ("end", "api"),
        ):
            await on_stage.press(key)
            assert cursor(on_stage) == task
        await on_stage.press("enter")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)
        assert on_stage.main.task_id == "api"


async def test_it_follows_the_states(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=WIDE) as on_stage:
        await open_overview(on_stage, "M", "● db")
        peer.enter("db", Failed(failure=FAILURE))
        await on_stage.shows("✗ db")


async def test_fifty_tasks_are_all_on_a_small_screen(peer: "Peer", stage: "OpenStage") -> None:
    for number in range(50):
        layer, place = divmod(number, 10)
        needs = () if layer == 0 else (f"task-{layer - 1}{place}", f"task-{layer - 1}{(place + 3) % 10}")
        up(peer, f"task-{layer}{place}", layer, layer + 1, *needs, target=layer == 4)
    async with stage(size=(80, 24)) as on_stage:
        await open_overview(on_stage, "M", "50 tasks in 5 layers")
        text = on_stage.text()
        assert [number for number in range(50) if f"task-{number:02}" not in text] == []


async def test_more_layers_than_fit_are_scrolled_to(peer: "Peer", stage: "OpenStage") -> None:
    for number in range(12):
        needs = () if number == 0 else (f"step-{number - 1}",)
        up(peer, f"step-{number}", number, number + 1, *needs)
    async with stage(size=(80, 24)) as on_stage:
        await select(on_stage, "step-0")
        await open_overview(on_stage, "M", "12 tasks in 12 layers", "step-0 needs nothing")
        assert "◆● step-11" not in on_stage.text()
        await on_stage.press(*"l" * 11)
        await on_stage.shows("◆● step-11", "step-11 needs step-10")
        assert peer.run.started_at == BEGAN
