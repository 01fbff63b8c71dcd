"""Which tasks use more memory than they may, and what is done about it. Told of usages; knows no clock."""

from collections.abc import Callable, Mapping
from typing import assert_never

from tui_runner.model.memory_limit import MemoryAction, MemoryLimit
from tui_runner.model.size import format_size
from tui_runner.model.task import TaskId
from tui_runner.model.usage import TaskUsage
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import Event, RestartWanted

LOOKS_ABOVE = 2
"""So many looks in a row have to see too much: between fork and exec a process counts twice for a moment."""
RELIEF = 0.9
"""Below this part of its limit a task is fine again, and told anew when it exceeds it."""
LOOP_RESTARTS = 5
LOOP_S = 600.0
"""So many restarts within so many seconds do not help: the task is left running."""


class MemoryLimits:
    """The limits of one run, and how each task stands to its own."""

    def __init__(
        self,
        plan: Plan,
        note: Callable[[TaskId, str], None],
        record: Callable[[TaskId, int, MemoryLimit], None],
        feed: Callable[[Event], None],
    ) -> None:
        """Prepare. `note` writes to a task's log, `record` tells the records how many bytes it used."""
        self.limits: Mapping[TaskId, MemoryLimit] = {}
        self.take(plan)
        self._note = note
        self._record = record
        self._feed = feed
        self._above: dict[TaskId, int] = {}
        """Looks in a row that saw too much."""
        self._restarted_at_s: dict[TaskId, list[float]] = {}

    def take(self, plan: Plan) -> None:
        """Have the limits of this plan."""
        self.limits = {
            task.id: task.command.memory
            for task in plan.tasks.values()
            if task.command is not None and task.command.memory is not None
        }

    def check(self, usages: Mapping[TaskId, TaskUsage], at_s: float) -> None:
        """Compare what tasks use at this time (monotonic seconds) with what they may."""
        for task, limit in self.limits.items():
            usage = usages.get(task)
            if usage is None or usage.rss < limit.most * RELIEF:
                self._above.pop(task, None)
            elif usage.rss > limit.most:
                self._above[task] = self._above.get(task, 0) + 1
                if self._above[task] == LOOKS_ABOVE:
                    self._exceeded(task, usage.rss, limit, at_s)

    def _exceeded(self, task: TaskId, rss: int, limit: MemoryLimit, at_s: float) -> None:
        used = f"uses {format_size(rss)} of memory, more than the {format_size(limit.most)} it may"
        self._record(task, rss, limit)
        match limit.action:
            case MemoryAction.WARN:
                self._note(task, used)
            case MemoryAction.RESTART:
                lately = [at for at in self._restarted_at_s.get(task, ()) if at_s - at < LOOP_S]
                if len(lately) >= LOOP_RESTARTS:
                    self._note(task, f"{used}; {len(lately)} restarts within {LOOP_S:g} s did not help: left running")
                    return
                self._restarted_at_s[task] = [*lately, at_s]
                self._above.pop(task)
                self._note(task, f"{used}: restarting")
                self._feed(RestartWanted(task=task, reason=f"used {format_size(rss)} of memory"))
            case _:
                assert_never(limit.action)
