"""What each key does, seen on the screen and at the other end of the socket."""

from typing import TYPE_CHECKING

import pytest
from textual.geometry import Offset
from textual.selection import Selection
from textual.widgets import Input

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failed, Failure, Pending, Ready, Running, Skipped, SkipReason
from tui_runner.tui.command_tables.panes import MAX_PANES
from tui_runner.tui.screens.help import HelpScreen

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer, Stage

FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[worker] exited with 3", exit_code=3)


def a_small_shop(peer: "Peer") -> None:
    """Two targets over a database, and a worker that has failed."""
    peer.add("web", Running(attempt=1, pid=13), "api", target=True)
    peer.add("api", Ready(attempt=1, pid=12), "db")
    peer.add("db", Ready(attempt=1, pid=11))
    peer.add("worker", Failed(failure=FAILURE), "db", target=True)
    for name in peer.views:
        peer.write(name, f"{name} says hello\n".encode())


def tree_task(stage: "Stage") -> str | None:
    return stage.main.body.tree_view.cursor_task


async def show(stage: "Stage", task: str) -> None:
    stage.main.body.tree_view.move_to(task)
    await stage.until(lambda: stage.main.body.task_id == task)
    await stage.settle()


class TestTree:
    async def test_the_first_target_is_shown_at_first(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            assert tree_task(on_stage) == "web"
            await on_stage.shows("web says hello")
            assert set(peer.subscribed) == {"web"}

    @pytest.mark.parametrize(("down", "up"), [("j", "k"), ("down", "up")])
    async def test_moving_the_cursor_shows_the_log_of_the_task_under_it(
        self, peer: "Peer", stage: "OpenStage", down: str, up: str
    ) -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.press(down)
            await on_stage.shows("api says hello")
            await peer.until(lambda: set(peer.subscribed) == {"api"})
            await on_stage.press(up)
            await on_stage.shows("web says hello")

    async def test_enter_goes_to_the_log_and_escape_comes_back(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.press("enter")
            await on_stage.until(lambda: on_stage.main.body.in_log)
            await on_stage.press("escape")
            await on_stage.until(lambda: not on_stage.main.body.in_log)

    async def test_the_tree_can_be_resized_and_hidden(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            tree = on_stage.main.body.tree_view
            before = tree.size.width
            await on_stage.press("greater_than_sign")
            await on_stage.until(lambda: tree.size.width > before)
            await on_stage.press("less_than_sign", "less_than_sign")
            await on_stage.until(lambda: tree.size.width < before)
            await on_stage.press("b")
            await on_stage.until(lambda: not tree.display and on_stage.main.body.in_log)
            await on_stage.press("b")
            await on_stage.until(lambda: tree.display)

    async def test_the_tree_leaves_room_for_a_log_however_often_it_grows(
        self, peer: "Peer", stage: "OpenStage"
    ) -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.press(*["greater_than_sign"] * 30)
            await on_stage.settle()
            assert on_stage.main.body.grid.size.width >= 20


class TestTasks:
    async def test_r_restarts_the_selected_task(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await show(on_stage, "api")
            await on_stage.press("r")
            await peer.until(lambda: peer.asked == [("restart", "api")])
            await on_stage.shows("restarting api")

    async def test_a_key_typed_ahead_is_about_the_task_the_cursor_has_gone_to(
        self, peer: "Peer", stage: "OpenStage"
    ) -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            on_stage.main.body.tree_view.action_move(1)
            on_stage.main.action_restart()  # before the pane has heard of the move
            await peer.until(lambda: peer.asked == [("restart", "api")])

    async def test_capital_r_restarts_everything_that_failed(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        peer.add("job", Failed(failure=FAILURE), target=True)
        async with stage() as on_stage:
            await on_stage.press("R")
            await peer.until(lambda: peer.asked == [("restart", "worker"), ("restart", "job")])

    async def test_s_stops_a_running_task_and_names_what_goes_with_it(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await show(on_stage, "db")
            await on_stage.press("s")
            await peer.until(lambda: peer.asked == [("stop", "db")])
            await on_stage.shows("stopping db and what needs it: web, api")

    async def test_s_starts_a_task_that_does_not_run(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await show(on_stage, "worker")
            await on_stage.press("s")
            await peer.until(lambda: peer.asked == [("start", "worker")])

    async def test_a_refusal_is_told(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        peer.refuse_with = "api cannot be restarted now"
        async with stage() as on_stage:
            await on_stage.press("r")
            await on_stage.shows("api cannot be restarted now")

    async def test_a_failing_task_is_counted_and_takes_no_focus(self, peer: "Peer", stage: "OpenStage") -> None:
        peer.add("web", Ready(attempt=1, pid=12), "api", target=True)
        peer.add("api", Ready(attempt=1, pid=11))
        async with stage(size=(120, 30)) as on_stage:
            peer.enter("api", Failed(failure=FAILURE))
            await on_stage.shows("1 failed", "R restart failed")
            assert tree_task(on_stage) == "web"
            assert on_stage.app.focused is on_stage.main.body.tree_view

    async def test_a_failed_task_says_why_below_its_log(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage(size=(120, 30)) as on_stage:
            await show(on_stage, "worker")
            await on_stage.shows("worker says hello", "exit 3", "run-worker", "pipeline.py:12")

    async def test_a_pending_task_says_what_it_waits_for(self, peer: "Peer", stage: "OpenStage") -> None:
        peer.add("web", Pending(), "api", target=True, waiting_for=("api",))
        peer.add("api", Running(attempt=1, pid=12), ready_when="port 8000 answers")
        async with stage(size=(120, 30)) as on_stage:
            await on_stage.shows("api")
            waiting = on_stage.main.pane._waiting
            assert waiting.display
            peer.enter("web", Running(attempt=1, pid=13))
            await on_stage.until(lambda: not waiting.display)


class TestLog:
    async def test_search_counts_and_steps_through_matches(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        peer.write("web", b"error one\nfine\nerror two\n")
        async with stage(size=(120, 30)) as on_stage:
            await on_stage.press("slash", *"error", "enter")
            await on_stage.shows("search “error”")
            await on_stage.until(lambda: on_stage.main.pane.log_pane.match_count == 2)
            assert on_stage.main.body.in_log
            await on_stage.press("N")
            await on_stage.until(lambda: on_stage.main.pane.log_pane.match_position == 1)
            await on_stage.press("n")
            await on_stage.until(lambda: on_stage.main.pane.log_pane.match_position == 2)
            await on_stage.press("escape")
            await on_stage.until(lambda: on_stage.main.pane.log_pane.match_count is None)

    async def test_escape_while_a_search_is_typed_goes_back_to_where_one_was(
        self, peer: "Peer", stage: "OpenStage"
    ) -> None:
        a_small_shop(peer)
        peer.write("web", b"".join(b"request %03d\n" % number for number in range(200)))
        async with stage(size=(120, 30)) as on_stage:
            log = on_stage.main.pane.log_pane
            await on_stage.shows("request 199")
            await on_stage.press("slash", *"request 01")
            await on_stage.until(lambda: not log.follow and log.match_position is not None)
            await on_stage.press("escape")
            await on_stage.until(lambda: log.follow)
            await on_stage.shows("request 199")
            # The same from a place in the middle, and when what was typed is deleted.
            await on_stage.press("enter", "pageup", "pageup")
            await on_stage.until(lambda: not log.follow)
            before = on_stage.text()
            await on_stage.press("slash", *"01", "backspace", "backspace")
            await on_stage.press(*"01")
            await on_stage.until(lambda: log.match_position is not None)
            await on_stage.press("escape")
            await on_stage.until(lambda: on_stage.text() == before)

    async def test_enter_keeps_the_place_a_search_has_led_to(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        peer.write("web", b"".join(b"request %03d\n" % number for number in range(200)))
        async with stage(size=(120, 30)) as on_stage:
            await on_stage.shows("request 199")
            await on_stage.press("slash", *"request 01", "enter", "escape")
            await on_stage.until(lambda: on_stage.main.pane.log_pane.match_count is None)
            assert not on_stage.main.pane.log_pane.follow
            await on_stage.shows("request 019")

    async def test_filter_shows_matching_lines_only_until_escape(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        peer.write("web", b"error one\nfine\n")
        async with stage(size=(120, 30)) as on_stage:
            await on_stage.press("f", *"error", "enter")
            await on_stage.until(lambda: on_stage.main.pane.log_pane.filter_count == 1)
            await on_stage.until(lambda: "error one" in on_stage.text() and "fine" not in on_stage.text())
            await on_stage.press("escape")
            await on_stage.shows("fine")

    async def test_letters_typed_into_the_query_are_no_commands(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.press("slash", *"rsqdx")
            await on_stage.until(lambda: on_stage.main.query_bar.value == "rsqdx")
            assert isinstance(on_stage.app.focused, Input)
            assert peer.asked == []
            await on_stage.press("escape")
            await on_stage.until(lambda: not on_stage.main.query_bar.display)
            assert on_stage.main.pane.search is None

    async def test_scrolling_up_counts_new_lines_and_follow_comes_back(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        peer.write("web", b"".join(b"line %d\n" % number for number in range(200)))
        async with stage(size=(120, 30)) as on_stage:
            await on_stage.shows("line 199")
            await on_stage.press("enter", "pageup")
            await on_stage.until(lambda: not on_stage.main.pane.log_pane.follow)
            peer.output("web", b"one more\nand another\n")
            await on_stage.shows("2 new lines")
            await on_stage.press("F")
            await on_stage.shows("and another")
            assert on_stage.main.pane.log_pane.follow

    async def test_w_wraps(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            before = on_stage.main.pane.log_pane.wrap
            await on_stage.press("w")
            assert on_stage.main.pane.log_pane.wrap is not before

    @pytest.mark.parametrize("key", ["y", "ctrl+c"])
    async def test_selected_text_is_copied(self, peer: "Peer", stage: "OpenStage", key: str) -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.shows("web says hello")
            on_stage.main.selections = {on_stage.main.pane.log_pane: Selection(Offset(0, 0), Offset(8, 0))}
            await on_stage.press(key)
            assert on_stage.app.clipboard == "web says"
            assert peer.asked == []
            assert not on_stage.main.selections
            await on_stage.shows("copied")


class TestPanes:
    async def test_each_pane_shows_a_task_of_its_own(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage(size=(160, 45)) as on_stage:
            for count in range(2, MAX_PANES + 1):
                await on_stage.press("v")
                while len(on_stage.main.body.grid.shown()) < count:
                    await on_stage.pilot.pause()
            await on_stage.press("v")
            assert sorted(on_stage.main.body.grid.shown()) == ["api", "db", "web", "worker"]
            await on_stage.shows("web says hello", "api says hello", "db says hello", "worker says hello")
            await peer.until(lambda: len(peer.subscribed) == 4)

    async def test_the_tree_follows_the_current_pane_and_the_pane_the_tree(
        self, peer: "Peer", stage: "OpenStage"
    ) -> None:
        a_small_shop(peer)
        async with stage(size=(160, 45)) as on_stage:
            await on_stage.press("v")
            await on_stage.until(lambda: tree_task(on_stage) == "api")
            await on_stage.press("tab")
            await on_stage.until(lambda: tree_task(on_stage) == "web")
            await on_stage.press("tab")
            await on_stage.until(lambda: tree_task(on_stage) == "api")
            await on_stage.press("tab")
            await on_stage.until(lambda: not on_stage.main.body.in_log)
            await on_stage.press("j")
            await on_stage.until(lambda: on_stage.main.body.grid.shown() == ("web", "db"))

    async def test_a_new_pane_shows_a_skipped_task_only_when_nothing_else_is_left(
        self, peer: "Peer", stage: "OpenStage"
    ) -> None:
        peer.add("web", Ready(attempt=1, pid=13), target=True)
        peer.add("mail", Skipped(reason=SkipReason.COMMAND_NOT_FOUND), target=True)
        peer.add("db", Ready(attempt=1, pid=11), target=True)
        async with stage(size=(160, 45)) as on_stage:
            await on_stage.press("v")
            await on_stage.until(lambda: on_stage.main.body.grid.shown() == ("web", "db"))
            await on_stage.press("v")
            await on_stage.until(lambda: on_stage.main.body.grid.shown() == ("web", "db", "mail"))

    async def test_closing_panes_ends_with_one_and_unsubscribes(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage(size=(160, 45)) as on_stage:
            await on_stage.press("v", "x", "x")
            await on_stage.until(lambda: on_stage.main.body.grid.shown() == ("web",))
            await peer.until(lambda: set(peer.subscribed) == {"web"})
            assert tree_task(on_stage) == "web"

    async def test_zoom_shows_one_log_alone_and_back(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage(size=(120, 30)) as on_stage:
            await on_stage.press("v", "z")
            body = on_stage.main.body
            await on_stage.until(lambda: not body.tree_view.display and len(body.grid.visible_panes) == 1)
            await on_stage.until(lambda: body.in_log)
            await on_stage.press("escape")
            await on_stage.until(lambda: body.tree_view.display and len(body.grid.visible_panes) == 2)

    async def test_shift_tab_goes_the_other_way(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.press("shift+tab")
            await on_stage.until(lambda: on_stage.main.body.in_log)
            await on_stage.press("shift+tab")
            await on_stage.until(lambda: not on_stage.main.body.in_log)


class TestAround:
    async def test_question_mark_shows_all_keys(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage(size=(120, 120)) as on_stage:
            await on_stage.press("question_mark")
            await on_stage.shows("Restart the selected task", "Ctrl-P")
            await on_stage.press("q")
            await on_stage.until(lambda: not isinstance(on_stage.app.screen, HelpScreen))
            assert peer.asked == []

    @pytest.mark.parametrize("key", ["colon", "ctrl+p"])
    async def test_the_palette_runs_commands_by_name(self, peer: "Peer", stage: "OpenStage", key: str) -> None:
        a_small_shop(peer)
        async with stage(size=(120, 40)) as on_stage:
            await on_stage.press(key)
            await on_stage.shows("Restart failed")
            await on_stage.press(*"restart failed")
            await on_stage.shows("Restart every task that has failed")
            await on_stage.press("enter")
            await peer.until(lambda: peer.asked == [("restart", "worker")])

    @pytest.mark.parametrize("dialog", ["question_mark", "S"])
    async def test_the_palette_does_not_open_over_a_dialog(self, peer: "Peer", stage: "OpenStage", dialog: str) -> None:
        a_small_shop(peer)
        async with stage(size=(120, 40)) as on_stage:
            await on_stage.press(dialog)
            await on_stage.until(lambda: on_stage.app.screen is not on_stage.main)
            await on_stage.press("ctrl+p", "escape")
            await on_stage.until(lambda: on_stage.app.screen is on_stage.main)

    async def test_a_small_terminal_says_so_and_still_quits(self, peer: "Peer", stage: "OpenStage") -> None:
        a_small_shop(peer)
        async with stage() as on_stage:
            await on_stage.pilot.resize_terminal(39, 24)
            await on_stage.shows("39x24 is too small", "q quits")
            await on_stage.press("q")
            await peer.until(lambda: peer.asked == [("down", None)])
            await on_stage.pilot.resize_terminal(80, 24)
            await on_stage.shows("web says hello")
