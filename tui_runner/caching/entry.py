"""What the cache keeps of one successful run of a task: data only, independent of how it is stored."""

from collections.abc import Mapping
from typing import Annotated, Self

import msgspec

ENTRY_VERSION = 1

Digest = Annotated[bytes, msgspec.Meta(min_length=32, max_length=32)]
"""A SHA-256. The bounds here and below are checked when an entry is read."""
Permissions = Annotated[int, msgspec.Meta(ge=0, le=0o777)]
"""Permission bits; set-user-id and the like are not kept."""


class KeyPart(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One thing a result depends on, and its fingerprint. A cache key is made of all of them."""

    name: str
    """Stable, such as `command`, `env PORT`, `platform`, `input files`, `resolver npm`."""
    digest: bytes
    shown: str = ""
    """The value, for `explain`; empty when it must not be shown or is too long."""


class InputFiles(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """The files a result depends on, in two columns: a hit reads them all, and looks at none."""

    names: bytes
    """Relative to the workspace root where they lie below it, a NUL between two."""
    imprints: bytes
    """Their fingerprints, all of one length."""

    @classmethod
    def of(cls, files: Mapping[bytes, bytes]) -> Self:
        """Return the columns; fingerprints go by name."""
        return cls(names=b"\0".join(files), imprints=b"".join(files.values()))

    def by_name(self) -> dict[bytes, bytes]:
        """Return the fingerprint of every file; of none when the columns do not fit each other."""
        names = self.names.split(b"\0") if self.names else []
        length, rest = divmod(len(self.imprints), len(names) or 1)
        if rest or not length:
            return {}
        return {name: self.imprints[index * length : (index + 1) * length] for index, name in enumerate(names)}


class OutputFile(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="file"):
    """A file the task made."""

    path: bytes
    """As the system knows it, relative to the workspace root; absolute when it is not below it."""
    digest: Digest
    """Of the content: the name of its blob."""
    size: Annotated[int, msgspec.Meta(ge=0, le=1 << 60)]
    mode: Permissions


class OutputLink(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="link"):
    """A symbolic link the task made."""

    path: bytes
    target: bytes


class OutputDirectory(msgspec.Struct, frozen=True, kw_only=True, array_like=True, tag="directory"):
    """A directory the task made. Kept for its mode, and because it may be empty."""

    path: bytes
    mode: Permissions


Output = OutputFile | OutputLink | OutputDirectory
"""Everything a task can leave behind. Special files are no outputs."""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """A result that can be brought back."""

    key: str
    """Hexadecimal; made of `parts`."""
    task: str
    """Id of the task."""
    mode: str
    created_at: float
    """Seconds since the epoch."""
    duration_s: float
    """How long the run took that this entry saves."""
    parts: tuple[KeyPart, ...]
    inputs: InputFiles
    """For `explain`."""
    outputs: tuple[Output, ...]
    """Sorted by path."""
    output_patterns: tuple[str, ...] = ()
    log: Digest | None = None
    """Of the blob with what the task printed; None when nothing was kept."""
    version: int = ENTRY_VERSION

    @property
    def size(self) -> int:
        """Bytes of all output files."""
        return sum(output.size for output in self.outputs if isinstance(output, OutputFile))
