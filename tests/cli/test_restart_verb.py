"""`restart --with-dependents`, from outside."""

import json

import pytest
from live_workspace import Workspace

pytestmark = pytest.mark.real

SHOP = 'main = pipeline([db := service("db"), service("api", db)])'


def test_restart_with_dependents_returns_when_all_that_went_along_is_ready_again(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    done = workspace.cli("restart", "db", "--with-dependents", "--format", "json")
    assert done.err == "`db` is ready; `api` came along\n"
    assert {task["id"]: task["attempt"] for task in json.loads(done.out)["results"][0]["tasks"]} == {"db": 2, "api": 2}
    done = workspace.cli("restart", "db", "--with-dependents", "--no-wait")
    assert done.err == "restarting `db` and `api`, which needs it\n"


def test_restart_with_dependents_fails_when_one_of_them_does_not_come_up_again(workspace: Workspace) -> None:
    job = 'task("job", run=command("test ! -e broken && echo up && exec sleep 1000", ready_when="up"), depends_on=[db])'
    workspace.write(f'main = pipeline([db := service("db"), service("api", db), {job}])').up()
    (workspace.root / "broken").touch()
    done = workspace.cli("restart", "db", "--with-dependents", code=1)
    assert done.err.startswith("`db` is ready; `api` came along; `job` failed: [job] ")
