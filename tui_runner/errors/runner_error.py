"""The exceptions of the project.

    RunnerError
    ├── DefinitionError     the user's definitions are wrong: carries all problems
    ├── ProtocolError       the other end of a socket sent what it must not send
    ├── GuardianError       the guardian could not be started or is gone
    └── PipelineError       how a run ended; part of a result, never raised by `run()`

Two kinds only: what a user has to fix (problems, `DefinitionError`) and what is ours to fix (anything else).
"""

from enum import StrEnum

from tui_runner.errors.problem import Problem


class RunnerError(Exception):
    """Base of all exceptions of this project."""


class DefinitionError(RunnerError):
    """The definitions cannot be used. Raised by loading and by the command line, with every problem found."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems


class ProtocolError(RunnerError):
    """The peer of a control connection sent a frame that is too large, malformed or out of turn."""


class GuardianError(RunnerError):
    """The guardian process could not be started, or its connection broke while it was needed."""


class ErrorCode(StrEnum):
    """Why a run or a task ended badly. Members are stable."""

    ABORTED = "aborted"
    PROCESS_TERMINATED = "process-terminated"
    TASK_FAILED = "task-failed"
    TASK_READY_TIMEOUT = "task-ready-timeout"
    TASK_COMPLETED_TIMEOUT = "task-completed-timeout"
    INVALID_TASK = "invalid-task"
    INVALID_GRAPH = "invalid-graph"
    INTERNAL_ERROR = "internal-error"


class PipelineError(RunnerError):
    """Why a run did not succeed. Found in `RunResult.error`; `run()` itself never raises it."""

    def __init__(
        self, code: ErrorCode, message: str, task_name: str | None = None, problems: tuple[Problem, ...] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.task_name = task_name
        """Id of the task that failed; None when no single task is to blame."""
        self.problems = problems
        """All definition problems when the code is `invalid-task` or `invalid-graph`; else empty."""

    def __reduce__(self) -> tuple[type["PipelineError"], tuple[object, ...]]:
        """Let results be copied, and sent to other processes."""
        return type(self), (self.code, self.message, self.task_name, self.problems)
