import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import msgspec
import pytest
from workshop import Workshop

from tui_runner.errors.runner_error import GuardianError
from tui_runner.model.output import Stream
from tui_runner.model.window_size import WindowSize
from tui_runner.process.guardian import process_table
from tui_runner.scheduling.event import ActivationClosed, Exited, GroupGone, Spawned, SpawnFailed, TeardownEnded

pytestmark = pytest.mark.real

IGNORES_TERM = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready', flush=True)\n"
    "while True: time.sleep(60)\n"
)


async def test_output_of_both_streams_arrives_before_the_exit(workshop: Workshop) -> None:
    workshop.spawn("a", "echo out; echo err >&2; exit 3")
    exited = await workshop.sink.event(Exited, "a")
    assert (exited.exit_code, exited.signal, exited.group_gone) == (3, None, True)
    assert workshop.sink.text("a", Stream.STDOUT) == "out\n"
    assert workshop.sink.text("a", Stream.STDERR) == "err\n"
    assert workshop.sink.story.index("Exited") > workshop.sink.story.index("output")


async def test_a_megabyte_printed_just_before_the_exit_is_complete_in_the_log(workshop: Workshop) -> None:
    workshop.spawn("a", "head -c 1000000 /dev/zero | tr '\\0' x")
    await workshop.sink.event(Exited, "a")
    assert len(workshop.sink.text("a")) == 1_000_000
    assert workshop.executor.log("a").read(0, 1 << 30) == b"x" * 1_000_000


async def test_a_flood_loses_nothing_and_keeps_its_order(workshop: Workshop) -> None:
    workshop.spawn("a", "seq 1 300000")
    await workshop.sink.event(Exited, "a")
    assert workshop.sink.text("a") == "".join(f"{n}\n" for n in range(1, 300_001))


async def test_a_signal_is_reported_by_name(workshop: Workshop) -> None:
    workshop.spawn("a", "kill -9 $$")
    exited = await workshop.sink.event(Exited, "a")
    assert (exited.exit_code, exited.signal) == (None, "SIGKILL")


async def test_stdin_is_empty_and_the_markers_are_in_the_environment(workshop: Workshop) -> None:
    workshop.spawn("a", "cat; echo $TUI_RUNNER_TASK $TUI_RUNNER_RUN $ADDED", env={"ADDED": "yes"})
    await workshop.sink.event(Exited, "a")
    assert workshop.sink.text("a") == f"a {workshop.marker} yes\n"


async def test_the_working_directory_is_the_task_s(workshop: Workshop) -> None:
    workshop.spawn("a", ["pwd"])
    await workshop.sink.event(Exited, "a")
    assert workshop.sink.text("a") == f"{workshop.directory}\n"


async def test_tools_of_the_workspace_come_first_in_path(workshop: Workshop) -> None:
    tools = workshop.directory / "node_modules" / ".bin"
    tools.mkdir(parents=True)
    (tools / "mytool").write_text("#!/bin/sh\necho mine\n")
    (tools / "mytool").chmod(0o755)
    workshop.spawn("a", ["mytool"])
    await workshop.sink.event(Exited, "a")
    assert workshop.sink.text("a") == "mine\n"


async def test_children_do_not_inherit_ignored_signals(workshop: Workshop) -> None:
    workshop.spawn("a", "grep SigIgn /proc/self/status; yes | head -1")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 0
    _, ignored, answer = workshop.sink.text("a").split()
    assert int(ignored, 16) & 0x7FFFFFFF == 0  # above are signals of the C library, which nobody can reset
    assert answer == "y"


async def test_children_get_the_open_file_limit_of_the_user(workshop: Workshop) -> None:
    import resource

    workshop.spawn("a", "ulimit -Sn")
    await workshop.sink.event(Exited, "a")
    assert int(workshop.sink.text("a")) == resource.getrlimit(resource.RLIMIT_NOFILE)[0]


@pytest.mark.parametrize(
    ("run", "code", "words"),
    [
        (["no-such-program"], 127, "command not found: `no-such-program`; looked in"),
        (["./missing"], 127, "`./missing`: no such file"),
        (["./plain"], 126, "is not executable; try `chmod +x`"),
        (["./directory"], 126, "is a directory"),
        (["./headless"], 126, "is not a program: give it a `#!` line"),
        (["./orphan"], 126, "the program named in its `#!` line does not exist"),
    ],
)
async def test_what_cannot_be_spawned_says_why(workshop: Workshop, run: list[str], code: int, words: str) -> None:
    here: Path = workshop.directory
    (here / "plain").write_text("x")
    (here / "directory").mkdir()
    for name, text in (("headless", "nothing"), ("orphan", "#!/no/such/shell\n")):
        (here / name).write_text(text)
        (here / name).chmod(0o755)
    workshop.spawn("a", run)
    refused = await workshop.sink.event(SpawnFailed, "a")
    assert refused.failure.message.startswith("[a] ")
    assert words in refused.failure.message
    assert refused.failure.exit_code == code


