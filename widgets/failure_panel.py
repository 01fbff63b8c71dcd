"""Shows why a task failed: what ran, where it is defined, how it ended, what it last said, and how to go on."""

from collections.abc import Iterable

from rich.style import Style as RichStyle
from textual.content import Content, Span
from textual.style import Style
from textual.widgets import Static

from widgets.ansi import parse_line, safe_text, sgr_after
from widgets.failure_report import FailureReport
from widgets.sgr import PLAIN, style_of
from widgets.span_text import span_text
from widgets.task_look import crash_loop_text, failure_text

_LABEL_CELLS = 9
_SHOWN_BLOCKED = 6


class FailurePanel(Static):
    """Shows a `FailureReport`; as high as it needs to be. Long lines are cut at the right edge."""

    DEFAULT_CSS = """
    FailurePanel {
        height: auto;
        padding: 0 1;
        background: $error-muted 30%;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__("", markup=False, id=id, classes=classes)

    def show(self, report: FailureReport) -> None:
        """Show this report."""
        self.update(Content("\n").join(failure_lines(report)))


def failure_lines(report: FailureReport) -> list[Content]:
    """Return the lines of the panel."""
    lines = [_headline(report)]
    command = safe_text(report.command)
    where = f"{report.site}" if report.site else ""
    for label, text in (("ran", command), ("in", report.cwd), ("defined", where)):
        if text:
            lines.append(_line(label, safe_text(text)))
    if report.blocked:
        more = len(report.blocked) - _SHOWN_BLOCKED
        text = ", ".join(report.blocked[:_SHOWN_BLOCKED]) + (f" and {more} more" if more > 0 else "")
        lines.append(_line("blocked", safe_text(text)))
    if report.again:
        lines.append(_line("again", safe_text(report.again)))
    if report.last_lines:
        lines.append(_line("said", "its last lines:"))
        lines += _output(report.last_lines)
    return lines


def _headline(report: FailureReport) -> Content:
    failure = report.failure
    how = failure_text(failure)
    loop = failure.crash_loop
    facts = [] if loop is None else [crash_loop_text(loop)]
    facts.append(f"killed by {how}" if failure.signal == how else how)
    if report.ran_for is not None:
        facts.append(f"after {span_text(report.ran_for)}")
    if report.attempts > 1:
        facts.append(f"on try {report.attempts}")
    message = safe_text(failure.message).removeprefix(f"[{report.task}] ")
    message = message if loop is None else message.removesuffix(f"; {loop.words}")
    if failure.exit_code is not None or failure.signal is not None:
        message = message.partition("; ")[2]  # how it ended stands before it already
    return Content.assemble(
        ("✗ ", "bold $text-error"),
        (safe_text(report.task), "bold"),
        " ",
        (", ".join(facts), "$text-error"),
        (f"  {message}" if message else "", "$text-muted"),
    )


def _line(label: str, text: str) -> Content:
    return Content.assemble((label.ljust(_LABEL_CELLS), "$text-muted"), text)


def _output(raw_lines: Iterable[bytes]) -> list[Content]:
    """Return lines of a log with their own colours, without any markup in them meaning anything."""
    lines: list[Content] = []
    state = PLAIN
    for raw in raw_lines:
        parsed = parse_line(raw, state)
        state = sgr_after(raw, state)
        spans: list[Span] = []
        position = 2
        for text, sgr, _ in parsed.runs:
            if sgr != PLAIN:
                style = Style.from_rich_style(style_of(sgr, "", RichStyle()))
                spans.append(Span(position, position + len(text), style))
            position += len(text)
        lines.append(Content(f"│ {parsed.plain}", [Span(0, 1, "$text-error"), *spans]))
    return lines
