"""A run's result as plain data, for `--format json`. The shape is stable; new keys may be added."""

import msgspec

from tui_runner.model.result import RunResult


def result_document(result: RunResult) -> dict[str, object]:
    """Return `{ok, error, run_id, stats}`; `error` is null or `{code, message, task_name}`."""
    error = result.error
    return {
        "ok": result.ok,
        "error": None
        if error is None
        else {"code": error.code.value, "message": error.message, "task_name": error.task_name},
        "run_id": result.run_id,
        "stats": msgspec.to_builtins(result.stats),
    }
