"""Several processes use one cache at the same time."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace

from tui_runner.caching.entry_lock import EntryLock
from tui_runner.caching.garbage import clear, collect
from tui_runner.caching.store import CacheError

PROGRAM = Path(__file__).with_name("programs") / "beside_others.py"
ROUNDS = 25


def start(*arguments: str) -> "subprocess.Popen[str]":
    child = subprocess.Popen(
        [sys.executable, PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


@pytest.mark.real
@pytest.mark.slow
def test_tasks_keep_and_restore_side_by_side_while_garbage_is_collected(workspace: CacheWorkspace) -> None:
    root = str(workspace.root)
    # Two of them are runs of one task, and all make the same contents.
    keepers = [start(root, str(ROUNDS), "keep", task) for task in ("one", "one", "two")]
    collector = start(root, "0", "collect")
    for child in (*keepers, collector):
        assert child.stdin is not None
        child.stdin.write("go\n")
        child.stdin.flush()
    done = [child.communicate() for child in keepers]
    collected, problems = collector.communicate()
    assert [errors for _, errors in done] == ["", "", ""]
    assert problems == ""
    assert sum(int(said) for said, _ in done) > 0
    assert collected.strip().isdecimal()
    assert collect(workspace.store, keep_last=1).busy is False
    assert workspace.unfinished() == []
    assert {entry.task for entry in workspace.store.entries()} <= {"one", "two"}


def test_nothing_is_collected_while_somebody_uses_the_cache(workspace: CacheWorkspace) -> None:
    workspace.save()
    with workspace.store.using():
        for result in (collect(workspace.store, keep_last=0, patience_s=0.05), clear(workspace.store, patience_s=0.05)):
            assert result.busy
            assert (result.entries, result.blobs, result.bytes) == (0, 0, 0)
        assert len(list(workspace.store.entries())) == 1
    assert collect(workspace.store, keep_last=0).entries == 1


def test_collecting_waits_for_those_who_are_nearly_done(workspace: CacheWorkspace) -> None:
    workspace.save()
    using, collecting = threading.Event(), threading.Event()

    def use() -> None:
        with workspace.store.using():
            using.set()
            collecting.wait(20)

    user = threading.Thread(target=use)
    user.start()
    assert using.wait(20)
    threading.Timer(0.05, collecting.set).start()
    assert collect(workspace.store, keep_last=0, patience_s=20).entries == 1
    user.join()


def test_several_may_use_it_at_once(workspace: CacheWorkspace) -> None:
    file = workspace.write("a", "content")
    with workspace.store.using(), workspace.store.using():
        digest, size = workspace.store.add_blob(os.fsencode(file))
        with workspace.store.using():
            assert workspace.store.has_blob(digest, size)


def test_leftovers_of_the_dead_are_swept_but_not_those_of_the_living(workspace: CacheWorkspace) -> None:
    with workspace.store.using():
        left = workspace.places.unfinished / "0123456789abcdef"
        left.write_text("of somebody at work")
        with workspace.store.using():
            assert left.exists()
    deep = workspace.places.unfinished / "fedcba9876543210" / "deep"
    deep.mkdir(parents=True)
    with workspace.store.using():
        assert workspace.unfinished() == []


def test_a_task_is_locked_for_one_run_at_a_time(workspace: CacheWorkspace) -> None:
    path = workspace.places.lock("build", "dev")
    assert EntryLock.holder(path) is None
    lock = EntryLock.acquire(path)
    assert lock is not None
    assert EntryLock.holder(path) == os.getpid()
    assert EntryLock.acquire(path) is None
    other = EntryLock.acquire(workspace.places.lock("build", "ci"))
    assert other is not None
    other.release()
    lock.release()
    lock.release()
    assert lock.descriptor == -1
    assert EntryLock.holder(path) is None
    again = EntryLock.acquire(path)
    assert again is not None
    again.release()


HOLD = """
import sys
from pathlib import Path
from tui_runner.caching.entry_lock import EntryLock
lock = EntryLock.acquire(Path(sys.argv[1]))
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.mark.real
def test_the_lock_of_a_killed_process_is_free(workspace: CacheWorkspace) -> None:
    path = workspace.places.lock("build", "dev")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=-1, stdout=-1) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert EntryLock.acquire(path) is None
        assert EntryLock.holder(path) == child.pid
        child.kill()
    assert EntryLock.holder(path) is None
    lock = EntryLock.acquire(path)
    assert lock is not None
    lock.release()


@pytest.mark.parametrize("kind", ["link", "directory", "pipe"])
def test_something_else_in_the_place_of_a_lock_is_told(kind: str, workspace: CacheWorkspace) -> None:
    path = workspace.places.lock("build", "dev")
    path.parent.mkdir(parents=True)
    match kind:
        case "link":
            path.symlink_to(workspace.write("precious", "x"))
        case "directory":
            path.mkdir()
        case _:
            os.mkfifo(path)
    with pytest.raises(CacheError, match=r"cannot lock .*build.*\.lock"):
        EntryLock.acquire(path)
    assert EntryLock.holder(path) is None
    assert kind != "link" or (workspace.root / "precious").read_text() == "x"
