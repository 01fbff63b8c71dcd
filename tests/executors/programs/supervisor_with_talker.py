"""supervisor_with_talker.py DIRECTORY MARKER: two tasks that talk while they are stopped, then waits to be killed."""

import asyncio
import os
import sys
from pathlib import Path

from workshop import Recorder, Workshop

from tui_runner.executors.local import LocalExecutor
from tui_runner.process.guardian_client import start_guardian

TALKER = (
    "trap 'n=0; while [ $n -lt 200 ]; do echo last words $n; n=$((n+1)); done; echo err >&2; exit 0' TERM\n"
    "echo ready; while :; do sleep 0.01; done"
)


async def main(directory: Path, marker: str) -> None:
    sink = Recorder()
    executor = LocalExecutor(
        sink,
        root=str(directory),
        guardian=start_guardian(marker),
        environment=os.environ,
        log_directory=directory / "logs",
    )
    workshop = Workshop(executor, sink, directory, marker)
    executor.start()
    workshop.spawn("piped", TALKER)
    workshop.spawn("terminal", TALKER, tty=True, after=("piped",))
    workshop.spawn("asked", "while [ ! -e stop ]; do sleep 0.01; done; echo obeyed", stop="echo asking; touch stop")
    for name in ("piped", "terminal"):
        await sink.printed(name, "ready")
    print("ready", flush=True)
    await asyncio.sleep(3600)


asyncio.run(main(Path(sys.argv[1]), sys.argv[2]))
