"""The command line: one file per verb. `main` is the console script and the one border where errors become words.

Importing it imports nothing heavy; a verb imports what it needs when it runs.
"""

import atexit
import io
import os
import sys
from collections.abc import Sequence

from tui_runner.errors.exit_code import ExitCode

_REPORT = "this is a bug in tui-runner: please report it with the lines above and what you did"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program with these arguments (by default those of the process) and return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    leave = QuickExit() if argv is None else None
    if leave is not None:
        atexit.register(leave)
    _open_standard_files()
    _print_whatever_comes()
    try:
        code = _run(arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output has enough. Python must not try to write the rest when it ends.
        _silence_stdout()
        return ExitCode.OK
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the border: problems are told, bugs are admitted
        return _explain(error)
    if leave is not None:
        leave.code = code
    return code


class QuickExit:
    """Ends the process once all that Python promises has been done, without tidying up memory that goes anyway.

    Registered before anything else, so called last: threads were joined, other handlers have run. Tearing all modules
    down takes longer than `--help`.
    """

    def __init__(self) -> None:
        self.code: int | None = None
        """None leaves the end to Python: it may have to tell of an exception."""

    def __call__(self) -> None:
        """End the process with the code, if there is one."""
        if self.code is None:
            return
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        except OSError:
            return
        os._exit(self.code)


def _run(arguments: list[str]) -> int:
    from tui_runner.cli.parser import parse

    wanted = parse(arguments)
    return wanted if isinstance(wanted, int) else wanted.verb.run(wanted.arguments)


def _explain(error: Exception) -> int:
    from tui_runner.errors.runner_error import DefinitionError

    if isinstance(error, DefinitionError):
        from tui_runner.cli.output import report

        report(error.problems)
        return ExitCode.USAGE
    import traceback

    traceback.print_exception(error)
    print(f"\n{_REPORT}", file=sys.stderr)
    return ExitCode.INTERNAL


def _open_standard_files() -> None:
    """Put /dev/null in the place of standard files that whoever started us has closed.

    Else sockets and locks would get their numbers, and be taken for them.
    """
    for number, (name, mode) in enumerate((("stdin", "r"), ("stdout", "w"), ("stderr", "w"))):
        if getattr(sys, name) is not None:
            continue
        nowhere = os.open(os.devnull, os.O_RDWR)
        if nowhere != number:
            os.dup2(nowhere, number)
            os.close(nowhere)
        os.set_inheritable(number, True)  # else the guardian would start without it
        setattr(sys, name, os.fdopen(number, mode, encoding="utf-8"))


def _print_whatever_comes() -> None:
    """Let what the terminal's encoding does not know become `?`: names and output may hold anything."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors in {"strict", "surrogateescape"}:
            stream.reconfigure(errors="replace")


def _silence_stdout() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
