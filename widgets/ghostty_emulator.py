"""The emulator of Ghostty, by the bindings of the optional package `pyghostty`. Import this only when one is needed.

The screen is read as raw cells, a row at a time and only rows that have changed: asking for cells one by one would take
a hundred times as long. How a cell is laid out in its 64 bits is what the library itself tells of it.
"""

import json
import struct
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple
from unicodedata import category

from pyghostty import Terminal
from pyghostty._ffi import check, ffi, lib, union_fn
from pyghostty.core import init_sized, read_buf
from rich.cells import cell_len

from widgets.emulator import Cursor, MouseTracking, TerminalModes, TerminalRow, TerminalScreen
from widgets.overwrite import Run
from widgets.sgr import PLAIN, Ink, Rgb, Sgr

SCROLLBACK_ROWS: Final = 5000
"""Rows kept that scrolled out of sight; about 1 KB each."""
_REFUSED: Final = (b"\x1b[?", b"u"), (b"\x1b_G", b"\x1b\\")
"""Answers that would promise what is not there: another encoding of keys, pictures."""
_MOST_KNOWN: Final = 8192
_MOST_COMBINED: Final = 16
"""Code points of one cell that are looked at."""
_WIDE, _TAIL = 1, 2
_STYLE: Final = lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_STYLE
_ATTRIBUTES: Final = (
    ("bold", "bold"),
    ("faint", "dim"),
    ("italic", "italic"),
    ("inverse", "reverse"),
    ("strikethrough", "strike"),
    ("overline", "overline"),
)

ffi.cdef("typedef struct { int tag; uint64_t value; uint64_t rest; } TuiRunnerScroll;")


class _Layout(NamedTuple):
    """Where the parts of a cell are: shifts and masks."""

    content: int
    style: int
    wide: int
    content_mask: int
    style_mask: int


def _layout() -> _Layout:
    bits = json.loads(ffi.string(lib.ghostty_type_json()))["types"]["GhosttyCell"]["bits"]
    content, style = bits["content"], bits["style_id"]
    return _Layout(
        content=content["lsb"],
        style=style["lsb"],
        wide=bits["wide"]["lsb"],
        content_mask=(1 << content["width"]) - 1,
        style_mask=(1 << style["width"]) - 1,
    )


