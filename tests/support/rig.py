"""Runs pipelines through the public door, remembers what the callbacks said, and proves that nothing is left behind."""

import asyncio
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

from tui_runner import Command, Pipeline, PipelineError, RunResult, Task, TaskStats, command, pipeline, task
from tui_runner.process import guardian

DEADLINE_S = 20.0
TOKEN = "LIBRARY_TEST_TOKEN"
"""A variable of the host that everything started for a test inherits."""
GUARDIAN = str(Path(guardian.__file__).with_name("__main__.py"))
SERVE = "echo ready; exec sleep 1000"
"""Says `ready`, then lives until a signal ends it."""


def service(name: str, *depends_on: Task | str, **options: Any) -> Task:
    """A task that is up at once and stays."""
    return task(name, run=serving(**options), depends_on=depends_on)


def serving(**options: Any) -> Command:
    """A command that says `ready` and stays."""
    return command(SERVE, ready_when="ready", **options)


def marks(name: str, *depends_on: Task | str, **options: Any) -> Task:
    """A task that writes its name to the file `order`."""
    return task(name, run=command(f"echo {name} >> order", **options), depends_on=depends_on)


def down(name: str) -> str:
    """A teardown that writes its name to the file `downs`."""
    return f"echo {name} >> downs"


def waits_for(path: str) -> str:
    """A shell command that ends when the file is there."""
    return f"while ! [ -e {path} ]; do sleep 0.01; done"


def python(program: str) -> list[str]:
    """An argument vector that runs a little Python program, without site packages, so that it is quick."""
    return [sys.executable, "-I", "-S", "-c", program]


def stats_of(result: RunResult, task_id: str) -> TaskStats:
    """Return the statistics of a task at any depth."""
    stack = list(result.stats.tasks)
    while stack:
        found = stack.pop()
        if found.id == task_id:
            return found
        stack += found.subtasks
    raise AssertionError(f"{task_id} is not in the result")


def statuses(result: RunResult) -> dict[str, str]:
    """Return the status of every top-level task."""
    return {found.id: found.status for found in result.stats.tasks}


def error_of(result: RunResult) -> PipelineError:
    """Return the error of a run that went wrong."""
    assert not result.ok
    assert result.error is not None
    return result.error


