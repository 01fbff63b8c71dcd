"""A short sample of what `make faults` does two hundred times."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

HERE = Path(__file__).parent
PROGRAM = HERE / "random_kills.py"
SEED = 5


def test_whenever_the_runner_is_killed_nothing_is_left_and_the_next_start_works() -> None:
    rounds = ["--supervisor", "5", "--group", "5", "--both", "3", "--seed", str(SEED)]
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *rounds],
        env={**os.environ, "PYTHONPATH": f"{HERE.parent / 'support'}{os.pathsep}{HERE.parent.parent}"},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" 0 went wrong") == 3
