"""Problems: what a user has to fix, as data.

Problems are collected and shown together; a bug of ours is an exception instead. Rendering is in `render`.
"""

from enum import StrEnum

import msgspec

from tui_runner.errors.site import Site


class ProblemKind(StrEnum):
    """Stable names shown in brackets after `error`, and used by tests and tools."""

    CYCLE = "cycle"
    DUPLICATE_ID = "duplicate-id"
    UNKNOWN_TASK = "unknown-task"
    UNKNOWN_TARGET = "unknown-target"
    INVALID_TASK = "invalid-task"
    INVALID_COMMAND = "invalid-command"
    INVALID_CACHE = "invalid-cache"
    INVALID_DEPENDENCY = "invalid-dependency"
    INVALID_OPTION = "invalid-option"
    MISSING_DIRECTORY = "missing-directory"
    NO_PIPELINE_FILE = "no-pipeline-file"
    NO_PIPELINE = "no-pipeline"
    AMBIGUOUS_PIPELINE = "ambiguous-pipeline"
    LOAD_FAILED = "load-failed"
    ALREADY_RUNNING = "already-running"
    NOT_RUNNING = "not-running"
    UNSAFE_DIRECTORY = "unsafe-directory"
    INVALID_SETTING = "invalid-setting"
    USAGE = "usage"


GRAPH_KINDS = frozenset(
    {
        ProblemKind.CYCLE,
        ProblemKind.DUPLICATE_ID,
        ProblemKind.UNKNOWN_TASK,
        ProblemKind.UNKNOWN_TARGET,
        ProblemKind.INVALID_DEPENDENCY,
    }
)
"""Kinds that make a run end with `invalid-graph`; any other definition problem gives `invalid-task`."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to fix: what is wrong, where, and how to go on."""

    kind: ProblemKind
    message: str
    """One lower-case sentence without a full stop; names in backticks."""
    site: Site | None = None
    """Where it was defined; None when there is no single place."""
    label: str = ""
    """A few words under the marked line, such as `needed here`."""
    help: str = ""
    """How to go on; empty when the message says it all."""
    related: tuple[tuple[str, Site], ...] = ()
    """Other places with a few words each, such as the first definition of a duplicate."""
    task: str | None = None
    """Id or name of the task concerned."""
