"""One requirements file of pip: what it asks for, and which other files it includes. Pure.

Comments, blank lines, continuations, spacing and the order of lines and hashes are taken away; all else counts.
"""

import codecs
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.caching.resolvers.lock_file import refuse_conflicts
from tui_runner.caching.resolvers.resolver_error import unusable

_COMMENT: Final = re.compile(r"(^|\s+)#.*$")
_SPACE: Final = re.compile(r"""("[^"]*"|'[^']*')|\s+""")
"""Quoted text, which stays as it is, or space."""
_HASH: Final = re.compile(r"\s--hash(?:=|\s+)(\S+)")
_MARKS_OF_ENCODINGS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Longer marks first: that of UTF-32 begins like that of UTF-16."""
_ADVICE: Final = "correct that line"


class Include(msgspec.Struct, frozen=True, kw_only=True):
    """A line that names another file."""

    name: str
    """Relative to the directory of the file that names it, or absolute, or a URL."""
    is_constraint: bool
    """Whether it only limits versions (`-c`)."""
    line: int


class RequirementsFile(msgspec.Struct, frozen=True, kw_only=True):
    """What a requirements file says."""

    lines: frozenset[str]
    """Requirements and options, those that include files too, in one spelling."""
    includes: tuple[Include, ...]


def parse_requirements(path: Path, content: bytes) -> RequirementsFile:
    """Return what a requirements file says. Requirements are not understood, only brought into one spelling.

    Raises:
        ResolverError: it has the marks of a merge conflict, or a line with an open quote that names a file.
    """
    text = _decoded(path, content)
    refuse_conflicts(path, text, "settle it")
    lines: set[str] = set()
    includes: list[Include] = []
    for number, line in _logical_lines(text):
        lines.add(_in_one_spelling(line))
        if line.startswith("-"):
            includes.extend(_includes(path, number, line))
    return RequirementsFile(lines=frozenset(lines), includes=tuple(includes))


def _in_one_spelling(line: str) -> str:
    hashes = sorted(_HASH.findall(line))
    bare = _SPACE.sub(lambda found: found[1] or " ", _HASH.sub("", line))
    return " ".join([bare.strip(), *(f"--hash={one}" for one in hashes)])


def _decoded(path: Path, content: bytes) -> str:
    for mark, encoding in _MARKS_OF_ENCODINGS:
        if content.startswith(mark):
            try:
                return content[len(mark) :].decode(encoding)
            except UnicodeDecodeError as error:
                raise unusable(path, f"is not {encoding} at byte {error.start}", "save it as UTF-8") from None
    # Bytes of other encodings are kept as they are: only their sameness matters.
    return content.decode("utf-8", "surrogateescape")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with their numbers as pip reads them: continued ones joined, without comments, never empty."""
    parts: list[str] = []
    first = 1
    for number, line in enumerate(text.splitlines(), 1):
        first = first if parts else number
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line.strip("\\"))
            continue
        # A comment ends what was continued before it.
        joined = "".join(parts) + (" " if is_comment else "") + line
        parts = []
        bare = _COMMENT.sub("", joined).strip()
        if bare:
            yield first, bare
    bare = _COMMENT.sub("", "".join(parts)).strip()
    if bare:
        yield first, bare


def _includes(path: Path, number: int, line: str) -> Iterator[Include]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise unusable(path, f"has an error in line {number} ({error})".lower(), _ADVICE) from None
    rest = iter(words)
    for word in rest:
        option, value = _split_option(word)
        if option in {"-r", "-c"}:
            name = next(rest, "") if value is None else value
            if not name:
                raise unusable(path, f"names no file behind `{word}` in line {number}", _ADVICE)
            yield Include(name=name, is_constraint=option == "-c", line=number)


def _split_option(word: str) -> tuple[str, str | None]:
    """Return `-r` or `-c` and the value written behind it; None when it is the next word. Else the word itself."""
    if word.startswith("--"):
        name, has_value, value = word.partition("=")
        # Long options may be cut as long as they are clear; `--require` is not, there is `--require-hashes` too.
        for option, full, shortest in (("-r", "--requirement", "--requirem"), ("-c", "--constraint", "--cons")):
            if name.startswith(shortest) and full.startswith(name):
                return option, value if has_value else None
        return word, None
    option, value = word[:2], word[2:]
    return (option, value or None) if option in {"-r", "-c"} else (word, None)
