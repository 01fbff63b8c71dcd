"""Which task does a process belong to? Told by its forebears and by the marker in its environment, from /proc."""

from collections.abc import Iterator, Mapping

from tui_runner.process.guardian import process_table

_MOST_FOREBEARS = 64


def belongs_to(pid: int, task: str, leaders: Mapping[str, int], marker: str) -> bool:
    """Tell whether a process is of the running attempt of the task, or may be.

    `leaders` are the first processes of all running tasks, `marker` names the run in the environment of its children.
    False only for what is known to be another task's, or nobody's of this run. What a task left behind was adopted by
    the guardian; when it has overwritten its environment too, nobody can tell whose it is.
    """
    leader = leaders.get(task)
    if leader is None:
        return True
    forebears = (pid, *_forebears(pid))
    if leader in forebears:
        return True
    if any(other in forebears for other in leaders.values()):
        return False
    named = process_table.owner(pid, marker)
    if named is not None:
        return named == task
    return next(_forebears(leader), None) in forebears


def task_of(pid: int, leaders: Mapping[str, int], marker: str) -> str | None:
    """Return the task of this run that a process certainly is of, of an earlier attempt too; None when nobody can tell."""
    forebears = (pid, *_forebears(pid))
    led = next((task for task, leader in leaders.items() if leader in forebears), None)
    return process_table.owner(pid, marker) if led is None else led


def _forebears(pid: int) -> Iterator[int]:
    for _ in range(_MOST_FOREBEARS):
        parent = process_table.parent(pid)
        if parent is None or parent <= 1:
            return
        yield parent
        pid = parent
