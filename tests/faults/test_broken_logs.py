"""The log of a task cannot be written: the task goes on, and whoever looks hears of it."""

import pytest
from live_workspace import Workspace

pytestmark = pytest.mark.real

BODY = """
    plant = "mkfifo $(echo .tui_runner/runs/*/logs)/api.log; echo ready; "
    dev = command(plant + "exec sleep 1000", ready_when="ready")
    main = pipeline([task("api", commands={"dev": dev, "build": plant})])
"""
BROKEN = "api.log: it is not a regular file; only the latest output is kept, in memory"


def test_lines_tell_it_where_it_happened_and_at_the_end(workspace: Workspace) -> None:
    done = workspace.write(BODY).cli("run", "api")
    ready, broken, *_ = done.out.splitlines()
    assert ready == "ready"
    assert broken.startswith("── cannot write /")
    assert broken.endswith(f"{BROKEN} ──")
    [warning] = [line for line in done.err.splitlines() if line.startswith("warning: ")]
    assert warning.startswith("warning: cannot write /")
    assert warning.endswith(BROKEN)


def test_a_system_stays_up_and_tells_it_at_its_end(workspace: Workspace) -> None:
    owner = workspace.write(BODY).up()
    assert workspace.cli("restart", "api").err == "`api` is ready\n"
    owner.send("down")
    ended = owner.until_end()
    assert ended is not None
    assert ended.exit_code == 0
    assert ended.summary.endswith(BROKEN)
