"""Turns the text of a settings file into settings and a list of all that is wrong with it."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.render import printable
from tui_runner.errors.site import Site
from tui_runner.tui.commands import COMMAND_BY_ID, COMMANDS
from tui_runner.tui.settings.key_map import FIXED, Clash, clashes, without_clashes
from tui_runner.tui.settings.key_names import shown_key, textual_keys
from tui_runner.tui.settings.settings import (
    LEAST_TREE_HEIGHT,
    LEAST_TREE_WIDTH,
    MOST_TREE_HEIGHT,
    MOST_TREE_WIDTH,
    Choice,
    Colors,
    NotifySettings,
    ScreenSettings,
    Settings,
    ThemeName,
    ThemeSettings,
    TreeHeight,
    TreeWidth,
)
from tui_runner.tui.settings.toml_lines import KeyPath, lines_of

_AT_LINE: Final = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_COLOR: Final = re.compile(r"#(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})")
_T = TypeVar("_T", bound=msgspec.Struct)
_SIZES: Final[Mapping[object, tuple[int, int]]] = {
    TreeWidth: (LEAST_TREE_WIDTH, MOST_TREE_WIDTH),
    TreeHeight: (LEAST_TREE_HEIGHT, MOST_TREE_HEIGHT),
}
"""Lengths that can be left to the terminal, and their bounds."""
_SECTIONS: Final = ("keys", "theme", "screen", "notify")


def check_text(text: str, path: Path) -> tuple[Settings, tuple[Problem, ...]]:
    """Return what the file sets, without what is wrong, and all problems in the order of the file."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        at = _AT_LINE.search(message)
        line = int(at[1]) if at is not None and at[1] else text.count("\n") + (not text.endswith("\n"))
        said = message[: at.start()] if at is not None else message
        return Settings(), (
            Problem(
                kind=ProblemKind.INVALID_SETTING,
                message=f"this is no TOML: {_lower(printable(said))}",
                site=Site(file=str(path), line=line),
                help="none of the settings apply until this can be read; text is written in quotes",
            ),
        )
    checker = _Checker(path)
    settings = checker.settings(document)
    return settings, checker.told(text)


