"""All logs of a run: appends what tasks print, hands it on, keeps the index files fresh, and the logs within their limits.

When the disk does not take them, it says so once and tries again until it does.
"""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Final

from tui_runner.executors.log_room import has_room
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.retention import LogLimits
from tui_runner.model.size import format_size
from tui_runner.model.task import TaskId
from tui_runner.process.file_name import file_name_for
from tui_runner.process.log_file import LogFile
from tui_runner.process.redaction import Redaction

_FLUSH_S: Final = 0.25
"""Readers of the files see chunks in the index at most this much later."""
_RETRY_S: Final = 2.0
"""Between two tries to write again."""


def _nobody(message: str) -> None:
    """Nobody wants to know."""


class Logbook:
    """The logs of all tasks. `directory` None keeps tails in memory only."""

    def __init__(
        self,
        directory: Path | None,
        take: Callable[[TaskId, OutputChunk], None],
        redaction: Redaction,
        *,
        limits: LogLimits | None = None,
        troubled: Callable[[str], None] = _nobody,
    ) -> None:
        """Prepare. `troubled` is told, for people, when logs cannot be written, and with nothing when they can again."""
        self._directory = directory
        self._take = take
        self._redaction = redaction
        self._logs: dict[TaskId, LogFile] = {}
        self._made = False
        """The directory was made, or cannot be."""
        self._dirty: dict[TaskId, LogFile] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._limits = limits or LogLimits()
        self._troubled = troubled
        self._failing: dict[TaskId, LogFile] = {}
        """Logs that are not written now."""
        self._retry_timer: asyncio.TimerHandle | None = None
        self._missing = 0
        """Bytes that are in no file."""

    @property
    def problem(self) -> str | None:
        """Which logs could not be written, for people; None when all is well."""
        failed = [log.failed for log in self._logs.values() if log.failed is not None]
        if not failed and self._missing:
            return f"{format_size(self._missing)} of output are in no log: they could not be written when they came"
        if len(failed) > 1:
            return f"{len(failed)} logs are not written any more: {failed[0]}"
        return failed[0] if failed else None

    def log(self, task: TaskId) -> LogFile:
        """Return the log of a task, made on first use."""
        log = self._logs.get(task)
        if log is None:
            path = None if self._directory is None else self._directory / f"{file_name_for(task)}.log"
            log = self._logs[task] = LogFile(path, self._limits, self._keep_within)
        return log

    def _keep_within(self) -> None:
        """Remove the oldest pieces, of the largest logs first; what is being written may take as much again."""
        most = self._limits.run // 2
        logs = list(self._logs.values())
        while sum(log.older_size for log in logs) > most:
            largest = max(logs, key=lambda log: log.older_size)
            before = largest.older_size
            largest.drop_oldest()
            if largest.older_size == before:
                return  # it cannot be removed

    def make_directory(self) -> None:
        """Make the directory before the first task starts: after our death the guardian writes there.

        Says nothing when that is impossible; the first log that cannot be written does.
        """
        if self._directory is not None and not self._made:
            self._made = True
            with contextlib.suppress(OSError):
                self._directory.mkdir(parents=True, exist_ok=True, mode=0o700)

    def append(self, task: TaskId, data: bytes, stream: Stream, attempt: int) -> None:
        """Append one chunk and hand it on."""
        log = self.log(task)
        chunk = log.append(data, stream, attempt, time())
        if log.pending and task not in self._dirty:
            self._dirty[task] = log
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(_FLUSH_S, self._flush)
        self._take(task, chunk)
        if log.failed is not None and task not in self._failing:
            self._failed(task, log, attempt)

    def note(self, task: TaskId, text: str, attempt: int) -> None:
        """Append a line of ours; what the task left without a line end stays a line of its own."""
        start = b"\n" if self.log(task).in_line else b""
        line = self._redaction.clean(text.encode("utf-8", "replace"))
        self.append(task, start + line + b"\n", Stream.NOTE, attempt)

    def _failed(self, task: TaskId, log: LogFile, attempt: int) -> None:
        """Tell that a log cannot be written: a full disk once for all logs, anything else in the log it is about."""
        full = any(other.lacks_room for other in self._failing.values())
        self._failing[task] = log
        if not log.lacks_room:
            self.note(task, f"── {log.failed} ──", attempt)
        elif not full and log.failed is not None:
            self._troubled(log.failed)
        if self._retry_timer is None:
            self._retry_timer = asyncio.get_running_loop().call_later(_RETRY_S, self._retry)

    def _retry(self) -> None:
        """Write again what can be written again, and tell in each log what is missing."""
        self._retry_timer = None
        full = any(log.lacks_room for log in self._failing.values())
        if self._directory is not None and has_room(self._directory):
            for task, log in tuple(self._failing.items()):
                missing = log.resume()
                if missing is None:
                    continue
                del self._failing[task]
                self._missing += missing
                if missing:
                    words = f"── the {format_size(missing)} before this could not be written to the log ──"
                    self.note(task, words, log.tail[-1].attempt)
        if full and not any(log.lacks_room for log in self._failing.values()):
            self._troubled("")
        if self._failing:
            self._retry_timer = asyncio.get_running_loop().call_later(_RETRY_S, self._retry)

    def _flush(self) -> None:
        self._timer = None
        dirty, self._dirty = self._dirty, {}
        for task, log in dirty.items():
            log.flush()
            if log.failed is not None and task not in self._failing:
                self._failed(task, log, log.tail[-1].attempt)

    def close(self) -> None:
        """Write what waits and close every file; logs can still be read."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._retry_timer is not None:
            self._retry_timer.cancel()
            self._retry_timer = None
        self._dirty.clear()
        for log in self._logs.values():
            log.release()
