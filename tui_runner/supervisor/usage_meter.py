"""What tasks use, from one look at their processes to the next. Pure: processes and times come in, amounts go out."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tui_runner.model.task import TaskId
from tui_runner.model.usage import TaskUsage

if TYPE_CHECKING:
    from tui_runner.process.sampling import ProcessSample

Key = tuple[int, float]
"""Id and start of a process: ids are used again."""


class UsageMeter:
    """Remembers the latest look, and compares the next one with it."""

    def __init__(self) -> None:
        self._before: dict[TaskId, dict[Key, ProcessSample]] = {}
        self._at_s: float | None = None
        self.usages: dict[TaskId, TaskUsage] = {}
        """Of every task that had processes at the latest look."""

    def take(self, belongings: "Mapping[TaskId, Sequence[ProcessSample]]", at_s: float) -> tuple[TaskUsage, ...]:
        """Take a look from this time (monotonic seconds); return the tasks that look different to a person now.

        A task that was not there before has used 0 % so far; one that has gone is told once, with nothing.
        """
        elapsed_s = 0.0 if self._at_s is None else at_s - self._at_s
        now = {task: {(one.pid, one.started): one for one in samples} for task, samples in belongings.items()}
        usages = {
            task: TaskUsage(
                task=task,
                cpu_percent=_percent(self._before.get(task), samples, elapsed_s),
                rss=sum(sample.rss for sample in samples.values()),
                processes=len(samples),
            )
            for task, samples in now.items()
        }
        changed = [usage for task, usage in usages.items() if _looks_different(self.usages.get(task), usage)]
        changed += [TaskUsage(task=task) for task in self.usages if task not in usages]
        self._before, self._at_s, self.usages = now, at_s, usages
        return tuple(changed)

    def forget(self) -> None:
        """Begin anew: the next look is the first one."""
        self._before, self._at_s, self.usages = {}, None, {}


def _percent(
    before: "Mapping[Key, ProcessSample] | None", now: "Mapping[Key, ProcessSample]", elapsed_s: float
) -> float:
    """Return the share of one core; time of children that came and went in between counts once they are reaped."""
    if before is None or elapsed_s <= 0:
        return 0.0
    # Who is reaped hands its time on to its parent; who is reaped outside of the task takes it away.
    lost = sum(_total(one) for key, one in before.items() if key not in now and not _is_reaped_within(one, before, now))
    spent = sum(map(_total, now.values())) - (sum(map(_total, before.values())) - lost)
    return max(0.0, round(spent / elapsed_s * 100, 1))


def _total(sample: "ProcessSample") -> float:
    return sample.cpu_s + sample.reaped_s


def _is_reaped_within(
    gone: "ProcessSample", before: "Mapping[Key, ProcessSample]", now: "Mapping[Key, ProcessSample]"
) -> bool:
    """Tell whether the time of a process that has ended has come to one of the task that lives, over any chain."""
    parents = {one.pid: one for one in before.values()}
    alive = {pid for pid, _ in now}
    seen: set[int] = set()
    pid = gone.parent
    while pid not in alive:
        if pid in seen or pid not in parents:
            return False
        seen.add(pid)
        pid = parents[pid].parent
    return True


def _looks_different(before: TaskUsage | None, now: TaskUsage) -> bool:
    return before is None or _shown(before) != _shown(now)


def _shown(usage: TaskUsage) -> tuple[float, float, int]:
    """Return an amount as people see it: whole percents, memory to three digits."""
    return (round(usage.cpu_percent), float(f"{usage.rss:.2e}"), usage.processes)
