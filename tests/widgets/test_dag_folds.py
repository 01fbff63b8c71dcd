"""Branches that fold by themselves where the tree is too high, and those that never do."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from hypothesis import example, given
from hypothesis import strategies as st
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failed, Failure, Ready, Running, TaskState
from tui_runner.model.view import TaskView
from widgets.dag_folds import folds_for
from widgets.dag_layout import lay_out
from widgets.dag_tree import DagTree

Wait = Callable[[Pilot[Any], Callable[[], bool]], Awaitable[None]]
Shown = Callable[[App[Any]], list[str]]
FAILED = Failed(failure=Failure(code=ErrorCode.TASK_FAILED, message="x"))


class TreeApp(App[None]):
    CSS = "DagTree { width: 100%; height: 100%; }"

    def __init__(self, views: list[TaskView]) -> None:
        super().__init__()
        self.dag = DagTree(clock=lambda: 100.0)
        self.views = views

    def compose(self) -> ComposeResult:
        yield self.dag

    def on_mount(self) -> None:
        self.dag.set_tasks(self.views)
        self.dag.focus()


def view(task: str, *needs: str, state: TaskState | None = None, target: bool = True) -> TaskView:
    state = state or Ready(attempt=1, pid=1)
    return TaskView(id=task, name=task, depends_on=needs, state=state, since=99.0, started_at=98.0, target=target)


def three_shops(*, target: bool = True) -> list[TaskView]:
    """Three branches of three rows: a web server, an API, a database."""
    return [
        made
        for number in (1, 2, 3)
        for made in (
            view(f"web{number}", f"api{number}"),
            view(f"api{number}", f"db{number}", target=target),
            view(f"db{number}", target=target),
        )
    ]


def names(rows: list[str]) -> list[str]:
    """Return the names in the rows, with the number of tasks that are folded away."""
    words = [[word for word in row.split() if word[0].isalnum() or word[0] == "+"] for row in rows if row.strip()]
    return [" ".join(word for word in row[:2] if word[0] == "+" or word == row[0]) for row in words]


async def test_branches_that_are_well_fold_only_where_the_height_is_too_small(shown: Shown, wait: Wait) -> None:
    app = TreeApp(three_shops())
    async with app.run_test(size=(60, 9)) as pilot:
        await wait(pilot, lambda: len(names(shown(app))) == 9)
        await pilot.resize_terminal(60, 7)
        await wait(pilot, lambda: names(shown(app)) == ["web1", "api1", "db1", "web2", "api2 +1", "web3", "api3 +1"])
        await pilot.resize_terminal(60, 3)
        await wait(pilot, lambda: names(shown(app)) == ["web1 +2", "web2 +2", "web3 +2"])
        await pilot.resize_terminal(60, 9)
        await wait(pilot, lambda: len(names(shown(app))) == 9)


async def test_a_folded_branch_of_tasks_that_are_shown_elsewhere_says_so(shown: Shown, wait: Wait) -> None:
    app = TreeApp([view("web", "db"), view("api", "db"), view("db", target=False)])
    async with app.run_test(size=(60, 9)) as pilot:
        await wait(pilot, lambda: names(shown(app)) == ["web", "db", "api", "db"])
        app.dag.move_to("api")
        await pilot.press("space")
        await wait(pilot, lambda: names(shown(app)) == ["web", "db", "api +1"])


async def test_a_failure_unfolds_at_once_and_the_cursor_stays_where_it_is(shown: Shown, wait: Wait) -> None:
    app = TreeApp(three_shops())
    async with app.run_test(size=(60, 4)) as pilot:
        await wait(pilot, lambda: names(shown(app)) == ["web1", "api1 +1", "web2 +2", "web3 +2"])
        app.dag.move_to("web3")
        await pilot.pause()
        row = next(index for index, text in enumerate(shown(app)) if "web3" in text)
        app.dag.update_task(view("api2", "db2", state=FAILED))
        await wait(pilot, lambda: any("✗ api2" in text for text in shown(app)))
        assert "web3" in shown(app)[row]
        assert app.dag.cursor_task == "web3"


async def test_a_task_named_on_the_command_line_is_never_folded_away(shown: Shown, wait: Wait) -> None:
    app = TreeApp(
        [msgspec.structs.replace(task, target=task.id in {"web1", "db2"}) for task in three_shops(target=False)]
    )
    async with app.run_test(size=(60, 4)) as pilot:
        await wait(pilot, lambda: "web1 +2" in names(shown(app)))
        assert "db2" in names(shown(app))


async def test_what_a_person_unfolds_stays_unfolded(shown: Shown, wait: Wait) -> None:
    app = TreeApp(three_shops())
    async with app.run_test(size=(60, 4)) as pilot:
        await wait(pilot, lambda: "web2 +2" in names(shown(app)))
        app.dag.move_to("web2")
        await pilot.press("space", "g")
        app.dag.set_tasks(three_shops())
        await pilot.press("end")
        await wait(pilot, lambda: "db2" in names(shown(app)))


async def test_a_restart_in_a_folded_branch_moves_nothing(shown: Shown, wait: Wait) -> None:
    app = TreeApp(three_shops())
    async with app.run_test(size=(60, 5)) as pilot:
        await wait(pilot, lambda: "web3 +2" in names(shown(app)))
        before = names(shown(app))
        app.dag.update_task(view("api3", "db3", state=Running(attempt=2, pid=2)))
        app.dag.set_tasks(
            [view("api3", "db3", state=Running(attempt=2, pid=2)) if v.id == "api3" else v for v in app.views]
        )
        await pilot.pause()
        assert names(shown(app)) == before


@example(needs=[*(set[int]() for _ in range(17)), {0, 1}, {2}], shown=set(), busy=set(), height=17)
@example(needs=[*([set[int]()] * 7), {0}, *([set[int]()] * 10), {0, 7}, {7}], shown=set(), busy=set(), height=19)
@given(
    needs=st.lists(st.sets(st.integers(0, 19), max_size=3), min_size=1, max_size=20),
    shown=st.sets(st.integers(0, 19)),
    busy=st.sets(st.integers(0, 19)),
    height=st.integers(0, 30),
)
def test_nothing_is_folded_needlessly_and_what_must_be_seen_never(
    needs: list[set[int]], shown: set[int], busy: set[int], height: int
) -> None:
    views = [view(f"t{n}", *(f"t{m}" for m in sorted(below) if m < n)) for n, below in enumerate(needs)]
    rows = lay_out(views)
    must, moving = {f"t{n}" for n in shown}, {f"t{n}" for n in busy}
    folds = folds_for(rows, height, shown=must, busy=moving, kept=frozenset())
    left = lay_out(views, folds)
    assert {row.task for row in rows} & (must | moving) <= {row.task for row in left}
    if len(rows) <= height:
        assert not folds
    for fold in folds & {row.task for row in left if not row.reference}:
        assert len(lay_out(views, folds - {fold})) > height
