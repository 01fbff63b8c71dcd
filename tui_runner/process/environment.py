"""The environment of a task, as changes to the process environment the guardian was given once. Pure."""

import os
from collections.abc import Mapping
from typing import Final

Delta = dict[str, str | None]
"""Changes to an environment; None removes a variable."""

_COLOR: Final = {
    "FORCE_COLOR": "1",
    "CLICOLOR_FORCE": "1",
    "PY_COLORS": "1",
    "CARGO_TERM_COLOR": "always",
    "npm_config_color": "always",
}
_TERM: Final = "xterm-256color"
_OF_THE_TERMINAL: Final = (
    "LINES",
    "COLUMNS",
    "TERMCAP",
    "TERMINFO",
    "TERM_PROGRAM",
    "TERM_PROGRAM_VERSION",
    "TERM_SESSION_ID",
    "TMUX",
    "TMUX_PANE",
    "STY",
    "VTE_VERSION",
    "KITTY_WINDOW_ID",
    "WT_SESSION",
    "GHOSTTY_RESOURCES_DIR",
)
"""Its size, what it can do, and which program draws it."""
_TOOL_DIRECTORIES: Final = ("node_modules/.bin", ".venv/bin")
_DEFAULT_PATH: Final = "/usr/local/bin:/usr/bin:/bin"


def changes(
    base: Mapping[str, str],
    declared: Mapping[str, str],
    *,
    cwd: str,
    root: str,
    color: bool,
    tty: bool,
    interactive: bool = False,
) -> Delta:
    """Return what differs from `base` for a task.

    `declared` is what the user set, already merged by precedence; it wins over everything here. PATH gets the task's
    and the workspace's tool directories first, unless `declared` sets it. With `color`, tools that print to pipes are
    asked for colour, unless somebody set NO_COLOR. A terminal gets a TERM if there is none. With `interactive` it is one
    of our own, and what the environment says of the terminal we were started in is not true of it.
    """
    delta: Delta = dict(declared)
    if "PATH" not in declared:
        delta["PATH"] = tool_path(base.get("PATH", _DEFAULT_PATH), cwd, root)
    _default(delta, base, "PYTHONUNBUFFERED", "1")
    if tty and interactive:
        for name in _OF_THE_TERMINAL:
            delta.setdefault(name, None)
        delta.setdefault("TERM", _TERM)
    elif tty:
        if declared.get("TERM") is None and base.get("TERM", "dumb") == "dumb":
            delta["TERM"] = _TERM
    elif color and not (declared.get("NO_COLOR") or (base.get("NO_COLOR") and "NO_COLOR" not in declared)):
        for name, value in _COLOR.items():
            _default(delta, base, name, value)
    return delta


def tool_path(path: str, cwd: str, root: str) -> str:
    """Return PATH with the tool directories of the task and of the workspace first."""
    places = (cwd,) if cwd == root else (cwd, root)
    first = [f"{place.rstrip('/')}/{directory}" for place in places for directory in _TOOL_DIRECTORIES]
    return os.pathsep.join([*first, path] if path else first)


def path_of(base: Mapping[str, str], delta: Delta) -> str:
    """Return the PATH a child will have."""
    return delta.get("PATH") or base.get("PATH", _DEFAULT_PATH)


def _default(delta: Delta, base: Mapping[str, str], name: str, value: str) -> None:
    if name not in delta and name not in base:
        delta[name] = value
