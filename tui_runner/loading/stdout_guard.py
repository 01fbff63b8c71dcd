"""While a user's file is loaded, what it prints goes to stderr, as plain text.

Stdout holds the data of our command line. A file is trusted as code, but what it prints may come from anywhere, and must
not steer the terminal. What child processes of it print themselves is theirs: it is sent to stderr as it is.
"""

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, TextIO

from tui_runner.errors.render import printable
from tui_runner.model.plain_text import PlainTextReader

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer


@contextlib.contextmanager
def plain_output_to_stderr(*, alone: bool = True) -> Iterator[None]:
    """Send everything for stdout to stderr: `print`, and what child processes write to descriptor 1.

    Descriptors belong to the whole process: with `alone` false, while others write to them, they stay as they are.
    """
    if sys.stdout is not None:
        sys.stdout.flush()
    stream = None if sys.stderr is None else _plain(sys.stderr)
    moved = _descriptor_moved(1, 2) if alone else contextlib.nullcontext()
    with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream), moved:
        yield


def _plain(target: TextIO) -> TextIO:
    """Return a stream whose text arrives at the target at once, without anything that steers a terminal."""
    return io.TextIOWrapper(_PlainOutput(target), encoding="utf-8", errors="replace", write_through=True)


class _PlainOutput(io.BufferedIOBase):
    """The bytes below such a stream. Closing it leaves the target open: loggers may keep it for later."""

    name = "<stderr>"

    def __init__(self, target: TextIO) -> None:
        self._target = target
        self._reader = PlainTextReader()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data: "ReadableBuffer", /) -> int:
        whole = bytes(data)
        text = self._decoder.decode(self._reader.feed(whole))
        self._target.write("\n".join(printable(line) for line in text.split("\n")))
        self._target.flush()
        return len(whole)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._target.fileno()


@contextlib.contextmanager
def _descriptor_moved(moved: int, onto: int) -> Iterator[None]:
    try:
        kept = os.dup(moved)
    except OSError:  # it is closed: nothing can be written to it
        yield
        return
    try:
        with contextlib.suppress(OSError):  # the other is closed: prints stay where they went
            os.dup2(onto, moved)
        yield
    finally:
        os.dup2(kept, moved)
        os.close(kept)
