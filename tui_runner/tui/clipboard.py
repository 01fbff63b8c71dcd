"""Copying beyond the terminal's own escape sequence: a system clipboard tool, or a private file for what is too long."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import Mapping

OSC52_BYTES = 100_000
"""Terminals drop longer sequences without a word."""
_TOOL_SECONDS = 2.0
_TOOLS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("WAYLAND_DISPLAY", ("wl-copy",)),
    ("DISPLAY", ("xclip", "-selection", "clipboard")),
    ("", ("pbcopy",)),
)


def clipboard_tool(environ: Mapping[str, str]) -> tuple[str, ...] | None:
    """Return the command that takes a text on its standard input, or None when there is none for this session."""
    for needed, command in _TOOLS:
        if needed and not environ.get(needed):
            continue
        if path := shutil.which(command[0], path=environ.get("PATH")):
            return (path, *command[1:])
    return None


async def hand_to_tool(command: tuple[str, ...], text: str) -> bool:
    """Give the text to a clipboard tool and tell whether it took it; a tool that hangs is ended after two seconds."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError:
        return False
    try:
        async with asyncio.timeout(_TOOL_SECONDS):
            await process.communicate(text.encode())
    except TimeoutError:
        return False
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode == 0


def save(text: str) -> str:
    """Write the text to a new private file in the temp directory and return its path.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, path = tempfile.mkstemp(prefix="tui-runner-copy-", suffix=".txt")
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
