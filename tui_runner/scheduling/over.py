"""Whether a run that nobody ends is over. Pure: only looks."""

from typing import Final

from tui_runner.model.state import Completed, Failed, Pending, Skipped, SkipReason
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course, Intake, Until
from tui_runner.scheduling.node import Activation, Goal, Node

_CACHED: Final = Skipped(reason=SkipReason.CACHE_HIT)


def is_over(board: Board, course: Course) -> bool:
    """Tell whether there is nothing left to do, or to wait for."""
    if course.until is Until.TOLD:
        return False
    if course.intake is Intake.CLOSED:
        return board.progressing == 0 and not any(_about_to_start(node) for node in board.nodes.values())
    if course.until is Until.TARGETS and board.open_targets == 0:
        return True
    if board.progressing or (board.ready_targets if course.until is Until.TARGETS else board.ready):
        return False
    if any(_about_to_start(node) for node in board.nodes.values()):
        return False
    if course.until is Until.TARGETS:
        return True
    return not any(_watches(node) for node in board.nodes.values())


def _about_to_start(node: Node) -> bool:
    """Tell whether only the remains of its last attempt keep the task from starting."""
    return (
        node.is_task
        and isinstance(node.state, Pending)
        and node.goal is Goal.UP
        and not node.unsatisfied
        and (node.lingering is not None or node.activation in {Activation.TEARDOWN, Activation.CLOSING})
    )


def _watches(node: Node) -> bool:
    command = node.planned.command
    return (
        node.is_task
        and command is not None
        and command.watch is not None
        and node.goal is Goal.UP
        and (isinstance(node.state, Completed | Failed) or node.state == _CACHED)
    )
