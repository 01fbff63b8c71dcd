"""Where in a TOML file a value is written: `tomllib` does not tell."""

import tomllib
from collections.abc import Iterator, Mapping

KeyPath = tuple[str, ...]
"""A key and the tables it lies in, outermost first."""


def lines_of(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, on which each table and key begins. The text must be a whole TOML document.

    Statements are parsed one by one: a statement ends with the first line that makes it whole.
    """
    found: dict[KeyPath, int] = {}
    table: KeyPath = ()
    statement, begin = "", 1
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        statement += line
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue  # in the middle of a value
        is_header = statement.lstrip().startswith("[")
        paths = list(_paths(said, () if is_header else table))
        for path in paths:
            found.setdefault(path, begin)
        if is_header:
            table = paths[-1]
        statement, begin = "", number + 1
    return found


def _paths(table: Mapping[str, object], above: KeyPath = ()) -> Iterator[KeyPath]:
    for key, value in table.items():
        path = (*above, key)
        yield path
        if isinstance(value, dict):
            yield from _paths(value, path)
