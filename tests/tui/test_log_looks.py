"""How lines of a log can be looked at: with times, as laid-out JSON, parted by what happened to the task."""

from typing import TYPE_CHECKING

from tui_runner.model.output import Stream
from tui_runner.model.state import Ready

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.tui.conftest import OpenStage, Peer, Stage

START = 1_700_000_000.0


async def a_log(peer: "Peer", on_stage: "Stage") -> None:
    """Print a few lines at known times, with a restart between them."""
    await peer.until(lambda: "web" in peer.subscribed)
    peer.output("web", b"one\n", at=START + 1.25)
    peer.output("web", "── restarting: files changed ──\n".encode(), Stream.NOTE, START + 61.5)
    peer.output("web", b'{"level":"info","msg":"two","tags":["a"]}\n', at=START + 61.75)
    await on_stage.shows('"two"')


async def test_t_cycles_through_clock_times_times_since_the_start_and_gaps(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True, started_at=START)
    async with stage(size=(120, 20)) as on_stage:
        await a_log(peer, on_stage)
        await on_stage.press("t")
        await on_stage.shows("22:13:21.250 one", '22:14:21.750 {"level"')
        await on_stage.press("t")
        await on_stage.shows("  +0:01.250 one", '  +1:01.750 {"level"')
        await on_stage.press("t")
        await on_stage.shows("+60.250 s ── restarting", '+0.250 s {"level"')
        await on_stage.press("t")
        await on_stage.until(lambda: "250" not in on_stage.text())


async def test_gaps_are_between_lines_that_are_shown(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True, started_at=START)
    async with stage(size=(120, 20)) as on_stage:
        await a_log(peer, on_stage)
        await on_stage.press("minus", *"restarting", "enter", "t", "t", "t")
        await on_stage.shows('+60.500 s {"level"')


async def test_a_restart_is_a_rule_across_the_pane_with_its_time(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True)
    async with stage(size=(120, 20)) as on_stage:
        await a_log(peer, on_stage)
        rule = next(row for row in on_stage.text().splitlines() if "restarting" in row)
        assert "── restarting: files changed ─────" in rule
        assert rule.rstrip().endswith("─ 22:14:21 ──")


async def test_p_lays_json_out_and_what_is_copied_is_what_is_seen(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True)
    async with stage(size=(120, 20)) as on_stage:
        await a_log(peer, on_stage)
        await on_stage.press("p")
        await on_stage.shows('  "msg": "two",', '    "a"', "one")
        on_stage.main.pane.log_pane.text_select_all()
        await on_stage.press("y")
        assert on_stage.app.clipboard.splitlines()[2:5] == ["{", '  "level": "info",', '  "msg": "two",']
        await on_stage.press("p")
        await on_stage.shows('{"level":"info"')


async def test_times_rules_and_json_look_good_together(
    peer: "Peer", stage: "OpenStage", picture: "Callable[[Stage], Awaitable[None]]"
) -> None:
    peer.add("web", Ready(attempt=1, pid=13), target=True, started_at=START)
    async with stage(size=(100, 18)) as on_stage:
        await a_log(peer, on_stage)
        await on_stage.press("t", "p")
        await on_stage.shows("22:13:21.250", '"msg": "two"')
        on_stage.main.say("")
        await picture(on_stage)
