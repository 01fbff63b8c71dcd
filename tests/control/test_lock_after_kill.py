"""After `kill -9` of a supervisor its root stays locked until the guardian has cleaned up; then the next one comes up."""

import os
import signal
from pathlib import Path

from live_workspace import Workspace


def test_a_start_after_a_kill_waits_until_everything_was_torn_down(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path).write(
        """
        main = pipeline([
            task("db", run=command(
                "echo start >> story; echo ready; exec sleep 1000",
                ready_when="ready",
                teardown="sleep 0.6; echo gone >> story",
            )),
        ])
        """
    )
    first = workspace.up()
    os.kill(first.pid, signal.SIGKILL)

    second = workspace.up()

    assert (tmp_path / "story").read_text().split() == ["start", "gone", "start"]
    second.send("down")
    second.until_end()
    workspace.close()
