"""Known defects of output and of what surrounds a task; `test_known_defects` has the table of all of them."""

import pickle
import signal
from pathlib import Path

import pytest
from rig import Rig, error_of, marks, python, stats_of, waits_for
from script import Script

from tui_runner import command, pipeline, task

pytestmark = pytest.mark.real

BYTE_BY_BYTE = python(
    "import sys, time\n"
    "for byte in 'grüße €\\U0001f600\\n'.encode():\n"
    "    sys.stdout.buffer.write(bytes([byte])); sys.stdout.buffer.flush(); time.sleep(0.003)"
)


# 12. Output was decoded chunk by chunk, kept whole in memory, searched all again for every chunk, and in no result.
#     That it is not piled up in memory is in test_output_without_bound, its last lines in test_last_lines.


async def test_letters_split_over_chunks_are_whole_in_output_readiness_and_last_lines(rig: Rig) -> None:
    chunks: list[bytes] = []
    seen: list[str] = []

    def whole(line: str) -> bool:
        seen.append(line)
        return line.endswith("\U0001f600")

    up = command(BYTE_BY_BYTE, ready_when=whole)
    result = await rig.run([task("t", run=up)], on_task_output=lambda *arguments: chunks.append(arguments[3]))
    assert len(chunks) > 1
    assert b"".join(chunks).decode() == "grüße €\U0001f600\n"
    assert not any("\ufffd" in line for line in seen)
    assert stats_of(result, "t").ready_at is not None
    assert stats_of(result, "t").last_lines() == ("grüße €\U0001f600",)


async def test_text_behind_thirty_megabytes_is_found(rig: Rig) -> None:
    floods = python(
        "print('x' * 99 + '\\n', end='', flush=True)\nfor _ in range(300_000): print('y' * 99)\nprint('done')"
    )
    result = await rig.run([task("t", run=command(floods, ready_when="done"))], on_task_output=None, on_task_ready=None)
    assert result.ok
    assert stats_of(result, "t").ready_at is not None


async def test_readiness_looks_at_every_line_once_however_many_there_are(rig: Rig) -> None:
    finished: dict[str, int] = {}

    def never(line: str) -> bool:
        finished[line] = finished.get(line, 0) + 1
        return False

    says = python("import sys\nfor n in range(20_000): sys.stdout.write(f'line {n}.\\n')")
    result = await rig.run([task("t", run=command(says, ready_when=never))], on_task_output=None)
    assert result.ok
    assert {line for line in finished if line.endswith(".")} == {f"line {n}." for n in range(20_000)}
    # A line whose end came with the next read is shown twice: as far as it had come, and when it was finished.
    assert sum(finished.values()) < 20_000 * 1.1


async def test_what_is_said_on_the_error_stream_makes_ready_too(rig: Rig) -> None:
    up = task("up", run=command("echo READY >&2; exec sleep 1000", ready_when="READY", ready_timeout=30))
    assert (await rig.run([marks("next", up)])).ok


async def test_tasks_that_talk_at_once_never_share_a_chunk(rig: Rig) -> None:
    names = [f"t{n}" for n in range(4)]
    await rig.run(
        [
            task(name, run=python(f"for _ in range(500): print('{name}' * 20, flush=True)"), depends_on=[])
            for name in names
        ]
    )
    for name in names:
        assert rig.text(name) == f"{name * 20}\n" * 500


async def test_a_result_leads_to_all_output_and_can_be_sent_elsewhere(rig: Rig) -> None:
    result = await rig.run([task("bad", run="echo hello; echo boom >&2; exit 3")], records=True)
    sent = pickle.loads(pickle.dumps(result))
    error = error_of(sent)
    assert (error.code, str(error), error.task_name) == ("task-failed", error.message, "bad")
    assert sent.stats == result.stats
    log_file = sent.stats.task("bad").log_file
    assert sorted(Path(log_file).read_text().splitlines()) == ["boom", "hello"]  # noqa: ASYNC240 - a tiny file
    assert sorted(sent.stats.task("bad").last_lines()) == ["boom", "hello"]


# 13. Standard input was inherited by all at once, teardowns had no environment, PATH was overwritten.


def test_standard_input_of_the_host_is_left_to_the_host(script: Script) -> None:
    script.start("""
        import os
        read, write = os.pipe()
        os.dup2(read, 0)
        os.write(write, b"for the host")
        os.close(write)
        tasks = [task(f"t{n}", run=command("cat; readlink /proc/self/fd/0", teardown="cat")) for n in range(3)]
        result = pipeline(tasks).run_sync(records=False)
        print(*(line for stats in result.stats.tasks for line in stats.last_lines()))
        print(sys.stdin.read(), flush=True)
    """)
    code, out, err = script.finish()
    assert (code, out.splitlines(), err) == (0, ["/dev/null /dev/null /dev/null", "for the host"], "")


async def test_a_teardown_has_the_variables_and_the_tools_of_its_task(rig: Rig) -> None:
    tools = rig.directory / "node_modules" / ".bin"
    tools.mkdir(parents=True)
    (tools / "remove-all").write_text('#!/bin/sh\necho "$RUN $OUTER $TASK $COMMAND" > seen\n')
    (tools / "remove-all").chmod(0o755)
    inner = task("t", run=command("true", teardown="remove-all", env={"COMMAND": "command"}), env={"TASK": "task"})
    outer = pipeline([inner]).to_task("outer", env={"OUTER": "outer"})
    result = await rig.run([outer], env={"RUN": "run"})
    teardown = stats_of(result, "outer:t").teardown
    assert teardown is not None
    assert teardown.status == "completed"
    assert rig.lines("seen") == ["run outer task command"]


async def test_a_path_of_the_user_is_not_overwritten(rig: Rig) -> None:
    await rig.run([task("t", run=command("echo $PATH; /bin/true", env={"PATH": "/mine:/bin"}))])
    assert rig.text("t") == "/mine:/bin\n"


async def test_a_shell_command_means_what_it_says(rig: Rig) -> None:
    """`&&`, `$HOME`, pipes and patterns used to be printed as they were written."""
    await rig.run([task("t", run="cd / && echo $((1 + 1)) | tr 2 3; echo $WHO", env={"WHO": "me"})])
    assert rig.text("t") == "3\nme\n"


async def test_a_task_is_torn_down_when_the_run_ends_and_not_before(rig: Rig) -> None:
    early = task("early", run=command("true", teardown="echo down >> order"))
    running = rig.start([early, task("late", run=f"{waits_for('go')}; echo late >> order")])
    await rig.heard("complete:early", "begin:late")
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["late", "down"]


def test_a_closed_terminal_ends_everything_in_order(script: Script) -> None:
    """SIGHUP was not handled: the host died and its tasks lived on."""
    script.start("""
        db = task("db", run=serving(teardown=down("db")))
        up = task("up", run=serving(teardown=down("up")), depends_on=[db])
        tell(pipeline([up]).run_sync(records=False, on_task_ready=say))
    """)
    script.said("ready db")
    script.said("ready up")
    script.send(signal.SIGHUP)
    code, out, _ = script.finish()
    assert (code, out.splitlines()[0]) == (0, "process-terminated Received SIGHUP")
    assert script.lines("downs") == ["up", "db"]
