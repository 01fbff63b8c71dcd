"""A lock file is parsed once for all tasks of a run, and anew when it was written."""

import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tui_runner.caching.resolvers.lock_file import read_lock_file
from tui_runner.caching.resolvers.resolver_error import ResolverError, unusable


@pytest.fixture
def lock_file(tmp_path: Path) -> Path:
    path = tmp_path / "lock"
    path.write_text("one")
    return path


def counting() -> tuple[Callable[[Path, str], list[str]], list[str]]:
    """Return a function that parses, and what it was given so far."""
    seen: list[str] = []

    def parse(_path: Path, text: str) -> list[str]:
        seen.append(text)
        return [text]

    return parse, seen


def test_many_tasks_at_once_have_it_parsed_once(lock_file: Path) -> None:
    parse, seen = counting()
    together = threading.Barrier(16)

    def read(_number: int) -> list[str]:
        together.wait()
        return read_lock_file(lock_file, parse)

    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(read, range(16)))
    assert seen == ["one"]
    assert all(result is results[0] for result in results)


def test_what_is_written_in_the_same_moment_is_seen(lock_file: Path) -> None:
    parse, seen = counting()
    for number in range(200):
        text = f"{number:03}"
        with lock_file.open("r+") as file:
            file.write(text)
        assert read_lock_file(lock_file, parse) == [text]
    assert len(seen) == 200


def test_a_file_with_its_times_put_back_is_seen_to_have_changed(lock_file: Path) -> None:
    parse, _ = counting()
    before = time.time() - 1000
    os.utime(lock_file, (before, before))
    assert read_lock_file(lock_file, parse) == ["one"]
    lock_file.write_text("two")
    os.utime(lock_file, (before, before))
    assert read_lock_file(lock_file, parse) == ["two"]


def test_a_broken_file_is_read_once_and_told_to_each(lock_file: Path) -> None:
    calls: list[str] = []

    def parse(path: Path, text: str) -> None:
        calls.append(text)
        raise unusable(path, "is broken", "mend it")

    errors = []
    for _ in range(3):
        with pytest.raises(ResolverError, match="is broken: mend it") as caught:
            read_lock_file(lock_file, parse)
        errors.append(caught.value)
    assert calls == ["one"]
    assert len({id(error) for error in errors}) == 3


def test_a_file_that_vanished_is_told(tmp_path: Path) -> None:
    with pytest.raises(ResolverError, match=r"gone` cannot be read \(No such file or directory\)"):
        read_lock_file(tmp_path / "gone", counting()[0])
