"""The program that uses the library stays untouched: its signals, children, loop, threads and files are its own."""

import asyncio
import ctypes
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from rig import Rig, Traces, carriers, down, error_of, guardians_of, marks, service, serving, statuses, waits_for

from tui_runner import RunResult, command, pipeline, task

pytestmark = pytest.mark.real

PR_GET_CHILD_SUBREAPER = 37


def handlers() -> dict[signal.Signals, object]:
    return {number: signal.getsignal(number) for number in signal.valid_signals() if isinstance(number, signal.Signals)}


def is_subreaper() -> bool:
    flag = ctypes.c_int(-1)
    assert ctypes.CDLL(None).prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(flag), 0, 0, 0) == 0
    return flag.value == 1


async def test_signal_handlers_are_left_alone(rig: Rig) -> None:
    before = handlers()
    during: list[object] = []
    await rig.run([marks("t")], on_task_begin=lambda *_: during.append(handlers()))
    assert during == [before]
    assert handlers() == before
    assert not is_subreaper()


async def test_signal_handlers_are_given_back_after_a_run_that_took_them(rig: Rig) -> None:
    def own(*_: object) -> None: ...

    interrupt = signal.getsignal(signal.SIGINT)
    before = signal.signal(signal.SIGTERM, own)
    try:
        result = await rig.run([marks("t")], handle_signals=True)
        assert result.ok
        assert signal.getsignal(signal.SIGTERM) is own
        assert signal.getsignal(signal.SIGINT) is interrupt
    finally:
        signal.signal(signal.SIGTERM, before)


async def test_a_run_that_takes_signals_ends_in_order_and_says_which_one_came(rig: Rig) -> None:
    running = rig.start([task("t", run=serving(teardown=down("t")))], handle_signals=True)
    await rig.heard("ready:t")
    os.kill(os.getpid(), signal.SIGTERM)
    result = await running
    error = error_of(result)
    assert (error.code, error.message) == ("process-terminated", "Received SIGTERM")
    assert result.stats.status == "aborted"
    assert statuses(result) == {"t": "aborted"}
    assert rig.lines("downs") == ["t"]


async def test_subprocesses_of_the_host_work_beside_a_run(rig: Rig) -> None:
    """A library that waits for any child, or installs a watcher, would steal their exit codes."""

    async def own(code: int) -> int | None:
        process = await asyncio.create_subprocess_exec("/bin/sh", "-c", f"sleep 0.0{code}; exit {code}")
        return await process.wait()

    running = rig.start([task(f"t{n}", run=f"exit {n % 2}") for n in range(20)], on_failure="continue")
    codes = await asyncio.gather(*(own(code) for code in range(9)))
    await running
    assert codes == list(range(9))


async def test_a_child_of_the_host_is_left_for_the_host_to_collect(rig: Rig) -> None:
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], os.environ)  # noqa: ASYNC221 - a host may
    await rig.run([marks("t")])
    _, status = os.waitpid(pid, 0)  # noqa: ASYNC222 - it has ended
    assert os.waitstatus_to_exitcode(status) == 5


async def test_a_process_of_the_host_is_not_swept(rig: Rig) -> None:
    own = await asyncio.create_subprocess_exec("sleep", "1000", env={"TUI_RUNNER_RUN": "another"})
    try:
        await rig.run([service("up"), marks("t", "up")], targets=["t"])
        assert own.returncode is None
    finally:
        own.kill()
        await own.wait()


async def test_the_working_directory_and_the_environment_are_left_alone(rig: Rig) -> None:
    directory, environment = Path.cwd(), dict(os.environ)
    await rig.run([task("t", run="cd /; export A=b", cwd=str(rig.directory), env={"C": "d"})])
    assert (Path.cwd(), dict(os.environ)) == (directory, environment)


async def test_two_runs_in_one_loop_do_not_disturb_each_other(rig: Rig) -> None:
    cancel = asyncio.Event()
    first = rig.start([task("a", run=serving(teardown=down("a")))], cancel=cancel)
    second = rig.start([task("b", run=command(f"echo ready; {waits_for('go')}", ready_when="ready"))])
    await rig.heard("ready:a", "ready:b")
    cancel.set()
    assert error_of(await first).code == "aborted"
    assert not second.done()
    rig.touch("go")
    assert (await second).ok
    assert rig.lines("downs") == ["a"]


async def test_the_same_tasks_may_run_twice_at_once(rig: Rig) -> None:
    whole = pipeline([marks("a"), marks("b", "a")])
    results = await asyncio.gather(*(rig.run(whole) for _ in range(5)))
    assert all(result.ok for result in results)
    assert rig.lines("order").count("b") == 5


