"""Runs a plan in this process and prints it: `run` and `dev --no-tui`. The control socket is open meanwhile.

The first SIGINT, SIGTERM or SIGHUP stops in order, the second kills, the third gives up on teardowns.
"""

import asyncio
import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TextIO

import msgspec

from tui_runner.cli.live_lines import LivePrinter
from tui_runner.cli.outlet import Outlet
from tui_runner.cli.output import message, wants_color
from tui_runner.control.already_running import already_running
from tui_runner.control.door import Door
from tui_runner.control.lock import Holder, Lock, acquire_after_cleanup
from tui_runner.control.places import places_for, prepare
from tui_runner.control.recovery import noted, recover
from tui_runner.control.run_summary import exit_code_of
from tui_runner.errors.exit_code import ExitCode, after_signal
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.result import RunResult
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.assembly import RunSettings, assemble, claim_open_files
from tui_runner.supervisor.signals import signals_to
from tui_runner.supervisor.supervisor import Supervisor

if TYPE_CHECKING:
    from tui_runner.supervisor.definitions import Definitions


class Foreground(NamedTuple):
    """How a run in this process ended."""

    result: RunResult
    signal: signal.Signals | None
    """The first signal that stopped it; None when nothing did."""
    plan: Plan
    """The one that held at the end."""

    @property
    def exit_code(self) -> int:
        """What the process should end with."""
        if self.signal is not None:
            return after_signal(self.signal)
        if self.result.ok:
            return ExitCode.OK
        return max(exit_code_of(self.result), ExitCode.TASK_FAILED)


def run_in_foreground(
    plan: Plan, settings: RunSettings, stream: TextIO, *, beside: bool, definitions: "Definitions | None" = None
) -> Foreground:
    """Run to the end and print to the stream; return when every process is gone.

    `beside` lets it run while another supervisor has the root, without a control socket. `definitions` are what the
    plan was made of, when it may be replaced by others.

    Raises:
        DefinitionError: the root has a supervisor already, and `beside` is false.
    """
    root = Path(plan.root)
    settings = msgspec.structs.replace(settings, color=wants_color(stream))
    with _lock_of(root, beside=beside) as lock, _journal_of(root, lock) as journal:
        settings = msgspec.structs.replace(settings, journal=journal, own_process=True)
        plan = claim_open_files(plan, settings.guardian)
        return asyncio.run(_run(plan, settings, lock, stream, definitions))


@contextmanager
def _lock_of(root: Path, *, beside: bool) -> Iterator[Lock | None]:
    """Yield the lock of the root, or None beside another supervisor."""
    places = places_for(root)
    prepare(places)
    lock = acquire_after_cleanup(places.lock)
    if isinstance(lock, Holder):
        if not beside:
            raise DefinitionError((already_running(places, lock),))
        message(f"process {lock.pid} supervises {root} already: `ps`, `stop` and the like will speak to that one")
        yield None
        return
    with lock:
        yield lock


@contextmanager
def _journal_of(root: Path, lock: Lock | None) -> Iterator[int | None]:
    """Clean up after a run that was killed with its guardian, and yield the descriptor of a new journal.

    None without the lock of the root: another run has the journal.
    """
    if lock is None:
        yield None
        return
    places = places_for(root)
    recover(places, (lock.descriptor,), lambda line: message(f"note: {line}"))
    with noted(places) as journal:
        yield journal


async def _run(
    plan: Plan, settings: RunSettings, lock: Lock | None, stream: TextIO, definitions: "Definitions | None"
) -> Foreground:
    held = () if lock is None else (lock.descriptor,)
    supervisor = assemble(plan, msgspec.structs.replace(settings, held=held), definitions)
    warned = supervisor.warning
    if warned is not None:
        message(f"warning: {warned}")
    first: list[signal.Signals] = []
    loop = asyncio.get_running_loop()

    def received(number: signal.Signals) -> None:
        first.append(number)
        supervisor.stop_run(StopCause.SIGNAL, f"Received {number.name}")

    def lost(error: OSError) -> None:
        if isinstance(error, BrokenPipeError):  # as programs end that do not ignore the signal
            loop.call_soon(received, signal.SIGPIPE)
            return
        with suppress(OSError):  # a closed terminal
            message(f"warning: what tasks print is not shown any more: {error.strerror}")

    printer = LivePrinter(plan, Outlet(stream, lost), color=settings.color)
    supervisor.add_listener(printer)
    supervisor.replacing.add_listener(printer.take)
    gc.freeze()
    gc.enable()
    with signals_to(received):
        result = await _serve(supervisor, lock)
    printer.finish()
    if supervisor.warning not in {None, warned}:
        message(f"warning: {supervisor.warning}")
    return Foreground(result, first[0] if first else None, supervisor.plan)


async def _serve(supervisor: Supervisor, lock: Lock | None) -> RunResult:
    if lock is None:
        return await supervisor.run()
    places = places_for(Path(supervisor.plan.root))
    lock.write_holder(supervisor.options.run_id)
    door = Door(supervisor, places.socket, message)
    result: RunResult | None = None
    try:
        result = await supervisor.run()
    finally:
        await door.close(result)
    return result
