"""What users write in pipeline.py: wrong values become problems, right values are understood."""

import contextlib
import math
import re
import signal
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner import Command, Task, command, pipeline, restart, retry, task, watch
from tui_runner.errors.problem import ProblemKind
from tui_runner.model.duration import format_duration, parse_duration
from tui_runner.model.on_change import OnChange, RestartOnChange, RunOnChange, SignalOnChange
from tui_runner.model.policy import Backoff, RestartPolicy
from tui_runner.model.task import ANY_MODE


def faults(definition: Command | Task) -> list[str]:
    return [problem.message for problem in definition.problems]


class TestTask:
    def test_a_task_may_have_a_command_per_mode(self) -> None:
        build = command(["make", "all"])
        made = task("api", commands={"dev": "serve", "build": build})
        dev = made.command_for("dev")
        assert dev is not None
        assert dev.run == "serve"
        assert made.command_for("build") is build
        assert made.command_for("test") is None
        assert made.problems == ()

    def test_run_serves_every_mode(self) -> None:
        made = task("api", run=["serve", "--port", "80"])
        found = made.command_for("whatever")
        assert found is not None
        assert found.run == ("serve", "--port", "80")
        assert list(made.commands) == [ANY_MODE]

    @pytest.mark.parametrize(
        ("steps", "output", "code"),
        [
            (["echo a", "echo b"], "a\nb\n", 0),
            (["echo a", "false", "echo b"], "a\n", 1),
            (["cd /; x=1", 'echo "$PWD $x"'], "/ 1\n", 0),
            (["echo a # remark", "echo b || exit 3"], "a\nb\n", 0),
            (["echo a", "exit 3", "echo b"], "a\n", 3),
            (["false; true", "cat <<END\ntext\nEND"], "text\n", 0),
        ],
    )
    def test_steps_run_one_after_the_other_until_one_fails(self, steps: list[str], output: str, code: int) -> None:
        made = task("api", steps=steps).command_for("dev")
        assert made is not None
        assert isinstance(made.run, str)
        done = subprocess.run(["/bin/sh", "-c", made.run], capture_output=True, text=True, check=False)
        assert (done.stdout, done.returncode) == (output, code)

    def test_definitions_know_where_they_stand(self) -> None:
        made = task("api", run="x")
        nested = pipeline([made]).to_task("p")
        assert {made.site.file, nested.site.file} == {__file__}
        assert nested.site.line == made.site.line + 1

    @pytest.mark.parametrize("name", ["", "  ", "a:b", 'a"b', "a,b", "a\\b", "a\nb", "a\x1b[2Jb", 5])
    def test_names_that_could_not_be_told_apart_or_shown_are_refused(self, name: Any) -> None:
        assert len(faults(task(name, run="x"))) == 1
        assert len(faults(pipeline([]).to_task(name))) == 1

    @pytest.mark.parametrize("name", ["api", "apps/web", "@scope/pkg", "build 2", "größe", "日本", "a.b-c_d"])
    def test_names_people_use_are_fine(self, name: str) -> None:
        assert faults(task(name, run="x")) == []

    def test_a_task_needs_exactly_one_way_to_say_what_it_runs(self) -> None:
        assert faults(task("a")) == ["task `a` has no commands"]
        assert faults(task("a", run="x", steps=["y"])) == ["task `a` has `run` and `steps`"]

    @pytest.mark.parametrize("steps", ["one", [], ["x", ""], [5], 5])
    def test_steps_must_be_a_list_of_commands(self, steps: Any) -> None:
        assert faults(task("a", steps=steps)) == ["`steps` must be a list of shell commands, none of them empty"]

    @pytest.mark.parametrize("cwd", ["", "a\0b", 5])
    def test_the_directory_must_be_a_path(self, cwd: Any) -> None:
        assert len(faults(task("a", run="x", cwd=cwd))) == 1

    def test_commands_must_map_modes_to_commands(self) -> None:
        anything: Any = "serve"
        assert faults(task("a", commands=anything)) == ["`commands` must map modes to commands, not 'serve'"]
        anything = {"dev": 5, "": "x"}
        assert faults(task("a", commands=anything)) == [
            "`commands`: a mode must be a name such as `dev`, not ''",
            "`commands['dev']` must be a string or a list of strings, not 5",
        ]

    def test_one_dependency_needs_no_list(self) -> None:
        db = task("db", run="x")
        assert task("a", run="x", depends_on="db").depends_on == ("db",)
        anything: Any = db
        assert task("a", run="x", depends_on=anything).depends_on == (db,)
        assert command("x", depends_on="db").depends_on == ("db",)
        assert command("x", depends_on=anything).depends_on == (db,)
        assert pipeline([]).to_task("p", depends_on=anything).depends_on == (db,)

    def test_tasks_and_commands_are_compared_by_identity(self) -> None:
        assert task("a", run="x") != task("a", run="x")
        assert len({command("x"), command("x")}) == 2


