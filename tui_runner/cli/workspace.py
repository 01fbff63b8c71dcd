"""Which workspace a verb is about: the pipeline file, its root, its definitions and plan.

The pipeline file is imported only by verbs that need definitions; `ps`, `logs`, `down` and the like never run it.
"""

import argparse
import os
from pathlib import Path

from tui_runner.errors.runner_error import DefinitionError
from tui_runner.loading.locate import locate_pipeline
from tui_runner.model.pipeline import Pipeline
from tui_runner.planning.plan import Plan


def pipeline_file(arguments: argparse.Namespace) -> Path:
    """Return the absolute path of the pipeline file.

    Raises:
        DefinitionError: there is none.
    """
    return locate_pipeline(
        Path.cwd(),
        directory=None if arguments.directory is None else Path(arguments.directory),
        file=None if arguments.file is None else Path(arguments.file),
    )


def place_options(arguments: argparse.Namespace) -> tuple[str, ...]:
    """Return the options that lead to the pipeline file from the working directory, as they were given."""
    directory = () if arguments.directory is None else ("-C", arguments.directory)
    file = () if arguments.file is None else ("-f", arguments.file)
    return (*directory, *file)


def running_root(arguments: argparse.Namespace) -> Path:
    """Return the root that is meant, for verbs about what runs or ran.

    Without a pipeline file it is the nearest directory upwards that a supervisor runs for: who has just deleted the file
    must still be able to stop what it started.

    Raises:
        DefinitionError: there is neither.
    """
    try:
        return pipeline_file(arguments).parent
    except DefinitionError:
        from tui_runner.control.lock import holder_of
        from tui_runner.control.places import places_for

        start = Path(os.path.realpath(arguments.directory or Path.cwd()))
        for place in (start, *start.parents):
            if holder_of(places_for(place).lock) is not None:
                return place
        raise


def load(file: Path) -> Pipeline:
    """Return the pipeline in a file.

    Raises:
        DefinitionError: it cannot be loaded.
    """
    from tui_runner.loading.loader import load_pipeline

    return load_pipeline(file)


def plan_of(
    pipeline: Pipeline, root: Path, mode: str, targets: tuple[str, ...] | None = None, *, strict: bool = False
) -> Plan:
    """Return the plan for a mode; `targets` None means everything.

    Raises:
        DefinitionError: the definitions are wrong, or a target is unknown.
    """
    from tui_runner.planning.planner import PlanRequest, plan_pipeline

    plan = plan_pipeline(pipeline, PlanRequest(mode=mode, root=str(root), targets=targets, strict=strict))
    if isinstance(plan, tuple):
        raise DefinitionError(plan)
    return plan
