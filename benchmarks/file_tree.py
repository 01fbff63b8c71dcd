"""A hundred thousand small files, as many tasks read them."""

from pathlib import Path
from typing import Final

SETS: Final = 100
FILES: Final = 1000
_DIRECTORIES: Final = 10


def make_file_tree(root: Path) -> None:
    """Write the files `t0/src/d0/f0.txt` and so on, 1 to 2 KiB each."""
    for number in range(SETS):
        for directory in range(_DIRECTORIES):
            path = root / f"t{number}" / "src" / f"d{directory}"
            path.mkdir(parents=True)
            for file in range(FILES // _DIRECTORIES):
                (path / f"f{file}.txt").write_text(f"file {file} of {directory} in {number}\n" * (40 + file % 40))
