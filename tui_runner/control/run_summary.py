"""How a run went, in a few lines for people and as an exit code. Pure."""

from tui_runner.errors.exit_code import ExitCode
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.result import RunResult, Summary, TaskStats

MAX_FAILURES = 8


def exit_code_of(result: RunResult) -> ExitCode:
    """Return the exit code for a run that a person watched: being stopped is fine, a failed task is not."""
    if result.error is not None and result.error.code is ErrorCode.INTERNAL_ERROR:
        return ExitCode.INTERNAL
    if result.stats.summary.failed:
        return ExitCode.TASK_FAILED
    if result.ok or (result.error is not None and result.error.code is ErrorCode.ABORTED):
        return ExitCode.OK
    return ExitCode.TASK_FAILED


def summarize(result: RunResult) -> str:
    """Return what failed and how many tasks did what; no line ends with a full stop or a newline."""
    failed = [task for task in _leaves(result.stats.tasks) if task.status == "failed"]
    lines = [f"`{task.id}` failed: {task.error or 'for an unknown reason'}" for task in failed[:MAX_FAILURES]]
    if len(failed) > MAX_FAILURES:
        lines.append(f"and {len(failed) - MAX_FAILURES} more failed")
    if result.error is not None and result.error.code is ErrorCode.INTERNAL_ERROR:
        lines.append(f"internal error: {result.error.message}")
    lines += _teardowns(_leaves(result.stats.tasks))
    cached = sum(task.cache is not None and task.cache.hit for task in _leaves(result.stats.tasks))
    lines.append(_counts(result.stats.summary, cached))
    return "\n".join(lines)


def _teardowns(tasks: list[TaskStats]) -> list[str]:
    """Return which teardowns failed, and which may have left something behind because nobody waited for them."""
    ends = [(task.id, task.teardown) for task in tasks if task.teardown is not None]
    lines = [f"the teardown of `{task}` failed: {end.error}" for task, end in ends if end.status == "failed"]
    given_up = [f"`{task}`" for task, end in ends if end.given_up]
    more = len(given_up) - MAX_FAILURES
    named = ", ".join(given_up[:MAX_FAILURES]) + (f" and {more} more" if more > 0 else "")
    if len(given_up) > 1:
        lines.append(f"the teardowns of {named} were given up: what they clean up may be left behind")
    elif given_up:
        lines.append(f"the teardown of {named} was given up: what it cleans up may be left behind")
    return lines


def _leaves(tasks: tuple[TaskStats, ...]) -> list[TaskStats]:
    leaves: list[TaskStats] = []
    for task in tasks:
        leaves += _leaves(task.subtasks) if task.subtasks else [task]
    return leaves


def _counts(summary: Summary, cached: int) -> str:
    words = ("completed", "failed", "skipped", "aborted", "pending")
    counts = [f"{getattr(summary, word)} {word}" for word in words if getattr(summary, word)]
    if cached:
        counts.append(f"{cached} of them cached")
    return f"{summary.total} {'task' if summary.total == 1 else 'tasks'}" + (f": {', '.join(counts)}" if counts else "")
