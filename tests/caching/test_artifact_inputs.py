"""What another task has made counts as an input, as it was declared as an output there."""

from pathlib import Path

from cache_workspace import CacheWorkspace

from tui_runner import cache, command, pipeline, task
from tui_runner.caching.key import Surroundings
from tui_runner.caching.task_cache import Resolved, TaskCache
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline


def test_packages_that_a_task_has_put_into_its_outputs_count_for_those_who_use_them(tmp_path: Path) -> None:
    workspace = CacheWorkspace(tmp_path)
    bundle = task("bundle", run=command("make", cache=cache(inputs="src", outputs="dist")))
    deploy = task("deploy", run=command("ship", cache=cache(inputs=bundle.artifact("build"))))
    plan = plan_pipeline(pipeline([bundle, deploy]), PlanRequest(mode="build", root=str(tmp_path)))
    assert isinstance(plan, Plan)
    around = Surroundings(root=str(tmp_path), environment={}, platform="any")
    known = TaskCache(workspace.places, workspace.store, around)
    keys: set[str] = set()
    for version in ("1", "2"):
        workspace.write("dist/node_modules/dep/index.js", version)
        keys.add(known.state(plan.tasks["deploy"], Resolved()).key)
    assert len(keys) == 2
