"""Lines for people: what going over to other definitions changes, and which tasks there are to choose from. Pure."""

from collections.abc import Iterable

from tui_runner.model.plan_changes import KnownTask, PlanChanges
from widgets.ansi import safe_text
from widgets.list_line import Accent, ListLine, Piece
from widgets.tone import Tone

WANTED = "[x]"
"""Before a task that was asked for."""
NEEDED = "[+]"
"""Before one that is there because another one needs it."""
NOT_WANTED = "[ ]"


def change_lines(changes: PlanChanges) -> list[ListLine]:
    """Return a line for every task that is not the same, what is lost first."""
    lost = set(changes.lost)
    lines = [
        _line("-", task, "running: it is stopped and torn down", Tone.FAILED)
        for task in changes.removed
        if task in lost
    ]
    lines += [
        _line("~", change.task, f"{_fields(change.fields)}: torn down, then started", Tone.FAILED)
        for change in changes.changed
        if change.task in lost
    ]
    lines += [_line("~", task, "restarted: what it needs is torn down", Tone.ACTIVE) for task in changes.along]
    lines += [
        _line("~", change.task, _fields(change.fields) + (": restarted" if change.restarts else ""), Tone.ACTIVE)
        for change in changes.changed
        if change.task not in lost
    ]
    lines += [_line("-", task, "", Tone.GONE) for task in changes.removed if task not in lost]
    lines += [_line("+", task, "", Tone.READY) for task in changes.added]
    return lines


def known_lines(known: Iterable[KnownTask]) -> list[ListLine]:
    """Return a line for every task of the definitions, with a sign for what is part of the run."""
    tasks = tuple(known)
    width = max((len(safe_text(task.id)) for task in tasks), default=0)
    return [
        ListLine(
            (
                Piece(f"{_sign(task)} ", Accent.MUTED),
                Piece(f"{safe_text(task.id):<{width}}", Accent.PLAIN if task.wanted else Accent.MUTED),
                Piece(f"  {safe_text(task.description)}".rstrip(), Accent.MUTED),
            ),
            ident=task.id,
        )
        for task in tasks
    ]


def _sign(task: KnownTask) -> str:
    if task.target:
        return WANTED
    return NEEDED if task.wanted else NOT_WANTED


def _line(sign: str, task: str, words: str, tone: Tone) -> ListLine:
    name = safe_text(task)
    return ListLine((Piece(f"{sign} ", tone), Piece(name), Piece(f"  {words}".rstrip(), Accent.MUTED)))


def _fields(fields: tuple[str, ...]) -> str:
    return ", ".join(fields)
