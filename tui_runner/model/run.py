"""What can be run: a line for the shell, or an argument vector."""

Run = str | tuple[str, ...]
"""A string for `/bin/sh -c`, or an argument vector."""
