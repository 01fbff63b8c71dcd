"""Reads the command line: first what is common to all verbs, then what the verb itself takes.

Two steps, so that only the module of the wanted verb is imported, and none for `--help`.
"""

import argparse
import os
from typing import NamedTuple

from tui_runner.cli.verb import GROUPS, VERBS, VerbModule
from tui_runner.errors.exit_code import ExitCode

argparse._ = str  # type: ignore[attr-defined] # it would look for a translation of each of its words on the disk, in vain
_PROGRAM = "tui-runner"
_DIRECTORY_HELP = "look for pipeline.py from this directory on"
_FILE_HELP = "use this file instead of looking for pipeline.py"


class Wanted(NamedTuple):
    """A verb and what was said to it."""

    verb: VerbModule
    arguments: argparse.Namespace


def parse(argv: list[str]) -> Wanted | int:
    """Return what is wanted, or the exit code when that has been answered already: help, version, usage errors."""
    try:
        first = _common_parser().parse_args(argv)
        if first.version:
            return _print_version()
        if first.verb is None:
            print(_help(), end="")
            return ExitCode.OK if first.help else ExitCode.USAGE
        if first.verb not in VERBS:
            return _unknown(first.verb)
        rest = ["--help", *first.rest] if first.help else first.rest
        if first.format is not None:
            rest = ["--format", first.format, *rest]
        return _parse_verb(first, rest)
    except SystemExit as answered:  # argparse prints help and usage errors, and leaves
        return answered.code if isinstance(answered.code, int) else ExitCode.USAGE


def _common_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=_PROGRAM, formatter_class=_help_formatter, add_help=False, usage=f"{_PROGRAM} [options] VERB …"
    )
    parser.add_argument("-C", dest="directory", metavar="DIR")
    parser.add_argument("-f", "--file", metavar="FILE")
    parser.add_argument("--format")
    parser.add_argument("--version", action="store_true")
    parser.add_argument("-h", "--help", action="store_true")
    parser.add_argument("verb", nargs="?")
    parser.add_argument("rest", nargs=argparse.REMAINDER)
    return parser


def _parse_verb(first: argparse.Namespace, rest: list[str]) -> Wanted:
    verb = VERBS[first.verb]
    module = verb.load()
    parser = argparse.ArgumentParser(
        prog=f"{_PROGRAM} {verb.name}", formatter_class=_help_formatter, description=f"{_sentence(verb.summary)}."
    )
    module.add_arguments(parser)
    # What was said before the verb holds unless it is said again.
    parser.add_argument("-C", dest="directory", metavar="DIR", default=first.directory, help=_DIRECTORY_HELP)
    parser.add_argument(*verb.file_flags, dest="file", metavar="FILE", default=first.file, help=_FILE_HELP)
    return Wanted(module, parser.parse_args(rest))


def _help_formatter(prog: str) -> argparse.HelpFormatter:
    """Give argparse the width: it makes a formatter for every argument and imports `shutil` to find the width itself."""
    try:
        columns = int(os.environ.get("COLUMNS") or os.get_terminal_size().columns)
    except (ValueError, OSError):
        columns = 80
    return argparse.HelpFormatter(prog, width=columns - 2)


def _help() -> str:
    width = max(len(name) for name in VERBS)
    lines = [
        f"usage: {_PROGRAM} [-C DIR] [-f FILE] [--format FORMAT] VERB …",
        "",
        "One command brings the whole system up, and takes it down so cleanly that nothing is left behind.",
    ]
    for title, verbs in GROUPS:
        lines += ["", f"{title}:"]
        lines += [f"  {verb.name:<{width}}  {verb.summary}" for verb in verbs]
    lines += [
        "",
        "Options, before the verb:",
        f"  -C DIR           {_DIRECTORY_HELP}",
        f"  -f FILE          {_FILE_HELP}",
        "  --format FORMAT  text or json, for verbs that print data",
        "  --version        print the version",
        "  -h, --help       show this, or with a verb what it takes",
    ]
    return "\n".join(lines) + "\n"


def _print_version() -> int:
    from tui_runner.version import VERSION

    print(f"{_PROGRAM} {VERSION}")
    return ExitCode.OK


def _unknown(name: str) -> int:
    from tui_runner.cli.output import report
    from tui_runner.errors.problem import Problem, ProblemKind
    from tui_runner.planning.nearest import either, nearest

    near = nearest(name, VERBS)
    report((
        Problem(
            kind=ProblemKind.USAGE,
            message=f"there is no verb `{name}`",
            help=f"did you mean {either(near)}?" if near else f"`{_PROGRAM} --help` lists them",
        ),
    ))  # fmt: skip
    return ExitCode.USAGE


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
