"""Calls the input resolvers of a task. They are a user's code: whatever they do wrong leaves the task without a cache."""

import asyncio
import contextlib
import inspect
import threading
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from tui_runner.caching.store import CacheError
from tui_runner.caching.task_cache import Resolved
from tui_runner.errors.runner_error import RunnerError
from tui_runner.model.cache import CacheSpec, InputResolver, ResolveContext, VirtualInput
from tui_runner.planning.plan import PlannedTask


async def resolve_inputs(task: PlannedTask, spec: CacheSpec, root: str) -> Resolved:
    """Return what all resolvers of a task find. Plain functions run in threads of their own, coroutines on the loop.

    When this is cancelled, nobody waits for a thread any more: it may block for ever, and ends with the process.

    Raises:
        CacheError: one raised, or returned something else than inputs; the message names it.
    """
    files: list[str] = []
    virtual: list[tuple[str, VirtualInput]] = []
    context = ResolveContext(cwd=Path(task.cwd), root=Path(root))
    for resolver in spec.resolvers:
        for item in await _inputs_of(resolver, context):
            match item:
                case VirtualInput():
                    virtual.append((resolver.name, item))
                case str() | Path():
                    files.append(_as_path(str(item)))
                case _:
                    raise CacheError(
                        f"the resolver `{resolver.name}` returned {item!r:.80}: paths and `virtual_input(…)` are inputs"
                    )
    return Resolved(files=tuple(files), virtual=tuple(virtual))


async def _inputs_of(resolver: InputResolver, context: ResolveContext) -> list[object]:
    try:
        answer = await _in_own_thread(lambda: _unrolled(resolver.resolve(context)), resolver.name)
        if inspect.isawaitable(answer):
            answer = _unrolled(await answer)
    except RunnerError as error:
        raise CacheError(f"{resolver.name}: {error}") from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise CacheError(f"the resolver `{resolver.name}` was cancelled") from error
    except (Exception, SystemExit) as error:
        last = traceback.format_exception_only(error)[-1].strip()
        raise CacheError(f"the resolver `{resolver.name}` raised {last}") from error
    if not isinstance(answer, list):
        raise CacheError(f"the resolver `{resolver.name}` returned {answer!r:.80} instead of a list of inputs")
    return answer


def _unrolled(answer: Any) -> Any:
    """Return a list of what was found; what is none, or is still to be awaited, as it is."""
    if inspect.isawaitable(answer) or isinstance(answer, str | bytes) or not isinstance(answer, Iterable):
        return answer
    return list(answer)


def _as_path(text: str) -> str:
    """Return what was found as an input that is not taken for an exclusion."""
    return f"./{text}" if text.startswith("!") else text


async def _in_own_thread(call: Callable[[], object], name: str) -> Any:
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[tuple[object, BaseException | None]] = loop.create_future()

    def tell(answer: object, error: BaseException | None) -> None:
        if not ended.done():
            ended.set_result((answer, error))

    def work() -> None:
        outcome: tuple[object, BaseException | None]
        try:
            outcome = call(), None
        except BaseException as error:  # noqa: BLE001 - raised where it is awaited
            outcome = None, error
        with contextlib.suppress(RuntimeError):  # nobody waits any more, and the loop is closed
            loop.call_soon_threadsafe(tell, *outcome)

    threading.Thread(target=work, name=f"tui-runner resolver {name}", daemon=True).start()
    answer, error = await ended
    if error is not None:
        raise error
    return answer