class TestPipeline:
    def test_what_is_no_task_is_refused_with_the_way_to_go_on(self) -> None:
        anything: Any = [pipeline([]), "web", task("a", run="x")]
        made = pipeline(anything)
        assert [item.name for item in made.tasks] == ["a"]
        assert [(p.kind, p.message, p.help) for p in made.problems] == [
            (ProblemKind.INVALID_TASK, "a pipeline is not a task", "call `.to_task(name)` on it"),
            (ProblemKind.INVALID_TASK, "'web' is not a task", "make it with `task(…)`"),
        ]

    def test_a_single_task_needs_no_list(self) -> None:
        anything: Any = task("a", run="x")
        assert pipeline(anything).tasks == (anything,)


class TestCommand:
    def test_durations_are_seconds(self) -> None:
        made = command("x", ready_timeout="500ms", completed_timeout=2, stop_timeout="1m", teardown_timeout=0)
        assert (made.ready_timeout_s, made.completed_timeout_s) == (0.5, 2.0)
        assert (made.stop_timeout_s, made.teardown_timeout_s) == (60.0, 0.0)
        assert command("x").ready_timeout_s is None

    @pytest.mark.parametrize("run", ["", "   ", [], [""], "a\0b", ["a", "b\0"], 5, ["a", 5], None])
    def test_what_cannot_be_run_is_refused(self, run: Any) -> None:
        assert len(faults(command(run))) == 1
        assert len(faults(command("x", teardown=run))) == (0 if run is None else 1)

    def test_all_wrong_values_are_told_at_once(self) -> None:
        anything: Any = {"ready_when": "", "stop_signal": "SIGNOPE", "stop_timeout": "soon", "retry": 3, "watch": "src"}
        messages = faults(command("", **anything))
        assert [message.split("`")[1] for message in messages] == [
            "run",
            "ready_when",
            "stop_signal",
            "stop_timeout",
            "retry",
            "watch",
        ]

    @pytest.mark.parametrize("name", ["SIGINT", "INT", "int", signal.SIGINT, 2])
    def test_signals_have_names_and_numbers(self, name: str | int) -> None:
        assert command("x", stop_signal=name).stop_signal == signal.SIGINT

    @pytest.mark.parametrize("name", ["SIGNOPE", "", 0, 999, True, 2.5, None])
    def test_signals_that_do_not_exist_are_refused(self, name: Any) -> None:
        assert faults(command("x", stop_signal=name)) == [f"`stop_signal`: `{name}` is not a signal of this system"]

    def test_variables_must_be_strings_the_system_can_pass_on(self) -> None:
        anything: Any = {"PORT": 80, "A=B": "x", "": "x", "N": "a\0b", "OK": "", 5: "x"}
        made = command("x", env=anything)
        assert made.env == {"OK": ""}
        assert len(made.problems) == 5
        assert faults(made)[0] == "`env`: variable 'PORT' must be a string, not 80; write \"80\""
        anything = ["A=B"]
        assert len(faults(command("x", env=anything))) == 1


