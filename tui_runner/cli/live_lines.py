"""Prints a run as it happens: every task's lines with its name in front, and a word when its state changes."""

from tui_runner.cli.line_style import LineCutter, LineStyle
from tui_runner.cli.outlet import Outlet
from tui_runner.cli.output import paint
from tui_runner.errors.render import printable
from tui_runner.model.duration import format_duration
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Stopping,
    StopReason,
    TaskState,
    TeardownStatus,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunView, TaskView
from tui_runner.planning.plan import Plan

_DIM = "2"


class LivePrinter:
    """A listener that writes lines. `finish` writes what is left without a line end."""

    def __init__(self, plan: Plan, stream: Outlet, *, color: bool) -> None:
        self._stream = stream
        self._color = color
        self._cutters: dict[TaskId, dict[Stream, LineCutter]] = {}
        self._began: dict[TaskId, float] = {}
        self._trouble = ""
        self._teardowns: dict[TaskId, TeardownStatus | None] = {}
        self.take(plan)

    def take(self, plan: Plan) -> None:
        """Print the tasks of this plan from now on."""
        leaves = [task.id for task in plan.tasks.values() if not task.composite]
        self._composites = {task.id for task in plan.tasks.values() if task.composite}
        self._descriptions = {task.id: task.description for task in plan.tasks.values()}
        self._style = LineStyle(leaves, color=self._color)

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Write the lines that are finished now."""
        data = chunk.data
        if chunk.stream is Stream.NOTE:
            # It stands after what the task had printed, whose last line it has ended.
            self._finish_task(task)
            data = data.removeprefix(b"\n")
        cutters = self._cutters.setdefault(task, {})
        lines = cutters.setdefault(chunk.stream, LineCutter()).feed(data)
        if lines:
            self._stream.write("".join(self._style.render(task, line) for line in lines))
            self._stream.flush()

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:
        """Write a word about the state, after what the task had printed before it."""
        if task in self._composites:
            return
        if isinstance(state, Running):
            self._began[task] = at
        words, color = self._words(task, state, at)
        if isinstance(state, Completed | Failed | Aborted | Backoff):
            self._finish_task(task)
        if words:
            self._note(task, words, color)

    def task_changed(self, view: TaskView) -> None:
        """Write when a teardown begins, fails or is given up."""
        if self._teardowns.get(view.id) is not view.teardown:
            self._teardowns[view.id] = view.teardown
            if view.teardown is TeardownStatus.RUNNING:
                self._note(view.id, "tearing down", _DIM)
            elif view.teardown is TeardownStatus.FAILED:
                self._note(view.id, f"teardown failed: {view.teardown_error}", "31")
            elif view.teardown is TeardownStatus.NOT_RUN and view.teardown_error is not None:
                self._note(view.id, "teardown given up", "31")

    def run_changed(self, view: RunView) -> None:
        """Write what is wrong beside the tasks, once, and that it is over; for the rest the tasks tell."""
        if view.trouble != self._trouble:
            words = f"warning: {view.trouble}" if view.trouble else "logs are written again"
            self._trouble = view.trouble
            self._stream.write(paint(printable(words), "33" if view.trouble else _DIM, color=self._color) + "\n")
            self._stream.flush()

    def finish(self) -> None:
        """Write what tasks printed without a line end."""
        for task in self._cutters:
            self._finish_task(task)

    def _words(self, task: TaskId, state: TaskState, at: float) -> tuple[str, str]:
        took = f" after {format_duration(at - self._began[task])}" if task in self._began else ""
        match state:
            case Ready():
                return f"ready{took}", "32"
            case Completed(stopped=True):
                return "stopped", _DIM
            case Completed():
                return f"done{took}", "32"
            case Failed(failure=failure) if failure.exit_code is None and failure.signal is None:
                return "", ""  # its log has told already
            case Failed(failure=failure):
                return failure.message.removeprefix(f"[{task}] "), "31"
            case Backoff(delay_s=delay_s):
                return f"will be started again in {format_duration(delay_s)}", "33"
            case Skipped(reason=SkipReason.CACHE_HIT):
                return "", ""  # its log has told already
            case Skipped(reason=reason):
                # The description often says why there is nothing to run here.
                return " · ".join(filter(None, (f"skipped: {reason.words}", self._descriptions.get(task)))), _DIM
            case Stopping(reason=StopReason.RESTART | StopReason.CHANGED | StopReason.DEPENDENCY):
                return "restarting", "33"
            case Stopping(forced=True):
                return "killing", "31"
            case _:
                return "", ""

    def _finish_task(self, task: TaskId) -> None:
        for cutter in self._cutters.get(task, {}).values():
            self._stream.write("".join(self._style.render(task, line) for line in cutter.finish()))

    def _note(self, task: TaskId, words: str, color: str) -> None:
        for line in words.splitlines() or [""]:
            text = self._style.render(task, b"")[:-1]
            self._stream.write(f"{text}{paint(printable(line), color, color=self._color)}\n")
        self._stream.flush()
