"""Writing a small file so that readers see the old content or the new, never half of it."""

import os
from pathlib import Path

FILE_MODE = 0o600


def write_atomically(path: Path, data: bytes, *, durable: bool = True) -> None:
    """Replace the file: temporary file beside it, fsync, rename. A symbolic link in its place is replaced, not followed.

    `durable` False leaves out the fsync: after a power cut the file may then be empty.

    Raises:
        OSError: the disk is full, the directory is gone or may not be written to; no temporary file stays behind.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    try:
        try:
            write_all(descriptor, data)
            if durable:
                os.fsync(descriptor)
        finally:
            os.close(descriptor)
        temporary.rename(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Write every byte.

    Raises:
        OSError: it could not be written; some bytes may have been.
    """
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
