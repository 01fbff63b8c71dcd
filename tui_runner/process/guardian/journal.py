"""The journal: what whoever comes after a killed guardian needs, to end what is left and to run teardowns that are due.

Append-only: one JSON object a line, one short write for each, never flushed to the disk: it has to outlive processes,
and only by luck the machine. It may hold secrets, in environments: the file is private, and emptied at the end.
`control/journal_file` reads it. Standard library only, and little of it.
"""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_runner.process.guardian.frames import Message

    Line = dict[str, object]

FORMAT = 1
"""Raised when older readers would not understand."""

_DESCRIBED = ("id", "after", "stop_signal", "stop_timeout")
_DESCRIBED_BESIDE = ("cwd", "env", "stop", "teardown", "teardown_timeout", "log")
"""Needed for those that have a command of their own for the end."""


class Journal:
    """Writes the journal, once it has been opened. Never fails: without it the run is only less safe."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self._descriptor: int | None = None
        self._environment: dict[str, str] | None = None
        """What every environment starts from, until it is written: with the first that needs it."""
        self._quote: Callable[[str], str] = repr
        self._described: dict[str, str] = {}
        """The line that describes each activation, as it was written."""
        self._held_back: str | None = None
        """A line that goes out with the next one."""

    def open(self, descriptor: int, environment: dict[str, str]) -> None:
        """Begin, or go on, in a file that was opened for appending; it is ours from now on."""
        from _json import encode_basestring_ascii  # the C half of `json`: 0.5 ms, and only where there is a journal

        self._quote = encode_basestring_ascii
        self._descriptor = descriptor
        self._environment = environment
        self._note({"is": "run", "format": FORMAT, "marker": self._marker, "boot": boot_id(), "machine": machine_id()})

    @property
    def is_open(self) -> bool:
        """There is somebody to write for."""
        return self._descriptor is not None

    def hiding(self, hidden: tuple[bytes, ...]) -> None:
        """Note what must not get into logs: whoever runs a teardown later has to take it out as well."""
        self._note({"is": "hidden", "hidden": [one.decode("utf-8", "surrogateescape") for one in hidden]})

    def empty(self) -> None:
        """Forget everything: nothing is left to be done."""
        if self._descriptor is not None:
            try:  # noqa: SIM105 - contextlib is not worth its import here
                os.ftruncate(self._descriptor, 0)
            except OSError:
                pass

    def spawning(self, request: Message) -> None:
        """Note what is needed to end a task, before it is there: one that has a teardown must not be forgotten."""
        if self._descriptor is None:
            return
        beside = request["teardown"] is not None or request["stop"] is not None
        if beside and self._environment is not None:
            self._note({"is": "environment", "environment": self._environment})
            self._environment = None
        names = (*_DESCRIBED, *_DESCRIBED_BESIDE) if beside else _DESCRIBED
        line = self._encode({"is": "task", **{name: request[name] for name in names}})
        if self._described.get(request["id"]) == line:
            return
        self._described[request["id"]] = line
        if beside:
            self._write(line)
        else:
            self._held_back = line

    def spawned(self, task: str, pid: int, start: int) -> None:
        """Note the leader of a task and when it was started."""
        self._note({"is": "leader", "id": task, "pid": pid, "start": start})

    def tearing_down(self, task: str) -> None:
        """Note that a teardown begins, before it does: it must not run twice."""
        self._note({"is": "teardown", "id": task})

    def teardown_runs(self, task: str, pid: int, start: int) -> None:
        """Note the process of a teardown."""
        self._note({"is": "teardown-leader", "id": task, "pid": pid, "start": start})

    def torn_down(self, task: str, code: int | None, message: str | None) -> None:
        """Note how a teardown ended."""
        self._note({"is": "torn-down", "id": task, "code": code, "message": message})

    def orphan(self, pid: int, start: int) -> None:
        """Note a process that escaped from its task and became our child."""
        self._note({"is": "orphan", "pid": pid, "start": start})

    def closed(self, task: str) -> None:
        """Note that nothing of a task is left, or that nothing came of it."""
        self._held_back = None
        self._described.pop(task, None)
        self._note({"is": "closed", "id": task})

    def _note(self, line: Line) -> None:
        if self._descriptor is not None:
            self._write(self._encode(line))

    def _write(self, line: str) -> None:
        before, self._held_back = self._held_back, None
        if self._descriptor is None:
            return
        data = (line if before is None else before + line).encode()
        try:
            written = os.write(self._descriptor, data)
        except OSError:
            written = 0
        if written < len(data):  # a full disk: what follows would make no sense without this line
            self.empty()
            self._descriptor = None

    def _encode(self, line: Line) -> str:
        return self._json(line) + "\n"

    def _json(self, value: object) -> str:
        if value is None:
            return "null"
        if isinstance(value, str):
            return self._quote(value)
        if isinstance(value, dict):
            return "{" + ",".join([f"{self._quote(name)}:{self._json(one)}" for name, one in value.items()]) + "}"
        if isinstance(value, (list, tuple)):
            return "[" + ",".join([self._json(one) for one in value]) + "]"
        return repr(value)  # numbers


def boot_id() -> str:
    """Return what tells this start of the machine, or of the container, from others: process ids are of it alone.

    Empty where start times of processes tell enough.
    """
    try:
        # The first is the same in all containers, the second is used again after a restart. No pathlib here.
        return f"{_first_line('/proc/sys/kernel/random/boot_id')} {os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115 - the same
    except OSError:
        return ""


def machine_id() -> str:
    """Return what tells this machine from others that have the same home directory; empty when nothing does."""
    try:
        return _first_line("/etc/machine-id")
    except OSError:
        return ""


def _first_line(path: str) -> str:
    with open(path, "rb") as file:  # noqa: PTH123 - no pathlib here
        return file.readline(256).strip().decode("ascii", "replace")
