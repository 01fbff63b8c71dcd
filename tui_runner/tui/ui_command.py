"""What a command of the screen is, and what decides whether it applies. Data only; the commands are in `commands`."""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from tui_runner.model.view import FileWatch, RunPhase, TaskView


class Group(StrEnum):
    """Sections of the help screen, in its order."""

    MOVE = "Move"
    TASK = "Task"
    OVERVIEW = "Overviews"
    TERMINAL = "Terminals"
    LOG = "Log"
    LINES = "Lines of a log"
    PANES = "Panes"
    RUN = "Run"


class CommandContext(msgspec.Struct, frozen=True, kw_only=True):
    """What decides which commands apply now. Made anew for each question; small and cheap."""

    phase: RunPhase = RunPhase.RUNNING
    owner: bool = True
    leaving: bool = False
    """Somebody asked here to take everything down."""
    connected: bool = True
    task: TaskView | None = None
    """The selected task; None before the first snapshot."""
    failed: int = 0
    panes: int = 1
    tree_visible: bool = True
    zoomed: bool = False
    in_log: bool = False
    """A log or a terminal has the focus."""
    terminal: bool = False
    """The current pane shows a terminal in the place of a log."""
    has_terminal: bool = False
    """The selected task has a terminal to type into."""
    searching: bool = False
    """The focused log has a search pattern."""
    filtering: bool = False
    """The focused log shows matching lines only."""
    narrowed: bool = False
    """The tree shows only tasks that match."""
    marks: int = 0
    """Marked lines of the log."""
    together: bool = False
    """The current pane shows several logs merged."""
    selection: bool = False
    """Some text is selected."""
    file_watch: FileWatch = FileWatch.OFF
    following: bool = True
    """The focused log shows its end."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """Something a command needs to do anything."""

    holds: Callable[[CommandContext], bool]
    otherwise: str
    """What is told who asks for the command without it; `{task}` is the selected one. Empty: nothing."""


class UiCommand(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a person can do."""

    id: str
    """Stable; `action_<id>` of the main screen performs it."""
    keys: tuple[str, ...]
    """Names of Textual, the one to show first."""
    shown: str
    """The keys for people, such as `Ctrl-P`."""
    label: str
    """Two or three words for footer and palette."""
    help: str
    """One sentence for the help screen and the palette."""
    group: Group
    conditions: tuple[Condition, ...] = ()
    """All must hold for it to apply; the first that does not is what people are told."""
    hint: int = 0
    """Rank in the footer, 1 first; 0 keeps it out."""
    kept: bool = False
    """Is in the footer before all others find room there."""
    hint_label: Callable[[CommandContext], str] | None = None
    """Says in the footer what it would do now; None: always its label."""
    palette: bool = True
    """Offered in the command palette; false for what only makes sense as a key."""
    priority: bool = False
    """Taken even while text is being typed."""

    @property
    def first_shown(self) -> str:
        """The first of its keys, for people; empty when it has none."""
        return self.shown.split(" ")[0]

    def applies(self, context: CommandContext) -> bool:
        """Tell whether it does something now."""
        return all(condition.holds(context) for condition in self.conditions)

    def refusal(self, context: CommandContext) -> str:
        """Say why it does nothing now; empty when it applies, and when there is nothing to say."""
        why = next((condition.otherwise for condition in self.conditions if not condition.holds(context)), "")
        return why.replace("{task}", "" if context.task is None else context.task.id)

    def hint_text(self, context: CommandContext) -> str:
        """Return what the footer calls it now."""
        return self.label if self.hint_label is None else self.hint_label(context)
