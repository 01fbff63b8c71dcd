"""The manual of the screen knows every command there is, and its keys."""

from pathlib import Path

import pytest

from tui_runner.tui.commands import COMMANDS
from tui_runner.tui.overview_keys import EVERYWHERE
from tui_runner.tui.screens.details import DetailsScreen
from tui_runner.tui.screens.events import EventsScreen
from tui_runner.tui.screens.graph import GraphScreen
from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.screens.runs import PastRunScreen, RunsScreen
from tui_runner.tui.screens.timeline import TimelineScreen
from tui_runner.tui.ui_command import UiCommand

MANUAL = Path(__file__).parents[2] / "docs" / "tui.md"


def rows_of(heading: str) -> list[str]:
    """Return the rows of the table under a heading."""
    section = MANUAL.read_text(encoding="utf-8").partition(f"### {heading}\n")[2].partition("\n#")[0]
    return [line for line in section.splitlines() if line.startswith("| `")]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.id)
def test_the_manual_describes_every_command_under_its_group(command: UiCommand) -> None:
    keys = command.shown.replace("|", "\\|")
    assert f"| `{keys}` | {command.help} |" in rows_of(command.group.value)


def test_the_manual_describes_no_command_that_is_gone() -> None:
    groups = {command.group for command in COMMANDS}
    assert sum(len(rows_of(group.value)) for group in groups) == len(COMMANDS)


@pytest.mark.parametrize(
    "overview", [DetailsScreen, EventsScreen, GraphScreen, PastRunScreen, RunsScreen, TimelineScreen]
)
def test_the_manual_describes_every_key_that_the_help_of_an_overview_tells(overview: type[Overview]) -> None:
    section = MANUAL.read_text(encoding="utf-8").partition("## Inside an overview\n")[2].partition("\n## ")[0]
    assert [one for one in (*overview.KEYS, *EVERYWHERE) if f"| `{one.keys}` | {one.text} |" not in section] == []
