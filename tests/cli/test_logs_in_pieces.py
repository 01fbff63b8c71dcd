"""A log that grows beyond its limit, seen from outside: followed, read afterwards, and written by the guardian."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from live_workspace import Workspace, lines_of

from tui_runner.control.lock import wait_until_free

pytestmark = pytest.mark.real

TALKER = """
from tui_runner import retention

PROGRAM = '''
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN if os.path.exists("stubborn") else signal.SIG_DFL)
os.write(1, b"ready\\\\n")
while not os.path.exists("go"):
    time.sleep(0.01)
for number in range(40000):
    os.write(1, b"line %08d %s\\\\n" % (number, b"x" * 60))
os.write(1, b"the last line\\\\n")
while True:
    time.sleep(0.01)
    if os.path.exists("more"):
        os.write(1, b"m" * 79 + b"\\\\n")
'''
talker = task("talker", run=command([PYTHON, "-c", PROGRAM], ready_when="ready", stop_timeout=1))
main = pipeline([talker], retention=retention(max_log_size="1MB", max_run_size="10MB"))
"""
LIMIT = 1_000_000


def log_directory(workspace: Workspace) -> Path:
    [run] = (workspace.root / ".tui_runner" / "runs").iterdir()
    return run / "logs"


def on_disk(workspace: Workspace) -> int:
    return sum(file.stat().st_size for file in log_directory(workspace).rglob("*") if file.is_file())


def test_following_goes_on_while_the_log_loses_its_oldest_part(workspace: Workspace) -> None:
    owner = workspace.write(TALKER).up()
    follow = [sys.executable, "-m", "tui_runner", "logs", "-f", "talker"]
    with subprocess.Popen(follow, cwd=workspace.root, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        (workspace.root / "go").touch()
        seen = [program.stdout.readline()]
        while seen[-1] != "the last line\n":
            seen.append(program.stdout.readline())
        workspace.cli("down")
        program.stdout.read()
        assert program.wait(30) == 0
    numbers = [int(line.split()[1]) for line in seen if re.fullmatch(r"line \d{8} x{60}\n", line)]
    assert numbers[-1] == 39999
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 5000
    assert on_disk(workspace) <= LIMIT
    owner.wait_exit()


def test_logs_begin_with_what_is_kept_and_say_what_is_not(workspace: Workspace) -> None:
    (workspace.root / "go").touch()
    owner = workspace.write(TALKER).launch()
    owner.greet()
    owner.wait_ready("talker")
    while lines_of(workspace.cli("logs", "-n", "1", "talker")) != ["the last line"]:
        pass
    done = workspace.cli("logs", "talker")
    lines = lines_of(done)
    assert lines[-1] == "the last line"
    kept = [int(line.split()[1]) for line in lines[1:-1]]
    assert kept == list(range(40000 - len(kept), 40000))
    assert len(kept) > 5000
    assert done.err.startswith("note: the oldest ")
    assert done.err.endswith(" of the log of `talker` are not kept any more\n")
    workspace.cli("down")
    owner.wait_exit()
    assert on_disk(workspace) <= LIMIT


def test_the_guardian_writes_within_the_same_limits_after_the_supervisor_was_killed(workspace: Workspace) -> None:
    (workspace.root / "stubborn").touch()
    owner = workspace.write(TALKER).up()
    os.kill(owner.pid, signal.SIGKILL)
    (workspace.root / "go").touch()
    owner.wait_exit()
    wait_until_free(workspace.places.lock)
    lines = lines_of(workspace.cli("logs", "--run", "latest", "talker"))
    assert "the last line" in lines
    kept = [int(line.split()[1]) for line in lines if line.startswith("line ")][1:]
    assert kept == list(range(40000 - len(kept), 40000))
    assert 200_000 < on_disk(workspace) <= LIMIT
    [row] = lines_of(workspace.cli("history"))[1:]
    assert row.split()[1] == "interrupted"
