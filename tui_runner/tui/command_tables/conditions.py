"""What commands need to do anything, and what a person is told who asks for one without it. Once for all tables."""

from tui_runner.model.state import is_alive
from tui_runner.model.view import RunPhase
from tui_runner.tui.ui_command import CommandContext, Condition


def _runs(context: CommandContext) -> bool:
    return context.task is not None and is_alive(context.task.state)


CONNECTED = Condition(holds=lambda context: context.connected, otherwise="the supervisor has not answered yet")
NOT_ENDING = Condition(holds=lambda context: context.phase is RunPhase.RUNNING, otherwise="everything is being stopped")
TASK = Condition(holds=lambda context: context.task is not None, otherwise="no task is selected")
NO_GROUP = Condition(
    holds=lambda context: context.task is not None and not context.task.composite,
    otherwise="{task} is a nested pipeline: choose one of its tasks",
)
RUNS = Condition(holds=_runs, otherwise="{task} does not run")
READS = Condition(holds=_runs, otherwise="{task} does not run: nobody would read what you type")
TERMINAL = Condition(holds=lambda context: context.has_terminal, otherwise="{task} has no terminal: give it tty=True")
TREE = Condition(holds=lambda context: context.tree_visible, otherwise="the tree is hidden")
SEARCH = Condition(holds=lambda context: context.searching, otherwise="nothing is searched for")
MARK = Condition(holds=lambda context: context.marks > 0, otherwise="no line is marked")

RUN_TAKES_COMMANDS = (CONNECTED, NOT_ENDING)
TASK_TAKES_COMMANDS = (*RUN_TAKES_COMMANDS, TASK)
TASK_TAKES_SIGNALS = (CONNECTED, TASK, NO_GROUP, RUNS)
