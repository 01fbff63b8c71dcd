import os
import subprocess
import sys
from pathlib import Path

import pytest

from tui_runner.control.lock import Holder, Lock, acquire, holder_of, wait_until_free

HOLD = """
import sys, time
from pathlib import Path
from tui_runner.control.lock import acquire
lock = acquire(Path(sys.argv[1]))
lock.write_holder("the-run")
print("ready", flush=True)
sys.stdin.read()
"""


def take(path: Path) -> Lock:
    lock = acquire(path)
    assert isinstance(lock, Lock)
    return lock


def test_a_second_taker_is_told_who_holds_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with take(path) as lock:
        lock.write_holder("20260101-1")
        assert acquire(path) == Holder(pid=os.getpid(), run_id="20260101-1")
        assert holder_of(path) == Holder(pid=os.getpid(), run_id="20260101-1")
        assert path.stat().st_mode & 0o777 == 0o600
    assert holder_of(path) is None
    take(path).release()


def test_nobody_holds_a_lock_that_was_never_made(tmp_path: Path) -> None:
    assert holder_of(tmp_path / "lock") is None
    wait_until_free(tmp_path / "lock")


def test_children_of_the_holder_do_not_inherit_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = take(path)
    with subprocess.Popen(["/bin/sh", "-c", "echo ready; read x"], stdin=-1, stdout=-1, close_fds=False) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        lock.release()
        assert holder_of(path) is None
        child.communicate(b"\n")


@pytest.mark.real
def test_the_lock_of_a_killed_process_is_free(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdin=-1, stdout=-1) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert acquire(path) == Holder(pid=child.pid, run_id="the-run")
        child.kill()
        wait_until_free(path)
        take(path).release()


def test_a_link_in_place_of_the_lock_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("precious")
    (tmp_path / "lock").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="symbolic links"):
        acquire(tmp_path / "lock")
    assert (tmp_path / "target").read_text() == "precious"
