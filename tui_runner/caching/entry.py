"""What the cache keeps of one successful run of a task: data only, independent of how it is stored."""

from typing import Annotated

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
    outputs: tuple[Output, ...]
    """Sorted by path."""
    output_patterns: tuple[str, ...] = ()
    inputs: Digest | None = None
    """Of the blob with the input files (see `input_files`), for `explain`; None when there were none."""
    log: Digest | None = None
    """Of the blob with what the task printed; None when nothing was kept."""
    version: int = ENTRY_VERSION

    @property
    def size(self) -> int:
        """Bytes of all output files."""
        return sum(output.size for output in self.outputs if isinstance(output, OutputFile))