class GhosttyEmulator:
    """A terminal, see `widgets.emulator.Emulator`."""

    def __init__(self, columns: int, rows: int, *, ink: Rgb, paper: Rgb) -> None:
        """`ink` and `paper` are what programs are told when they ask for the colours of text and background."""
        self._terminal = Terminal(columns, rows, scrollback=SCROLLBACK_ROWS, fg=ink, bg=paper)
        self._handle = self._terminal._t[0]  # noqa: SLF001 - the bindings wrap a part of the library only
        self._answers: list[bytes] = []
        self._terminal.on_reply(self._answers.append)
        self._set("KITTY_IMAGE_STORAGE_LIMIT", "uint64_t", 0)
        self._layout = _layout()
        self._known: dict[int, tuple[str | None, int]] = {}
        """Cells that were seen before."""
        self._rows: list[TerminalRow] = []
        # Any: objects of the library have no types.
        self._state: Any = _owned("GhosttyRenderState", lib.ghostty_render_state_new, lib.ghostty_render_state_free)
        self._iterator: Any = _owned(
            "GhosttyRenderStateRowIterator",
            lib.ghostty_render_state_row_iterator_new,
            lib.ghostty_render_state_row_iterator_free,
        )
        self._cells: Any = _owned(
            "GhosttyRenderStateRowCells",
            lib.ghostty_render_state_row_cells_new,
            lib.ghostty_render_state_row_cells_free,
        )
        self._style: Any = init_sized("GhosttyStyle")
        self._styles: dict[tuple[int, int, bytes], Sgr] = {}
        """Styles that were seen before, by what they are in memory."""
        self._view: Any = ffi.new("GhosttyCellsView*")
        self._row_number: Any = ffi.new("uint16_t*")

    def _set(self, option: str, kind: str, value: int) -> None:
        number = getattr(lib, f"GHOSTTY_TERMINAL_OPT_{option}")
        check(lib.ghostty_terminal_set(self._handle, number, ffi.new(f"{kind}*", value)), option)

    @property
    def columns(self) -> int:
        """Width in cells."""
        return int(self._terminal.get("cols"))

    @property
    def rows(self) -> int:
        """Height in cells."""
        return int(self._terminal.get("rows"))

    @property
    def modes(self) -> TerminalModes:
        """What the program has switched on now."""
        mode = self._terminal.mode
        mouse = MouseTracking.NONE
        if self._terminal.get("mouse_tracking", "bool"):
            kinds = {1003: MouseTracking.MOVES, 1002: MouseTracking.DRAGS, 1000: MouseTracking.CLICKS}
            mouse = next((kind for number, kind in kinds.items() if mode(number)), MouseTracking.PRESSES)
        return TerminalModes(
            application_cursor=mode(1),
            bracketed_paste=mode(2004),
            focus_events=mode(1004),
            alternate_screen=self._terminal.get("active_screen", "int") == lib.GHOSTTY_TERMINAL_SCREEN_ALTERNATE,
            mouse=mouse,
            sgr_mouse=mode(1006),
            drawing=mode(2026),
        )

    def feed(self, data: bytes) -> bytes:
        """Take what the program wrote; return the answers to what it asked."""
        self._terminal.feed(data)
        return self._answered()

    def resize(self, columns: int, rows: int) -> bytes:
        """Take another size; return what the program wants to hear of it."""
        self._terminal.resize(columns, rows)
        return self._answered()

    def _answered(self) -> bytes:
        if not self._answers:
            return b""
        answers = b"".join(answer for answer in self._answers if not _is_refused(answer))
        self._answers.clear()
        return answers

    # Looking

    def look(self) -> TerminalScreen:
        """Return what is to be seen now."""
        state = self._state[0]
        check(lib.ghostty_render_state_update(state, self._handle), "update")
        height = self.rows
        if len(self._rows) != height:
            self._rows = [TerminalRow()] * height
        check(lib.ghostty_render_state_get(state, lib.GHOSTTY_RENDER_STATE_DATA_ROW_ITERATOR, self._iterator), "rows")
        iterator, number = self._iterator[0], self._row_number
        while lib.ghostty_render_state_row_iterator_next_dirty(iterator, number):
            if number[0] < height:
                self._rows[number[0]] = TerminalRow(self._runs(iterator))
        check(lib.ghostty_render_state_clean(state), "clean")
        bar = self._terminal.get("scrollbar", "GhosttyTerminalScrollbar")
        return TerminalScreen(
            rows=tuple(self._rows),
            cursor=self._cursor(),
            first=int(bar.offset),
            below=max(0, int(bar.total) - int(bar.offset) - int(bar.len)),
        )

    def _cursor(self) -> Cursor | None:
        found = init_sized("GhosttyRenderStateCursor")
        check(lib.ghostty_render_state_get(self._state[0], lib.GHOSTTY_RENDER_STATE_DATA_CURSOR, found), "cursor")
        if not (found.visible and found.viewport_has_value):
            return None
        return Cursor(int(found.viewport_x) - (1 if found.wide_tail else 0), int(found.viewport_y))

    def _runs(self, iterator: Any) -> tuple[Run, ...]:  # Any: see above
        view, known = self._view, self._known
        check(lib.ghostty_render_state_row_get(iterator, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS_RAW, view), "cells")
        check(lib.ghostty_render_state_row_get(iterator, lib.GHOSTTY_RENDER_STATE_ROW_DATA_CELLS, self._cells), "cells")
        if len(known) > _MOST_KNOWN:
            known.clear()
        # Styles are numbered, and a number may mean another style in the next row.
        looks: dict[int, Sgr] = {0: PLAIN}
        runs: list[Run] = []
        texts: list[str] = []
        begun, sgr = 0, PLAIN
        for column, cell in enumerate(struct.unpack(f"={view.len}Q", ffi.buffer(view.ptr, view.len * 8))):
            text, look = known.get(cell) or known.setdefault(cell, self._read(cell))
            if look != begun:
                if texts:
                    runs.append(_run(texts, sgr))
                    texts = []
                begun, sgr = look, looks.get(look) or looks.setdefault(look, self._look(column, cell))
            texts.append(self._combined(column, cell) if text is None else text)
        if texts:
            runs.append(_run(texts, sgr))
        return tuple(runs)

    def _read(self, cell: int) -> tuple[str | None, int]:
        """Return the text of a cell, None when that has to be asked for, and what it has in common with others that look the same."""
        layout = self._layout
        tag, content, wide = cell & 3, cell >> layout.content & layout.content_mask, cell >> layout.wide & 3
        # The style, and the colour of a cell without text.
        look = cell & layout.style_mask << layout.style | (content << layout.content | tag if tag > 1 else 0)
        if wide == _TAIL:
            return "", look
        if tag > 1 or not content:
            return " ", look
        return (None if tag else _glyph((content,), 2 if wide == _WIDE else 1)), look

    def _combined(self, column: int, cell: int) -> str:
        return _glyph(self._points(column), 2 if cell >> self._layout.wide & 3 == _WIDE else 1)

    def _select(self, column: int) -> Any:  # Any: see above
        cells = self._cells[0]
        check(lib.ghostty_render_state_row_cells_select(cells, column), "select")
        return cells

    def _look(self, column: int, cell: int) -> Sgr:
        """Return the look of a cell of the present row, in as few calls as possible: each cell may have one of its own."""
        layout, tag = self._layout, cell & 3
        if tag <= 1 and not cell >> layout.style & layout.style_mask:
            return PLAIN
        there, style = self._select(column), self._style
        check(lib.ghostty_render_state_row_cells_get(there, _STYLE, style), "style")
        content = cell >> layout.content & layout.content_mask if tag > 1 else 0
        key = (tag, content, ffi.buffer(style)[:])
        known = self._styles.get(key)
        if known is None:
            if len(self._styles) > _MOST_KNOWN:
                self._styles.clear()
            known = self._styles[key] = _sgr(style, tag, content)
        return known

    def _points(self, column: int) -> tuple[int, ...]:
        cell, length = self._select(column), ffi.new("uint32_t*")
        get = lib.ghostty_render_state_row_cells_get
        check(get(cell, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_LEN, length), "length")
        points = ffi.new("uint32_t[]", max(1, length[0]))
        check(get(cell, lib.GHOSTTY_RENDER_STATE_ROW_CELLS_DATA_GRAPHEMES_BUF, points), "points")
        return tuple(points[0 : min(length[0], _MOST_COMBINED)])

    # Scrolling

    def scroll(self, rows: int) -> None:
        """Show rows further down, or up when negative."""
        self._scroll_viewport(lib.GHOSTTY_SCROLL_VIEWPORT_DELTA, rows)

    def scroll_to(self, *, end: bool) -> None:
        """Show the newest rows again, or the oldest."""
        self._scroll_viewport(lib.GHOSTTY_SCROLL_VIEWPORT_BOTTOM if end else lib.GHOSTTY_SCROLL_VIEWPORT_TOP, 0)

    def _scroll_viewport(self, tag: int, value: int) -> None:
        # A structure with a union in it cannot be passed by value; one of the same layout can.
        move = union_fn("ghostty_terminal_scroll_viewport", "void(*)(GhosttyTerminal, TuiRunnerScroll)")
        where = ffi.new("TuiRunnerScroll*")
        where.tag, where.value = tag, value & 0xFFFF_FFFF_FFFF_FFFF
        move(self._handle, where[0])

    def text_of(self, first: int, last: int) -> tuple[str, ...]:
        """Return the text of the rows of these numbers."""
        last = min(last, int(self._terminal.get("total_rows", "size_t")) - 1)
        if first > last:
            return ()
        chosen = init_sized("GhosttySelection")
        chosen.start = self._terminal.ref(0, max(0, first), "screen")[0]
        chosen.end = self._terminal.ref(self.columns - 1, last, "screen")[0]
        options = init_sized("GhosttyTerminalSelectionFormatOptions")
        options.emit = lib.GHOSTTY_FORMATTER_FORMAT_PLAIN
        options.unwrap, options.trim, options.selection = False, True, chosen
        text = read_buf(
            lambda buffer, size, written: lib.ghostty_terminal_selection_format_buf(
                self._handle, options[0], buffer, size, written
            )
        )
        lines = str(text).split("\n")
        # Blank rows at the end are left out.
        return (*lines, *[""] * (last - max(0, first) + 1 - len(lines)))


