"""What is wrong with one definition, noted while its values are parsed."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.model.duration import Duration, parse_duration
from tui_runner.model.environment import environment_faults, variable_fault
from tui_runner.model.run import Run

_Parsed = TypeVar("_Parsed")
_Raw = TypeVar("_Raw")


class Notes:
    """Collects problems of one definition while its values are parsed."""

    def __init__(self, site: Site, kind: ProblemKind) -> None:
        self.site = site
        self.kind = kind
        self.problems: list[Problem] = []

    def add(self, message: str, help_text: str = "") -> None:
        """Note a problem of this definition."""
        self.problems.append(Problem(kind=self.kind, message=message, site=self.site, help=help_text))

    def value(self, option: str, parse: Callable[[_Raw], _Parsed], raw: _Raw, otherwise: _Parsed) -> _Parsed:
        """Return the parsed value, or `otherwise` after noting why it could not be parsed."""
        try:
            return parse(raw)
        except (ValueError, TypeError) as error:
            self.add(f"`{option}`: {error}")
            return otherwise

    def seconds(self, option: str, raw: Duration | None) -> float | None:
        """Return seconds, or None when not given or wrong."""
        return None if raw is None else self.value(option, parse_duration, raw, None)

    def run(self, option: str, raw: str | Sequence[str]) -> Run | None:
        """Return a shell string or an argument vector that is not empty and holds no NUL."""
        if isinstance(raw, str):
            parts: tuple[str, ...] = (raw,)
        elif isinstance(raw, Sequence) and all(isinstance(part, str) for part in raw):
            parts = tuple(raw)
        else:
            modes = 'commands by mode go to `commands={"dev": "…"}`' if isinstance(raw, Mapping) else ""
            self.add(f"`{option}` must be a string or a list of strings, not {raw!r:.80}", modes)
            return None
        if not parts or not parts[0].strip():
            self.add(f"`{option}` is empty", 'give a command such as "python app.py"')
            return None
        if any("\0" in part for part in parts):
            self.add(f"`{option}` holds a NUL character, which no program can be given")
            return None
        return raw if isinstance(raw, str) else parts

    def environment(self, option: str, raw: Mapping[str, str] | None) -> Mapping[str, str]:
        """Return the variables; names and values must be strings that the system can pass on."""
        if raw is None:
            return {}
        for fault in environment_faults(raw):
            self.add(f"`{option}`: {fault}")
        return {k: v for k, v in raw.items() if not variable_fault(k, v)} if isinstance(raw, Mapping) else {}

    def made_by(self, option: str, kind: type[_Parsed], raw: _Parsed | None) -> _Parsed | None:
        """Return the value, or None when it was not given or was not made by the function named like the option."""
        if raw is None or isinstance(raw, kind):
            return raw
        self.add(f"`{option}` must be made with `{option}(…)`, not {raw!r:.80}")
        return None
