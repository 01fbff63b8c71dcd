"""Whatever ends the runner, or keeps it from its work: everything goes in order, or goes on as if nothing had been."""

import re
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest
from fault_scene import FaultScene
from stage import PROGRAM, SHOP_LEAVES
from terminal import Terminal

pytestmark = pytest.mark.real

GATED = """
    wait = f"while [ ! -e {shlex.quote(ORDER)}.gate ]; do sleep 0.02; done"
    db = service("db", teardown=f"{note('begin db')}; {wait}; {note('end db')}")
    main = pipeline([db, service("api", db)])
"""


@pytest.mark.parametrize("number", [signal.SIGQUIT, signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_runner_that_dies_of_a_signal_is_cleaned_up_after_in_order(scene: FaultScene, number: signal.Signals) -> None:
    scene.write_shop()
    scene.torn_down = SHOP_LEAVES
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"web is up")
    runner.send_signal(number)
    scene.rest_of(runner)
    assert runner.returncode == -number


def test_a_runner_killed_while_it_is_stopped_is_cleaned_up_after(scene: FaultScene) -> None:
    scene.write_shop()
    scene.torn_down = SHOP_LEAVES
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"web is up")
    runner.send_signal(signal.SIGSTOP)
    runner.kill()
    scene.rest_of(runner)


@pytest.mark.parametrize("numbers", [(signal.SIGKILL,), (signal.SIGINT, signal.SIGKILL)], ids=["killed", "stopping"])
def test_a_teardown_that_runs_when_the_runner_is_killed_ends_and_runs_once(
    scene: FaultScene, numbers: Sequence[signal.Signals]
) -> None:
    scene.write(GATED)
    scene.torn_down = ["teardown api", "begin db", "end db"]
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"api is up")
    for number in numbers:
        runner.send_signal(number)
        scene.wait_until(lambda: "begin db" in scene.order(), "the teardown of db to begin")
    scene.order_file.with_name("order.txt.gate").touch()
    scene.rest_of(runner)


def test_an_interrupt_while_things_come_up_tears_down_only_what_was_started(scene: FaultScene) -> None:
    scene.write("""
        first = service("first")
        slow = service("slow", first, run="echo begins; exec sleep 600", says="never said")
        main = pipeline([first, slow, service("never", slow)])
    """)
    scene.torn_down = ["teardown slow", "teardown first"]
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"begins")
    runner.send_signal(signal.SIGINT)
    scene.rest_of(runner)
    assert runner.returncode == 130


def test_a_closed_terminal_is_left_in_order_and_without_a_traceback(scene: FaultScene) -> None:
    scene.write_shop()
    scene.torn_down = SHOP_LEAVES
    words = f"exec {' '.join(PROGRAM)} dev --no-tui 2> errors"
    with Terminal(["/bin/sh", "-c", words], cwd=scene.root, env=scene.env) as terminal:
        terminal.wait_for("web is up")
        terminal.hang_up()
        scene.wait_all_gone()
    assert "Traceback" not in (scene.root / "errors").read_text()


def test_a_stopped_runner_stops_nobody_and_no_timeout_fires_when_it_goes_on(scene: FaultScene) -> None:
    """As after Ctrl-Z, in a debugger, or when the machine was suspended."""
    scene.write("""
        ticks = service("ticks", run="echo ticks is up; while :; do echo tick >> ticks; sleep 0.02; done")
        says = "while ! [ -e say ]; do sleep 0.02; done; echo slow is up; touch said; exec sleep 600"
        main = pipeline([ticks, service("slow", run=says, ready_timeout=1), service("after", "slow")])
    """)
    scene.torn_down = {"teardown ticks", "teardown slow", "teardown after"}
    ticks = scene.root / "ticks"
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"ticks is up")
    # Stopped while it waits in the kernel, it finds its timers due before it hears what has happened.
    scene.wait_until(lambda: psutil.Process(runner.pid).status() == psutil.STATUS_SLEEPING, "the runner to wait")
    runner.send_signal(signal.SIGSTOP)
    (scene.root / "say").touch()
    scene.wait_until((scene.root / "said").exists, "slow to say that it is up")
    before = ticks.stat().st_size
    time.sleep(1.2)  # longer than its timeout: this is what must not matter
    assert ticks.stat().st_size > before
    assert scene.order() == []
    runner.send_signal(signal.SIGCONT)
    scene.read_until(runner, b"after is up")
    runner.send_signal(signal.SIGTERM)
    assert b"failed" not in scene.rest_of(runner)
    assert runner.returncode == 143


def test_a_reader_that_leaves_ends_the_run_in_order(scene: FaultScene) -> None:
    scene.write_shop()
    scene.torn_down = SHOP_LEAVES
    runner = scene.start_bytes("dev", "--no-tui", stderr=subprocess.PIPE)
    scene.read_until(runner, b"web is up")
    assert runner.stdout is not None
    assert runner.stderr is not None
    runner.stdout.close()
    assert scene.run("restart", "web").returncode in {0, 1, 2}, "it prints something, or has ended already"
    assert b"Traceback" not in runner.stderr.read()
    assert runner.wait(20) == 128 + signal.SIGPIPE


def test_a_full_disk_costs_the_lines_and_not_the_run(scene: FaultScene) -> None:
    scene.write_shop()
    scene.torn_down = SHOP_LEAVES
    with Path("/dev/full").open("wb") as full, (scene.root / "errors").open("wb") as errors:
        runner = scene.start_bytes("dev", "--no-tui", stdout=full.fileno(), stderr=errors.fileno())
    scene.wait_until(lambda: re.search(r"web\s+ready", scene.run("ps").stdout) is not None, "the shop to be up")
    runner.send_signal(signal.SIGINT)
    assert runner.wait(20) == 130
    told = (scene.root / "errors").read_text()
    assert told.startswith("warning: what tasks print is not shown any more: No space left on device\n")
    assert "Traceback" not in told


def test_it_needs_none_of_the_three_standard_files(scene: FaultScene) -> None:
    scene.write("""
        main = pipeline([service("up"), task("job", run=command("echo done > done", teardown=note("teardown job")))])
    """)
    scene.torn_down = ["teardown job"]
    shell = f"exec {' '.join(PROGRAM)} run job <&- >&- 2>&-"
    done = subprocess.run(["/bin/sh", "-c", shell], cwd=scene.root, env=scene.env, timeout=60, check=False)
    assert done.returncode == 0
    assert (scene.root / "done").read_text() == "done\n"
