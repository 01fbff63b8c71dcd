"""The supervisor as a process of its own. Its program is `daemon_start`.

Started by `launch_supervisor`. Everything that can go wrong before the run begins is said over the owner's socketpair;
afterwards the control server speaks. Ends when the run is over, its guardian included.
"""

import asyncio
import contextlib
import gc
import os
import signal
import socket
from pathlib import Path

import msgspec

from tui_runner.control.already_running import already_running
from tui_runner.control.daemon_options import OWNER_DESCRIPTOR, TERMINAL_DESCRIPTOR, DaemonOptions
from tui_runner.control.lock import Holder, Lock, acquire_after_cleanup
from tui_runner.control.places import Places, places_for, prepare
from tui_runner.control.protocol import Ended, Refused, encode
from tui_runner.control.recovery import noted, recover
from tui_runner.control.run_summary import exit_code_of, summarize
from tui_runner.control.server import ControlServer
from tui_runner.control.terminal_keeper import TerminalKeeper
from tui_runner.errors.exit_code import ExitCode
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.loading.loader import load_pipeline
from tui_runner.model.result import RunResult
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest
from tui_runner.process.guardian_process import guardian_ahead
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.assembly import RunSettings, assemble, claim_open_files
from tui_runner.supervisor.definitions import Definitions
from tui_runner.supervisor.signals import signals_to
from tui_runner.supervisor.supervisor import Supervisor


def main(argument: str) -> int:
    """Supervise one run and return the exit code of this process: 0, or 2 when it was refused."""
    options = msgspec.json.decode(argument, type=DaemonOptions)
    _keep_to_ourselves(options)
    owner = socket.socket(fileno=OWNER_DESCRIPTOR)
    try:
        return _supervise_root(options, owner)
    except DefinitionError as error:
        # The owner may have gone already; then nobody needs to know.
        with owner, contextlib.suppress(OSError):
            owner.setblocking(True)
            owner.sendall(encode(Refused(problems=error.problems)))
        return ExitCode.USAGE


def _supervise_root(options: DaemonOptions, owner: socket.socket) -> int:
    root = Path(options.file).parent
    places = places_for(root)
    prepare(places)
    lock = acquire_after_cleanup(places.lock)
    if isinstance(lock, Holder):
        raise DefinitionError((already_running(places, lock),))
    recovered: list[str] = []
    recover(places, (lock.descriptor,), recovered.append)
    for line in recovered:
        print(line, flush=True)  # noqa: T201 - standard output is the log of the supervisor
    with noted(places) as journal, guardian_ahead() as guardian:  # it comes up while the definitions are loaded
        try:
            os.chdir(places.root)
            definitions, plan = _definitions(options, root)
            plan = claim_open_files(plan, guardian)
        except DefinitionError:
            lock.release()
            raise
        settings = RunSettings(
            environment=dict(os.environ),
            until=Until.TOLD,
            color=options.color,
            interactive=True,
            guardian=guardian,
            held=(lock.descriptor,),
            journal=journal,
            own_process=True,
            recovered=tuple(recovered),
        )
        asyncio.run(_supervise(assemble(plan, settings, definitions), options, places, lock, owner))
    # The lock goes with the process, not before: who waits for it knows that everything is gone.
    return ExitCode.OK


def _keep_to_ourselves(options: DaemonOptions) -> None:
    """Become a session of our own and close what was inherited by accident, such as pipes of a build tool."""
    if os.getsid(0) != os.getpid():
        with contextlib.suppress(PermissionError):  # the leader of a process group has nothing to leave
            os.setsid()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    last = OWNER_DESCRIPTOR if options.terminal is None else TERMINAL_DESCRIPTOR
    for descriptor in [int(entry.name) for entry in Path("/dev/fd").iterdir()]:
        if descriptor > last:
            with contextlib.suppress(OSError):  # the descriptor of the listing itself
                os.close(descriptor)
    for descriptor in range(OWNER_DESCRIPTOR, last + 1):
        os.set_inheritable(descriptor, False)


def _definitions(options: DaemonOptions, root: Path) -> tuple[Definitions, Plan]:
    file = Path(options.file)
    request = PlanRequest(
        mode=options.mode,
        root=str(root),
        targets=options.targets,
        strict=options.strict,
        max_concurrency=options.max_concurrency,
        on_failure=options.on_failure,
    )
    return Definitions.planned(file, load_pipeline(file), request)


async def _supervise(
    supervisor: Supervisor, options: DaemonOptions, places: Places, lock: Lock, owner: socket.socket
) -> None:
    lock.write_holder(supervisor.options.run_id)
    gc.freeze()
    gc.enable()

    def received(number: signal.Signals) -> None:
        supervisor.stop_run(StopCause.SIGNAL, f"received {number.name}")

    keeper = None if options.terminal is None else TerminalKeeper(TERMINAL_DESCRIPTOR, options.terminal)
    server = ControlServer(supervisor)
    ended = Ended(exit_code=ExitCode.INTERNAL, summary=f"internal error: see {places.log}")
    with signals_to(received):
        await server.listen(places.socket)
        # The run begins first: what clients ask for comes after its beginning.
        running = asyncio.get_running_loop().create_task(supervisor.run(), name="run")
        try:
            await server.adopt_owner(owner, keeper)
            ended = _ended(await running, supervisor)
        finally:
            await server.finish(ended)
            if keeper is not None:
                keeper.close()


def _ended(result: RunResult, supervisor: Supervisor) -> Ended:
    lines = [summarize(result)]
    if supervisor.warning is not None:
        lines.append(f"warning: {supervisor.warning}")
    lines += [f"note: {line}" for line in supervisor.options.recovered]
    return Ended(exit_code=exit_code_of(result), summary="\n".join(lines))
