"""Where the socket, the lock and the state of a root live: private directories outside the workspace.

A cloned repository must not be able to plant them, and in a shared temp directory nobody else may own them. Computing
the places touches nothing; `prepare` creates the directories and refuses those that are not ours alone.
"""

import contextlib
import importlib
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError

if TYPE_CHECKING:
    from hashlib import _Hash

SOCKET_PATH_BYTES = 103 if sys.platform == "darwin" else 107
"""Longest path a unix socket can have here."""
ROOT_NOTE = "root"
"""File in a private directory that names the root it belongs to."""
SWEPT_NOTE = ".swept"
"""File beside the private directories that was touched when stale ones were last removed."""
SWEEP_EVERY_S = 24 * 3600


class Places(msgspec.Struct, frozen=True, kw_only=True):
    """The private files of one root."""

    root: Path
    """Resolved directory of pipeline.py."""
    runtime: Path
    """Holds the socket and the lock; empty after a reboot."""
    state: Path
    """Holds what outlives a reboot: the recovery journal and the supervisor's log."""

    @property
    def socket(self) -> Path:
        """The control socket."""
        return self.runtime / "sock"

    @property
    def lock(self) -> Path:
        """The file the live supervisor holds locked; never removed, so that a lock cannot be taken twice."""
        return self.runtime / "lock"

    @property
    def journal(self) -> Path:
        """The marker of the run that lives: what to clean up when supervisor and guardian were killed together."""
        return self.state / "journal"

    @property
    def layout(self) -> Path:
        """How the screen was left."""
        return self.state / "layout.json"

    @property
    def log(self) -> Path:
        """Standard output and error of the supervisor process."""
        return self.state / "supervisor.log"


def places_for(root: Path) -> Places:
    """Return the places of a root; the same for every spelling of its path."""
    resolved = root.resolve()
    name = name_of(os.fsencode(resolved))
    return Places(root=resolved, runtime=_runtime_base(name) / name, state=_state_base() / name)


def name_of(root: bytes) -> str:
    """Return the name of the private directories of a resolved root."""
    return _sha256(root).hexdigest()[:16]


def _sha256(data: bytes) -> "_Hash":
    """Hash with what Python brings itself, as its own `random` does: `hashlib` loads OpenSSL, at every start."""
    try:
        own = importlib.import_module("_sha2" if sys.version_info >= (3, 12) else "_sha256")
    except ImportError:
        own = importlib.import_module("hashlib")
    hashed: _Hash = own.sha256(data)
    return hashed


def prepare(places: Places) -> None:
    """Create the directories, private to this user. Once a day stale ones of other roots are removed.

    Raises:
        DefinitionError: one of them, or the directory above, belongs to somebody else, is open to others, or is no
            directory; or it cannot be created.
    """
    for directory in (places.runtime, places.state):
        _make_private(directory.parent)
        _make_private(directory)
        _note_root(directory, places.root)
    for base in {places.runtime.parent, places.state.parent}:
        if _is_sweep_due(base):
            from tui_runner.control.stale_places import sweep  # noqa: PLC0415 - once a day

            sweep(base, lambda name: _runtime_base(name) / name / places.lock.name, time.time())


def is_private(directory: Path) -> bool:
    """Tell whether it is a directory of this user, no symlink, and closed to everybody else."""
    return _objection(directory) is None


def _runtime_base(name: str) -> Path:
    candidates = []
    given = os.environ.get("XDG_RUNTIME_DIR", "")
    if given.startswith("/") and _is_ours(Path(given)):
        candidates.append(Path(given) / "tui-runner")
    candidates += [_shared_base(_temp_directory()), _shared_base(Path("/tmp"))]  # noqa: S108 - checked by `prepare`
    for base in candidates:
        if len(os.fsencode(base / name / "sock")) <= SOCKET_PATH_BYTES:
            return base
    return candidates[-1]


def _state_base() -> Path:
    given = os.environ.get("XDG_STATE_HOME", "")
    if given.startswith("/"):
        return Path(given) / "tui-runner"
    home = os.environ.get("HOME", "")
    if home.startswith("/") and os.access(home, os.W_OK | os.X_OK):
        return Path(home) / ".local" / "state" / "tui-runner"
    return _shared_base(_temp_directory()).with_suffix(".state")


def _temp_directory() -> Path:
    # `tempfile.gettempdir` probes by writing, and importing it costs more than a short verb does.
    given = os.environ.get("TMPDIR", "")
    return Path(given if given.startswith("/") and Path(given).is_dir() else "/tmp")  # noqa: S108 - checked by `prepare`


def _shared_base(directory: Path) -> Path:
    return directory / f"tui-runner-{os.geteuid()}"


def _is_ours(directory: Path) -> bool:
    try:
        status = directory.stat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _make_private(directory: Path) -> None:
    try:
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        directory.mkdir(mode=0o700)
    except FileExistsError:
        pass
    except OSError as error:
        raise _refusal(
            f"the directory `{directory}` cannot be created: {error.strerror}",
            "set XDG_RUNTIME_DIR and XDG_STATE_HOME to directories you may write to",
        ) from error
    if objection := _objection(directory):
        raise _refusal(
            f"the directory `{directory}` {objection}",
            "make sure nobody else has put it there; then remove it, or set XDG_RUNTIME_DIR and XDG_STATE_HOME",
        )


def _note_root(directory: Path, root: Path) -> None:
    with contextlib.suppress(OSError):  # it is there already; or the directory is kept longer than it is of use
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(directory / ROOT_NOTE, flags, 0o600)
        try:
            os.write(descriptor, os.fsencode(root))
        finally:
            os.close(descriptor)


def _is_sweep_due(base: Path) -> bool:
    try:
        return abs(time.time() - os.lstat(base / SWEPT_NOTE).st_mtime) > SWEEP_EVERY_S
    except OSError:
        return True


def _objection(directory: Path) -> str | None:
    try:
        status = os.lstat(directory)
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    if stat.S_ISLNK(status.st_mode):
        return "is a symbolic link"
    if not stat.S_ISDIR(status.st_mode):
        return "is not a directory"
    if status.st_uid != os.geteuid():
        return f"belongs to the user with id {status.st_uid}, not to you"
    if status.st_mode & 0o077:
        return f"is open to other users (mode {stat.S_IMODE(status.st_mode):04o})"
    return None


def _refusal(message: str, help_text: str) -> DefinitionError:
    return DefinitionError((Problem(kind=ProblemKind.UNSAFE_DIRECTORY, message=message, help=help_text),))
