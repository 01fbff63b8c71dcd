"""Paints one row of the tree. Pure: rows, looks and styles come in, a strip goes out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec
from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from widgets.dag_layout import Row
from widgets.load import COLUMN_CELLS, Load, columns, sparkline
from widgets.row_strip import RowStrip
from widgets.task_look import Look
from widgets.tone import Tone


class RowStyles(NamedTuple):
    """Rich styles of everything in a row."""

    base: Style
    guide: Style
    note: Style
    load: Style
    """Of what a task uses."""
    reference: Style
    cursor: Style
    """Added to the row under the cursor."""
    twin: Style
    """Added to other rows of the same task."""
    tones: Mapping[Tone, Style]


def row_styles(tree: Widget) -> RowStyles:
    """Return the styles that the style sheet of a tree says."""

    def component(name: str) -> Style:
        return tree.get_component_rich_style(f"dag-tree--{name}")

    return RowStyles(
        base=tree.rich_style,
        guide=component("guide"),
        note=component("note"),
        load=component("load"),
        reference=tree.rich_style + Style(dim=True),
        cursor=Style(bgcolor=component("cursor").bgcolor, bold=True),
        twin=Style(bgcolor=component("twin").bgcolor),
        tones={tone: component(tone) for tone in Tone},
    )


def same_look(one: Look | None, other: Look) -> bool:
    """Tell whether two looks are painted alike, whenever they change."""
    return one is not None and msgspec.structs.replace(one, changes_in=other.changes_in) == other


class RowText(NamedTuple):
    """What a row says."""

    guide: str
    name: str
    look: Look
    reference: bool
    hidden: int
    """Tasks folded away below it; where all of them are shown elsewhere, too, how many of those it has."""
    hidden_failures: int
    """How many of those failed."""
    load: Load | None = None
    """None: nothing is known of it, or the tree has no room for columns."""


class Branches(NamedTuple):
    """Signs that connect rows, each two cells wide, and the one for a reference."""

    pipe: str
    fork: str
    corner: str
    blank: str
    skipped: str
    """In place of levels there is no room for."""
    reference: str


UNICODE_BRANCHES = Branches("│ ", "├ ", "└ ", "  ", "… ", "↑")
_SHAPES = (("note", 16), ("note", 8), ("note", 0), ("brief", 8), ("brief", 4), ("brief", 0), ("", 0))
"""What is tried left of the columns: the long note or the short one, and how many cells of a sparkline."""
ASCII_BRANCHES = Branches("| ", "|-", "`-", "  ", "..", "^")


def guide(rows: Sequence[Row], index: int, branches: Branches, levels: int) -> str:
    """Return the branches left of a row; of a deep one only the innermost levels."""
    row = rows[index]
    if row.depth == 0:
        return ""
    parts = [branches.corner if row.last else branches.fork]
    while rows[row.parent].depth > 0:
        if len(parts) >= levels:
            parts.append(branches.skipped)
            break
        row = rows[row.parent]
        parts.append(branches.blank if row.last else branches.pipe)
    return "".join(reversed(parts))


def paint_row(text: RowText, styles: RowStyles, width: int, extra: Style | None, branches: Branches) -> Strip:
    """Return a row of exactly this width; `extra` is added to all of it. Note and columns give way to the name."""
    look = text.look
    tone = styles.tones[look.tone]
    left = [Segment(text.guide, styles.guide)]
    if text.reference:
        left += [Segment(look.glyph + " ", tone + styles.reference), Segment(text.name, styles.reference)]
        left.append(Segment(" " + branches.reference, styles.guide))
        right: list[Segment] = []
    else:
        left += [Segment(look.glyph + " ", tone), Segment(text.name, styles.base)]
        if text.hidden:
            left.append(Segment(f" +{text.hidden}", styles.note))
        if text.hidden_failures:
            left.append(Segment(f" {text.hidden_failures} failed", styles.tones[Tone.FAILED]))
        room = width - sum(cell_len(segment.text) for segment in left) - 2
        right = _right(text, room, styles, tone, ascii=branches is ASCII_BRANCHES)
    used = sum(cell_len(segment.text) for segment in right)
    left = _fitted(left, width - used, styles.base)
    segments = [Segment(part, (style or styles.base) + extra if extra else style) for part, style, _ in (*left, *right)]
    return RowStrip(segments, width)


def _right(text: RowText, room: int, styles: RowStyles, tone: Style, *, ascii: bool) -> list[Segment]:  # noqa: A002 - the widgets' word
    """Return what stands at the right edge: the most telling of what there is room for."""
    look, load = text.look, text.load
    note_style = tone if look.tone is Tone.FAILED else styles.note
    for note, spark in _SHAPES if load is not None else ():
        words = look.note if note == "note" else look.brief if note == "brief" else ""
        used = COLUMN_CELLS + (spark + 1 if spark else 0) + (cell_len(words) + 1 if words else 0)
        if load is None or used > room:
            continue
        bars = sparkline(load.history, spark, ascii) + " " if spark else ""
        parts = [Segment(f"{words} ", note_style)] if words else []
        return [*parts, Segment(f"{bars}{columns(load)} ", styles.load)]
    words = next((note for note in (look.note, look.brief) if note and cell_len(note) <= room), "")
    return [Segment(f"{words} ", note_style)] if words else []


def _fitted(segments: Sequence[Segment], width: int, base: Style) -> list[Segment]:
    """Cut or fill to a width."""
    fitted: list[Segment] = []
    for segment in segments:
        cells = cell_len(segment.text)
        if cells >= width:
            fitted.append(Segment(set_cell_size(segment.text, width), segment.style))
            return fitted
        fitted.append(segment)
        width -= cells
    return [*fitted, Segment(" " * width, base)]