class Rig:
    """A directory to run in, and what was heard."""

    def __init__(self, directory: Path, token: str) -> None:
        self.directory = directory
        self.token = token
        self.story: list[str] = []
        self.errors: dict[str, str] = {}
        self.output: dict[tuple[str, str], bytes] = defaultdict(bytes)
        self._changed = asyncio.Event()

    # -- running ----------------------------------------------------------------------------------------------

    async def run(self, tasks: Sequence[Task] | Pipeline, mode: str | None = None, **options: Any) -> RunResult:
        """Run to the end in the directory of the test, without records unless asked for."""
        whole = tasks if isinstance(tasks, Pipeline) else pipeline(tasks)
        options = {"root": self.directory, "records": False, **self.callbacks(), **options}
        async with asyncio.timeout(DEADLINE_S * 2):
            return await whole.run(mode, **options)

    def start(
        self, tasks: Sequence[Task] | Pipeline, mode: str | None = None, **options: Any
    ) -> "asyncio.Task[RunResult]":
        """Begin to run; the test awaits the answer."""
        running: Coroutine[Any, Any, RunResult] = self.run(tasks, mode, **options)
        return asyncio.get_running_loop().create_task(running)

    def callbacks(self) -> dict[str, Callable[..., None]]:
        """Return callbacks that note everything."""
        return {
            "on_task_begin": lambda name, _: self._note(f"begin:{name}"),
            "on_task_ready": lambda name, _: self._note(f"ready:{name}"),
            "on_task_complete": lambda name, _: self._note(f"complete:{name}"),
            "on_task_failed": lambda name, _, error: self._note(f"failed:{name}", str(error)),
            "on_task_skipped": lambda name, _, mode, reason: self._note(f"skipped:{name}:{mode}:{reason}"),
            "on_task_teardown": lambda name, _: self._note(f"teardown:{name}"),
            "on_task_teardown_error": lambda name, _, error: self._note(f"teardown-error:{name}", str(error)),
            "on_task_output": self._printed,
        }

    def _note(self, what: str, error: str = "") -> None:
        self.story.append(what)
        self.errors[what] = error
        self._changed.set()

    def _printed(self, name: str, task_id: str, stream: str, data: bytes) -> None:
        assert name == task_id
        self.output[name, stream] += data
        self._changed.set()

    # -- waiting and looking ----------------------------------------------------------------------------------

    async def heard(self, *whats: str) -> None:
        """Wait until the callbacks have said all this."""
        async with asyncio.timeout(DEADLINE_S):
            while not set(whats) <= set(self.story):
                self._changed.clear()
                await self._changed.wait()

    async def printed(self, name: str, text: str, stream: str = "stdout") -> None:
        """Wait until the task has printed this."""
        async with asyncio.timeout(DEADLINE_S):
            while text.encode() not in self.output[name, stream]:
                self._changed.clear()
                await self._changed.wait()

    @staticmethod
    async def until(condition: Callable[[], object]) -> None:
        """Wait for something outside that tells nobody when it happens."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - the outside world sets no events
                await asyncio.sleep(0.01)

    def text(self, name: str, stream: str = "stdout") -> str:
        """Return what a task printed."""
        return self.output[name, stream].decode()

    def lines(self, name: str) -> list[str]:
        """Return the lines of a file that tasks wrote."""
        path = self.directory / name
        return path.read_text().splitlines() if path.exists() else []

    def touch(self, name: str) -> None:
        """Make the file that something waits for."""
        (self.directory / name).touch()

    def told(self, *kinds: str) -> list[str]:
        """Return the story, of some kinds only."""
        return [what for what in self.story if what.partition(":")[0] in kinds]


class Traces:
    """What belongs to this process now, to be compared with later."""

    def __init__(self) -> None:
        self.descriptors = open_descriptors()
        self.threads = set(threading.enumerate())
        self.tasks = asyncio.all_tasks()

    def check(self, token: str) -> None:
        """Nothing was left: no process, no guardian, no asyncio task, no thread, no descriptor."""
        assert carriers(token) == {}
        assert guardians_of(os.getpid()) == []
        assert asyncio.all_tasks() - self.tasks <= {asyncio.current_task()}
        for one in threading.enumerate():
            if one.name.startswith(
                ("asyncio-waitpid-", "waitpid-")
            ):  # of a process of the host itself; it says so just before it ends
                one.join(DEADLINE_S)
        left = [one.name for one in set(threading.enumerate()) - self.threads if not is_pooled(one)]
        assert left == []
        assert open_descriptors() == self.descriptors


def is_pooled(thread: threading.Thread) -> bool:
    """Tell whether a thread belongs to the loop's own pool, which the loop ends when it closes."""
    return thread.name.startswith("asyncio_")


def open_descriptors() -> set[str]:
    """Return the descriptors of this process."""
    return {entry.name for entry in Path("/proc/self/fd").iterdir()}


def carriers(token: str) -> dict[int, str]:
    """Return every other living process that has the token in its environment or arguments."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            shown = (entry / "cmdline").read_bytes()
            if token.encode() in shown or token.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = shown.replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
    return found


def guardians_of(parent: int) -> list[int]:
    """Return the guardians a process has started, dead ones that nobody collected included."""
    found: list[int] = []
    for listing in Path(f"/proc/{parent}/task").glob("*/children"):
        for pid in map(int, listing.read_text().split()):
            shown = Path(f"/proc/{pid}/cmdline").read_bytes()
            if GUARDIAN.encode() in shown or not shown:
                found.append(pid)
    return found


def is_alive(pid: int) -> bool:
    """Tell whether a process lives; one that has ended and was not collected does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"
