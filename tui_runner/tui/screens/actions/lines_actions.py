"""What the commands do that go to lines of a log or select them."""

from functools import partial

from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from widgets.line_filter import ErrorFilter
from widgets.moment import moment
from widgets.prompt_bar import PromptBar


class LinesActions(ActingScreen, inherit_bindings=False):
    """Errors, starts, times, marks, selecting."""

    prompt: PromptBar

    def action_previous_error(self) -> None:
        """Go to the error before."""
        self.to_log()
        self.run_worker(self._go_to_error(-1), group="jump", exclusive=True)

    def action_next_error(self) -> None:
        """Go to the next error."""
        self.to_log()
        self.run_worker(self._go_to_error(1), group="jump", exclusive=True)

    async def _go_to_error(self, step: int) -> None:
        if not await self.pane.log_pane.go_to_line((ErrorFilter(),), step):
            self.say("no error before this" if step < 0 else "no error after this")
        self.mark()

    def action_last_start(self) -> None:
        """Go to the start of the current attempt."""
        task = self.task_id
        view = None if task is None else self.session.tasks.get(task)
        if view is None or view.started_at is None:
            return
        if not self.to_log().go_to_time(view.started_at):
            self.say(f"{view.id} has printed nothing since it was started")
        self.mark()

    def action_go_to_time(self) -> None:
        """Ask for a time, and go there."""
        self.to_log()
        self.prompt.ask("go to", partial(self._go_to_time, self.session.clock()), hint="14:03, 14:03:05, 5m ago")
        self.mark()

    def _go_to_time(self, now: float, text: str) -> str | None:
        time = moment(text, now)
        if time is None:
            return "a time is 14:03, 14:03:05, or 90s, 5m, 2h ago"
        return None if self.pane.log_pane.go_to_time(time) else "nothing was printed since then"

    def action_toggle_mark(self) -> None:
        """Mark a line, or take its mark away."""
        match self.to_log().toggle_mark():
            case True:
                self.say("marked: ] and [ go from mark to mark")
            case False:
                self.say("mark taken away")
            case _:
                self.say("there is no line to mark")
        self.mark()

    def action_next_mark(self) -> None:
        """Go to the next mark."""
        self._go_to_mark(1)

    def action_previous_mark(self) -> None:
        """Go to the mark before."""
        self._go_to_mark(-1)

    def _go_to_mark(self, step: int) -> None:
        if not self.to_log().go_to_mark(step):
            self.say("the filters hide all marks")
        self.mark()

    def action_select_lines(self) -> None:
        """Begin to select lines."""
        self.to_log()
        self.body.focus_log()
        if not self.pane.log_pane.begin_selecting():
            self.say("there is no line to select")
        self.mark()
