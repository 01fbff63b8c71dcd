"""A program that asks what `stat` says of files, for a process that has only one interpreter to ask with.

`python -I -S stat_program.py`, with one end of a socketpair as its standard input: it writes one byte when it is up, then
answers one question after the other, until the other end is closed. Must import nothing heavy. See `stat_partner`.
"""

from __future__ import annotations

import sys
from _socket import socket as Socket  # noqa: N812 - the C class: `socket` takes longer to import than all the rest
from _struct import Struct

QUESTION = Struct("=II")
"""Sizes of the path of a directory and of the names of files in it, with a NUL between two. Both follow."""
ANSWER = Struct("=I")
"""Size of their records, which follow; 0 when one of the files cannot be looked at."""


def main() -> None:
    """Answer until nobody asks any more."""
    from tui_runner.caching.stat_record import records_below  # noqa: PLC0415 - the package is not there before

    asked = Socket(fileno=0)
    try:
        asked.sendall(b"\0")
        while True:
            directory_size, names_size = QUESTION.unpack(read_exactly(asked, QUESTION.size))
            directory = read_exactly(asked, directory_size)
            names = read_exactly(asked, names_size).split(b"\0")
            try:
                records = records_below(directory, names)
            except OSError:
                records = b""
            asked.sendall(ANSWER.pack(len(records)) + records)
    except (EOFError, ConnectionError):
        return  # nobody is there any more


def read_exactly(source: Socket, size: int) -> bytes:
    """Return so many bytes.

    Raises:
        EOFError: the other end is closed.
        OSError: it cannot be read from, or took too long.
    """
    pieces: list[bytes] = []
    while size:
        piece = source.recv(size)
        if not piece:
            raise EOFError
        pieces.append(piece)
        size -= len(piece)
    return b"".join(pieces)


if __name__ == "__main__":
    # The real `tui_runner/__init__.py` imports more than this needs; as in `process/guardian/__main__.py`.
    package = type(sys)("tui_runner")
    package.__path__ = [__file__.rpartition("/")[0].rpartition("/")[0]]
    sys.modules["tui_runner"] = package
    main()
