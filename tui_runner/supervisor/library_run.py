"""Running a pipeline from any asyncio program: what `Pipeline.run` does once the engine is there.

Never raises for what a task, predicate or callback does; only cancelling the awaiting asyncio task propagates, after
everything has been stopped.
"""

import asyncio
import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from signal import Signals

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.model.command import as_dependencies
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.policy import OnFailure
from tui_runner.model.result import RunResult
from tui_runner.model.run_callbacks import RunCallbacks
from tui_runner.planning.directories import missing_directories
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline
from tui_runner.process.guardian_process import GuardianProcess
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.assembly import RunSettings, assemble
from tui_runner.supervisor.callbacks import CallbackCaller
from tui_runner.supervisor.ledger import Clocks, Ledger
from tui_runner.supervisor.library import RunRequest
from tui_runner.supervisor.outcome import refused_result, unstartable_result, untouched_result
from tui_runner.supervisor.signals import signals_to
from tui_runner.supervisor.supervisor import Supervisor


def default_mode(environment: Mapping[str, str]) -> str:
    """Return `build` when TUI_RUNNER_ENV or NODE_ENV is `production`, else `dev`."""
    production = "production" in {environment.get("TUI_RUNNER_ENV"), environment.get("NODE_ENV")}
    return "build" if production else "dev"


async def plan_and_run(
    pipeline: Pipeline,
    request: RunRequest,
    guardian: GuardianProcess | None,
    *,
    cancel: asyncio.Event | None,
    callbacks: RunCallbacks,
) -> RunResult:
    """Plan and run; return how it went. `guardian` is one that was started ahead."""
    if unknown := set(callbacks) - RunCallbacks.__optional_keys__:
        raise TypeError(f"run() got an unexpected keyword argument {min(unknown)!r}")
    environment = dict(os.environ)
    mode = request.mode or default_mode(environment)
    planned = _plan(pipeline, request, mode)
    if isinstance(planned, tuple):
        return refused_result(mode, planned, time.time())
    if missing := missing_directories(planned, os.path.isdir):
        return unstartable_result(_new_ledger(planned), missing)
    if request.dry_run:
        return untouched_result(_new_ledger(planned))
    supervisor = assemble(
        planned, RunSettings(environment=environment, records=request.records, force=request.force, guardian=guardian)
    )
    return await _supervise(supervisor, request, cancel, callbacks)


def _new_ledger(plan: Plan) -> Ledger:
    return Ledger(plan, Clocks(wall=time.time, monotonic=time.monotonic), lambda _: None)


def _plan(pipeline: Pipeline, request: RunRequest, mode: str) -> Plan | tuple[Problem, ...]:
    try:
        on_failure = OnFailure(request.on_failure)
    except ValueError:
        allowed = ", ".join(OnFailure)
        message = f"`on_failure` must be one of {allowed}, not {request.on_failure!r}"
        return (Problem(kind=ProblemKind.INVALID_OPTION, message=message),)
    return plan_pipeline(
        pipeline,
        PlanRequest(
            mode=mode,
            root=str(Path(request.root or Path.cwd()).absolute()),
            targets=None if request.targets is None else as_dependencies(request.targets),
            env=request.env or {},
            strict=request.strict,
            max_concurrency=request.max_concurrency,
            on_failure=on_failure,
        ),
    )


async def _supervise(
    supervisor: Supervisor, request: RunRequest, cancel: asyncio.Event | None, callbacks: RunCallbacks
) -> RunResult:
    caller: CallbackCaller | None = None
    if callbacks:
        mode, log_of = supervisor.plan.mode, supervisor.executor.log
        caller = CallbackCaller(callbacks, mode, broke=supervisor.break_down, log_of=log_of)
        supervisor.add_listener(caller)

    def received(number: Signals) -> None:
        supervisor.stop_run(StopCause.SIGNAL, f"Received {number.name}")

    if cancel is not None and cancel.is_set():
        supervisor.stop_run(StopCause.CANCEL, "Aborted")
    loop = asyncio.get_running_loop()
    running = loop.create_task(supervisor.run(), name="tui-runner supervisor")
    watching = None if cancel is None else loop.create_task(_stop_on(cancel, supervisor), name="tui-runner cancel")
    with ExitStack() as stack:
        if request.handle_signals:
            stack.enter_context(signals_to(received))
        try:
            await _outlive_cancellation(running, supervisor)
        finally:
            try:
                if caller is not None:
                    await caller.close()
            finally:
                if watching is not None:
                    watching.cancel()
                    await asyncio.wait((watching,))
    return supervisor.result()


async def _stop_on(cancel: asyncio.Event, supervisor: Supervisor) -> None:
    await cancel.wait()
    supervisor.stop_run(StopCause.CANCEL, "Aborted")


async def _outlive_cancellation(running: "asyncio.Task[RunResult]", supervisor: Supervisor) -> None:
    """Wait for the run; a cancellation asks it to stop, again and harder each time, and propagates at its end."""
    cancelled: asyncio.CancelledError | None = None
    while not running.done():
        try:
            await asyncio.wait((running,))
        except asyncio.CancelledError as error:
            cancelled = error
            supervisor.stop_run(StopCause.CANCEL, "Aborted")
    if not running.cancelled() and (broken := running.exception()) is not None:
        supervisor.break_down(f"{type(broken).__name__}: {broken}")
    if cancelled is not None:
        raise cancelled
