"""However the screen is left, everything goes in order, and the terminal is as it was."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from stage import SHOP_LEAVES, Stage, is_free, select, wait_task
from terminal import Terminal

GATED = """
    wait = f"while [ ! -e {shlex.quote(ORDER)}.gate ]; do sleep 0.02; done; "
    db = service("db", teardown=wait + note("teardown db"))
    main = pipeline([db, service("api", db)])
"""


def test_q_shows_the_teardowns_and_exits_with_0(stage: Stage) -> None:
    stage.write(GATED)
    terminal = stage.open("dev")
    wait_task(terminal, "api", "ready")
    terminal.press("q")
    terminal.wait_for("Stopping")
    wait_task(terminal, "api", "torn down")
    wait_task(terminal, "db", "tearing down")
    terminal.wait_for(re.compile(r"Waiting for db since .*\(its teardown\)"))
    stage.order_file.with_name("order.txt.gate").touch()
    assert terminal.wait_exit() == 0
    terminal.assert_sane()
    assert stage.order() == ["teardown api", "teardown db"]
    stage.assert_all_gone()
    assert terminal.contains("2 tasks"), "what happened stays on the screen"


def test_q_exits_with_1_when_a_task_has_failed(stage: Stage) -> None:
    stage.write(
        """
        main = pipeline([service("fine"), task("bad", run=command("exit 4", teardown=note("teardown bad")))])
    """
    )
    terminal = stage.open("dev")
    wait_task(terminal, "bad", "exit 4")
    wait_task(terminal, "fine", "ready")
    terminal.press("q")
    assert terminal.wait_exit() == 1
    terminal.assert_sane()
    assert sorted(stage.order()) == ["teardown bad", "teardown fine"]
    assert terminal.contains("`bad` failed")


def test_ctrl_c_exits_with_130(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.press("ctrl+c")
    assert terminal.wait_exit() == 130
    terminal.assert_sane()
    assert stage.order() == SHOP_LEAVES
    stage.assert_all_gone()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"])
def test_a_signal_to_the_screen_leaves_in_order_and_restores_the_terminal(
    stage: Stage, number: signal.Signals, code: int
) -> None:
    terminal = stage.open_shop()
    terminal.kill(number)
    assert terminal.wait_exit() == code
    terminal.assert_sane()
    assert stage.order() == SHOP_LEAVES
    stage.assert_all_gone()


def test_a_second_ctrl_c_kills_what_ignores_the_first_and_still_tears_down(stage: Stage) -> None:
    stage.write("""
        main = pipeline([service("mule", run=python(STUBBORN), says="nothing stops me", stop_timeout=600)])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "mule", "ready")
    terminal.press("ctrl+c")
    terminal.wait_for("Waiting for mule")
    terminal.press("ctrl+c")
    assert terminal.wait_exit() == 130
    terminal.assert_sane()
    assert stage.order() == ["teardown mule"]
    stage.assert_all_gone()


def test_what_ignores_every_signal_is_killed_after_its_stop_timeout_without_being_asked(stage: Stage) -> None:
    stage.write("""
        main = pipeline([service("mule", run=python(STUBBORN), says="nothing stops me", stop_timeout=0.3)])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "mule", "ready")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert stage.order() == ["teardown mule"]
    stage.assert_all_gone()


def test_a_third_ctrl_c_gives_up_on_a_teardown_that_hangs(stage: Stage) -> None:
    stage.write("""
        hangs = note("begun") + "; exec sleep 600"
        main = pipeline([service("slow", teardown=hangs, teardown_timeout=600)])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "slow", "ready")
    terminal.press("ctrl+c")
    terminal.wait_for(re.compile(r"Waiting for slow since .*\(its teardown\)"))
    terminal.press("ctrl+c")
    terminal.wait_for("Killing what is left")
    terminal.press("ctrl+c")
    assert terminal.wait_exit() == 130
    terminal.assert_sane()
    assert terminal.contains("the teardown of `slow` was given up")
    assert stage.order() == ["begun"]
    stage.assert_all_gone()


