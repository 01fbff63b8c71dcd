"""The records of a log's index: where each chunk of output begins, when it came, and from where. Data only."""

import struct
from typing import Final

from tui_runner.model.output import Stream

INDEX_RECORD: Final = struct.Struct("<QdIB3x")
"""Per chunk: offset in bytes, seconds since the epoch, attempt, stream (index into `STREAMS`)."""
STREAMS: Final = (Stream.STDOUT, Stream.STDERR, Stream.TEARDOWN, Stream.NOTE)
