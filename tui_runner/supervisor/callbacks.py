"""Calls the callbacks of a library run: in the order things happen, coroutines one after the other.

A callback that raises never stops the run; it is remembered, and the result becomes `internal-error`. One that is slow
never holds up a task, and output that waits for it is not piled up in memory.
"""

import asyncio
import inspect
import traceback
from collections.abc import Callable
from typing import NamedTuple

from tui_runner.errors.runner_error import PipelineError, RunnerError
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.run_callbacks import RunCallbacks
from tui_runner.model.state import Completed, Failed, Ready, Running, Skipped, Stopping, TaskState, TeardownStatus
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunView, TaskView
from tui_runner.process.log_file import LogFile
from tui_runner.supervisor.output_backlog import OutputBacklog, Waiting


class _Call(NamedTuple):
    name: str
    arguments: tuple[object, ...]


class CallbackCaller:
    """A listener that calls what the user passed. Make it on a running event loop, end it with `close`."""

    def __init__(
        self,
        callbacks: RunCallbacks,
        mode: str,
        *,
        broke: Callable[[str], None],
        log_of: Callable[[TaskId], LogFile],
    ) -> None:
        self._callbacks = callbacks
        self._mode = mode
        self._broke = broke
        self._backlog = OutputBacklog(log_of)
        self._queue: asyncio.Queue[_Call | Waiting | None] = asyncio.Queue()
        self._begun: dict[TaskId, int] = {}
        """The latest attempt that was told to have begun."""
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
                self._end_of_worker(self._worker.exception())

    def _end_of_worker(self, error: BaseException | None) -> None:
        if error is not None and not isinstance(error, KeyboardInterrupt | SystemExit):
            self._broke(f"a callback raised {type(error).__name__}; no more callbacks were called")
        # else: a callback that ends the program has been heard by the loop already

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:  # noqa: ARG002 - the listener's signature
        """Queue the callback for a state."""
        match state:
            case Running(attempt=attempt):
                self._begin(task, attempt)
            case Stopping(attempt=attempt, pid=pid) if pid:
                self._begin(task, attempt)  # it was to leave before we heard that it had begun
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

    def _begin(self, task: TaskId, attempt: int) -> None:
        if self._begun.get(task) != attempt:
            self._begun[task] = attempt
            self._call("on_task_begin", task, task)

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
        if chunk.stream not in {Stream.STDOUT, Stream.STDERR} or self._callbacks.get("on_task_output") is None:
            return
        waiting = self._backlog.add(task, chunk)
        if waiting is not None:
            self._queue.put_nowait(waiting)

    def _call(self, name: str, task: TaskId, *arguments: object) -> None:
        if self._callbacks.get(name) is not None:
            self._backlog.close(task)
            self._queue.put_nowait(_Call(name, (task, *arguments)))

    async def _work(self) -> None:
        while (item := await self._queue.get()) is not None:
            if isinstance(item, _Call):
                await self._perform(item)
                continue
            for data in self._backlog.take(item):
                await self._perform(_Call("on_task_output", (item.task, item.task, item.stream.value, data)))

    async def _perform(self, call: _Call) -> None:
        callback: Callable[..., object] = self._callbacks[call.name]  # type: ignore[literal-required]
        try:
            answer = callback(*call.arguments)
            if inspect.isawaitable(answer):
                await answer
        except asyncio.CancelledError as error:
            me = asyncio.current_task()
            if me is not None and me.cancelling():
                raise
            self._note(call.name, error)  # what it awaited was cancelled: that is its own affair, not ours
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise  # the program ends, or we do
        except BaseException as error:  # noqa: BLE001 - the border to the user's code: its errors are results
            self._note(call.name, error)

    def _note(self, name: str, error: BaseException) -> None:
        last = traceback.format_exception_only(error)[-1].strip()
        self._broke(f"the callback {name} raised {last}")
