"""`reload`, `start` of what was not wanted, and `stop --remove`, from outside."""

import json
import subprocess
import sys
import time

import pytest
from live_workspace import Workspace, lines_of

pytestmark = pytest.mark.real

SHOP = """
main = pipeline([
    db := service("db"),
    api := service("api", db),
    service("mail"),
    service("web", "mail"),
])
"""


def states(workspace: Workspace) -> dict[str, tuple[str, int]]:
    """Return the state and the attempt of every task."""
    data = json.loads(workspace.cli("ps", "--format", "json").out)
    return {task["id"]: (task["state"]["type"], task["attempt"]) for task in data["tasks"]}


def test_a_reload_tells_what_changed_and_restarts_only_that(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    workspace.write(SHOP.replace('service("api", db)', 'service("api", db, env={"PORT": "1"})'))
    before = workspace.cli("reload", "--dry-run")
    assert before.out == "~ api  env  (restarted)\n"
    assert before.err == "restarts `api`; 3 unchanged\n"
    assert states(workspace)["api"] == ("ready", 1)
    done = workspace.cli("reload")
    assert done.out == before.out
    assert done.err == "restarted `api`; 3 unchanged\n"
    assert states(workspace) == {"db": ("ready", 1), "api": ("ready", 2), "mail": ("ready", 1), "web": ("ready", 1)}
    assert workspace.cli("reload").err == "nothing has changed: everything goes on as it is\n"


def test_a_reload_brings_added_tasks_up_and_takes_removed_ones_down(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    workspace.write('main = pipeline([service("db"), service("api", "db"), service("cache")])')
    done = workspace.cli("reload", "--format", "json")
    changes = json.loads(done.out)["changes"]
    assert changes["added"] == ["cache"]
    assert sorted(changes["removed"]) == ["mail", "web"]
    assert changes["lost"] == changes["removed"]
    assert states(workspace) == {"db": ("ready", 1), "api": ("ready", 1), "cache": ("ready", 1)}


def test_a_broken_file_is_told_with_all_its_problems_and_changes_nothing(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    workspace.write('main = pipeline([service("api", "dd"), service("web", "mial"), service("mail")])')
    done = workspace.cli("reload", code=2)
    assert done.out == ""
    assert "`api` depends on `dd`, but there is no such task" in done.err
    assert "`web` depends on `mial`, but there is no such task" in done.err
    assert "did you mean `mail`?" in done.err
    assert f"{workspace.root}/pipeline.py:" in done.err or "pipeline.py:" in done.err
    assert done.err.endswith("nothing was changed: the system goes on as it is\n")
    assert states(workspace)["api"] == ("ready", 1)


def test_a_task_that_was_not_wanted_is_started_with_what_it_needs_and_removed_again(workspace: Workspace) -> None:
    workspace.write(SHOP).up(targets=("api",))
    assert set(states(workspace)) == {"db", "api"}
    assert workspace.cli("start", "web").err == "added `web`, with `mail`, which it needs; `web` is ready\n"
    assert states(workspace)["mail"] == ("ready", 1)
    refused = workspace.cli("stop", "--remove", "mail", code=1)
    assert "`mail` stays: `web` needs it" in refused.err
    assert workspace.cli("stop", "--remove", "web").err == "removed `web`, with `mail`, which nothing else needs\n"
    assert set(states(workspace)) == {"db", "api"}
    assert "there is no task `wep`" in workspace.cli("start", "wep", code=2).err


def test_a_task_that_was_added_stays_through_a_reload(workspace: Workspace) -> None:
    workspace.write(SHOP).up(targets=("db",))
    workspace.cli("start", "mail")
    workspace.write(SHOP.replace('service("web", "mail")', 'service("other")'))
    workspace.cli("reload")
    assert set(states(workspace)) == {"db", "mail"}


def test_a_run_that_prints_lines_can_be_reloaded_too(workspace: Workspace) -> None:
    workspace.write(SHOP)
    command = [sys.executable, "-P", "-m", "tui_runner", "dev", "--no-tui"]
    with subprocess.Popen(command, cwd=workspace.root, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        printed = ""
        while "web" not in printed or "ready" not in printed.rpartition("web")[2]:
            line = process.stdout.readline()
            assert line
            printed += line
        workspace.write(SHOP.replace('service("mail")', 'service("mail"), service("extra")'))
        assert lines_of(workspace.cli("reload")) == ["+ extra"]
        workspace.cli("down")
        rest = process.stdout.read()
    assert "extra" in rest
    assert process.returncode == 0


def test_a_file_that_never_ends_holds_up_neither_the_system_nor_its_end(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    workspace.write("open('loading', 'w').close(); import time; time.sleep(1000)" + SHOP)
    command = [sys.executable, "-P", "-m", "tui_runner", "reload"]
    with subprocess.Popen(command, cwd=workspace.root, stderr=subprocess.PIPE, text=True) as process:
        while not (workspace.root / "loading").exists():
            assert process.poll() is None
            time.sleep(0.01)
        assert workspace.cli("reload", code=1).err == "`pipeline.py` is being loaded already\n"
        assert workspace.cli("restart", "api").err == "`api` is ready\n"
        workspace.cli("down")
        assert process.wait(timeout=30) != 0


TESTED = """
db = service("db")
main = pipeline([
    db,
    task("api", depends_on=[db], env={"WORD": "green"}, commands={
        "dev": command([PYTHON, "-c", SERVICE], ready_when="ready"),
        "test": "echo $WORD; test ! -e broken",
    }),
])
"""


def test_another_mode_is_run_once_beside_what_runs(workspace: Workspace) -> None:
    workspace.write(TESTED).up()
    assert workspace.cli("start", "api", "--mode", "test").err == "`api@test` completed\n"
    assert workspace.cli("logs", "api@test").out.splitlines()[0].endswith("green")
    assert "api@test completed" in workspace.cli("logs", "api").out
    (workspace.root / "broken").touch()
    failed = workspace.cli("start", "api", "--mode", "test", code=1)
    assert "`api@test` failed: [api@test] Task failed with non-zero exit code: 1" in failed.err
    assert states(workspace) == {"db": ("ready", 1), "api": ("ready", 1), "api@test": ("failed", 2)}
    assert workspace.cli("stop", "--remove", "api@test").err == "removed `api@test`\n"
    assert set(states(workspace)) == {"db", "api"}


def test_another_mode_that_a_task_has_not_is_refused(workspace: Workspace) -> None:
    workspace.write(TESTED).up()
    refused = workspace.cli("start", "api", "--mode", "tset", code=1)
    assert "`api` has no command of its own for the mode `tset`: it has `dev` or `test`" in refused.err
    assert "`dev` is the mode of this run" in workspace.cli("start", "api", "--mode", "dev", code=1).err


def test_a_mode_that_was_run_once_does_not_run_again_by_a_reload_and_goes_with_its_task(workspace: Workspace) -> None:
    workspace.write(TESTED).up()
    workspace.cli("start", "api", "--mode", "test")
    workspace.write(TESTED.replace("echo $WORD;", "echo new;"))
    assert workspace.cli("reload").out == "~ api@test  run\n"
    assert states(workspace)["api@test"] == ("completed", 1)
    workspace.write('main = pipeline([service("db")])')
    workspace.cli("reload")
    assert set(states(workspace)) == {"db"}
