"""What a task has made: taken into the store after a run, brought back on a hit."""

from tui_runner.caching.output_set import OutputSet, Restored, Snapshot
from tui_runner.caching.restore import restore
from tui_runner.caching.snapshot import take_snapshot

__all__ = ["OutputSet", "Restored", "Snapshot", "restore", "take_snapshot"]
