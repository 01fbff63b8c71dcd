"""How the screen of a workspace was left: kept in a private file outside of it, and brought back the next time.

Of no importance to anything else: a file that cannot be read or written means the usual layout.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from tui_runner.control.places import places_for
from tui_runner.model.task import TaskId
from tui_runner.process.atomic_file import write_atomically
from tui_runner.process.regular_file import open_regular
from tui_runner.tui.command_tables.panes import MAX_PANES
from tui_runner.tui.settings.settings import Arrangement
from tui_runner.tui.together import Together
from tui_runner.tui.tree_place import TreePlace

if TYPE_CHECKING:
    from tui_runner.tui.body import Body

_MOST_BYTES: Final = 1 << 20


class PaneLayout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a pane showed."""

    task: TaskId
    together: tuple[TaskId, ...] = ()
    """Whose logs it showed merged; empty: that of the task alone."""
    everything: bool = False
    """It showed all logs merged."""


class ScreenLayout(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is worth coming back to. Of the tree only what was done by hand: else the settings decide."""

    arrangement: Arrangement | None = None
    tree_width: int | None = None
    tree_height: int | None = None
    tree_hidden: bool = False
    panes: tuple[PaneLayout, ...] = ()
    current: int = 0
    """Which pane was the current one, counted from 0."""


class LayoutMemory:
    """What is known of one workspace: recalled once, kept when the screen is left."""

    def __init__(self, wanted: TreePlace) -> None:
        """`wanted` is where the settings want the tree."""
        self._wanted = wanted
        self._root: Path | None = None
        self._recalled: ScreenLayout | None = None

    def recall(self, root: Path) -> ScreenLayout | None:
        """Return how the screen of this workspace was left; None when that is not known, or was told before."""
        if self._root is not None:
            return None
        self._root = root
        self._recalled = read_layout(root)
        return self._recalled

    def keep(self, body: "Body") -> None:
        """Remember how the screen is, if it was ever brought to this workspace."""
        if self._root is not None and (layout := layout_of(body, self._wanted)) != self._recalled:
            keep_layout(self._root, layout)


def read_layout(root: Path) -> ScreenLayout | None:
    """Return how the screen of this workspace was left; None when nothing usable is known."""
    try:
        descriptor = open_regular(places_for(root).layout, os.O_RDONLY)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(_MOST_BYTES)
        return msgspec.json.decode(data, type=ScreenLayout)
    except (OSError, msgspec.MsgspecError):
        return None


def keep_layout(root: Path, layout: ScreenLayout) -> bool:
    """Remember how the screen of this workspace was left; tell whether that was possible."""
    try:
        write_atomically(places_for(root).layout, msgspec.json.encode(layout), durable=False)
    except OSError:
        return False
    return True


def layout_of(body: "Body", wanted: TreePlace) -> ScreenLayout:
    """Return how the screen is; `wanted` is where the settings want the tree."""
    place = body.place
    panes = [
        PaneLayout(
            task=pane.task_id,
            together=() if pane.together is None or pane.together.everything else pane.together.tasks,
            everything=pane.together is not None and pane.together.everything,
        )
        for pane in body.grid
        if pane.task_id is not None
    ]
    return ScreenLayout(
        arrangement=None if place.layout is wanted.layout else place.layout,
        tree_width=None if place.width == wanted.width else place.width,
        tree_height=None if place.height == wanted.height else place.height,
        tree_hidden=body.tree_hidden,
        panes=tuple(panes),
        current=body.grid.panes.index(body.grid.current),
    )


async def restore(body: "Body", layout: ScreenLayout) -> None:
    """Bring a layout back, as far as its tasks are still there."""
    place = body.place
    body.put_tree(
        msgspec.structs.replace(
            place,
            layout=layout.arrangement or place.layout,
            width=layout.tree_width or place.width,
            height=layout.tree_height or place.height,
        )
    )
    panes = [pane for pane in layout.panes if body.knows(pane.task)][:MAX_PANES]
    for number, wanted in enumerate(panes):
        pane = body.grid.current if number == 0 else await body.grid.split()
        if pane is None:
            break
        body.show(pane, wanted.task)
        body.show_together(pane, _together(body, wanted))
    if panes:
        body.make_current(body.grid.panes[min(max(0, layout.current), len(body.grid.panes) - 1)])
    if layout.tree_hidden and not body.tree_hidden:
        body.toggle_tree()


def _together(body: "Body", pane: PaneLayout) -> Together | None:
    if pane.everything:
        return body.everything()
    tasks = tuple(dict.fromkeys(task for task in pane.together if body.knows(task)))
    return Together(tasks=tasks) if tasks else None
