"""Put the shop into one archive, `dist/shop.zip`: the same sources always give the same bytes."""

import hashlib
import zipfile
from pathlib import Path

from shop import log
from shop.settings import WORKSPACE

DIST = WORKSPACE / "dist"
PARTS = ("shop/*.py", "tools/*.py", "migrations/*.sql", "dist/static/*")


def package(archive: Path) -> int:
    """Write the archive in one step and return how many files it holds."""
    files = sorted(file for pattern in PARTS for file in WORKSPACE.glob(pattern))
    unfinished = archive.with_suffix(".new")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as parcel:
        for file in files:
            name = file.relative_to(WORKSPACE).as_posix().removeprefix("dist/")
            parcel.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), file.read_bytes(), zipfile.ZIP_DEFLATED)
    unfinished.replace(archive)
    return len(files)


def main() -> None:
    """Package and tell."""
    DIST.mkdir(exist_ok=True)
    archive = DIST / "shop.zip"
    count = package(archive)
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    log.info(
        "packaged", file=archive.relative_to(WORKSPACE), files=count, bytes=archive.stat().st_size, sha256=digest[:12]
    )


if __name__ == "__main__":
    main()
