"""A terminal is built from the end of the log and goes on with what comes, in slices and without asking twice."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tui_runner.model.output import Stream
from tui_runner.model.window_size import WindowSize
from tui_runner.process.log_file import LogFile
from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.logs import Logs
from tui_runner.tui.terminal_feed import ANSWER_S, REPLAY_BYTES, TerminalFeed
from tui_runner.tui.terminals import MOST_KEPT, Terminals
from widgets.emulator import Emulator, MouseTracking

pytest.importorskip("pyghostty", reason="the extra `tty` is not installed")

from widgets.ghostty_emulator import GhosttyEmulator

NOW = 1_700_000_000.0


class Desk:
    """A task that writes its log, and one that shows its terminal."""

    def __init__(self, path: Path) -> None:
        self.log = LogFile(path)
        self.feed = LogFeed(str(path), 1 << 28)
        self.answers: list[bytes] = []
        self.made = 0

    def prints(self, data: bytes, stream: Stream = Stream.STDOUT, attempt: int = 1, at: float = NOW) -> None:
        """Write to the log."""
        self.log.append(data, stream, attempt, at)
        self.log.flush()

    def prints_live(self, data: bytes, attempt: int = 1, at: float = NOW, stream: Stream = Stream.STDOUT) -> None:
        """Write to the log, and tell."""
        offset = self.log.end
        self.prints(data, stream, attempt, at)
        self.feed.take(offset, data, at, stream, attempt=attempt)

    def catches_up(self) -> None:
        """Read the log to its end."""
        while self.feed.behind:
            self.feed.read(lambda: True, NOW)

    def shows(self) -> TerminalFeed:
        """Begin to show it."""
        self.feed.look()
        return TerminalFeed(
            self.feed, self._make, WindowSize(columns=40, rows=6), clock=lambda: NOW, answer=self.answers.append
        )

    def _make(self, size: WindowSize) -> Emulator:
        self.made += 1
        return GhosttyEmulator(size.columns, size.rows, ink=(255, 255, 255), paper=(0, 0, 0))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "repl.log")
    yield made
    made.log.release()
    made.feed.close()


def work(terminal: TerminalFeed) -> int:
    """Feed all that waits, one slice at a time; return how many slices it took."""
    slices = 0
    while terminal.work(lambda: True):
        slices += 1
    return slices


def rows(terminal: TerminalFeed) -> list[str]:
    return [row.text for row in terminal.emulator.look().rows if row.text]


def test_what_is_in_the_log_comes_before_what_is_new(desk: Desk) -> None:
    desk.prints(b"old\r\n")
    terminal = desk.shows()
    desk.prints_live(b"new\r\n")
    work(terminal)
    desk.catches_up()
    desk.prints_live(b"newest")
    assert rows(terminal) == ["old", "new", "newest"]
    assert not terminal.busy


def test_a_key_that_is_echoed_is_seen_at_once(desk: Desk) -> None:
    terminal = desk.shows()
    desk.prints_live(b"e")
    assert rows(terminal) == ["e"]


def test_only_the_end_of_a_long_log_is_shown_again_in_the_modes_the_program_chose(desk: Desk) -> None:
    desk.prints(b"\x1b[?1049h\x1b[?1002h\x1b[?1006h\x1b[?2004h" + b"x" * 100 + b"\x1b[?2004l\n")
    for number in range(3 * REPLAY_BYTES // (1 << 16)):
        desk.prints(b"%d\r\n" % number * 10 + b"." * (1 << 16) + b"\r\n")
    desk.prints(b"\x1b[H\x1b[2Jend")
    terminal = desk.shows()
    slices = work(terminal)
    assert rows(terminal) == ["end"]
    modes = terminal.emulator.modes
    assert (modes.alternate_screen, modes.mouse, modes.bracketed_paste) == (True, MouseTracking.DRAGS, False)
    assert slices > REPLAY_BYTES // 4096


def test_a_terminal_that_missed_much_is_built_again_near_the_end(desk: Desk) -> None:
    terminal = desk.shows()
    desk.prints(b"a line\r\n" * (2 * REPLAY_BYTES // 8) + b"end")
    desk.feed.look()
    assert terminal.far_behind
    terminal.begin_again()
    work(terminal)
    assert rows(terminal)[-1] == "end"
    assert desk.made == 2
    desk.catches_up()
    assert not terminal.busy  # the log was read to the end, the terminal was not fed again
    assert rows(terminal)[-1] == "end"


def test_a_log_that_was_forgotten_and_read_again_is_not_shown_twice(desk: Desk) -> None:
    terminal = desk.shows()
    desk.prints_live(b"once\r\n")
    desk.feed.forget()
    desk.feed.look()
    desk.catches_up()
    work(terminal)
    desk.prints_live(b"more")
    assert rows(terminal) == ["once", "more"]


def test_a_new_attempt_begins_below_the_last_one(desk: Desk) -> None:
    terminal = desk.shows()
    desk.prints_live(b"one\r\n\x1b[31mtwo", at=NOW)
    desk.prints_live("\n── attempt 2: by hand ──\n".encode(), stream=Stream.NOTE)
    desk.prints_live(b"three", attempt=2)
    work(terminal)
    shown = rows(terminal)
    assert (shown[:2], shown[3]) == (["one", "two"], "three")
    assert "attempt 2: by hand" in shown[2]


def test_what_teardowns_print_and_notes_while_a_program_draws_are_not_drawn_over_it(desk: Desk) -> None:
    terminal = desk.shows()
    desk.prints_live(b"\x1b[3;3Hpicture")
    desk.prints_live("── SIGHUP sent by hand ──\n".encode(), stream=Stream.NOTE)
    desk.prints_live(b"torn down\n", stream=Stream.TEARDOWN)
    assert rows(terminal) == ["  picture"]


def test_questions_are_answered_while_somebody_waits_and_never_twice(desk: Desk) -> None:
    desk.prints(b"\x1b[5n", at=NOW - ANSWER_S - 1)
    desk.prints(b"\x1b[6n", at=NOW)
    terminal = desk.shows()
    work(terminal)
    assert desk.answers == [b"\x1b[1;1R"]
    terminal.begin_again()
    work(terminal)
    assert desk.answers == [b"\x1b[1;1R"]
    desk.prints_live(b"\x1b[5n")
    desk.catches_up()
    assert desk.answers == [b"\x1b[1;1R", b"\x1b[0n"]


def test_a_flood_that_keeps_the_emulator_busy_is_cut_short(desk: Desk) -> None:
    terminal = desk.shows()
    for _ in range(10):
        desk.prints_live(b"x\x1b[9999b" * (1 << 17))
    assert desk.made > 1
    desk.prints_live(b"\x1b[2J\x1b[Hcalm")
    terminal.begin_again()
    # Nothing is fed by taking it, however much it is.
    assert rows(terminal) == []


def test_terminals_that_nobody_looks_at_are_forgotten_one_by_one(tmp_path: Path) -> None:
    logs = Logs(clock=lambda: NOW, ticks=lambda: 0.0)
    terminals = Terminals(logs, clock=lambda: NOW, ticks=lambda: 0.0)
    made: list[WindowSize] = []

    def make(size: WindowSize) -> Emulator:
        made.append(size)
        return GhosttyEmulator(size.columns, size.rows, ink=(255, 255, 255), paper=(0, 0, 0))

    terminals.make = make
    names = [f"task{number}" for number in range(MOST_KEPT + 3)]
    for name in names:
        logs.feed(name, str(tmp_path / name))
        logs.show([name])
        terminals.show({name: WindowSize()})
        assert terminals.emulator(name) is not None
    assert len(made) == len(names)
    terminals.show({names[-2]: WindowSize()})
    assert len(made) == len(names)
    terminals.show({names[0]: WindowSize()})
    assert len(made) == len(names) + 1
    assert terminals.emulator(names[-2]) is None  # kept, and not shown
    terminals.close()
    logs.close()
