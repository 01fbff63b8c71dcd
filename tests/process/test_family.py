"""Which processes belong to which task, with real ones, also when they have left their parents and sessions."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tui_runner.process.family import Family
from tui_runner.process.listening import ports_of

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(sys.platform != "linux", reason="a walk down from the guardian needs /proc"),
]
MARKER = "family-of-a-test"

# A guardian in small: it adopts, starts a leader, and says which processes it has.
GUARDIAN = """
import ctypes, os, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
LEADER = '''
import os, socket, subprocess, sys, threading
door = socket.create_server(("127.0.0.1", 0))
print(door.getsockname()[1], flush=True)
def below():
    global child
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
made = threading.Thread(target=below)
made.start()
made.join()
print(child.pid, flush=True)
middle = subprocess.Popen(
    [sys.executable, "-c",
     "import subprocess, sys;"
     "print(subprocess.Popen([sys.executable, '-c', 'input()'], start_new_session=True, stdout=2).pid, flush=True)"],
    stdout=subprocess.PIPE, stdin=0)
print(middle.communicate()[0].decode().strip(), flush=True)
sys.stdin.read()
'''
env = {**os.environ, "TUI_RUNNER_RUN": sys.argv[1], "TUI_RUNNER_TASK": "api"}
leader = subprocess.Popen([sys.executable, "-c", LEADER], env=env, start_new_session=True, stdin=subprocess.PIPE)
print(leader.pid, flush=True)
sys.stdin.read()
leader.stdin.close()
leader.wait()
"""


@contextmanager
def guarded() -> Iterator[tuple[int, list[int]]]:
    """Yield the guardian, and: the leader, its port, a child of another thread of it, an adopted process."""
    with subprocess.Popen(
        [sys.executable, "-c", GUARDIAN, MARKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as guardian:
        assert guardian.stdout is not None
        numbers = [int(guardian.stdout.readline()) for _ in range(4)]
        yield guardian.pid, numbers
        guardian.communicate()


def test_a_task_has_its_leader_children_of_any_thread_and_what_the_guardian_has_adopted() -> None:
    with guarded() as (guardian, (leader, _, child, adopted)):
        family = Family(guardian, MARKER)
        for _ in range(2):  # the second time it remembers whose the adopted one is
            found = family.look({"api": leader})
            assert {sample.pid for sample in found.pop("api")} == {leader, child, adopted}
            assert found == {}
        assert all(sample.rss > 0 for sample in family.look({"api": leader})["api"])


def test_a_leader_that_nobody_names_is_known_by_its_marker() -> None:
    with guarded() as (guardian, (leader, *_)):
        assert leader in {sample.pid for sample in Family(guardian, MARKER).look({})["api"]}
        assert Family(guardian, "another run").look({}) == {}


def test_ports_are_those_a_task_listens_on() -> None:
    with guarded() as (guardian, (leader, port, *_)):
        assert ports_of(Family(guardian, MARKER).look({"api": leader})) == {"api": (port,)}
    assert ports_of({}) == {}


def test_a_guardian_that_is_gone_has_no_family() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait()
    assert Family(gone.pid, MARKER).look({"api": os.getpid()}) == {}
