"""A task that is asked whether it is ready and is not for long: once per attempt, what its probe sees instead.

A wrong port in a definition would else be waited for in silence.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from tui_runner.model.probe import Asking, Http, Probe, Tcp, leaves_of
from tui_runner.model.task import TaskId

PATIENCE_S: Final = 15.0
"""So long a task may come up before it is remarked upon."""


class Lateness:
    """Waits for the tasks that are asked. Must be closed."""

    def __init__(
        self,
        note: Callable[[TaskId, str], None],
        leader_of: Callable[[TaskId], int | None],
        *,
        patience_s: float = PATIENCE_S,
    ) -> None:
        """`note` puts a line of ours into the log of a task, `leader_of` tells the process of its running attempt."""
        self._note = note
        self._leader_of = leader_of
        self._patience_s = patience_s
        self._watches: dict[TaskId, asyncio.Task[None]] = {}
        self._ended: set[asyncio.Task[None]] = set()

    def begin(self, task: TaskId, probe: Probe, seen: Callable[[], str]) -> None:
        """Wait for an attempt; `seen` tells what its probe saw last. Of lines that are not printed nothing is known."""
        self.end(task)
        if any(isinstance(leaf, Asking) for leaf in leaves_of(probe)):
            watch = asyncio.get_running_loop().create_task(self._remark(task, probe, seen), name="late readiness")
            self._watches[task] = watch

    def end(self, task: TaskId) -> None:
        """Wait no more: it is ready, or it does not matter any more."""
        watch = self._watches.pop(task, None)
        if watch is not None and not watch.done():
            watch.cancel()
            self._ended.add(watch)
            watch.add_done_callback(self._ended.discard)

    async def close(self) -> None:
        """Wait for none, until nothing is left."""
        for task in list(self._watches):
            self.end(task)
        if self._ended:
            await asyncio.wait(self._ended)

    async def _remark(self, task: TaskId, probe: Probe, seen: Callable[[], str]) -> None:
        await asyncio.sleep(self._patience_s)
        wanted = {_port(leaf) for leaf in leaves_of(probe) if isinstance(leaf, Tcp | Http)}
        ports = await self._ports(task) if wanted else []
        elsewhere = "" if not ports or wanted & set(ports) else f"; it listens on port {', '.join(map(str, ports))}"
        told = seen()
        if told:
            self._note(task, f"not ready for {self._patience_s:g} s: {told}{elsewhere}")

    async def _ports(self, task: TaskId) -> list[int]:
        from tui_runner.process.task_processes import look_at  # noqa: PLC0415 - psutil is for those who are late

        leader = self._leader_of(task)
        if leader is None:
            return []
        try:
            _, listening = await asyncio.to_thread(look_at, leader)
        except OSError:
            return []  # a hint is not worth more
        return sorted({one.port for one in listening})


def _port(probe: Tcp | Http) -> int | None:
    from tui_runner.probes.endpoint import endpoint_of  # noqa: PLC0415 - loaded when something has a probe

    endpoint = endpoint_of(probe)
    return None if endpoint is None else endpoint.port
