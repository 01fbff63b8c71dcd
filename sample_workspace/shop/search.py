"""The search index: `find` looks words up in it; run as a program it builds the index, slowly, and then keeps watch."""

import json
import os
import re
import signal
import sys
import time

import psycopg

from shop import log
from shop.settings import SEARCH_INDEX, database

Index = dict[str, list[int]]
"""Word to the ids of the products that mention it."""

STEPS = 100
BUILD_TAKES_S = float(os.environ.get("SHOP_INDEX_TAKES", "8"))
LOOKS_EVERY_S = 30


def words(text: str) -> set[str]:
    """Return the words of a text, in lower case."""
    return set(re.findall(r"\w+", text.lower()))


def build(documents: dict[int, str]) -> Index:
    """Return the index of these documents."""
    index: Index = {}
    for number, text in sorted(documents.items()):
        for word in sorted(words(text)):
            index.setdefault(word, []).append(number)
    return index


def find(index: Index, query: str) -> set[int]:
    """Return the ids of the documents that hold every word of the query, or a word that begins with it."""
    hits = [{number for word in index if word.startswith(part) for number in index[word]} for part in words(query)]
    return set.intersection(*hits) if hits else set()


def read_documents() -> dict[int, str]:
    """Return what there is to be found, by product id."""
    with psycopg.connect(database()) as shop:
        return {
            number: f"{name} {about}" for number, name, about in shop.execute("SELECT id, name, about FROM products")
        }


def show_progress() -> None:
    """Draw a bar that grows on one line, as a big build would."""
    for step in range(STEPS + 1):
        bar = log.paint("━" * (step * 40 // STEPS), "35") + log.paint("━" * (40 - step * 40 // STEPS), "2")
        print(f"\rreading the catalogue {bar} {step:3} %", end="", flush=True)
        time.sleep(BUILD_TAKES_S / STEPS)
    print()


def save(index: Index) -> None:
    """Write the index in one step, so that nobody reads half of it."""
    SEARCH_INDEX.parent.mkdir(parents=True, exist_ok=True)
    unfinished = SEARCH_INDEX.with_suffix(".new")
    unfinished.write_text(json.dumps(index))
    unfinished.replace(SEARCH_INDEX)


def main() -> None:
    """Build the index, say so, and build it anew whenever the products have changed."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    documents = read_documents()
    show_progress()
    save(build(documents))
    log.info("the search index is ready", products=len(documents))
    while True:
        time.sleep(LOOKS_EVERY_S)
        try:
            latest = read_documents()
        except psycopg.OperationalError:
            log.warn("the database is away, keeping the index as it is")
            continue
        if latest != documents:
            documents = latest
            save(build(documents))
            log.info("the products have changed, built the index anew", products=len(documents))


if __name__ == "__main__":
    main()
