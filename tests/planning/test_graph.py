"""Edges, ownership and order of plans that are sound."""

from collections.abc import Callable

from tui_runner import Pipeline, Task, command, pipeline, task
from tui_runner.model.state import SkipReason
from tui_runner.planning.plan import Plan, gate_of

Planned = Callable[..., Plan]


def step(name: str, *depends_on: Task | str) -> Task:
    return task(name, run="true", depends_on=depends_on)


def seeds(plan: Plan) -> list[str]:
    """Tasks that may start at once, in the order they would."""
    return [task_id for task_id in plan.tasks if not plan.after[task_id]]


def test_tasks_start_in_definition_order_with_dependencies_first(planned: Planned) -> None:
    c, d = step("c"), step("d")
    plan = planned(pipeline([step("z", d, c), c, step("a"), step("b"), step("e"), d]))
    assert list(plan.tasks) == ["z", "d", "c", "a", "b", "e"]
    assert seeds(plan) == ["d", "c", "a", "b", "e"]


def test_transitive_dependencies_are_included_but_are_no_targets(planned: Planned) -> None:
    c = step("c")
    b = step("b", c)
    plan = planned(pipeline([step("a", b)]))
    assert list(plan.tasks) == ["a", "b", "c"]
    assert plan.targets == ("a",)
    assert plan.top_level == ("a", "b", "c")
    assert [plan.tasks[name].target for name in "abc"] == [True, False, False]


def test_dependents_and_dependencies_mirror_each_other_without_duplicates(planned: Planned) -> None:
    db = step("db")
    api = task("api", run=command("x", depends_on=[db, "db"]), depends_on=["db", db])
    plan = planned(pipeline([db, api]))
    assert plan.tasks["api"].depends_on == ("db",)
    assert plan.tasks["db"].dependents == ("api",)
    assert plan.after["api"] == ("db",)


def test_command_level_dependencies_add_to_those_of_the_task_in_their_own_mode_only(planned: Planned) -> None:
    db, gen, lint = step("db"), step("gen"), step("lint")
    api = task(
        "api",
        depends_on=[db],
        commands={"dev": command("x", depends_on=[gen]), "build": command("y", depends_on=[lint])},
    )
    assert planned(pipeline([api])).tasks["api"].depends_on == ("db", "gen")
    assert "lint" not in planned(pipeline([api])).tasks
    assert planned(pipeline([api]), mode="build").tasks["api"].depends_on == ("db", "lint")


def test_a_dependency_without_the_mode_stays_an_edge_and_is_skipped(planned: Planned) -> None:
    db = task("db", commands={"dev": "x"})
    plan = planned(pipeline([step("api", db)]), mode="build")
    assert plan.after["api"] == ("db",)
    assert plan.tasks["db"].skip is SkipReason.COMMAND_NOT_FOUND
    assert plan.tasks["db"].command is None


def test_a_command_for_every_mode_gives_way_to_one_of_the_mode(planned: Planned) -> None:
    both = pipeline([task("a", run="x")])
    command_of_a = planned(both, mode="anything").tasks["a"].command
    assert command_of_a is not None
    assert command_of_a.run == "x"


def test_strict_mode_refuses_tasks_without_a_command_unless_they_allow_it(planned: Planned) -> None:
    strict = task("a", commands={"dev": "x"})
    lenient = task("b", commands={"dev": "x"}, allow_skip=True)
    plan = planned(pipeline([strict, lenient, pipeline([]).to_task("c")]), mode="build", strict=True)
    assert plan.tasks["a"].refusal == '[a] no command for "build" and strict mode is on'
    assert plan.tasks["a"].skip is None
    assert (plan.tasks["b"].refusal, plan.tasks["b"].skip) == (None, SkipReason.COMMAND_NOT_FOUND)
    assert (plan.tasks["c"].refusal, plan.tasks["c"].skip) == (None, None)


