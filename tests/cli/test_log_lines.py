"""Logs as lines: cut, merged by time, cleaned of everything that could steer a terminal."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.cli.line_style import LineCutter, LineStyle
from tui_runner.cli.log_lines import merged, offset_of_last_lines, timed_lines
from tui_runner.model.output import Stream
from tui_runner.process.log_file import LogFile

ALLOWED = re.compile(r"\x1b\[[0-9;:]*m")


def write_log(path: Path, *chunks: tuple[float, bytes]) -> None:
    log = LogFile(path)
    for time, data in chunks:
        log.append(data, Stream.STDOUT, 1, time)
    log.release()


def test_lines_of_several_tasks_are_merged_by_the_time_they_began(tmp_path: Path) -> None:
    write_log(tmp_path / "a.log", (1.0, b"a1\na2 beg"), (5.0, b"un\na3\n"), (7.0, b"a4"))
    write_log(tmp_path / "b.log", (2.0, b"b1\n"), (6.0, b"b2\n"))
    files = {name: str(tmp_path / f"{name}.log") for name in ("a", "b")}
    ends = {name: Path(path).stat().st_size for name, path in files.items()}
    lines = list(merged(files, dict.fromkeys(files, 0), ends))
    assert [(time, line) for time, _, line in lines] == [
        (1.0, b"a1"),
        (1.0, b"a2 begun"),
        (2.0, b"b1"),
        (5.0, b"a3"),
        (6.0, b"b2"),
        (7.0, b"a4"),
    ]


@given(chunks=st.lists(st.binary(min_size=1, max_size=8).map(lambda data: data.replace(b"x", b"\n")), max_size=12))
def test_no_byte_is_lost_or_doubled_however_output_was_cut(
    tmp_path_factory: pytest.TempPathFactory, chunks: list[bytes]
) -> None:
    directory = tmp_path_factory.mktemp("log")
    path = directory / "a.log"
    path.touch()
    write_log(path, *((float(number), data) for number, data in enumerate(chunks)))
    whole = b"".join(chunks)
    found = [line.line for line in timed_lines("a", str(path), 0, len(whole))]
    assert found == (whole.split(b"\n") if not whole.endswith(b"\n") and whole else whole.split(b"\n")[:-1])
    times = [line.time for line in timed_lines("a", str(path), 0, len(whole))]
    assert times == sorted(times)


@given(data=st.binary(max_size=40), pieces=st.integers(min_value=1, max_value=7))
def test_cutting_does_not_depend_on_how_bytes_arrive(data: bytes, pieces: int) -> None:
    cutter = LineCutter()
    lines = [line for start in range(0, len(data), pieces) for line in cutter.feed(data[start : start + pieces])]
    assert b"\n".join([*lines, *(cutter.finish() or [b""])]) == data


@given(lines=st.lists(st.sampled_from([b"", b"one", b"a long line"]), max_size=8), count=st.integers(0, 10))
def test_the_last_lines_are_found_from_the_end(
    tmp_path_factory: pytest.TempPathFactory, lines: list[bytes], count: int
) -> None:
    directory = tmp_path_factory.mktemp("log")
    path = directory / "a.log"
    for ending in (b"", b"\n"):
        data = b"\n".join(lines) + (ending if lines else b"")
        path.write_bytes(data)
        wanted = data.splitlines()
        start = offset_of_last_lines(str(path), len(data), count)
        assert data[start:].splitlines() == (wanted[-count:] if count else [])


def test_a_log_that_is_missing_has_no_lines(tmp_path: Path) -> None:
    path = str(tmp_path / "none.log")
    assert list(timed_lines("a", path, 0, 100)) == []
    assert offset_of_last_lines(path, 0, 5) == 0


@given(line=st.binary(max_size=60).map(lambda data: b"\x1b" + data.replace(b"\n", b"")))
def test_nothing_a_task_prints_can_steer_the_terminal(line: bytes) -> None:
    for color in (False, True):
        shown = LineStyle(("one",), color=color).render("one", line)
        assert shown.endswith("\n")
        rest = ALLOWED.sub("", shown) if color else shown
        assert all(c.isprintable() or c in "\t\n" for c in rest), rest


def test_colours_stay_where_they_can_be_seen_and_end_with_the_line() -> None:
    line = b"\x1b[31mred\x1b]0;title\x07 \x1b[2Kend"
    assert LineStyle(("one",), color=True).render("one", line) == "\x1b[31mred end\x1b[0m\n"
    assert LineStyle(("one",), color=False).render("one", line) == "red end\n"


def test_names_are_aligned_before_the_lines_of_several_tasks() -> None:
    style = LineStyle(("db", "a-very-long-name-of-a-task:inner"), color=False)
    assert style.render("db", b"up") == f"{'db':<24} | up\n"
    assert style.render("a-very-long-name-of-a-task:inner", b"up") == "a-very-long…a-task:inner | up\n"