class _Checker:
    """Goes through a document and keeps what it has to complain of."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: list[tuple[KeyPath, str, str, KeyPath]] = []
        """Where, what, how to go on, and the other place concerned if there is one."""

    def settings(self, document: Mapping[str, object]) -> Settings:
        tables = self._tables(document)
        return Settings(
            keys=self._keys(tables["keys"]),
            theme=self._theme(tables["theme"]),
            screen=self._struct(ScreenSettings, tables["screen"], ("screen",)),
            notify=self._struct(NotifySettings, tables["notify"], ("notify",)),
        )

    def told(self, text: str) -> tuple[Problem, ...]:
        """Return the problems with their lines."""
        if not self._found:
            return ()
        lines = lines_of(text)
        problems = []
        for where, message, help_text, other in self._found:
            related = (("the other one", Site(file=str(self._path), line=lines[other])),) if other in lines else ()
            site = Site(file=str(self._path), line=lines.get(where, 0))
            problems.append(
                Problem(kind=ProblemKind.INVALID_SETTING, message=message, site=site, help=help_text, related=related)
            )
        return tuple(sorted(problems, key=lambda problem: 0 if problem.site is None else problem.site.line))

    def _say(self, where: KeyPath, message: str, help_text: str, other: KeyPath = ()) -> None:
        self._found.append((where, message, help_text, other))

    def _tables(self, document: Mapping[str, object]) -> dict[str, Mapping[str, object]]:
        tables: dict[str, Mapping[str, object]] = {name: {} for name in _SECTIONS}
        for name, value in document.items():
            if name not in tables:
                self._say((name,), f"there is no section `{_quoted(name)}`", _nearest(name, _SECTIONS))
            elif isinstance(value, dict):
                tables[name] = value
            else:
                self._say((name,), f"`{name}` is a section, not a value", f"write [{name}] on a line of its own")
        return tables

    # -- keys ---------------------------------------------------------------------------------------------------------

    def _keys(self, table: Mapping[str, object]) -> dict[str, tuple[str, ...]]:
        wanted: dict[str, tuple[str, ...]] = {}
        broken: set[str] = set()
        for command, value in table.items():
            if command not in COMMAND_BY_ID:
                self._say(
                    ("keys", command), f"there is no command `{_quoted(command)}`", _nearest(command, COMMAND_BY_ID)
                )
            elif command in FIXED:
                kept = COMMAND_BY_ID[command].shown
                self._say(("keys", command), f"`{command}` stays on {kept}", "remove this line: it is the way out")
            else:
                count = len(self._found)
                wanted[command] = self._one_command(command, value)
                if len(self._found) > count:
                    broken.add(command)
        for clash in clashes(COMMANDS, wanted):
            self._tell_clash(clash, wanted)
        whole = {command: keys for command, keys in wanted.items() if command not in broken}
        return without_clashes(COMMANDS, whole)

    def _one_command(self, command: str, value: object) -> tuple[str, ...]:
        """Return the keys a command is to have, without those that are none."""
        where = ("keys", command)
        written = [value] if isinstance(value, str) else value
        if not isinstance(written, list) or not all(isinstance(key, str) for key in written):
            self._say(
                where, f"`{command}` needs a key or a list of keys", f'for example: {command} = "r" or ["r", "ctrl+r"]'
            )
            return ()
        keys: dict[str, None] = {}
        for key in written:
            names = textual_keys(key)
            if names is None:
                hint = 'keys are written like "r", "R", "?", "ctrl+r", "alt+enter", "f2", "pageup"'
                self._say(where, f"`{_quoted(key)}` is no key", hint)
            else:
                keys.update(dict.fromkeys(names))
        return tuple(keys)

    def _tell_clash(self, clash: Clash, wanted: Mapping[str, tuple[str, ...]]) -> None:
        where, key = ("keys", clash.wanted_by), shown_key(clash.key)
        if clash.key.startswith("shift+") and clash.key[-1].upper() in wanted.get(clash.wanted_by, ()):
            return  # told for the letter: it is the same key
        if not clash.taken_by:
            self._say(
                where,
                f"`{key}` moves in the tree and in logs: `{clash.wanted_by}` cannot have it",
                "choose another key",
            )
            return
        self._say(
            where,
            f"`{key}` would be the key of both `{clash.wanted_by}` and `{clash.taken_by}`",
            f"give `{clash.taken_by}` another key, or none: {clash.taken_by} = []",
            ("keys", clash.taken_by),
        )

    # -- theme --------------------------------------------------------------------------------------------------------

    def _theme(self, table: Mapping[str, object]) -> ThemeSettings:
        rest = {name: value for name, value in table.items() if name != "colors"}
        name = self._struct(ThemeSettings, rest, ("theme",)).name
        given = table.get("colors", {})
        if not isinstance(given, dict):
            self._say(("theme", "colors"), "`colors` is a section, not a value", "write [theme.colors] on its own line")
            return ThemeSettings(name=name)
        where = ("theme", "colors")
        colors = self._struct(Colors, given, where)
        wrong = {key: color for key, color in colors.given().items() if _COLOR.fullmatch(color) is None}
        for key, color in wrong.items():
            self._say((*where, key), f"`{_quoted(color)}` is no color", 'colors are written like "#7aa2c4" or "#7ac"')
        if name is ThemeName.ANSI and colors.given():
            self._say(
                where, "the theme `ansi` has the colors of the terminal, no others", "change them in the terminal"
            )
            return ThemeSettings(name=name)
        return ThemeSettings(name=name, colors=msgspec.structs.replace(colors, **dict.fromkeys(wrong, "")))

    # -- values -------------------------------------------------------------------------------------------------------

    def _struct(self, kind: type[_T], table: Mapping[str, object], above: KeyPath) -> _T:
        """Return what a table sets, field by field, so that one mistake does not hide another."""
        fields = {field.encode_name: field for field in msgspec.structs.fields(kind)}
        values: dict[str, object] = {}
        for name, value in table.items():
            where = (*above, name)
            if name not in fields:
                hint = _nearest(name, fields)
                self._say(where, f"there is no setting `{_quoted(name)}` in [{'.'.join(above)}]", hint)
                continue
            try:
                values[name] = _converted(value, fields[name].type)
            except _WrongValueError as wrong:
                self._say(where, f"`{name}` {wrong}", wrong.help)
        return kind(**values)


class _WrongValueError(Exception):
    def __init__(self, message: str, help_text: str) -> None:
        super().__init__(message)
        self.help = help_text


def _converted(value: object, kind: object) -> object:
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        if kind is Choice and isinstance(value, bool):
            return Choice.YES if value else Choice.NO
        choices = [str(member) for member in kind]
        if value not in choices:
            hint = _nearest(value, choices) if isinstance(value, str) else ""
            raise _WrongValueError(f"is {_shown(value)}", hint or f"it can be {_listed(choices)}")
        return kind(value)
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _WrongValueError(f"is {_shown(value)}", _expected(kind, str(error))) from None


def _expected(kind: object, said: str) -> str:
    if kind is bool:
        return "it can be `true` or `false`, without quotes"
    if kind is str:
        return "write it in quotes"
    if kind in _SIZES:
        bounds = _SIZES[kind]
        return f'it can be "auto", or a whole number from {bounds[0]} to {bounds[1]}'
    return _lower(said).replace("expected", "it should be").replace("`int`", "a whole number")


def _shown(value: object) -> str:
    match value:
        case bool():
            return f"`{str(value).lower()}`"
        case str():
            return f'`"{_quoted(value)}"`'
        case int() | float():
            return f"`{value}`"
        case list():
            return "a list"
        case dict():
            return "a section"
        case _:
            return "a time"


def _nearest(name: str, known: Iterable[str]) -> str:
    every = list(known)
    near = get_close_matches(name, every, n=3, cutoff=0.6)
    if near:
        return f"did you mean {_listed(near)}?"
    few = len(every) <= 12
    return (
        f"there are {', '.join(f'`{one}`' for one in every)}" if few else "docs/tui.md and the example file list them"
    )


def _listed(names: Iterable[str]) -> str:
    *rest, last = [f"`{name}`" for name in names]
    return f"{', '.join(rest)} or {last}" if rest else last


def _quoted(text: str) -> str:
    return printable(text[:60])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
