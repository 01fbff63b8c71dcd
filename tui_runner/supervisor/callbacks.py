"""Calls the callbacks of a library run: in the order things happen, coroutines one after the other.

A callback that raises never stops the run; it is remembered, and the result becomes `internal-error`.
"""

import asyncio
import inspect
import traceback
from collections.abc import Callable

from tui_runner.errors.runner_error import PipelineError, RunnerError
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.run_callbacks import RunCallbacks
from tui_runner.model.state import Completed, Failed, Ready, Running, Skipped, TaskState, TeardownStatus
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunView, TaskView


class CallbackCaller:
    """A listener that calls what the user passed. Make it with `start`, end it with `close`."""

    def __init__(self, callbacks: RunCallbacks, mode: str, broke: Callable[[str], None]) -> None:
        self._callbacks = callbacks
        self._mode = mode
        self._broke = broke
        self._queue: asyncio.Queue[tuple[str, tuple[object, ...]] | None] = asyncio.Queue()
        self._begun: set[TaskId] = set()
        self._teardowns: dict[TaskId, TeardownStatus | None] = {}
        self._worker = asyncio.get_running_loop().create_task(self._work(), name="callbacks")

    async def close(self) -> None:
        """Call everything that is still due, then end. Cancelled, it gives up on what is due."""
        self._queue.put_nowait(None)
        try:
            await asyncio.wait((self._worker,))
        except asyncio.CancelledError:
            self._worker.cancel()
            await asyncio.wait((self._worker,))
            raise
        finally:
            if self._worker.done() and not self._worker.cancelled():
                self._worker.exception()  # a callback that ended the program has been heard by the loop already

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:  # noqa: ARG002 - the listener's signature
        """Queue the callback for a state."""
        match state:
            case Running(pid=pid):
                if pid or task not in self._begun:
                    self._begun.add(task)
                    self._call("on_task_begin", task, task)
            case Ready():
                self._call("on_task_ready", task, task)
            case Completed():
                self._call("on_task_complete", task, task)
            case Failed(failure=failure):
                self._call("on_task_failed", task, task, PipelineError(failure.code, failure.message, task))
            case Skipped(reason=reason):
                self._call("on_task_skipped", task, task, self._mode, reason.value)
            case _:
                pass

    def task_changed(self, view: TaskView) -> None:
        """Queue the callback for a teardown that moved on."""
        if self._teardowns.get(view.id) == view.teardown:
            return
        self._teardowns[view.id] = view.teardown
        if view.teardown is TeardownStatus.RUNNING:
            self._call("on_task_teardown", view.id, view.id)
        elif view.teardown is TeardownStatus.FAILED:
            error = RunnerError(view.teardown_error or "the teardown failed")
            self._call("on_task_teardown_error", view.id, view.id, error)

    def run_changed(self, view: RunView) -> None:
        """Ignore: no callback is about the run as a whole."""

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Queue what the task itself printed."""
        if chunk.stream in {Stream.STDOUT, Stream.STDERR}:
            self._call("on_task_output", task, task, chunk.stream.value, chunk.data)

    def _call(self, name: str, *arguments: object) -> None:
        if self._callbacks.get(name) is not None:
            self._queue.put_nowait((name, arguments))

    async def _work(self) -> None:
        while (item := await self._queue.get()) is not None:
            name, arguments = item
            callback: Callable[..., object] = self._callbacks[name]  # type: ignore[literal-required]
            try:
                answer = callback(*arguments)
                if inspect.isawaitable(answer):
                    await answer
            except asyncio.CancelledError as error:
                me = asyncio.current_task()
                if me is not None and me.cancelling():
                    raise
                self._note(name, error)  # what it awaited was cancelled: that is its own affair, not ours
            except Exception as error:  # noqa: BLE001 - the border to the user's code: its errors are results
                self._note(name, error)

    def _note(self, name: str, error: BaseException) -> None:
        last = traceback.format_exception_only(error)[-1].strip()
        self._broke(f"the callback {name} raised {last}")
