"""What `doctor` looks at. Each check answers for itself.

None changes anything that outlives it, but for one: what a run has left that was killed with its guardian is cleaned up.
"""

import os
import platform
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Literal

import msgspec

from tui_runner.control.lock import holder_of
from tui_runner.control.places import is_private, places_for, prepare
from tui_runner.control.recovery import recover_if_free
from tui_runner.errors.render import printable
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.duration import format_duration
from tui_runner.model.pipeline import pipeline
from tui_runner.model.task import task
from tui_runner.tui.settings.reading import read_settings, settings_path
from tui_runner.version import VERSION

ENOUGH_WATCHES = 65536
ENOUGH_INSTANCES = 128
ENOUGH_FILES = 1024
_ENGINES = ("docker", "podman")
_ENGINE_TIMEOUT_S = 5.0
_PACKAGES = ("msgspec", "textual", "watchfiles", "psutil", "pathspec")


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    name: str
    status: Literal["ok", "note", "problem"]
    """`note`: works, with a limit worth knowing. `problem`: something will not work."""
    text: str
    help: str = ""


def all_checks(root: Path | None) -> Iterator[Check]:
    """Yield every check, quick ones first. `root` None: there is no pipeline.py here."""
    yield Check(name="version", status="ok", text=f"tui-runner {VERSION}")
    yield Check(name="python", status="ok", text=f"{platform.python_version()} at {sys.executable}")
    yield Check(name="system", status="ok", text=f"{platform.system()} {platform.release()}, {os.cpu_count()} cores")
    yield _packages()
    yield _open_files()
    yield from _inotify()
    yield from _settings()
    yield _workspace(root)
    yield _private_directories(root or Path.cwd())
    yield _supervisors(root or Path.cwd())
    yield from _leftovers(root)
    yield _guardian()
    for engine in _ENGINES:
        yield _container_engine(engine)


def _packages() -> Check:
    found = []
    missing = []
    for name in _PACKAGES:
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        return Check(name="packages", status="problem", text=f"missing: {', '.join(missing)}", help="install it again")
    return Check(name="packages", status="ok", text=", ".join(found))


def _open_files() -> Check:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    text = f"{_limit(soft)} at once, may be raised to {_limit(hard)}"
    if soft != resource.RLIM_INFINITY and soft < ENOUGH_FILES:
        return Check(
            name="open files", status="note", text=text, help=f"few tasks run at once: try `ulimit -n {ENOUGH_FILES}`"
        )
    return Check(name="open files", status="ok", text=text)


def _limit(number: int) -> str:
    return "any number" if number == resource.RLIM_INFINITY else str(number)


def _inotify() -> Iterator[Check]:
    for what, enough in (("max_user_watches", ENOUGH_WATCHES), ("max_user_instances", ENOUGH_INSTANCES)):
        file = Path("/proc/sys/fs/inotify") / what
        try:
            limit = int(file.read_text())
        except (OSError, ValueError):
            continue  # not Linux, or hidden from us
        name = f"inotify {what.removeprefix('max_user_')}"
        if limit >= enough:
            yield Check(name=name, status="ok", text=str(limit))
        else:
            help_text = f"watching large trees may fail: `sysctl fs.inotify.{what}={enough}`"
            yield Check(name=name, status="note", text=str(limit), help=help_text)


def _settings() -> Iterator[Check]:
    reading = read_settings(settings_path(os.environ))
    path = printable(str(reading.path))
    if not reading.found:
        yield Check(name="settings", status="ok", text=f"the defaults: there is no {path}")
    elif not reading.problems:
        yield Check(name="settings", status="ok", text=path)
    for problem in reading.problems:
        line = f":{problem.site.line}" if problem.site is not None and problem.site.line else ""
        yield Check(name="settings", status="problem", text=f"{path}{line}: {problem.message}", help=problem.help)


def _workspace(root: Path | None) -> Check:
    if root is None:
        return Check(name="workspace", status="note", text="no pipeline.py here", help="`tui-runner init` writes one")
    return Check(name="workspace", status="ok", text=str(root))


def _private_directories(root: Path) -> Check:
    places = places_for(root)
    try:
        prepare(places)
    except DefinitionError as error:
        [problem] = error.problems
        return Check(name="private files", status="problem", text=problem.message, help=problem.help)
    return Check(name="private files", status="ok", text=f"{places.runtime} and {places.state}")


def _supervisors(root: Path) -> Check:
    base = places_for(root).runtime.parent
    live, stale = [], []
    for directory in sorted(base.iterdir()) if is_private(base) else ():
        holder = holder_of(directory / "lock")
        if holder is not None:
            live.append(str(holder.pid))
        elif (directory / "sock").exists():
            stale.append(str(directory / "sock"))
    text = f"{len(live)} running" + (f" (process {', '.join(live)})" if live else "")
    if stale:
        listed = ", ".join(stale[:3]) + (" …" if len(stale) > 3 else "")
        help_text = f"left by killed supervisors: {listed}; the next start of each replaces its own"
        return Check(name="supervisors", status="note", text=f"{text}, {len(stale)} stale sockets", help=help_text)
    return Check(name="supervisors", status="ok", text=text)


def _leftovers(root: Path | None) -> Iterator[Check]:
    if root is None:
        return
    found: list[str] = []
    recover_if_free(places_for(root), found.append)
    for text in found:
        yield Check(name="leftovers", status="note", text=text)
    if not found:
        yield Check(name="leftovers", status="ok", text="no run was killed with its guardian")


def _guardian() -> Check:
    result = pipeline([task("doctor", run=["/bin/sh", "-c", "exit 0"])]).run_sync(records=False)
    if result.ok:
        took = format_duration(result.stats.duration_s)
        return Check(name="guardian", status="ok", text=f"started, ran a task and went in {took}")
    reason = "unknown" if result.error is None else result.error.message
    return Check(name="guardian", status="problem", text=f"a task could not be run: {reason}", help="nothing will work")


def _container_engine(engine: str) -> Check:
    path = shutil.which(engine)
    if path is None:
        return Check(name=engine, status="ok", text="not installed; needed only for tasks that use it")
    try:
        answer = subprocess.run(
            [path, "version", "--format", "{{.Server.Version}}"],
            capture_output=True,
            timeout=_ENGINE_TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Check(name=engine, status="note", text=f"{path} does not answer: {error}")
    said = answer.stdout.decode("utf-8", "replace").strip()
    if answer.returncode != 0 or not said:
        why = answer.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        return Check(name=engine, status="note", text=f"{path} is there, its service is not", help=why)
    return Check(name=engine, status="ok", text=f"{said} at {path}")
