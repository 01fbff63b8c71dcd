"""`tui-runner watch`: pausing and going on, from outside, with real files."""

import json

import pytest
from live_workspace import Owner, Workspace

pytestmark = pytest.mark.real

WATCHING = """
from tui_runner import watch
main = pipeline([service("api", watch=watch("src")), service("web", watch=watch("web"))])
"""


def save(workspace: Workspace, name: str, text: str) -> None:
    (workspace.root / name).parent.mkdir(exist_ok=True)
    (workspace.root / name).write_text(text)


def wait_restarted(owner: Owner, reason: str) -> None:
    owner.wait_for(lambda tasks: tasks["api"].restart_reason == reason and type(tasks["api"].state).__name__ == "Ready")


def test_what_changed_during_a_pause_restarts_once_when_it_ends(workspace: Workspace) -> None:
    save(workspace, "src/a.py", "1")
    owner = workspace.write(WATCHING).up()
    save(workspace, "src/a.py", "watched by now")
    wait_restarted(owner, "changed: src/a.py")
    assert workspace.cli("watch").err == "files are watched\n"
    assert workspace.cli("watch", "pause").err == "changes of watched files wait until you resume watching\n"
    told = json.loads(workspace.cli("watch", "--format", "json").out)
    assert told == {
        "ok": True,
        "message": "changes of watched files wait: `tui-runner watch resume` goes on",
        "file_watch": "paused",
    }
    assert workspace.cli("ps").err == "changes of watched files wait: `tui-runner watch resume` goes on\n"
    save(workspace, "src/b.py", "1")
    save(workspace, "src/b.py", "2")
    workspace.cli("watch", "resume")
    wait_restarted(owner, "changed: src/b.py")
    assert workspace.cli("ps").err == ""
    save(workspace, "src/c.py", "1")
    wait_restarted(owner, "changed: src/c.py")
    assert owner.tasks["api"].restarts == 3
    assert owner.tasks["web"].restarts == 0
    workspace.cli("down")


def test_where_nothing_is_watched_it_says_so(workspace: Workspace) -> None:
    workspace.write('main = pipeline([service("api")])').up()
    assert workspace.cli("watch").err == "no task of this run watches files\n"
    assert workspace.cli("watch", "pause", code=1).err == "no task of this run watches files\n"
    workspace.cli("down")
