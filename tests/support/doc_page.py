"""Pages of documentation as examples that can be run. What the pages may hold is told in `tests/docs/test_examples.py`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

_PIECE = re.compile(r"^<!-- (?P<note>.*?) ?-->$|^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_NOTES = ("file", "files", "run", "wrong", "not run")

Kind = Literal["pipeline", "program", "console"]


class DocError(Exception):
    """A block that no test would run: it fails the suite, with the place where it is."""


@dataclass(frozen=True)
class Note:
    """A comment above a block: hidden from readers, meant for the test."""

    word: str
    text: str


@dataclass(frozen=True)
class Block:
    """One fenced block."""

    page: Path
    line: int
    language: str
    text: str
    notes: tuple[Note, ...]

    @property
    def place(self) -> str:
        return f"{self.page.parent.name}/{self.page.name}:{self.line}"

    def told(self, word: str) -> list[str]:
        return [note.text for note in self.notes if note.word == word]


@dataclass
class Example:
    """Blocks that are run together, one after the other, in one workspace."""

    kind: Kind
    head: Block
    consoles: list[Block] = field(default_factory=list)
    output: Block | None = None
    """What a program prints."""


@dataclass(frozen=True)
class Step:
    """A line that a reader would type."""

    command: str
    exit_code: int
    output: tuple[str, ...] | None
    """None: nothing is shown of it."""


def blocks_of(page: Path) -> list[Block]:
    """Return all fenced blocks of a page, each with the comments right above it."""
    text = page.read_text(encoding="utf-8")
    found: list[Block] = []
    notes: list[Note] = []
    end = 0
    for piece in _PIECE.finditer(text):
        line = text.count("\n", 0, piece.start()) + 1
        if text[end : piece.start()].strip():
            _refuse_idle(page, notes)
        end = piece.end()
        if piece["language"] is None:
            notes.append(_note(piece["note"], f"{page.name}:{line}"))
        else:
            found.append(Block(page, line, piece["language"].strip(), piece["text"], tuple(notes)))
            notes = []
    _refuse_idle(page, notes)
    fences = len(re.findall(r"^\s*(?:```|~~~)", text, re.MULTILINE))
    if fences != 2 * len(found):
        raise DocError(f"{page.name}: a fence is indented, open, or made of tildes: its block would not be tested")
    return found


def examples_of(page: Path) -> list[Example]:
    """Return what there is to run on a page, in order.

    Raises:
        DocError: a block has no purpose that a test knows.
    """
    found: list[Example] = []
    before: Block | None = None
    for block in blocks_of(page):
        match block.language:
            case "python":
                is_pipeline = re.search(r"^main = ", block.text, re.MULTILINE)
                found.append(Example("pipeline" if is_pipeline else "program", block))
            case "console" if not found:
                found.append(Example("console", block, [block]))
            case "console":
                found[-1].consoles.append(block)
            case "text" if before is not None and found and found[-1].head is before and found[-1].kind == "program":
                found[-1].output = block
            case "sh" if _make_targets(block):
                pass
            case "ts" | "json" | "yaml" | "toml" | "text" if block.told("not run"):
                pass
            case _:
                raise DocError(
                    f"{block.place}: no test knows what to do with this block of {block.language or 'nothing'}"
                )
        before = block
    return found


def make_targets(page: Path) -> list[str]:
    """Return the targets of make that a page names in its blocks."""
    return [target for block in blocks_of(page) if block.language == "sh" for target in _make_targets(block)]


def steps_of(block: Block) -> Iterator[Step]:
    """Yield what is typed in a console block."""
    typed = re.split(r"^\$ ", block.text, flags=re.MULTILINE)
    if typed[0].strip() or len(typed) == 1:
        raise DocError(f"{block.place}: a console block begins with a line that is typed, after `$ `")
    for one in typed[1:]:
        command, *output = one.rstrip().split("\n")
        yield step_of(command, tuple(output) or None)


def step_of(command: str, output: tuple[str, ...] | None = None) -> Step:
    """Return a step: `# exits with 2` at its end says that it does not end with 0."""
    exits = re.search(r"\s+# exits with (\d+)$", command)
    return Step(command, int(exits[1]) if exits else 0, output)


def _note(text: str, place: str) -> Note:
    word, colon, rest = text.partition(":")
    if not colon or word not in _NOTES:
        raise DocError(f"{place}: a comment begins with one of {', '.join(_NOTES)} and a colon")
    return Note(word, rest.removeprefix(" "))


def _refuse_idle(page: Path, notes: list[Note]) -> None:
    if notes:
        raise DocError(f"{page.name}: the comment `{notes[0].word}: {notes[0].text[:40]}` stands above no block")


def _make_targets(block: Block) -> list[str]:
    lines = [re.fullmatch(r"make (\w+)(?:\s+#.*)?", line) for line in block.text.strip().splitlines()]
    return [line[1] for line in lines if line] if all(lines) else []
