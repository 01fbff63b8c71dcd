r"""Keeps lines bounded before they are stored: redraws of progress bars are dropped, endless lines are cut.

Pure, and a function of the bytes alone: however they are cut into chunks, the same lines come out.
"""

REDRAW_BYTES = 4096
"""A line longer than this keeps only what follows its last carriage return: earlier redraws cannot be seen."""
LINE_BYTES = 64 << 10
"""A line longer than this is stored as several."""


def settle(line: bytes) -> tuple[list[bytes], bytes]:
    """Return finished pieces of a line, and what of it is still open.

    Gives the same as doing it byte by byte, so that a line that grows may be settled as often as one likes.
    """
    pieces: list[bytes] = []
    while len(line) > REDRAW_BYTES:
        # A carriage return counts once a byte follows it: until then it may belong to the end of the line.
        redraw = line.rfind(b"\r", 0, REDRAW_BYTES)
        if redraw < 0:
            redraw = line.find(b"\r", REDRAW_BYTES, min(LINE_BYTES, len(line) - 1))
        if redraw >= 0:
            line = line[redraw + 1 :]
        elif len(line) > LINE_BYTES:
            cut = _character_border(line, LINE_BYTES)
            pieces.append(line[:cut])
            line = line[cut:]
        else:
            break
    return pieces, line


def settle_lines(data: bytes) -> bytes:
    """Return whole lines (each ends with a newline) with every long one settled. Cheap when none is long."""
    position = 0
    settled: list[bytes] = []
    done = 0
    while len(data) - position > REDRAW_BYTES + 1:
        newline = data.rfind(b"\n", position, position + REDRAW_BYTES + 1)
        if newline >= 0:
            position = newline + 1
            continue
        newline = data.find(b"\n", position)
        pieces, rest = settle(data[position:newline])
        settled.append(data[done:position])
        settled.extend(piece + b"\n" for piece in pieces)
        settled.append(rest + b"\n")
        position = done = newline + 1
    return b"".join([*settled, data[done:]]) if settled else data


def _character_border(line: bytes, cut: int) -> int:
    """Return the start of the UTF-8 character that `cut` would cut through; `cut` itself when it is no UTF-8."""
    for back in range(4):
        if line[cut - back] & 0xC0 != 0x80:
            return cut - back
    return cut
