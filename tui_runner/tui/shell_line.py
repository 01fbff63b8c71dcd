"""A task as a line for a shell: the same command in the same directory with the variables it declares. Pure."""

import re
import shlex
from collections.abc import Iterable
from typing import Final

from tui_runner.model.details import Variable
from tui_runner.model.view import TaskView

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CUT: Final = "…"


def shell_line(view: TaskView, environment: Iterable[Variable]) -> str:
    """Return a line in parentheses, which leaves the shell it is pasted into as it was.

    Nothing of the command runs where its directory is missing, whatever is in it: `&&` would bind its first part only.
    Secrets are not in it: a variable whose value is not shown has that of the shell, such as `TOKEN="$TOKEN"`.
    """
    exports = " ".join(_export(variable) for variable in environment if _NAME.fullmatch(variable.name))
    steps = [
        f"cd {shlex.quote(view.cwd)} || exit" if view.cwd else "",
        f"export {exports}" if exports else "",
        view.command,
    ]
    # A comment or a text over several lines must not swallow the end.
    end = "\n)" if "\n" in view.command or "#" in view.command else ")"
    return f"({'; '.join(step for step in steps if step)}{end}"


def _export(variable: Variable) -> str:
    if variable.masked or variable.value.endswith(_CUT):
        return f'{variable.name}="${variable.name}"'
    return f"{variable.name}={shlex.quote(variable.value)}"
