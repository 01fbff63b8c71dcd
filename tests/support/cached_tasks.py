"""Cached tasks for tests, and what the cache said of them."""

from pathlib import Path
from typing import Any

from rig import stats_of

from tui_runner import RunResult, Task, cache, command, task
from tui_runner.model.result import CacheStats

BUILD = "echo built >> ran; mkdir -p dist; cat src/* > dist/all; echo made it"


def builds(
    name: str = "build", run: str = BUILD, *, inputs: Any = "src", outputs: Any = "dist", **options: Any
) -> Task:
    """A task that makes `dist` of `src`, cached; `options` are those of `cache` and `command`."""
    given = {key: options.pop(key) for key in ("ttl", "key") if key in options}
    spec = cache(inputs=inputs, outputs=outputs, **given)
    return task(name, run=command(run, cache=spec, **options))


def cached(result: RunResult, name: str = "build") -> CacheStats:
    """Return what the cache said of a task."""
    said = stats_of(result, name).cache
    assert said is not None
    return said


def log_of(result: RunResult, name: str = "build") -> str:
    """Return the log of a task."""
    return Path(stats_of(result, name).log_file or "").read_text()
