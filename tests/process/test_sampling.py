import os
import subprocess
import sys

import pytest

from tui_runner.process.sampling import ProcessSample, Usage, read_processes, usage_of


def sample(pid: int, parent: int, session: int = 0, cpu_s: float = 1.0, rss: int = 10) -> ProcessSample:
    return ProcessSample(pid=pid, parent=parent, session=session, cpu_s=cpu_s, rss=rss)


def test_a_task_is_its_session_and_everything_below() -> None:
    samples = [
        sample(10, 1, 10),
        sample(11, 10, 10),
        sample(12, 11, 12),  # a session of its own, below
        sample(13, 1, 10),  # its parent is gone, the session tells
        sample(20, 1, 20),
        sample(30, 1, 30),
    ]
    assert usage_of(samples, {"a": 10, "b": 20, "gone": 99}) == {
        "a": Usage(processes=4, cpu_s=4.0, rss=40),
        "b": Usage(processes=1, cpu_s=1.0, rss=10),
    }


def test_a_circle_in_a_table_that_was_changing_ends() -> None:
    assert usage_of([sample(10, 11), sample(11, 10)], {"a": 5}) == {}


def test_cpu_percent_is_never_negative() -> None:
    assert Usage(cpu_s=3.0).cpu_percent(Usage(cpu_s=1.0), 4.0) == 50.0
    assert Usage(cpu_s=1.0).cpu_percent(Usage(cpu_s=3.0), 4.0) == 0.0
    assert Usage(cpu_s=1.0).cpu_percent(Usage(), 0.0) == 0.0


@pytest.mark.real
def test_real_processes_are_seen() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", "print(1, flush=True); input()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        usage = usage_of(read_processes(), {"me": os.getpid(), "child": child.pid})
        child.communicate(b"\n")
    assert usage["child"].processes == 1
    assert usage["child"].rss > 1_000_000
    assert usage["me"].processes >= 1
