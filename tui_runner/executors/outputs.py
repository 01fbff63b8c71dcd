"""Opens the pipes and terminals of tasks, reads them into the logs, and counts descriptors."""

import os
from collections.abc import Callable

import msgspec

from tui_runner.executors.attempt import Activation, Attempt, close_all
from tui_runner.executors.capacity import PER_SPAWN, DescriptorBudget
from tui_runner.executors.logbook import Logbook
from tui_runner.executors.output_reader import OutputReader
from tui_runner.executors.redacting import RedactedOutput
from tui_runner.executors.terminals import Terminals
from tui_runner.model.output import Stream
from tui_runner.model.task import TaskId
from tui_runner.process.guardian_client import SpawnOrder
from tui_runner.process.redaction import Redaction

Fds = tuple[int, ...]


class Outputs:
    """The open output of all tasks. `freed` is called when descriptors have become free."""

    def __init__(self, logs: Logbook, terminals: Terminals, redaction: Redaction, freed: Callable[[], None]) -> None:
        self._logs = logs
        self._redaction = redaction
        self._terminals = terminals
        self._freed = freed
        self._budget = DescriptorBudget.of_this_process()

    def has_room(self) -> bool:
        """Tell whether there are descriptors for one more attempt."""
        return self._budget.fits(PER_SPAWN)

    def open(self, order: SpawnOrder, attempt: Attempt, *, tty: bool) -> tuple[SpawnOrder, Fds]:
        """Open pipes or a terminal for an attempt and read them; return the order and what goes with it.

        Raises:
            OSError: there are no more descriptors or terminals.
        """
        fds: Fds
        if tty:
            terminal = self._terminals.open(order.id)
            order = msgspec.structs.replace(order, slave=terminal.slave_path)
            attempt.handed.append(terminal.slave)
            attempt.master = self._read(order.id, attempt, terminal.master, Stream.STDOUT)
            fds = (terminal.master,)
        else:
            out_read, out_write, err_read, err_write = _two_pipes()
            attempt.handed += (out_write, err_write)
            self._read(order.id, attempt, out_read, Stream.STDOUT)
            self._read(order.id, attempt, err_read, Stream.STDERR)
            fds = (out_write, err_write, out_read, err_read)
        attempt.cost = PER_SPAWN
        self._budget.take(PER_SPAWN)
        return order, fds

    def _read(self, task: TaskId, attempt: Attempt, fd: int, stream: Stream) -> OutputReader:
        take, end = self._into_log(task, stream, attempt.number)

        def ended() -> None:
            end()
            attempt.readers.remove(reader)
            if not attempt.readers:
                self._silent(task, attempt)

        reader = OutputReader(fd, take, ended)
        attempt.readers.append(reader)
        return reader

    def _into_log(
        self, task: TaskId, stream: Stream, attempt: int
    ) -> tuple[Callable[[bytes], None], Callable[[], None]]:
        """Return what takes one stream of output, and what to call at its end."""

        def put(data: bytes) -> None:
            self._logs.append(task, data, stream, attempt)

        output = RedactedOutput(self._redaction, put)
        return output.take, output.end

    def answered(self, attempt: Attempt) -> None:
        """Note that the guardian has what it was sent: close our copies."""
        closed = close_all(attempt.handed)
        attempt.cost -= closed
        self._give_back(closed)

    def _silent(self, task: TaskId, attempt: Attempt) -> None:
        """Note that all output of an attempt was read."""
        attempt.master = None
        self._logs.log(task).release()
        self._give_back(attempt.cost)
        attempt.cost = 0

    def _give_back(self, count: int) -> None:
        if count:
            self._budget.give_back(count)
            self._freed()

    def open_beside(self, activation: Activation) -> Fds:
        """Open a pipe for a stop or teardown command; without one the guardian writes to the log itself."""
        task = activation.task.id
        try:
            read, write = os.pipe()
        except OSError:
            return ()

        take, end = self._into_log(task, Stream.TEARDOWN, activation.attempt.number)

        def ended() -> None:
            end()
            activation.beside.remove(reader)
            activation.log.release()

        reader = OutputReader(read, take, ended)
        reader.listen()
        activation.beside.append(reader)
        activation.beside_handed.append(write)
        return (write, read)


def _two_pipes() -> tuple[int, int, int, int]:
    out = os.pipe()
    try:
        return (*out, *os.pipe())
    except OSError:
        close_all(list(out))
        raise
