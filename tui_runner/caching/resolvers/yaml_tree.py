"""YAML as trees of text: the little of it that lock files use.

Every scalar stays the text it is: `1.10` is a version, no number. What makes YAML dangerous is refused: anchors and
aliases (a few lines can stand for gigabytes), deep nesting (reading it takes quadratic time) and enormous numbers of
values. So are keys that stand twice, as after a bad merge.
"""

from pathlib import Path
from typing import Final, TypeAlias

import yaml

from tui_runner.caching.resolvers.resolver_error import ResolverError, unusable

Tree: TypeAlias = str | list["Tree"] | dict[str, "Tree"]

_DEEPEST: Final = 32
_MOST_EVENTS: Final = 2_000_000
"""A lock file of 1,500 packages has 35,000."""
_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Reader:
    """Puts events together. Open lists and maps lie on a stack."""

    def __init__(self, path: Path, advice: str) -> None:
        self.documents: list[Tree] = []
        self._path = path
        self._advice = advice
        self._open: list[list[Tree] | dict[str, Tree]] = []
        self._keys: list[str | None] = []
        """The key whose value is awaited, one for each open list or map."""

    def take(self, event: yaml.events.Event) -> None:
        match event:
            case yaml.events.ScalarEvent():
                self._refuse_anchor(event)
                self._add(event, event.value)
            case yaml.events.MappingStartEvent():
                self._begin(event, {})
            case yaml.events.SequenceStartEvent():
                self._begin(event, [])
            case yaml.events.CollectionEndEvent():
                self._open.pop()
                self._keys.pop()
            case yaml.events.AliasEvent():
                raise self._refusal(event, "has an alias")
            case _:
                pass  # beginnings and ends of the stream and of documents

    def _begin(self, event: yaml.events.CollectionStartEvent, collection: "list[Tree] | dict[str, Tree]") -> None:
        self._refuse_anchor(event)
        if len(self._open) >= _DEEPEST:
            raise self._refusal(event, "is nested too deeply")
        self._add(event, collection)
        self._open.append(collection)
        self._keys.append(None)

    def _add(self, event: yaml.events.NodeEvent, value: Tree) -> None:
        if not self._open:
            self.documents.append(value)
            return
        place = self._open[-1]
        if isinstance(place, list):
            place.append(value)
            return
        key = self._keys[-1]
        if key is not None:
            place[key] = value
            self._keys[-1] = None
        elif not isinstance(value, str):
            raise self._refusal(event, "has a key that is no text")
        elif value in place:
            raise self._refusal(event, f"has the key `{value}` twice")
        else:
            self._keys[-1] = value

    def _refuse_anchor(self, event: yaml.events.NodeEvent) -> None:
        if event.anchor is not None:
            raise self._refusal(event, "has an anchor")

    def _refusal(self, event: yaml.events.Event, problem: str) -> ResolverError:
        line = f" in line {event.start_mark.line + 1}" if event.start_mark else ""
        return unusable(self._path, problem + line, self._advice)


def read_yaml(path: Path, text: str, advice: str) -> list[Tree]:
    """Return the documents of a file; `path` and `advice` are for messages.

    Raises:
        ResolverError: it is not YAML, or more of YAML than a lock file uses.
    """
    reader = _Reader(path, advice)
    try:
        for number, event in enumerate(yaml.parse(text, Loader=_LOADER)):
            if number > _MOST_EVENTS:
                raise unusable(path, "holds more values than any lock file", advice)
            reader.take(event)
    except yaml.YAMLError as error:
        raise unusable(path, f"is not YAML ({_told(error)})", advice) from None
    return reader.documents


def _told(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError):
        line = f" in line {error.problem_mark.line + 1}" if error.problem_mark else ""
        return f"{error.problem or error.context}{line}"
    return str(error).partition("\n")[0]
