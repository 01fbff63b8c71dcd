"""A task: a named thing with a command per mode, or a whole pipeline seen as one node.

Data and its factory. As with `command`, wrong values become problems instead of exceptions.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site, caller_site
from tui_runner.model.cache import Artifact
from tui_runner.model.command import Command, as_dependencies
from tui_runner.model.notes import Notes
from tui_runner.model.run import Run

if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_runner.model.pipeline import Pipeline

TaskId = str
"""Path of names joined by `:`, such as `shop:api`; stable across processes."""

ANY_MODE = "*"
"""Key of a command that is used in every mode that has none of its own."""

_FORBIDDEN = frozenset(':,"\\')


class Task(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A task as the user defined it. Made by `task` or `Pipeline.to_task`; compared by identity."""

    name: str
    commands: Mapping[str, Command] = {}
    """Mode to command; the key `ANY_MODE` serves every mode."""
    cwd: str = "."
    env: Mapping[str, str] = {}
    depends_on: "tuple[Dependency, ...]" = ()
    allow_skip: bool = False
    """In strict mode, a missing command is fine for this task."""
    description: str = ""
    inner: "Pipeline | None" = None
    """The pipeline this node stands for; None for an ordinary task."""
    inner_concurrency: "int | Callable[[str], int] | None" = None
    """How many of the inner tasks may run at once, or a function of the mode; None sets no limit of its own."""
    site: Site
    problems: tuple[Problem, ...] = ()

    def command_for(self, mode: str) -> Command | None:
        """Return the command for a mode, or None when the task has none."""
        return self.commands.get(mode) or self.commands.get(ANY_MODE)

    def artifact(self, mode: str) -> Artifact:
        """Return the outputs of this task's command for a mode, as an input of another task's cache.

        Whoever has it as an input also depends on this task. The command needs a cache with outputs; that is checked
        when the pipeline is planned.
        """
        return Artifact(task=self, mode=mode, site=caller_site())


Dependency = Task | str
"""What `depends_on` takes: a task object or the name of one."""


def task(
    name: str,
    *,
    commands: "Mapping[str, str | Sequence[str] | Command] | None" = None,
    run: "str | Sequence[str] | Command | None" = None,
    steps: Sequence[str] | None = None,
    cwd: str = ".",
    env: Mapping[str, str] | None = None,
    depends_on: Sequence[Dependency] = (),
    allow_skip: bool = False,
    description: str = "",
) -> Task:
    """Define a task.

    `commands` maps a mode such as `dev` or `build` to what runs in it. `run` is shorthand for one command used in
    every mode; `steps` for several shell commands that run one after the other until one fails. `cwd` is relative
    to the directory of `pipeline.py`. Wrong values are reported when the pipeline is planned.
    """
    notes = Notes(caller_site(), ProblemKind.INVALID_TASK)
    _check_name(notes, name)
    given = [option for option, value in (("commands", commands), ("run", run), ("steps", steps)) if value is not None]
    if len(given) > 1:
        notes.add(f"task `{name}` has {' and '.join(f'`{option}`' for option in given)}", "keep one of them")
    elif not given:
        notes.add(f"task `{name}` has no commands", 'give `commands={"dev": "…"}` or `run="…"`')
    table: dict[str, str | Sequence[str] | Command] = _as_table(notes, commands)
    if run is not None:
        table[ANY_MODE] = run
    if steps is not None:
        table[ANY_MODE] = _as_script(notes, steps)
    if not isinstance(cwd, str) or not cwd or "\0" in cwd:
        notes.add(f"task `{name}`: `cwd` must be a path, not {cwd!r}")
        cwd = "."
    return Task(
        name=name if isinstance(name, str) else repr(name),
        commands={
            mode: _as_command(notes, "run" if mode == ANY_MODE else f"commands[{mode!r}]", value)
            for mode, value in table.items()
        },
        cwd=cwd,
        env=notes.environment("env", env),
        depends_on=as_dependencies(depends_on),
        allow_skip=allow_skip,
        description=description,
        site=notes.site,
        problems=tuple(notes.problems),
    )


def composite(
    name: str,
    inner: "Pipeline",
    *,
    depends_on: Sequence[Dependency],
    env: Mapping[str, str] | None,
    max_concurrency: "int | Callable[[str], int] | None",
) -> Task:
    """Return a task that stands for a whole pipeline; used by `Pipeline.to_task`."""
    notes = Notes(caller_site(), ProblemKind.INVALID_TASK)
    _check_name(notes, name)
    return Task(
        name=name if isinstance(name, str) else repr(name),
        env=notes.environment("env", env),
        depends_on=as_dependencies(depends_on),
        inner=inner,
        inner_concurrency=max_concurrency,
        site=notes.site,
        problems=tuple(notes.problems),
    )


def _check_name(notes: Notes, name: str) -> None:
    if not isinstance(name, str) or not name.strip():
        notes.add(f"a task needs a name, not {name!r}")
    elif bad := sorted({c for c in name if c in _FORBIDDEN or not c.isprintable()}):
        shown = " ".join(repr(c) for c in bad)
        notes.add(
            f"the task name {name!r} holds {shown}", "`:` joins the names of nested tasks; use `-`, `_`, `/` or `.`"
        )


def _as_table(
    notes: Notes, commands: "Mapping[str, str | Sequence[str] | Command] | None"
) -> "dict[str, str | Sequence[str] | Command]":
    if commands is None:
        return {}
    if not isinstance(commands, Mapping):
        notes.add(f"`commands` must map modes to commands, not {commands!r:.80}", 'write `commands={"dev": "…"}`')
        return {}
    for mode in commands:
        if not isinstance(mode, str) or not mode:
            notes.add(f"`commands`: a mode must be a name such as `dev`, not {mode!r:.80}")
    return dict(commands)


def _as_command(notes: Notes, option: str, value: "str | Sequence[str] | Command") -> Command:
    if isinstance(value, Command):
        return value
    run: Run | None = notes.run(option, value)
    return Command(run=run or "", site=notes.site)


def _as_script(notes: Notes, steps: Sequence[str]) -> str:
    if (
        isinstance(steps, str)
        or not isinstance(steps, Sequence)
        or not steps
        or not all(isinstance(step, str) and step.strip() for step in steps)
    ):
        notes.add("`steps` must be a list of shell commands, none of them empty")
        return ":"
    return " &&\n".join(f"{{ {step}\n}}" for step in steps)
