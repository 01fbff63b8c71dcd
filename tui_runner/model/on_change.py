"""What becomes of a task when files that it watches change. Data and its parser."""

import signal
from typing import Final

import msgspec

from tui_runner.model.signal_name import parse_signal


class RestartOnChange(msgspec.Struct, frozen=True, kw_only=True, tag="restart"):
    """Stop it and start it anew."""


class SignalOnChange(msgspec.Struct, frozen=True, kw_only=True, tag="signal"):
    """Let it run and send a signal to its process group."""

    number: int


class RunOnChange(msgspec.Struct, frozen=True, kw_only=True, tag="run"):
    """Let it finish what it does, then run it again."""


OnChange = RestartOnChange | SignalOnChange | RunOnChange
"""Everything `watch(on_change=…)` can mean."""

_SIGNAL: Final = "signal:"
_UNFIT: Final = frozenset({int(signal.SIGKILL), int(signal.SIGSTOP)})
"""No task can handle these."""


def parse_on_change(text: str) -> OnChange:
    """Return what `restart`, `run`, or `signal:HUP` means; any signal that a task can handle will do.

    Raises:
        ValueError: it is none of these.
    """
    if text == "restart":
        return RestartOnChange()
    if text == "run":
        return RunOnChange()
    if not isinstance(text, str) or not text.startswith(_SIGNAL):
        raise ValueError(f'on_change must be "restart", "run" or a signal such as "signal:HUP", not {text!r}')
    number = parse_signal(text.removeprefix(_SIGNAL))
    if number in _UNFIT:
        raise ValueError(f'no task can handle {signal.Signals(number).name}; on_change="restart" starts it anew')
    return SignalOnChange(number=number)


def on_change_words(action: OnChange) -> str:
    """Return what is done, as in `and restarts`; nothing for a restart, which goes without saying."""
    match action:
        case RestartOnChange():
            return ""
        case SignalOnChange(number=number):
            return f"sends {signal.Signals(number).name}"
        case RunOnChange():
            return "runs again when it has finished"