def _owned(kind: str, make: Any, free: Any) -> Any:  # Any: functions and objects of the library
    """Return a pointer to a new object of the library, which is freed with it."""
    slot = ffi.new(f"{kind}*")
    check(make(ffi.NULL, slot), kind)
    made = slot[0]
    return ffi.gc(slot, lambda _: free(made))


def _is_refused(answer: bytes) -> bool:
    return any(answer.startswith(start) and answer.endswith(end) for start, end in _REFUSED)


def _sgr(style: Any, tag: int, content: int) -> Sgr:  # Any: a structure of the library
    """Return the look of a cell; `tag` and `content` tell the background of one without text."""
    on = {ours for theirs, ours in _ATTRIBUTES if getattr(style, theirs)}
    if style.underline:
        on.add("underline2" if style.underline == 2 else "underline")
    if style.invisible:
        on.add("conceal")
    paper = _ink(style.bg_color)
    if tag == lib.GHOSTTY_CELL_CONTENT_BG_COLOR_PALETTE:
        paper = content & 255
    elif tag == lib.GHOSTTY_CELL_CONTENT_BG_COLOR_RGB:
        paper = (content & 255, content >> 8 & 255, content >> 16 & 255)
    return Sgr(_ink(style.fg_color), paper, frozenset(on))


