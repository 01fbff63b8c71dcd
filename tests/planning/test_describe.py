"""Plans as text, Mermaid, DOT, data and rows."""

import json
from collections.abc import Callable

import pytest

from tui_runner import Pipeline, Task, pipeline, task
from tui_runner.planning.describe import MAX_DEPTH, dot, graph_data, mermaid, text_tree
from tui_runner.planning.plan import Plan
from tui_runner.planning.task_rows import task_rows

Planned = Callable[..., Plan]


@pytest.fixture
def system() -> Pipeline:
    db = task("db", run="serve", description="data")
    worker = task("work#er<1>", run=["run", "it"], depends_on=["db"])
    api = task("api", commands={"build": "make", "test": "check"}, depends_on=[worker])
    shop = pipeline([worker, api]).to_task("shop", depends_on=[db])
    return pipeline([task("web", run="x", depends_on=[shop, "shop:api", db]), shop, db])


def test_the_tree_shows_what_tasks_need_and_unfolds_each_once(planned: Planned, system: Pipeline) -> None:
    assert text_tree(planned(system)) == (
        "web\n"
        "├── shop (pipeline)\n"
        "│   ├── db\n"
        "│   ├── shop:work#er<1>\n"
        "│   │   └── db\n"
        "│   └── shop:api (no command for dev)\n"
        "│       └── shop:work#er<1> (above)\n"
        "├── shop:api (above)\n"
        "└── db\n"
    )


def test_a_deep_tree_goes_on_below(planned: Planned) -> None:
    tasks: list[Task] = []
    for number in range(3 * MAX_DEPTH):
        tasks.append(task(f"t{number}", run="x", depends_on=tasks[-1:]))
    lines = text_tree(planned(pipeline(tasks))).splitlines()
    assert sum(line.endswith(" (below)") for line in lines) == 2
    assert [line for line in lines if not line.startswith(" ") and "──" not in line] == ["t47", "t31", "t15"]
    assert {line.split("── ")[-1].removesuffix(" (below)") for line in lines} == {item.name for item in tasks}


def test_mermaid_escapes_names_and_nests_pipelines(planned: Planned, system: Pipeline) -> None:
    text = mermaid(planned(system))
    assert '  subgraph t1["shop"]\n    t3["work#35;er#60;1#62;"]\n    t4["api"]\n  end\n' in text
    assert "  t0 --> t1\n" in text


def test_dot_quotes_ids_and_nests_pipelines(planned: Planned, system: Pipeline) -> None:
    text = dot(planned(system, mode="build"))
    assert text.startswith('digraph "work" {\n')
    assert '    "shop:work#er<1>" [label="work#er<1>"];\n' in text
    assert '  "web" -> "shop:api";\n' in text
    assert text.count("{") == text.count("}") == 2
    assert dot(planned(pipeline([], name='a"b\\'))).startswith('digraph "a\\"b\\\\" {\n')


def test_the_data_can_be_written_as_json(planned: Planned, system: Pipeline) -> None:
    data = json.loads(json.dumps(graph_data(planned(system))))
    by_id = {item["id"]: item for item in data["tasks"]}
    assert (data["mode"], data["targets"]) == ("dev", ["web", "shop", "db"])
    assert by_id["shop"]["subtasks"] == ["shop:work#er<1>", "shop:api"]
    assert by_id["shop:work#er<1>"]["command"] == ["run", "it"]
    assert by_id["shop:api"]["skip"] == "command-not-found"
    assert by_id["web"]["file"] == __file__


def test_rows_come_in_definition_order_with_inner_tasks_below_their_pipeline(
    planned: Planned, system: Pipeline
) -> None:
    rows = task_rows(system, planned(system))
    assert [(row.id, row.depth, row.modes) for row in rows] == [
        ("web", 0, ("*",)),
        ("shop", 0, ()),
        ("shop:work#er<1>", 1, ("*",)),
        ("shop:api", 1, ("build", "test")),
        ("db", 0, ("*",)),
    ]
    assert rows[-1].description == "data"
