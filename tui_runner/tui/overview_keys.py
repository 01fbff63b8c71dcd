"""The keys of overviews, for their help. The manual has the same rows."""

from tui_runner.tui.commands import KeyHelp

LINES = (
    KeyHelp(keys="j k ↑ ↓", text="Go to the next line, or to the one before."),
    KeyHelp(keys="PgUp PgDn", text="Go a page up or down."),
    KeyHelp(keys="g G Home End", text="Go to the first line, or to the last."),
)
TO_TASK = KeyHelp(keys="Enter", text="Go to the task of the line; so does a second click.")
LAYERS = (
    KeyHelp(keys="h j k l ← ↓ ↑ →", text="Go to another task of the layer, or to another layer."),
    KeyHelp(keys="g G", text="Go to the first task of the layer, or to the last."),
    KeyHelp(keys="Enter", text="Go to the task; so does a second click."),
)
TO_RUN = KeyHelp(keys="Enter", text="Show the run; so does a second click.")
FILTER = KeyHelp(keys="f /", text="Show only lines that match; Esc takes the filter away.")
LOOK_AGAIN = KeyHelp(keys="r", text="Look at processes and ports again.")
EVERYWHERE = (
    KeyHelp(keys=": Ctrl-P", text="Find a command by typing; the one that is chosen leaves the overview."),
    KeyHelp(keys="?", text="Show the keys that work here."),
    KeyHelp(keys="Esc q", text="Go back."),
    KeyHelp(keys="Ctrl-C", text="Stop everything in order and leave, as everywhere."),
)
"""What works in every overview."""
