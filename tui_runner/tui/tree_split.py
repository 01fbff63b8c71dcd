"""The tree and the rest, and the edge between them, which can be dragged."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container
from textual.geometry import Offset
from textual.widget import Widget

from tui_runner.tui.settings.settings import Side
from tui_runner.tui.tree_place import STEP, TreePlace


class TreeSplit(Container):
    """Puts the tree beside the rest, or above it; which one it is follows its own size."""

    BLANK = True  # nothing but its children is seen: it paints in a tenth of the time
    DEFAULT_CSS = """
    TreeSplit {
        layout: horizontal;
        height: 1fr;
        #right { width: 1fr; height: 1fr; }
    }
    """

    def __init__(self, tree: Widget, rest: Widget, place: TreePlace, *, id: str) -> None:  # noqa: A002 - the widgets' word
        super().__init__(id=id)
        self._tree = tree
        self._rest = rest
        self._dragging = False
        self.place = place
        """What is wanted of the tree."""

    def compose(self) -> ComposeResult:
        """Put the tree first: that is the order of the focus, wherever it is seen."""
        self._put()
        yield self._tree
        yield self._rest

    @property
    def above(self) -> bool:
        """Tell whether the tree is above the rest."""
        return self.place.above(self.size)

    def resize_tree(self, steps: int) -> None:
        """Make the tree wider (higher, where it is above) or narrower by so many steps, as far as there is room."""
        cells = steps * STEP // (2 if self.above else 1)
        self.put_tree(self.place.with_extent(self.place.extent(self.size) + cells, self.size))

    def turn_tree(self) -> None:
        """Put the tree above the rest, or beside it again."""
        self.put_tree(self.place.turned(self.size))

    def put_tree(self, place: TreePlace) -> None:
        """Put the tree where it is wanted."""
        self.place = place
        self._put()

    @on(events.Resize)
    def _put(self) -> None:
        above, extent = self.above, self.place.extent(self.size)
        self.styles.layout = "vertical" if above else "horizontal"
        tree = self._tree.styles
        tree.width, tree.height = ("1fr", extent) if above else (extent, "1fr")
        # Docked, it stays the first of its siblings.
        tree.dock = "right" if self.place.side is Side.RIGHT and not above else "none"

    # -- dragging -----------------------------------------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the edge."""
        if event.button == 1 and self._is_edge(event.screen_offset):
            self._dragging = True
            self.capture_mouse()
            event.stop()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the edge follow."""
        if self._dragging:
            event.stop()
            self.put_tree(self.place.with_extent(self._extent_to(event.screen_offset), self.size))

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let the edge go."""
        if self._dragging:
            event.stop()
            self._dragging = False
            self.capture_mouse(False)

    def _is_edge(self, at: Offset) -> bool:
        """Tell whether the last column of the tree is there, or the title of a pane right below it."""
        tree = self._tree.region
        if not self._tree.display:
            return False
        if self.above:
            return at.y == tree.bottom
        edge = tree.x if self.place.side is Side.RIGHT else tree.right - 1
        return at.x == edge and tree.y <= at.y < tree.bottom

    def _extent_to(self, at: Offset) -> int:
        region = self.region
        if self.above:
            return at.y - region.y
        return region.right - at.x if self.place.side is Side.RIGHT else at.x - region.x + 1
