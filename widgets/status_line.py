"""The line at the bottom: counts, key hints, a message. Renders plain data; knows no bindings.

Textual's own footer is a widget per key, made anew whenever the focus moves, and that takes 25 to 40 ms.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from widgets.ansi import safe_text
from widgets.task_look import Count
from widgets.tone import CONTENT_STYLES, Tone


class _Zone(NamedTuple):
    """Cells of a hint."""

    start: int
    end: int
    key: str


class StatusLine(Widget):
    """One line; a click on a hint posts `Pressed`."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1;
        background: $panel;
        color: $foreground;
    }
    """

    class Pressed(Message):
        """A hint was clicked."""

        def __init__(self, line: "StatusLine", key: str) -> None:
            super().__init__()
            self.line = line
            self.key = key

        @property
        def control(self) -> "StatusLine":
            """The line."""
            return self.line

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self._counts: tuple[Count, ...] = ()
        self._hints: tuple[tuple[str, str], ...] = ()
        self._kept: frozenset[str] = frozenset()
        self._message = ""
        self._error = False
        self._zones: list[_Zone] = []

    def set_counts(self, counts: Sequence[Count]) -> None:
        """Show these counts at the left end."""
        if tuple(counts) != self._counts:
            self._counts = tuple(counts)
            self.refresh()

    def set_hints(self, hints: Sequence[tuple[str, str]], kept: Iterable[str] = ()) -> None:
        """Show (key, label) pairs, as many as fit, the first ones first; room for the keys to be kept is left."""
        fresh = (tuple(hints), frozenset(kept))
        if fresh != (self._hints, self._kept):
            self._hints, self._kept = fresh
            self.refresh()

    def set_message(self, text: str, *, error: bool = False) -> None:
        """Show a text in place of the hints; an empty one brings them back."""
        if (text, error) != (self._message, self._error):
            self._message, self._error = text, error
            self.refresh()

    def render(self) -> Content:
        """Return the line, cut to the width."""
        parts: list[tuple[str, str]] = [(" ", "")]
        whole = [_count_text(count) for count in self._counts]
        room = self.size.width // 2  # the rest is for what can be done
        if sum(cell_len(text) + 2 for text in whole) > room:
            whole = [_count_text(count, brief=count.tone is not Tone.FAILED) for count in self._counts]
        for count, text in zip(self._counts, whole, strict=True):
            parts += [(text, CONTENT_STYLES[count.tone]), ("  ", "")]
        self._zones = []
        if self._message:
            parts.append((safe_text(self._message), "bold $text-error" if self._error else "$text-accent"))
        else:
            self._add_hints(parts)
        if not parts[-1][0].strip():
            parts.pop()  # a gap behind the last part would cut it
        return Content.assemble(*parts).truncate(self.size.width, ellipsis=True)

    def _add_hints(self, parts: list[tuple[str, str]]) -> None:
        """Add the hints that fit whole, and note where they are."""
        column = sum(cell_len(text) for text, _ in parts)
        for key, label in self._fitting(self.size.width - column):
            width = _hint_cells(key, label)
            parts += [(key, "bold $text-accent"), (f" {label}", "$text-muted"), ("  ", "")]
            self._zones.append(_Zone(column, column + width, key))
            column += width + 2

    def _fitting(self, room: int) -> list[tuple[str, str]]:
        """Return the hints that fit whole, in their order: of those to be kept, and of the others beside them."""
        fitting: set[tuple[str, str]] = set()
        for kept in (True, False):
            for hint in self._hints:
                if (hint[0] in self._kept) is not kept:
                    continue
                width = _hint_cells(*hint)
                if width > room:
                    break
                fitting.add(hint)
                room -= width + 2
        return [hint for hint in self._hints if hint in fitting]

    def on_click(self, event: events.Click) -> None:
        """Tell which hint was clicked."""
        for zone in self._zones:
            if zone.start <= event.x < zone.end:
                event.stop()
                self.post_message(self.Pressed(self, zone.key))


def _hint_cells(key: str, label: str) -> int:
    return cell_len(key) + 1 + cell_len(label)


def _count_text(count: Count, *, brief: bool = False) -> str:
    """Return a count in words; the brief form leaves the label out, unless there is nothing else."""
    if count.number is None:
        return f"{count.glyph} {safe_text(count.label)}"
    return f"{count.glyph} {count.number}" if brief else f"{count.glyph} {count.number} {safe_text(count.label)}"
