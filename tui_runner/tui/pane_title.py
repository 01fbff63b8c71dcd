"""The title line of a pane: what its log is filtered and searched for, and how the task is."""

from typing import TYPE_CHECKING

from textual.content import Content

from tui_runner.errors.render import printable
from tui_runner.model.state import Skipped, is_alive
from tui_runner.model.view import TaskView
from tui_runner.tui.log_history import LogHistory
from tui_runner.tui.together import Together
from widgets.line_filter import Filters, filter_text
from widgets.log_pane import LogPane
from widgets.query import Query
from widgets.stamp import clock_text
from widgets.task_look import Look
from widgets.tone import CONTENT_STYLES

if TYPE_CHECKING:
    from widgets.term_pane import TermPane

_CHIP = "$chip-foreground on $chip-background"
_GAP = Content(" ")


def log_facts(pane: LogPane, filters: Filters, search: Query | None) -> list[Content]:
    """Return what there is to say about the log: new lines, a chip for each filter, matches; empty when nothing."""
    facts: list[Content] = []
    if pane.new_lines:
        facts.append(Content.styled(f"{pane.new_lines:,} new line{'s' if pane.new_lines > 1 else ''} ", "$text-accent"))
    for one in filters:
        facts += [Content.styled(f" {printable(filter_text(one))} ", _CHIP), _GAP]
    if filters:
        count = pane.filter_count or 0
        facts.append(Content.styled(f"{count:,} line{'' if count == 1 else 's'} ", "$text-warning"))
    if search is not None:
        at = f"{pane.match_position:,}/" if pane.match_position else ""
        found = f"search {printable(search.shown)}: {at}{pane.match_count or 0:,} "
        facts.append(Content.styled(found, "$text-warning"))
    if facts:
        facts.append(Content.styled("│ ", "$foreground 30%"))
    return facts


def terminal_facts(pane: "TermPane", view: TaskView) -> list[Content]:
    """Return what there is to say about a terminal: that one types into it, that its task has ended, its size."""
    facts: list[Content] = []
    if pane.typing:
        text = "typing" if is_alive(view.state) else "not running: nobody reads what you type"
        facts += [Content(f"{text} · Ctrl-Z leaves "), Content("│ ")]
    elif view.started_at is not None and not is_alive(view.state):
        facts += [Content.styled(" last screen ", _CHIP), _GAP]
    size = view.terminal
    if size is not None and all(pane.cells) and pane.cells != (size.columns, size.rows) and not pane.settling:
        facts += [Content.styled(f" {size.columns}x{size.rows} elsewhere ", _CHIP), _GAP]
    return facts


def history_facts(history: LogHistory) -> list[Content]:
    """Return what there is to say about lines that are read from the file."""
    store = history.store
    if not len(store):
        return []
    times = f"{clock_text(store.time_of(store.first))} to {clock_text(store.time_of(store.end - 1))}"
    return [Content.styled(f" from the file: {times} ", _CHIP), _GAP]


def together_facts(together: Together, ascii: bool) -> list[Content]:  # noqa: A002 - the widgets' word
    """Return what there is to say about logs that are shown merged."""
    sign = Content.styled("= " if ascii else "≡ ", "$text-accent")
    count = len(together.tasks)
    if together.everything:
        return [sign, Content.styled("all logs", "bold"), Content(f"  {count} tasks")]
    return [sign, Content.styled(printable(" + ".join(together.tasks)), "bold")]


def task_facts(view: TaskView, seen: Look) -> list[Content]:
    """Return what there is to say about the task: state, name, note, what the cache said, description."""
    parts = [
        Content.styled(f"{seen.glyph} ", CONTENT_STYLES[seen.tone]),
        Content.styled(printable(view.id), "bold"),
        Content(f"  {printable(seen.note)}"),
    ]
    if view.cache and not isinstance(view.state, Skipped):
        parts.append(Content.styled(f" · {printable(view.cache)}", "$foreground 60%"))
    if view.description and not isinstance(view.state, Skipped):
        parts.append(Content(f" · {printable(view.description)}"))
    return parts
