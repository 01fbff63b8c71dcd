"""What a verb is: a module with `add_arguments` and `run`, found by its name. Must stay cheap to import."""

import argparse
import importlib
from typing import NamedTuple, Protocol, cast


class VerbModule(Protocol):
    """What the module of a verb offers."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add what the verb takes, besides `-C` and `-f`."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Do it and return the exit code."""


class Verb(NamedTuple):
    """A verb of the command line."""

    name: str
    summary: str
    file_flags: tuple[str, ...] = ("-f", "--file")
    """How `-f FILE` is said after this verb."""

    def load(self) -> VerbModule:
        """Import the module of the verb."""
        return cast("VerbModule", importlib.import_module(f"tui_runner.cli.{self.name}"))


GROUPS: tuple[tuple[str, tuple[Verb, ...]], ...] = (
    (
        "Bring up",
        (
            Verb("dev", "bring the system up in a terminal UI; `q` takes it down again"),
            Verb("run", "run tasks to their end, without a terminal: for CI and scripts"),
            Verb("init", "write a pipeline.py to begin with"),
        ),
    ),
    (
        "Definitions",
        (
            Verb("list", "list the tasks"),
            Verb("graph", "show what depends on what"),
            Verb("explain", "tell what a task would do, and why"),
        ),
    ),
    (
        "What runs now",
        (
            Verb("ps", "show the tasks of the running system"),
            Verb("logs", "print the output of tasks; `-f` follows it", file_flags=("--file",)),
            Verb("start", "start a task, and what it needs; one that is not part of the run yet joins it"),
            Verb("stop", "stop a task; what depends on it goes first"),
            Verb("restart", "restart a task; what depends on it stays"),
            Verb("watch", "let changes of watched files wait (`pause`), or go on (`resume`)"),
            Verb("reload", "load pipeline.py again; only what changed is restarted"),
            Verb("attach", "open the terminal UI of the running system"),
            Verb("down", "take the running system down in order"),
        ),
    ),
    (
        "Past runs, and this machine",
        (
            Verb("history", "list past runs"),
            Verb("show", "show how a run went"),
            Verb("cache", "list or remove the results that are kept of tasks"),
            Verb("doctor", "check what this machine offers"),
        ),
    ),
)
"""All verbs, in the order of the help."""

VERBS: dict[str, Verb] = {verb.name: verb for _, verbs in GROUPS for verb in verbs}
