"""Notices that the file with the definitions was changed since it was loaded. Looks when it is asked; knows no Textual."""

import os

from tui_runner.model.view import RunView

LOOK_S = 2.0
"""How often it is worth a look."""


class DefinitionNews:
    """Tells of each change once."""

    def __init__(self) -> None:
        self._told_ns = 0

    def look(self, run: RunView | None) -> str:
        """Return the name of the file if it was changed since it was loaded, and that was not told before; else nothing."""
        if run is None or not run.definitions:
            return ""
        try:
            now_ns = os.stat(run.definitions).st_mtime_ns  # noqa: PTH116 - quicker, and done all the time
        except OSError:
            return ""  # an editor may be writing it
        if now_ns in {run.definitions_mtime_ns, self._told_ns}:
            return ""
        self._told_ns = now_ns
        return os.path.basename(run.definitions)  # noqa: PTH119 - the same
