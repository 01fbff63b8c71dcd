"""Runs other programs from the screen: with the terminal to themselves, or aside without it. Never through a shell."""

import asyncio
from typing import Any

from textual.app import App, SuspendNotSupported

_ASIDE_S = 10.0


async def run_in_terminal(app: "App[Any]", command: tuple[str, ...]) -> str:
    """Give the terminal to a program until it ends; return what went wrong, for people, or nothing.

    The screen is put away meanwhile and comes back whatever happens; the run and its logs go on.
    """
    try:
        with app.suspend():
            return await _run(command)
    except SuspendNotSupported:
        return "there is no terminal to give away here"


async def _run(command: tuple[str, ...]) -> str:
    # What raises while the screen is put away would leave it there.
    try:
        process = await asyncio.create_subprocess_exec(*command)
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror}"
    code = await process.wait()
    return f"{command[0]} ended with {code}" if code else ""


async def run_aside(command: tuple[str, ...]) -> str:
    """Run a program that opens a window of its own; return what went wrong, for people, or nothing.

    One that does not end soon is left alone.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        return f"{command[0]} cannot be run: {error.strerror}"
    try:
        async with asyncio.timeout(_ASIDE_S):
            code = await process.wait()
    except TimeoutError:
        return ""
    return f"{command[0]} ended with {code}" if code else ""
