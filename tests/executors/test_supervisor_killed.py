"""Whenever the supervisor or its guardian is killed, nothing is left and every teardown has run once, in order."""

import asyncio
import contextlib
import os
import random
import signal
import sys
import uuid
from collections.abc import Sequence
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

PROGRAMS = Path(__file__).with_name("programs")
SUPPORT = Path(__file__).parent.parent / "support"
ROOT = Path(__file__).parent.parent.parent


def with_marker(marker: str) -> dict[int, str]:
    """Return every living process that has the marker in its arguments or environment."""
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            cmdline = (entry / "cmdline").read_bytes()
            if marker.encode() in cmdline or marker.encode() in (entry / "environ").read_bytes():
                found[int(entry.name)] = cmdline.replace(b"\0", b" ").decode()
        except OSError:
            continue
    return found


async def nobody_left(marker: str) -> None:
    async with asyncio.timeout(30):
        while with_marker(marker):  # noqa: ASYNC110 - the outside world sets no events
            await asyncio.sleep(0.02)


async def start(program: str, *arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        str(PROGRAMS / program),
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": f"{SUPPORT}{os.pathsep}{ROOT}"},
    )


async def run_and_kill(directory: Path, kill_after_s: float, leave_after_s: float) -> None:
    marker = f"killed-{uuid.uuid4().hex}"
    process = await start("supervisor_to_kill.py", str(directory), marker, str(leave_after_s))
    assert process.stdout is not None
    try:
        first = await process.stdout.readline()
        await asyncio.sleep(kill_after_s)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGKILL)
        rest = await process.stdout.read()
        await process.wait()
    await nobody_left(marker)
    check_teardowns(directory, (first + rest).decode().splitlines())


async def run_and_kill_guardians(directory: Path, kill_after_s: Sequence[float]) -> None:
    """Kill the guardian, and those that take its place, after so many seconds each."""
    marker = f"killed-{uuid.uuid4().hex}"
    process = await start("supervisor_to_kill.py", str(directory), marker, "0.2")
    assert process.stdout is not None
    first = await process.stdout.readline()
    killed = 0
    for pause in kill_after_s:
        await asyncio.sleep(pause)
        for guardian in guardians_of(process.pid):
            os.kill(guardian, signal.SIGKILL)
            killed += 1
    rest = await process.stdout.read()
    assert await process.wait() == 0
    await nobody_left(marker)
    assert killed
    check_teardowns(directory, (first + rest).decode().splitlines())


def guardians_of(pid: int) -> list[int]:
    """Return the guardians among the children of a process; none when it has ended."""
    found = []
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(OSError):  # it has ended meanwhile
            if "guardian/__main__.py" in Path(f"/proc/{child}/cmdline").read_text():
                found.append(int(child))
    return found


def check_teardowns(directory: Path, said: list[str]) -> None:
    asked = {int(line.split()[1]) for line in said if line.startswith("asked")}
    started = {int(line.split()[1]) for line in said if line.startswith("started")}
    downs = directory / "downs"
    lines = downs.read_text().splitlines() if downs.exists() else []
    order = [int(line.split()[1]) for line in lines[::2]]
    assert order == sorted(set(order), reverse=True), lines
    assert lines == [f"{edge} {number}" for number in order for edge in ("begin", "end")]
    assert started <= set(order) <= asked
    for number in order:
        log = (directory / "logs" / f"t{number}.log").read_text()
        assert log.count(f"torn down {number}\n") == 1


@pytest.mark.parametrize("seed", range(6))
async def test_a_killed_supervisor_leaves_nothing_and_every_teardown_has_run_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    moments = [
        (chance.uniform(0.0, 1.2), -1.0),
        (chance.uniform(0.0, 2.5), chance.uniform(0.0, 0.3)),
    ]
    async with asyncio.TaskGroup() as runs:
        for number, (kill, leave) in enumerate(moments):
            directory = tmp_path / str(number)
            directory.mkdir()
            runs.create_task(run_and_kill(directory, kill, leave))


@pytest.mark.parametrize("seed", range(4))
async def test_killed_guardians_are_replaced_and_every_teardown_has_run_once(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    moments = [[chance.uniform(0.0, 1.0)], [chance.uniform(0.0, 0.9) for _ in range(3)]]
    async with asyncio.TaskGroup() as runs:
        for number, moment in enumerate(moments):
            directory = tmp_path / str(number)
            directory.mkdir()
            runs.create_task(run_and_kill_guardians(directory, moment))


async def test_last_words_reach_the_log_after_the_supervisor_was_killed(tmp_path: Path) -> None:
    marker = f"killed-{uuid.uuid4().hex}"
    process = await start("supervisor_with_talker.py", str(tmp_path), marker)
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
    finally:
        process.send_signal(signal.SIGKILL)
        await process.stdout.read()
        await process.wait()
    await nobody_left(marker)
    words = [f"last words {n}" for n in range(200)]
    for name in ("piped", "terminal"):
        log = (tmp_path / "logs" / f"{name}.log").read_text()
        # The shell itself may say "Terminated" on stderr, between any two lines.
        assert [line for line in log.splitlines() if line.startswith("last")] == words
        assert "err\n" in log
    asked = (tmp_path / "logs" / "asked.log").read_text()
    assert sorted(asked.split()) == ["asking", "obeyed"]
