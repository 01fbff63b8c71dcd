"""Imports a user's `pipeline.py` and picks the pipeline in it.

Used only where the engine runs, never in the process that draws the screen. The file is run once per call, under a
private module name, so that loading again is safe and a module of the user's own called `pipeline` stays importable.
"""

import importlib.util
import linecache
import os
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.errors.site import Site
from tui_runner.loading.stdout_guard import plain_output_to_stderr
from tui_runner.loading.traces import how_to_go_on, last_site, told
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import Task

MAIN = "main"
"""The variable that holds the pipeline when there are several."""


def load_pipeline(file: Path, *, alone: bool = True) -> Pipeline:
    """Run the file and return its pipeline: the variable `main`, else the only Pipeline in it.

    The file's directory becomes the first entry of `sys.path` and stays there, for imports that happen later. What the
    file prints goes to stderr. `alone` says that nothing else in this process writes meanwhile.

    Raises:
        DefinitionError: the file cannot be read, raises or exits, or holds no pipeline or several.
    """
    file = file.absolute()
    return _pick(_import(file, alone=alone), file)


def _import(file: Path, *, alone: bool) -> ModuleType:
    name = f"_tui_runner_pipeline_{os.fsencode(file).hex()}"
    spec = importlib.util.spec_from_loader(name, SourceFileLoader(name, str(file)))
    if spec is None:
        raise AssertionError("a source file loader always gives a spec")
    module = importlib.util.module_from_spec(spec)
    directory = str(file.parent)
    linecache.checkcache(str(file))
    sys.modules[name] = module
    search_path = list(sys.path)
    sys.path[:] = [directory, *(entry for entry in search_path if entry != directory)]
    try:
        with plain_output_to_stderr(alone=alone):
            # Compiled here, not by the loader: its cache of byte code misses edits within one second.
            code = compile(file.read_bytes(), str(file), "exec", dont_inherit=True)
            exec(code, module.__dict__)  # noqa: S102 - running the user's definitions is what loading means
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's file may raise anything
        sys.modules.pop(name, None)
        sys.path[:] = search_path
        raise DefinitionError((_load_problem(error, file),)) from None
    return module


def _load_problem(error: BaseException, file: Path) -> Problem:
    return Problem(
        kind=ProblemKind.LOAD_FAILED,
        message=f"`{file.name}` could not be loaded: {told(error, file.parent)}",
        site=last_site(error, file),
        label=type(error).__name__,
        help=how_to_go_on(error),
    )


def _pick(module: ModuleType, file: Path) -> Pipeline:
    found: dict[Pipeline, str] = {}
    for name, value in vars(module).items():
        if isinstance(value, Pipeline):
            found.setdefault(value, name)
    main = getattr(module, MAIN, None)
    if isinstance(main, Pipeline):
        return main
    if len(found) == 1:
        return next(iter(found))
    raise DefinitionError((_ambiguous(found, file) if found else _none(module, file),))


def _ambiguous(found: dict[Pipeline, str], file: Path) -> Problem:
    names = list(found.values())
    listed = ", ".join(f"`{name}`" for name in names)
    return Problem(
        kind=ProblemKind.AMBIGUOUS_PIPELINE,
        message=f"`{file.name}` holds {len(names)} pipelines and none is called `{MAIN}`: {listed}",
        help=f"say which one is meant: `{MAIN} = {names[-1]}`",
        related=tuple((f"`{name}`", pipeline.site) for pipeline, name in found.items()),
    )


def _none(module: ModuleType, file: Path) -> Problem:
    tasks = [name for name, value in vars(module).items() if isinstance(value, Task) and name.isidentifier()]
    listed = ", ".join(tasks) or "…"
    return Problem(
        kind=ProblemKind.NO_PIPELINE,
        message=f"`{file.name}` holds no pipeline"
        + (f", only the tasks {', '.join(f'`{name}`' for name in tasks)}" if tasks else ""),
        site=Site(file=str(file), line=0),
        help=f"end it with `{MAIN} = pipeline([{listed}])`",
    )
