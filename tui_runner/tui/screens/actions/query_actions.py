"""What is done with what a person types into the query bar: about the log of the current pane, or about the tree."""

from textual import on

from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from widgets.log_pane import LogPane
from widgets.query import Query
from widgets.query_bar import QueryBar, QueryKind


class QueryActions(ActingScreen, inherit_bindings=False):
    """Narrowing the tree; typing, keeping and clearing of any query."""

    def action_narrow_tree(self) -> None:
        """Open the bar to narrow the tree to tasks whose names match."""
        if not self.body.tree_view.display:
            self.body.toggle_tree()
        wanted = self.body.task_query
        self.query_bar.open(QueryKind.TASKS, "" if wanted is None else wanted.typed)
        self.mark()

    def _try(self, kind: QueryKind, query: Query | None) -> None:
        if kind is not QueryKind.TASKS:
            self.pane.try_query(kind, query)
            return
        self.body.narrow_tree(query)
        count = self.body.tree_view.narrowed_to
        self.query_bar.set_status("" if count is None else f"{count:,} task{'' if count == 1 else 's'}")

    @on(LogPane.SearchUpdated)
    def _search_updated(self, event: LogPane.SearchUpdated) -> None:
        pane, kind = self.pane, self.query_bar.kind
        if event.pane is pane.log_pane and self.query_bar.display and kind is not QueryKind.TASKS:
            count = pane.log_pane.match_count if kind is QueryKind.SEARCH else pane.log_pane.filter_count
            self.query_bar.set_status("" if count is None else f"{count:,} lines")
        self.mark()

    @on(QueryBar.Changed)
    def _query_changed(self, event: QueryBar.Changed) -> None:
        self._try(event.kind, event.query)
        self.mark()

    @on(QueryBar.Submitted)
    def _query_submitted(self, event: QueryBar.Submitted) -> None:
        if event.kind is QueryKind.TASKS:
            self.body.narrow_tree(event.query)
        else:
            self.pane.keep_query(event.kind, event.query)
        self._close_query(event.kind)

    @on(QueryBar.Closed)
    def _query_closed(self, event: QueryBar.Closed) -> None:
        self._try(event.kind, None)
        self._close_query(event.kind)

    def _close_query(self, kind: QueryKind) -> None:
        self.query_bar.close()
        if kind is QueryKind.TASKS:
            self.body.focus_tree()
        else:
            self.body.focus_log()
        self.mark()
