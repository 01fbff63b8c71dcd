"""The files a result depends on, for `explain`: in a blob of their own, because a hit does not need them."""

from collections.abc import Mapping
from typing import Self

import msgspec


class InputFiles(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Names and fingerprints, in two columns."""

    names: bytes
    """Relative to the workspace root where they lie below it, a NUL between two."""
    imprints: bytes
    """Their fingerprints, all of one length."""

    @classmethod
    def of(cls, files: Mapping[bytes, bytes]) -> Self:
        """Return the columns; fingerprints go by name."""
        return cls(names=b"\0".join(files), imprints=b"".join(files.values()))

    def encode(self) -> bytes:
        """Return the content of their blob."""
        return msgspec.msgpack.encode(self)

    def by_name(self) -> dict[bytes, bytes]:
        """Return the fingerprint of every file; of none when the columns do not fit each other."""
        names = self.names.split(b"\0") if self.names else []
        length, rest = divmod(len(self.imprints), len(names) or 1)
        if rest or not length:
            return {}
        return {name: self.imprints[index * length : (index + 1) * length] for index, name in enumerate(names)}


def decode_input_files(data: bytes) -> dict[bytes, bytes] | None:
    """Return the fingerprint of every file in the content of a blob; None when it makes no sense."""
    try:
        return msgspec.msgpack.decode(data, type=InputFiles).by_name()
    except msgspec.DecodeError:
        return None
