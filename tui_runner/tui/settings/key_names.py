"""Keys as people write them, as Textual names them, and as they are shown. Pure."""

from typing import Final

_SIGNS: Final = {
    "!": "exclamation_mark",
    '"': "quotation_mark",
    "#": "number_sign",
    "$": "dollar_sign",
    "%": "percent_sign",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "left_parenthesis",
    ")": "right_parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "full_stop",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less_than_sign",
    "=": "equals_sign",
    ">": "greater_than_sign",
    "?": "question_mark",
    "@": "at",
    "[": "left_square_bracket",
    "\\": "backslash",
    "]": "right_square_bracket",
    "^": "circumflex_accent",
    "_": "underscore",
    "`": "grave_accent",
    "{": "left_curly_bracket",
    "|": "vertical_line",
    "}": "right_curly_bracket",
    "~": "tilde",
}
_SIGN_OF: Final = {name: sign for sign, name in _SIGNS.items()}
_NAMED: Final = {
    "enter": "Enter",
    "escape": "Esc",
    "tab": "Tab",
    "space": "Space",
    "backspace": "Backspace",
    "delete": "Del",
    "insert": "Ins",
    "home": "Home",
    "end": "End",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
_OTHER_NAMES: Final = {
    "return": "enter",
    "esc": "escape",
    "del": "delete",
    "ins": "insert",
    "pgup": "pageup",
    "pgdn": "pagedown",
    "pgdown": "pagedown",
    "spacebar": "space",
}
_MODIFIERS: Final = {
    "ctrl": "ctrl",
    "control": "ctrl",
    "c": "ctrl",
    "alt": "alt",
    "option": "alt",
    "meta": "alt",
    "m": "alt",
    "shift": "shift",
    "s": "shift",
    "super": "super",
    "cmd": "super",
}
_SHOWN_MODIFIERS: Final = {"ctrl": "Ctrl", "alt": "Alt", "shift": "Shift", "super": "Super"}
_FUNCTION_KEYS: Final = 24


def textual_keys(written: str) -> tuple[str, ...] | None:
    """Return the names Textual has for a key such as `r`, `R`, `Ctrl-R`, `alt+enter`, `F2` or `?`; None: it is no key.

    More than one where terminals differ in what they send.
    """
    *modifiers, last = _parts(written)
    known = [_MODIFIERS.get(modifier.lower()) for modifier in modifiers]
    key = _key_name(last)
    if key is None or None in known:
        return None
    held = [name for name in _SHOWN_MODIFIERS if name in known]
    if len(held) != len(known):
        return None  # one of them twice
    if len(key) == 1 and key.isupper() and held:
        # With Ctrl or Alt, letters are written in upper case and meant as they are.
        key = key.lower()
    if held == ["shift"] and len(key) == 1 and key.isalpha():
        key, held = key.upper(), []
    if not held and len(key) == 1 and key.isupper():
        return key, f"shift+{key.lower()}"
    return ("+".join((*_in_order(held), key)),)


def shown_key(key: str) -> str:
    """Return what people call a key of Textual's, such as `Ctrl-R`."""
    *modifiers, last = key.split("+")
    name = _SIGN_OF.get(last) or _NAMED.get(last)
    if name is None:
        plain = len(last) == 1 and not modifiers
        name = last if plain else last.upper()
    return "-".join([*(_SHOWN_MODIFIERS.get(modifier, modifier) for modifier in modifiers), name])


def shown_keys(keys: tuple[str, ...]) -> str:
    """Return all keys of a command for people, without other spellings of the same one."""
    return " ".join(shown_key(key) for key in keys if not (key.startswith("shift+") and key[-1].upper() in keys))


def _parts(written: str) -> list[str]:
    """Part `ctrl+-` or `Ctrl-R` at its plus and minus signs; the last part may be such a sign itself."""
    text = written.strip() or written[:1]
    if len(text) <= 1:
        return [text]
    body, last = text[:-1], text[-1]
    if last in "+-" and body[-1] in "+-":
        return [*body[:-1].replace("-", "+").split("+"), last]
    return text.replace("-", "+").split("+")


def _key_name(written: str) -> str | None:
    if len(written) == 1:
        if written == " ":
            return "space"
        return written if written.isalnum() else _SIGNS.get(written)
    name = written.lower()
    name = _OTHER_NAMES.get(name, name)
    if name in _NAMED or name in _SIGN_OF:
        return name
    number = name.removeprefix("f")
    if name.startswith("f") and number.isascii() and number.isdecimal() and 1 <= int(number) <= _FUNCTION_KEYS:
        return f"f{int(number)}"
    return None


def _in_order(modifiers: list[str]) -> list[str]:
    """Sort as Textual does."""
    return sorted(modifiers)
