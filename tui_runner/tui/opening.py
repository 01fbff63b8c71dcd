"""Which program of the user's opens what: files in the editor, web pages, logs in the pager.

Nothing here runs anything, and no shell is involved. What children print never becomes an option of a program: files are
absolute paths of regular files, web pages begin with http.
"""

import shlex
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from widgets.reference import FileReference

_PLUS_LINE = (
    "vi",
    "vim",
    "nvim",
    "view",
    "nano",
    "emacs",
    "emacsclient",
    "micro",
    "kak",
    "joe",
    "mg",
    "ne",
    "jed",
    "gvim",
    "gedit",
)
_GOTO = ("code", "code-insiders", "codium", "cursor", "windsurf")
_COLON = ("hx", "helix", "subl", "zed", "zeditor", "mate", "atom")
_EDITORS = ("nano", "vim", "vi")


def existing_file(reference: FileReference, directories: Iterable[str]) -> Path | None:
    """Return the regular file a reference means, looked for in these directories in turn; None when there is none."""
    for directory in directories:
        try:
            candidate = Path(directory, Path(reference.path).expanduser())
            if candidate.is_absolute() and candidate.is_file():
                return candidate
        except (OSError, ValueError, RuntimeError):
            continue  # no path at all, or the home of nobody
    return None


def editor_command(environ: Mapping[str, str], path: Path, reference: FileReference) -> tuple[str, ...] | None:
    """Return the command that opens a file at a line in $VISUAL or $EDITOR; None when there is no editor."""
    editor = _program(environ.get("VISUAL", "")) or _program(environ.get("EDITOR", ""))
    if editor is None:
        found = next((found for name in _EDITORS if (found := shutil.which(name, path=environ.get("PATH")))), None)
        if found is None:
            return None
        editor = (found,)
    name = Path(editor[0]).name
    line, place = reference.line, f"{path}:{reference.line}:{max(1, reference.column)}"
    if name in _GOTO:
        return (*editor, "--goto", place)
    if name in _COLON:
        return (*editor, place)
    if name in _PLUS_LINE:
        return (*editor, f"+{line}", str(path))
    return (*editor, str(path))


def pager_command(environ: Mapping[str, str], path: str) -> tuple[str, ...] | None:
    """Return the command that pages a file, from $PAGER or `less`; None when there is none."""
    pager = _program(environ.get("PAGER", ""))
    if pager is None:
        found = shutil.which("less", path=environ.get("PATH")) or shutil.which("more", path=environ.get("PATH"))
        if found is None:
            return None
        pager = (found,)
    # With -R, `less` shows colours and nothing else of what it is given; +G begins at the end.
    options = ("-R", "+G") if Path(pager[0]).name == "less" else ()
    return (*pager, *options, path)


def web_command(environ: Mapping[str, str], url: str) -> tuple[str, ...] | None:
    """Return the command that shows a web page outside of the terminal; None when there is none, or no such page."""
    if not url.startswith(("http://", "https://")):
        return None
    names = ("open",) if sys.platform == "darwin" else ("xdg-open", "wslview", "gio")
    for name in names:
        if found := shutil.which(name, path=environ.get("PATH")):
            return (found, "open", url) if name == "gio" else (found, url)
    return None


def _program(line: str) -> tuple[str, ...] | None:
    """Return a command line of the user's as words; None when it is empty or cannot be read."""
    try:
        return tuple(shlex.split(line)) or None
    except ValueError:
        return None
