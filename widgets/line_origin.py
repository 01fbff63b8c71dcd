"""Where lines come from, packed into one small number that a store keeps per chunk. Pure.

A merged view holds lines of several tasks: their place in its list of names is the source. In the store of one task the
source is always 0.
"""

from tui_runner.model.output import Stream

MAX_SOURCES = 1 << 14
"""Sources from here on are counted as the last one."""
_STREAMS = tuple(Stream)
_CODES = {stream: code for code, stream in enumerate(_STREAMS)}
_BITS = 2


def origin_of(stream: Stream, source: int = 0) -> int:
    """Return the origin of lines of this stream and source."""
    return min(source, MAX_SOURCES - 1) << _BITS | _CODES[stream]


def stream_of(origin: int) -> Stream:
    """Return the stream of an origin."""
    return _STREAMS[origin & 3]


def source_of(origin: int) -> int:
    """Return the source of an origin."""
    return origin >> _BITS
