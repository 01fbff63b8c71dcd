"""Signals as people write them: `SIGHUP`, `HUP`, `1`. Pure."""

import signal


def parse_signal(value: str | int) -> int:
    """Return the signal's number for a name such as `SIGTERM`, `TERM`, or a number.

    Raises:
        ValueError: there is no such signal here.
    """
    try:
        if isinstance(value, int) and not isinstance(value, bool):
            return int(signal.Signals(value))
        name = value.upper() if isinstance(value, str) else ""
        return int(signal.Signals[name if name.startswith("SIG") else f"SIG{name}"])
    except (KeyError, ValueError):
        raise ValueError(f"`{value}` is not a signal of this system") from None
