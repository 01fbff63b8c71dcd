"""Tasks of one run whose outputs are the same files. Pure, but for links on the way of a `..`.

A hit of one would bring back, or remove, what the other has just made: neither may have a cache in such a run.
"""

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from tui_runner.caching.output_patterns import OutputPattern, OutputPatterns, covers_any_in
from tui_runner.caching.output_set import OutputSet
from tui_runner.caching.store import CacheError
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask


class _Claim(msgspec.Struct, frozen=True, kw_only=True):
    """One output pattern of a task."""

    task: TaskId
    pattern: OutputPattern

    @property
    def place(self) -> bytes:
        """The path, or the directory a glob begins in."""
        return self.pattern.start if self.pattern.is_glob else self.pattern.literal

    def holds(self, other: "_Claim") -> bool:
        """Tell whether files of the other are surely or probably files of this one; two globs are only compared."""
        if other.pattern.is_glob:
            same = self.pattern.is_glob and self.pattern.literal == other.pattern.literal
            return same or covers_any_in(self.pattern, other.place)
        return self.pattern.covers(other.place, directory=False)


def overlaps(tasks: Iterable[PlannedTask], root: str) -> Mapping[TaskId, str]:
    """Return why tasks cannot have a cache beside the others, by their ids; those that can are left out."""
    claims = [claim for task in tasks for claim in _claims(task, root)]
    places: dict[bytes, list[_Claim]] = {}
    for claim in claims:
        places.setdefault(claim.place, []).append(claim)
    reasons: dict[TaskId, str] = {}
    for inner in claims:
        for directory in _with_all_above(inner.place):
            for outer in places.get(directory, ()):
                if outer.task != inner.task and outer.holds(inner):
                    reasons.setdefault(outer.task, _reason(outer, inner))
                    reasons.setdefault(inner.task, _reason(inner, outer))
    return reasons


def _claims(task: PlannedTask, root: str) -> Iterator[_Claim]:
    spec = None if task.command is None else task.command.cache
    if spec is None or not spec.outputs:
        return
    try:
        patterns = OutputPatterns(OutputSet(root=root, base=task.cwd, patterns=spec.outputs))
    except CacheError:
        return  # told when it is the task's turn
    for pattern in patterns.adding:
        yield _Claim(task=task.id, pattern=pattern)


def _with_all_above(path: bytes) -> Iterator[bytes]:
    yield path
    end = path.rfind(b"/")
    while end > 0:
        yield path[:end]
        end = path.rfind(b"/", 0, end)


def _reason(own: _Claim, other: _Claim) -> str:
    return (
        f"its output `{own.pattern.text}` and the output `{other.pattern.text}` of `{other.task}` are the same files; "
        "let each task name what it makes alone, and take away with `!` what another one makes"
    )
