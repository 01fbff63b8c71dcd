"""What the host hears of a run: plain functions and coroutines, in order, and what happens when they break."""

import asyncio
import inspect
from typing import Any

import pytest
from rig import Rig, down, error_of, marks, python, serving, stats_of, statuses, waits_for

from tui_runner import PipelineError, command, pipeline, task

pytestmark = pytest.mark.real

ALL = ("begin", "ready", "complete", "failed", "skipped", "teardown", "teardown_error", "output")


async def test_a_whole_life_is_told_in_order(rig: Rig) -> None:
    up = task("up", run=serving(teardown=down("up")))
    work = task("work", run=command("true", teardown="false"), depends_on=[up])
    skipped = task("skipped", commands={"build": "true"}, depends_on=[work])
    await rig.run([task("bad", run="exit 2", depends_on=[skipped])], "dev")
    assert rig.story == [
        "begin:up",
        "ready:up",
        "begin:work",
        "complete:work",
        "skipped:skipped:dev:command-not-found",
        "begin:bad",
        "failed:bad",
        "teardown:work",
        "teardown-error:work",
        "teardown:up",
    ]


async def test_arguments_are_names_ids_and_errors(rig: Rig) -> None:
    heard: list[tuple[object, ...]] = []
    bad = task("bad", run=command("exit 2", teardown="exit 3"))
    whole = [pipeline([bad]).to_task("outer"), task("skipped", commands={"x": "true"})]
    await rig.run(
        whole,
        "dev",
        on_failure="continue",
        **{f"on_task_{what}": lambda *arguments, what=what: heard.append((what, *arguments)) for what in ALL},
    )
    told = {(what, name): rest for what, name, *rest in heard}
    identifier, error = told["failed", "outer:bad"]
    assert identifier == "outer:bad"
    assert isinstance(error, PipelineError)
    assert (error.code, error.task_name) == ("task-failed", "outer:bad")
    assert told["skipped", "skipped"] == ["skipped", "dev", "command-not-found"]
    identifier, error = told["teardown_error", "outer:bad"]
    assert isinstance(error, Exception)
    assert "code 3" in str(error)


async def test_every_callback_names_inner_tasks_by_their_path(rig: Rig) -> None:
    heard: dict[str, list[str]] = {}

    def note(what: str, name: str, identifier: str) -> None:
        assert name == identifier
        heard.setdefault(what, []).append(name)

    inner = [
        task("up", run=serving(teardown="false")),
        task("skipped", commands={"other": "true"}),
        task("done", run="echo hello", depends_on=["up"]),
        task("bad", run="exit 2", depends_on=["done"]),
    ]
    deep = pipeline([pipeline(inner).to_task("inner")]).to_task("outer")
    callbacks: dict[str, Any] = {
        f"on_task_{what}": lambda name, identifier, *_, what=what: note(what, name, identifier) for what in ALL
    }
    await rig.run([deep], "dev", on_failure="finish", **callbacks)
    path = "outer:inner"
    assert heard == {
        "begin": ["outer", path, f"{path}:up", f"{path}:done", f"{path}:bad"],
        "skipped": [f"{path}:skipped"],
        "ready": [f"{path}:up"],
        "output": [f"{path}:up", f"{path}:done"],
        "complete": [f"{path}:done", f"{path}:up"],
        "failed": [f"{path}:bad", path, "outer"],
        "teardown": [f"{path}:up"],
        "teardown_error": [f"{path}:up"],
    }


async def test_coroutines_are_awaited_one_after_the_other(rig: Rig) -> None:
    story: list[str] = []

    async def slowly(name: str, _: str) -> None:
        story.append(f"{name} in")
        await asyncio.sleep(0.01)
        story.append(f"{name} out")

    result = await rig.run([marks(name) for name in "abc"], max_concurrency=1, on_task_complete=slowly)
    assert result.ok
    assert story == ["a in", "a out", "b in", "b out", "c in", "c out"]


