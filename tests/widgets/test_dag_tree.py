"""Moving in the tree, and how it follows the tasks."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failed, Failure, Queued, Ready, Running, TaskState
from tui_runner.model.view import TaskView
from widgets.dag_tree import DagTree

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]


class TreeApp(App[None]):
    CSS = "DagTree { width: 100%; height: 100%; }"

    def __init__(self, views: list[TaskView], *, ascii: bool = False) -> None:  # noqa: A002 - the widget's name
        super().__init__()
        self.now = 100.0
        self.dag = DagTree(ascii=ascii, clock=lambda: self.now)
        self.views = views
        self.highlighted: list[str] = []
        self.chosen: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.dag

    def on_mount(self) -> None:
        self.dag.set_tasks(self.views)
        self.dag.focus()

    def on_dag_tree_highlighted(self, message: DagTree.Highlighted) -> None:
        self.highlighted.append(message.task_id)

    def on_dag_tree_chosen(self, message: DagTree.Chosen) -> None:
        self.chosen.append(message.task_id)


def view(task: str, *needs: str, state: TaskState | None = None) -> TaskView:
    return TaskView(id=task, name=task, depends_on=needs, state=state or Queued(), since=99.0, started_at=98.0)


SHOP = [view("db"), view("api", "db"), view("worker", "db"), view("web", "api", "db")]


async def test_the_cursor_moves_over_rows_and_tells_of_tasks(shown: Shown) -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.pause()
        assert [row.split("  ")[0].rstrip() for row in shown(app)[:6]] == [
            "○ worker",
            "└ ○ db",
            "○ web",
            "├ ○ api",
            "│ └ ○ db ↑",
            "└ ○ db ↑",
        ]
        await pilot.press("j", "down", "k", "end", "g", "enter")
        await pilot.pause()
        assert app.highlighted == ["worker", "db", "web", "db", "worker"]
        assert app.chosen == ["worker"]


async def test_folding_hides_what_is_below_and_counts_it(shown: Shown, wait: Wait) -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("j", "j", "left")
        await wait(pilot, lambda: "web +1" in shown(app)[2])
        app.dag.update_task(view("api", "db", state=Failed(failure=Failure(code=ErrorCode.TASK_FAILED, message="x"))))
        await wait(pilot, lambda: "web +1 1 failed" in shown(app)[2])
        await pilot.press("right", "right", "j", "right")
        assert app.dag.cursor_task == "db"
        assert app.dag._cursor == 1
        await pilot.press("left", "space", "space")
        await wait(pilot, lambda: "db" in shown(app)[1])


async def test_moving_to_a_hidden_task_unfolds_it(shown: Shown) -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.press("j", "j", "left")
        app.dag.move_to("api")
        app.dag.move_to("ghost")
        await pilot.pause()
        assert app.dag.cursor_task == "api"
        assert "api" in shown(app)[3]


async def test_the_cursor_stays_on_its_task_when_tasks_come_and_go() -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        app.dag.move_to("api")
        app.dag.set_tasks([view("aaa"), view("new"), *SHOP])
        await pilot.pause()
        assert app.dag.cursor_task == "api"
        app.dag.set_tasks([view("aaa")])
        await pilot.pause()
        assert app.dag.cursor_task == "aaa"
        app.dag.set_tasks([])
        await pilot.press("j", "space", "left", "right", "enter")
        assert app.dag.cursor_task is None


async def test_a_second_click_chooses(shown: Shown) -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        await pilot.click(app.dag, offset=(3, 3))
        assert app.dag.cursor_task == "api"
        assert app.chosen == []
        await pilot.click(app.dag, offset=(3, 3))
        await pilot.click(app.dag, offset=(3, 9))
        await pilot.pause()
        assert app.chosen == ["api"]
        assert "api" in shown(app)[3]


async def test_a_task_that_changes_is_repainted_and_spins_only_while_it_moves(shown: Shown, wait: Wait) -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        app.dag.update_task(msgspec.structs.replace(SHOP[1], state=Running(attempt=1, pid=1), ready_when="port 1"))
        await wait(pilot, lambda: "⠋ api" in shown(app)[3] and "2 s" in shown(app)[3])
        app.now += 1.1
        await wait(pilot, lambda: "⠙ api" in shown(app)[3] and "3 s" in shown(app)[3])
        app.dag.update_task(msgspec.structs.replace(SHOP[1], state=Ready(attempt=1, pid=1), ready_at=99.5))
        await wait(pilot, lambda: "● api" in shown(app)[3] and "ready 1.5 s" in shown(app)[3])
        await wait(pilot, lambda: app.dag._timer is None)


async def test_what_moves_from_the_start_or_by_scrolling_into_view_spins(shown: Shown, wait: Wait) -> None:
    moving = msgspec.structs.replace(view("z", state=Running(attempt=1, pid=1)), ready_when="port 1")
    app = TreeApp([*(view(f"t{n}") for n in range(20)), moving])
    async with app.run_test(size=(40, 6)) as pilot:
        await wait(pilot, lambda: app.dag._timer is None)
        await pilot.press("end")
        for frame in "⠋⠙⠹":
            await wait(pilot, lambda frame=frame: shown(app)[5].startswith(frame))  # type: ignore[misc] # a default binds it
            app.now += 0.1
        await pilot.press("home")
        await wait(pilot, lambda: app.dag._timer is None)


async def test_deep_and_narrow_trees_stay_readable(shown: Shown) -> None:
    app = TreeApp([view(f"t{n}", *([f"t{n - 1}"] if n else [])) for n in range(3000)])
    async with app.run_test(size=(24, 6)) as pilot:
        await pilot.press("end")
        await pilot.pause()
        assert shown(app)[5].strip().startswith("…")
        assert "t0" in shown(app)[5]


async def test_ascii_is_enough(shown: Shown) -> None:
    app = TreeApp(SHOP, ascii=True)
    async with app.run_test(size=(40, 6)) as pilot:
        await pilot.pause()
        assert "".join(shown(app)).isascii()
        assert shown(app)[4].startswith("| `-o db ^")


async def test_a_border_is_possible(shown: Shown, wait: Wait) -> None:
    app = TreeApp(SHOP)
    async with app.run_test(size=(40, 10)) as pilot:
        app.dag.styles.border = ("round", "red")
        await wait(pilot, lambda: shown(app)[1].startswith("│○ worker"))
