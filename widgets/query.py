"""What a person searches or filters for. Pure: no widgets, no stores."""

import re
import warnings

import msgspec


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A text or a regular expression that is known to compile."""

    text: str
    """Never empty."""
    regex: bool = False
    ignore_case: bool = False

    @staticmethod
    def parse(text: str) -> "Query | InvalidQuery | None":
        """Return what was typed as a query; None when it is empty.

        `/…/` (the closing slash may be missing while one types) means a regular expression, everything else is
        literal text. Without an upper-case letter the case is ignored. A pattern that does not compile is a value,
        not an exception.
        """
        if not text:
            return None
        if not text.startswith("/") or text == "/":
            return Query(text=text, ignore_case=text == text.lower())
        pattern = text[1:-1] if text.endswith("/") and not text.endswith("\\/") else text[1:]
        if not pattern:
            return None
        try:
            _compiled(pattern, 0)
        except (re.error, OverflowError, RecursionError) as error:
            return InvalidQuery(text=text, message=f"{error}")
        # Escapes such as \S hold an upper-case letter that nobody meant.
        meant = re.sub(r"\\.", "", pattern)
        return Query(text=pattern, regex=True, ignore_case=meant == meant.lower())

    @property
    def shown(self) -> str:
        """The query as people read it."""
        return f"/{self.text}/" if self.regex else f"“{self.text}”"

    @property
    def typed(self) -> str:
        """The query as it is typed."""
        return f"/{self.text}/" if self.regex else self.text

    def pattern(self, flags: int = 0) -> re.Pattern[str]:
        """Return the compiled pattern that finds matches within one line, with more flags of `re` if given."""
        if self.ignore_case:
            flags |= re.IGNORECASE
        return _compiled(self.text if self.regex else re.escape(self.text), flags)


class InvalidQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed is no regular expression."""

    text: str
    message: str
    """Why, for people."""


def _compiled(pattern: str, flags: int) -> re.Pattern[str]:
    # Half-typed patterns such as `[[` draw warnings that nobody who types in a bar can do anything about.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return re.compile(pattern, flags)
