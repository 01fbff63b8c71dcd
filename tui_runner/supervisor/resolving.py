"""Calls the input resolvers of a task. They are a user's code: whatever they do wrong leaves the task without a cache."""

import inspect
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tui_runner.caching.store import CacheError
from tui_runner.caching.task_cache import Resolved
from tui_runner.errors.runner_error import RunnerError
from tui_runner.model.cache import CacheSpec, InputResolver, ResolveContext, VirtualInput
from tui_runner.planning.plan import PlannedTask

_Answer = TypeVar("_Answer")


class InThread(Protocol):
    """Runs a call in a worker thread."""

    async def __call__(self, call: Callable[[], _Answer]) -> _Answer:
        """Return what the call returns."""


async def resolve_inputs(task: PlannedTask, spec: CacheSpec, root: str, in_thread: InThread) -> Resolved:
    """Return what all resolvers of a task find. Plain functions run in a thread, coroutines on the loop.

    Raises:
        CacheError: one raised, or returned something else than inputs; the message names it.
    """
    files: list[str] = []
    virtual: list[tuple[str, VirtualInput]] = []
    context = ResolveContext(cwd=Path(task.cwd), root=Path(root))
    for resolver in spec.resolvers:
        for item in await _inputs_of(resolver, context, in_thread):
            match item:
                case VirtualInput():
                    virtual.append((resolver.name, item))
                case str() | Path():
                    files.append(str(item))
                case _:
                    raise CacheError(
                        f"the resolver `{resolver.name}` returned {item!r:.80}: paths and `virtual_input(…)` are inputs"
                    )
    return Resolved(files=tuple(files), virtual=tuple(virtual))


async def _inputs_of(resolver: InputResolver, context: ResolveContext, in_thread: InThread) -> list[object]:
    try:
        answer: Any = await in_thread(lambda: resolver.resolve(context))
        if inspect.isawaitable(answer):
            answer = await answer
        found = None if isinstance(answer, str | bytes) or not isinstance(answer, Iterable) else list(answer)
    except RunnerError as error:
        raise CacheError(f"{resolver.name}: {error}") from error
    except Exception as error:
        last = traceback.format_exception_only(error)[-1].strip()
        raise CacheError(f"the resolver `{resolver.name}` raised {last}") from error
    if found is None:
        raise CacheError(f"the resolver `{resolver.name}` returned {answer!r:.80} instead of a list of inputs")
    return found
