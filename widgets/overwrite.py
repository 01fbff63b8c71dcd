"""Replays carriage returns, backspaces and erasures within one line, as a terminal would. For progress bars."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, get_character_cell_size

from widgets.sgr import PLAIN, Sgr

TAB = 8
"""Cells between tab stops."""


class Run(NamedTuple):
    """Text that looks the same from its first to its last character."""

    text: str
    sgr: Sgr
    link: str


class Motion(StrEnum):
    """What moves or erases within the line."""

    RETURN = "return"
    BACK = "back"
    ERASE_RIGHT = "erase-right"
    ERASE_LEFT = "erase-left"
    ERASE_ALL = "erase-all"


_BLANK = Run(" ", PLAIN, "")


def _is_narrow(text: str) -> bool:
    """Tell whether each character takes one cell."""
    if text.isascii():
        return text.isprintable()
    return "\t" not in text and all(get_character_cell_size(character) == 1 for character in text)


class Overwrite:
    """One line of cells with a cursor. A wide character takes two cells, the second of which holds an empty text."""

    def __init__(self) -> None:
        self._cells: list[Run] = []
        self._at = 0
        self._blanks = 0
        """So many of the first cells are known to be blank: a line that erases itself a thousand times costs no more."""

    def replay(self, parts: Iterable[Run | Motion]) -> list[Run]:
        """Play the parts in order; returns what is left to see."""
        for part in parts:
            match part:
                case Motion():
                    self._move(part)
                case Run():
                    self._write(part)
        return _joined(self._cells)

    def _move(self, motion: Motion) -> None:
        match motion:
            case Motion.RETURN:
                self._at = 0
            case Motion.BACK:
                self._at = max(0, self._at - 1)
            case Motion.ERASE_RIGHT:
                self._blank(self._at)
                del self._cells[self._at :]
                self._blanks = min(self._blanks, len(self._cells))
            case Motion.ERASE_LEFT:
                self._erase_left()
            case Motion.ERASE_ALL:
                self._cells.clear()
                self._blanks = 0

    def _erase_left(self) -> None:
        self._blank(self._at)
        past = min(self._at + 1, len(self._cells))
        if past > self._blanks:
            self._cells[self._blanks : past] = [_BLANK] * (past - self._blanks)
            self._blanks = past

    def _write(self, run: Run) -> None:
        text, at = run.text, self._at
        end = at + len(text)
        # Nearly all there is: one cell for each character, and no wide one is cut in two.
        if _is_narrow(text) and at <= len(self._cells) and self._is_whole(at) and self._is_whole(end):
            _, sgr, link = run
            self._cells[at:end] = [Run(character, sgr, link) for character in text]
            self._blanks = min(self._blanks, at)
            self._at = end
            return
        for character in text:
            self._put(character, run)

    def _is_whole(self, index: int) -> bool:
        """Tell whether no wide character is cut in two in front of this cell."""
        return index >= len(self._cells) or bool(self._cells[index].text)

    def _put(self, character: str, run: Run) -> None:
        if character == "\t":
            self._at += TAB - self._at % TAB
            return
        width = cell_len(character)
        if width == 0:
            self._combine(character)
            return
        while len(self._cells) < self._at + width:
            self._cells.append(_BLANK)
        for index in range(self._at, self._at + width):
            self._blank(index)
        self._cells[self._at] = Run(character, run.sgr, run.link)
        self._blanks = min(self._blanks, self._at)
        if width == 2:
            self._cells[self._at + 1] = Run("", run.sgr, run.link)
        self._at += width

    def _combine(self, mark: str) -> None:
        """Add a combining mark to the character left of the cursor; without one it is dropped."""
        index = min(self._at, len(self._cells)) - 1
        if index >= 0 and not self._cells[index].text:
            index -= 1
        if index >= 0:
            cell = self._cells[index]
            self._cells[index] = Run(cell.text + mark, cell.sgr, cell.link)
            self._blanks = min(self._blanks, index)

    def _blank(self, index: int) -> None:
        """Blank a cell; half a wide character takes its other half with it."""
        if index >= len(self._cells):
            return
        if not self._cells[index].text and index:
            self._cells[index - 1] = _BLANK
        if index + 1 < len(self._cells) and not self._cells[index + 1].text:
            self._cells[index + 1] = _BLANK
        self._cells[index] = _BLANK


def _joined(cells: Iterable[Run]) -> list[Run]:
    runs: list[Run] = []
    texts: list[str] = []
    sgr, link = PLAIN, ""
    for text, cell_sgr, cell_link in cells:
        if texts and (cell_sgr != sgr or cell_link != link):
            runs.append(Run("".join(texts), sgr, link))
            texts = []
        sgr, link = cell_sgr, cell_link
        texts.append(text)
    if texts:
        runs.append(Run("".join(texts), sgr, link))
    return runs
