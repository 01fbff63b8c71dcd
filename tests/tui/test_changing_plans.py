"""Reloading the definitions, and adding and removing tasks, at the screen."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from overview_steps import a_shop, select

from tui_runner.control.protocol import Reply, Snapshot
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.model.plan_changes import ChangedTask, KnownTask, PlanChanges
from tui_runner.model.state import Pending
from tui_runner.tui.definition_news import DefinitionNews

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

HARMLESS = PlanChanges(added=("mail",), changed=(ChangedTask(task="api", fields=("env",), restarts=True),), unchanged=5)
LOSS = PlanChanges(
    removed=("db",),
    changed=(
        ChangedTask(task="worker", fields=("teardown",), restarts=True),
        ChangedTask(task="web", fields=("retry",)),
    ),
    unchanged=3,
    lost=("db", "worker"),
    along=("api",),
)


def asked(peer: "Peer") -> list[tuple[str, str | None, bool, bool]]:
    return [(command.verb, command.task, command.preview, command.remove) for command in peer.commands]


async def test_a_reload_that_loses_nothing_is_done_at_once(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["reload"] = Reply(id=0, ok=True, message="restarted `api`; 5 unchanged", changes=HARMLESS)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("ctrl+l")
        await on_stage.shows("restarted api; 5 unchanged")
        assert asked(peer) == [("reload", None, True, False), ("reload", None, False, False)]


async def test_a_reload_that_loses_something_is_shown_first(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["reload"] = Reply(id=0, ok=True, message="removed `db`", changes=LOSS)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("ctrl+l")
        await on_stage.shows(
            "Reload the definitions",
            "- db  running: it is stopped and torn down",
            "~ worker  teardown: torn down, then started",
            "~ api  restarted: what it needs is torn down",
            "~ web  retry",
            "3 unchanged",
        )
        assert len(peer.commands) == 1
        await on_stage.press("enter", "y")
        await on_stage.shows("removed db")
        assert asked(peer)[1:] == [("reload", None, False, False)]


async def test_escape_leaves_everything_as_it_is(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["reload"] = Reply(id=0, ok=True, changes=LOSS)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("ctrl+l")
        await on_stage.shows("leave everything as it is")
        await on_stage.press("escape")
        await on_stage.shows("nothing was changed")
        assert len(peer.commands) == 1


async def test_problems_are_shown_with_their_places(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    problems = (
        Problem(
            kind=ProblemKind.UNKNOWN_TASK, message="`api` depends on `dd`", site=Site(file="/app/pipeline.py", line=7)
        ),
        Problem(kind=ProblemKind.INVALID_TASK, message="`web` has no commands", help="give it one"),
    )
    peer.replies["reload"] = Reply(id=0, ok=False, message="no", problems=problems)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("ctrl+l")
        await on_stage.shows("nothing was changed", "`api` depends on `dd`", "pipeline.py:7", "`web` has no commands")
        await on_stage.press("escape")
        await on_stage.until(lambda: on_stage.app.screen is on_stage.main)


async def test_a_long_line_with_a_problem_is_cut_to_the_dialog_and_its_mark_with_it(
    peer: "Peer", stage: "OpenStage", tmp_path: Path
) -> None:
    a_shop(peer)
    file = tmp_path / "pipeline.py"
    file.write_text(f"api = task('api', run='{'x' * 200}')\n")
    problem = Problem(
        kind=ProblemKind.UNKNOWN_TASK,
        message="`api` depends on `dd`",
        site=Site(file=str(file), line=1),
        label="needed here",
    )
    peer.replies["reload"] = Reply(id=0, ok=False, message="no", problems=(problem,))
    async with stage(size=(60, 24)) as on_stage:
        await on_stage.press("ctrl+l")
        for columns in (60, 100, 80):
            await on_stage.pilot.resize_terminal(columns, 24)
            shown = columns - len("  1 | " + "…  ")
            await on_stage.shows(f"  1 | {file.read_text()[:shown]}…")
            await on_stage.shows(f"    | {'^' * min(72, shown + 1 - len(' needed here'))} needed here")


async def test_a_task_that_is_not_part_of_the_run_is_added(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["known"] = Reply(
        id=0,
        ok=True,
        known=(
            KnownTask(id="web", wanted=True, target=True),
            KnownTask(id="db", wanted=True),
            KnownTask(id="mail", description="catches mail"),
        ),
    )
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("A")
        await on_stage.shows("[x] web", "[+] db", "[ ] mail  catches mail")
        await on_stage.press("j", "j", "enter")
        await peer.until(lambda: len(peer.commands) == 2)
        assert asked(peer)[1] == ("start", "mail", False, False)


async def test_a_running_task_is_removed_after_a_question(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["known"] = Reply(id=0, ok=True, known=(KnownTask(id="web", wanted=True, target=True),))
    peer.replies["stop"] = Reply(id=0, ok=True, message="removing `web`", changes=LOSS)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("A")
        await on_stage.shows("[x] web")
        await on_stage.press("enter")
        await on_stage.shows("Remove web", "- db  running")
        await on_stage.press("y")
        await on_stage.shows("removing web")
        assert asked(peer)[1:] == [("stop", "web", True, True), ("stop", "web", False, True)]


async def test_another_mode_is_chosen_and_shown_where_it_runs(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["known"] = Reply(
        id=0, ok=True, known=(KnownTask(id="api", wanted=True, modes=("dev", "test", "lint")),)
    )
    async with stage(size=(120, 30)) as on_stage:
        await select(on_stage, "api")
        await on_stage.press("E")
        await on_stage.shows("Run api once in another mode", "test", "lint")
        peer.add("api@test", Pending())
        peer.send(Snapshot(run=peer.run, tasks=tuple(peer.views.values())))
        peer.replies["start"] = Reply(id=0, ok=True, message="running `api@test`", tasks=(peer.views["api@test"],))
        await on_stage.press("enter")
        await on_stage.shows("running api@test")
        assert [(asked.verb, asked.task, asked.mode) for asked in peer.commands][1:] == [("start", "api", "test")]
        await on_stage.until(lambda: on_stage.main.task_id == "api@test")


async def test_a_task_without_another_mode_says_so(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    peer.replies["known"] = Reply(id=0, ok=True, known=(KnownTask(id="api", modes=("dev",)),))
    async with stage(size=(120, 30)) as on_stage:
        await select(on_stage, "api")
        await on_stage.press("E")
        await on_stage.shows("api has no other mode")


async def test_a_file_that_was_changed_is_noticed_once(peer: "Peer", stage: "OpenStage", tmp_path: Path) -> None:
    a_shop(peer)
    file = tmp_path / "pipeline.py"
    file.write_text("one")
    peer.run = msgspec.structs.replace(peer.run, definitions=str(file), definitions_mtime_ns=file.stat().st_mtime_ns)
    news = DefinitionNews()
    assert news.look(peer.run) == ""
    os.utime(file, ns=(1, 1))
    assert news.look(peer.run) == "pipeline.py"
    assert news.look(peer.run) == ""
    file.unlink()
    assert news.look(peer.run) == ""
    file.write_text("two")
    async with stage(size=(120, 30)) as on_stage:
        on_stage.main.look_at_definitions()
        await on_stage.shows("pipeline.py changed: Ctrl-L reloads it")


def replace_tasks(peer: "Peer", *gone: str) -> None:
    """Send a picture without these tasks."""
    for name in gone:
        del peer.views[name]
    peer.send(Snapshot(run=peer.run, tasks=tuple(peer.views.values())))


async def shown(on_stage: "Stage") -> list[str | None]:
    return [pane.task_id for pane in on_stage.main.body.grid]


async def test_other_tasks_leave_cursor_folds_and_panes_as_they_are(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 30)) as on_stage:
        await select(on_stage, "api")
        await on_stage.press("v")
        await select(on_stage, "migrate")
        before = await shown(on_stage)
        replace_tasks(peer, "mailbox", "worker")
        await on_stage.until(lambda: "worker" not in on_stage.main.session.tasks)
        assert await shown(on_stage) == before
        assert on_stage.main.task_id == "migrate"


async def test_a_pane_whose_task_is_gone_shows_another_one(peer: "Peer", stage: "OpenStage") -> None:
    a_shop(peer)
    async with stage(size=(120, 30)) as on_stage:
        await select(on_stage, "worker")
        replace_tasks(peer, "mailbox", "worker")
        await on_stage.until(lambda: "worker" not in on_stage.main.session.tasks)
        [pane] = on_stage.main.body.grid.panes
        assert pane.task_id == on_stage.main.task_id
        assert pane.task_id in peer.views
