"""What happens to a stack of filters when a person cycles through levels or streams. Pure."""

from tui_runner.model.output import Stream
from widgets.level import Level
from widgets.line_filter import Filters, LevelFilter, LineFilter, StreamFilter

_LEVELS = (Level.ERROR, Level.WARN, Level.INFO, Level.DEBUG)
"""In the order a person cycles through them; then all lines again."""
_STREAMS = (Stream.STDERR, Stream.STDOUT, Stream.NOTE, Stream.TEARDOWN)


def with_next_level(filters: Filters) -> Filters:
    """Return the filters with the next level: errors only, then warnings too, … and none in the end."""
    now = next((one.least for one in filters if isinstance(one, LevelFilter)), None)
    at = 0 if now is None else _LEVELS.index(now) + 1
    return _with(filters, LevelFilter, LevelFilter(least=_LEVELS[at]) if at < len(_LEVELS) else None)


def with_next_stream(filters: Filters) -> Filters:
    """Return the filters with the next stream: stderr only, stdout only, … and none in the end."""
    now = next((one.stream for one in filters if isinstance(one, StreamFilter)), None)
    at = 0 if now is None else _STREAMS.index(now) + 1
    return _with(filters, StreamFilter, StreamFilter(stream=_STREAMS[at]) if at < len(_STREAMS) else None)


def _with(filters: Filters, kind: type[LineFilter], one: LineFilter | None) -> Filters:
    others = tuple(other for other in filters if not isinstance(other, kind))
    return others if one is None else (*others, one)
