"""What a person lets through of a log, and what not: filters that are put on top of each other. Pure.

A line is shown when every filter lets it through.
"""

from collections.abc import Sequence
from typing import Protocol, assert_never

import msgspec

from tui_runner.model.output import Stream
from widgets.level import Level, LevelSearch
from widgets.line_block import LineBlock
from widgets.line_origin import stream_of
from widgets.line_search import LineSearch
from widgets.line_store import LineStore
from widgets.query import Query


class TextFilter(msgspec.Struct, frozen=True, kw_only=True, tag="text"):
    """Lines that match a query, or those that do not."""

    query: Query
    exclude: bool = False


class StreamFilter(msgspec.Struct, frozen=True, kw_only=True, tag="stream"):
    """Lines of one stream."""

    stream: Stream


class LevelFilter(msgspec.Struct, frozen=True, kw_only=True, tag="level"):
    """Lines that are at least this serious, with what belongs to them; see `level`."""

    least: Level


class ErrorFilter(msgspec.Struct, frozen=True, kw_only=True, tag="error"):
    """Lines that call themselves an error; not what follows them."""


LineFilter = TextFilter | StreamFilter | LevelFilter | ErrorFilter
Filters = tuple[LineFilter, ...]
"""The one that was put on last comes last."""


def filter_text(one: LineFilter) -> str:
    """Return a filter in a few words. Text that somebody typed or a child printed may be in it."""
    match one:
        case TextFilter(query=query, exclude=exclude):
            return f"{'-' if exclude else '+'} {query.shown}"
        case StreamFilter(stream=stream):
            return "notes" if stream is Stream.NOTE else stream.value
        case LevelFilter(least=Level.ERROR):
            return Level.ERROR.word
        case LevelFilter(least=least):
            return f"{least.word} and up"
        case ErrorFilter():
            return "errors"
        case _:
            assert_never(one)


class _Search(Protocol):
    """Finds lines of one store."""

    def matches(self, number: int) -> bool:
        """Tell whether one finished line is let through."""

    def in_block(self, block: LineBlock) -> list[int]:
        """Return the absolute numbers of such lines in a block, in order."""


class FilterSearch:
    """Filters made ready for one store."""

    def __init__(self, store: LineStore, filters: Filters) -> None:
        # Whatever lets the least through, for the least work, goes first.
        ranked = sorted(filters, key=_rank)
        self._parts = [_search(store, one) for one in ranked]
        self._hiding = [isinstance(one, TextFilter) and one.exclude for one in ranked]

    def matches(self, number: int) -> bool:
        """Tell whether one finished line passes all filters."""
        return all(part.matches(number) is not hides for part, hides in zip(self._parts, self._hiding, strict=True))

    def in_block(self, block: LineBlock) -> list[int]:
        """Return the absolute numbers of the lines of a block that pass all filters, in order."""
        hits: Sequence[int] | None = None
        for part, hides in zip(self._parts, self._hiding, strict=True):
            found = part.in_block(block)
            if hides:
                hidden = frozenset(found)
                before = range(block.first, block.first + block.count) if hits is None else hits
                hits = [number for number in before if number not in hidden] if hidden else before
            elif hits is None:
                hits = found
            else:
                these = frozenset(found)
                hits = [number for number in hits if number in these]
            if not hits:
                return []
        return list(range(block.first, block.first + block.count) if hits is None else hits)


class _TextSearch:
    def __init__(self, store: LineStore, query: Query) -> None:
        self._store = store
        self._search = LineSearch(query)
        self.in_block = self._search.in_block

    def matches(self, number: int) -> bool:
        return self._search.matches(self._store.line(number))


class _StreamSearch:
    def __init__(self, store: LineStore, stream: Stream) -> None:
        self._store = store
        self._stream = stream

    def matches(self, number: int) -> bool:
        return stream_of(self._store.origin_of(number)) is self._stream

    def in_block(self, block: LineBlock) -> list[int]:
        hits: list[int] = []
        for run in block.runs():
            if stream_of(run.origin) is self._stream:
                hits.extend(range(run.first, run.past))
        return hits


def _search(store: LineStore, one: LineFilter) -> _Search:
    match one:
        case TextFilter(query=query):
            return _TextSearch(store, query)
        case StreamFilter(stream=stream):
            return _StreamSearch(store, stream)
        case LevelFilter(least=least):
            return LevelSearch(store, least)
        case ErrorFilter():
            return LevelSearch(store, Level.ERROR, inherit=False)
        case _:
            assert_never(one)


def _rank(one: LineFilter) -> int:
    match one:
        case StreamFilter():
            return 0
        case TextFilter(exclude=exclude):
            return 3 if exclude else 1
        case LevelFilter() | ErrorFilter():
            return 2
        case _:
            assert_never(one)