async def test_order_holds_between_plain_functions_and_coroutines(rig: Rig) -> None:
    story: list[str] = []

    async def slowly(name: str, _: str) -> None:
        await asyncio.sleep(0.02)
        story.append(f"begin {name}")

    await rig.run(
        [marks("a"), marks("b", "a")],
        on_task_begin=slowly,
        on_task_complete=lambda name, _: story.append(f"complete {name}"),
    )
    assert story == ["begin a", "complete a", "begin b", "complete b"]


async def test_callbacks_run_on_the_loop_of_the_host(rig: Rig) -> None:
    loops: list[object] = []
    await rig.run([marks("t")], on_task_begin=lambda *_: loops.append(asyncio.get_running_loop()))
    assert loops == [asyncio.get_running_loop()]


async def test_every_callback_has_been_called_when_the_run_returns(rig: Rig) -> None:
    story: list[str] = []

    async def slowly(*_: str) -> None:
        await asyncio.sleep(0.2)
        story.append("told")

    await rig.run([task("t", run=command("true", teardown="true"))], on_task_teardown=slowly)
    assert story == ["told"]


async def test_a_slow_callback_does_not_hold_up_tasks(rig: Rig) -> None:
    gate = asyncio.Event()

    async def stuck(*_: str) -> None:
        await gate.wait()

    running = rig.start([marks("a"), marks("b", "a")], on_task_begin=stuck)
    await rig.until(lambda: rig.lines("order") == ["a", "b"])
    gate.set()
    assert (await running).ok


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
@pytest.mark.parametrize("what", ["begin", "complete", "output", "teardown"])
async def test_a_callback_that_raises_does_not_stop_the_run_but_is_its_error(rig: Rig, kind: str, what: str) -> None:
    def plain(*_: object) -> None:
        raise KeyError("the host forgot")

    async def coroutine(*_: object) -> None:
        await asyncio.sleep(0)
        plain()

    t = task("t", run=command("echo hello", teardown=down("t")))
    broken: dict[str, Any] = {f"on_task_{what}": plain if kind == "plain" else coroutine}
    result = await rig.run([t, marks("next", t)], **broken)
    error = error_of(result)
    assert error.code == "internal-error"
    assert f"on_task_{what}" in error.message
    assert "KeyError: 'the host forgot'" in error.message
    assert result.stats.status == "failed"
    assert statuses(result) == {"t": "completed", "next": "completed"}
    assert rig.lines("downs") == ["t"]


async def test_a_callback_that_raises_goes_on_being_called(rig: Rig) -> None:
    seen: list[str] = []

    def broken(name: str, _: str) -> None:
        seen.append(name)
        raise ValueError(name)

    result = await rig.run([marks("a"), marks("b", "a")], on_task_begin=broken)
    assert seen == ["a", "b"]
    assert "ValueError: a" in error_of(result).message


async def test_the_failure_of_a_task_counts_more_than_that_of_a_callback(rig: Rig) -> None:
    def broken(*_: object) -> None:
        raise ValueError

    result = await rig.run([task("bad", run="false")], on_task_begin=broken)
    assert error_of(result).code == "task-failed"


async def test_a_callback_that_is_cancelled_itself_is_the_error_of_the_run(rig: Rig) -> None:
    """It awaits something of the host that somebody cancels: nobody cancelled the run."""

    async def waits_in_vain(*_: object) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    result = await rig.run([marks("a"), marks("b", "a")], on_task_begin=waits_in_vain)
    error = error_of(result)
    assert error.code == "internal-error"
    assert "CancelledError" in error.message
    assert rig.lines("order") == ["a", "b"]
    assert "complete:b" in rig.story


async def test_a_callback_that_never_returns_does_not_survive_cancelling_the_run(rig: Rig) -> None:
    async def never(*_: object) -> None:
        await asyncio.Event().wait()

    running = rig.start(
        [task("t", run=command("echo up >> order; exec sleep 1000", teardown=down("t")))], on_task_begin=never
    )
    await rig.until(lambda: rig.lines("order"))
    running.cancel()
    await rig.until(lambda: rig.lines("downs") == ["t"])
    while not running.done():
        running.cancel()
        await asyncio.sleep(0.01)
    assert running.cancelled()


