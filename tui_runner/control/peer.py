"""Who is at the other end of a unix socket, as the kernel says."""

import socket
import struct
import sys

_LINUX_CREDENTIALS = struct.Struct("iII")
_XUCRED_HEAD = struct.Struct("II")


def peer_uid(connection: socket.socket) -> int | None:
    """Return the effective user id of the peer when it connected; None where the system does not tell."""
    try:
        if sys.platform == "linux":
            raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _LINUX_CREDENTIALS.size)
            _pid, uid, _gid = _LINUX_CREDENTIALS.unpack(raw)
            return int(uid)
        if sys.platform == "darwin":
            # SOL_LOCAL is 0; struct xucred begins with its version and the user id.
            raw = connection.getsockopt(0, socket.LOCAL_PEERCRED, 256)
            _version, uid = _XUCRED_HEAD.unpack_from(raw)
            return int(uid)
    except (OSError, struct.error):
        return None
    return None
