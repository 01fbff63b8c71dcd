"""`dev` without a screen, from outside: lines, its own end, signals."""

import os
import signal
import subprocess

import psutil
import pytest
from rig import GUARDIAN
from stage import SHOP, SHOP_LEAVES, Stage, is_free
from terminal import DEADLINE_S


def read_until(process: "subprocess.Popen[str]", words: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line.rstrip("\n"))
        if words in line:
            return lines
    raise AssertionError("\n".join([f"ended before {words!r}:", *lines]))


def end(process: "subprocess.Popen[str]") -> str:
    rest, _ = process.communicate(timeout=DEADLINE_S)
    return rest


def test_lines_carry_the_name_of_their_task_and_the_run_ends_by_itself(stage: Stage) -> None:
    stage.write("""
        one = task("one", run="echo first; echo second >&2")
        two = task("two", run="echo third", depends_on=[one])
        main = pipeline([one, two])
    """)
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 0, done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert [row[0] for row in rows if row[-1] == "first"] == ["one"]
    assert [row[0] for row in rows if row[-1] == "second"] == ["one"]
    assert [row[0] for row in rows if row[-1] == "third"] == ["two"]
    assert "\x1b" not in done.stdout
    stage.assert_all_gone()


def test_what_a_task_leaves_without_a_line_end_stands_before_what_is_said_of_its_end(stage: Stage) -> None:
    stage.write("""
        main = pipeline([task("one", run="printf open"), task("two", run="sleep 0.1")])
    """)
    done = stage.run("dev", "--no-tui")
    rows = [line.partition("| ")[2] for line in done.stdout.splitlines() if line.startswith("one")]
    assert rows[:2] == ["open", "── exited with code 0 ──"]
    assert rows[2].startswith("done after ")


def test_a_failed_task_makes_it_end_with_one(stage: Stage) -> None:
    stage.write("""
        bad = task("bad", run="echo no good; exit 3")
        after = task("after", run="echo never", depends_on=[bad])
        good = task("good", run="echo fine")
        main = pipeline([bad, after, good])
    """)
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 1
    assert "fine" in done.stdout
    assert "never" not in done.stdout
    assert "exited with code 3" in done.stdout + done.stderr


def test_without_a_terminal_dev_prints_lines_unasked(stage: Stage) -> None:
    stage.write("""main = pipeline([task("one", run="echo only lines")])""")
    done = stage.run("dev")
    assert done.returncode == 0, done.stderr
    assert "only lines" in done.stdout
    assert "\x1b[" not in done.stdout


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)], ids=["INT", "TERM", "HUP"]
)
def test_a_signal_takes_everything_down_in_order(stage: Stage, number: signal.Signals, code: int) -> None:
    stage.write_shop()
    process = stage.start("dev", "--no-tui")
    read_until(process, "web is up")
    process.send_signal(number)
    end(process)
    assert process.returncode == code
    assert stage.order() == SHOP_LEAVES
    stage.assert_all_gone()


def test_ctrl_c_at_a_shell_reaches_the_whole_group_and_still_leaves_in_order(stage: Stage) -> None:
    stage.write_shop()
    process = stage.start("dev", "--no-tui")
    read_until(process, "web is up")
    os.killpg(process.pid, signal.SIGINT)
    end(process)
    assert process.returncode == 130
    assert stage.order() == SHOP_LEAVES
    stage.assert_all_gone()


def test_a_second_interrupt_kills_what_ignores_the_first_and_still_tears_down(stage: Stage) -> None:
    stage.write("""
        main = pipeline([service("mule", run=python(STUBBORN), says="nothing stops me", stop_timeout=600)])
    """)
    process = stage.start("dev", "--no-tui")
    read_until(process, "nothing stops me")
    process.send_signal(signal.SIGINT)
    stage.run("ps")  # it still runs, and says so
    process.send_signal(signal.SIGINT)
    end(process)
    assert process.returncode == 130
    assert stage.order() == ["teardown mule"]
    stage.assert_all_gone()


def test_a_third_interrupt_gives_up_on_a_teardown_that_hangs(stage: Stage) -> None:
    stage.write("""
        hangs = note("begun") + "; exec sleep 600"
        main = pipeline([service("slow", teardown=hangs, teardown_timeout=600)])
    """)
    process = stage.start("dev", "--no-tui")
    read_until(process, "slow is up")
    process.send_signal(signal.SIGINT)
    stage.wait_until(lambda: stage.order() == ["begun"], "the teardown to begin")
    # Two different signals: a pending one swallows another of its kind.
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    output = end(process)
    assert process.returncode == 130
    assert "teardown given up" in output
    assert "the teardown of `slow` was given up" in output
    stage.assert_all_gone()


def test_killing_it_leaves_nothing_behind(stage: Stage) -> None:
    stage.write_shop()
    process = stage.start("dev", "--no-tui")
    read_until(process, "web is up")
    process.kill()
    end(process)
    stage.wait_all_gone()
    assert stage.order() == SHOP_LEAVES
    assert is_free(stage.port)


def test_a_process_that_pipeline_py_has_forked_does_not_hold_the_guardian_up(stage: Stage) -> None:
    """It has every descriptor of its parent, the guardian's socket among them, and outlives it."""
    stage.write(
        f"import os, time\nif os.fork() == 0:\n    time.sleep(60)\n    os._exit(0)\n{SHOP.format(port=stage.port)}"
    )
    process = stage.start("dev", "--no-tui")
    read_until(process, "web is up")
    (forked,) = (child for child in psutil.Process(process.pid).children() if GUARDIAN not in child.cmdline())
    process.kill()
    stage.wait_until(lambda: len(stage.processes()) == 1, "all but the forked process to be gone")
    assert stage.processes() == [forked]
    assert stage.order() == SHOP_LEAVES
    forked.kill()
    end(process)


def test_killing_its_whole_group_leaves_nothing_behind(stage: Stage) -> None:
    stage.write_shop()
    process = stage.start("dev", "--no-tui")
    read_until(process, "web is up")
    os.killpg(process.pid, signal.SIGKILL)
    end(process)
    stage.wait_all_gone()
    assert stage.order() == SHOP_LEAVES
    assert is_free(stage.port)


def test_lines_do_not_start_a_second_system_beside_the_one_that_is_up(stage: Stage) -> None:
    terminal = stage.open_shop()
    before = stage.order()
    second = stage.run("dev", "--no-tui")
    assert second.returncode == 2
    assert second.stdout == ""
    assert "is up already" in second.stderr
    assert "tui-runner logs -f" in second.stderr
    assert stage.order() == before
    terminal.pump(0)
    assert terminal.exit_code is None
