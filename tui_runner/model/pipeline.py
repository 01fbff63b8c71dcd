"""A pipeline: tasks that belong together, and the public doors to running them.

The data is pure. `run` and `run_sync` import the engine when they are called: the one place where the model reaches
up, named as such in the layer contract.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Unpack

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site, caller_site
from tui_runner.model.command import as_dependencies
from tui_runner.model.retention import Retention
from tui_runner.model.task import Dependency, Task, composite

if TYPE_CHECKING:
    import asyncio

    from tui_runner.model.result import RunResult
    from tui_runner.model.run_callbacks import RunCallbacks


class Pipeline(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Tasks that are planned and run together. Made by `pipeline`; compared by identity."""

    tasks: tuple[Task, ...]
    name: str | None = None
    retention: Retention = Retention()
    """What stays on the disk; counts for the pipeline that is run, not for nested ones."""
    site: Site
    problems: tuple[Problem, ...] = ()

    def to_task(
        self,
        name: str,
        *,
        depends_on: Sequence[Dependency] = (),
        env: Mapping[str, str] | None = None,
        max_concurrency: int | Callable[[str], int] | None = None,
    ) -> Task:
        """Return one task that stands for this pipeline: ready when all its tasks are ready, completed or skipped.

        Inner tasks are called `name:inner`. `max_concurrency` limits the inner tasks on top of the run's own limit;
        it may be a function of the mode.
        """
        return composite(name, self, depends_on=depends_on, env=env, max_concurrency=max_concurrency)

    async def run(
        self,
        mode: str | None = None,
        *,
        targets: Sequence[Dependency] | None = None,
        env: Mapping[str, str] | None = None,
        strict: bool = False,
        max_concurrency: int | None = None,
        on_failure: Literal["stop", "finish", "continue"] = "stop",
        cancel: "asyncio.Event | None" = None,
        force: bool = False,
        dry_run: bool = False,
        root: str | Path | None = None,
        records: bool = True,
        handle_signals: bool = False,
        **callbacks: "Unpack[RunCallbacks]",
    ) -> "RunResult":
        """Run the tasks and return how it went, after every process is gone and every teardown has ended.

        Never raises for what a task, predicate or callback does; only cancelling the awaiting asyncio task propagates,
        after everything has been stopped. `mode` defaults to `build` when TUI_RUNNER_ENV or NODE_ENV is `production`,
        else `dev`. `targets` None means all top-level tasks. `root` is where relative paths start, by default the
        working directory. With `handle_signals` SIGINT, SIGTERM and SIGHUP stop the run in order; without it the host
        program's handlers stay untouched. Callbacks are described at `RunCallbacks`.
        """
        from tui_runner.supervisor.library import RunRequest, run_pipeline  # noqa: PLC0415 - the engine loads only when something runs

        request = RunRequest(
            mode=mode,
            targets=targets,
            env=env,
            strict=strict,
            max_concurrency=max_concurrency,
            on_failure=on_failure,
            force=force,
            dry_run=dry_run,
            root=root,
            records=records,
            handle_signals=handle_signals,
        )
        return await run_pipeline(self, request, cancel=cancel, callbacks=callbacks)

    def run_sync(
        self,
        mode: str | None = None,
        *,
        targets: Sequence[Dependency] | None = None,
        env: Mapping[str, str] | None = None,
        strict: bool = False,
        max_concurrency: int | None = None,
        on_failure: Literal["stop", "finish", "continue"] = "stop",
        cancel: "asyncio.Event | None" = None,
        force: bool = False,
        dry_run: bool = False,
        root: str | Path | None = None,
        records: bool = True,
        handle_signals: bool = True,
        **callbacks: "Unpack[RunCallbacks]",
    ) -> "RunResult":
        """Do the same as `run` for scripts: own event loop, and signals stop the run in order.

        Only callbacks can set `cancel`. In a thread that is not the main one no signals are handled: none arrive there.

        Raises:
            RuntimeError: an event loop already runs in this thread; await `run` instead.
        """
        from tui_runner.supervisor.library import RunRequest, run_pipeline_sync  # noqa: PLC0415 - the engine loads only when something runs

        request = RunRequest(
            mode=mode,
            targets=targets,
            env=env,
            strict=strict,
            max_concurrency=max_concurrency,
            on_failure=on_failure,
            force=force,
            dry_run=dry_run,
            root=root,
            records=records,
            handle_signals=handle_signals,
        )
        return run_pipeline_sync(self, request, cancel=cancel, callbacks=callbacks)


def pipeline(tasks: Sequence[Task], *, name: str | None = None, retention: Retention | None = None) -> Pipeline:
    """Put tasks together. What they depend on is included by itself.

    `retention` is made by `retention(…)` and says how much of logs and records stays on the disk; None: the defaults.
    """
    site = caller_site()
    problems: list[Problem] = []
    kept: list[Task] = []
    for item in as_dependencies(tasks):
        if isinstance(item, Task):
            kept.append(item)
            continue
        helpful = "call `.to_task(name)` on it" if isinstance(item, Pipeline) else "make it with `task(…)`"
        what = "a pipeline" if isinstance(item, Pipeline) else repr(item)
        problems.append(
            Problem(kind=ProblemKind.INVALID_TASK, message=f"{what} is not a task", site=site, help=helpful),
        )
    if retention is not None and not isinstance(retention, Retention):
        message = f"`retention` is {retention!r}, and not made by `retention(…)`"
        problems.append(Problem(kind=ProblemKind.INVALID_OPTION, message=message, site=site))
        retention = None
    return Pipeline(
        tasks=tuple(kept), name=name, retention=retention or Retention(), site=site, problems=tuple(problems)
    )
