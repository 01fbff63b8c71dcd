"""Prints logs: what is in the files, then what comes over the socket."""

import os
import sys
from collections.abc import Mapping

from tui_runner.cli.line_style import LineCutter, LineStyle
from tui_runner.cli.log_lines import merged, offset_of_last_lines
from tui_runner.cli.output import message as say
from tui_runner.cli.output import wants_color
from tui_runner.control.blocking_client import BlockingClient
from tui_runner.control.protocol import Chunk, Ended
from tui_runner.model.size import format_size
from tui_runner.model.task import TaskId
from tui_runner.process.log_reader import LogReader

READ_BYTES = 256 << 10
_BATCH = 512


class LogPrinter:
    """Prints the logs of some tasks to stdout. Make it anew for every use."""

    def __init__(self, files: Mapping[TaskId, str], *, raw: bool = False) -> None:
        self._files = files
        self._raw = raw
        self._style = LineStyle(tuple(files), color=wants_color(sys.stdout))
        self._positions = dict.fromkeys(files, 0)
        """Per task the offset up to which its log has been taken."""
        self._cutters = {task: LineCutter() for task in files}

    def print_files(self, lines: int | None) -> None:
        """Print what the files hold now, merged by time; only the last lines of each when a number is given."""
        ends = {task: _size(path) for task, path in self._files.items()}
        starts = {
            task: 0 if lines is None else offset_of_last_lines(path, ends[task], lines)
            for task, path in self._files.items()
        }
        self._positions = ends
        if lines is None:
            self._tell_removed()
        if self._raw:
            for task, path in self._files.items():
                self._copy(path, starts[task], ends[task])
        else:
            batch: list[str] = []
            for _, task, line in merged(self._files, starts, ends):
                batch.append(self._style.render(task, line))
                if len(batch) == _BATCH:
                    sys.stdout.write("".join(batch))
                    batch.clear()
            sys.stdout.write("".join(batch))
        sys.stdout.flush()

    def _tell_removed(self) -> None:
        for task, path in self._files.items():
            with LogReader(path) as log:
                if log.start:
                    say(f"note: the oldest {format_size(log.start)} of the log of `{task}` are not kept any more")

    def follow(self, client: BlockingClient) -> None:
        """Print what is added, until the run ends or the supervisor is gone."""
        for task, position in self._positions.items():
            client.subscribe(task, position)
        for message in client.messages():
            match message:
                case Chunk() if message.task in self._files:
                    self._take(message)
                case Ended():
                    break
                case _:
                    pass
        for task, cutter in self._cutters.items():
            self._print(task, cutter.finish())

    def _take(self, chunk: Chunk) -> None:
        position = self._positions[chunk.task]
        end = chunk.offset + len(chunk.data)
        if end <= position:
            return
        if chunk.offset > position:
            # The supervisor has skipped some because we were slow: it is in the file.
            with LogReader(self._files[chunk.task]) as log:
                for offset, data in log.blocks(position, end, READ_BYTES):
                    if offset > position:
                        self._tell_gap(chunk.task, offset - position)
                    self._print_data(chunk.task, data)
                    position = offset + len(data)
            if position < end:  # the disk did not take it
                start = max(position, chunk.offset)
                if start > position:
                    self._tell_gap(chunk.task, start - position)
                self._print_data(chunk.task, chunk.data[start - chunk.offset :])
        else:
            self._print_data(chunk.task, chunk.data[position - chunk.offset :])
        self._positions[chunk.task] = end

    def _tell_gap(self, task: TaskId, size: int) -> None:
        """Say what was removed, or never written, before it could be read."""
        self._print(task, self._cutters[task].finish())
        say(f"note: {format_size(size)} of the log of `{task}` were gone before they could be read")

    def _print_data(self, task: TaskId, data: bytes) -> None:
        if self._raw:
            _write_bytes(data)
        else:
            self._print(task, self._cutters[task].feed(data))

    def _print(self, task: TaskId, lines: list[bytes]) -> None:
        sys.stdout.write("".join(self._style.render(task, line) for line in lines))
        sys.stdout.flush()

    @staticmethod
    def _copy(path: str, start: int, end: int) -> None:
        with LogReader(path) as log:
            for _, data in log.blocks(start, end, READ_BYTES):
                _write_bytes(data)


def _size(path: str) -> int:
    with LogReader(path) as log:
        return log.size()


def _write_bytes(data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(sys.stdout.fileno(), view) :]
