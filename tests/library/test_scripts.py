"""Scripts that use the library, from outside: signals, sudden death, limits."""

import random
import signal
import subprocess
import time

import pytest
from script import Script

pytestmark = pytest.mark.real


SYSTEM = """
db = task("db", run=serving(teardown=down("db")))
api = task("api", run=serving(teardown=down("api")), depends_on=[db])
tell(pipeline([api]).run_sync(records=False, on_task_ready=say))
print("after", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_first_signal_stops_in_order_and_the_script_goes_on(script: Script, number: signal.Signals) -> None:
    script.start(SYSTEM)
    script.said("ready db")
    script.said("ready api")
    script.send(number)
    code, out, err = script.finish()
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"process-terminated Received {number.name}",
        "api aborted completed",
        "db aborted completed",
        "after",
    ]
    assert script.lines("downs") == ["api", "db"]


def test_the_second_signal_kills_and_teardowns_still_run(script: Script) -> None:
    script.start("""
        db = task("db", run=serving(teardown=down("db")))
        api = task(
            "api",
            run=command(STUBBORN, ready_when="ready", stop_timeout=1000, teardown=down("api")),
            depends_on=[db],
        )
        tell(pipeline([api]).run_sync(records=False, on_task_ready=say))
    """)
    script.said("ready db")
    script.said("ready api")
    script.send(signal.SIGINT)
    with pytest.raises(subprocess.TimeoutExpired):
        script.running.wait(0.2)
    script.send(signal.SIGINT)
    _, out, _ = script.finish()
    assert "api aborted completed" in out
    assert script.lines("downs") == ["api", "db"]


def test_the_third_signal_gives_up_on_teardowns(script: Script) -> None:
    script.start("""
        db = task("db", run=serving(teardown=down("db")))
        hangs = serving(teardown="echo begun >> downs; exec sleep 1000", teardown_timeout=1000)
        tell(pipeline([task("api", run=hangs, depends_on=[db])]).run_sync(records=False, on_task_ready=say))
    """)
    script.said("ready db")
    script.said("ready api")
    script.send(signal.SIGTERM)
    script.until_lines("downs", "begun")
    script.send(signal.SIGTERM)
    script.send(signal.SIGHUP)
    code, out, _ = script.finish()
    assert code == 0
    assert out.splitlines() == [
        "process-terminated Received SIGTERM",
        "api aborted not-run",
        "db aborted not-run",
    ]
    assert script.lines("downs") == ["begun"]


def test_signals_of_different_kinds_count_together(script: Script) -> None:
    script.start("""
        hangs = serving(teardown="echo begun >> downs; exec sleep 1000", teardown_timeout=1000)
        tell(pipeline([task("t", run=hangs)]).run_sync(records=False, on_task_ready=say))
    """)
    script.said("ready t")
    script.send(signal.SIGHUP)
    script.until_lines("downs", "begun")
    script.send(signal.SIGTERM)
    time.sleep(0.05)
    script.send(signal.SIGINT)
    assert script.finish()[1].startswith("process-terminated Received SIGHUP\n")


def test_a_signal_before_anything_is_up_tears_down_only_what_was_started(script: Script) -> None:
    script.start("""
        first = task("first", run=serving(teardown=down("first")))
        slow = task("slow", run=command("sleep 1000", ready_when="x", teardown=down("slow")), depends_on=[first])
        never = task("never", run=command("true", teardown=down("never")), depends_on=[slow])
        tell(pipeline([never]).run_sync(records=False, on_task_begin=say))
    """)
    script.said("ready first")
    script.said("ready slow")
    script.send(signal.SIGINT)
    assert "never pending not-run" in script.finish()[1]
    assert script.lines("downs") == ["slow", "first"]


def test_an_ignored_hangup_is_respected(script: Script) -> None:
    script.start(SYSTEM, ignore_hup=True)
    script.said("ready db")
    script.said("ready api")
    script.send(signal.SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        script.running.wait(0.2)
    script.send(signal.SIGTERM)
    assert "Received SIGTERM" in script.finish()[1]


def test_after_a_run_signals_mean_what_they_did_before(script: Script) -> None:
    script.start("""
        import time
        tell(pipeline([task("t", run="true")]).run_sync(records=False))
        time.sleep(1000)
    """)
    script.said("None None")
    script.said("t completed None")
    script.send(signal.SIGINT)
    code, _, err = script.finish()
    assert code == -signal.SIGINT
    assert "KeyboardInterrupt" in err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGQUIT, signal.SIGSEGV])
def test_a_script_that_dies_leaves_nothing_and_every_teardown_runs_once_in_order(
    script: Script, number: signal.Signals
) -> None:
    script.start("""
        db = task("db", run=serving(teardown=down("db")))
        api = task("api", run=serving(teardown=down("api")), depends_on=[db])
        done = task("done", run=command("true", teardown=down("done")), depends_on=[api])
        stubborn = task("stubborn", run=command(STUBBORN, ready_when="ready", stop_timeout="100ms"), depends_on=[done])
        pipeline([stubborn]).run_sync(on_task_ready=say)
    """)
    for name in ("db", "api", "stubborn"):
        script.said(f"ready {name}")
    script.send(number)
    code, _, _ = script.finish()
    assert code == -number
    script.nobody_left()
    assert script.lines("downs") == ["done", "api", "db"]


def test_a_script_killed_while_a_teardown_runs_does_not_run_it_twice(script: Script) -> None:
    script.start("""
        db = task("db", run=serving(teardown=down("db")))
        api = task("api", run=serving(teardown="echo api >> downs; sleep 0.3; echo end >> downs"), depends_on=[db])
        pipeline([api]).run_sync(records=False, on_task_ready=say)
    """)
    script.said("ready db")
    script.said("ready api")
    script.send(signal.SIGINT)
    script.until_lines("downs", "api")
    script.send(signal.SIGKILL)
    script.finish()
    script.nobody_left()
    assert script.lines("downs") == ["api", "end", "db"]


def test_a_callback_that_exits_the_program_leaves_nothing(script: Script) -> None:
    script.start("""
        up = task("up", run=serving(teardown=down("up")))
        pipeline([up]).run_sync(records=False, on_task_ready=lambda *_: sys.exit(3))
    """)
    code, _, err = script.finish()
    assert (code, err) == (3, "")
    script.nobody_left()
    assert script.lines("downs") == ["up"]


def test_a_loop_that_closes_under_a_run_stops_it_in_order(script: Script) -> None:
    script.start("""
        import asyncio
        async def main():
            db = task("db", run=serving(teardown=down("db")))
            api = task("api", run=command(STUBBORN, ready_when="ready", stop_timeout="100ms", teardown=down("api")))
            up = asyncio.Event()
            whole = pipeline([db, task("api2", run="sleep 1000", depends_on=[db, api])])
            running = asyncio.create_task(whole.run(on_task_begin=lambda name, _: name == "api2" and up.set()))
            await up.wait()
        asyncio.run(main())
        print("closed", flush=True)
    """)
    code, out, err = script.finish()
    assert (code, out, err) == (0, "closed\n", "")
    assert sorted(script.lines("downs")) == ["api", "db"]
    records = list((script.directory / ".tui_runner" / "runs").glob("*/execution.json"))
    assert ['"aborted"' in record.read_text() for record in records] == [True]


def test_two_interrupts_of_a_plain_asyncio_program_still_stop_in_order(script: Script) -> None:
    script.start("""
        import asyncio
        hangs = serving(teardown="echo begun >> downs; sleep 0.3; echo ended >> downs")
        asyncio.run(pipeline([task("t", run=hangs)]).run(records=False, on_task_ready=say))
    """)
    script.said("ready t")
    script.send(signal.SIGINT)
    script.until_lines("downs", "begun")
    script.send(signal.SIGINT)
    code, _, err = script.finish()
    assert code == -signal.SIGINT
    assert "KeyboardInterrupt" in err
    assert script.lines("downs") == ["begun", "ended"]


def test_a_task_that_uses_the_library_itself_is_given_the_time_to_tear_down(script: Script) -> None:
    script.start("""
        inner = '''
        from rig import *
        from tui_runner import pipeline, task
        pipeline([task("in", run=serving(teardown=down("inner")))]).run_sync(
            records=False, on_task_ready=lambda *_: print("inner is up", flush=True)
        )
        '''
        inner = "\\n".join(line.strip() for line in inner.splitlines())
        outer = command([sys.executable, "-c", inner], ready_when="inner is up", teardown=down("outer"))
        tell(pipeline([task("out", run=outer)]).run_sync(records=False, on_task_ready=say))
    """)
    script.said("ready out")
    script.send(signal.SIGTERM)
    assert "out aborted completed" in script.finish()[1]
    assert script.lines("downs") == ["inner", "outer"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_script_killed_at_any_moment_has_torn_down_what_it_started_once_and_in_order(
    script: Script, seed: int
) -> None:
    script.start("""
        names = [f"t{n}" for n in range(8)]
        chain = [task(name, run=serving(teardown=down(name)), depends_on=names[:n][-1:]) for n, name in enumerate(names)]
        print("go", flush=True)
        pipeline([*chain, marks("work", "t7")]).run_sync(targets=["work"], on_task_ready=say)
    """)
    script.said("go")
    time.sleep(random.Random(seed).uniform(0.0, 0.5))
    script.send(signal.SIGKILL)
    _, out, _ = script.finish()
    script.nobody_left()
    downs = script.lines("downs")
    assert downs == sorted(set(downs), reverse=True)
    assert set(downs) >= {line.split()[1] for line in out.splitlines()}


def test_more_services_than_a_small_limit_of_open_files_allows_at_once(script: Script) -> None:
    script.start(
        """
        work = [task(f"t{n}", run=["sleep", "0.01"]) for n in range(60)]
        result = pipeline(work).run_sync(max_concurrency=60)
        print(result.stats.summary.completed, result.error, flush=True)
        """,
        open_files=128,
    )
    assert script.finish()[1] == "60 None\n"


def test_a_closed_standard_output_of_the_script_does_not_harm_the_run(script: Script) -> None:
    script.start("""
        import os
        os.close(0); os.close(1); os.close(2)
        result = pipeline([marks("a"), marks("b", "a")]).run_sync(records=False)
        open("result", "w").write(str(result.error))
    """)
    assert script.finish()[0] == 0
    assert script.lines("order") == ["a", "b"]
    assert script.lines("result") == ["None"]


def test_python_in_development_mode_has_nothing_to_complain_about(script: Script) -> None:
    script.start("""
        import asyncio, logging, warnings
        logging.basicConfig(level=logging.WARNING)
        warnings.simplefilter("error")
        async def main():
            asyncio.get_running_loop().set_debug(True)
            asyncio.get_running_loop().slow_callback_duration = 10
            return await pipeline([service("up"), marks("t", "up")]).run(targets=["t"])
        print(asyncio.run(main()).ok, flush=True)
    """)
    assert script.finish() == (0, "True\n", "")
