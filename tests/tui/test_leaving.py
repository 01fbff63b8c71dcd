"""Ways out of the screen, and what the command line is told."""

import os
import signal
from typing import TYPE_CHECKING

import pytest

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failed, Failure, Ready, Stopping, StopReason
from tui_runner.model.view import RunPhase
from tui_runner.tui.app import RunnerApp
from tui_runner.tui.app_exit import ExitReason
from tui_runner.tui.screens.stop_or_detach import StopOrDetach

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

DOWN = ("down", None)
FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 3", exit_code=3)


def a_service(peer: "Peer") -> None:
    peer.add("api", Ready(attempt=1, pid=12), target=True)


async def test_q_stops_everything_and_exits_with_zero_when_all_is_gone(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage() as on_stage:
        await on_stage.press("q")
        await peer.until(lambda: peer.asked == [DOWN])
        assert on_stage.app.return_value is None
        peer.end(summary="1 task stopped")
        result = await on_stage.exited()
    assert (result.reason, result.exit_code, result.run_ended) == (ExitReason.QUIT, 0, True)
    assert result.summary == "1 task stopped"


async def test_q_exits_with_one_when_a_task_has_failed(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    peer.add("worker", Failed(failure=FAILURE), target=True)
    async with stage() as on_stage:
        await on_stage.press("q")
        await peer.until(lambda: peer.asked == [DOWN])
        peer.end()
        assert (await on_stage.exited()).exit_code == 1


async def test_the_stop_is_shown_live_beside_the_tree_and_each_key_is_stronger(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_service(peer)
    async with stage(size=(120, 30)) as on_stage:
        await on_stage.press("q")
        peer.move_to(RunPhase.STOPPING, stopping_since=1_700_000_000.0)
        peer.enter("api", Stopping(attempt=1, pid=12, reason=StopReason.RUN_ENDS), leaving=True)
        await on_stage.until(lambda: on_stage.main.body.stop_panel.display)
        assert on_stage.main.body.tree_view.display
        await on_stage.until(lambda: ("q", "kill") in on_stage.main._drawn_hints)
        await on_stage.press("q")
        peer.move_to(RunPhase.KILLING)
        await on_stage.until(lambda: ("q", "give up teardowns") in on_stage.main._drawn_hints)
        await on_stage.press("ctrl+c")
        await peer.until(lambda: peer.asked == [DOWN, DOWN, DOWN])
        peer.end()
        result = await on_stage.exited()
    assert result.reason is ExitReason.QUIT


async def test_ctrl_c_exits_with_130(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage() as on_stage:
        await on_stage.press("ctrl+c")
        await peer.until(lambda: peer.asked == [DOWN])
        peer.end()
        result = await on_stage.exited()
    assert (result.reason, result.exit_code) == (ExitReason.INTERRUPT, 130)


@pytest.mark.parametrize("key", ["slash", "question_mark", "colon"])
async def test_ctrl_c_works_whatever_is_open(peer: "Peer", stage: "OpenStage", key: str) -> None:
    a_service(peer)
    async with stage() as on_stage:
        await on_stage.press(key)
        await on_stage.pilot.pause()
        await on_stage.press("ctrl+c")
        await peer.until(lambda: peer.asked == [DOWN])


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
async def test_a_signal_stops_in_order_first(
    peer: "Peer", stage: "OpenStage", number: signal.Signals, code: int
) -> None:
    a_service(peer)
    async with stage() as on_stage:
        os.kill(os.getpid(), number)
        await peer.until(lambda: peer.asked == [DOWN])
        peer.end()
        result = await on_stage.exited()
    assert (result.reason, result.exit_code) == (ExitReason.INTERRUPT, code)


async def test_a_closed_terminal_leaves_at_once_and_the_end_of_the_connection_stops_the_run(
    peer: "Peer", stage: "OpenStage"
) -> None:
    a_service(peer)
    async with stage() as on_stage:
        os.kill(os.getpid(), signal.SIGHUP)
        result = await on_stage.exited()
    assert (result.reason, result.exit_code, result.run_ended) == (ExitReason.INTERRUPT, 129, False)


async def test_d_detaches_and_the_run_goes_on(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage() as on_stage:
        await on_stage.press("d")
        result = await on_stage.exited()
    assert peer.asked == [("detach", None)]
    assert (result.reason, result.exit_code) == (ExitReason.DETACHED, 0)


async def test_a_guest_is_asked_whether_to_stop_or_detach(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage(owner=False) as on_stage:
        await on_stage.press("q")
        await on_stage.shows("d  detach: leave the screen, the run goes on", "s  stop: take everything down")
        await on_stage.shows("c  cancel: stay here, as Esc does")
        await on_stage.press("enter", "escape")
        await on_stage.until(lambda: not isinstance(on_stage.app.screen, StopOrDetach))
        await on_stage.press("q", "c")
        await on_stage.until(lambda: not isinstance(on_stage.app.screen, StopOrDetach))
        assert peer.asked == []
        assert on_stage.app.return_value is None
        await on_stage.press("q", "d")
        result = await on_stage.exited()
    assert peer.asked == []
    assert (result.reason, result.exit_code) == (ExitReason.DETACHED, 0)


async def test_a_guest_may_stop_everything(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage(owner=False) as on_stage:
        await on_stage.press("q", "s")
        await peer.until(lambda: peer.asked == [DOWN])
        peer.end()
        assert (await on_stage.exited()).reason is ExitReason.QUIT


async def test_ctrl_c_twice_detaches_a_guest_with_130(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage(owner=False) as on_stage:
        await on_stage.press("ctrl+c", "ctrl+c")
        result = await on_stage.exited()
    assert peer.asked == []
    assert (result.reason, result.exit_code) == (ExitReason.DETACHED, 130)


async def test_a_terminated_guest_leaves_the_run_alone(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage(owner=False) as on_stage:
        os.kill(os.getpid(), signal.SIGTERM)
        result = await on_stage.exited()
    assert peer.asked == []
    assert result.exit_code == 143


async def test_a_run_that_ends_by_itself_ends_the_screen_with_its_exit_code(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage() as on_stage:
        peer.end(exit_code=1, summary="api failed")
        result = await on_stage.exited()
    assert (result.reason, result.exit_code, result.summary) == (ExitReason.ENDED, 1, "api failed")


async def test_a_broken_connection_exits_with_three_and_advice(peer: "Peer", stage: "OpenStage") -> None:
    a_service(peer)
    async with stage() as on_stage:
        peer.hang_up()
        result = await on_stage.exited()
    assert (result.reason, result.exit_code, result.run_ended) == (ExitReason.LOST, 3, False)
    assert "tui-runner ps" in result.summary
    assert str(peer.root) in result.summary


async def test_problems_of_starting_up_are_handed_to_the_command_line(peer: "Peer") -> None:
    problem = Problem(kind=ProblemKind.CYCLE, message="a -> b -> a")
    peer.refuse_on_hello = (problem,)
    await peer.serve()
    app = RunnerApp(peer.client_end, owner=True)
    async with app.run_test() as pilot:
        while app.return_value is None:
            await pilot.pause()
    result = app.return_value
    assert result is not None
    assert (result.reason, result.exit_code) == (ExitReason.REFUSED, 2)
    assert result.problems == (problem,)


async def test_q_before_the_supervisor_answers_leaves_at_once(peer: "Peer") -> None:
    peer.silent = True
    await peer.serve()
    app = RunnerApp(peer.client_end, owner=True)
    async with app.run_test() as pilot:
        await pilot.press("q")
        while app.return_value is None:
            await pilot.pause()
    result = app.return_value
    assert result is not None
    assert (result.reason, result.exit_code, result.run_ended) == (ExitReason.QUIT, 0, False)
