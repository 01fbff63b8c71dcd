"""What a terminal shows: enough of the escape sequences of Textual, shells and progress bars to read it as text.

Colours are ignored, scroll regions do not exist. Unknown sequences are skipped, as terminals do.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f]+)"
    r"|\x1b\[(?P<private>[<-?]*)(?P<numbers>[0-9;:]*)(?P<between>[ -/]*)(?P<final>[@-~])"
    r"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    r"|\x1b[PX^_][^\x1b]*\x1b\\"
    r"|(?P<aborted>\x1b(?:\[[0-?]*[ -/]*)?(?=\x1b))"  # whoever wrote it was killed: the next escape begins anew
    r"|\x1b(?P<escape>[ -/]*[0-OQ-WYZ\\`-~])"
    r"|(?P<control>[\x00-\x1a\x1c-\x1f\x7f])"
)
_MOST_UNFINISHED = 1 << 16
_ALTERNATE = {"47", "1047", "1049"}
SYNCHRONIZED = "2026"
"""Mode in which a terminal holds a frame back until it is complete."""


class _Buffer:
    """Cells of one of the two screens. A wide character is followed by an empty cell."""

    def __init__(self, columns: int, rows: int) -> None:
        self.columns = columns
        self.rows = [[" "] * columns for _ in range(rows)]
        self.x = 0
        self.y = 0
        self.saved = (0, 0)

    def resize(self, columns: int, rows: int) -> None:
        for row in self.rows:
            del row[columns:]
            row.extend([" "] * (columns - len(row)))
        del self.rows[rows:]
        self.rows += [[" "] * columns for _ in range(rows - len(self.rows))]
        self.columns = columns
        self.x, self.y = min(self.x, columns - 1), min(self.y, rows - 1)

    def line_feed(self) -> None:
        if self.y + 1 < len(self.rows):
            self.y += 1
        else:
            self.rows.append([" "] * self.columns)
            del self.rows[0]

    def write(self, text: str, *, wraps: bool) -> None:
        if text.isascii():
            self._write_ascii(text, wraps=wraps)
            return
        for character in text:
            self._write_one(character, wraps=wraps)

    def _write_ascii(self, text: str, *, wraps: bool) -> None:
        while text:
            self._wrap_for(1, wraps=wraps)
            piece, text = text[: self.columns - self.x], text[self.columns - self.x :]
            self.rows[self.y][self.x : self.x + len(piece)] = piece
            self.x += len(piece)

    def _write_one(self, character: str, *, wraps: bool) -> None:
        if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
            if self.x:
                self.rows[self.y][self.x - 1] += character
            return
        width = 2 if unicodedata.east_asian_width(character) in "WF" else 1
        self._wrap_for(width, wraps=wraps)
        row = self.rows[self.y]
        row[self.x] = character
        if width == 2 and self.x + 1 < self.columns:
            row[self.x + 1] = ""
        self.x += width

    def _wrap_for(self, width: int, *, wraps: bool) -> None:
        if self.x + width <= self.columns:
            return
        if wraps:
            self.x = 0
            self.line_feed()
        else:
            self.x = self.columns - width

    def move(self, x: int, y: int) -> None:
        self.x = max(0, min(self.columns - 1, x))
        self.y = max(0, min(len(self.rows) - 1, y))

    def erase(self, y: int, start: int, end: int) -> None:
        self.rows[y][start:end] = [" "] * (min(end, self.columns) - start)

    def erase_display(self, how: int) -> None:
        first = self.y + 1 if how == 0 else 0
        last = self.y if how == 1 else len(self.rows)
        for y in range(first, last):
            self.erase(y, 0, self.columns)
        if how in {0, 1}:
            self.erase_line(how)

    def erase_line(self, how: int) -> None:
        self.erase(self.y, self.x if how == 0 else 0, self.x + 1 if how == 1 else self.columns)

    def insert_lines(self, count: int) -> None:
        for _ in range(min(count, len(self.rows) - self.y)):
            del self.rows[-1]
            self.rows.insert(self.y, [" "] * self.columns)

    def delete_lines(self, count: int) -> None:
        for _ in range(min(count, len(self.rows) - self.y)):
            del self.rows[self.y]
            self.rows.append([" "] * self.columns)

    def insert_cells(self, count: int) -> None:
        row = self.rows[self.y]
        row[self.x : self.x] = [" "] * count
        del row[self.columns :]

    def delete_cells(self, count: int) -> None:
        row = self.rows[self.y]
        del row[self.x : self.x + count]
        row += [" "] * (self.columns - len(row))


class TerminalScreen:
    """A screen that is fed with what a program writes and answers what it asks."""

    def __init__(self, columns: int, rows: int) -> None:
        self.modes: set[str] = {"7", "25"}
        """DEC private modes that are on: 25 is the cursor, 7 automatic wrapping, 1000 and up the mouse."""
        self.title = ""
        self.clipboard: list[str] = []
        """Payloads of OSC 52, as they came."""
        self.bells = 0
        self._columns, self._rows = columns, rows
        self._main = _Buffer(columns, rows)
        self._alternate: _Buffer | None = None
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._unfinished = ""
        self._answers: list[str] = []

    @property
    def in_alternate(self) -> bool:
        """Tell whether a program has taken the whole screen."""
        return self._alternate is not None

    def lines(self) -> list[str]:
        """Return what is shown, one string a row, without trailing blanks."""
        return ["".join(row).rstrip() for row in self._buffer.rows]

    def resize(self, columns: int, rows: int) -> None:
        """Change the size; what no longer fits is cut off."""
        self._columns, self._rows = columns, rows
        self._main.resize(columns, rows)
        if self._alternate is not None:
            self._alternate.resize(columns, rows)

    def feed(self, data: bytes) -> bytes:
        """Take output of the program; return what the terminal answers."""
        text = self._unfinished + self._decode(data)
        position = 0
        while position < len(text):
            token = _TOKEN.match(text, position)
            if token is None:
                if text[position] == "\x1b" and len(text) - position < _MOST_UNFINISHED:
                    break
                position += 1
                continue
            self._take(token)
            position = token.end()
        self._unfinished = text[position:]
        answers = "".join(self._answers).encode()
        self._answers.clear()
        return answers

    @property
    def _buffer(self) -> _Buffer:
        return self._alternate or self._main

    def _take(self, token: "re.Match[str]") -> None:
        match token.lastgroup:
            case "text":
                self._buffer.write(token["text"], wraps="7" in self.modes)
            case "control":
                self._control(token["control"])
            case "final":
                self._sequence(token)
            case "osc":
                self._command(token["osc"])
            case "escape":
                self._escape(token["escape"])
            case _:
                pass

    def _control(self, character: str) -> None:
        buffer = self._buffer
        match character:
            case "\r":
                buffer.x = 0
            case "\n" | "\x0b" | "\x0c":
                buffer.line_feed()
            case "\b":
                buffer.x = max(0, min(buffer.x, buffer.columns) - 1)
            case "\t":
                buffer.move((buffer.x // 8 + 1) * 8, buffer.y)
            case "\x07":
                self.bells += 1
            case _:
                pass

    def _escape(self, which: str) -> None:
        buffer = self._buffer
        match which:
            case "7":
                buffer.saved = (buffer.x, buffer.y)
            case "8":
                buffer.move(*buffer.saved)
            case "M":
                if buffer.y:
                    buffer.y -= 1
                else:
                    buffer.insert_lines(1)
            case "D" | "E":
                if which == "E":
                    buffer.x = 0
                buffer.line_feed()
            case "c":
                self._reset()
            case _:
                pass

    def _reset(self) -> None:
        self.modes = {"7", "25"}
        self._main = _Buffer(self._columns, self._rows)
        self._alternate = None

    def _command(self, text: str) -> None:
        number, _, rest = text.partition(";")
        if number in {"0", "2"}:
            self.title = rest
        elif number == "52":
            self.clipboard.append(rest)

    def _sequence(self, token: "re.Match[str]") -> None:
        numbers = [int(part.split(":")[0] or 0) for part in token["numbers"].split(";")]
        final = token["between"] + token["final"]
        if token["private"] == "?":
            self._private(final, token["numbers"].split(";"))
        elif not token["private"]:
            if final in {"n", "c"}:
                self._report(final, numbers[0])
            else:
                self._edit(final, numbers)

    def _private(self, final: str, modes: list[str]) -> None:
        match final:
            case "h":
                self.modes.update(modes)
            case "l":
                self.modes.difference_update(modes)
            case "$p":
                known = 2 if modes == [SYNCHRONIZED] else 0
                self._answers.append(f"\x1b[?{modes[0]};{known}$y")
            case _:
                return
        wanted = bool(_ALTERNATE & self.modes)
        if wanted != self.in_alternate:
            self._alternate = _Buffer(self._columns, self._rows) if wanted else None

    def _report(self, final: str, which: int) -> None:
        if final == "c":
            self._answers.append("\x1b[?62;22c")
        elif which == 6:
            self._answers.append(f"\x1b[{self._buffer.y + 1};{self._buffer.x + 1}R")
        elif which == 5:
            self._answers.append("\x1b[0n")

    def _edit(self, final: str, numbers: list[int]) -> None:
        buffer = self._buffer
        first = numbers[0]
        count = first or 1
        column = numbers[1] if len(numbers) > 1 and numbers[1] else 1
        actions: dict[str, Callable[[], None]] = {
            "A": lambda: buffer.move(buffer.x, buffer.y - count),
            "B": lambda: buffer.move(buffer.x, buffer.y + count),
            "C": lambda: buffer.move(buffer.x + count, buffer.y),
            "D": lambda: buffer.move(buffer.x - count, buffer.y),
            "E": lambda: buffer.move(0, buffer.y + count),
            "F": lambda: buffer.move(0, buffer.y - count),
            "G": lambda: buffer.move(count - 1, buffer.y),
            "d": lambda: buffer.move(buffer.x, count - 1),
            "H": lambda: buffer.move(column - 1, count - 1),
            "f": lambda: buffer.move(column - 1, count - 1),
            "J": lambda: buffer.erase_display(first),
            "K": lambda: buffer.erase_line(first),
            "L": lambda: buffer.insert_lines(count),
            "M": lambda: buffer.delete_lines(count),
            "P": lambda: buffer.delete_cells(count),
            "@": lambda: buffer.insert_cells(count),
            "X": lambda: buffer.erase(buffer.y, buffer.x, buffer.x + count),
            "s": lambda: setattr(buffer, "saved", (buffer.x, buffer.y)),
            "u": lambda: buffer.move(*buffer.saved),
        }
        if action := actions.get(final):
            action()
