"""What can go wrong with containers, told to the person who reads the task's log."""

UNAVAILABLE = 69
"""Exit code (EX_UNAVAILABLE of sysexits.h): there is no engine that could run containers here."""


class ContainerError(Exception):
    """Something about containers did not work; the message is for people."""


class NoEngineError(ContainerError):
    """There is no container engine here, or it does not answer."""
