"""What we tell in the log of the task, beside what the containers print."""

import sys

SPEAKER = "tui-runner: "
"""Begins every line of ours: compose puts names before the lines of containers, so they cannot be mistaken."""
HEALTHY = "up and healthy"
"""Ends the line that makes the task ready. `model.containers` waits for it."""


def say(text: str) -> None:
    """Print a line at once. A log that cannot be written to is no reason to leave containers behind."""
    try:
        sys.stdout.write(f"{SPEAKER}{text}\n")
        sys.stdout.flush()
    except OSError:
        pass
