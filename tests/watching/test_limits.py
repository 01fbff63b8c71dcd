"""The limits of the system: real ones, lowered in a namespace of our own, and what people are told of them."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tui_runner.watching.limits import limit_message

pytestmark = pytest.mark.real

NAMESPACE = ("unshare", "--user", "--map-root-user")
WATCHES, INSTANCES = "max_inotify_watches", "max_inotify_instances"

LIMITED = """
import pathlib, sys
from tui_runner.model.policy import watch
from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.routing import Routing
from tui_runner.watching.tree_watch import TreeWatch
from tui_runner.watching.watched import Watched
root = pathlib.Path(sys.argv[1])
limit = pathlib.Path("/proc/sys/user") / sys.argv[2]
limit.write_text(sys.argv[3])
tree = TreeWatch(Routing(root, {"api": Watched(cwd=str(root), watch=watch("src"))}), Interrupt())
tree.open()
print(tree.polls, tree.problem)
(root / "src/d4/a.py").write_text("changed")
print(tree.wait())
tree.close()
limit.write_text("300")
tree = TreeWatch(Routing(root, {"api": Watched(cwd=str(root), watch=watch("src"))}), Interrupt())
tree.open()
print(tree.polls, tree.problem)
tree.close()
"""


def may_make_namespaces() -> bool:
    if shutil.which(NAMESPACE[0]) is None:
        return False
    asked = [*NAMESPACE, "sh", "-c", f"echo 9 > /proc/sys/user/{WATCHES}"]
    return subprocess.run(asked, check=False, capture_output=True).returncode == 0


limited = pytest.mark.skipif(not may_make_namespaces(), reason="limits can only be lowered in a user namespace")


def lay(root: Path) -> None:
    for number in range(5):
        (root / f"src/d{number}").mkdir(parents=True)
        (root / f"src/d{number}/a.py").write_text("0")


@limited
@pytest.mark.parametrize(
    ("limit", "allowed", "what", "setting"),
    [
        (WATCHES, "3", "watched directories", "max_user_watches"),
        (INSTANCES, "0", "file watchers", "max_user_instances"),
    ],
)
def test_with_the_real_limit_of_the_system_changes_are_still_found(
    tmp_path: Path, limit: str, allowed: str, what: str, setting: str
) -> None:
    lay(tmp_path)
    program = [sys.executable, "-c", LIMITED, str(tmp_path), limit, allowed]
    ran = subprocess.run([*NAMESPACE, *program], check=True, capture_output=True, text=True)
    few, changed, enough = ran.stdout.splitlines()
    assert few.startswith(f"True the system's limit of {what} is reached")
    assert f"`sudo sysctl fs.inotify.{setting}=" in few
    assert changed == str([os.path.realpath(tmp_path / "src/d4/a.py")])
    assert enough == "False None"


WATCHING = """
from tui_runner import command, pipeline, task, watch
serve = command("echo serving; exec sleep 1000", ready_when="serving", watch=watch("src"))
main = pipeline([task("api", commands={"dev": serve})])
"""


@limited
def test_a_run_at_the_limit_tells_how_to_raise_it_and_restarts_what_is_saved(tmp_path: Path) -> None:
    lay(tmp_path)
    (tmp_path / "pipeline.py").write_text(WATCHING)
    ours = f"echo 3 > /proc/sys/user/{WATCHES}; exec {sys.executable} -P -m tui_runner dev --no-tui 2>&1"
    with subprocess.Popen([*NAMESPACE, "sh", "-c", ours], cwd=tmp_path, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        told = next(line for line in run.stdout if "limit" in line)
        assert "run `sudo sysctl fs.inotify.max_user_watches=524288`" in told
        (tmp_path / "src/d4/a.py").write_text("saved")
        assert any("attempt 2: changed: src/d4/a.py" in line for line in run.stdout)
        run.send_signal(signal.SIGTERM)
        run.stdout.read()
    assert run.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize(
    ("error", "setting"),
    [
        (OSError('OS file watch limit reached. about ["/x"]'), "max_user_watches"),
        (OSError(28, "No space left on device"), "max_user_watches"),
        (RuntimeError("Error creating recommended watcher: Too many open files (os error 24)"), "max_user_instances"),
    ],
)
def test_a_limit_of_the_system_is_told_with_the_command_that_raises_it(error: Exception, setting: str) -> None:
    message = limit_message(error)
    assert message is not None
    assert f"`sudo sysctl fs.inotify.{setting}=" in message


OUT_OF_DESCRIPTORS = """
import os, resource
from tui_runner.watching.limits import limit_message
from tui_runner.watching.news import open_news
resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))
try:
    while True:
        os.dup(0)
except OSError:
    pass
try:
    open_news(portable=False)
except OSError as error:
    print(limit_message(error))
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="inotify")
def test_a_process_without_descriptors_is_not_sent_to_the_limits_of_the_watcher() -> None:
    ran = subprocess.run([sys.executable, "-c", OUT_OF_DESCRIPTORS], check=True, capture_output=True, text=True)
    assert ran.stdout.startswith("the limit of open files is reached: raise it with `ulimit -n`")


def test_other_errors_are_no_limit() -> None:
    assert limit_message(FileNotFoundError(2, "gone")) is None
