"""Every command is defined once, and everything is made from that one place."""

from collections import Counter

import pytest
from textual.binding import Binding

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failed, Failure, Pending, Ready
from tui_runner.model.view import RunPhase, TaskView
from tui_runner.tui.app import RunnerApp
from tui_runner.tui.commands import COMMANDS, applicable, help_sections, hints, kept_keys
from tui_runner.tui.screens.main import MainScreen
from tui_runner.tui.settings.key_map import with_keys
from tui_runner.tui.ui_command import CommandContext, Group

READY = TaskView(id="api", name="api", state=Ready(attempt=1, pid=4))
FAILED = TaskView(id="api", name="api", state=Failed(failure=Failure(code=ErrorCode.TASK_FAILED, message="[api] no")))


def ids(context: CommandContext) -> set[str]:
    return {command.id for command in applicable(context)}


def labels(context: CommandContext) -> dict[str, str]:
    return dict(hints(context))


def test_each_command_is_bound_exactly_once_with_its_own_keys() -> None:
    bound = [b for b in (*MainScreen.BINDINGS, *RunnerApp.BINDINGS) if isinstance(b, Binding)]
    assert Counter(b.action for b in bound) == Counter(command.id for command in COMMANDS)
    assert {b.action: tuple(b.key.split(",")) for b in bound} == {command.id: command.keys for command in COMMANDS}


def test_nothing_is_bound_that_is_not_a_command() -> None:
    known = {command.id for command in COMMANDS}
    for owner in (MainScreen, RunnerApp):
        merged = owner._merged_bindings
        assert merged is not None
        for bindings in merged.key_to_bindings.values():
            assert {binding.action for binding in bindings} <= known


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_each_command_has_a_handler(command: object) -> None:
    name = f"action_{getattr(command, 'id', '')}"
    assert hasattr(MainScreen, name) or hasattr(RunnerApp, name)


def test_no_key_means_two_things() -> None:
    keys = Counter(key for command in COMMANDS for key in command.keys)
    assert [key for key, count in keys.items() if count > 1] == []


def test_the_help_screen_lists_every_command_under_its_group() -> None:
    sections = dict(help_sections())
    assert list(sections) == list(Group)
    assert sum(len(lines) for lines in sections.values()) == len(COMMANDS)
    assert all(line.text.endswith(".") for lines in sections.values() for line in lines)


def test_footer_hints_are_commands_that_apply() -> None:
    context = CommandContext(task=READY)
    shown = {command.shown.split(" ")[0] for command in applicable(context)}
    assert {key for key, _ in hints(context)} <= shown


def test_the_hint_of_s_says_what_it_would_do() -> None:
    assert labels(CommandContext(task=READY))["s"] == "stop"
    assert labels(CommandContext(task=FAILED))["s"] == "start"


def test_a_pending_task_cannot_be_stopped() -> None:
    assert "stop_or_start" not in ids(CommandContext(task=TaskView(id="a", name="a", state=Pending())))


def test_restart_failed_is_offered_first_when_something_failed() -> None:
    assert "R" not in labels(CommandContext(task=READY))
    assert hints(CommandContext(task=FAILED, failed=2))[0] == ("R", "restart failed")


@pytest.mark.parametrize(
    ("phase", "label"),
    [(RunPhase.RUNNING, "quit"), (RunPhase.STOPPING, "kill"), (RunPhase.KILLING, "give up teardowns")],
)
def test_the_hint_of_q_says_how_strong_it_would_be(phase: RunPhase, label: str) -> None:
    assert labels(CommandContext(phase=phase))["q"] == label


def test_tasks_cannot_be_touched_while_the_run_stops_or_is_not_connected() -> None:
    about_tasks = {"restart", "restart_failed", "stop_or_start", "detach"}
    assert about_tasks <= ids(CommandContext(task=READY, failed=1))
    assert not about_tasks & ids(CommandContext(task=READY, failed=1, phase=RunPhase.STOPPING))
    assert not about_tasks & ids(CommandContext(task=READY, failed=1, connected=False))


def test_whatever_does_not_apply_says_why_or_is_a_key_to_move_with() -> None:
    contexts = [CommandContext(), CommandContext(task=READY), CommandContext(task=READY, in_log=True)]
    silent = {c.id for context in contexts for c in COMMANDS if not c.applies(context) and not c.refusal(context)}
    assert silent == {"focus_log", "back"}


def test_the_footer_does_not_offer_to_type_into_a_terminal_whose_task_has_ended() -> None:
    assert "i" in labels(CommandContext(task=READY, has_terminal=True))
    assert "i" not in labels(CommandContext(task=FAILED, has_terminal=True))


def test_help_and_quit_are_kept_in_the_footer_with_whatever_keys_they_have() -> None:
    assert kept_keys() == {"?", "q"}
    assert kept_keys(with_keys(COMMANDS, {"quit": ("x",), "help": ()})) == {"x"}


def test_quit_and_interrupt_always_apply() -> None:
    for phase in RunPhase:
        assert {"quit", "interrupt"} <= ids(CommandContext(phase=phase, connected=False))