class TestPolicies:
    def test_exponential_delays_double_up_to_the_maximum(self) -> None:
        backoff = retry(attempts=9, delay="100ms", backoff="exponential", max_delay="1s").backoff
        assert [backoff.delay_before(n) for n in range(1, 6)] == [0.1, 0.2, 0.4, 0.8, 1.0]
        assert backoff.delay_before(10**9) == 1.0

    def test_fixed_delays_stay(self) -> None:
        assert [retry(attempts=3, delay=2).backoff.delay_before(n) for n in (1, 2, 50)] == [2, 2, 2]

    @given(st.floats(0, 1e6), st.floats(1, 1e300), st.floats(0, 1e6), st.integers(1, 10**12))
    def test_a_delay_is_never_longer_than_its_maximum(self, base: float, factor: float, most: float, n: int) -> None:
        assert 0 <= Backoff(delay_s=base, factor=factor, max_delay_s=most).delay_before(n) <= most

    @pytest.mark.parametrize("attempts", [0, -1, 1.5, True, "3"])
    def test_attempts_are_whole_and_at_least_one(self, attempts: Any) -> None:
        with pytest.raises(ValueError, match="attempts must be a whole number"):
            retry(attempts=attempts)

    def test_other_values_of_retry_are_checked(self) -> None:
        anything: Any = "linear"
        with pytest.raises(ValueError, match="backoff must be"):
            retry(attempts=1, backoff=anything)
        for jitter in (-0.1, 1.1, float("nan")):
            with pytest.raises(ValueError, match="jitter"):
                retry(attempts=1, jitter=jitter)
        with pytest.raises(ValueError, match="is not a duration"):
            retry(attempts=1, delay="soon")

    def test_restart_takes_a_policy_and_a_crash_loop_limit(self) -> None:
        made = restart("on-failure", delay="1s", limit=3, window="10s")
        assert (made.policy, made.limit, made.window_s) == (RestartPolicy.ON_FAILURE, 3, 10.0)
        assert made.backoff == Backoff(delay_s=1.0, factor=2.0, max_delay_s=30.0)
        anything: Any = "sometimes"
        with pytest.raises(ValueError, match="policy must be one of never, on-failure, always"):
            restart(anything)
        with pytest.raises(ValueError, match="at least 1"):
            restart("always", limit=0)
        with pytest.raises(ValueError, match="at least 1"):
            restart("always", factor=float("nan"))
        with pytest.raises(ValueError, match="jitter must be between 0 and 1"):
            restart("always", jitter=2)
        with pytest.raises(ValueError, match="reset_after must be longer than 0"):
            restart("always", reset_after=0)

    def test_restart_says_when_it_begins_anew_and_whether_dependents_go_along(self) -> None:
        assert (restart("always").reset_after_s, restart("always").restart_dependents) == (10.0, False)
        made = restart("always", jitter=0.2, reset_after="1m", restart_dependents=True)
        assert (made.backoff.jitter, made.reset_after_s, made.restart_dependents) == (0.2, 60.0, True)

    @given(st.floats(0, 1e6), st.floats(0, 1), st.floats(-1, 1), st.floats(0, 1e6))
    def test_jitter_moves_a_delay_by_its_fraction_at_most(
        self, base: float, jitter: float, luck: float, most: float
    ) -> None:
        delay_s = Backoff(delay_s=base, max_delay_s=most, jitter=jitter).delay_before(1, luck)
        assert 0 <= delay_s <= most
        assert delay_s >= min(base, most) * (1 - jitter) * (1 - 1e-9)
        assert delay_s <= base * (1 + jitter) * (1 + 1e-9)

    @pytest.mark.parametrize(
        ("text", "meaning"),
        [
            ("restart", RestartOnChange()),
            ("run", RunOnChange()),
            ("signal:HUP", SignalOnChange(number=signal.SIGHUP)),
            ("signal:SIGUSR1", SignalOnChange(number=signal.SIGUSR1)),
        ],
    )
    def test_watch_says_what_a_change_does(self, text: str, meaning: OnChange) -> None:
        assert watch("src", on_change=text).on_change == meaning

    @pytest.mark.parametrize("text", ["", "reload", "signal:", "signal:NOPE", "signal:KILL", "signal:STOP", "RUN"])
    def test_a_change_that_would_do_nothing_sensible_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"on_change|signal"):
            watch("src", on_change=text)

    def test_watch_takes_one_path_or_several(self) -> None:
        assert watch("src").paths == ("src",)
        made = watch(["src", "lib/*.py"], ignore="*.tmp", debounce="200ms", restart_dependents=True)
        assert (made.paths, made.ignore, made.debounce_s) == (("src", "lib/*.py"), ("*.tmp",), 0.2)
        assert made.restart_dependents
        for paths in ([], "", ["a", ""]):
            with pytest.raises(ValueError, match="at least one path"):
                watch(paths)

    def test_policies_of_a_command_are_kept(self) -> None:
        again, up, files = retry(attempts=2), restart("always"), watch("src")
        made = command("x", retry=again, restart=up, watch=files)
        assert (made.retry, made.restart, made.watch) == (again, up, files)


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds"),
        [("500ms", 0.5), ("30s", 30), ("2m", 120), ("1h", 3600), ("1.5 s", 1.5), (" 3s ", 3), (0, 0), (2.5, 2.5)],
    )
    def test_durations_are_numbers_or_have_a_unit(self, text: str | float, seconds: float) -> None:
        assert parse_duration(text) == seconds

    @pytest.mark.parametrize(
        "text", ["", "5", "ms", "-1s", "1 day", "1e3s", "1s2s", -1, float("inf"), float("nan"), True, None]
    )
    def test_anything_else_is_refused_with_the_forms_there_are(self, text: Any) -> None:
        with pytest.raises(ValueError, match=re.escape("is not a duration: give a number of seconds or a string")):
            parse_duration(text)

    @given(st.text() | st.from_regex(r"[0-9.]+ ?(ms|s|m|h)", fullmatch=True) | st.integers() | st.floats())
    def test_a_duration_is_finite_or_refused(self, value: str | float) -> None:
        with contextlib.suppress(ValueError):
            assert 0 <= parse_duration(value) < math.inf

    @pytest.mark.parametrize("value", ["9" * 400 + "s", 10**400])
    def test_a_number_too_large_to_count_is_refused(self, value: str | float) -> None:
        with pytest.raises(ValueError, match="is not a duration"):
            parse_duration(value)

    def test_durations_are_shown_short(self) -> None:
        shown = [format_duration(seconds) for seconds in (0, 0.34, 0.9999, 1.24, 59.99, 125, 3599.9, 3720)]
        assert shown == ["0 ms", "340 ms", "1.0 s", "1.2 s", "1 m 00 s", "2 m 05 s", "1 h 00 m", "1 h 02 m"]
