"""What `ready_when` takes."""

import re
from typing import Any

import pytest

from tui_runner import command, delay, exec_probe, file_exists, http, log_line, tcp
from tui_runner.model.probe import (
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
from tui_runner.model.probe_words import describe
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
