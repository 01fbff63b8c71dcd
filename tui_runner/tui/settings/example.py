"""The settings file of somebody who has none yet: everything there is, in comments."""

import os
from pathlib import Path
from typing import Final

EXAMPLE: Final = """\
# Settings of the screen of tui-runner. What is in comments is the default.
# `tui-runner doctor` checks this file; docs/guide/settings.md describes it.

[keys]
# Ids of commands, and a key or a list of keys for each; [] takes its keys away.
# restart = "r"
# quit = ["q", "ctrl+q"]

[theme]
# auto, dark, light, high-contrast, high-contrast-light, or ansi: the sixteen colors of the terminal
# name = "auto"

[theme.colors]
# primary, secondary, accent, foreground, background, surface, panel, success, warning, error
# success = "#7fb88a"

[screen]
# ascii = "auto"        # yes: signs of ASCII only; auto: where the encoding is not UTF-8
# mouse = true          # false leaves the mouse to the terminal
# layout = "auto"       # beside: the tree beside the logs; above: above them; auto: above when narrow
# tree_side = "left"    # or right
# tree_width = "auto"   # cells; auto: a fifth of the terminal, 34 to 60
# tree_height = "auto"  # rows, when it is above the logs; auto: a third of the terminal, 8 at most
# remember = true       # come back to a workspace as it was left

[notify]
# bell = true           # when a task fails or is well again while you look elsewhere
# desktop = "no"        # auto, notify-send, or an escape sequence of your terminal: osc9, osc777, osc99
# on_failure = true
# on_recovery = true
# title = true          # the state of the run in the title of the terminal
"""


def make_example(path: Path) -> None:
    """Write the example unless there is a file already.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(EXAMPLE)
