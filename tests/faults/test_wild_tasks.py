"""Tasks that do what no task should do: the run goes on, and ends as every run does."""

import re
import signal
import subprocess

import pytest
from fault_scene import FaultScene
from stage import PROGRAM, open_files

pytestmark = pytest.mark.real


def pipes_of(pid: int) -> int:
    return sum(str(file).startswith("pipe:") or "/pipe:" in str(file) for file in open_files(pid))


def test_a_task_that_closes_its_output_lives_on_and_nobody_waits_for_its_pipes(scene: FaultScene) -> None:
    scene.write("""
        closes = "echo mute is up; while ! [ -e close ]; do sleep 0.02; done; exec >&- 2>&-; touch closed; exec sleep 600"
        main = pipeline([service("mute", run=closes), service("calm")])
    """)
    scene.torn_down = {"teardown mute", "teardown calm"}
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"mute is up")
    scene.wait_until(lambda: "ready" in scene.run("ps").stdout, "mute to be ready")
    before = pipes_of(runner.pid)
    (scene.root / "close").touch()
    scene.wait_until((scene.root / "closed").exists, "the pipes to be closed")
    scene.wait_until(
        lambda: pipes_of(runner.pid) < before, "the runner to let go of the pipes: it would see their end for ever"
    )
    assert re.search(r"mute\s+ready", scene.run("ps").stdout)
    runner.send_signal(signal.SIGINT)
    scene.rest_of(runner)
    assert runner.returncode == 130


def test_a_task_that_goes_on_after_its_own_stop_signal_is_killed(scene: FaultScene) -> None:
    scene.write("""
        traps = "trap 'echo no' INT; echo mule is up; while :; do sleep 0.05; done"
        main = pipeline([service("mule", run=traps, stop_signal="SIGINT", stop_timeout=0.2)])
    """)
    scene.torn_down = ["teardown mule"]
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"mule is up")
    runner.send_signal(signal.SIGINT)
    assert b"did not stop within 0.2 s: SIGKILL" in scene.rest_of(runner)
    assert runner.returncode == 130


def test_a_task_that_kills_its_parent_harms_nobody_else(scene: FaultScene) -> None:
    scene.write("""
        calm = service("calm")
        main = pipeline([calm, task("patricide", run=command("kill -9 $PPID; sleep 0.2", teardown=note("teardown patricide")),
                                    depends_on=[calm])])
    """)
    scene.torn_down = ["teardown patricide", "teardown calm"]
    done = scene.run("run", "patricide")
    assert done.returncode in {0, 1, 3}, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "what", [".tui_runner", '"$XDG_RUNTIME_DIR"/*', '"$XDG_STATE_HOME"/*'], ids=["records", "socket", "state"]
)
def test_a_task_that_removes_our_files_does_not_keep_the_run_from_ending(scene: FaultScene, what: str) -> None:
    scene.write(f"""
        removes = 'rm -rf {what}; echo gone is up; exec sleep 600'
        main = pipeline([service("gone", run=removes), service("after", "gone")])
    """)
    scene.torn_down = ["teardown after", "teardown gone"]
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"after is up")
    runner.send_signal(signal.SIGTERM)
    assert b"Traceback" not in scene.rest_of(runner)
    assert runner.returncode == 143


def test_a_crash_loop_is_told_and_a_changed_file_ends_it(scene: FaultScene) -> None:
    scene.write("""
        from tui_runner import watch
        run = "cat setting; grep -q good setting && echo loops is up && exec sleep 600"
        main = pipeline([service("loops", run=run, restart=restart("on-failure", delay=0.01, limit=3),
                                 watch=watch(["setting"]))])
    """)
    scene.torn_down = ["teardown loops"]
    setting = scene.root / "setting"
    setting.write_text("bad\\n")
    runner = scene.start_bytes("dev", "--no-tui")
    scene.read_until(runner, b"crash loop")
    setting.write_text("good\\n")
    scene.read_until(runner, b"loops is up")
    runner.send_signal(signal.SIGINT)
    scene.rest_of(runner)


def test_a_file_that_may_not_grow_any_more_costs_the_log_and_not_the_task(scene: FaultScene) -> None:
    """As a full disk does."""
    scene.write("""
        prints = "for number in range(4000): print('y' * 99)"
        main = pipeline([task("prints", run=command(python(prints), teardown=note("teardown prints")))])
    """)
    scene.torn_down = ["teardown prints"]
    limited = f"ulimit -f 100; exec {' '.join(PROGRAM)} run prints"
    done = subprocess.run(
        ["/bin/sh", "-c", limited], cwd=scene.root, env=scene.env, capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0
    assert done.stdout.count(b"y" * 99) == 4000
    assert b"cannot write" in done.stdout + done.stderr
