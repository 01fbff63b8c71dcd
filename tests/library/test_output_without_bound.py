"""However much a task prints and however slow the host is to take it, memory stays bounded and nothing gets lost."""

import asyncio
import hashlib
import tracemalloc
from collections.abc import Iterable, Iterator

import pytest
from rig import Rig, python, stats_of

from tui_runner import command, task

pytestmark = pytest.mark.real

FLOOD = python(
    "import sys, os\n"
    "line = 'x' * 95\n"
    "for n in range(640):\n"
    "    sys.stdout.write(''.join(f'{n:03}{line}\\n' for _ in range(1000)))\n"
    "sys.stdout.flush()\n"
    "open('printed', 'w').close()"
)
"""Prints `FLOOD_BYTES` in lines of 99; then makes the file `printed`."""
FLOOD_BYTES = 640 * 1000 * 99
MOST = 16 << 20
"""Far more than is needed, and far less than was printed."""


def sha_of(parts: Iterable[bytes]) -> str:
    sha = hashlib.sha256()
    for part in parts:
        sha.update(part)
    return sha.hexdigest()


@pytest.fixture
def _traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def peak() -> int:
    """Return the most memory Python has held at once since the test began, in bytes."""
    return tracemalloc.get_traced_memory()[1]


class Slow:
    """A host that takes no output until everything was printed."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.size = 0
        self.sha = hashlib.sha256()
        self.last = b""

    async def take(self, _name: str, _id: str, _stream: str, data: bytes) -> None:
        await self.rig.until((self.rig.directory / "printed").exists)
        self.size += len(data)
        self.sha.update(data)
        self.last = data


@pytest.mark.usefixtures("_traced")
@pytest.mark.parametrize("records", [True, False])
async def test_a_flood_nobody_asked_for_is_not_kept_in_memory(rig: Rig, records: bool) -> None:
    result = await rig.run([task("t", run=FLOOD)], records=records, on_task_output=None)
    assert result.ok
    assert peak() < MOST
    assert stats_of(result, "t").last_lines(1) == ("639" + "x" * 95,)


@pytest.mark.usefixtures("_traced")
async def test_readiness_that_never_comes_keeps_no_output(rig: Rig) -> None:
    """It used to keep everything a task had printed, and to search all of it again for every chunk."""
    seen = 0

    def looks(line: str) -> bool:
        nonlocal seen
        seen += len(line) + 1
        return False

    result = await rig.run([task("t", run=command(FLOOD, ready_when=looks))], on_task_output=None)
    assert result.ok
    assert FLOOD_BYTES <= seen < FLOOD_BYTES * 1.2
    assert peak() < MOST


@pytest.mark.usefixtures("_traced")
async def test_a_host_that_is_slow_to_take_output_gets_all_of_it_from_the_log(rig: Rig) -> None:
    slow = Slow(rig)
    result = await rig.run([task("t", run=FLOOD)], records=True, on_task_output=slow.take)
    assert result.ok
    assert slow.sha.hexdigest() == sha_of((f"{n:03}" + "x" * 95 + "\n").encode() * 1000 for n in range(640))
    assert peak() < MOST


@pytest.mark.usefixtures("_traced")
async def test_without_records_a_slow_host_is_dropped_back_to_the_latest_output(rig: Rig) -> None:
    slow = Slow(rig)
    result = await rig.run([task("t", run=FLOOD)], records=False, on_task_output=slow.take)
    assert result.ok
    assert 1 << 20 <= slow.size < FLOOD_BYTES
    assert slow.last.endswith(b"639" + b"x" * 95 + b"\n")
    assert peak() < MOST


@pytest.mark.usefixtures("_traced")
async def test_streams_and_tasks_that_talk_at_once_are_each_complete_for_a_slow_host(rig: Rig) -> None:
    both = python(
        "import os\n"
        "for n in range(3000):\n"
        "    os.write(1, b'out %04d %s\\n' % (n, b'o' * 4000)); os.write(2, b'err %04d %s\\n' % (n, b'e' * 2000))"
    )
    gate = asyncio.Event()
    heard: dict[tuple[str, str], hashlib._Hash] = {}
    story: list[str] = []

    async def take(name: str, _id: str, stream: str, data: bytes) -> None:
        await gate.wait()
        heard.setdefault((name, stream), hashlib.sha256()).update(data)
        story.append(name)

    running = rig.start(
        [task(name, run=both) for name in "ab"] + [task("end", run="touch ended", depends_on=["a", "b"])],
        records=True,
        on_task_output=take,
        on_task_begin=None,
        on_task_complete=lambda name, _: story.append(f"complete {name}"),
    )
    await rig.until((rig.directory / "ended").exists)
    gate.set()
    assert (await running).ok
    out = sha_of(b"out %04d %s\n" % (n, b"o" * 4000) for n in range(3000))
    err = sha_of(b"err %04d %s\n" % (n, b"e" * 2000) for n in range(3000))
    assert {key: sha.hexdigest() for key, sha in heard.items()} == {
        (name, stream): out if stream == "stdout" else err for name in "ab" for stream in ("stdout", "stderr")
    }
    for name in "ab":
        assert name not in story[story.index(f"complete {name}") + 1 :]
    assert peak() < MOST