@pytest.mark.parametrize("run", ["true", ["true"], ["no-such-program"]])
async def test_a_missing_directory_is_named(workshop: Workshop, run: Any) -> None:
    import msgspec

    task = msgspec.structs.replace(workshop.task("a", run), cwd=str(workshop.directory / "gone"))
    workshop.executor.spawn(task, 1, ())
    refused = await workshop.sink.event(SpawnFailed, "a")
    assert "gone does not exist" in refused.failure.message


async def test_stop_signals_the_whole_group(workshop: Workshop) -> None:
    workshop.spawn("a", "sleep 100 & sleep 100 & echo ready; wait")
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.signal == "SIGTERM"
    if not exited.group_gone:
        await workshop.sink.event(GroupGone, "a")
    assert workshop.sink.escalations == []


async def test_a_task_that_ignores_the_stop_signal_is_killed_after_its_timeout(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout="100ms")
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.signal == "SIGKILL"
    assert workshop.sink.escalations == ["a"]


async def test_kill_does_not_wait_for_the_timeout(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    workshop.executor.kill("a")
    assert (await workshop.sink.event(Exited, "a")).signal == "SIGKILL"


async def test_a_stopped_process_wakes_up_to_see_the_stop_signal(workshop: Workshop) -> None:
    workshop.spawn("a", "echo ready; exec sleep 100", stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.signal("a", signal.SIGSTOP)
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).signal == "SIGTERM"


async def test_another_stop_signal_is_used(workshop: Workshop) -> None:
    workshop.spawn("a", "trap 'echo bye; exit 0' USR1; echo ready; while :; do sleep 0.01; done", stop_signal="USR1")
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    await workshop.sink.event(Exited, "a")
    assert "bye" in workshop.sink.text("a")


async def test_a_stop_command_asks_instead_of_the_signal(workshop: Workshop) -> None:
    waits = "trap 'echo signalled' TERM; echo ready; while [ ! -e stop ]; do sleep 0.01; done; exit 7"
    workshop.spawn("a", waits, stop="echo asking; touch stop", stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).exit_code == 7
    await workshop.sink.printed("a", "asking")
    assert workshop.sink.text("a", Stream.TEARDOWN) == "asking\n"
    assert "signalled" not in workshop.sink.text("a")


async def test_a_stop_command_that_fails_is_followed_by_the_signal(workshop: Workshop) -> None:
    workshop.spawn("a", "echo ready; exec sleep 100", stop="exit 1", stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).signal == "SIGTERM"


async def test_a_group_member_left_behind_is_ended_when_its_leader_exits(workshop: Workshop) -> None:
    workshop.spawn("a", "(trap 'echo ended; exit' TERM; echo ready; while :; do sleep 0.01; done) & sleep 0.2; exit 0")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 0
    if not exited.group_gone:
        await workshop.sink.event(GroupGone, "a")
    assert "ended" in workshop.sink.text("a")


async def test_a_member_that_ignores_the_signal_is_killed_after_the_timeout(workshop: Workshop) -> None:
    left_behind = "(trap '' TERM; echo ready; while :; do sleep 0.01; done) & sleep 0.2"
    workshop.spawn("a", left_behind, stop_timeout="100ms")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 0
    assert not exited.group_gone
    await workshop.sink.event(GroupGone, "a")
    assert workshop.sink.escalations == ["a"]


async def test_a_daemon_lives_until_its_activation_is_closed(workshop: Workshop) -> None:
    workshop.spawn(
        "a", "setsid sh -c 'trap \"\" TERM; echo $$ > pid; echo up; while :; do sleep 0.05; done' & sleep 0.3"
    )
    exited = await workshop.sink.event(Exited, "a")
    assert exited.escaped
    await workshop.sink.printed("a", "up")
    daemon = int((workshop.directory / "pid").read_text())
    os.kill(daemon, 0)
    workshop.executor.close_activation("a")
    await workshop.sink.event(ActivationClosed, "a")
    assert daemon not in process_table.everyone()


async def test_closing_one_activation_leaves_the_daemons_of_others(workshop: Workshop) -> None:
    for name in ("a", "b"):
        workshop.spawn(name, f"setsid sh -c 'echo $$ > pid-{name}; echo up; exec sleep 100' & sleep 0.3")
    for name in ("a", "b"):
        await workshop.sink.event(Exited, name)
        await workshop.sink.printed(name, "up")
    workshop.executor.close_activation("a")
    await workshop.sink.event(ActivationClosed, "a")
    assert int((workshop.directory / "pid-a").read_text()) not in process_table.everyone()
    os.kill(int((workshop.directory / "pid-b").read_text()), 0)


async def test_a_daemon_s_whole_tree_goes_even_without_its_environment(workshop: Workshop) -> None:
    nested = "env -i setsid sh -c 'echo $$ > inner; echo up; exec sleep 100'"
    workshop.spawn(
        "a", f'setsid sh -c "{nested} & wait" & while [ ! -s inner ]; do sleep 0.01; done'.replace("$$", r"\$\$")
    )
    await workshop.sink.event(Exited, "a")
    inner = int((workshop.directory / "inner").read_text())
    workshop.executor.close_activation("a")
    await workshop.sink.event(ActivationClosed, "a")
    assert inner not in process_table.everyone()


async def test_the_exit_is_reported_while_a_daemon_still_holds_the_pipe(workshop: Workshop) -> None:
    workshop.spawn(
        "a",
        "setsid sh -c 'touch up; sleep 0.3; echo late; exec sleep 100' & while [ ! -e up ]; do sleep 0.01; done; exit 5",
    )
    assert (await workshop.sink.event(Exited, "a")).exit_code == 5
    await workshop.sink.printed("a", "late")


async def test_the_teardown_runs_once_in_the_task_s_place_and_prints_into_its_log(workshop: Workshop) -> None:
    workshop.spawn("a", "true", teardown="echo down $TUI_RUNNER_TASK $ADDED; pwd", env={"ADDED": "yes"})
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert ended.error is None
    assert workshop.sink.text("a", Stream.TEARDOWN) == f"down a yes\n{workshop.directory}\n"


@pytest.mark.parametrize(
    ("teardown", "words"),
    [
        ("exit 4", "it exited with code 4"),
        ("kill -9 $$", "it was ended by SIGKILL"),
        (["no-such-program", "x"], "no-such-program could not be started: No such file or directory"),
        ("sleep 100", "longer than its timeout of 0.1 s"),
    ],
)
async def test_a_teardown_that_fails_says_how(workshop: Workshop, teardown: Any, words: str) -> None:
    workshop.spawn("a", "true", teardown=teardown, teardown_timeout="100ms")
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    assert words in ((await workshop.sink.event(TeardownEnded, "a")).error or "")


async def test_a_teardown_whose_directory_is_gone_names_it(workshop: Workshop) -> None:
    here = workshop.directory / "here"
    here.mkdir()
    planned = msgspec.structs.replace(workshop.task("a", "true", teardown="true"), cwd=str(here))
    workshop.executor.spawn(planned, 1, ())
    await workshop.sink.event(Exited, "a")
    here.rmdir()
    workshop.executor.run_teardown("a")
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert ended.error == f"its directory {here} cannot be entered: No such file or directory"


async def test_a_teardown_can_be_abandoned(workshop: Workshop) -> None:
    workshop.spawn("a", "true", teardown="echo begun; sleep 1000", teardown_timeout=1000)
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    await workshop.sink.printed("a", "begun")
    workshop.executor.abandon_teardown("a")
    assert "SIGKILL" in ((await workshop.sink.event(TeardownEnded, "a")).error or "")


async def test_a_restart_keeps_the_activation_and_its_log(workshop: Workshop) -> None:
    for attempt in (1, 2, 3):
        workshop.spawn("a", "echo hello", attempt=attempt, teardown="echo down")
        exited = await workshop.sink.event(Exited, "a", count=attempt)
        assert exited.attempt == attempt
    workshop.executor.run_teardown("a")
    await workshop.sink.event(TeardownEnded, "a")
    assert workshop.executor.log("a").read(0, 1 << 30).decode() == "hello\nhello\nhello\ndown\n"
    assert [c.attempt for _, c in workshop.sink.chunks] == [1, 2, 3, 3]


async def test_a_new_activation_after_a_close_has_a_teardown_again(workshop: Workshop) -> None:
    for count in (1, 2):
        workshop.spawn("a", "true", attempt=count, teardown="echo down")
        await workshop.sink.event(Exited, "a", count=count)
        workshop.executor.run_teardown("a")
        await workshop.sink.event(TeardownEnded, "a", count=count)
        workshop.executor.close_activation("a")
        await workshop.sink.event(ActivationClosed, "a", count=count)
    assert workshop.sink.text("a") == "down\ndown\n"


async def test_a_terminal_task_sees_a_controlling_terminal_of_the_given_size(workshop: Workshop) -> None:
    program = (
        "import os, sys\n"
        "print(all(os.isatty(n) for n in range(3)), os.get_terminal_size(1))\n"
        "os.close(os.open('/dev/tty', os.O_RDWR)); print('ctty')\n"
    )
    workshop.spawn("a", workshop.python(program), tty=True)
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 0
    assert workshop.sink.text("a") == "True os.terminal_size(columns=80, lines=24)\nctty\n"


async def test_terminal_output_is_complete_up_to_the_exit(workshop: Workshop) -> None:
    workshop.spawn("a", "head -c 200000 /dev/zero | tr '\\0' x", tty=True)
    await workshop.sink.event(Exited, "a")
    assert len(workshop.sink.text("a")) == 200_000


async def test_typing_and_resizing_reach_a_terminal_task(workshop: Workshop) -> None:
    workshop.spawn("a", "stty size; read line; stty size; echo got $line", tty=True)
    await workshop.sink.printed("a", "24 80")
    workshop.executor.resize("a", WindowSize(rows=50, columns=100))
    workshop.executor.write("a", b"hello\n")
    await workshop.sink.event(Exited, "a")
    assert workshop.sink.text("a") == "24 80\n50 100\ngot hello\n"


async def test_a_probe_command_runs_as_the_task_would(workshop: Workshop) -> None:
    task = workshop.task("a", "true", env={"CODE": "7"})
    run = workshop.executor.run_command
    assert await run(task, "exit $CODE", 5) == 7
    assert await run(task, ("true",), 5) == 0
    assert await run(task, ("no-such-program",), 5) == 127
    assert await run(task, "kill -15 $$", 5) == -15


async def test_a_probe_command_that_takes_too_long_is_killed(workshop: Workshop) -> None:
    task = workshop.task("a", "true")
    with pytest.raises(TimeoutError):
        await workshop.executor.run_command(task, "echo $$ > pid; sleep 1000", 0.3)
    pid = int((workshop.directory / "pid").read_text())
    await workshop.until(lambda: pid not in process_table.everyone())


async def test_notes_land_in_the_log_in_order(workshop: Workshop) -> None:
    workshop.executor.note("a", "starting")
    workshop.spawn("a", "echo hello")
    await workshop.sink.event(Exited, "a")
    workshop.executor.note("a", "done")
    assert [c.stream for _, c in workshop.sink.chunks] == [Stream.NOTE, Stream.STDOUT, Stream.NOTE]
    assert workshop.executor.log("a").read(0, 1 << 30).decode() == "starting\nhello\ndone\n"


async def test_a_note_does_not_continue_a_line_that_the_task_left_open(workshop: Workshop) -> None:
    workshop.spawn("a", "printf open")
    await workshop.sink.event(Exited, "a")
    workshop.executor.note("a", "done")
    workshop.executor.note("a", "really")
    assert workshop.executor.log("a").read(0, 1 << 30).decode() == "open\ndone\nreally\n"


async def test_leader_pids_are_known_while_tasks_run(workshop: Workshop) -> None:
    workshop.spawn("a", "sleep 100")
    spawned = await workshop.sink.event(Spawned, "a")
    assert workshop.executor.pids() == {"a": spawned.pid}
    workshop.executor.kill("a")
    await workshop.sink.event(Exited, "a")
    assert workshop.executor.pids() == {}


async def test_bye_ends_what_still_runs(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM))
    spawned = await workshop.sink.event(Spawned, "a")
    await workshop.executor.bye()
    await workshop.executor.bye()
    assert spawned.pid not in process_table.everyone()