async def test_the_daemon_of_one_run_is_not_swept_by_another(rig: Rig) -> None:
    holds = f"setsid sh -c 'echo $$ > pid; exec sleep 1000' & {waits_for('pid')}; {waits_for('go')}; kill -0 $(cat pid)"
    first = rig.start([task("daemon", run=holds)])
    await rig.until(lambda: rig.lines("pid"))
    assert (await rig.run([marks("other")])).ok
    rig.touch("go")
    assert (await first).ok


async def test_a_run_works_in_a_thread_that_is_not_the_main_one(rig: Rig) -> None:
    def work() -> RunResult:
        return asyncio.run(pipeline([marks("a"), marks("b", "a")]).run(root=rig.directory, records=False))

    with ThreadPoolExecutor(1) as pool:
        result = await asyncio.get_running_loop().run_in_executor(pool, work)
    assert result.ok
    assert rig.lines("order") == ["a", "b"]


async def test_run_sync_works_in_a_thread_that_is_not_the_main_one(rig: Rig) -> None:
    """Signals belong to the main thread: there is nothing to handle, and nothing to complain about."""
    before = handlers()
    whole = pipeline([marks("a")])
    with ThreadPoolExecutor(1) as pool:
        result = await asyncio.get_running_loop().run_in_executor(
            pool, lambda: whole.run_sync(root=rig.directory, records=False)
        )
    assert result.ok
    assert handlers() == before


async def test_runs_in_several_threads_at_once(rig: Rig) -> None:
    def work(name: str) -> bool:
        whole = pipeline([service(f"up-{name}"), marks(name, f"up-{name}")])
        return whole.run_sync(root=rig.directory, records=False, targets=[name], handle_signals=False).ok

    with ThreadPoolExecutor(4) as pool:
        loop = asyncio.get_running_loop()
        answers = await asyncio.gather(*(loop.run_in_executor(pool, work, f"t{n}") for n in range(4)))
    assert answers == [True] * 4
    assert sorted(rig.lines("order")) == ["t0", "t1", "t2", "t3"]


async def test_run_sync_inside_a_running_loop_is_refused_at_once(rig: Rig) -> None:
    with pytest.raises(RuntimeError, match="await"):
        pipeline([marks("t")]).run_sync(root=rig.directory)
    assert rig.lines("order") == []


def test_run_sync_runs_and_returns_the_same(tmp_path: Path) -> None:
    begun: list[str] = []
    result = pipeline([marks("a"), task("bad", run="exit 3")]).run_sync(
        "build", root=tmp_path, on_failure="continue", on_task_begin=lambda name, _: begun.append(name)
    )
    assert result.stats.mode == "build"
    assert statuses(result) == {"a": "completed", "bad": "failed"}
    assert begun == ["a", "bad"]
    assert result.run_id is not None
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_run_sync_can_be_cancelled_by_a_callback(tmp_path: Path) -> None:
    cancel = asyncio.Event()
    result = pipeline([service("up")]).run_sync(
        root=tmp_path, records=False, cancel=cancel, on_task_ready=lambda *_: cancel.set()
    )
    assert error_of(result).code == "aborted"


def test_run_sync_refuses_unknown_keywords(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="colour"):
        pipeline([marks("t")]).run_sync(root=tmp_path, colour=True)  # type: ignore[call-arg]  # wrong on purpose


async def test_many_runs_one_after_the_other_leave_no_trace(rig: Rig) -> None:
    whole = pipeline([service("up"), marks("t", "up"), task("bad", run="exit 1", depends_on=["t"])])
    await rig.run(whole)
    traces = Traces()
    for _ in range(10):
        await rig.run(whole, records=True)
    traces.check(rig.token)


async def test_no_threads_are_started(rig: Rig) -> None:
    counts: list[int] = []
    before = threading.active_count()
    await rig.run(
        [service("up"), marks("t", "up")],
        targets=["t"],
        on_task_begin=lambda *_: counts.append(threading.active_count()),
    )
    assert set(counts) == {before}


async def test_a_guardian_that_is_killed_ends_the_run_with_words_and_leaves_nothing(rig: Rig) -> None:
    running = rig.start([service("up"), marks("never", "stuck"), task("stuck", run="sleep 1000")])
    await rig.heard("ready:up", "begin:stuck")
    for pid in guardians_of(os.getpid()):
        os.kill(pid, signal.SIGKILL)
    result = await running
    error = error_of(result)
    assert error.code == "internal-error"
    assert "guardian" in error.message
    assert carriers(rig.token) == {}


async def test_a_python_that_cannot_be_started_is_an_internal_error(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    result = await rig.run([marks("t")], records=True)
    error = error_of(result)
    assert error.code == "internal-error"
    assert "/no/such/python" in error.message
    assert statuses(result) == {"t": "pending"}
