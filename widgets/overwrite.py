"""Replays carriage returns, backspaces and erasures within one line, as a terminal would. For progress bars."""

from collections.abc import Iterable
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len

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


class Overwrite:
    """One line of cells with a cursor. A wide character takes two cells, the second of which holds an empty text."""

    def __init__(self) -> None:
        self._cells: list[Run] = []
        self._at = 0

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
            case Motion.ERASE_LEFT:
                for index in range(min(self._at + 1, len(self._cells))):
                    self._blank(index)
            case Motion.ERASE_ALL:
                self._cells.clear()

    def _write(self, run: Run) -> None:
        text = run.text
        if self._at == len(self._cells) and text.isascii() and text.isprintable():  # nearly all there is
            self._cells += [Run(character, run.sgr, run.link) for character in text]
            self._at += len(text)
            return
        for character in text:
            self._put(character, run)

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