async def test_another_guardian_takes_the_place_of_one_that_was_killed(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout="50ms", teardown="echo torn down")
    workshop.spawn("b", "trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.01; done")
    for task in "ab":
        await workshop.sink.printed(task, "ready")
    os.kill(await workshop.executor.ready(), signal.SIGKILL)
    await workshop.sink.until(lambda: workshop.sink.replacements)
    assert "was killed by signal 9" in workshop.sink.replacements[0]
    for task in "ab":
        workshop.executor.stop(task)
        exited = await workshop.sink.event(Exited, task)
        assert (exited.exit_code, exited.signal) == (None, None), "nobody can tell"
    assert workshop.sink.escalations == ["a"]
    assert "bye" in workshop.sink.text("b")
    workshop.executor.run_teardown("a")
    assert (await workshop.sink.event(TeardownEnded, "a")).error is None
    assert workshop.sink.text("a", Stream.TEARDOWN) == "torn down\n"
    await workshop.executor.bye()
    assert process_table.marked(workshop.marker) == set()
    assert workshop.sink.losses == []


async def test_what_the_killed_guardian_was_asked_for_is_done_by_the_other(workshop: Workshop) -> None:
    workshop.spawn("stopping", "exec sleep 1000")
    workshop.spawn("down", "true", teardown="echo torn down")
    await workshop.sink.event(Spawned, "stopping")
    await workshop.sink.event(
        GroupGone if not (await workshop.sink.event(Exited, "down")).group_gone else Exited, "down"
    )
    guardian = await workshop.executor.ready()
    os.kill(guardian, signal.SIGSTOP)
    workshop.executor.stop("stopping")
    workshop.executor.run_teardown("down")
    workshop.spawn("late", "exec sleep 1000")
    os.kill(guardian, signal.SIGKILL)
    await workshop.sink.event(Exited, "stopping")
    assert (await workshop.sink.event(TeardownEnded, "down")).error is None
    assert workshop.sink.text("down", Stream.TEARDOWN) == "torn down\n"
    assert "killed meanwhile" in (await workshop.sink.event(SpawnFailed, "late")).failure.message


