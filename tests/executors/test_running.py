"""Tasks run with the right environment, directory and limits, and their output arrives."""

from pathlib import Path
from typing import Any

import pytest
from workshop import Workshop

from tui_runner.model.output import Stream
from tui_runner.model.window_size import WindowSize
from tui_runner.process.guardian import process_table
from tui_runner.scheduling.event import Exited, Spawned, SpawnFailed

pytestmark = pytest.mark.real


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


async def test_leader_pids_are_known_while_tasks_run(workshop: Workshop) -> None:
    workshop.spawn("a", "sleep 100")
    spawned = await workshop.sink.event(Spawned, "a")
    assert workshop.executor.pids() == {"a": spawned.pid}
    workshop.executor.kill("a")
    await workshop.sink.event(Exited, "a")
    assert workshop.executor.pids() == {}
