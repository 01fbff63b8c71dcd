"""Exceptions of a user's file as the user should see them: own frames only, no values of variables."""

import contextlib
import sys
import traceback
from pathlib import Path
from types import TracebackType

from tui_runner.errors.site import Site

MAX_FRAMES = 12
"""Of a longer chain of calls the first and the last are shown."""
MAX_TEXT = 2000
"""An exception may hold a whole document; so many characters are enough to know it."""

_OURS = str(Path(__file__).resolve().parent.parent)
_INSTALLED = frozenset({"site-packages", "dist-packages"})


def own_frames(error: BaseException) -> list[traceback.FrameSummary]:
    """Return the frames in the user's files, outermost first; none of ours, of Python or of installed packages."""
    return [frame for frame in _frames(error.__traceback__) if _is_own(frame.filename)]


def last_site(error: BaseException, file: Path) -> Site:
    """Return the deepest place in the user's files that the exception came through; else the whole file."""
    if isinstance(error, SyntaxError) and error.filename and _is_own(error.filename):
        return Site(file=error.filename, line=error.lineno or 0)
    frames = own_frames(error)
    return Site(file=frames[-1].filename, line=frames[-1].lineno or 0) if frames else Site(file=str(file), line=0)


def told(error: BaseException, base: Path) -> str:
    """Return the exception, the user's frames it came through, and what it was caused by; paths relative to `base`."""
    lines = [_in_words(error)]
    frames = [f"  {_relative(frame.filename, base)}:{frame.lineno} in {frame.name}" for frame in own_frames(error)]
    if len(frames) > MAX_FRAMES:
        half = MAX_FRAMES // 2
        frames = [*frames[:half], f"  ({len(frames) - 2 * half} more calls)", *frames[-half:]]
    lines += frames
    if error.__cause__ is not None:
        lines.append(f"caused by {_in_words(error.__cause__)}")
    elif error.__context__ is not None and not error.__suppress_context__:
        lines.append(f"while handling {_in_words(error.__context__)}")
    return "\n".join(lines)


def _in_words(error: BaseException) -> str:
    """Return type and message in one piece; a message that itself raises is told as such by `traceback`."""
    if isinstance(error, SystemExit):
        return f"it called sys.exit({error.code!r:.80})"
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg}"
    return "".join(traceback.format_exception_only(type(error), error)).strip()[:MAX_TEXT]


def _frames(trace: TracebackType | None) -> traceback.StackSummary:
    return traceback.StackSummary.extract(traceback.walk_tb(trace), lookup_lines=False, capture_locals=False)


def _is_own(filename: str) -> bool:
    if filename.startswith("<"):
        return False
    import sysconfig  # noqa: PLC0415 - for exceptions only

    path = Path(filename)
    if _INSTALLED.intersection(path.parts) or path.is_relative_to(_OURS):
        return False
    library = {sysconfig.get_path("stdlib"), sysconfig.get_path("platstdlib"), str(Path(contextlib.__file__).parent)}
    return not any(path.is_relative_to(directory) for directory in library)


def _relative(filename: str, base: Path) -> str:
    path = Path(filename)
    return str(path.relative_to(base)) if path.is_relative_to(base) else filename


def how_to_go_on(error: BaseException) -> str:
    """Return what helps when a module is not installed, or an argument is misspelt; empty for other exceptions."""
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"install `{error.name}` for {sys.executable}, or correct the import"
    return _misspelt_argument(error) if isinstance(error, TypeError) else ""


def _misspelt_argument(error: TypeError) -> str:
    """Return the argument that is most like one the function does not take; the user's file knows the function."""
    import inspect  # noqa: PLC0415 - for exceptions only
    import re  # noqa: PLC0415
    from difflib import get_close_matches  # noqa: PLC0415

    refused = re.match(r"(\w+)\(\) got an unexpected keyword argument '(\w+)'", str(error))
    if refused is None:
        return ""
    function, argument = refused.groups()
    known: object = None
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if _is_own(frame.f_code.co_filename):
            known = frame.f_globals.get(function)
    if not inspect.isroutine(known):
        return ""
    close = get_close_matches(argument, inspect.signature(known).parameters, n=1)
    return f"did you mean `{close[0]}`?" if close else ""