def test_inner_tasks_wait_for_what_the_whole_depends_on_and_dependents_for_all_of_them(planned: Planned) -> None:
    db = step("db")
    one, two = step("one"), step("two", "one")
    shop = pipeline([one, two]).to_task("shop", depends_on=[db])
    plan = planned(pipeline([step("web", shop), shop]))
    assert plan.after == {
        "web": ("shop",),
        "shop": ("shop:", "shop:one", "shop:two"),
        "shop:": ("db",),
        "db": (),
        "shop:one": ("shop:",),
        "shop:two": ("shop:", "shop:one"),
    }
    assert plan.tasks["shop"].subtasks == ("shop:one", "shop:two")
    assert plan.tasks["shop"].depends_on == ("db",)
    assert plan.tasks["shop:one"].parent == "shop"
    assert list(plan.tasks) == ["web", "shop", "db", "shop:one", "shop:two"]


def test_depending_on_an_inner_task_waits_for_that_task(planned: Planned) -> None:
    inner = step("inner")
    plan = planned(pipeline([step("outside", inner), pipeline([inner, step("other")]).to_task("p")]))
    assert plan.after["outside"] == ("p:inner",)
    assert list(plan.tasks) == ["outside", "p", "p:inner", "p:other"], "a nested pipeline comes before its tasks"


def test_what_only_inner_tasks_need_is_run_too(planned: Planned) -> None:
    shared = step("shared")
    plan = planned(pipeline([pipeline([step("inner", shared)]).to_task("p")]))
    assert plan.top_level == ("p", "shared")
    assert plan.after["p:inner"] == ("p:", "shared")
    assert plan.after["p"] == ("p:", "p:inner")


def test_nested_gates_follow_each_other(planned: Planned) -> None:
    deep = pipeline([step("t")]).to_task("in")
    plan = planned(pipeline([pipeline([deep]).to_task("out", depends_on=[step("db")])]))
    assert plan.after[gate_of("out")] == ("db",)
    assert plan.after[gate_of("out:in")] == ("out:",)
    assert plan.after["out:in:t"] == ("out:in:",)
    assert plan.after["out"] == ("out:", "out:in")


def test_an_empty_nested_pipeline_passes_its_dependencies_on(planned: Planned) -> None:
    plan = planned(pipeline([pipeline([]).to_task("nothing", depends_on=[step("db")])]))
    assert plan.after["nothing"] == ("nothing:",)
    assert plan.after["nothing:"] == ("db",)


def test_a_task_in_two_pipelines_belongs_to_the_first_and_the_other_waits_for_it(planned: Planned) -> None:
    db = step("db")
    one = pipeline([db]).to_task("one", depends_on=[step("first")])
    two = pipeline([db, step("t", db)]).to_task("two")
    plan = planned(pipeline([one, two]))
    assert set(plan.tasks) == {"one", "first", "one:db", "two", "two:t"}
    assert plan.after["two"] == ("two:", "one:db", "two:t")
    assert plan.after["one:db"] == ("one:",), "the pipeline that only refers to a task does not hold it back"
    assert plan.tasks["two"].subtasks == ("two:t",)


def test_the_root_pipeline_owns_what_it_holds_before_any_nested_one(planned: Planned) -> None:
    db = step("db")
    plan = planned(pipeline([pipeline([db]).to_task("p"), db]))
    assert plan.tasks["db"].parent is None
    assert plan.after["p"] == ("p:", "db")


def test_one_pipeline_used_twice_runs_once(planned: Planned) -> None:
    shop = pipeline([step("t")])
    plan = planned(pipeline([shop.to_task("a"), shop.to_task("b")]))
    assert set(plan.tasks) == {"a", "b", "a:t"}
    assert plan.after["b"] == ("b:", "a:t")


def test_a_dependency_that_a_nested_pipeline_holds_is_not_pulled_to_the_top(planned: Planned) -> None:
    inner = step("inner")
    plan = planned(pipeline([step("before", inner), pipeline([inner]).to_task("p")]))
    assert plan.top_level == ("before", "p")


def test_a_nested_pipeline_that_is_only_a_dependency_brings_its_tasks(planned: Planned) -> None:
    plan = planned(pipeline([step("web", pipeline([step("t")]).to_task("p"))]))
    assert list(plan.tasks) == ["web", "p", "p:t"]
    assert plan.targets == ("web",)


