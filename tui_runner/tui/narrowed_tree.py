"""How the footer tells that the tree shows only some tasks. Pure."""

from tui_runner.tui.body import Body
from widgets.task_look import Count
from widgets.tone import Tone


def narrowed_tree(body: Body) -> tuple[Count, ...]:
    """Return how many tasks match, and what was typed; nothing while the tree shows all."""
    number, query = body.tree_view.narrowed_to, body.task_query
    if number is None or query is None:
        return ()
    return (Count(glyph="=", number=number, label=f"match {query.shown}", tone=Tone.ACTIVE),)
