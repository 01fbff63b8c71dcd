"""What a terminal sends for keys and pasted text. Pure.

Keys have the names that Textual gives them. The encoding is that of xterm, which every program understands.
"""

from typing import Final
from unicodedata import lookup

_ESCAPE: Final = "\x1b"
_PLAIN: Final = {
    "enter": "\r",
    "return": "\r",
    "tab": "\t",
    "backspace": "\x7f",
    "escape": _ESCAPE,
    "space": " ",
}
_CURSOR: Final = {"up": "A", "down": "B", "right": "C", "left": "D", "home": "H", "end": "F"}
_FUNCTION: Final = {"f1": "P", "f2": "Q", "f3": "R", "f4": "S"}
_NUMBERED: Final = {
    "insert": 2,
    "delete": 3,
    "pageup": 5,
    "pagedown": 6,
    "f5": 15,
    "f6": 17,
    "f7": 18,
    "f8": 19,
    "f9": 20,
    "f10": 21,
    "f11": 23,
    "f12": 24,
    "f13": 25,
    "f14": 26,
    "f15": 28,
    "f16": 29,
    "f17": 31,
    "f18": 32,
    "f19": 33,
    "f20": 34,
}
_MODIFIERS: Final = {"shift": 1, "alt": 2, "ctrl": 4, "meta": 8}
_SHIFT, _ALT, _CTRL = 1, 2, 4
_CONTROLS: Final = {
    " ": "\0",
    "2": "\0",
    "3": _ESCAPE,
    "4": "\x1c",
    "5": "\x1d",
    "6": "\x1e",
    "7": "\x1f",
    "8": "\x7f",
    "/": "\x1f",
    "?": "\x7f",
}
"""Characters that have a meaning with Ctrl although they are not in the column of ASCII where it comes from."""
_NAMES: Final = {
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "plus": "+",
    "minus": "-",
    "at": "@",
    "slash": "/",
    "backslash": "\\",
    "underscore": "_",
    "full_stop": ".",
    "period": ".",
}
"""Characters whose name in Textual is not that of Unicode."""
_PASTE_BEGIN, _PASTE_END = "\x1b[200~", "\x1b[201~"


def encode_key(key: str, character: str | None, *, application_cursor: bool = False) -> bytes:
    """Return what a terminal sends for a key, nothing for one that sends nothing.

    `key` is such as `a`, `ctrl+shift+up` or `circumflex_accent`; `character` is what it prints, None when it does not.
    """
    *held, base = key.split("+") if key != "+" else ["plus"]
    modifiers = sum(_MODIFIERS.get(name, 0) for name in set(held))
    return (_special(base, modifiers, application_cursor) or _printed(base, character, modifiers)).encode(
        "utf-8", "replace"
    )


def _special(base: str, modifiers: int, application_cursor: bool) -> str:
    suffix = f";{modifiers + 1}" if modifiers else ""
    if base == "tab" and modifiers & _SHIFT:
        return f"{_ESCAPE}[Z"
    if base == "backspace" and modifiers & _CTRL:
        return _meta("\x08", modifiers)
    if base == "space" and modifiers & _CTRL:
        return _meta("\0", modifiers)
    if base in _PLAIN:
        return _meta(_PLAIN[base], modifiers)
    if final := _CURSOR.get(base):
        return f"{_ESCAPE}[1{suffix}{final}" if suffix else _ESCAPE + ("O" if application_cursor else "[") + final
    if final := _FUNCTION.get(base):
        return f"{_ESCAPE}[1{suffix}{final}" if suffix else f"{_ESCAPE}O{final}"
    if number := _NUMBERED.get(base):
        return f"{_ESCAPE}[{number}{suffix}~"
    return ""


def _printed(base: str, character: str | None, modifiers: int) -> str:
    if not modifiers & (_CTRL | _ALT):
        return character or _named(base)
    text = _named(base) or character or ""
    if modifiers & _CTRL:
        text = _control(text)
    elif modifiers & _SHIFT:
        text = text.upper()
    return _meta(text, modifiers)


def _control(text: str) -> str:
    if text in _CONTROLS:
        return _CONTROLS[text]
    return chr(ord(text.upper()) & 0x1F) if len(text) == 1 and "@" <= text.upper() <= "_" else text


def _meta(text: str, modifiers: int) -> str:
    return _ESCAPE + text if text and modifiers & _ALT else text


def _named(base: str) -> str:
    """Return the character of a name; nothing when it is that of a key which prints none."""
    if len(base) == 1:
        return base
    if base in _NAMES:
        return _NAMES[base]
    try:
        return lookup(base.replace("_", " "))
    except KeyError:
        return ""


def encode_paste(text: str, *, bracketed: bool) -> bytes:
    """Return what a terminal sends for pasted text; nothing in it can end the paste, or be taken for keys but Enter and Tab."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    safe = "".join(sign if (sign >= " " and sign != "\x7f") or sign in "\n\t" else " " for sign in lines)
    if bracketed:
        return f"{_PASTE_BEGIN}{safe.replace(chr(0x9B), ' ')}{_PASTE_END}".encode("utf-8", "replace")
    return safe.replace("\n", "\r").encode("utf-8", "replace")
