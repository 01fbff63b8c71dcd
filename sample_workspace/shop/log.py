"""Log lines for people and machines: time, level, message, then key=value pairs. Coloured where colour is wanted."""

import json
import os
import sys
from datetime import UTC, datetime

_COLOURS = {"INFO": "32", "WARN": "33", "ERROR": "1;31"}


def colour_wanted() -> bool:
    """Tell whether to colour: never with NO_COLOR, else on a terminal or when FORCE_COLOR asks for it."""
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stdout.isatty() or os.environ.get("FORCE_COLOR", "0") not in {"", "0"}


def paint(text: str, code: str) -> str:
    """Return the text in a colour such as `32` (green) or `2` (dim), or as it is where colour is not wanted."""
    return f"\x1b[{code}m{text}\x1b[0m" if colour_wanted() else text


def info(message: str, **fields: object) -> None:
    """Tell what happened."""
    _write("INFO", message, fields)


def warn(message: str, **fields: object) -> None:
    """Tell what was odd."""
    _write("WARN", message, fields)


def error(message: str, **fields: object) -> None:
    """Tell what went wrong."""
    _write("ERROR", message, fields)


def _write(level: str, message: str, fields: dict[str, object]) -> None:
    clock = datetime.now(UTC).astimezone().strftime("%H:%M:%S.%f")[:-3]
    pairs = "".join(f" {paint(key + '=', '36')}{_quoted(str(value))}" for key, value in fields.items())
    print(f"{paint(clock, '2')} {paint(f'{level:<5}', _COLOURS[level])} {message}{pairs}", flush=True)


def _quoted(value: str) -> str:
    plain = value.isprintable() and value != "" and not set(value) & set(' "=')
    return value if plain else json.dumps(value, ensure_ascii=not value.isprintable())
