"""Reloading `pipeline.py` and wanting other tasks while the system runs, with real processes and files."""

import asyncio
import os

import pytest
from described_system import DescribedSystem
from live_system import System
from rig import DEADLINE_S

from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.result import RunResult
from tui_runner.model.state import TeardownStatus
from tui_runner.model.task import task

pytestmark = pytest.mark.real


async def test_only_what_changed_is_restarted(workspace: DescribedSystem) -> None:
    workspace.write("""
db = task("db", run=serve())
api = task("api", run=serve(), env={"PORT": "1"}, depends_on=[db])
main = pipeline([db, api])
""")
    await workspace.start()
    db, api = workspace.pid("db"), workspace.pid("api")
    workspace.write("""
db = task("db", run=serve())
api = task("api", run=serve(), env={"PORT": "2"}, depends_on=[db])
main = pipeline([db, api])
""")
    await workspace.reload()
    assert workspace.pid("db") == db
    assert workspace.pid("api") != api
    view = workspace.supervisor.view("api")
    assert (view.restarts, view.restart_reason) == (1, "its definition changed: env")
    await workspace.down()


async def test_what_is_removed_is_torn_down_as_it_was_and_what_is_added_comes_up(workspace: DescribedSystem) -> None:
    workspace.write("""
main = pipeline([task("db", run=serve(teardown="echo old >> downs")), task("api", run=serve(), depends_on=["db"])])
""")
    await workspace.start()
    workspace.write("""
main = pipeline([task("store", run=serve()), task("api", run=serve("again"), depends_on=["store"])])
""")
    await workspace.reload()
    assert (workspace.directory / "downs").read_text() == "old\n"
    assert [view.id for view in workspace.supervisor.views()] == ["store", "api"]
    assert workspace.word("store") == workspace.word("api") == "ready"
    result: RunResult = await workspace.down()
    assert {stats.id: stats.status for stats in result.stats.tasks} == {
        "api": "completed",
        "store": "completed",
        "db": "completed",
    }
    assert result.ok


async def test_a_file_that_is_broken_changes_nothing_and_all_problems_are_told(workspace: DescribedSystem) -> None:
    workspace.write('main = pipeline([task("db", run=serve())])')
    await workspace.start()
    db = workspace.pid("db")
    workspace.write(
        'main = pipeline([task("db", run=serve(), depends_on=["x"]), task("a", run="b", depends_on=["y"])])'
    )
    with pytest.raises(DefinitionError) as wrong:
        await workspace.supervisor.replacing.reloaded()
    assert [problem.message for problem in wrong.value.problems] == [
        "`db` depends on `x`, but there is no such task",
        "`a` depends on `y`, but there is no such task",
    ]
    workspace.write("def broken(:")
    with pytest.raises(DefinitionError):
        await workspace.supervisor.replacing.reloaded()
    assert workspace.pid("db") == db
    workspace.write('main = pipeline([task("db", run=serve())])')
    await workspace.reload()
    assert workspace.pid("db") == db


async def test_modules_that_the_file_imports_are_loaded_afresh(workspace: DescribedSystem) -> None:
    helpers = workspace.directory / "shop_helpers_of_test"
    helpers.mkdir()
    (helpers / "ports.py").write_text("API = '1'\n")
    body = """
from shop_helpers_of_test import ports
main = pipeline([task("api", run=serve(), env={"PORT": ports.API})])
"""
    workspace.write(body)
    await workspace.start()
    (helpers / "ports.py").write_text("API = '4000'\n")
    workspace.write(body)
    await workspace.reload()
    assert workspace.supervisor.plan.tasks["api"].env == {"PORT": "4000"}


async def test_a_task_that_was_not_wanted_comes_up_with_what_it_needs_and_goes_again(
    workspace: DescribedSystem,
) -> None:
    workspace.write("""
mail = task("mail", run=serve())
shop = task("shop", run=serve(), depends_on=[mail])
main = pipeline([mail, shop, task("api", run=serve())])
""")
    await workspace.start("api")
    replacing = workspace.supervisor.replacing
    assert {known.id: known.wanted for known in replacing.known()} == {"mail": False, "shop": False, "api": True}
    assert await replacing.go_over(replacing.with_task("shop"), ("shop",))
    await workspace.settle()
    assert [workspace.word(task) for task in ("shop", "mail", "api")] == ["ready"] * 3
    with pytest.raises(DefinitionError, match="`mail` stays: `shop` needs it"):
        replacing.without_task("mail")
    draft = replacing.without_task("shop")
    assert replacing.changes(draft).lost == ("shop", "mail")
    assert await replacing.go_over(draft)
    assert [view.id for view in workspace.supervisor.views()] == ["api"]
    with pytest.raises(DefinitionError, match="no task would be left"):
        replacing.without_task("api")


