"""A full disk is told in the footer as long as it lasts, and in full once; what a log has lost is told at its top."""

from typing import TYPE_CHECKING

from tui_runner.model.output import Stream
from tui_runner.model.retention import LogLimits
from tui_runner.model.state import Ready
from tui_runner.process.log_file import LogFile

if TYPE_CHECKING:
    from tests.tui.conftest import OpenStage, Peer

NOW = 1_700_000_000.0
TROUBLE = "cannot write /shop/api.log: No space left on device; only the latest output is kept, in memory"


async def test_a_full_disk_is_in_the_footer_until_there_is_room(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12)
    async with stage(size=(160, 16)) as on_stage:
        await on_stage.shows("db")
        assert "disk full" not in on_stage.text()
        peer.move_to(peer.run.phase, trouble=TROUBLE)
        await on_stage.shows("! disk full: logs are not written")
        await on_stage.shows("No space left on device")
        peer.move_to(peer.run.phase, trouble="")
        await on_stage.shows("logs are written again")
        await on_stage.until(lambda: "disk full" not in on_stage.text())


async def test_at_the_top_of_a_log_it_is_told_what_was_removed(peer: "Peer", stage: "OpenStage") -> None:
    peer.add("db", Ready(attempt=1, pid=11), ready_at=NOW - 10, started_at=NOW - 12)
    log = LogFile(peer.root / "db.log", LogLimits(piece=1000, log=3000, run=1 << 30))
    for number in range(1000):
        log.append(b"line %06d\n" % number, Stream.STDOUT, 1, NOW)
    log.release()
    async with stage(size=(120, 16)) as on_stage:
        await on_stage.shows("line 000999")
        await on_stage.press("enter", "g", "up", "up")
        await on_stage.shows("of this log are not kept any more")
