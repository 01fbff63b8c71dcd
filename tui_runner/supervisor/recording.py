"""The records of one run, if any are kept: flushed soon after something happened, closed with the result."""

import asyncio

from tui_runner.model.memory_limit import MemoryLimit
from tui_runner.model.result import RunResult
from tui_runner.model.task import TaskId
from tui_runner.records.recorder import FLUSH_S, RunRecorder


class Recording:
    """Owns the recorder and the timer of its next flush."""

    def __init__(self, recorder: RunRecorder | None) -> None:
        self.recorder = recorder
        self._flushing: asyncio.TimerHandle | None = None

    def flush_soon(self) -> None:
        """Have what waits written within `FLUSH_S`; costs nothing when nothing waits. Needs a running event loop."""
        if self._flushing is None and self.recorder is not None and self.recorder.pending:
            self._flushing = asyncio.get_running_loop().call_later(FLUSH_S, self._flush, self.recorder)

    def memory_exceeded(self, task: TaskId, used: int, limit: MemoryLimit) -> None:
        """Note that a task used more memory than it may, in bytes."""
        if self.recorder is not None:
            self.recorder.memory_exceeded(task, used, limit)
            self.flush_soon()

    def close(self, result: RunResult) -> str | None:
        """Write how the run ended; return what went wrong with the records, for people."""
        if self._flushing is not None:
            self._flushing.cancel()
        return None if self.recorder is None else self.recorder.close(result)

    def _flush(self, recorder: RunRecorder) -> None:
        self._flushing = None
        recorder.flush()
