"""A guardian was killed and another takes its place: what it is told of each task. Starts and ends nothing."""

import os

from tui_runner.executors.attempt import Activation
from tui_runner.model.task import TaskId
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.heritage import UNKNOWN_END
from tui_runner.process.guardian_client import Bequest, GuardianClient, ProcessId, SpawnOrder
from tui_runner.process.guardian_event import SpawnRefused, Started, TaskEvent, TeardownFinished


def hand_over(activation: Activation, guardian: GuardianClient, marker: str) -> list[TaskEvent]:
    """Tell a new guardian how a task stands; what the old one was asked for and has not begun is not among it.

    Returns what the old one did not tell any more: whether it had spawned an attempt, and how a teardown ended.
    """
    order, leader = activation.order, activation.group
    news: list[TaskEvent] = []
    if activation.attempt.handed:
        leader = _find_leader(order.id, marker)
        news.append(_answer(order, leader))
        if leader is None and not activation.spawned:
            return news
    _bequeath(activation, leader, guardian)
    if activation.teardown_begun and activation.teardown_leader is None and not activation.torn_down:
        news.append(TeardownFinished(id=order.id, code=None, message=UNKNOWN_END))
    return news


def _answer(order: SpawnOrder, leader: ProcessId | None) -> TaskEvent:
    if leader is not None:
        return Started(id=order.id, attempt=order.attempt, pid=leader.pid, start=leader.start)
    message = "the guardian process was killed meanwhile"
    return SpawnRefused(id=order.id, attempt=order.attempt, errno=0, stage="exec", message=message)


def _bequeath(activation: Activation, leader: ProcessId | None, guardian: GuardianClient) -> None:
    order = activation.order
    guardian.inherit(
        Bequest(
            id=order.id,
            attempt=order.attempt,
            leader=leader,
            after=order.after,
            cwd=order.cwd,
            env=order.env,
            stop=None if order.stop is None else tuple(order.stop),
            stop_signal=order.stop_signal,
            stop_timeout=order.stop_timeout,
            teardown=None if order.teardown is None else tuple(order.teardown),
            teardown_timeout=order.teardown_timeout,
            teardown_state=activation.teardown_state(),
            teardown_leader=activation.teardown_leader,
            log=order.log,
        ),
        tuple(reader.fd for reader in activation.attempt.readers),
    )


def _find_leader(task: TaskId, marker: str) -> ProcessId | None:
    """Return the leader of a task's newest session, for a spawn that was never answered; None when there is none."""
    found: list[ProcessId] = []
    for pid in process_table.marked(marker):
        try:
            leads = os.getsid(pid) == pid
        except ProcessLookupError:
            continue
        start = process_table.start_of(pid)
        if leads and start is not None and process_table.owner(pid, marker) == task:
            found.append(ProcessId(pid=pid, start=start))
    return max(found, key=lambda process: process.start, default=None)
