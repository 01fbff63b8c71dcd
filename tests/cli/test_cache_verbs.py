"""`run` with a cache, `explain` of it, and `cache ls|clear|gc`, from outside."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from live_workspace import Workspace

pytestmark = pytest.mark.real

SITE = """
from tui_runner import cache, input_resolver, virtual_input

lib = task("lib", commands={"build": command(
    "echo compiles; mkdir -p out; cat src/* > out/lib", cache=cache(inputs="src", outputs="out"))})
app = task("app", commands={"build": command(
    "cat out/lib main > app.bin", env={"TOKEN": "s3cret"},
    cache=cache(inputs=["main", lib.artifact("build")], outputs="app.bin", env="CI"))})
main = pipeline([lib, app])
"""


@pytest.fixture
def site(workspace: Workspace) -> Workspace:
    (workspace.root / "src").mkdir()
    (workspace.root / "src" / "a").write_text("a\n")
    (workspace.root / "main").write_text("main\n")
    return workspace.write(SITE)


def blurred(text: str) -> str:
    return re.sub(r"[\d.]+ (ms|s)\b", "T", text)


def test_run_says_why_a_task_runs_and_what_is_cached(site: Workspace) -> None:
    first = site.cli("run", "app")
    assert blurred(first.out) == (
        "lib | ── not cached: it has no stored result yet ──\n"
        "lib | compiles\n"
        "lib | done after T\n"
        "app | ── not cached: it has no stored result yet ──\n"
        "app | done after T\n"
    )
    second = site.cli("run", "app")
    assert second.out == (
        "lib | ── cached: nothing has changed ──\n"
        "lib | compiles\n"
        "app | ── cached: nothing has changed ──\n"
    )  # fmt: skip
    assert second.err == "2 tasks: 2 skipped, 2 of them cached\n"
    (site.root / "main").write_text("other\n")
    assert "app | ── not cached: main changed ──\n" in site.cli("run", "app").out


def test_force_runs_everything(site: Workspace) -> None:
    site.cli("run", "app")
    assert "lib | ── not cached: it was asked to run ──\n" in site.cli("run", "app", "--force").out


def test_the_result_as_json_has_the_cache_of_every_task(site: Workspace) -> None:
    site.cli("run", "app")
    document = json.loads(site.cli("run", "app", "--format", "json").out)
    caches = {task["id"]: task["cache"] for task in document["stats"]["tasks"]}
    assert caches["lib"]["hit"] is True
    assert caches["lib"]["inputs"] == ["src"]
    assert Path(caches["app"]["cache_file"]).is_file()


def test_records_tell_what_the_cache_said(site: Workspace) -> None:
    site.cli("run", "app")
    shown = site.cli("show", "latest").out
    assert "not cached: it has no stored result yet" in shown or "lib" in shown
    (summary,) = (site.root / ".tui_runner" / "runs").glob("*/summary.md")
    assert "not cached: it has no stored result yet" in summary.read_text()


def test_explain_tells_key_by_key_what_has_changed(site: Workspace) -> None:
    assert "would run: it has no stored result yet" in site.cli("explain", "lib").out
    site.cli("run", "app")
    assert "would be skipped: nothing has changed since it last succeeded" in site.cli("explain", "app").out
    (site.root / "src" / "a").write_text("b\n")
    (site.root / "src" / "b").write_text("b\n")
    site.write(SITE.replace('"s3cret"', '"n3w"').replace("cat out/lib main", "cat main out/lib"))
    text = site.cli("explain", "app", env={"CI": "1"}).out
    assert "changed     command changed (cat out/lib main > app.bin → cat main out/lib > app.bin)\n" in text
    assert "            env TOKEN changed\n" in text
    assert "            process env CI changed\n" in text
    assert "s3cret" not in text
    assert "n3w" not in text
    assert "`lib` would run before, so inputs may change" in text
    lib = json.loads(site.cli("explain", "lib", "--format", "json").out)["cache"]
    assert lib["files"] == ["src/a changed", "src/b added"]
    assert lib["hit"] is False


def test_explain_takes_the_mode_that_has_a_result(site: Workspace) -> None:
    site.write("""
from tui_runner import cache
main = pipeline([task("lib", run=command("true", cache=cache(inputs="src")))])
""")
    assert json.loads(site.cli("explain", "lib", "--format", "json").out)["mode"] == "dev"
    site.cli("run", "lib")
    assert json.loads(site.cli("explain", "lib", "--format", "json").out)["mode"] == "build"
    assert json.loads(site.cli("explain", "lib", "-m", "dev", "--format", "json").out)["cache"]["hit"] is False


def test_explain_finds_a_task_that_only_an_artifact_of_another_mode_brings_in(site: Workspace) -> None:
    site.write(SITE.replace("pipeline([lib, app])", "pipeline([app])"))
    assert json.loads(site.cli("explain", "lib", "--format", "json").out)["mode"] == "build"
    assert "there is no task `nothing`" in site.cli("explain", "nothing", code=2).err


def test_explain_changes_nothing_of_the_user(site: Workspace) -> None:
    site.cli("run", "app")
    (site.root / "app.bin").unlink()
    assert "would be skipped" in site.cli("explain", "app").out
    assert not (site.root / "app.bin").exists()


def test_a_resolver_that_fails_is_explained_and_noted(site: Workspace) -> None:
    site.write("""