async def test_callbacks_may_ask_for_another_run(rig: Rig) -> None:
    inner_results: list[bool] = []

    async def again(*_: object) -> None:
        result = await pipeline([marks("inner")]).run(root=rig.directory, records=False)
        inner_results.append(result.ok)

    result = await rig.run([marks("outer")], on_task_complete=again)
    assert result.ok
    assert inner_results == [True]
    assert rig.lines("order") == ["outer", "inner"]


# -- output ---------------------------------------------------------------------------------------------------


async def test_output_arrives_byte_for_byte_and_in_order(rig: Rig) -> None:
    program = "import sys; [sys.stdout.buffer.write(bytes([n % 256])) for n in range(200_000)]"
    result = await rig.run([task("t", run=python(program))])
    assert result.ok
    assert rig.output["t", "stdout"] == bytes(n % 256 for n in range(200_000))


async def test_output_of_both_streams_is_told_apart(rig: Rig) -> None:
    await rig.run([task("t", run="echo out; echo err >&2; echo out")])
    assert (rig.text("t"), rig.text("t", "stderr")) == ("out\nout\n", "err\n")


async def test_a_letter_split_over_two_reads_is_whole_when_joined(rig: Rig) -> None:
    program = python(
        "import sys, time\n"
        "for byte in 'grüße €\\U0001f600'.encode():\n"
        "    sys.stdout.buffer.write(bytes([byte])); sys.stdout.buffer.flush(); time.sleep(0.003)"
    )
    chunks: list[bytes] = []
    await rig.run([task("t", run=program)], on_task_output=lambda *arguments: chunks.append(arguments[3]))
    assert len(chunks) > 1
    assert b"".join(chunks).decode() == "grüße €\U0001f600"


async def test_output_comes_after_begin_and_before_complete(rig: Rig) -> None:
    story: list[str] = []
    await rig.run(
        [task("t", run="echo hello")],
        on_task_begin=lambda *_: story.append("begin"),
        on_task_output=lambda *_: story.append("output"),
        on_task_complete=lambda *_: story.append("complete"),
    )
    assert story == ["begin", "output", "complete"]


async def test_garbage_passes_through_unharmed(rig: Rig) -> None:
    await rig.run([task("t", run=r"printf '\000\377\376\033]0;title\007\033[2J\r\n'")])
    assert rig.output["t", "stdout"] == b"\x00\xff\xfe\x1b]0;title\x07\x1b[2J\r\n"


async def test_the_last_line_needs_no_newline(rig: Rig) -> None:
    await rig.run([task("t", run="printf 'no newline'")])
    assert rig.text("t") == "no newline"


async def test_a_task_that_closes_its_output_lives_on(rig: Rig) -> None:
    closes = f"exec >&- 2>&-; {waits_for('go')}; echo late > late"
    running = rig.start([task("t", run=closes)])
    await rig.heard("begin:t")
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("late") == ["late"]


async def test_a_task_that_prints_nothing_says_nothing(rig: Rig) -> None:
    result = await rig.run([task("t", run="true")], records=True)
    assert rig.output == {}
    assert stats_of(result, "t").log_file is None


# -- options --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["on_task_done", "on_begin", "concurrency", "silent"])
async def test_an_unknown_keyword_is_a_type_error_and_nothing_starts(rig: Rig, name: str) -> None:
    with pytest.raises(TypeError, match=name):
        await rig.run([marks("t")], **{name: None})
    assert rig.lines("order") == []


def test_every_callback_has_a_documented_type() -> None:
    from tui_runner.model.run_callbacks import RunCallbacks

    assert set(inspect.get_annotations(RunCallbacks)) == {f"on_task_{what}" for what in ALL}


async def test_a_callback_of_none_is_no_callback(rig: Rig) -> None:
    result = await rig.run([marks("t")], on_task_begin=None)
    assert result.ok
