"""`tui-runner run TARGET…`: run tasks to their end without a terminal, for CI and scripts."""

import argparse
from typing import TYPE_CHECKING

from tui_runner.errors.exit_code import ExitCode

if TYPE_CHECKING:
    from pathlib import Path

    from tui_runner.model.pipeline import Pipeline
    from tui_runner.model.result import RunResult
    from tui_runner.planning.plan import Plan
    from tui_runner.planning.planner import PlanRequest
    from tui_runner.process.guardian_process import GuardianProcess
    from tui_runner.supervisor.definitions import Definitions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `run` takes."""
    from tui_runner.cli.options import add_format, add_mode

    parser.add_argument("targets", nargs="*", metavar="TARGET", help="tasks to run, with everything they depend on")
    add_mode(parser, default="build")
    add_run_options(parser, on_failure="stop")
    parser.add_argument("--force", action="store_true", help="run tasks even when their result is cached")
    parser.add_argument("--dry-run", action="store_true", help="check and plan, start nothing")
    add_format(parser)


def add_run_options(parser: argparse.ArgumentParser, *, on_failure: str) -> None:
    """Add the options that `run` and `dev` share."""
    parser.add_argument(
        "--concurrency",
        type=int,
        metavar="N",
        help="how many tasks may run at once that are not ready yet (default: bounded by the open-file limit)",
    )
    parser.add_argument("--strict", action="store_true", help="a task without a command for the mode fails")
    parser.add_argument(
        "--on-failure",
        choices=("stop", "finish", "continue"),
        default=on_failure,
        help="what a failure does to the rest (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the targets; return 0 when all went well, 1 when a task failed, 128 + n after signal n."""
    import gc

    from tui_runner.process.lean_imports import import_lean

    gc.disable()  # until the run begins: what is imported stays, looking through it again and again finds nothing
    for module in ("pathlib", "inspect", "subprocess", "uuid", "msgspec"):
        import_lean(module)
    from tui_runner.cli.workspace import load, pipeline_file

    if arguments.dry_run or not arguments.targets:
        file = pipeline_file(arguments)
        pipeline = load(file)
        if not arguments.targets:
            return _offer(pipeline, file.parent, arguments.mode)
        return _dry_run(checked_plan(pipeline, file.parent, arguments), arguments.format)

    from tui_runner.process.guardian_process import guardian_ahead

    with guardian_ahead() as guardian:  # it comes up while definitions and engine are loaded
        import_lean("asyncio")
        file = pipeline_file(arguments)
        return _run(checked_plan(load(file), file.parent, arguments), arguments, guardian)


def checked_plan(pipeline: "Pipeline", root: "Path", arguments: argparse.Namespace) -> "Plan":
    """Return the plan for the options that `run` and `dev` share, directories checked.

    Raises:
        DefinitionError: something is wrong with the definitions or the targets; all of it at once.
    """
    import os

    from tui_runner.errors.runner_error import DefinitionError
    from tui_runner.planning.checking import checked_plan as check

    plan = check(pipeline, _plan_request(root, arguments), os.path.isdir)
    if isinstance(plan, tuple):
        raise DefinitionError(plan)
    return plan


def definitions_for(file: "Path", pipeline: "Pipeline", arguments: argparse.Namespace) -> "tuple[Definitions, Plan]":
    """Return the same plan with what it is made of, for a run that may go over to other plans. Raises the same."""
    from tui_runner.supervisor.definitions import Definitions

    return Definitions.planned(file, pipeline, _plan_request(file.parent, arguments))


def _plan_request(root: "Path", arguments: argparse.Namespace) -> "PlanRequest":
    from tui_runner.model.policy import OnFailure
    from tui_runner.planning.planner import PlanRequest

    return PlanRequest(
        mode=arguments.mode,
        root=str(root),
        targets=tuple(arguments.targets) or None,
        strict=arguments.strict,
        max_concurrency=arguments.concurrency,
        on_failure=OnFailure(arguments.on_failure),
    )


def _offer(pipeline: "Pipeline", root: "Path", mode: str) -> int:
    from tui_runner.cli.output import message
    from tui_runner.cli.workspace import plan_of
    from tui_runner.planning.task_rows import task_rows

    plan = plan_of(pipeline, root, mode)
    rows = [row for row in task_rows(pipeline, plan) if plan.tasks[row.id].skip is None]
    width = max((len(row.id) for row in rows), default=0)
    names = "".join("\n" + f"  {row.id:<{width}}  {row.description}".rstrip() for row in rows)
    what = (
        f"What can be run here in mode `{mode}`:{names}" if rows else f"Nothing here has a command for mode `{mode}`."
    )
    message(f"run needs a target. {what}")
    return ExitCode.USAGE


def _dry_run(plan: "Plan", form: str) -> int:
    import time
    from graphlib import TopologicalSorter

    from tui_runner.cli.result_document import result_document
    from tui_runner.supervisor.ledger import Clocks, Ledger
    from tui_runner.supervisor.outcome import untouched_result

    result = untouched_result(Ledger(plan, Clocks(wall=time.time, monotonic=time.monotonic), lambda _: None))
    if form == "json":
        from tui_runner.cli.output import document

        document(result_document(result))
    else:
        from tui_runner.cli.output import write

        for node in TopologicalSorter(plan.after).static_order():
            task = plan.tasks.get(node)
            if task is not None and not task.composite:
                write(f"{task.id}: {'would be skipped' if task.skip else 'would run'}\n")
    return ExitCode.OK


def _run(plan: "Plan", arguments: argparse.Namespace, guardian: "GuardianProcess | None") -> int:
    import os
    import sys

    from tui_runner.cli.foreground import run_in_foreground
    from tui_runner.cli.output import document
    from tui_runner.supervisor.assembly import RunSettings

    settings = RunSettings(environment=dict(os.environ), watch_files=False, force=arguments.force, guardian=guardian)
    # With JSON, stdout holds exactly one document: lines go where messages go.
    as_json = arguments.format == "json"
    ended = run_in_foreground(plan, settings, sys.stderr if as_json else sys.stdout, beside=True)
    tell_end(ended.result, ended.plan, arguments)
    if as_json:
        from tui_runner.cli.result_document import result_document

        document(result_document(ended.result))
    return ended.exit_code


def tell_end(result: "RunResult", plan: "Plan", arguments: argparse.Namespace) -> None:
    """Say how a run went that was printed as it happened: what failed and why, then the counts."""
    import sys

    from tui_runner.cli.output import message, wants_color
    from tui_runner.control.run_summary import summarize

    if result.stats.summary.failed:
        from tui_runner.cli.failure_report import failure_reports
        from tui_runner.cli.workspace import place_options

        options = (*place_options(arguments), *(("--strict",) if arguments.strict else ()))
        sys.stderr.write(failure_reports(result, plan, options=options, color=wants_color(sys.stderr)))
    message(summarize(result))
