"""How the footer tells that changes of watched files wait. Pure."""

from tui_runner.model.view import FileWatch
from tui_runner.tui.session import RunSession
from widgets.task_look import Count
from widgets.tone import Tone


def paused_watch(session: RunSession, key: str) -> tuple[Count, ...]:
    """Return what is said while watching is paused, with the key that ends it; nothing while files are watched."""
    if session.file_watch is not FileWatch.PAUSED:
        return ()
    label = f"watch paused ({key})" if key else "watch paused"
    return (Count(glyph="||", number=None, label=label, tone=Tone.ACTIVE),)