def test_a_failed_teardown_is_told_at_the_end(stage: Stage) -> None:
    stage.write("""
        main = pipeline([service("db", teardown="echo cannot write >&2; exit 5")])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "db", "ready")
    terminal.press("q")
    assert terminal.wait_exit() == 0, "a failed teardown never changes the result"
    assert terminal.contains("teardown of `db` failed")


def close_the_window(_: Stage, terminal: Terminal) -> None:
    terminal.hang_up()


def kill_the_screen(_: Stage, terminal: Terminal) -> None:
    terminal.kill(signal.SIGKILL)


def kill_the_group_of_the_screen(_: Stage, terminal: Terminal) -> None:
    terminal.kill_group(signal.SIGKILL)


def kill_the_supervisor(stage: Stage, _: Terminal) -> None:
    stage.supervisor().kill()


def kill_the_group_of_the_supervisor(stage: Stage, _: Terminal) -> None:
    os.killpg(os.getpgid(stage.supervisor().pid), signal.SIGKILL)


def kill_screen_and_supervisor(stage: Stage, terminal: Terminal) -> None:
    supervisor = stage.supervisor()
    terminal.kill(signal.SIGKILL)
    supervisor.kill()


@pytest.mark.parametrize(
    "disaster",
    [
        close_the_window,
        kill_the_screen,
        kill_the_group_of_the_screen,
        kill_the_supervisor,
        kill_the_group_of_the_supervisor,
        kill_screen_and_supervisor,
    ],
)
def test_whatever_is_killed_nothing_stays_and_teardowns_run_once_in_order(
    stage: Stage, disaster: Callable[[Stage, Terminal], None]
) -> None:
    terminal = stage.open_shop()
    disaster(stage, terminal)
    stage.wait_all_gone()
    assert stage.order() == SHOP_LEAVES
    assert is_free(stage.port)
    assert terminal.wait_exit() != 0


def test_a_screen_whose_supervisor_was_killed_says_so_and_restores_the_terminal(stage: Stage) -> None:
    terminal = stage.open_shop()
    stage.supervisor().kill()
    assert terminal.wait_exit() == 3
    terminal.assert_sane()
    assert terminal.contains("supervisor")
    stage.wait_all_gone()


@pytest.mark.parametrize("kill", [kill_the_screen, kill_the_group_of_the_screen])
def test_a_killed_screen_leaves_a_terminal_that_can_be_used(
    stage: Stage, kill: Callable[[Stage, Terminal], None]
) -> None:
    terminal = stage.open_shop()
    kill(stage, terminal)
    assert terminal.wait_exit() != 0
    stage.wait_all_gone()
    terminal.assert_sane()


def test_a_detached_system_holds_no_terminal(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.press("d")
    assert terminal.wait_exit() == 0
    held = [entry.readlink() for entry in Path(f"/proc/{stage.supervisor().pid}/fd").iterdir()]
    assert [file for file in held if file.is_relative_to("/dev/pts")] == []
    assert stage.run("down").returncode == 0


def test_grandchildren_in_sessions_of_their_own_go_too(stage: Stage) -> None:
    stage.write("""
        spawn = '''
        import subprocess, sys, time
        for flags in ({}, {"process_group": 0}, {"start_new_session": True}):
            subprocess.Popen(["sleep", "600"], **flags)
        print("is up", flush=True)
        time.sleep(600)
        '''
        import textwrap
        main = pipeline([service("many", run=python(textwrap.dedent(spawn)))])
    """)
    terminal = stage.open("dev")
    wait_task(terminal, "many", "ready")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    stage.assert_all_gone()


def test_quitting_while_things_come_up_leaves_nothing(stage: Stage) -> None:
    stage.write("""
        slow = service("slow", run="sleep 600", says="never said")
        main = pipeline([slow, service("after", slow)])
    """)
    terminal = stage.open("dev")
    terminal.wait_for("1 starting")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    terminal.assert_sane()
    assert stage.order() == ["teardown slow"]
    stage.assert_all_gone()


def test_d_leaves_the_run_alone_and_attach_comes_back(stage: Stage) -> None:
    terminal = stage.open_shop()
    terminal.press("d")
    assert terminal.wait_exit() == 0
    terminal.assert_sane()
    assert terminal.contains("tui-runner attach")
    assert not is_free(stage.port)
    listed = stage.run("ps")
    assert listed.returncode == 0
    assert "api" in listed.stdout
    assert "ready" in listed.stdout

    again = stage.open("attach")
    wait_task(again, "web", "ready")
    select(again, "db")
    again.wait_for("db accepts connections")
    again.press("q")
    again.wait_for("etach")
    again.press("d")
    assert again.wait_exit() == 0
    again.assert_sane()
    assert not is_free(stage.port)

    down = stage.run("down")
    assert down.returncode == 0, down.stderr
    assert stage.order() == SHOP_LEAVES
    stage.assert_all_gone()


def test_down_from_elsewhere_ends_the_screen_too(stage: Stage) -> None:
    terminal = stage.open_shop()
    down = stage.start("down")
    assert terminal.wait_exit() == 0
    down.communicate(timeout=20)
    assert down.returncode == 0
    terminal.assert_sane()
    assert stage.order() == SHOP_LEAVES
    stage.assert_all_gone()


def test_closing_the_window_of_an_attached_screen_touches_nothing(stage: Stage) -> None:
    stage.write_shop()
    assert stage.run("dev", "--detach").returncode == 0
    guest = stage.open("attach")
    wait_task(guest, "web", "ready")
    guest.hang_up()
    guest.wait_exit()
    assert not is_free(stage.port)
    assert stage.order() == []
    assert stage.run("down").returncode == 0
    assert stage.order() == SHOP_LEAVES


def test_a_second_dev_says_how_to_go_on(stage: Stage) -> None:
    terminal = stage.open_shop()
    second = stage.open("dev")
    assert second.wait_exit() == 2
    second.assert_sane()
    assert second.contains("is up already")
    assert second.contains("tui-runner attach")
    terminal.pump(0)
    assert terminal.exit_code is None