from tui_runner import cache, input_resolver

def broken(context):
    raise ValueError("the lock file is of version 99")

main = pipeline([task("lib", run=command("true", cache=cache(inputs=[input_resolver("lock", broken)])))])
""")
    words = "the resolver `lock` raised ValueError: the lock file is of version 99"
    assert words in site.cli("explain", "lib").out
    done = site.cli("run", "lib")
    assert f"── no cache: {words} ──" in done.out


def test_cache_lists_and_clears(site: Workspace) -> None:
    assert site.cli("cache", "ls").err == "nothing is kept\n"
    site.cli("run", "app")
    rows = json.loads(site.cli("cache", "ls", "--format", "json").out)
    assert [(row["task"], row["mode"], row["files"]) for row in rows] == [("app", "build", 1), ("lib", "build", 1)]
    assert site.cli("cache", "ls", "lib").out.splitlines()[0].split() == [
        *("TASK", "MODE", "KEY", "MADE", "USED", "FILES", "SIZE"),
    ]
    assert site.cli("cache", "clear", "lib").err.startswith("1 result removed")
    assert [row["task"] for row in json.loads(site.cli("cache", "ls", "--format", "json").out)] == ["app"]
    assert site.cli("cache", "clear").err.startswith("1 result removed")
    assert site.cli("cache", "ls", "--format", "json").out == "[]\n"


def test_cache_gc_keeps_the_newest_of_each_task(site: Workspace) -> None:
    for content in "abc":
        (site.root / "src" / "a").write_text(content)
        site.cli("run", "lib")
    assert site.cli("cache", "gc").err.startswith("0 results removed")
    assert site.cli("cache", "gc", "--keep-last", "1").err.startswith("2 results removed")
    assert "── cached" in site.cli("run", "lib").out
    assert site.cli("cache", "gc", "--max-size", "0").err.startswith("1 result removed")
    site.cli("run", "lib")
    assert site.cli("cache", "gc", "--max-age", "1h").err.startswith("0 results removed")
    assert site.cli("cache", "gc", "--max-age", "0s").err.startswith("1 result removed")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("gc", "--max-size", "lots"), "`lots` is not a size: give bytes, or a text such as 500MB, 2GiB"),
        (("gc", "--max-age", "old"), "`old` is not a duration"),
        (("gc", "lib"), "`cache gc` takes no task; `cache clear TASK` removes what is kept of one"),
        (("ls", "--keep-last", "1"), "--max-age, --max-size and --keep-last belong to `cache gc`"),
        (("gc", "--keep-last", "-1"), "--keep-last takes a number from 0 on"),
        (("tidy",), "invalid choice: 'tidy'"),
    ],
)
def test_a_misuse_is_told(site: Workspace, arguments: tuple[str, ...], words: str) -> None:
    assert words in site.cli("cache", *arguments, code=2).err


def test_a_cache_that_is_no_directory_is_told(site: Workspace) -> None:
    (site.root / ".tui_runner").mkdir()
    (site.root / ".tui_runner" / "cache").write_text("in the way")
    assert str(site.root / ".tui_runner" / "cache") in site.cli("cache", "clear", code=1).err


def test_a_task_that_runs_itself_does_not_wait_for_itself(site: Workspace) -> None:
    site.write(f"""
from tui_runner import cache
main = pipeline([task("self", commands={{"build": command(
    "[ -e inner ] || {{ touch inner; {sys.executable} -P -m tui_runner run self; }}; echo once >> ran",
    cache=cache(inputs="main", outputs="ran"))}})])
""")
    done = site.cli("run", "self")
    assert (site.root / "ran").read_text() == "once\nonce\n"
    assert "── no cache: it runs inside a run of itself" in done.out


def test_killing_a_run_at_any_moment_spoils_no_result(site: Workspace) -> None:
    """Whatever a kill leaves, the next run brings back exactly what the task made."""
    many = " ".join(f"out/f{n}" for n in range(40))
    site.write(f"""
from tui_runner import cache
main = pipeline([task("lib", commands={{"build": command(
    "mkdir -p out; for f in {many}; do cat src/a > $f; done", cache=cache(inputs="src", outputs="out"))}})])
""")
    want = {f"f{n}": "a\n" for n in range(40)}
    for attempt in range(12):
        if attempt % 3 == 0:
            for file in (site.root / "out").glob("*"):
                file.unlink()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "tui_runner", "run", "lib"],
            cwd=site.root,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.05 + attempt * 0.02)  # the moments are what is tested: any of them will do
        process.send_signal(signal.SIGKILL)
        process.wait()
    site.cli("run", "lib")
    assert {file.name: file.read_text() for file in (site.root / "out").iterdir()} == want
    for file in (site.root / "out").iterdir():
        file.write_text("spoilt")
    assert "── cached" in site.cli("run", "lib").out
    assert {file.name: file.read_text() for file in (site.root / "out").iterdir()} == want
