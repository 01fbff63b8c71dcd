"""What is said outside of the screen: the title of the terminal, the words of a notification, and how they are sent.

Pure. Names of tasks and directories are a stranger's: nothing but printable characters gets into a sequence.
"""

import shutil
import sys
from collections.abc import Iterable, Mapping
from html import escape
from pathlib import PurePath
from typing import assert_never

from tui_runner.model.state import Failed
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.settings.settings import Desktop
from tui_runner.tui.tidings import Tidings, is_up
from widgets.task_look import failure_text, short_name

TITLE_CHARACTERS = 80
TEXT_CHARACTERS = 200
_NAMED = 3
_OSC9_TERMINALS = frozenset({"iTerm.app"})
_OSC777_TERMINALS = frozenset({"WezTerm", "ghostty", "WarpTerminal"})
_OSC777_TERMS = ("foot", "rxvt-unicode", "contour", "xterm-ghostty")
_SCRIPT = "on run words\ndisplay notification (item 2 of words) with title (item 1 of words)\nend run"


def run_name(run: RunView) -> str:
    """Return what people call this run: the name of the pipeline, else that of its directory."""
    return run.name or PurePath(run.root).name or run.root


def title_text(run: RunView, views: Iterable[TaskView], *, ascii: bool = False) -> str:  # noqa: A002 - the widgets' word
    """Return the title of the terminal: what failed, else how far it is, and the name of the run."""
    dot = "-" if ascii else "·"
    tasks = [view for view in views if not view.composite]
    failed = [view for view in tasks if isinstance(view.state, Failed)]
    if run.phase is not RunPhase.RUNNING:
        state = "gone" if run.phase is RunPhase.ENDED else "stopping"
    elif failed:
        more = f" +{len(failed) - 1}" if len(failed) > 1 else ""
        state = f"{'x' if ascii else '✗'} {short_name(failed[0].id)}{more}"
    else:
        state = f"{sum(map(is_up, tasks))}/{len(tasks)} up"
    return safe(f"{state} {dot} {run_name(run)}", TITLE_CHARACTERS)


def notice_text(tidings: Tidings) -> str:
    """Return the news in one line, such as `api failed: exit 3; db is up again`."""
    parts = []
    if failed := tidings.failed:
        why = failure_text(failed[0].state.failure) if isinstance(failed[0].state, Failed) else ""
        parts.append(f"{_named(failed)} failed: {why}" if len(failed) == 1 else f"{_named(failed)} failed")
    if recovered := tidings.recovered:
        parts.append(f"{_named(recovered)} {'is' if len(recovered) == 1 else 'are'} up again")
    return safe(", ".join(parts), TEXT_CHARACTERS)


def safe(text: str, most: int) -> str:
    """Return text that can be part of any sequence: printable, no semicolons, not longer than this."""
    clean = "".join(c if c.isprintable() and c != ";" else "?" for c in text)
    return clean if len(clean) <= most else clean[: most - 3] + "..."


def title_sequence(text: str) -> str:
    """Return what sets the title of window and tab."""
    return f"\x1b]0;{text}\x07"


def notice_sequence(desktop: Desktop, title: str, text: str, *, in_tmux: bool) -> str:
    """Return what makes a terminal notify, for the three that are sequences; both texts must be safe. Else nothing."""
    match desktop:
        case Desktop.OSC9:
            sequence = f"\x1b]9;{title}: {text}\x1b\\"
        case Desktop.OSC777:
            sequence = f"\x1b]777;notify;{title};{text}\x1b\\"
        case Desktop.OSC99:
            sequence = f"\x1b]99;i=tui-runner:d=0;{title}\x1b\\\x1b]99;i=tui-runner:p=body;{text}\x1b\\"
        case Desktop.NO | Desktop.AUTO | Desktop.PROGRAM:
            return ""
        case _:
            assert_never(desktop)
    if not in_tmux:
        return sequence
    doubled = sequence.replace("\x1b", "\x1b\x1b")
    return f"\x1bPtmux;{doubled}\x1b\\"  # handed on to the terminal around it, where tmux allows that


def notice_program(environ: Mapping[str, str], title: str, text: str) -> tuple[str, ...] | None:
    """Return the program that notifies, with both texts as arguments; None when there is none for this session."""
    path = environ.get("PATH")
    if sys.platform == "darwin":
        found = shutil.which("osascript", path=path)
        return (found, "-e", _SCRIPT, title, text) if found else None
    if not (environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY")):
        return None
    found = shutil.which("notify-send", path=path)
    # Desktops read markup in the text.
    return (found, "--app-name=tui-runner", "--", title, escape(text)) if found else None


def chosen(desktop: Desktop, environ: Mapping[str, str]) -> Desktop:
    """Return how to notify in this terminal, when that is left to us: a sequence only where it is known to be understood."""
    if desktop is not Desktop.AUTO:
        return desktop
    program, term = environ.get("TERM_PROGRAM", ""), environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith(("screen", "tmux")):
        return Desktop.PROGRAM  # what is around it cannot be known
    if program in _OSC9_TERMINALS:
        return Desktop.OSC9
    if term == "xterm-kitty":
        return Desktop.OSC99
    if program in _OSC777_TERMINALS or term.startswith(_OSC777_TERMS):
        return Desktop.OSC777
    return Desktop.PROGRAM


def _named(views: tuple[TaskView, ...]) -> str:
    names = [short_name(view.id) for view in views]
    if len(names) > _NAMED:
        return f"{', '.join(names[:_NAMED])} and {len(names) - _NAMED} more"
    *rest, last = names
    return f"{', '.join(rest)} and {last}" if rest else last