async def test_a_task_that_left_the_file_is_in_nobodys_way_and_comes_back_with_it(workspace: DescribedSystem) -> None:
    everything = """
main = pipeline([task("log", run=serve()), task("gen", run=serve()), task("dep", run=serve()), task("mail", run=serve())])
"""
    workspace.write(everything)
    await workspace.start("log", "gen")
    replacing = workspace.supervisor.replacing
    assert await replacing.go_over(replacing.with_task("mail"), ("mail",))
    workspace.write('main = pipeline([task("log", run=serve()), task("dep", run=serve())])')
    await workspace.reload()
    assert await replacing.go_over(replacing.with_task("dep"), ("dep",))
    assert await replacing.go_over(replacing.without_task("log"))
    assert [view.id for view in workspace.supervisor.views()] == ["dep"]
    for name in ("gen", "mail"):
        with pytest.raises(DefinitionError, match=f"there is no task `{name}`"):
            replacing.with_task(name)
    workspace.write(everything)
    await workspace.reload()
    assert [view.id for view in workspace.supervisor.views()] == ["gen", "dep", "mail"]
    await workspace.settle()


async def test_what_a_reload_comes_to_is_told_before_it_is_done(workspace: DescribedSystem) -> None:
    workspace.write("""
main = pipeline([
    task("db", run=serve(teardown="true")), task("api", run=serve(), depends_on=["db"]), task("web", run=serve()),
    task("old", run=serve()),
])
""")
    await workspace.start()
    workspace.write("""
main = pipeline([
    task("db", run=serve(teardown="false")), task("api", run=serve(), depends_on=["db"]), task("web", run=serve("w")),
    task("new", run=serve()),
])
""")
    replacing = workspace.supervisor.replacing
    changes = replacing.changes(await replacing.reloaded())
    assert changes.added == ("new",)
    assert changes.removed == ("old",)
    assert [(change.task, change.fields, change.restarts) for change in changes.changed] == [
        ("db", ("teardown",), True),
        ("web", ("run", "ready_when"), True),
    ]
    assert changes.lost == ("db", "old")
    assert changes.along == ("api",)
    assert workspace.supervisor.view("old").teardown is None
    assert workspace.supervisor.view("db").teardown is TeardownStatus.DUE


async def test_files_of_an_added_task_are_watched(workspace: DescribedSystem) -> None:
    workspace.write('main = pipeline([task("api", run=serve())])')
    await workspace.start()
    workspace.write('main = pipeline([task("api", run=serve()), task("web", run=serve(watch=watch("src")))])')
    (workspace.directory / "src").mkdir()
    await workspace.reload()
    await workspace.supervisor._watching._watcher.wait_armed()  # type: ignore[union-attr]
    (workspace.directory / "src" / "page.html").write_text("new")
    async with asyncio.timeout(DEADLINE_S):
        while workspace.supervisor.view("web").restarts == 0:  # noqa: ASYNC110 - views set no events
            await asyncio.sleep(0.01)


async def test_a_secret_that_is_new_is_hidden(workspace: DescribedSystem) -> None:
    workspace.write('main = pipeline([task("api", run=serve())])')
    await workspace.start()
    workspace.write("""
from tui_runner import secret
main = pipeline([task("api", run="echo token=$TOKEN; exec sleep 1000", env={"TOKEN": secret("very-secret-word")})])
""")
    await workspace.reload()
    await workspace.prints("api", b"token=***")
    assert b"very-secret-word" not in workspace.witness.log["api"]


async def test_a_secret_that_is_new_is_hidden_in_what_goes_on_too(workspace: DescribedSystem) -> None:
    api = 'task("api", run=command("echo up; tail -f heard & while :; do sleep 1; done", ready_when="up"))'
    (workspace.directory / "heard").touch()
    workspace.write(f"main = pipeline([{api}])")
    await workspace.start()
    pid = workspace.pid("api")
    workspace.write(f"""
from tui_runner import secret
main = pipeline([{api}, task("web", run=serve(), env={{"TOKEN": secret("very-secret-word")}})])
""")
    await workspace.reload()
    assert workspace.pid("api") == pid
    (workspace.directory / "heard").write_text("web says very-secret-word\n")
    await workspace.prints("api", b"web says ***\n")


async def test_it_can_be_seen_whether_the_file_was_changed_since_it_was_loaded(workspace: DescribedSystem) -> None:
    workspace.write('main = pipeline([task("api", run=serve())])')
    await workspace.start()
    file = workspace.directory / "pipeline.py"
    run = workspace.supervisor.run_view
    assert (run.definitions, run.definitions_mtime_ns) == (str(file), file.stat().st_mtime_ns)
    os.utime(file, ns=(5, 5))
    assert workspace.supervisor.run_view.definitions_mtime_ns != 5
    await workspace.reload()
    assert workspace.supervisor.run_view.definitions_mtime_ns == 5


async def test_a_run_without_definitions_stays_as_it_is(system: System) -> None:
    run = await system.up(task("t", run="sleep 1000"), wait=False)
    with pytest.raises(DefinitionError, match="this run stays as it began"):
        await run.replacing.reloaded()
    assert [known.id for known in run.replacing.known()] == ["t"]
