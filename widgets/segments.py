"""Cuts and colours lists of Rich segments by character. Pure."""

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

Span = tuple[int, int]
"""First character and one past the last."""


def cut(segments: Sequence[Segment], start: int, end: int) -> list[Segment]:
    """Return the segments of the characters from `start` up to `end`."""
    kept: list[Segment] = []
    position = 0
    for segment in segments:
        text = segment.text
        after = position + len(text)
        if after > start and position < end:
            kept.append(Segment(text[max(0, start - position) : end - position], segment.style))
        position = after
    return kept


def overlay(segments: Sequence[Segment], spans: Sequence[Span], style: Style) -> list[Segment]:
    """Return the segments with a style added within the spans, which are sorted and do not overlap."""
    if not spans:
        return list(segments)
    total = sum(len(segment.text) for segment in segments)
    result: list[Segment] = []
    position = 0
    for start, end in spans:
        start, end = max(start, position), min(end, total)  # noqa: PLW2901 - clipped to the text
        if start >= end:
            continue
        result += cut(segments, position, start)
        result += [
            Segment(part.text, part.style + style if part.style else style) for part in cut(segments, start, end)
        ]
        position = end
    return result + cut(segments, position, total)


def character_at(text: str, cell: int) -> int:
    """Return the index of the first character that begins at this cell or after it."""
    if text.isascii():
        return min(cell, len(text))
    column = 0
    for index, character in enumerate(text):
        if column >= cell:
            return index
        column += cell_len(character)
    return len(text)


def rows_of(text: str, width: int) -> list[Span]:
    """Return the spans of characters that fill rows of a width, at least one; wide characters are not cut in two."""
    if text.isascii():
        return [(start, min(start + width, len(text))) for start in range(0, len(text), width)] or [(0, 0)]
    rows: list[Span] = []
    start = column = 0
    for index, character in enumerate(text):
        cells = cell_len(character)
        if column + cells > width and index > start:
            rows.append((start, index))
            start, column = index, 0
        column += cells
    rows.append((start, len(text)))
    return rows
