"""The doors of the library: what `Pipeline.run` and `Pipeline.run_sync` call.

Light on purpose: the guardian starts first and comes up while the engine is being imported.
"""

from collections.abc import Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec

from tui_runner.model.pipeline import Pipeline
from tui_runner.model.result import RunResult
from tui_runner.model.run_callbacks import RunCallbacks
from tui_runner.model.task import Dependency
from tui_runner.process.guardian_process import GuardianProcess, guardian_ahead

if TYPE_CHECKING:
    import asyncio


class RunRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The options of `Pipeline.run` that are data, as they were given."""

    mode: str | None
    targets: Sequence[Dependency] | None
    env: Mapping[str, str] | None
    strict: bool
    max_concurrency: int | None
    on_failure: Literal["stop", "finish", "continue"]
    force: bool
    dry_run: bool
    root: str | Path | None
    records: bool
    handle_signals: bool


async def run_pipeline(
    pipeline: Pipeline, request: RunRequest, *, cancel: "asyncio.Event | None", callbacks: RunCallbacks
) -> RunResult:
    """Plan and run; return how it went."""
    with _guardian(request) as guardian:
        return await _running(pipeline, request, guardian, cancel, callbacks)


def run_pipeline_sync(
    pipeline: Pipeline, request: RunRequest, *, cancel: "asyncio.Event | None", callbacks: RunCallbacks
) -> RunResult:
    """Do the same on an event loop of our own.

    Raises:
        RuntimeError: an event loop already runs in this thread.
    """
    with _guardian(request) as guardian:
        import asyncio  # noqa: PLC0415 - takes longer than the guardian

        try:
            asyncio.get_running_loop()
        except RuntimeError:
            return asyncio.run(_running(pipeline, request, guardian, cancel, callbacks))
        raise RuntimeError("an event loop already runs in this thread: write `await pipeline.run(…)` instead")


@contextmanager
def _guardian(request: RunRequest) -> Iterator[GuardianProcess | None]:
    """Start the guardian ahead of its run; a dry run starts no process."""
    if request.dry_run:
        yield None
        return
    with guardian_ahead() as guardian:
        yield guardian


def _running(
    pipeline: Pipeline,
    request: RunRequest,
    guardian: GuardianProcess | None,
    cancel: "asyncio.Event | None",
    callbacks: RunCallbacks,
) -> Coroutine[object, object, RunResult]:
    from tui_runner.supervisor.library_run import plan_and_run  # noqa: PLC0415 - the guardian comes first

    return plan_and_run(pipeline, request, guardian, cancel=cancel, callbacks=callbacks)
