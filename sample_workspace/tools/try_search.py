"""Ask the shop a few things, to see that the search index does its work. Exits 1 when something is not found."""

import sys

import httpx

from shop import log
from shop.settings import API_URL

QUESTIONS = ("tea", "green tea", "oak", "honey")


def main() -> int:
    """Ask, tell, and return the exit code."""
    missing = 0
    for question in QUESTIONS:
        answer = httpx.get(f"{API_URL}/products", params={"q": question}, trust_env=False)
        found = answer.raise_for_status().json()["products"]
        tell = log.info if found else log.error
        tell("searched", question=question, found=", ".join(product["name"] for product in found) or "nothing")
        missing += not found
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
