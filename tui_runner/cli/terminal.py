"""What this terminal can do."""

import os
import sys


def can_show_screen() -> bool:
    """Tell whether the terminal UI fits: a terminal to read from and to write to, and not one that says it is dumb."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