def _ink(colour: Any) -> Ink:  # Any: a structure of the library
    if colour.tag == lib.GHOSTTY_STYLE_COLOR_PALETTE:
        return int(colour.value.palette)
    if colour.tag == lib.GHOSTTY_STYLE_COLOR_RGB:
        return (int(colour.value.rgb.r), int(colour.value.rgb.g), int(colour.value.rgb.b))
    return None


def _run(texts: Sequence[str], sgr: Sgr) -> Run:
    text = "".join(texts)
    if "conceal" in sgr.attributes:
        return Run(" " * cell_len(text), Sgr(None, sgr.paper, sgr.attributes - {"conceal"}), "")
    return Run(text, sgr, "")


@lru_cache(4096)
def _glyph(points: tuple[int, ...], cells: int) -> str:
    """Return the characters of one cell, as wide as the emulator takes them to be, and safe to show."""
    first = chr(points[0])
    if category(first) in {"Cc", "Cf", "Cs", "Zl", "Zp"}:
        return " " * cells
    marks = "".join(mark for mark in map(chr, points[1:]) if category(mark) in {"Mn", "Me", "Mc"})
    for text in (first + marks, first):
        if cell_len(text) == cells and not any(0xFE00 <= ord(mark) <= 0xFE0F for mark in text):
            return text
    width = cell_len(first)
    return first + " " * (cells - width) if 0 < width < cells else "�" + " " * (cells - 1)
