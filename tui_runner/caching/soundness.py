"""Which lists of outputs make sense. Entries may come from a stranger: what could do harm is refused before it is used.

Whether a task declared what is in them is another matter (see `output_patterns`). Pure.
"""

from collections.abc import Sequence

from tui_runner.caching.entry import Output, OutputDirectory, OutputFile, OutputLink


def is_sound(outputs: Sequence[Output]) -> bool:
    """Tell whether outputs come in order, each once, on plain paths, and nothing lies below what is no directory."""
    before = b""
    others: set[bytes] = set()
    for output in outputs:
        if output.path <= before or not _is_plain(output.path):
            return False
        before = output.path
        match output:
            case OutputFile(size=size):
                others.add(output.path)
                if size < 0:
                    return False
            case OutputLink(target=target):
                others.add(output.path)
                if not target or b"\0" in target:
                    return False
            case OutputDirectory():
                pass
    return not any(parent in others for output in outputs for parent in parents(output.path))


def parents(path: bytes) -> list[bytes]:
    """Return the directories a path lies in, as far as they have a name, nearest first."""
    found: list[bytes] = []
    end = path.rfind(b"/")
    while end > 0:
        found.append(path[:end])
        end = path.rfind(b"/", 0, end)
    return found


def _is_plain(path: bytes) -> bool:
    return b"\0" not in path and not any(name in {b"", b".", b".."} for name in path.removeprefix(b"/").split(b"/"))
