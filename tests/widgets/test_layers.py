"""Tasks stand right of everything they need, each once, near what they belong to."""

from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.state import Pending
from tui_runner.model.view import TaskView
from widgets.layers import layers_of
from widgets.needs import dependents_of, needs_of


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    """Graphs in which a task may need any task before it."""
    names = [f"t{number}" for number in range(draw(st.integers(0, 30)))]
    return {
        name: tuple(draw(st.sets(st.sampled_from(names[:index])))) if index else () for index, name in enumerate(names)
    }


@given(graphs())
def test_every_task_is_there_once_and_right_of_what_it_needs_without_a_gap(needs: dict[str, tuple[str, ...]]) -> None:
    columns = layers_of(needs)
    place = {task: index for index, column in enumerate(columns) for task in column}
    assert sorted(task for column in columns for task in column) == sorted(needs)
    for task, wanted in needs.items():
        assert place[task] == max((place[need] + 1 for need in wanted), default=0)


def test_a_circle_does_not_hang() -> None:
    assert sum(len(column) for column in layers_of({"a": ("b",), "b": ("a",), "c": ("a",)})) == 3


def test_tasks_stand_beside_what_they_need() -> None:
    needs = {"x1": ("x",), "y1": ("y",), "z1": ("z",), "z": (), "y": (), "x": ()}
    first, second = layers_of(needs)
    assert [f"{task}1" for task in first] == list(second)


def test_what_is_inside_a_nested_pipeline_stands_for_it() -> None:
    views = {
        view.id: view
        for view in (
            TaskView(id="web", name="web", state=Pending(), depends_on=("shop",)),
            TaskView(id="shop", name="shop", state=Pending(), composite=True, depends_on=("db",)),
            TaskView(id="shop:api", name="api", state=Pending(), parent="shop"),
            TaskView(id="db", name="db", state=Pending()),
        )
    }
    needs = needs_of(views)
    assert needs == {"web": ("shop:api",), "shop:api": ("db",), "db": ()}
    assert dependents_of(needs) == {"web": (), "shop:api": ("web",), "db": ("shop:api",)}
    assert layers_of(needs) == (("db",), ("shop:api",), ("web",))
