"""Which row a task is in."""

from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.state import Queued
from tui_runner.model.view import TaskView
from widgets.dag_layout import Row, lay_out, narrowed


def view(task: str, *needs: str, parent: str | None = None, composite: bool = False) -> TaskView:
    name = task.rpartition(":")[2]
    return TaskView(id=task, name=name, parent=parent, composite=composite, depends_on=needs, state=Queued())


def drawn(rows: list[Row]) -> list[str]:
    return ["  " * row.depth + row.task + (" ↑" if row.reference else "") for row in rows]


def test_targets_come_first_and_what_they_need_below() -> None:
    views = [view("db"), view("api", "db"), view("docs"), view("web", "api")]
    assert drawn(lay_out(views)) == ["docs", "web", "  api", "    db"]


def test_a_shared_task_has_one_row_and_is_referred_to_from_elsewhere() -> None:
    views = [view("db"), view("api", "db"), view("worker", "db"), view("web", "api", "db")]
    assert drawn(lay_out(views)) == ["worker", "  db", "web", "  api", "    db ↑", "  db ↑"]


def test_members_of_a_pipeline_sit_below_it_wherever_they_are_needed() -> None:
    views = [
        view("shop", "db", composite=True),
        view("shop:schema", parent="shop"),
        view("shop:api", "shop:schema", "cache", parent="shop"),
        view("cache"),
        view("db"),
        view("smoke", "shop:schema"),
    ]
    expected = ["shop", "  shop:api", "    shop:schema", "    cache", "  db", "smoke", "  shop:schema ↑"]
    assert drawn(lay_out(views)) == expected


def test_pipelines_nest() -> None:
    views = [
        view("a", composite=True),
        view("a:b", parent="a", composite=True),
        view("a:b:c", parent="a:b"),
        view("a:d", "a:b:c", parent="a"),
    ]
    assert drawn(lay_out(views)) == ["a", "  a:b", "    a:b:c", "  a:d", "    a:b:c ↑"]


def test_targets_without_a_command_for_the_mode_stand_last() -> None:
    views = [
        TaskView(id="build", name="build", mode="dev", command="", depends_on=("api",), state=Queued()),
        TaskView(id="web", name="web", mode="dev", command="web", depends_on=("api",), state=Queued()),
        TaskView(id="api", name="api", mode="dev", command="api", state=Queued()),
    ]
    assert drawn(lay_out(views)) == ["web", "  api", "build", "  api ↑"]


def test_a_folded_task_hides_what_is_below() -> None:
    views = [view("db"), view("api", "db"), view("web", "api")]
    rows = lay_out(views, {"api"})
    assert drawn(rows) == ["web", "  api"]
    assert rows[1].children == 1


def test_unknown_names_and_loops_to_itself_are_left_out() -> None:
    assert drawn(lay_out([view("a", "a", "ghost")])) == ["a"]


def test_a_chain_of_five_thousand_is_laid_out() -> None:
    views = [view(f"t{n}", *([f"t{n - 1}"] if n else [])) for n in range(5000)]
    rows = lay_out(views)
    assert [row.depth for row in rows] == list(range(5000))


@given(
    st.lists(st.lists(st.integers(0, 100), max_size=4), max_size=30), st.lists(st.booleans(), min_size=30, max_size=30)
)
def test_every_task_has_exactly_one_row_of_its_own(needs: list[list[int]], inner: list[bool]) -> None:
    views = [view("p", composite=True)]
    ids: list[str] = []
    for number, (wanted, inside) in enumerate(zip(needs, inner, strict=False)):
        task = f"p:t{number}" if inside else f"t{number}"
        views.append(view(task, *{ids[index % number] for index in wanted if number}, parent="p" if inside else None))
        ids.append(task)
    rows = lay_out(views)
    assert sorted(row.task for row in rows if not row.reference) == sorted(v.id for v in views)
    assert len(rows) <= len(views) + sum(len(v.depends_on) for v in views)
    for index, row in enumerate(rows):
        assert row.parent < index
        assert row.depth == (rows[row.parent].depth + 1 if row.parent >= 0 else 0)


def test_a_narrowed_tree_has_the_wanted_tasks_and_what_is_above_them() -> None:
    views = [view("db"), view("api", "db"), view("docs"), view("web", "api", "db"), view("mail", "db")]
    rows = lay_out(views)
    assert drawn(narrowed(rows, {"api"})) == ["web", "  api"]
    assert drawn(narrowed(rows, {"docs", "api"})) == ["docs", "web", "  api"]
    assert narrowed(rows, frozenset()) == []


@given(st.data())
def test_rows_of_a_narrowed_tree_hang_together(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    views = [
        view(f"t{n}", *data.draw(st.lists(st.sampled_from([f"t{m}" for m in range(n)]), max_size=3)) if n else ())
        for n in range(count)
    ]
    wanted = data.draw(st.sets(st.sampled_from([one.id for one in views])))
    rows = narrowed(lay_out(views), wanted)
    assert wanted <= {row.task for row in rows if not row.reference}
    for index, row in enumerate(rows):
        below = [other for other in rows if other.parent == index]
        assert row.children == len(below)
        assert [other.last for other in below] == [False] * (len(below) - 1) + [True] * bool(below)
        assert row.parent < index
        assert row.depth == (0 if row.parent < 0 else rows[row.parent].depth + 1)
        assert below or row.task in wanted
