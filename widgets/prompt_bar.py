"""One line to answer a question in, such as which time to go to. Hidden until asked."""

from collections.abc import Callable
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

Answer = Callable[[str], str | None]
"""Takes what was typed; returns what is wrong with it, None when it is fine."""


class PromptBar(Horizontal):
    """A question, an input and what is wrong with it. `display` is off until `ask`."""

    DEFAULT_CSS = """
    PromptBar {
        height: 1;
        background: $panel;
        #prompt-label { width: auto; padding: 0 1; color: $text-accent; }
        Input { width: 1fr; border: none; height: 1; padding: 0; background: $panel; }
        #prompt-problem { width: auto; padding: 0 1; color: $text-error; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "close", "Close", show=False)]

    class Closed(Message):
        """The question was answered, or Escape was pressed; the bar is hidden already."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id, classes=classes)
        self.display = False
        self._answer: Answer = lambda _: None
        self._label = Static("", id="prompt-label", markup=False)
        self._input = Input(compact=True, select_on_focus=False)
        self._input.cursor_blink = False
        self._problem = Static("", id="prompt-problem", markup=False)

    def compose(self) -> ComposeResult:
        """Put question, input and problem side by side."""
        yield self._label
        yield self._input
        yield self._problem

    def ask(self, question: str, answer: Answer, text: str = "", hint: str = "") -> None:
        """Show the bar with this question; it closes when `answer` finds nothing wrong with what is typed."""
        self._answer = answer
        self._label.update(Content(question))
        self._problem.update("")
        self._input.placeholder = hint
        self._input.value = text
        self._input.cursor_position = len(text)
        self.display = True
        self.screen.set_focus(self._input)

    def action_close(self) -> None:
        """Hide the bar and say so."""
        self.display = False
        self.post_message(self.Closed())

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        problem = self._answer(event.value)
        if problem is None:
            self.action_close()
        else:
            self._problem.update(Content(problem))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._problem.update("")

    def on_click(self, event: events.Click) -> None:
        """Focus the input wherever the bar is clicked."""
        event.stop()
        self._input.focus()