def test_names_mean_the_own_pipeline_first_then_the_enclosing_ones_then_full_ids(planned: Planned) -> None:
    inner = pipeline(
        [
            step("db"),
            step("a", "db"),
            step("b", "cache"),
            step("c", "other:x"),
            step("d", "deep:y"),
            pipeline([step("y")]).to_task("deep"),
        ]
    )
    outer = pipeline([inner.to_task("p"), step("db"), step("cache"), pipeline([step("x")]).to_task("other")])
    tasks = planned(outer).tasks
    assert tasks["p:a"].depends_on == ("p:db",)
    assert tasks["p:b"].depends_on == ("cache",)
    assert tasks["p:c"].depends_on == ("other:x",)
    assert tasks["p:d"].depends_on == ("p:deep:y",), "paths work the same whether a pipeline is nested or not"


def test_a_name_finds_a_task_that_was_pulled_in_by_another(planned: Planned) -> None:
    assert planned(pipeline([step("a", step("db")), step("b", "db")])).tasks["b"].depends_on == ("db",)


def test_environment_of_command_wins_over_task_over_pipelines_inner_first_over_run(planned: Planned) -> None:
    names = ("COMMAND", "TASK", "INNER", "OUTER", "RUN")

    def env(level: int) -> dict[str, str]:
        return dict.fromkeys(names[: level + 1], names[level])

    leaf = task("t", run=command("x", env=env(0)), env=env(1))
    inner = pipeline([leaf, step("bare")]).to_task("in", env=env(2))
    plan = planned(pipeline([pipeline([inner]).to_task("out", env=env(3))]), env=env(4))
    assert plan.tasks["out:in:t"].env == {name: name for name in names}
    assert plan.tasks["out:in:bare"].env == {
        "COMMAND": "INNER",
        "TASK": "INNER",
        "INNER": "INNER",
        "OUTER": "OUTER",
        "RUN": "RUN",
    }


def test_working_directories_are_absolute_and_start_at_the_root(planned: Planned) -> None:
    nested = pipeline([task("t", run="x", cwd="apps/web")]).to_task("p")
    plan = planned(
        pipeline([nested, step("here"), task("abs", run="x", cwd="/srv"), task("up", run="x", cwd="../lib")])
    )
    cwds = {task_id: planned_task.cwd for task_id, planned_task in plan.tasks.items()}
    assert cwds == {"p": "/work", "p:t": "/work/apps/web", "here": "/work", "abs": "/srv", "up": "/work/../lib"}


def test_limits_of_nested_pipelines_may_depend_on_the_mode(planned: Planned) -> None:
    tasks = [
        pipeline([]).to_task("fixed", max_concurrency=2),
        pipeline([]).to_task("free"),
        pipeline([]).to_task("by-mode", max_concurrency=lambda mode: 1 if mode == "dev" else 4),
    ]
    plan = planned(pipeline(tasks), max_concurrency=7)
    assert [plan.tasks[name].concurrency for name in ("fixed", "free", "by-mode")] == [2, None, 1]
    assert plan.max_concurrency == 7


def test_the_plan_is_named_after_the_pipeline_or_its_directory(planned: Planned) -> None:
    assert planned(pipeline([], name="shop")).name == "shop"
    assert planned(pipeline([])).name == "work"


def test_a_chain_of_ten_thousand_tasks_is_planned(planned: Planned) -> None:
    tasks = [step("t0")]
    for number in range(1, 10_000):
        tasks.append(step(f"t{number}", tasks[-1]))
    plan = planned(pipeline(tasks[-1:]))
    assert len(plan.tasks) == 10_000
    assert list(plan.tasks)[-1] == "t0"


def test_pipelines_nested_a_thousand_deep_are_planned(planned: Planned) -> None:
    nested: Pipeline = pipeline([step("t")])
    for _ in range(1_000):
        nested = pipeline([nested.to_task("p", env={"A": "1"})])
    plan = planned(nested)
    assert len(plan.tasks) == 1_001
    assert plan.tasks[":".join(["p"] * 1_000 + ["t"])].env == {"A": "1"}
