"""File names made from task ids: reversible, and never the same for two ids.

The output has only lower-case letters, digits and `._-%`, so that it survives file systems which ignore case or
normalise Unicode.
"""

_PLAIN = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789._-")
_LONGEST = 180
_KEPT = 120


def file_name_for(task_id: str) -> str:
    """Return the file name (without an extension) for a task id.

    Other bytes than lower-case letters, digits and `._-` become `%xx`, also a leading dot and a leading dash. Names
    that would be too long for a file system are cut and end in `%%` and a hash.
    """
    raw = task_id.encode("utf-8", "surrogatepass")
    escaped = "".join(
        chr(byte) if byte in _PLAIN and not (index == 0 and byte in b".-") else f"%{byte:02x}"
        for index, byte in enumerate(raw)
    )
    if not escaped:
        return "%"
    if len(escaped) <= _LONGEST:
        return escaped
    from hashlib import blake2b  # noqa: PLC0415 - slow to import, and few names are so long

    return f"{escaped[:_KEPT]}%%{blake2b(raw, digest_size=16).hexdigest()}"


def task_id_of(file_name: str) -> str | None:
    """Return the task id a file name was made from; None when it was too long to be kept, or is no such name."""
    if file_name == "%":
        return ""
    if "%%" in file_name:
        return None
    first, *rest = file_name.split("%")
    try:
        raw = first.encode("ascii") + b"".join(bytes.fromhex(part[:2]) + part[2:].encode("ascii") for part in rest)
        task_id = raw.decode("utf-8", "surrogatepass")
    except ValueError:
        return None
    return task_id if file_name_for(task_id) == file_name else None
