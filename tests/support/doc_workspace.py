"""A workspace made for one example of the documentation, in which it is run as a reader would."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from doc_page import Block, Step
from rig import TOKEN

_SHOWN_ROOT = "/home/me/shop"
"""What the pages call the workspace."""
_TIMEOUT_S = 60
_BLURRED = (
    (re.compile(r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}"), "RUN"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"), "DATE"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,64}\b"), "KEY"),
    (re.compile(r"\d+ h \d\d m\b|\d+ m \d\d s\b|\d+(\.\d+)? m?s\b"), "TIME"),
    (re.compile(r"\d+(\.\d+)? [kMG]?B\b"), "SIZE"),
    (re.compile(r"\b\d{3,}\b"), "NUMBER"),
    (re.compile(r"\^{2,}"), "^^"),
    (re.compile(r" +"), " "),
)


class DocWorkspace:
    """A directory called `shop`, with the files an example asks for."""

    def __init__(self, directory: Path, token: str) -> None:
        self.root = directory / "shop"
        self.root.mkdir()
        self._environment = {
            **os.environ,
            TOKEN: token,
            "COLUMNS": "120",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        }

    def prepare(self, head: Block) -> None:
        """Make the files that the comments above a block ask for."""
        for name in " ".join(head.told("files")).split():
            self._write(name, f"{name}\n")
        for text in head.told("file"):
            name, _, content = text.partition("\n")
            self._write(name.strip(), content)

    def _write(self, name: str, content: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
        if content.startswith("#!"):
            path.chmod(0o755)

    def write_main(self, name: str, text: str) -> Path:
        """Write the block itself."""
        self._write(name, text)
        return self.root / name

    def type(self, step: Step) -> str:
        """Run a line in a shell, check how it ends, and return all it prints."""
        return self._run(["/bin/sh", "-c", step.command], step.exit_code)

    def python(self, name: str) -> str:
        """Run a program and return all it prints."""
        return self._run([sys.executable, name], 0)

    def _run(self, argv: Sequence[str], exit_code: int) -> str:
        done = subprocess.run(
            argv,
            cwd=self.root,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        assert done.returncode == exit_code, f"`{argv[-1]}` exits with {done.returncode}:\n{done.stdout}"
        return done.stdout.replace(str(self.root), _SHOWN_ROOT)


def assert_same(printed: str, shown: Sequence[str], what: str) -> None:
    """Compare what is printed with what a page shows; `…` stands for anything, on a line of its own for any lines."""
    lines = [_blur(line) for line in printed.splitlines() if line.strip()]
    patterns = [_pattern(line) for line in shown if line.strip()]
    whole = "".join(f"{line}\n" for line in lines)
    assert re.fullmatch("".join(patterns), whole), f"{what} prints\n{printed}\ninstead of\n" + "\n".join(shown)


def _pattern(line: str) -> str:
    if line.strip() == "…":
        return r"(?:.*\n)*?"
    return ".*".join(re.escape(part) for part in _blur(line).split("…")) + r"\n"


def _blur(line: str) -> str:
    for pattern, word in _BLURRED:
        line = pattern.sub(word, line)
    return line.strip()