async def test_a_teardown_that_runs_when_the_guardian_is_killed_does_not_run_again(workshop: Workshop) -> None:
    workshop.spawn("a", "true", teardown="echo once >> downs; until [ -e go ]; do sleep 0.01; done; echo done >> downs")
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    downs = workshop.directory / "downs"
    async with asyncio.timeout(20):
        while not downs.exists():  # noqa: ASYNC110 - the outside world sets no events
            await asyncio.sleep(0.01)
    os.kill(await workshop.executor.ready(), signal.SIGKILL)
    await workshop.sink.until(lambda: workshop.sink.replacements)
    (workshop.directory / "go").touch()
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert "not known" in (ended.error or "")
    assert downs.read_text() == "once\ndone\n"


async def test_the_loss_of_both_guardians_is_told_and_nothing_is_left(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM))
    await workshop.sink.printed("a", "ready")
    probe = asyncio.ensure_future(workshop.executor.run_command(workshop.task("a", "true"), "sleep 1000", 1000))
    await asyncio.sleep(0)
    os.kill(await workshop.executor.ready(), signal.SIGKILL)
    await workshop.sink.until(lambda: workshop.sink.replacements)
    os.kill(await workshop.executor.ready(), signal.SIGKILL)
    await workshop.sink.until(lambda: workshop.sink.losses)
    assert "was killed by signal 9" in workshop.sink.losses[0]
    assert process_table.marked(workshop.marker) == set()
    with pytest.raises(GuardianError):
        await probe


