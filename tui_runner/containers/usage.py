"""Who uses which containers now: locks that end with the process that holds them, however it dies.

A service of a compose file may be wanted by several tasks, and by a `run` beside a `dev`. Whoever leaves last takes it
down; what nobody holds, but is there, an earlier run has left behind.
"""

import fcntl
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from tui_runner.containers.problem import ContainerError
from tui_runner.process.file_lock import try_lock
from tui_runner.process.regular_file import open_regular

_ALL = "@all"
"""Held by who wants every service. No service can have this name."""


class Usage:
    """The locks of one project, or of one container's name."""

    def __init__(self, project: str) -> None:
        self._directory = _private_directory()
        self.name = project
        self._held: list[int] = []

    @property
    def ever_begun(self) -> bool:
        """Tell whether anybody has held anything of it since the machine was started."""
        return any(True for _ in self._files())

    @contextmanager
    def settled(self) -> Iterator[None]:
        """Nobody else comes or goes meanwhile: waits for them."""
        descriptor = open_regular(self.file("lock"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def take_turn(self, waits: Callable[[], None]) -> Callable[[], None]:
        """Wait until nobody else brings services up, and return what lets others: two at once make networks twice.

        `waits` is called when it has to be waited.
        """
        descriptor = open_regular(self.file("turn"), os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waits()
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        return partial(os.close, descriptor)

    def hold(self, names: Iterable[str]) -> None:
        """Use these; no names means all there are. Call it while things are settled."""
        for name in tuple(names) or (_ALL,):
            path = self._mark(name)
            descriptor = try_lock(path, shared=True)
            if descriptor is None:
                raise ContainerError(f"the lock {path} is held by another program")
            self._held.append(descriptor)

    def release(self) -> None:
        """Use nothing any more."""
        while self._held:
            os.close(self._held.pop())

    def is_used(self, name: str) -> bool:
        """Tell whether anybody uses this one. Not for what we hold ourselves."""
        return any(not _is_free(self._mark(one)) for one in (name, _ALL))

    @property
    def is_anything_used(self) -> bool:
        """Tell whether anybody uses anything of it. Not while we hold something ourselves."""
        return any(not _is_free(file) for file in self._files())

    def file(self, kind: str) -> Path:
        """Return the path of a private file of the project that is empty after a reboot."""
        return self._directory / f"{self.name}.{kind}"

    def _mark(self, name: str) -> Path:
        return self.file(f"{name}.used")

    def _files(self) -> Iterator[Path]:
        return self._directory.glob(f"{self.name}.*.used")


def _is_free(file: Path) -> bool:
    if not file.exists():
        return True
    descriptor = try_lock(file)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def _private_directory() -> Path:
    """Return a directory that is ours alone and empty after a reboot; made when it is missing.

    Raises:
        ContainerError: somebody else has something in its place.
    """
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    base = Path(given) if given.startswith("/") and os.access(given, os.W_OK) else Path("/tmp")  # noqa: S108 - checked
    path = base / f"tui-runner-containers-{os.geteuid()}"
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        found = path.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or stat.S_IMODE(found.st_mode) & 0o077:
            raise ContainerError(f"{path} must be a directory that only you can enter; remove it") from None
    except OSError as error:
        raise ContainerError(f"{path} cannot be made: {error.strerror}") from error
    return path
