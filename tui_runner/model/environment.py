"""What can be an environment variable: the one rule for definitions and for options of a run. Pure."""

from collections.abc import Iterator, Mapping


def environment_faults(variables: object) -> Iterator[str]:
    """Yield a sentence for everything that the system could not pass to a program."""
    if not isinstance(variables, Mapping):
        yield f"must be a mapping of names to strings, not {variables!r:.80}"
        return
    for name, text in variables.items():
        fault = variable_fault(name, text)
        if fault:
            yield fault


def variable_fault(name: object, text: object) -> str:
    """Return what is wrong with one variable; empty when nothing is."""
    if not isinstance(name, str) or not isinstance(text, str):
        return f'variable {name!r} must be a string, not {text!r:.80}; write "{text!s:.80}"'
    if not name or "=" in name or "\0" in name + text:
        return f"{name!r} cannot be an environment variable"
    return ""
