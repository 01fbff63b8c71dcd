"""Secrets are in no file that a run leaves behind, and not in its result."""

import pytest
from rig import Rig, stats_of

from tui_runner import command, secret, task

pytestmark = pytest.mark.real

TOKEN = "s3cr3t-t0ken/with=signs"


async def test_a_teardown_prints_no_secret_and_no_record_holds_one(rig: Rig) -> None:
    says = "echo using $WITH; exit 3"
    leaving = 'echo leaving "$WITH"'
    result = await rig.run([task("t", run=command(says, teardown=leaving, env={"WITH": secret(TOKEN)}))], records=True)
    assert stats_of(result, "t").last_lines() == ("using ***",)
    kept = [path for path in (rig.directory / ".tui_runner").rglob("*") if path.is_file()]
    assert any(b"leaving ***" in path.read_bytes() for path in kept)
    assert [path for path in kept if TOKEN.encode() in path.read_bytes()] == []
    assert TOKEN not in repr(result)
