"""A guardian was killed and another takes its place: what it is told of each task. Starts and ends nothing."""

import os
from typing import assert_never

from tui_runner.executors.attempt import Activation, Request
from tui_runner.model.task import TaskId
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian_client import Bequest, GuardianClient, ProcessId, SpawnOrder
from tui_runner.process.guardian_event import SpawnRefused, Started, TaskEvent


def hand_over(activation: Activation, guardian: GuardianClient, marker: str) -> list[TaskEvent]:
    """Tell a new guardian how a task stands and what it was asked for, except a teardown that was not begun.

    Returns what the old one did not tell any more: whether it had spawned an attempt.
    """
    order, leader = activation.order, activation.leader
    news: list[TaskEvent] = []
    if activation.attempt.handed:
        leader = _find_leader(order.id, marker)
        news.append(_answer(order, leader))
        if leader is None and not activation.spawned:
            return news
    _bequeath(activation, leader, guardian)
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
        )
    )
    for request in activation.asked:
        match request:
            case Request.STOP:
                guardian.stop(order.id)
            case Request.KILL:
                guardian.kill(order.id)
            case Request.CLOSE:
                guardian.close(order.id)
            case _:
                assert_never(request)


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
