"""What differs between two plans, and what each difference means to a task that runs. Pure.

Definitions are compared by what they say, not by which objects say it: a file that is loaded again makes new ones.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from types import CodeType, FunctionType
from typing import Final

import msgspec

from tui_runner.model.task import Task, TaskId
from tui_runner.planning.plan import Plan, PlannedTask

NEEDS_RESTART: Final = frozenset(
    {"run", "cwd", "env", "tty", "ready_when", "alive", "stop", "stop_signal", "stop_timeout"}
)
"""What a running attempt was started with: another value reaches it only by starting it again."""
_TEARDOWN: Final = frozenset({"teardown", "teardown_timeout"})
_TEARDOWN_RUNS_WITH: Final = frozenset({"cwd", "env"})
_NOT_TOLD: Final = frozenset({"site", "problems", "depends_on"})
"""Of a command: where it is written, and what the plan says itself."""
_WORDS: Final = {"concurrency": "max_concurrency", "memory": "max_memory", "may_be_skipped": "allow_skip"}
_OF_TASK: Final = ("mode", "cwd", "env", "depends_on", "description", "concurrency", "may_be_skipped")


class ChangeKind(Enum):
    """What has to happen to a task that runs."""

    ADOPT = "adopt"
    """Nothing: it counts from now on, or from the next start."""
    RESTART = "restart"
    REPLACE = "replace"
    """It is torn down as it was started, what needs it before that; then it comes up anew."""


class TaskChange(msgspec.Struct, frozen=True, kw_only=True):
    """A task that both plans have, and that is not the same in both."""

    task: TaskId
    kind: ChangeKind
    fields: tuple[str, ...]
    """What differs, as it is called in `pipeline.py`; in a fixed order."""

    @property
    def begins_anew(self) -> bool:
        """Tell whether it cannot go on as it runs."""
        return self.kind is not ChangeKind.ADOPT


class PlanDifference(msgspec.Struct, frozen=True, kw_only=True):
    """What changes from one plan to another. All in the order of the plan that has them."""

    added: tuple[TaskId, ...] = ()
    removed: tuple[TaskId, ...] = ()
    changed: Mapping[TaskId, TaskChange] = {}
    unchanged: int = 0
    """How many tasks are the same."""

    def __bool__(self) -> bool:
        """Tell whether anything differs."""
        return bool(self.added or self.removed or self.changed)

    @property
    def restarted(self) -> tuple[TaskId, ...]:
        """The changed tasks that have to be started again."""
        return tuple(change.task for change in self.changed.values() if change.kind is ChangeKind.RESTART)

    @property
    def replaced(self) -> tuple[TaskId, ...]:
        """The changed tasks that have to be torn down as they were started."""
        return tuple(change.task for change in self.changed.values() if change.kind is ChangeKind.REPLACE)


def difference(old: Plan, new: Plan) -> PlanDifference:
    """Return what changes when the new plan takes the place of the old one."""
    changed: dict[TaskId, TaskChange] = {}
    for task in new.tasks.values():
        before = old.tasks.get(task.id)
        change = None if before is None else _change(before, task)
        if change is not None:
            changed[task.id] = change
    added = tuple(task for task in new.tasks if task not in old.tasks)
    return PlanDifference(
        added=added,
        removed=tuple(task for task in old.tasks if task not in new.tasks),
        changed=changed,
        unchanged=len(new.tasks) - len(added) - len(changed),
    )


def _change(old: PlannedTask, new: PlannedTask) -> TaskChange | None:
    fields = tuple(dict.fromkeys(_fields(old, new)))
    return TaskChange(task=new.id, kind=_kind(old, new, frozenset(fields)), fields=fields) if fields else None


def _kind(old: PlannedTask, new: PlannedTask, fields: frozenset[str]) -> ChangeKind:
    if old.composite and new.composite:
        return ChangeKind.ADOPT  # what it means to the tasks inside stands in their own environment
    if old.command is None or new.command is None:
        return ChangeKind.REPLACE
    cleans_up = old.command.teardown is not None
    if fields & _TEARDOWN or "mode" in fields or (cleans_up and fields & _TEARDOWN_RUNS_WITH):
        return ChangeKind.REPLACE
    by_itself = new.once_of is None  # what is run by hand is run again by hand
    return ChangeKind.RESTART if fields & NEEDS_RESTART and by_itself else ChangeKind.ADOPT


def _fields(old: PlannedTask, new: PlannedTask) -> Iterator[str]:
    if old.composite is not new.composite:
        yield "tasks"
    if old.command is not None and new.command is not None:
        for field in old.command.__struct_fields__:
            same = (
                field in _NOT_TOLD or field == "env" or _same(getattr(old.command, field), getattr(new.command, field))
            )
            if not same:
                yield _WORDS.get(field) or field.removesuffix("_s")
    elif old.command is not new.command or old.skip != new.skip or old.refusal != new.refusal:
        yield "run"
    for field in _OF_TASK:
        if getattr(old, field) != getattr(new, field):
            yield _WORDS.get(field, field)


def _same(one: object, other: object) -> bool:
    """Tell whether two values of definitions say the same; functions do when their code is the same."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Task) and isinstance(other, Task):
        return one.name == other.name  # one that is referred to; what it says itself is compared for itself
    if isinstance(one, msgspec.Struct):
        fields = (field for field in one.__struct_fields__ if field not in _NOT_TOLD)
        return all(_same(getattr(one, field), getattr(other, field)) for field in fields)
    if isinstance(one, FunctionType) and isinstance(other, FunctionType):
        return _same_code(one.__code__, other.__code__) and _same(_bound(one), _bound(other))
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(_same(one[key], other[key]) for key in one)
    return one == other


def _bound(function: FunctionType) -> tuple[object, ...]:
    """Return the values a function carries along."""
    cells: list[object] = []
    for cell in function.__closure__ or ():
        try:
            cells.append(cell.cell_contents)
        except ValueError:  # not set yet
            cells.append(None)
    return (function.__defaults__, function.__kwdefaults__, tuple(cells))


def _same_code(one: CodeType, other: CodeType) -> bool:
    return (
        one.co_code == other.co_code
        and one.co_names == other.co_names
        and len(one.co_consts) == len(other.co_consts)
        and all(
            _same_code(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else type(a) is type(b) and a == b
            for a, b in zip(one.co_consts, other.co_consts, strict=True)
        )
    )
