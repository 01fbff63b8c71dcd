"""Problems of definitions by themselves: those noted by the factories, wrong kinds of dependencies, shared ids.

Looks at every mode, so that a definition is wrong in all modes or in none.
"""

from collections.abc import Iterator

from msgspec.structs import replace

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.model.cache import CacheSpec
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import Task, TaskId
from tui_runner.planning.ownership import Ownership


def definition_problems(ownership: Ownership) -> list[Problem]:
    """Return what is wrong with pipelines, tasks and commands taken one by one, in definition order."""
    problems = [problem for pipeline in ownership.pipelines for problem in pipeline.problems]
    seen: set[int] = set()
    for task, task_id in zip(ownership.tasks, ownership.ids, strict=True):
        problems += _named(task.problems, task_id)
        problems += _wrong_dependencies(task.depends_on, task.site, task_id)
        for command in task.commands.values():
            if id(command) not in seen:  # one command may serve several tasks or modes
                seen.add(id(command))
                problems += _named(command.problems, task_id)
                problems += _wrong_dependencies(command.depends_on, command.site, task_id)
                if command.cache is not None:
                    problems += _named(command.cache.problems, task_id)
                    problems += _wrong_artifacts(command.cache, task_id)
    return [*problems, *_duplicates(ownership)]


def _named(problems: tuple[Problem, ...], task_id: TaskId) -> Iterator[Problem]:
    """Say whose problems they are: many tasks may be made by one line of a function."""
    for problem in problems:
        is_told = problem.label or f"`{task_id}`" in problem.message
        yield replace(problem, task=problem.task or task_id, label=problem.label if is_told else f"of `{task_id}`")


def _wrong_dependencies(depends_on: tuple[object, ...], site: Site, task_id: TaskId) -> Iterator[Problem]:
    for dependency in depends_on:
        match dependency:
            case Task() | str():
                continue
            case Pipeline():
                what = "a pipeline, which is not a task"
                help_text = "use `.to_task(name)` and depend on the task it returns"
            case _:
                what = f"{dependency!r:.80}, which is neither a task nor a name"
                help_text = "give Task objects or names of tasks"
        yield Problem(
            kind=ProblemKind.INVALID_DEPENDENCY,
            message=f"`{task_id}` depends on {what}",
            site=site,
            label="asked for here",
            help=help_text,
            task=task_id,
        )


def _wrong_artifacts(spec: CacheSpec, task_id: TaskId) -> Iterator[Problem]:
    for artifact in spec.artifacts:
        name, mode = artifact.task.name, artifact.mode
        maker = artifact.task.command_for(mode)
        if artifact.task.inner is not None:
            wrong = f"`{name}` is a nested pipeline, which makes nothing by itself"
            help_text = "take the artifact of the inner task that makes the files"
        elif maker is None:
            modes = ", ".join(f"`{known}`" for known in artifact.task.commands) or "none at all"
            wrong, help_text = f"`{name}` has no command for mode `{mode}`", f"it has commands for {modes}"
        elif maker.cache is None:
            wrong, help_text = f"the command of `{name}` for mode `{mode}` has no cache", "give it `cache=cache(…)`"
        elif not maker.cache.outputs:
            wrong = f"the cache of `{name}` for mode `{mode}` has no outputs"
            help_text = "name what it makes in `cache(outputs=…)`"
        else:
            continue
        yield Problem(
            kind=ProblemKind.INVALID_CACHE,
            message=f"`{task_id}` wants an artifact, but {wrong}",
            site=artifact.site,
            label="asked for here",
            help=help_text,
            related=((f"`{name}` is defined", artifact.task.site),),
            task=task_id,
        )


def _duplicates(ownership: Ownership) -> Iterator[Problem]:
    if len(ownership.by_id) == len(ownership.ids):
        return
    for number, task_id in enumerate(ownership.ids):
        first = ownership.by_id[task_id]
        if first != number:
            yield Problem(
                kind=ProblemKind.DUPLICATE_ID,
                message=f"two tasks are called `{task_id}`",
                site=ownership.tasks[number].site,
                label="defined again",
                help="rename one of them, or use the same Task object in both places",
                related=(("first defined", ownership.tasks[first].site),),
                task=task_id,
            )
