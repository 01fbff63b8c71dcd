"""What the commands that open overviews do."""

from functools import partial
from typing import TYPE_CHECKING

from textual import events

from tui_runner.model.task import TaskId
from tui_runner.tui.screens.actions.acting_screen import ActingScreen

if TYPE_CHECKING:
    from tui_runner.tui.screens.overview import Overview


class OverviewActions(ActingScreen, inherit_bindings=False):
    """Details, and more of the run than fits beside the logs."""

    def action_details(self) -> None:
        """Show the details of the selected task."""
        from tui_runner.tui.screens.details import DetailsScreen  # noqa: PLC0415 - the first picture does not wait

        if (task := self.task_id) is not None:
            ask = partial(self.host.ask, "details")
            self._open_overview(
                DetailsScreen(self.session, task, lambda name, answer: ask(name, answer=answer), ascii=self.ascii)
            )

    def action_timeline(self) -> None:
        """Show how the run came up."""
        from tui_runner.tui.screens.timeline import TimelineScreen  # noqa: PLC0415 - the first picture does not wait

        self._open_overview(TimelineScreen(self.session, ascii=self.ascii), self.task_id)

    def action_events(self) -> None:
        """Show what happened."""
        from tui_runner.tui.screens.events import EventsScreen  # noqa: PLC0415 - the first picture does not wait

        self._open_overview(EventsScreen(self.session, ascii=self.ascii))

    def action_graph(self) -> None:
        """Show the graph in layers."""
        from tui_runner.tui.screens.graph import GraphScreen  # noqa: PLC0415 - the first picture does not wait

        self._open_overview(GraphScreen(self.session, ascii=self.ascii), self.task_id)

    def action_runs(self) -> None:
        """Show past runs."""
        from tui_runner.tui.screens.runs import RunsScreen  # noqa: PLC0415 - records are for those who ask

        self._open_overview(RunsScreen(self.session, ascii=self.ascii))

    def leave_overviews(self) -> None:
        """Uncover this screen: something is to be seen on it."""
        if self.overview is None:
            return
        from tui_runner.tui.screens.overview import Overview  # noqa: PLC0415 - it is loaded when one is open

        self.overview = None
        while isinstance(self.app.screen, Overview):
            _ = self.app.pop_screen()
        covered = [screen for screen in self.app.screen_stack if isinstance(screen, Overview)]
        for overview in covered:
            # Whoever has opened a dialog over it goes on typing there. There is no public way to leave one in between.
            self.app._screen_stack.remove(overview)  # noqa: SLF001
            _ = overview.remove()
        if covered:
            _ = self.post_message(events.ScreenResume())  # it is seen again, below a dialog
        self.mark()

    def _open_overview(self, overview: "Overview", task: TaskId | None = None) -> None:
        """Cover this screen; the cursor is put on the line of a task, if it has one."""
        self.overview = overview
        overview.begin_at = task or ""
        _ = self.app.push_screen(overview, self._overview_left)

    def _overview_left(self, task: TaskId | None) -> None:
        self.overview = None
        if task is not None:
            self.body.tree_view.move_to(task)
        self.mark()
