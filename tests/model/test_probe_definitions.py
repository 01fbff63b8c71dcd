"""What `ready_when` takes."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tui_runner import alive, all_of, any_of, command, delay, exec_probe, file_exists, http, log_line, tcp
from tui_runner.model.liveness import Alive
from tui_runner.model.policy import Backoff
from tui_runner.model.probe import (
    AllOf,
    AnyOf,
    Delay,
    ExecProbe,
    FileExists,
    Http,
    LogPattern,
    LogPredicate,
    LogSubstring,
    Probe,
    Tcp,
)
from tui_runner.model.probe_words import describe, describe_alive
from tui_runner.model.ready_when import as_probe


def is_up(line: str) -> bool:
    return "up" in line


@pytest.mark.parametrize(
    ("given", "probe", "words"),
    [
        ("ready", LogSubstring(text="ready"), "a log line with `ready`"),
        (log_line("ready"), LogSubstring(text="ready"), "a log line with `ready`"),
        (re.compile("up$"), LogPattern(pattern="up$", flags=re.compile("up$").flags), "a log line matching /up$/"),
        (tcp(5432), Tcp(port=5432), "port 5432 on localhost"),
        (
            http("https://localhost:8000/health"),
            Http(url="https://localhost:8000/health"),
            "https://localhost:8000/health",
        ),
        (exec_probe(["pg_isready", "-q"]), ExecProbe(run=("pg_isready", "-q")), "`pg_isready -q`"),
        (file_exists("out.js"), FileExists(path="out.js"), "the file out.js"),
        (delay("500ms"), Delay(seconds=0.5), "0.5 s to pass"),
        (
            all_of("up", any_of(tcp(1), file_exists("f"), settle="2s"), any_of(tcp(2), tcp(3))),
            AllOf(
                probes=(
                    LogSubstring(text="up"),
                    AnyOf(probes=(Tcp(port=1), FileExists(path="f")), settle_s=2),
                    AnyOf(probes=(Tcp(port=2), Tcp(port=3))),
                )
            ),
            (
                "a log line with `up` and (port 1 on localhost or the file f) for 2 s and "
                "(port 2 on localhost or port 3 on localhost)"
            ),
        ),
        (
            http("http://me:secret@localhost/x", contains="ok", headers={"X-Key": "secret"}, timeout="1s"),
            Http(url="http://me:secret@localhost/x", contains="ok", headers=(("X-Key", "secret"),), timeout_s=1),
            "http://localhost/x with `ok`",
        ),
        (
            tcp(80, interval="1s", settle="5s"),
            Tcp(port=80, pace=Backoff(delay_s=1, max_delay_s=30), settle_s=5),
            "port 80 on localhost for 5 s",
        ),
        (
            exec_probe("x", interval="1m", backoff="exponential", max_interval="2s"),
            ExecProbe(run="x", pace=Backoff(delay_s=60, factor=2, max_delay_s=60)),
            "`x`",
        ),
    ],
)
def test_every_form_is_understood_and_can_be_told(given: Any, probe: Probe, words: str) -> None:
    assert as_probe(given) == probe
    assert describe(as_probe(given)) == words


def test_a_function_of_one_line_is_a_probe() -> None:
    probe = as_probe(is_up)
    assert isinstance(probe, LogPredicate)
    assert probe.predicate is is_up
    assert describe(probe) == "a log line accepted by `is_up`"


def test_flags_of_a_pattern_are_kept() -> None:
    probe = as_probe(re.compile("READY", re.IGNORECASE))
    assert isinstance(probe, LogPattern)
    assert re.search(probe.pattern, "ready", probe.flags)


@pytest.mark.parametrize(
    "given",
    [
        "",
        log_line(""),
        5,
        b"ready",
        re.compile(b"ready"),
        tcp(0),
        tcp(70000),
        tcp(True),
        tcp(80, host=""),
        http("localhost:8000"),
        http("file:///etc/passwd"),
        http("http:///path"),
        http("http://localhost", status=42),
        exec_probe(""),
        exec_probe([]),
        file_exists(""),
        all_of(),
        any_of(tcp(1), all_of("")),
        tcp(80, interval=0),
        tcp(80, timeout=0),
        tcp(80, owner="me"),  # type: ignore[arg-type]  # on purpose
        http("http://localhost", contains=b"x"),  # type: ignore[arg-type]  # on purpose
        http("http://localhost", status=True),
        http("http://localhost", headers={"X": "a\r\nY: b"}),
        http("http://localhost", headers={"X Y": "a"}),
        http("http://localhost", headers={"Content-Length": "5"}),
    ],
)
def test_what_could_never_match_or_would_match_at_once_is_refused(given: Any) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        as_probe(given)
    (problem,) = command("x", ready_when=given).problems
    assert problem.message.startswith("`ready_when`: ")


@pytest.mark.parametrize("given", [re.compile(b"up$"), log_line(re.compile(b"up$"))])  # type: ignore[arg-type]  # on purpose
def test_a_pattern_of_bytes_is_refused_with_the_way_to_put_it_right(given: Any) -> None:
    (problem,) = command("x", ready_when=given).problems
    assert problem.message == (
        "`ready_when`: the pattern must be made of text, not of bytes: leave out the `b` before 'up$'"
    )


def test_a_delay_must_be_a_duration() -> None:
    with pytest.raises(ValueError, match="is not a duration"):
        delay("soon")


@pytest.mark.parametrize(
    "make",
    [
        lambda: all_of(5),  # type: ignore[arg-type]  # on purpose
        lambda: any_of("up", settle="soon"),
        lambda: tcp(80, interval="soon"),
        lambda: tcp(80, backoff="linear"),  # type: ignore[arg-type]  # on purpose
        lambda: http("http://localhost", headers=["X"]),  # type: ignore[arg-type]  # on purpose
        lambda: alive(5),  # type: ignore[arg-type]  # on purpose
        lambda: alive(tcp(80), interval="soon"),
    ],
)
def test_what_cannot_even_be_written_down_is_refused_where_it_stands(make: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make()


def test_a_bare_probe_is_asked_as_alive_does_by_default() -> None:
    checked = command("x", alive=tcp(80)).alive
    assert checked == alive(tcp(80)) == Alive(probe=Tcp(port=80))
    assert checked is not None
    assert describe_alive(checked) == "port 80 on localhost, every 10 s, given up after 3 failures in a row"


@pytest.mark.parametrize(
    "given",
    [
        "up",
        alive("up"),
        alive(lambda _: True),
        alive(all_of(tcp(80), delay(1))),
        alive(tcp(0)),
        alive(tcp(80), interval=0),
        alive(tcp(80), timeout=0),
        alive(tcp(80), failures=0),
        alive(tcp(80), failures=True),
    ],
)
def test_what_cannot_tell_whether_a_task_lives_is_refused(given: Any) -> None:
    (problem,) = command("x", alive=given).problems
    assert problem.message.startswith("`alive`: ")
