"""Places that lines of a log point to: files with line numbers, web pages. Pure.

The text is a child's: whoever uses a place checks first that it is there.
"""

import re

import msgspec


class FileReference(msgspec.Struct, frozen=True, kw_only=True, tag="file"):
    """A place in a file, as it is written: relative to who knows what."""

    path: str
    line: int
    column: int = 0
    """0 when it is not told."""


class WebReference(msgspec.Struct, frozen=True, kw_only=True, tag="web"):
    """A web page."""

    url: str


Reference = FileReference | WebReference

_MOST = 2048
"""So many characters of a line are looked at."""
_PATTERN = (
    r"(?P<url>https?://[^\s<>\"'`|\\^{}]+)"
    r"|File \"(?P<python>[^\"]{1,1000})\", line (?P<python_line>\d{1,8})"
    # `src/a.py:12:3`, `a.ts(12,3)`
    r"|(?P<path>(?:~?/|[A-Za-z0-9_.@+-]+/)?(?:[A-Za-z0-9_.@+-]+/)*[A-Za-z0-9_.@+-]+\.[A-Za-z]\w{0,7})"
    r"(?::(?P<line>\d{1,8})(?::(?P<column>\d{1,6}))?|\((?P<at_line>\d{1,8})(?:,(?P<at_column>\d{1,6}))?\))"
)
_AFTER_URL = ".,;:!?)]'*"


def references(text: str) -> list[Reference]:
    """Return all places a line points to, in order. `text` is what is shown, without escape sequences."""
    found: list[Reference] = []
    for match in re.finditer(_PATTERN, text[:_MOST]):  # compiled on first use: few need it
        if match["url"]:
            found.append(WebReference(url=match["url"].rstrip(_AFTER_URL)))
        elif match["python"]:
            found.append(FileReference(path=match["python"], line=int(match["python_line"])))
        else:
            line, column = match["line"] or match["at_line"], match["column"] or match["at_column"]
            found.append(FileReference(path=match["path"], line=int(line), column=int(column or 0)))
    return found
