"""How the footer tells that logs cannot be written. Pure."""

from tui_runner.tui.session import RunSession
from widgets.task_look import Count
from widgets.tone import Tone


def disk_trouble(session: RunSession) -> tuple[Count, ...]:
    """Return what is wrong with the disk, in few words; nothing while all is well. `RunView.trouble` says it in full."""
    if session.run is None or not session.run.trouble:
        return ()
    return (Count(glyph="!", number=None, label="disk full: logs are not written", tone=Tone.FAILED),)
