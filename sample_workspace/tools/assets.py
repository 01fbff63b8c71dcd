"""Build what the browser gets from `web/src`: CSS and JavaScript lose comments and spaces, the rest is copied."""

import argparse
import re
import time
from pathlib import Path

from shop import log
from shop.settings import STATIC, WORKSPACE

SOURCES = WORKSPACE / "web" / "src"


def minify_css(text: str) -> str:
    """Return the style sheet without comments and without spaces that mean nothing."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    return re.sub(r" ?([{};,>]) ?", r"\1", text).replace(";}", "}").strip() + "\n"


def minify_js(text: str) -> str:
    """Return the script without lines that are empty or only a comment, and without indentation."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def build(out: Path) -> list[tuple[str, int, int]]:
    """Write each asset in one step; return name, size before and size after."""
    out.mkdir(parents=True, exist_ok=True)
    minifiers = {".css": minify_css, ".js": minify_js}
    sizes = []
    for source in sorted(path for path in SOURCES.iterdir() if not path.name.startswith(".")):
        raw = source.read_bytes()
        minify = minifiers.get(source.suffix)
        made = minify(raw.decode()).encode() if minify else raw
        unfinished = out / f".{source.name}.new"
        unfinished.write_bytes(made)
        unfinished.replace(out / source.name)
        sizes.append((source.name, len(raw), len(made)))
    return sizes


def main() -> None:
    """Build and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=STATIC)
    begin = time.perf_counter()
    for name, before, after in build(parser.parse_args().out):
        saved = log.paint(f"-{100 - after * 100 // before} %", "32") if after < before else ""
        print(f"  {name:<12} {before:>6} B → {after:>6} B  {saved}", flush=True)
    log.info("assets built", ms=f"{(time.perf_counter() - begin) * 1000:.0f}")


if __name__ == "__main__":
    main()
