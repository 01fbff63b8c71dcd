"""Signals of the guardian: what it ignores, what children get back, and how it wakes up for its own children."""

# `signal` imports `enum`, which costs 5 ms; the C module below it has the same functions with plain numbers.
import _signal  # type: ignore[import-not-found]  # missing in typeshed
import os

SIGKILL: int = int(_signal.SIGKILL)
SIGCONT: int = int(_signal.SIGCONT)
SIGSTOP: int = int(_signal.SIGSTOP)
SIGTERM: int = int(_signal.SIGTERM)

_IGNORED = ("INT", "TERM", "HUP", "QUIT", "TSTP", "TTIN", "TTOU", "PIPE", "USR1", "USR2", "ALRM")
_NUMBERS = tuple(int(getattr(_signal, f"SIG{name}")) for name in _IGNORED)

RESET: frozenset[int] = frozenset((*_NUMBERS, int(_signal.SIGCHLD), int(_signal.SIGXFSZ)))
"""What children get back as default: everything ignored here, and what Python itself ignores."""


def prepare() -> int:
    """Ignore what must not end the guardian; return a descriptor that becomes readable when a child ends."""
    for number in _NUMBERS:
        _signal.signal(number, _signal.SIG_IGN)
    wake, waker = os.pipe()
    os.set_blocking(wake, False)
    os.set_blocking(waker, False)
    _signal.set_wakeup_fd(waker, warn_on_full_buffer=False)
    # A handler, not SIG_IGN: an ignored SIGCHLD would make the kernel reap and lose exit codes.
    _signal.signal(_signal.SIGCHLD, lambda *_: None)
    return wake


def restore() -> None:
    """Give everything its default again; for a forked child before it executes."""
    for number in RESET:
        _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, ())