async def test_a_log_that_cannot_be_written_is_told_once_in_its_place_and_the_task_goes_on(workshop: Workshop) -> None:
    logs = workshop.directory / "logs"
    workshop.spawn("a", f"mkdir -p {logs}; mkfifo {logs}/a.log; printf half; sleep 0.1; echo; echo more; exit 3")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 3
    assert workshop.sink.text("a", Stream.STDOUT) == "half\nmore\n"
    broken = f"cannot write {logs}/a.log: it is not a regular file; only the latest output is kept, in memory"
    assert workshop.sink.text("a", Stream.NOTE) == f"\n── {broken} ──\n"
    assert workshop.executor.logs_problem == broken
    workshop.spawn("b", f"mkfifo {logs}/b.log; echo b")
    await workshop.sink.event(Exited, "b")
    assert workshop.executor.logs_problem == f"2 logs are not written any more: {broken}"


async def test_an_index_that_cannot_be_written_is_told_too(workshop: Workshop) -> None:
    logs = workshop.directory / "logs"
    workshop.spawn("a", f"mkdir -p {logs}; mkfifo {logs}/a.log.idx; echo one; exec sleep 1000")
    await workshop.sink.printed("a", "a.log.idx: it is not a regular file")
    workshop.executor.stop("a")
    await workshop.sink.event(Exited, "a")
