"""Killed at any moment: what was begun is finished by the next one, and nothing stays half done."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

PROGRAM = Path(__file__).with_name("programs") / "killed_everywhere.py"


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[str]:
    """A directory on another file system than the workspace; empty where there is none."""
    shared_memory = Path("/dev/shm")
    if not shared_memory.is_dir() or shared_memory.stat().st_dev == tmp_path.stat().st_dev:
        yield ""
        return
    with tempfile.TemporaryDirectory(dir=shared_memory) as place:
        yield place


@pytest.mark.parametrize(("work", "steps"), [("restore", 60), ("keep", 40), ("collect", 10)])
def test_a_kill_before_any_step_leaves_nothing_that_cannot_be_finished(
    work: str, steps: int, tmp_path: Path, other_file_system: str
) -> None:
    done = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), other_file_system if work == "restore" else "", work],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert int(done.stdout) >= steps
