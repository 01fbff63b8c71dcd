"""All logs of a run: appends what tasks print, hands it on, keeps the index files fresh."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from time import time
from typing import Final

from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.task import TaskId
from tui_runner.process.file_name import file_name_for
from tui_runner.process.log_file import LogFile
from tui_runner.process.redaction import Redaction

_FLUSH_S: Final = 0.25
"""Readers of the files see chunks in the index at most this much later."""


class Logbook:
    """The logs of all tasks. `directory` None keeps tails in memory only."""

    def __init__(
        self, directory: Path | None, take: Callable[[TaskId, OutputChunk], None], redaction: Redaction
    ) -> None:
        self._directory = directory
        self._take = take
        self._redaction = redaction
        self._logs: dict[TaskId, LogFile] = {}
        self._made = False
        """The directory was made, or cannot be."""
        self._dirty: dict[TaskId, LogFile] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._told: set[TaskId] = set()
        """Tasks whose log says already that it is not written any more."""

    @property
    def problem(self) -> str | None:
        """Which logs could not be written, for people; None while all is well."""
        failed = [log.failed for log in self._logs.values() if log.failed is not None]
        if len(failed) > 1:
            return f"{len(failed)} logs are not written any more: {failed[0]}"
        return failed[0] if failed else None

    def log(self, task: TaskId) -> LogFile:
        """Return the log of a task, made on first use."""
        log = self._logs.get(task)
        if log is None:
            path = None if self._directory is None else self._directory / f"{file_name_for(task)}.log"
            log = self._logs[task] = LogFile(path)
        return log

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
        if log.failed is not None:
            self._tell_failure(task, log.failed, attempt)

    def note(self, task: TaskId, text: str, attempt: int) -> None:
        """Append a line of ours; what the task left without a line end stays a line of its own."""
        start = b"\n" if self.log(task).in_line else b""
        line = self._redaction.clean(text.encode("utf-8", "replace"))
        self.append(task, start + line + b"\n", Stream.NOTE, attempt)

    def _tell_failure(self, task: TaskId, failure: str, attempt: int) -> None:
        if task not in self._told:
            self._told.add(task)
            self.note(task, f"── {failure} ──", attempt)

    def _flush(self) -> None:
        self._timer = None
        dirty, self._dirty = self._dirty, {}
        for task, log in dirty.items():
            log.flush()
            if log.failed is not None:
                self._tell_failure(task, log.failed, log.tail[-1].attempt)

    def close(self) -> None:
        """Write what waits and close every file; logs can still be read."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        self._dirty.clear()
        for log in self._logs.values():
            log.release()
