"""beside_others.py DIRECTORY ROUNDS keep TASK | collect: uses a cache that others use at the same time.

`keep` builds, keeps, throws away and restores outputs of a task, alone with its task by the task's lock, and prints how
often that went well. `collect` collects garbage until its standard input ends, and prints how often it could.
"""

import os
import random
import select
import shutil
import sys
import time
from pathlib import Path

from cache_workspace import CacheWorkspace, tree

from tui_runner.caching.entry_lock import EntryLock
from tui_runner.caching.garbage import collect
from tui_runner.caching.outputs import OutputSet, restore, take_snapshot


def lock(workspace: CacheWorkspace, task: str) -> EntryLock:
    while (held := EntryLock.acquire(workspace.places.lock(task, "dev"))) is None:
        time.sleep(0.002)
    return held


def keep(workspace: CacheWorkspace, rounds: int, task: str) -> int:
    store, place = workspace.store, workspace.root / task
    outputs = OutputSet(root=str(workspace.root), base=str(workspace.root), patterns=(task,))
    table = workspace.places.table(task, "dev", "outputs")
    done = 0
    for number in range(rounds):
        held = lock(workspace, task)
        try:
            shutil.rmtree(place, ignore_errors=True)
            for name in range(8):
                workspace.write(f"{task}/{name % 3}/{name}", f"content {name} {random.randrange(4)}\n" * 100)
            key = f"{number % 3:064x}"
            built = tree(place)
            with store.using():
                wanted = take_snapshot(outputs, store, table, lambda: False).outputs
                store.save(workspace.entry(key, task, outputs=wanted))
            shutil.rmtree(place / "1")
            with store.using():
                entry = store.load(task, "dev", key)
                if entry is None:
                    continue  # somebody has collected it
                assert restore(outputs, entry.outputs, store, table, lambda: False) is not None, "contents are there"
                store.used(task, "dev", key)
            assert tree(place) == built
            done += 1
        finally:
            held.release()
    return done


def collect_all_the_time(workspace: CacheWorkspace) -> int:
    collected = 0
    while not select.select([sys.stdin], [], [], 0)[0]:
        collected += not collect(workspace.store, keep_last=random.randrange(2), patience_s=0.02).busy
    return collected


if __name__ == "__main__":
    random.seed(os.getpid())
    workspace = CacheWorkspace(Path(sys.argv[1]))
    print("ready", flush=True)
    sys.stdin.readline()
    match sys.argv[3:]:
        case ["keep", task]:
            print(keep(workspace, int(sys.argv[2]), task))
        case _:
            print(collect_all_the_time(workspace))
