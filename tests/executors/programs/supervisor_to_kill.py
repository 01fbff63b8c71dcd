"""supervisor_to_kill.py DIRECTORY MARKER SECONDS: a small supervisor that is killed from outside at some moment.

Starts one escapee of each kind, each depending on the one before, and after SECONDS takes them down in order (negative:
never). Prints what it does, one line each. When its guardian is killed it starts no more.
"""

import asyncio
import os
import sys
from pathlib import Path

from workshop import Recorder, Workshop

from tui_runner.executors.local import LocalExecutor
from tui_runner.process.guardian_client import start_guardian
from tui_runner.scheduling.event import ActivationClosed, Exited, GroupGone, Spawned, SpawnFailed, TeardownEnded

KINDS = ("plain", "stubborn", "daemon", "daemon-exits", "daemon-clean", "forker", "group", "leader-exits")
ESCAPEE = str(Path(__file__).with_name("escapee.py"))


def say(line: str) -> None:
    """Print a line as a whole: we may be killed between two writes."""
    os.write(1, f"{line}\n".encode())


def answered(sink: Recorder) -> dict[str, bool]:
    """Return which tasks were spawned, and which could not be."""
    return {event.task: isinstance(event, Spawned) for event in sink.events if isinstance(event, Spawned | SpawnFailed)}


async def main(directory: Path, marker: str, leave_after_s: float) -> None:
    sink = Recorder()
    executor = LocalExecutor(
        sink,
        root=str(directory),
        guardian=start_guardian(marker),
        environment=os.environ,
        log_directory=directory / "logs",
        own_process=True,
    )
    workshop = Workshop(executor, sink, directory, marker)
    executor.start()
    for number, kind in enumerate(KINDS):
        say(f"asked {number}")
        teardown = f"echo begin {number} >> downs; sleep 0.02; echo end {number} >> downs; echo torn down {number}"
        workshop.spawn(
            f"t{number}",
            [sys.executable, "-I", "-S", ESCAPEE, kind, marker],
            after=(f"t{number - 1}",) if number else (),
            teardown=teardown,
            stop_timeout="300ms",
        )
        await sink.until(lambda task=f"t{number}": task in answered(sink))  # type: ignore[misc]  # the default is a str
        if not answered(sink)[f"t{number}"]:
            break
        say(f"started {number}")
        await asyncio.sleep(0.03)
    if leave_after_s < 0:
        await asyncio.sleep(3600)
    await asyncio.sleep(leave_after_s)
    for task in [task for task, started in reversed(answered(sink).items()) if started]:
        executor.stop(task)
        if not (await sink.event(Exited, task)).group_gone:
            await sink.event(GroupGone, task)
        executor.run_teardown(task)
        await sink.event(TeardownEnded, task)
        executor.close_activation(task)
        await sink.event(ActivationClosed, task)
    await executor.bye()
    say("bye")


asyncio.run(main(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))
