"""The graph of the run in layers, with the critical path of its start-up."""

from math import floor

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from tui_runner.model.task import TaskId
from tui_runner.tui.overview_keys import LAYERS
from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.session import RunSession
from widgets.ansi import safe_text
from widgets.layer_graph import LayerGraph, Node
from widgets.layers import layers_of
from widgets.needs import Needs, dependents_of, needs_of
from widgets.startup import start_up
from widgets.task_look import look


class GraphScreen(Overview):
    """Columns of tasks, and below them in words what the one under the cursor needs and who needs it."""

    AUTO_FOCUS = "LayerGraph"
    DEFAULT_CSS = """
    GraphScreen {
        LayerGraph { height: 1fr; }
        .graph-relations { height: 2; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: clip; }
    }
    """
    HINTS = (("Enter", "go to task"), ("h j k l", "move"), ("?", "help"), ("Esc", "back"))
    NAME = "Map of the graph"
    KEYS = LAYERS

    def __init__(self, session: RunSession, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__(session, ascii=ascii)
        self.graph = LayerGraph(ascii=ascii)
        self._relations = Static("", classes="graph-relations", markup=False)
        self._needs: Needs = {}
        self._layers: tuple[tuple[TaskId, ...], ...] = ()

    def compose(self) -> ComposeResult:
        """Put the graph above what it says about one task."""
        yield self.title_line
        yield self.graph
        yield self._relations
        yield self.status

    def headline(self, now: float) -> Content:  # noqa: ARG002 - others tell a time
        """Count tasks and layers."""
        count, sign = len(self._needs), "*" if self.ascii else "◆"
        return Content(
            f"{count} task{'' if count == 1 else 's'} in {len(self._layers)} layers, {sign} critical path of the start-up"
        )

    def fill(self, now: float) -> None:
        """Bring the graph up to date; it is laid out anew only when it is another one."""
        views, run = self.session.tasks, self.session.run
        needs = needs_of(views)
        if needs != self._needs:
            self._needs, self._layers = needs, layers_of(needs)
        critical = frozenset(start_up(views, run.started_at, now).critical) if run is not None else frozenset()
        nodes = {}
        for task in needs:
            seen = look(views[task], floor(now), self.ascii)
            nodes[task] = Node(safe_text(task), seen.glyph, seen.tone, seen.brief, task in critical)
        self.graph.set_graph(self._layers, needs, nodes)
        if self.begin_at:
            self.graph.move_to(self.begin_at)
            self.begin_at = ""
        self._tell_relations()

    def moves(self) -> bool:
        """Tell whether a time in it grows."""
        now = self.session.clock()
        return any((look(view, now).changes_in or 60.0) <= 1.0 for view in self.session.tasks.values())

    @on(LayerGraph.Moved)
    def _tell_relations(self) -> None:
        task = self.graph.cursor_task
        if task is None:
            return
        needs, dependents = self._needs.get(task, ()), dependents_of(self._needs).get(task, ())
        name = (safe_text(task), "bold")
        self._relations.update(
            Content("\n").join(
                [
                    Content.assemble(name, (" needs ", "$text-muted"), _named(needs)),
                    Content.assemble(name, (" is needed by ", "$text-muted"), _named(dependents)),
                ]
            ),
            layout=False,
        )

    @on(LayerGraph.Chosen)
    def _task_chosen(self, event: LayerGraph.Chosen) -> None:
        _ = self.dismiss(event.task_id)


def _named(tasks: tuple[TaskId, ...]) -> str:
    return ", ".join(safe_text(task) for task in tasks) or "nothing"
