"""Suggestions for names that nobody has: "did you mean …?"."""

from collections.abc import Iterable

from tui_runner.model.task import TaskId

MAX_LISTED = 8
"""So many tasks are listed when nothing is close."""


def nearest(wanted: str, ids: Iterable[TaskId], limit: int = 3) -> tuple[TaskId, ...]:
    """Return the ids whose full or short name is most like the wanted one, best first.

    Upper and lower case count as equal. An inner task is found by its short name.
    """
    from difflib import get_close_matches  # noqa: PLC0415 - only needed when somebody mistyped

    by_form: dict[str, TaskId] = {}
    for task_id in ids:
        by_form.setdefault(task_id.casefold(), task_id)
    for task_id in tuple(by_form.values()):
        by_form.setdefault(task_id.rpartition(":")[2].casefold(), task_id)
    close = get_close_matches(wanted.casefold(), by_form, n=2 * limit, cutoff=0.6)
    return tuple(dict.fromkeys(by_form[form] for form in close))[:limit]


def suggestion(wanted: str, ids: Iterable[TaskId]) -> str:
    """Return a help text: the nearest names, else the first few there are."""
    known = tuple(ids)
    close = nearest(wanted, known)
    if close:
        return f"did you mean {either(close)}?"
    if not known:
        return "there are no tasks"
    listed = ", ".join(f"`{task_id}`" for task_id in known[:MAX_LISTED])
    more = len(known) - MAX_LISTED
    return f"the tasks are {listed}" + (f" and {more} more" if more > 0 else "")


def either(names: Iterable[str]) -> str:
    """Return names in backticks, joined by commas and a last `or`."""
    *first, last = (f"`{name}`" for name in names)
    return f"{', '.join(first)} or {last}" if first else last
