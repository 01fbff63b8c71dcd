"""What a run keeps to itself: the secrets of its tasks, and states without them."""

from typing import assert_never

import msgspec

from tui_runner.model.secret import Secret
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    Starting,
    Stopping,
    TaskState,
)
from tui_runner.planning.plan import Plan
from tui_runner.process.redaction import Redaction, spellings
from tui_runner.scheduling.effect import StateChanged


def redaction_of(plan: Plan) -> Redaction:
    """Return what hides the secrets in the variables of all planned tasks, wherever they turn up."""
    return Redaction(_spellings_in(plan))


def learn_secrets(redaction: Redaction, plan: Plan) -> None:
    """Hide the secrets of another plan too."""
    redaction.learn(_spellings_in(plan))


def _spellings_in(plan: Plan) -> tuple[bytes, ...]:
    return spellings(
        {value for task in plan.tasks.values() for value in task.env.values() if isinstance(value, Secret)}
    )


def without_secrets(state: TaskState, redaction: Redaction) -> TaskState:
    """Return the state as it may be shown and kept."""
    if not redaction:
        return state
    match state:
        case Failed(failure=failure):
            return msgspec.structs.replace(state, failure=_shown(failure, redaction))
        case Backoff(failure=failure) | Stopping(failure=failure):
            if failure is None:
                return state
            return msgspec.structs.replace(state, failure=_shown(failure, redaction))
        case Pending() | Queued() | Starting() | Running() | Ready() | Completed() | Aborted() | Skipped():
            return state
        case _:
            assert_never(state)


def shown(effect: StateChanged, redaction: Redaction) -> StateChanged:
    """Return the news of a state as it may be told."""
    return msgspec.structs.replace(effect, state=without_secrets(effect.state, redaction)) if redaction else effect


def _shown(failure: Failure, redaction: Redaction) -> Failure:
    return msgspec.structs.replace(failure, message=redaction.text(failure.message))
